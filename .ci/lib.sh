# shellcheck shell=bash
# Sourced by the scripts beside it: counting of results, and what may be left behind. $STAGE/log has what is shown of failures.

passed=0 failed=0 skipped=0
STRICT=${STRICT:-}

say() { printf '%s\n' "$*"; }
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); say "FAIL $*"; say "$*" >>"$STAGE/log/failures"; }

# skip WHAT REASON: with STRICT=1 a skip is a failure.
skip() {
    say "SKIP $1: $2"
    if [ "$STRICT" = 1 ]; then fail "$1 was skipped (STRICT=1)"; else skipped=$((skipped + 1)); fi
}

# For what this machine cannot show and another can: listed, and no failure under STRICT either.
elsewhere() { skipped=$((skipped + 1)); say "SKIP $1: $2"; }

# check WHAT COMMAND...: one test; the command's output is shown only when it fails.
check() {
    local what=$1 log=$STAGE/log/check status=0
    shift
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ]; then pass; else fail "$what (status $status)"; tail -n 40 "$log" | sed 's/^/    /'; fi
}

# check_beside WHAT COMMAND...: the same, beside as many others as there are processors. checked counts them all.
beside=0
check_beside() {
    local what=$1 log
    shift
    beside=$((beside + 1)) log=$STAGE/log/beside-$beside
    [ "$(jobs -pr | wc -l)" -lt "$(nproc)" ] || wait -n || true
    say "$what" >"$log.what"
    { status=0; "$@" >"$log" 2>&1 || status=$?; say "$status" >"$log.status"; } &
}

checked() {
    local n log status
    wait
    for ((n = 1; n <= beside; n++)); do
        log=$STAGE/log/beside-$n
        status=$(cat "$log.status" 2>/dev/null || true)
        if [ "$status" = 0 ]; then pass; else fail "$(cat "$log.what") (status ${status:-unknown})"; tail -n 40 "$log" | sed 's/^/    /'; fi
        rm -f "$log" "$log".*
    done
    beside=0
}

# lanes FUNCTION...: each in a shell of its own beside the others; what they count is added up. They are to wait more than they
# work, and may use neither check nor check_beside, whose logs are the same.
lanes() {
    local lane ok bad out
    for lane in "$@"; do
        { passed=0 failed=0 skipped=0; "$lane"; say "$passed $failed $skipped" >"$STAGE/log/$lane"; } &
    done
    wait
    for lane in "$@"; do
        if read -r ok bad out 2>/dev/null <"$STAGE/log/$lane"; then
            passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + out))
        else
            fail "$lane did not come to its end"
        fi
    done
}

# ---- what is left behind

# Processes of the test user, of job id blocks, and whatever runs a program of ours.
left_processes() {
    local dir pid uid exe
    for dir in /proc/[0-9]*; do
        pid=${dir#/proc/}
        uid=$(stat -c %u "$dir" 2>/dev/null) || continue
        exe=$(readlink "$dir/exe" 2>/dev/null || true)
        case $exe in "$STAGE"/*) say "process $pid of uid $uid runs ${exe#"$STAGE"/}"; continue ;; esac
        [ "$ROOT" = yes ] || continue
        if [ "$uid" -eq "$TEST_UID" ] || { [ "$uid" -ge 524288 ] && [ "$uid" -le 1879048191 ]; }; then
            say "process $pid of uid $uid: $(tr '\0' ' ' 2>/dev/null <"$dir/cmdline" | cut -c1-80)"
        fi
    done
}

# What may not be read cannot be ours: find's complaints, and its status for them, say nothing here.
left_files() { list_files 2>/dev/null || true; }
list_files() {
    local base
    for base in /run/nsjob/{ids,run,jobs} "/tmp/nsjob-$TEST_UID"/{run,jobs} "${XDG_RUNTIME_DIR:-/nonexistent}/nsjob"/{run,jobs}; do
        [ ! -d "$base" ] || find "$base" -mindepth 1 -maxdepth 1 -printf 'file %p\n'
    done
    # Not ours to judge: Java's performance directory, and the private directory that holds a user's state between runs.
    find /tmp -maxdepth 1 \( -name 'nsjob-*' -o -user 12345 \) ! -name 'hsperfdata_*' ! -name 'nsjob-[0-9]*' -printf 'file %p\n'
    find /sys/fs/cgroup -type d -name '*nsjob*' -printf 'cgroup %p\n'
    cut -d ' ' -f 5 /proc/self/mountinfo | sed 's/^/mount /'
}

# The kernel ends a pid namespace on its own time, and whoever watched it takes away what it had after that: they get half a minute.
check_left() {
    local until=$((SECONDS + 30)) left
    while :; do
        left=$({ left_processes; left_files | sort; } | grep -vxFf "$STAGE/log/before" || true)
        [ -n "$left" ] && [ "$SECONDS" -lt "$until" ] || break
        sleep 0.2
    done
    if [ -z "$left" ]; then pass; else fail "$1: left behind:"; sed 's/^/    /' <<<"$left"; fi
}

remember_left() { { left_processes; left_files; say "(nothing)"; } >"$STAGE/log/before"; }
