#!/usr/bin/env bash
# Makes a bare Debian machine with a Rust toolchain ready for `make test`. Installs only what is missing, and says so.

set -euo pipefail

packages=()
command -v make >/dev/null || packages+=(make)
# SQLite and the cryptography of TLS are compiled from C.
command -v cc >/dev/null || packages+=(gcc libc6-dev)
# The client of Kafka is compiled from C and C++, against the OpenSSL that is there.
command -v c++ >/dev/null || packages+=(g++)
command -v pkg-config >/dev/null || packages+=(pkg-config)
pkg-config --exists openssl 2>/dev/null || packages+=(libssl-dev)
command -v git >/dev/null || packages+=(git)
# Counts instructions.
command -v valgrind >/dev/null || packages+=(valgrind)
# Asks the interface everything that it is said to answer.
command -v curl >/dev/null || packages+=(curl)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
[ -e /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)

if [ "${#packages[@]}" -gt 0 ]; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing: ${packages[*]}. Install them with your system's package manager." >&2
        exit 1
    fi
    echo "Installing: ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

for component in rustfmt clippy; do
    if ! "cargo-${component/rust/}" --version >/dev/null 2>&1 && command -v rustup >/dev/null; then
        echo "Installing the toolchain component: $component"
        rustup component add "$component" || echo "$component cannot be had; its step will be skipped."
    fi
done
