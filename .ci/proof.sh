#!/usr/bin/env bash
# The long campaigns, in release: `bash .ci/proof.sh` runs all and appends what came out to tests/proof/RESULTS.md;
# `bash .ci/proof.sh soak bench` runs these and prints it instead. They are: loom, model, soak, load, stranger,
# bench, points, kills, outages, enrichment, overload.
#
# LOOM_MAX_PREEMPTIONS, SQUALL_PROOF (topologies), SQUALL_SOAK (seconds) and SQUALL_BENCH (flags of `squall bench
# engine`), SQUALL_KILLS, SQUALL_OUTAGE (seconds), SQUALL_ACTIVITIES and SQUALL_LOAD (flags of `squall bench enrich
# load`) set another N; SQUALL_SEED repeats a seed of model, soak, load and overload.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=.ci/steps.sh
. .ci/steps.sh

preemptions=${LOOM_MAX_PREEMPTIONS:-3}
topologies=${SQUALL_PROOF:-10000}
soak_seconds=${SQUALL_SOAK:-60}
read -ra bench_flags <<<"${SQUALL_BENCH:---full}"
kills=${SQUALL_KILLS:-500}
outage=${SQUALL_OUTAGE:-60}
activities=${SQUALL_ACTIVITIES:-100000}
enrichment_kills=${SQUALL_KILLS:-100}
load_flags=${SQUALL_LOAD:-}
seed=${SQUALL_SEED:-$(((RANDOM << 30) | (RANDOM << 15) | RANDOM))}

logs=target/proof
mkdir -p "$logs"
section=$(mktemp)
trap 'rm -f "$section"' EXIT

# promise TEST: one file of tests/tests, or the model, with what it prints.
promise() {
    cargo test --package squall-tests --release --test "$1" -- --nocapture
}

loom() {
    RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=$preemptions \
        cargo test --package squall-core --lib --release -- models::
}

model() {
    PROPTEST_RNG_SEED=$seed SQUALL_PROOF=$topologies promise model
}

soak() {
    SQUALL_SEED=$seed SQUALL_SOAK=$soak_seconds promise soak
}

load() {
    SQUALL_SEED=$seed SQUALL_SOAK=$soak_seconds promise changes_under_load
}

stranger() {
    SQUALL_LONGEST_PAUSE=1 promise a_strangers_crate_runs
}

# crash TESTS: the real binary, killed. In debug: that is the binary with crash points.
crash() {
    cargo test --package squall-app --test crash -- --nocapture "$@"
}

points() {
    SQUALL_POINTS=20 crash points migrations
}

kills() {
    SQUALL_KILLS=$kills crash kills networks
}

outages() {
    SQUALL_OUTAGE=$outage crash outages clocks disks
}

# Two at a time: each has processes, and the broker is everybody's.
enrichment() {
    SQUALL_KILLS=$enrichment_kills SQUALL_OUTAGE=$outage SQUALL_ACTIVITIES=$activities \
        cargo test --package squall-app --features kafka --release --test enrichment -- --nocapture --test-threads 2
}

# Gnip's load test, with a real broker; its curve is tests/proof/overload.svg.
overload() {
    SQUALL_LOAD="--seed $seed $load_flags --svg $PWD/tests/proof/overload.svg" \
        cargo test --package squall-app --release --features kafka --test load -- --nocapture overload
}

bench() {
    cargo run --release --quiet -- bench engine --json "${bench_flags[@]}"
}

# n CAMPAIGN: how much of it.
n() {
    case $1 in
        loom) echo "$preemptions preemptions" ;;
        model) echo "$topologies topologies, seed $seed" ;;
        soak | load) echo "$soak_seconds s, seed $seed" ;;
        stranger) echo 'longest pause < 5 ms' ;;
        bench) echo "${bench_flags[*]}" ;;
        points) echo 'every point on every store' ;;
        kills) echo "$kills kills on every store" ;;
        outages) echo "$outage s" ;;
        enrichment) echo "$activities activities, $enrichment_kills kills, $outage s" ;;
        overload) echo "6,000/s, spikes of 25,000 and 50,000/s ${load_flags:+with $load_flags}, seed $seed" ;;
    esac
}

# outcome: the figures of the load test, which are one line of flat JSON.
outcome() {
    local names='records|lost|doubled|doubled_at_most|kills|joins|backlog|activities_per_s|drained_s|predicted_s|rss_mib'
    grep '^{"case":"load"' "$logs/overload.log" | grep -oE "\"($names)\":[^,}]*" | tr -d '"' | paste -sd ';' |
        sed 's/;/; /g; s/:/ /g; s/_/ /g'
}

# said CAMPAIGN: the lines of its log that say what came out, as one.
said() {
    local pattern
    case $1 in
        loom) pattern='^test result: ' ;;
        model) pattern='^[0-9]+ topologies: ' ;;
        soak) pattern='^[0-9]+ roots emitted|^failed by ' ;;
        load) pattern='^[0-9]+ changes made|^failed by ' ;;
        stranger) pattern='^[0-9]+ (lines|times)' ;;
        bench) echo 'see below' && return ;;
        points) pattern='^test result: ' ;;
        kills) pattern=' kills in | kills, ' ;;
        outages) pattern='was back$|warnings and errors' ;;
        enrichment) pattern='each came out|kills |joins, | for [0-9]' ;;
        overload) outcome && return ;;
    esac
    # libtest counts its own time; a cell of a table cannot hold a bar.
    grep -E "$pattern" "$logs/$1.log" | sed 's/; finished in .*//; s/|/\\|/g' | paste -sd ';' | sed 's/;/; /g; s/;  /; /g'
}

# campaign NAME: runs it, keeps its log, and notes a row.
campaign() {
    local name=$1 result=held
    "$name" 2>"$logs/$name.err" | tee "$logs/$name.log"
    if [ "${PIPESTATUS[0]}" -ne 0 ]; then
        result='**broken**'
        tail -n 40 "$logs/$name.err"
    fi
    printf '| %s | %s | %s | %s |\n' "$name" "$(n "$name")" "$result" "$(said "$name")" >>"$section"
    [ "$result" = held ]
}

# bench_table: the rows of the benchmark. Its JSON is flat, and neither names nor numbers hold commas.
bench_table() {
    awk '
        BEGIN {
            keys = "case tracking tuples_per_s limit_tuples_per_s ratio p50_us p99_us p999_us"
            count = split(keys " cpu_s_per_million limit_cpu_s_per_million cores growth_mib", key, " ")
            print "\n| case | tracking | tuples/s | limit/s | ratio | p50 µs | p99 µs | p99.9 µs | CPU s/M |" \
                " limit CPU s/M | cores | MiB |"
            print "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        }
        /^[{].*[}]$/ {
            gsub(/[{}"]/, "")
            split("", value)
            fields = split($0, field, ",")
            for (i = 1; i <= fields; i++) {
                at = index(field[i], ":")
                value[substr(field[i], 1, at - 1)] = substr(field[i], at + 1)
            }
            row = "|"
            for (i = 1; i <= count; i++) {
                cell = value[key[i]]
                row = row " " (cell == "" || cell == "null" ? "-" : cell) " |"
            }
            print row
        }' "$logs/bench.log"
}

# heading: what the numbers below are worth.
heading() {
    local commit
    commit=$(git rev-parse --short=12 HEAD)
    [ -z "$(git status --porcelain)" ] || commit="$commit, with changes that are not committed"
    printf '\n## %s\n\nCommit %s; %s; %s cores; %s.\n\n' \
        "$(date -u '+%Y-%m-%d %H:%M UTC')" "$commit" "$(rustc --version)" "$(nproc)" "$(uname -sm)"
    printf '| campaign | N | result | what it said |\n|---|---|---|---|\n'
}

all=(loom model soak load stranger bench points kills outages enrichment overload)
chosen=("$@")
[ "$#" -gt 0 ] || chosen=("${all[@]}")
for name in "${chosen[@]}"; do
    case " ${all[*]} " in
        *" $name "*) ;;
        *) echo "There is no campaign \`$name\`; there are: ${all[*]}." >&2 && exit 2 ;;
    esac
done

heading >"$section"
for name in "${chosen[@]}"; do
    step "$name: $(n "$name")" campaign "$name"
done
case " ${chosen[*]} " in
    *' bench '*) bench_table >>"$section" ;;
esac
if [ "$#" -eq 0 ]; then
    cat "$section" >>tests/proof/RESULTS.md
    printf '\nAppended to tests/proof/RESULTS.md.\n'
else
    cat "$section"
fi
sum_up
