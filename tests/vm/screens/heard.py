"""Prints what a login screen shows, that it waits for a password and that something is typed, as assistive
technology is told: one line for each event, with the seconds since the start of the machine."""
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
        return  # It is gone already.
    what = ""
    if role == "password text":
        if event.type.startswith(TYPED):
            what = "typed"
        elif event.type.startswith(FOCUSED) and event.detail1:
            what = "waits for a password"
    elif role in ("label", "info bar") and name and event.type.startswith(NAME):
        # What a label shows is told by its name, too.
        what = f"{role}: {name}"
    if what:
        print(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.2f} {what}", flush=True)


Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in (NAME, TYPED, FOCUSED):
    listener.register(kind)
print("listening", flush=True)
GLib.MainLoop().run()
