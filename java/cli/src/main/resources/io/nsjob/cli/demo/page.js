
(() => {
  "use strict";
  const root = document.documentElement;
  const rows = [...document.querySelectorAll(".row")];
  const where = document.getElementById("where");
  const play = document.getElementById("play");
  let now = -1;
  let timer = 0;

  const show = (index, move) => {
    now = Math.max(0, Math.min(rows.length - 1, index));
    root.classList.add("stepping");
    rows.forEach((row, i) => {
      row.classList.toggle("seen", i < now);
      row.classList.toggle("now", i === now);
    });
    where.textContent = (now + 1) + " / " + rows.length;
    if (move) {
      rows[now].scrollIntoView({block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
    }
  };
  const stop = () => {
    clearTimeout(timer);
    timer = 0;
    play.textContent = "▶";
  };
  // A step stays as long as it takes to read it.
  const go = () => {
    if (now + 1 >= rows.length) {
      stop();
      return;
    }
    show(now + 1, true);
    timer = setTimeout(go, 1200 + 28 * rows[now].textContent.length);
  };
  const toggle = () => {
    if (timer) {
      stop();
      return;
    }
    play.textContent = "❚❚";
    if (now + 1 >= rows.length) {
      now = -1;
    }
    go();
  };
  const step = by => {
    stop();
    show(now + by, true);
  };
  document.getElementById("back").addEventListener("click", () => step(-1));
  document.getElementById("next").addEventListener("click", () => step(1));
  play.addEventListener("click", toggle);
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  document.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const act = {ArrowRight: () => step(1), ArrowLeft: () => step(-1), p: toggle, Escape: () => {
      stop();
      now = -1;
      root.classList.remove("stepping");
      where.textContent = "– / " + rows.length;
    }}[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
  root.classList.add("js");
  where.textContent = "– / " + rows.length;
  if (rows.length && /^#step=\d+$/.test(location.hash)) {
    show(Number(location.hash.slice(6)) - 1, true);
  }
})();
