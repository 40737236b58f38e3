# shellcheck shell=bash
# Sourced by matrix, for `make attack`: the attacks of test-fixtures alone, as whoever may run them, and one table of them all.

# A line of each attack and control, with what became of it for each caller. In: lines of AttackIT, separated by tabs.
attack_table() {
    awk -F '\t' '
        function row(a, b, c, d, e, f, g, h) { printf "%-27s %-17s %-8s %-8s %-48s %-8s %-8s %s\n", a, b, c, d, e, f, g, h }
        {
            who = substr($1, 2); name = $2; key = name FS $6
            if (!(name in type)) names[++n] = name
            type[name] = $3; result[name, who] = $4
            if (!(name in text)) text[name] = substr($5, 1, 48)
            if ($6 != "-" && !(key in known)) { known[key] = 1; controls[name, ++count[name]] = $6 }
            flips[key, who] = $7
        }
        END {
            row("", "", "", "", "", "FLIPS", "FLIPS", "")
            row("ATTACK", "CLASS", "AS ROOT", "AS USER", "WHAT IT SAW", "AS ROOT", "AS USER", "WITHOUT THIS DEFENCE")
            for (i = 1; i <= n; i++) {
                name = names[i]; control = controls[name, 1]
                row(name, type[name], result[name, "root"], result[name, "user"], text[name], flips[name FS control, "root"],
                    flips[name FS control, "user"], control)
                for (k = 2; k <= count[name]; k++) {
                    control = controls[name, k]
                    row("", "", "", "", "", flips[name FS control, "root"], flips[name FS control, "user"], control)
                }
            }
        }'
}

attack_passes() {
    local who environment
    if [ "$ROOT" = yes ]; then set -- root user; else set -- user; fi
    for who in "$@"; do
        environment=as_root
        [ "$who-$ROOT" != user-yes ] || environment=as_user
        junit "attacks-$who" "$environment" "$JAVA_HOME" --include-package io.nsjob.attack
    done
    {
        for who in "$@"; do grep '^@' "$STAGE/log/attacks-$who" || true; done | attack_table
        for who in "$@"; do sed -n '/^RACE /p; /^as [a-z]*: /p' "$STAGE/log/attacks-$who"; done
    } | tee build/attacks.txt
}
