# Sourced by the scripts of graphical login screens that need a graphics card and a keyboard of
# the kernel.
. /mnt/screens/greeter.sh

# Adds both, and fakes virtual terminals for programs that require them.
graphics_card() {
    install -m 755 /mnt/consoles.so /usr/local/lib/consoles.so
    echo /usr/local/lib/consoles.so >/etc/ld.so.preload
    modprobe vkms
    mkfifo /run/keys
    exec 7<>/run/keys
    python3 /mnt/screens/keyboard.py </run/keys >/run/keyboard.log 2>&1 &
    until_true 30 grep -q 'plugged in' /run/keyboard.log || fail "no keyboard: $(cat /run/keyboard.log)"
    udevadm settle
}
shot() { python3 /mnt/screens/shot.py "$(picture "$1")" || echo "no screenshot $1"; }
# pressed LINE: sends a line to the keyboard, and waits until the keyboard has typed it.
pressed() {
    local lines
    lines=$(wc -l </run/keyboard.log)
    echo "$1" >&7
    until_true 30 further "$lines" || fail "the keyboard ended: $(cat /run/keyboard.log)"
}
further() { [ "$(wc -l </run/keyboard.log)" -gt "$1" ]; }
keys() { pressed "key $1"; }
text() { pressed "text $1"; }
# listen USER PROGRAM: listens to the screen that the user's PROGRAM draws.
listen() {
    local bus
    bus=$(tr '\0' '\n' <"/proc/$(pgrep -u "$1" -x -o "$2")/environ" | grep '^DBUS_SESSION_BUS_ADDRESS=')
    hear "$1" "$bus"
}
