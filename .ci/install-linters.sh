#!/usr/bin/env bash
# Puts the programs that read what Squall writes for others into target/linters/bin: promtool and amtool, out of Debian's
# packages, whose services are neither installed nor started. Nothing is done about what is there already.

set -euo pipefail
cd "$(dirname "$0")/.."

folder=$PWD/target/linters
mkdir -p "$folder/bin"

# extract PROGRAM PACKAGE: takes one program out of a package.
extract() {
    local program=$1 package=$2 found work
    [ ! -x "$folder/bin/$program" ] || return 0
    if found=$(command -v "$program"); then
        ln -sf "$found" "$folder/bin/$program"
        return 0
    fi
    if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
        echo "No $program: this is no Debian; install it with your system's package manager." >&2
        return 1
    fi
    work=$(mktemp -d "$folder/$package.XXXXXX")
    (
        cd "$work"
        apt-get download "$package" >/dev/null 2>&1 ||
            { apt-get update -qq && apt-get download "$package" >/dev/null; }
        dpkg -x "$package"_*.deb .
    ) && cp "$work/usr/bin/$program" "$folder/bin/$program.new" && mv "$folder/bin/$program.new" "$folder/bin/$program"
    local code=$?
    rm -rf "$work"
    return "$code"
}

extract promtool prometheus
extract amtool prometheus-alertmanager
