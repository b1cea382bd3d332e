#!/usr/bin/env bash
# The long campaigns with their full N. SQUALL_PROOF=full tells every campaign to take it.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=.ci/steps.sh
. .ci/steps.sh

export SQUALL_PROOF=full

loom() {
    RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-3} \
        cargo test --package squall-core --lib --release -- models::
}

step 'models of the core (loom)' loom
step 'campaigns' cargo test --package squall-tests --release -- --include-ignored --nocapture
sum_up
