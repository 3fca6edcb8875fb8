#!/bin/bash
# USB cameras: how one is named, what is said about each, which one a login uses, and whether
# another may replace it. The kernel's fake controller (dummy_hcd) has no isochronous endpoints,
# so its camera gadget does not start. A fake sysfs mounted over the real one therefore says where
# two cameras of drivers without hardware are plugged in. Everything else is real.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
face_in su
# The loopback camera has the highest number. A test driver has another camera, and a node for
# output.
camera 5
modprobe vivid n_devs=1 node_types=0x101 num_inputs=1 input_types=0 num_outputs=1 vid_cap_nr=1 vid_out_nr=2
udevadm settle
ours=$loopback other=/dev/video1 output=/dev/video2

# What sysfs says about the nodes and their controller: files that can be changed while the daemon
# runs.
root=/sys/devices/faux
mount -t tmpfs tmpfs "$root"
mount -t tmpfs tmpfs /sys/class/video4linux
# plug NODE DEVICE PRODUCT INTERFACE SERIAL: plugs NODE in at port DEVICE of the first bus.
plug() {
    local node=${1##*/} device=$root/usb1/1-$2
    local place=$device/1-$2:1.0/video4linux/$node
    mkdir -p "$place"
    echo 1209 >"$device/idVendor"
    echo "$3" >"$device/idProduct"
    echo "$4" >"$device/1-$2:1.0/bInterfaceNumber"
    echo "$5" >"$device/serial"
    ln -sfn "$place" "/sys/class/video4linux/$node"
}
plug "$ours" 1 0001 00 A1
plug "$other" 2 0001 00 B2
plug "$output" 3 0002 00 C3

name() { configure device "\"$1\""; }
# about NODE: the sentence about this camera. told NODE TEXT: TEXT when the sentence contains it,
# otherwise the sentence.
about() { { fpass-enroll cameras || true; } | grep -A 1 -F "$1" | tail -n 1; }
told() { if about "$1" | grep -F "$2" >/dev/null; then echo "$2"; else about "$1"; fi; }
attempt() { mark; ask_su || true; }
# word TEXT: TEXT when the journal contains it.
word() { if said "$1"; then echo "$1"; else echo "the journal has no such word"; fi; }
other_camera="refused, Your F-pass was set up with another camera"

section "no device is named"
set_key device '""'
systemctl start fpassd
mark
row "several cameras: the ids of the first" "1209:0001 00 A1" "$(told "$ours" '1209:0001 00 A1')"
row "several cameras: the ids of the second" "1209:0001 00 B2" "$(told "$other" '1209:0001 00 B2')"
row "USB ids alone do not count as hardware" "Its pictures come from a program" "$(told "$ours" 'Its pictures come from a program')"

section "a camera named by its ids"
name usb:1209:0001:A1
row "named with its serial number" "YUYV up to 640x480" "$(told "$ours" 'YUYV up to 640x480')"
row "the other camera with the same ids" "camera.device names another one" \
    "$(told "$other" 'camera.device names another one')"
row "a node for output" "It captures no video" "$(told "$output" 'It captures no video')"
expect 0 enrol alice
judged ask_su
row "su: the camera with this serial number" admitted "$(outcome)"
name usb:1209:0001:A2
row "a serial number that no camera has" "No camera was found" "$(told usb:1209:0001:A2 'No camera was found')"
attempt
row "su: a serial number that no camera has" "refused, No camera was found" "$(outcome)"

section "several cameras with the configured ids"
name usb:1209:0001
row "first of them" "$other" "$({ fpass-enroll cameras || true; } | grep -o '/dev/video[0-9]*' | head -n 1)"
judged ask_su
row "su: the enrolment camera is preferred to the first" admitted "$(outcome)"
sed -i '1i auth optional pam_fpass.so prewarm' /etc/pam.d/su
judged ask_su
row "su: with a camera that is started ahead" admitted "$(outcome)"
ahead="the camera was started ahead of an attempt"
row "started ahead: the enrolment camera" "$ahead" "$(word "$ahead")"

section "another device instead of the camera"
name "$ours"
for changed in "serial number:1:0001:00:A2" "product:1:0003:00:A1" "interface:1:0001:02:A1"; do
    IFS=: read -r what port product interface serial <<<"$changed"
    plug "$ours" "$port" "$product" "$interface" "$serial"
    attempt
    # Its light must not tell whose camera it is.
    row "started ahead: another $what" "$ahead" "$(word "$ahead")"
    row "su: the same place and pictures, another $what" "$other_camera" "$(outcome)"
done
plug "$ours" 1 0001 00 A1
judged ask_su
row "su: the enrolment camera is back" admitted "$(outcome)"

section "the camera is unplugged"
kill "$feeder"
wait "$feeder" || true
modprobe -r v4l2loopback
rm -rf "$root/usb1/1-1" "/sys/class/video4linux/${ours##*/}"
name usb:1209:0001:A1
row "unplugged" "No camera was found" "$(told usb:1209:0001:A1 'No camera was found')"
attempt
row "su: unplugged" "refused, No camera was found" "$(outcome)"
name usb:1209:0001
attempt
row "su: unplugged, with another camera of the same ids" "$other_camera" "$(outcome)"
camera 5
plug "$ours" 1 0001 00 A1
name usb:1209:0001
judged ask_su
row "su: plugged in again" admitted "$(outcome)"
finish
