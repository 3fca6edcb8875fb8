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
    # Nobody turns the head in these pictures.
    set_key mode '"off"'
    # Few frames arrive here: one processor both plays and analyses them.
    sed -i '/^\[enrolment\]/,/^\[/ { s/^frames = .*/frames = 5/; s/^timeout_ms = .*/timeout_ms = 180000/ }' \
        /etc/fpass/fpassd.toml
    udevadm settle
}
# The daemon computes on the same processor, so the feeder gets a higher priority.
feed_camera() {
    rm -f /run/scene.shown
    nice -n -19 /mnt/feed "$loopback" /mnt/frames /run/scene 8 2>/run/feed.log &
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
