# shellcheck shell=bash
# Sourced by matrix, for `make attack`: the attacks of test-fixtures alone, as whoever may run them, and their tables.

attack_passes() {
    local who
    if [ "$ROOT" = yes ]; then set -- root user; else set -- user; fi
    for who in "$@"; do
        case $who-$ROOT in
            user-yes) junit "attacks-$who" as_user "$JAVA_HOME" --include-package io.nsjob.attack ;;
            *) junit "attacks-$who" as_root "$JAVA_HOME" --include-package io.nsjob.attack ;;
        esac
    done
    for who in "$@"; do
        sed -n "/^ATTACK AS /,/^as $who:/p" "$STAGE/log/attacks-$who"
        echo
    done | tee build/attacks.txt
    grep '^as ' build/attacks.txt
}
