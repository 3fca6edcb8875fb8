"""Prints what a login screen shows and that something is typed, as assistive technology is told:
one line for each event, with the seconds since the start of the machine."""
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib


def heard(event):
    try:
        role, name = event.source.get_role_name(), event.source.get_name()
    except GLib.Error:
        return  # It is gone already.
    if event.type.startswith("object:text-changed:insert"):
        # What a label shows is told by its name, too.
        what = "typed" if role == "password text" else ""
    elif role in ("label", "info bar") and name:
        what = f"{role}: {name}"
    else:
        what = ""
    if what:
        print(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.2f} {what}", flush=True)


Atspi.init()
listener = Atspi.EventListener.new(heard)
for kind in ("object:property-change:accessible-name", "object:text-changed:insert"):
    listener.register(kind)
print("listening", flush=True)
GLib.MainLoop().run()
