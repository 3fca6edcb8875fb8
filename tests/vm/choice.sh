#!/bin/bash
# Which camera is used, what is said about each, and whether another camera may replace it.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
face_in su
# A loopback camera, and the camera of a test driver.
camera
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0 vid_cap_nr=1
udevadm settle
set_key device '""'

section "only cameras fed by programs"
systemctl start fpassd
mark
expect 5 fpass-enroll cameras
# about NODE: the sentence about this camera.
about() { { fpass-enroll cameras || true; } | grep -A 1 -F "$1" | tail -n 1; }
told() { if about "$1" | grep -F "$2" >/dev/null; then echo "$2"; else about "$1"; fi; }
row "auto-detection: v4l2loopback" "Its pictures come from a program" "$(told /dev/video0 'Its pictures come from a program')"
row "auto-detection: vivid" "Its pictures come from a program" "$(told /dev/video1 'Its pictures come from a program')"
code=0; enrol alice || code=$?
row "enrolment without a hardware camera" "No camera was found" \
    "$(grep -o 'No camera was found' /run/enrol.log | head -n 1)"

section "a device that is named"
configure device '"/dev/video0"'
row "named: v4l2loopback" "colour" "$(about /dev/video0 | grep -o colour | head -n 1)"
row "named: the other one" "camera.device names another one" \
    "$(told /dev/video1 'camera.device names another one')"
expect 0 enrol alice

section "a camera other than the enrolment camera"
configure device '"/dev/video1"'
mark
ask_su || true
row "su: the camera is not the enrolment camera" "refused, Your F-pass was set up with another camera" "$(outcome)"
configure pin false
before_camera alice
mark
ask_su || true
# The test driver's camera shows no person.
row "su: the same, with pin = false" "refused, No face was seen" "$(outcome)"
configure pin true
configure device '"/dev/video0"'
judged ask_su
row "su: the enrolment camera" admitted "$(outcome)"
finish
