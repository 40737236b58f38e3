#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs TAP test programs and sums up: run.sh BINARY...
#
# A failed check, a crash, a hang, a missing or wrong plan, a skip without a reason and a run without any check are all
# failures. STRICT=1 turns skips into failures too. TEST_SECONDS limits each program (600).

set -u

limit=${TEST_SECONDS:-600}
strict=${STRICT:-0}
passed=0 failed=0 skipped=0

work=$(mktemp -d "${TMPDIR:-/tmp}/nsjob-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# Prints the failures of one TAP stream on $work/report, and "passed failed skipped plan bailed" on standard output.
count() {
	awk -v report="$work/report" -v strict="$strict" '
		function complain(text) { print "    " text > report }
		/^not ok / { failed++; number++; complain($0); shown = 1; next }
		/^ok / {
			shown = 0; number++
			if ($2 != number) { order = 1; complain("out of order: " $0) }
			if (match($0, /# SKIP/)) {
				skipped++
				reason = substr($0, RSTART + 6); gsub(/^ +| +$/, "", reason)
				if (reason == "") { failed++; skipped--; complain("skipped without a reason: " $0) }
				else complain("SKIP " substr($0, 1, RSTART - 1) "(" reason ")")
			} else passed++
			next
		}
		/^1\.\.[0-9]+$/ { plans++; plan = substr($0, 4) + 0; next }
		/^Bail out!/ { bailed = 1; complain($0); next }
		/^#/ { if (shown) complain($0); next }
		/./ { complain("not TAP: " $0); stray = 1 }
		END {
			wrong = ""
			if (bailed) wrong = "bailed out"
			else if (plans != 1) wrong = plans + 0 " plans where one is due"
			else if (plan != number) wrong = "planned " plan " checks, ran " number + 0
			else if (number == 0) wrong = "no check ran"
			else if (order || stray) wrong = "not in the form of TAP"
			printf "%d %d %d %s\n", passed, failed, skipped, wrong
		}' "$1"
}

for program in "$@"; do
	name=$(basename "$(dirname "$program")")/$(basename "$program")
	: > "$work/report"
	timeout -k 5 "$limit" "$program" > "$work/out" 2> "$work/err" < /dev/null
	status=$?
	count "$work/out" > "$work/counts"
	read -r good bad skips wrong < "$work/counts"
	# Killed by a signal, by the time limit or by a sanitizer, whatever the results said until then.
	if [ "$status" -ne 0 ] && { [ "$status" -ne 1 ] || [ "$bad" -eq 0 ]; }; then
		case $status in
		124 | 137) wrong="${wrong:+$wrong; }hung for more than $limit s" ;;
		*) wrong="${wrong:+$wrong; }ended with status $status" ;;
		esac
	elif [ "$status" -eq 0 ] && [ "$bad" -ne 0 ]; then
		wrong="${wrong:+$wrong; }ended with status 0 in spite of failures"
	fi
	if [ -n "$wrong" ]; then
		bad=$((bad + 1))
		echo "    $wrong" >> "$work/report"
		tail -n 40 "$work/err" | sed 's/^/    | /' >> "$work/report"
	fi
	if [ "$strict" = 1 ] && [ "$skips" -gt 0 ]; then
		bad=$((bad + skips))
		echo "    $skips skipped, and STRICT=1 allows none" >> "$work/report"
	fi
	printf '%-28s %5d passed, %d failed, %d skipped\n' "$name" "$good" "$bad" "$skips"
	cat "$work/report"
	passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skips))
done

if [ "$((passed + failed))" -eq 0 ]; then
	echo "    no test ran"
	failed=1
fi
echo "native: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
