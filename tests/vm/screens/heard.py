"""Prints what a login screen tells assistive technology.

The events are: a text is shown, the screen waits for a password, something is typed. Each event is
one line with the seconds since the start of the machine."""
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib

NAME = "object:property-change:accessible-name"
TYPED = "object:text-changed:insert"
FOCUSED = "object:state-changed:focused"


def heard(event):
    try:
        role, name = event.source.get_role_name(), event.source.get_name()
    except GLib.Error:
        return  # The widget no longer exists.
    what = ""
    if role == "password text":
        if event.type.startswith(TYPED):
            what = "typed"
        elif event.type.startswith(FOCUSED) and event.detail1:
            what = "waits for a password"
    elif role in ("label", "info bar") and name and event.type.startswith(NAME):
        # The name of a label is the text that it shows.
        what = f"{role}: {name}"
    if what:
        print(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.2f} {what}", flush=True)


Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in (NAME, TYPED, FOCUSED):
    listener.register(kind)
print("listening", flush=True)
GLib.MainLoop().run()
