# Each target is one script. `make demo CAMERA=/dev/video0` uses a real camera,
# `make fuzz SECONDS=300` runs each fuzz target for five minutes, `make test-vm VM='test(faults)'`
# runs some of the whole machines. scripts/deb, scripts/repository and scripts/release explain KEY,
# URL, MAINTAINER, HOMEPAGE and VALID_DAYS.
CAMERA ?=
SECONDS ?= 10
DESTDIR ?=
PEOPLE ?=
OTHERS ?=
STRANGERS ?=
VM ?= all()
KEY ?=
URL ?=
MAINTAINER ?=
HOMEPAGE ?=
VALID_DAYS ?=
VERSION ?=
SETTINGS ?=
export KEY URL MAINTAINER HOMEPAGE VALID_DAYS SETTINGS

.PHONY: build settings demo test test-settings test-vm fuzz sanitise bench upright siege lint install deb repository release release-twice book screenshots clean-stage

build:
	scripts/build

settings:
	scripts/settings

demo:
	CAMERA='$(CAMERA)' scripts/demo

test:
	scripts/test

test-settings:
	scripts/test-settings

test-vm:
	scripts/test-vm '$(VM)'

fuzz:
	scripts/fuzz '$(SECONDS)'

sanitise:
	scripts/sanitise

bench:
	scripts/bench

upright:
	PEOPLE='$(PEOPLE)' OTHERS='$(OTHERS)' STRANGERS='$(STRANGERS)' scripts/upright

siege:
	scripts/siege

lint:
	scripts/lint

install:
	DESTDIR='$(DESTDIR)' scripts/install

deb:
	scripts/deb

repository:
	scripts/repository

release:
	scripts/release '$(VERSION)'

release-twice:
	scripts/release --twice '$(VERSION)'

book:
	scripts/book

screenshots:
	scripts/screenshots-terminal

clean-stage:
	rm -rf stage target/fpass/stage
