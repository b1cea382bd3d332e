# Sourced by the scripts beside it: runs named steps, counts what is skipped, and sums up.

set -uo pipefail

steps_ok=0
steps_failed=()
allowed_skips=()
skipped_file=$PWD/target/skipped.txt

# Tests that cannot run here append a line to this file, so that no skip passes unseen.
export SQUALL_SKIPPED=$skipped_file
mkdir -p target
: >"$skipped_file"

# step NAME COMMAND…: runs it; a failure is noted, and the next steps run all the same.
step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n==> %s\n' "$name"
    if "$@"; then
        steps_ok=$((steps_ok + 1))
        printf '    ok (%ds)\n' $((SECONDS - start))
    else
        steps_failed+=("$name")
        printf '    FAILED: %s (%ds)\n' "$name" $((SECONDS - start))
    fi
}

# skip NAME REASON: a step that cannot run on this machine.
skip() {
    printf '\n==> %s\nSKIPPED: %s\n' "$1" "$2"
    printf '%s: %s\n' "$1" "$2" >>"$skipped_file"
}

# allow_skip NAME REASON: a step whose part of the toolchain cannot be had here even in CI. There are no others.
allow_skip() {
    printf '\n==> %s\nALLOWED SKIP: %s\n' "$1" "$2"
    allowed_skips+=("$1: $2")
}

# sum_up: the last lines, and the exit code. In CI a skip is a failure.
sum_up() {
    local skipped
    skipped=$(wc -l <"$skipped_file")
    printf '\n%d steps ok, %d failed, %d skipped, %d allowed to be skipped, %d min %02d s\n' \
        "$steps_ok" "${#steps_failed[@]}" "$skipped" "${#allowed_skips[@]}" $((SECONDS / 60)) $((SECONDS % 60))
    for name in ${steps_failed[@]+"${steps_failed[@]}"}; do
        printf 'FAILED: %s\n' "$name"
    done
    for name in ${allowed_skips[@]+"${allowed_skips[@]}"}; do
        printf 'ALLOWED SKIP: %s\n' "$name"
    done
    sed 's/^/SKIPPED: /' "$skipped_file"
    if [ "${#steps_failed[@]}" -gt 0 ]; then
        return 1
    fi
    if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
        echo 'In CI a skip is a failure.'
        return 1
    fi
}
