#!/usr/bin/env bash
# All that a change must pass. Steps that need a part that this machine lacks are skipped, visibly.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=.ci/steps.sh
. .ci/steps.sh

locked=()
[ "${CI:-}" = true ] && locked=(--locked)

# The core's own concurrency, model-checked: another cfg, so another target directory.
loom() {
    RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-2} \
        cargo test "${locked[@]}" --package squall-core --lib --release -- models::
}

# component NAME: whether cargo has this part of the toolchain.
component() {
    cargo "$1" --version >/dev/null 2>&1
}

# missing NAME: why its step is skipped. In CI, .ci/install.sh has tried to get it before.
missing() {
    if [ "${CI:-}" = true ]; then
        echo "this toolchain has no $1 (cannot be had here)"
    else
        echo "this toolchain has no $1; try: rustup component add $1"
    fi
}

if component fmt; then
    step 'formatting' cargo fmt --all --check
else
    skip 'formatting' "$(missing rustfmt)"
fi
if component clippy; then
    step 'lints' cargo clippy "${locked[@]}" --workspace --all-targets --quiet -- -D warnings
else
    skip 'lints' "$(missing clippy)"
fi
step 'documentation' env RUSTDOCFLAGS='-D warnings' cargo doc "${locked[@]}" --workspace --no-deps --quiet
step 'tests, and proofs with a small N' cargo test "${locked[@]}" --workspace --no-fail-fast --quiet
step 'examples' bash .ci/examples.sh
step 'models of the core (loom)' loom
sum_up
