# Sourced by lib.sh: the camera, and the person in front of it.

# Sets one key of fpassd.toml. A daemon that already runs must be reloaded afterwards.
set_key() {
    sed -i "s|^#\? *$1 = .*|$1 = $2|" /etc/fpass/fpassd.toml
    grep "^$1 = " /etc/fpass/fpassd.toml
}
# configure KEY VALUE: sets a key and reloads the daemon; it applies from the next attempt on.
configure() {
    local tries
    mark
    set_key "$1" "$2"
    systemctl reload fpassd
    for ((tries = 0; tries < 300; tries++)); do
        said "the configuration was read again" && return
        sleep 0.1
    done
    fail "the configuration is not read again"
}

# camera [NUMBER]: a loopback camera at /dev/video0, or at NUMBER, with alice in front of it.
camera() {
    loopback=/dev/video${1:-0}
    modprobe v4l2loopback video_nr="${1:-0}" card_label="Test camera" exclusive_caps=1
    scene alice
    feed_camera
    set_key device "\"$loopback\""
    # Nobody turns the head in these pictures; see asks_for_turns.
    set_key mode '"off"'
    # Few frames arrive here: one processor both plays and analyses them.
    sed -i '/^\[enrolment\]/,/^\[/ { s/^frames = .*/frames = 5/; s/^timeout_ms = .*/timeout_ms = 180000/ }' \
        /etc/fpass/fpassd.toml
    udevadm settle
}
# The screen that a person who turns reads, as a file that grows by what is shown.
person_reads=/run/nothing
turns_asked=no
# feed_camera [RATE]. The daemon computes on the same processor, so the feeder gets a higher
# priority.
feed_camera() {
    rm -f /run/scene.shown
    nice -n -19 /mnt/feed "$loopback" /mnt/frames /run/scene "${1:-8}" "$person_reads" 2>/run/feed.log &
    feeder=$!
    until [ -e /run/scene.shown ]; do
        kill -0 "$feeder" || fail "the feeder ended: $(cat /run/feed.log)"
        sleep 0.1
    done
}
# scene NAME: the scene that the feeder plays from the next frame on. The feeder reads the file at
# each frame, so the file is replaced atomically.
scene() {
    echo "$1" >/run/scene.next
    mv /run/scene.next /run/scene
}
# Puts alice, bob or nobody in front of the camera, and waits until older frames have gone by.
before_camera() {
    scene "$1"
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(cat /run/scene.shown)" = "$1" ] && break
        sleep 0.05
    done
    [ "$tries" -lt 600 ] || fail "the feeder does not show $1: $(cat /run/feed.log)"
    sleep 0.8
}

# Machine::with_turns has the scenes "turns", a person who turns the head to the side that
# $person_reads asks for, and "picture", a picture of that person.
#
# The person knows only what the screen shows: what a screen reader hears, or the text of a
# terminal. Neither the journal nor the bus tells her the side.
asks_for_turns() {
    # Every attempt, not only the first one in a session.
    set_key remember_minutes 0
    configure mode '"turn"'
    turns_asked=yes
    # The daemon comes before login screens: on the one processor they would take frames from it.
    renice -n -15 -p $(ls "/proc/$(pidof fpassd)/task") >/dev/null || true
    feed_again turns 16
}
# Attempts ask for no turn again.
asks_for_no_turns() {
    configure mode '"off"'
    turns_asked=no chances=(1 2 3)
    feed_again alice
}
# feed_again SCENE [RATE]
feed_again() {
    kill "$feeder"
    wait "$feeder" 2>/dev/null || true
    scene "$1"
    feed_camera "${2:-}"
    before_camera "$1"
}
