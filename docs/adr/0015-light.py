#!/usr/bin/env python3
"""Makes the sets of ADR 0015: 0015-light.py PEOPLE DIR. Needs opencv-python-headless and numpy."""

import os
import sys

import cv2
import numpy

PEOPLE_MAX = 450
generator = numpy.random.default_rng(1)
equaliser = cv2.createCLAHE(2.0, (8, 8))


def equalise(picture):
    lab = cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)
    lab[..., 0] = equaliser.apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2BGR)


def expose(picture, gain):
    noise = generator.normal(0, 2.0, picture.shape)
    return numpy.clip(picture.astype(float) * gain + noise, 0, 255).astype(numpy.uint8)


def from_the_side(picture):
    ramp = numpy.linspace(0.04, 0.9, picture.shape[1])
    return expose(picture, ramp[None, :, None])


LIGHTS = {"plain": lambda p: p, "dark": lambda p: expose(p, 0.12), "side": from_the_side}


def main(people, target):
    few = lambda person: 2 <= len(os.listdir(os.path.join(people, person))) <= 5
    for person in [p for p in sorted(os.listdir(people)) if few(p)][:PEOPLE_MAX]:
        for number, name in enumerate(sorted(os.listdir(os.path.join(people, person)))):
            picture = cv2.imread(os.path.join(people, person, name))
            for light, change in LIGHTS.items():
                lit = picture if number == 0 else change(picture)
                for ending, finish in (("", lambda p: p), ("+clahe", equalise)):
                    directory = os.path.join(target, light + ending, person)
                    os.makedirs(directory, exist_ok=True)
                    cv2.imwrite(os.path.join(directory, name + ".png"), finish(lit))


main(*sys.argv[1:])
