#!/usr/bin/env bash
# Has the real promtool and amtool read what Squall writes for them: rules, routes, the metrics of a process that runs, and
# the examples of deployment with the expressions of the dashboard.

set -euo pipefail
cd "$(dirname "$0")/.."

linters=$PWD/target/linters/bin
promtool=$linters/promtool amtool=$linters/amtool
work=$(mktemp -d)
process=
clean_up() {
    [ -z "$process" ] || kill "$process" 2>/dev/null || true
    [ -z "$process" ] || wait "$process" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

cargo build --quiet --workspace --bin operators
operators=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/operators

echo '--- rules'
(cd "$work" && "$operators" alerts export --dir "$work")
"$promtool" check rules "$work/squall.rules.yml"
cp tests/alerts/rules.test.yml "$work/"
(cd "$work" && "$promtool" test rules rules.test.yml)
# The test can fail: with a rule that fires at once, it does.
sed 's/ == 1"$/ >= 0"/' "$work/squall.rules.yml" >"$work/wrong.yml" && cmp -s "$work/wrong.yml" "$work/squall.rules.yml" &&
    { echo 'the rules were not changed'; exit 1; }
mkdir "$work/wrong" && mv "$work/wrong.yml" "$work/wrong/squall.rules.yml" && cp tests/alerts/rules.test.yml "$work/wrong/"
if (cd "$work/wrong" && "$promtool" test rules rules.test.yml >/dev/null 2>&1); then
    echo 'the test of the rules passes whatever the rules say'
    exit 1
fi

echo '--- routes'
"$amtool" check-config "$work/alertmanager.yml"
for severity in page mail; do
    receiver=$("$amtool" config routes test --config.file="$work/alertmanager.yml" "severity=$severity")
    [ "$receiver" = "$severity" ] || { echo "severity=$severity goes to $receiver"; exit 1; }
done

echo '--- examples'
cp examples/deploy/prometheus.yml "$work/"
"$promtool" check config "$work/prometheus.yml"
"$amtool" check-config examples/deploy/alertmanager.yml
sed 's/`operators alerts/`squall alerts/' "$work/alertmanager.yml" | diff examples/deploy/alertmanager.yml - ||
    { echo 'examples/deploy/alertmanager.yml is not what `squall alerts export` writes'; exit 1; }

echo '--- dashboard'
# Each expression becomes a rule that records it, with values in place of the variables.
python3 - examples/deploy/grafana/squall.json >"$work/dashboard.yml" <<'PYTHON'
import json, re, sys

def expressions(node):
    if isinstance(node, list):
        for one in node:
            yield from expressions(one)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "expr":
                yield value
            else:
                yield from expressions(value)

values = {"__rate_interval": "1m", "job": "squall", "topology": "(a|b)", "component": ".*"}
rules = []
for number, expression in enumerate(expressions(json.load(open(sys.argv[1])))):
    expression = re.sub(r"\$(\w+)", lambda name: values[name[1]], expression)
    rules.append({"record": f"dashboard:{number}", "expr": expression})
# What is JSON is YAML, too.
print(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
PYTHON
"$promtool" check rules "$work/dashboard.yml"
sed 's/sum by/sum bye/' "$work/dashboard.yml" >"$work/broken.yml"
if "$promtool" check rules "$work/broken.yml" >/dev/null 2>&1; then
    echo 'expressions that are wrong are not found'
    exit 1
fi

# get PATH: what the process answers, without the head.
get() {
    local address=${url#http://}
    exec 3<>"/dev/tcp/${address%:*}/${address#*:}"
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" "$address" >&3
    sed '1,/^\r$/d' <&3
    exec 3<&- 3>&-
}

echo '--- metrics'
(cd "$work" && exec "$operators" run slow --listen 127.0.0.1:0 --data-dir "$work/data") >"$work/log" 2>&1 &
process=$!
url=
for _ in $(seq 300); do
    url=$(sed -n 's/^ *listens on \(http:[^ ]*\)\/$/\1/p' "$work/log")
    [ -z "$url" ] || break
    kill -0 "$process" 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.1
done
# The checks are asked once a second: they have said something when their metrics are there.
for _ in $(seq 300); do
    get /metrics >"$work/metrics"
    ! grep -q '^squall_check_raised{' "$work/metrics" || break
    sleep 0.1
done
grep -q '^squall_check_raised{' "$work/metrics"
"$promtool" check metrics <"$work/metrics"
echo "    $(grep -vc '^#' "$work/metrics") samples"
