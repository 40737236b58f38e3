# shellcheck shell=bash
# Sourced by matrix: the command line over every job spec of test-fixtures, as whoever may run it.

# may_run NEEDS ROOT-OR-USER
may_run() {
    case $1 in
        '') return 0 ;;
        root) [ "$2" = root ] ;;
        unprivileged) [ "$2" = user ] ;;
        first-process) [ "$2" = root ] && readlink /proc/1/ns/mnt >/dev/null 2>&1 ;;
        subordinate-ids) [ "$2" = root ] || [ "$ROOT" = yes ] || grep -qE "^($(id -un)|$(id -u)):" /etc/subuid 2>/dev/null ;;
        *) return 1 ;;
    esac
}

refused() { # refused FILE FIELD COMMAND...: status 125, and the field named ($: a text that has none)
    local file=$1 field=$2 message status=0
    shift 2
    message=$("$@" run -f "$file" 2>&1 </dev/null) || status=$?
    [ "$field" != '$' ] || field=nsjob:
    [ "$status" -eq 125 ] && [[ $message == *"$field"* ]] && return 0
    say "$file: status $status instead of 125, or no '$field' in: $message"
    return 1
}

spec_runs() {
    local who environment file line needs field before=$passed bad=$failed
    local specs=$STAGE/test-fixtures/specs
    if [ "$ROOT" = yes ]; then set -- root user; else set -- user; fi
    for who in "$@"; do
        environment=as_root
        [ "$who" != user ] || [ "$ROOT" = no ] || environment=as_user
        for file in "$specs"/valid/*.json; do
            line=$(grep -F "\"$(basename "$file")\":" "$specs/valid/index.json") || [ "$(basename "$file")" = index.json ] ||
                fail "$(basename "$file") is not in the index"
            [ "$(basename "$file")" != index.json ] || continue
            needs=$(sed -n 's/.*"needs": *\["\{0,1\}\([a-z-]*\)"\{0,1\}\].*/\1/p' <<<"$line")
            may_run "$needs" "$who" || continue
            check_beside "spec $(basename "$file") as $who" "$environment" "${CLEAN[@]}" JAVA_HOME="$JAVA_HOME" \
                "$STAGE/bin/nsjob" run -f "$file"
        done
    done
    while IFS='|' read -r file field; do
        check_beside "invalid spec $file" refused "$specs/invalid/$file" "$field" "$STAGE/bin/nsjob"
    done < <(sed -n 's/^ *"\(.*\.json\)": "\(.*\)",\{0,1\}$/\1|\2/p' "$specs/invalid/index.json")
    checked
    say "specs: $((passed - before)) passed, $((failed - bad)) failed"
}
