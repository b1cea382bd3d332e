#!/usr/bin/env bash
# Makes a Debian machine ready for the tests that start real servers (tests/services). Installs only what is missing,
# and says so. Nothing is started: each test starts the servers that it needs, and ends them.

set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
# needs PROGRAM PACKAGE…: the packages, unless the program is there already.
needs() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null || packages+=("${@:2}")
}

compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || needs postgres postgresql
needs psql postgresql-client
needs mariadbd mariadb-server-core
needs mariadb mariadb-client-core
# A clock that is wrong.
compgen -G '/usr/lib/*/faketime/libfaketime.so.1' >/dev/null || packages+=(libfaketime)
# The guardian of the servers looks for their processes.
needs find findutils

if [ "${#packages[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing: ${packages[*]}. Install them with your system's package manager." >&2
        exit 1
    fi
    echo "Installing: ${packages[*]}"
    # The packages would start servers of their own: this answer of the policy forbids it.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
