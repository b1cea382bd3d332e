#!/usr/bin/env bash
# Runs every example; each has to end by itself.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

package=squall-examples
# Asked for an example without a name, cargo lists them all.
names=$(cargo run --quiet --package "$package" --example 2>&1 | sed -n 's/^    \([a-z_0-9]*\)$/\1/p')
if [ -z "$names" ]; then
    echo 'There are no examples.'
    exit 0
fi
cargo build --quiet --workspace --examples || exit 1
folder=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/examples
failed=0
for name in $names; do
    # Ends with 124 when it does not end by itself.
    output=$(timeout 120 "$folder/$name" </dev/null 2>&1)
    code=$?
    if [ "$code" -eq 0 ]; then
        echo "    $name"
    else
        failed=1
        printf '    %s: exit code %d\n%s\n' "$name" "$code" "$output"
    fi
done
exit "$failed"
