# The longer steps lie in .ci/; `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help test services proof bench peers peers-quick peers-sweep run

help: ## Lists these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

test: ## Formatting, lints, documentation, all tests, examples, models of the core, proofs with a small N, instruction counts
	@bash .ci/test.sh

services: ## Installs what tests start: PostgreSQL, MariaDB, a PDS of Bluesky, a mock of Mastodon, a wrong clock (Debian)
	@bash .ci/install-services.sh

proof: ## The long campaigns, with their full N; results go to tests/proof/RESULTS.md
	@bash .ci/proof.sh

bench: ## Measures the engine beside its limit
	@cargo run --release --quiet -- bench engine

race := cargo run --release --quiet --manifest-path tests/peers/Cargo.toml --target-dir target/peers --package race --

peers: ## Races Storm and timely for some 13 minutes (needs Java 17 and Maven); rewrites tests/peers/RESULTS.md
	@$(race) full

peers-quick: ## The same in 2 minutes, only to see that it runs
	@$(race) quick

peers-sweep: ## Finds the settings under which Storm does best, for some 15 minutes
	@$(race) sweep

run: ## Runs all topologies
	@cargo run --release
