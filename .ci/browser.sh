#!/usr/bin/env bash
# The pages in a real browser: `bash .ci/browser.sh` runs all tests of tests/browser, `bash .ci/browser.sh core stopping`
# those files. With SQUALL_SCREENSHOTS=1 it also takes the pictures of the README. Ends with 3 where there is no
# browser, and none can be installed.

set -euo pipefail
cd "$(dirname "$0")/.."

# lacks WHAT: says why nothing is proved here.
lacks() {
    echo "$1"
    exit 3
}

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v npm >/dev/null || packages+=(nodejs npm)
if [ "${#packages[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        lacks "missing: ${packages[*]}; install them with your system's package manager"
    fi
    echo "Installing: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; } ||
        lacks "these could not be installed: ${packages[*]}"
fi
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || lacks "node is $(node --version); 20 is needed"

# The modules lie outside the tree, beside what they were installed from.
modules=target/browser
if ! cmp -s tests/browser/package-lock.json "$modules/installed.json"; then
    mkdir -p "$modules"
    cp tests/browser/{package.json,package-lock.json,.npmrc} "$modules/"
    (cd "$modules" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp tests/browser/package-lock.json "$modules/installed.json"
fi

locked=()
[ "${CI:-}" = true ] && locked=(--locked)
cargo build "${locked[@]}" --quiet --workspace --bins
folder=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
export SQUALL_BINARIES="$folder/debug"

files=()
for name in "$@"; do
    files+=("tests/browser/${name%.test.mjs}.test.mjs")
done
[ "$#" -gt 0 ] || files=(tests/browser/*.test.mjs)
[ "${SQUALL_SCREENSHOTS:-}" != 1 ] || files+=(tests/browser/screenshots.mjs)
# One file after the other: each starts a browser and a server, and some look at the load.
failed=0
for file in "${files[@]}"; do
    start=$SECONDS
    # Whatever a browser that hangs keeps open, the end is the end.
    node --test --test-force-exit --test-timeout=600000 --test-reporter=spec "$file" || failed=1
    printf '    %s: %d s\n\n' "$(basename "$file" .test.mjs)" $((SECONDS - start))
done
exit "$failed"
