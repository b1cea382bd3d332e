#!/usr/bin/env bash
# Asks a running `squall` everything that its own document says can be asked; see tests/api/README.md.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

locked=()
[ "${CI:-}" = true ] && locked=(--locked)
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks=$checks,response_schema_conformance,unsupported_method,missing_required_header

venv=$PWD/target/api/venv
if ! cmp -s tests/api/requirements.txt "$venv/requirements.txt"; then
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --requirement tests/api/requirements.txt &&
        cp tests/api/requirements.txt "$venv/requirements.txt" || exit 1
fi
if [ -z "${SQUALL:-}" ]; then
    cargo build "${locked[@]}" --quiet --workspace --bin squall || exit 1
    SQUALL=$PWD/target/debug/squall
fi

folder=$(mktemp -d)
log=$folder/log
pid=
# shellcheck disable=SC2329
finish() {
    [ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT

(cd "$folder" && exec "$SQUALL" run --listen 127.0.0.1:0 --data-dir "$folder/data" >/dev/null 2>"$log") &
pid=$!
url=
for _ in $(seq 200); do
    url=$(sed -n 's|^  listens on \(http://[^ ]*\)/$|\1|p' "$log")
    [ -n "$url" ] && curl --silent --fail --output /dev/null "$url/readyz" && break
    if ! kill -0 "$pid" 2>/dev/null; then
        cat "$log"
        exit 1
    fi
    sleep 0.1
done

fail() {
    printf '%s\n' "$1"
    tail -n 30 "$log"
    exit 1
}

# post PATH STATUS: asks for it, and looks at the status of the answer.
post() {
    local status
    status=$(curl --silent --output /dev/null --write-out '%{http_code}' --request POST "$url$1")
    [ "$status" = "$2" ] || fail "POST $1 was answered with $status, not with $2."
}

# id PATH BODY: what was made.
id() {
    curl --silent --request POST "$url$1" --header 'Content-Type: application/json' --data "$2" |
        sed -n 's/.*"id":"\([^"]*\)".*/\1/p'
}

message=$(id /api/v1/messages '{"account": "me", "destination": "inbox", "text": "Hello", "in": "8h"}')
series=$(id /api/v1/series '{"account": "me", "destination": "inbox", "text": "Hello", "cron": "0 9 * * *", "zone": "UTC"}')
[ -n "$message" ] && [ -n "$series" ] || fail 'A message or a series could not be made.'
sed "s/MESSAGE/$message/; s/SERIES/$series/" tests/api/schemathesis.toml >"$folder/schemathesis.toml"

# Two parts of the binary that want one path or one name.
! grep 'Operation left out' "$log" || fail 'Not everything that is brought is served.'

# What failed can be asked again with the same seed.
seed=${SEED:-$RANDOM}
echo "seed $seed; again: SEED=$seed bash .ci/api.sh"
here=$PWD
export PYTHONDONTWRITEBYTECODE=1 SCHEMATHESIS_HOOKS=hooks PYTHONPATH=$here/tests/api
(cd "$folder" && "$venv/bin/schemathesis" --config-file schemathesis.toml run "$url/api/v1/openapi.json" \
    --checks "$checks" --max-examples "${EXAMPLES:-10}" --phases examples,coverage,fuzzing --seed "$seed" \
    --exclude-operation-id follow --exclude-operation-id tap --generation-database none \
    --request-timeout 20 --workers 2 --continue-on-failure --no-color) ||
    fail 'The interface is not as its document says.'

for topology in enrichment scheduled-messages; do
    post "/api/v1/topologies/$topology/pause" 202
    post "/api/v1/topologies/$topology/resume" 202
    post "/api/v1/topologies/$topology/drain?deadline=1s" 202
done
wait "$pid"
code=$?
pid=
[ "$code" = 0 ] || fail "The process ended with $code."
