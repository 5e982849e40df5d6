# SPDX-License-Identifier: Apache-2.0
# The doors of the house. Each first installs what is missing (tools/setup, instant when nothing
# is); the build itself is described in meson.build.
BUILD        ?= build
PREFIX       ?= /usr/local
DESTDIR      ?=
FUZZ_SECONDS ?= 60
HOSTILE_IMAGES ?= 100000
HOSTILE_GRAPH ?= 10000
MESON_FLAGS  ?=

.DEFAULT_GOAL := all
.PHONY: all demo test bench fuzz lint tidy install clean help setup setup-ci
.NOTPARALLEL:

# With or without the page of the graph (web/), whose packages set-up installs where npm is.
deps = $(shell tools/setup --print-prefix)
page = $(wildcard web/node_modules/.package-lock.json)
# configure FOLDER FLAGS: once, and again from scratch when set-up or the prefix has changed
define configure
	@if ! [ -e $(1)/build.ninja ] || [ "$$(cat $(1)/.deps 2>/dev/null)" != "$(deps) $(page)" ]; then \
		rm -rf $(1)/meson-private $(1)/build.ninja && \
		meson setup $(1) -Dpkg_config_path=$(deps)/lib/pkgconfig $(2) $(MESON_FLAGS) && \
		echo "$(deps) $(page)" >$(1)/.deps; fi
endef

all: setup ## build the program: build/hullmark
	$(call configure,$(BUILD))
	@ninja -C $(BUILD)
	@ln -sf src/hullmark $(BUILD)/hullmark

demo: all ## release a real image into a local registry, and see the gate deny the others
	@HULLMARK_PROGRAM=$(abspath $(BUILD))/hullmark tests/demo/demo

test: all ## every test that can run here; says loudly which cannot
	@tools/test --build $(BUILD)

bench: setup-ci all ## speed and memory, beside a peer or the limit of the machine
	@HULLMARK_PROGRAM=$(abspath $(BUILD))/hullmark tests/bench/run

fuzz: export CC = clang
fuzz: setup-ci ## each fuzz target for FUZZ_SECONDS (60), with Clang's sanitizers; HOSTILE_IMAGES (100000), HOSTILE_GRAPH (10000)
	$(call configure,$(BUILD)-fuzz,-Dfuzz=true)
	@ninja -C $(BUILD)-fuzz
	@tools/fuzz --build $(BUILD)-fuzz --seconds $(FUZZ_SECONDS)
	@tests/hostile/run $(BUILD)-fuzz $(HOSTILE_IMAGES)
	@HULLMARK_PROGRAM=$(abspath $(BUILD))-fuzz/src/hullmark HOSTILE_GRAPH=$(HOSTILE_GRAPH) tests/server/graph-mutants.sh

lint: setup-ci all ## the rules of CONTRIBUTING.md that a program can check
	@tools/lint --build $(BUILD)

tidy: export CC = clang
tidy: setup-ci ## the program by Clang, whose warnings are errors, and the defects that clang-tidy finds in src/
	$(call configure,build-clang,-Dwerror=true -Dbuildtype=debug -Doptimization=0)
	@ninja -C build-clang src/hullmark
	@tools/lint --build build-clang --tidy

install: all ## program, manual pages and completions under PREFIX (/usr/local), into DESTDIR
	@meson configure $(BUILD) -Dprefix=$(abspath $(PREFIX))
	@ninja -C $(BUILD)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

clean: ## remove what was built here; the libraries that set-up built stay
	@rm -rf $(BUILD) $(BUILD)-fuzz build-gcc build-clang build-asan build-tsan

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

setup:
	@tools/setup

setup-ci:
	@tools/setup --ci
