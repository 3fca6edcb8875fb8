#!/bin/bash
# The camera, the daemon, the bus or the disk fails before or during a login. The login must end
# by itself and be refused with a sentence. Once the fault has ended, the right face must log in.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
face_in su
camera
# Alice enrols with one camera; two cameras look for her.
set_key pin false
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0 vid_cap_nr=1
udevadm settle
systemctl start fpassd
expect 0 enrol alice

# use DEVICE: selects the camera from the next attempt on.
use() { configure device "\"$1\""; }
# during COMMAND...: runs COMMAND in the middle of an attempt. Nobody is in front of the camera,
# so the attempt lasts.
during() {
    local device tries attempt
    device=$(sed -n 's/^device = "\(.*\)"/\1/p' /etc/fpass/fpassd.toml)
    before_camera nobody
    mark
    ask_su &
    attempt=$!
    for ((tries = 0; tries < 300; tries++)); do
        find "/proc/$(systemctl show -P MainPID fpassd)/fd" -lname "$device" 2>/dev/null | grep . >/dev/null && break
        sleep 0.1
    done
    [ "$tries" -lt 300 ] || fail "the camera was never opened"
    sleep 0.5
    "$@"
    wait "$attempt" || true
}
# before: an attempt that has the fault from its start.
before() { before_camera alice; mark; ask_su || true; }
# fault SCENARIO SENTENCE...: checks that the attempt was refused with one of these sentences.
fault() {
    local scenario=$1 seen sentence; shift
    seen=$(outcome)
    for sentence; do
        if [ "$seen" = "refused, $sentence" ]; then break; fi
    done
    row "$scenario" "refused, $sentence" "$seen"
}
# recovered SCENARIO: checks a login with the right face, from the loopback camera.
recovered() {
    before_camera alice
    judged ask_su
    row "$1, then the right face" admitted "$(outcome)"
}

section "no camera"
use /dev/video7
before
fault "no camera" "No camera was found"
use /dev/video0
recovered "no camera"

section "a camera that is pulled out"
use /dev/video1
during v4l2-ctl -d /dev/video1 -c disconnect=1
fault "camera pulled out during the attempt" "The camera stopped working" "No camera was found"
echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind
before
fault "camera pulled out before the attempt" "No camera was found"
echo vivid.0 >/sys/bus/platform/drivers/vivid/bind
udevadm settle
use /dev/video0
recovered "camera pulled out"

section "a camera that fails"
use /dev/video1
v4l2-ctl -d /dev/video1 -c inject_vidioc_streamon_error=1
before
# The next format starts; vivid's picture has no face.
fault "camera refuses its first format" "No face was seen"
during v4l2-ctl -d /dev/video1 -c inject_fatal_streaming_error=1
fault "camera fails during the attempt" "The camera stopped working"
v4l2-ctl -d /dev/video1 -c percentage_of_dropped_buffers=100
before
fault "camera drops every picture" "The camera sends no pictures"
v4l2-ctl -d /dev/video1 -c percentage_of_dropped_buffers=0
use /dev/video0
recovered "camera failed"

section "another program holds the camera"
use /dev/video1
v4l2-ctl -d /dev/video1 --stream-mmap --stream-count=0 >/dev/null 2>&1 &
holder=$!
sleep 1
before
fault "camera held by another program" "Another program is using the camera"
kill "$holder"
use /dev/video0
recovered "camera held by another program"

section "a camera that hangs"
during kill -STOP "$feeder"
fault "camera hangs during the attempt" "The camera sends no pictures" "The camera picture is frozen"
mark
ask_su || true
fault "camera hangs before the attempt" "The camera sends no pictures" "The camera picture is frozen"
kill -CONT "$feeder"
recovered "camera hangs"

section "the daemon"
during systemctl kill -s KILL fpassd
fault "daemon killed during the attempt" "The face check was interrupted"
recovered "daemon killed"
# As on a suspended machine: no part of the daemon runs for longer than the deadline.
during systemctl freeze fpassd
fault "daemon frozen during the attempt" "The face check took too long"
systemctl thaw fpassd
recovered "daemon frozen"

section "the bus"
restart_bus() { systemctl restart dbus.service; }
during restart_bus
fault "bus restarted during the attempt" "The face check was interrupted"
recovered "bus restarted"

section "the disk"
systemctl stop fpassd
cp -a /var/lib/fpass /run/store
mount -t tmpfs -o size=128k,mode=0700,uid="$(id -u fpassd)",gid="$(id -g fpassd)" tmpfs /var/lib/fpass
cp -a /run/store/. /var/lib/fpass/
systemctl start fpassd
dd if=/dev/zero of=/var/lib/fpass/filled bs=1k 2>/dev/null || true
# A login needs no free space: it is counted and recorded in place.
recovered "disk full"
rm /var/lib/fpass/filled
recovered "space is free again"

section "a daemon that cannot start"
# ended: waits for the daemon to fail. Before it ends, it answers for a moment.
ended() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        [ "$(systemctl show -P ActiveState fpassd)" != failed ] || return 0
        sleep 0.1
    done
    fail "the daemon goes on"
}
told() { if said "$1"; then echo yes; else echo no; fi; }
# unready SCENARIO WORDS: the daemon itself must refuse, so that no login waits for a deadline.
unready() {
    before
    fault "$1" "The face check is not running"
    row "$1: the answer of the daemon" NotReady "$(reason su)"
    row "$1: the journal says '$2'" yes "$(told "$2")"
    ended
    row "$1: exit status, restarts" "78 0" \
        "$(systemctl show -P ExecMainStatus fpassd) $(systemctl show -P NRestarts fpassd)"
}
remedy="run fpass-enroll models install"
systemctl stop fpassd
umount /usr/share/fpass/models
row "no models: systemctl start" failed "$(if systemctl start fpassd 2>/dev/null; then echo started; else echo failed; fi)"
unready "no models" "$remedy"
unready "no models, again" "$remedy"
install_models
recovered "models installed, and no other command"

systemctl stop fpassd
umount /usr/share/fpass/models
cp -r /mnt/models /run/models
for model in /run/models/*; do printf 'damaged' | dd of="$model" bs=1 seek=1000 conv=notrunc status=none; done
mount --bind /run/models /usr/share/fpass/models
unready "damaged models" "$remedy"
umount /usr/share/fpass/models
install_models
recovered "models replaced, and no other command"

systemctl stop fpassd
chmod 0600 /etc/fpass/fpassd.toml
unready "a configuration that the daemon cannot read" /etc/fpass/fpassd.toml
chmod 0644 /etc/fpass/fpassd.toml
recovered "configuration readable, and no other command"
finish
