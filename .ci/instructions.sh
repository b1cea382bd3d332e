#!/usr/bin/env bash
# Counts the instructions of the hot loops: `check` (or nothing) compares them with tests/instructions/counts.toml,
# `record` writes that file anew. Ends with 3 when they cannot be compared.

cd "$(dirname "$0")/.." || exit 1
locked=()
[ "${CI:-}" = true ] && locked=(--locked)
exec cargo run "${locked[@]}" --release --quiet --package squall-instructions -- "${1:-check}"
