# The longer steps lie in .ci/; `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help test proof bench run

help: ## Lists these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

test: ## Formatting, lints, documentation, all tests, examples, models of the core, proofs with a small N
	@bash .ci/test.sh

proof: ## The long campaigns, with their full N; results go to tests/proof/RESULTS.md
	@bash .ci/proof.sh

bench: ## Measures the engine beside its limit
	@cargo run --release --quiet -- bench engine

run: ## Runs all topologies
	@cargo run --release
