# Each target is one script. `make demo CAMERA=/dev/video0` uses a real camera, `make fuzz SECONDS=300` takes
# five minutes for each target.
CAMERA ?=
SECONDS ?= 10
DESTDIR ?=

.PHONY: build demo test fuzz sanitise bench lint install deb clean-stage

build:
	scripts/build

demo:
	CAMERA='$(CAMERA)' scripts/demo

test:
	scripts/test

fuzz:
	scripts/fuzz '$(SECONDS)'

sanitise:
	scripts/sanitise

bench:
	scripts/bench

lint:
	scripts/lint

install:
	DESTDIR='$(DESTDIR)' scripts/install

deb:
	scripts/deb

clean-stage:
	rm -rf stage target/fpass/stage
