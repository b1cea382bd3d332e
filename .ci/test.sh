#!/usr/bin/env bash
# All that a change must pass. Steps that need a part that this machine lacks are skipped, visibly.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=.ci/steps.sh
. .ci/steps.sh

locked=()
[ "${CI:-}" = true ] && locked=(--locked)
# Everything there is. The dependencies are the same with Kafka and without, as long as the whole workspace is taken: of
# some packages alone, cargo would build them again.
all=("${locked[@]}" --workspace --quiet)
if command -v c++ >/dev/null && command -v pkg-config >/dev/null && pkg-config --exists openssl; then
    all+=(--features squall-app/kafka)
else
    skip 'Kafka' 'its client needs a C++ compiler, pkg-config and OpenSSL to be compiled; try: bash .ci/install.sh'
fi

# The core's own concurrency, model-checked: another cfg, so another target directory.
loom() {
    RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-2} \
        cargo test "${locked[@]}" --package squall-core --lib --release -- models:: || return
    # What a thread of Kafka's and a task share: its crate builds with no other cfg.
    LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-2} \
        cargo test "${locked[@]}" --package squall-connect --lib --features _loom -- kafka::models::
}

# Each set of features that somebody builds: all, what the binary has by itself, and Kafka alone as a library.
lints() {
    cargo clippy "${all[@]}" --all-targets -- -D warnings &&
        cargo clippy "${locked[@]}" --workspace --all-targets --quiet -- -D warnings &&
        { [[ " ${all[*]} " != *kafka* ]] ||
            cargo check "${locked[@]}" --package squall-connect --features kafka --tests --quiet; }
}

# Instructions of the hot loops. Counts of another compiler are shown, and cannot be compared.
instructions() {
    bash .ci/instructions.sh check
    local code=$?
    [ "$code" -ne 3 ] || other_compiler=true
    [ "$code" -eq 0 ] || [ "$code" -eq 3 ]
}

# The pages in a real browser. That there is none, and none to be had, is no fault of a page.
browser() {
    bash .ci/browser.sh
    local code=$?
    [ "$code" -ne 3 ] || no_browser=true
    [ "$code" -eq 0 ] || [ "$code" -eq 3 ]
}

# What systemd, docker and Kubernetes will read.
lacks_a_linter=false
deployment() {
    bash .ci/deploy.sh
    local code=$?
    [ "$code" -ne 3 ] || lacks_a_linter=true
    [ "$code" -eq 0 ] || [ "$code" -eq 3 ]
}

# component NAME: whether cargo has this part of the toolchain.
component() {
    cargo "$1" --version >/dev/null 2>&1
}

# lacks STEP NAME: skips a step whose component is missing. In CI that is allowed only if rustup cannot add it.
lacks() {
    if [ "${CI:-}" != true ]; then
        skip "$1" "this toolchain has no $2; try: rustup component add $2"
    elif rustup component add "$2" >/dev/null 2>&1; then
        skip "$1" "this toolchain has $2, and yet cargo does not find it"
    else
        allow_skip "$1" "this toolchain has no $2, and rustup cannot add it"
    fi
}

if component fmt; then
    step 'formatting' cargo fmt --all --check
else
    lacks 'formatting' rustfmt
fi
if component clippy; then
    step 'lints' lints
else
    lacks 'lints' clippy
fi
step 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc "${all[@]}" --no-deps
# More points of a crash than on every day. What takes long waits for others, such as for sessions to end.
step 'tests, and proofs with a small N' env SQUALL_POINTS=3 RUST_TEST_THREADS=4 cargo test "${all[@]}" --no-fail-fast
step 'the binary without Kafka' cargo test "${locked[@]}" --workspace --quiet --test binary
step 'examples' bash .ci/examples.sh
no_browser=false
step 'pages in a browser' browser
if $no_browser; then
    skip 'pages in a browser' 'there is no chromium, or no node 20; the lines above say more'
fi
if PATH=$PATH:/usr/sbin command -v nagios4 >/dev/null; then
    step 'what Nagios is told' bash .ci/nagios.sh
else
    skip 'what Nagios is told' 'there is no nagios4; try: bash .ci/install-services.sh'
fi
if python3 -c 'import ensurepip, venv' 2>/dev/null && command -v curl >/dev/null; then
    step 'the interface against its document' bash .ci/api.sh
else
    skip 'the interface against its document' 'there is no python3 with venv, or no curl; try: bash .ci/install.sh'
fi
if bash .ci/install-linters.sh; then
    step 'what Prometheus and Alertmanager read' bash .ci/alerts.sh
else
    skip 'what Prometheus and Alertmanager read' 'promtool and amtool cannot be had'
fi
step 'examples of deployment' deployment
if $lacks_a_linter; then
    allow_skip 'some examples of deployment' 'their tools cannot be had here'
fi
step 'models of the core (loom)' loom
if command -v valgrind >/dev/null; then
    other_compiler=false
    step 'instructions of the hot loops' instructions
    if $other_compiler; then
        allow_skip 'comparing instructions' 'tests/instructions/counts.toml was recorded with another compiler'
    fi
else
    skip 'instructions of the hot loops' 'there is no valgrind; try: bash .ci/install.sh'
fi
sum_up
