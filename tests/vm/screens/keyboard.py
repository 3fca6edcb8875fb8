"""A keyboard that types the lines of its input: "text WORD" letter by letter, "key ENTER" one key.
Prints each line once it is typed."""
import sys
import time

from evdev import UInput, ecodes

NAMES = {"-": "MINUS", " ": "SPACE"}


def press(keyboard, name):
    code = ecodes.ecodes["KEY_" + name]
    for state in (1, 0):
        keyboard.write(ecodes.EV_KEY, code, state)
        keyboard.syn()
        time.sleep(0.06)


with UInput(name="Keyboard") as keyboard:
    print("plugged in", flush=True)
    for line in sys.stdin:
        kind, what = line.rstrip("\n").split(" ", 1)
        for name in [what] if kind == "key" else (NAMES.get(letter, letter.upper()) for letter in what):
            press(keyboard, name)
        print(line, end="", flush=True)
