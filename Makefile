# Two commands are all it takes on a fresh machine: make run, make test.

SHELL := /bin/bash
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin:$(HOME)/.cargo/bin

prefix ?= /usr/local

.PHONY: setup setup-test run test test-hosts tour bench lint fmt pot install

## Install what is missing to build and run.
setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

## Build, and open the window with the practice lab; without a display, take the tour.
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		cargo build --release && exec target/release/vireo --lab; \
	else \
		echo "No display here: the tour instead. It leaves pictures in docs/pictures/."; \
		$(MAKE) --no-print-directory tour; \
	fi

## Format, lints and all tests; as root also those of three hosts with kernels of their own.
test: setup-test
	scripts/test

## The tutorial for real: three hosts with kernels of their own (Debian, root). Installs what that takes.
test-hosts:
	scripts/setup hosts
	scripts/test-hosts

## Walk through the program and picture each step.
tour: setup-test
	scripts/headless cargo run --release --example tour

## Measure, and write BENCHMARKS.md.
bench: setup-test
	cargo bench --bench numbers

lint:
	cargo clippy --all-targets -- -D warnings

fmt:
	cargo fmt

## Renew the catalogue of texts to translate.
pot:
	scripts/pot

install: setup-test
	[ -d build ] || meson setup build --prefix=$(prefix) --buildtype=release
	meson install -C build
