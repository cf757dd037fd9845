# The commands of the project. `make help` lists them.

# `local` is nearly what is deployed. Who changes the code wants PROFILE=dev.
PROFILE ?= local
DATA_DIR ?= .data
FUZZ_SECONDS ?= 60

TARGET := $(or $(CARGO_TARGET_DIR),target)
OUTPUT := $(TARGET)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
export DATA_DIR PROFILE
$(if $(NODES),$(eval export NODES))

.DEFAULT_GOAL := help
.PHONY: help run build reset test fmt fuzz openapi bench-roles bench-cold bench-media churn-media bench-invitations

help: ## This list
	@echo 'Dais. The commands:'
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26
	@echo
	@echo 'Settings of make run, such as make run PORT=4000 MEMORY=1:'
	@echo '  PORT=3000      where it listens; 0 picks a free port'
	@echo '  DATA_DIR=.data where its file lives'
	@echo '  MEMORY=1       keeps nothing'
	@echo '  NODES=1        media nodes; 0 starts none'
	@echo '  SPAWN=1        runs the functions as their own programs, as Lambda does'
	@echo '  ARGS=--help    is passed on, and this one lists what else there is'
	@echo '  PROFILE=dev    builds in half the time, after a change in a tenth of it, and runs slower'

run: build ## Starts the local cloud and prints its addresses and three sign-in tokens
	@exec $(OUTPUT)/dais-local $(if $(SPAWN),--spawn) $(ARGS)

# The programs that are built, as each is optimised by itself: those of `make run`, and what a command below needs more. Of the whole
# workspace, always: a part of it would select other features and compile its dependencies again.
PROGRAMS := dais-local dais-media-node
build: ## Builds all that `make run` needs
	@cargo build --workspace $(if $(SPAWN),--bins,$(PROGRAMS:%=--bin %)) --profile $(PROFILE)

reset: ## Forgets the state of the local cloud
	rm -rf -- '$(DATA_DIR)'

test: ## Checks formatting, lints, template and dependencies, and runs all tests
	@.ci/test

fmt: ## Formats the code
	@cargo fmt --all

openapi: ## Writes the documents of the REST API and of the socket again, after a change of an operation or an event
	@UPDATE=1 cargo test --workspace --quiet --test openapi --test asyncapi

fuzz: ## Fuzzes the codec and the media plane, FUZZ_SECONDS=60 for each target (the first build takes minutes)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) .ci/fuzz

bench-roles: PROGRAMS += dais-bench signaling
bench-roles: build ## Measures role changes in rooms of 2 to 1,000 sockets, and what they cost
	@.ci/tools bench
	@PROFILE=$(PROFILE) node tests/bench/roles.mjs

bench-cold: PROGRAMS += dais-bench
bench-cold: build ## Measures the cold start of the release signaling function (its build takes minutes)
	@cargo build --release --locked -p dais-signaling
	@.ci/tools bench
	@PROFILE=$(PROFILE) node tests/bench/cold.mjs

bench-media: PROGRAMS += dais-media-load
bench-media: build ## Measures the media node: what a forwarded packet, a join and a subscriber cost
	@.ci/tools bench
	@PROFILE=$(PROFILE) node tests/bench/media.mjs

churn-media: PROGRAMS += dais-media-load
churn-media: build ## Five minutes of joins, leaves, mutes and reloads, and what the media node holds afterwards
	@.ci/tools bench
	@PROFILE=$(PROFILE) node tests/bench/media-churn.mjs

bench-invitations: build ## Measures a call that invites 50 addresses, its mails, and what they cost
	@PROFILE=$(PROFILE) node tests/bench/invitations.mjs
