# Each target is one script. `make demo CAMERA=/dev/video0` uses a real camera.
CAMERA ?=
DESTDIR ?=

.PHONY: build demo test bench lint install clean-stage

build:
	scripts/build

demo:
	CAMERA='$(CAMERA)' scripts/demo

test:
	scripts/test

bench:
	scripts/bench

lint:
	scripts/lint

install:
	DESTDIR='$(DESTDIR)' scripts/install

clean-stage:
	rm -rf stage target/fpass/stage
