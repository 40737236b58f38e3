# shellcheck shell=bash
# Sourced by matrix, for `make attack`: the attacks of test-fixtures alone, as whoever may run them, and one table of them all.

# A line of each attack and control, with what became of it for each caller. In: lines of AttackIT, separated by tabs.
attack_table() {
    awk -F '\t' '
        function row(a, b, c, d, e, f, g, h) { printf "%-25s %-17s %-8s %-8s %-50s %-8s %-8s %s\n", a, b, c, d, e, f, g, h }
        {
            who = substr($1, 2); key = $2 FS $6
            if (!(key in seen)) { seen[key] = 1; order[++n] = key }
            type[$2] = $3; result[$2, who] = $4; text[$2] = text[$2] == "" ? $5 : text[$2]; flips[key, who] = $7
        }
        END {
            row("ATTACK", "CLASS", "AS ROOT", "AS USER", "WHAT IT SAW", "CONTROL:", "AS USER", "WITHOUT THIS DEFENCE")
            row("", "", "", "", "", "AS ROOT", "", "")
            for (i = 1; i <= n; i++) {
                split(order[i], part, FS); name = part[1]
                if (name != last) row(name, type[name], result[name, "root"], result[name, "user"], substr(text[name], 1, 50), \
                    flips[order[i], "root"], flips[order[i], "user"], part[2])
                else row("", "", "", "", "", flips[order[i], "root"], flips[order[i], "user"], part[2])
                last = name
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
