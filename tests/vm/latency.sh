#!/bin/bash
# How long each stage of an attempt takes, from the journal of a daemon at debug level. sudo runs
# with the camera off while the password is typed, then with the camera started ahead. Then the
# camera is started ahead and no password follows. Last comes a camera of the kernel's test driver.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
usermod -aG sudo alice
camera
# Alice enrols with one camera; two cameras look for her.
set_key pin false
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0 vid_cap_nr=1
udevadm settle
# As documented in fpassd(8).
mkdir -p /etc/systemd/system/fpassd.service.d
printf '[Service]\nExecStart=\nExecStart=/usr/libexec/fpassd --debug\n' \
    >/etc/systemd/system/fpassd.service.d/debug.conf
systemctl daemon-reload
systemctl start fpassd
expect 0 enrol alice
expect 0 fpass-enroll pam enable --recovery sudo

# sudo_after SECONDS: her password is typed this many seconds after the prompt.
sudo_after() {
    rm -rf /tmp/tmp.*
    on_terminal alice -d "$1" 'password for' alice-secret -- sudo -k sh -c "$who"
}
awaited() { grep -aqs 'password for' /tmp/tmp.*/screen; }
# light: the state of the camera light. A driver switches it on while the device is open.
light() {
    if find "/proc/$(systemctl show -P MainPID fpassd)/fd" -lname "$device" 2>/dev/null | grep . >/dev/null
    then echo on; else echo off; fi
}
# within TRIES COMMAND...: waits until COMMAND succeeds, for TRIES tenths of a second.
within() {
    local tries=$1; shift
    while ((tries-- > 0)); do
        "$@" && return
        sleep 0.1
    done
    fail "'$*' did not come"
}
is_off() { [ "$(light)" = off ]; }
looks() { daemon_since | grep -c -x -e frame -e 'attempt for uid.*' || true; }
# watched SECONDS STATE: the same sudo; notes the light and the frames while the password is
# awaited: as soon as the light has this state, or after two seconds.
watched() {
    local tries=20
    mark
    sudo_after "$1" &
    attempt=$!
    within 300 awaited
    while ((tries-- > 0)) && [ "$(light)" != "$2" ]; do sleep 0.1; done
    lit=$(light)
    looked=$(looks)
}
cold() { sed -i '/pam_fpass.so prewarm$/d' /etc/pam.d/sudo; }
# use DEVICE: selects the camera from the next attempt on.
use() {
    device=$1
    configure device "\"$device\""
}

fields=(CAMERA FIRST_FRAME USABLE_FRAME DETECT LANDMARKS EMBED TOTAL)
# records FIELD=VALUE...: the journal records of the daemon that have all these fields.
records() {
    journalctl --no-pager -o export --after-cursor="$from" |
        awk -v RS= -v ORS='\n\n' -v wanted="$(printf '%s\\n' SYSLOG_IDENTIFIER=fpassd "$@")" '
            BEGIN { count = split(wanted, line, "\n") - 1 }
            {
                for (i = 1; i <= count; i++) if (!index("\n" $0 "\n", "\n" line[i] "\n")) next
                print
            }'
}
# ms FIELD MATCH...: milliseconds in FIELD, one value for each record.
ms() { local field=$1; shift; records "$@" | sed -n "s/^FPASS_${field}_MS=//p"; }
median() {
    sort -n | awk '{ value[NR] = $1 }
        END { if (NR) printf "%.1f\n", (value[int((NR + 1) / 2)] + value[int((NR + 2) / 2)]) / 2; else print "-" }'
}
# figure NAME RESULT FIELD...: medians of the attempts with this result. "-" instead of a field
# leaves the column empty.
figure() {
    local name=$1 matches=(FPASS_KIND=attempt "FPASS_RESULT=$2") line field; shift 2
    line="figure: $name | $(ms TOTAL "${matches[@]}" | wc -l)"
    for field; do
        if [ "$field" = - ]; then line+=" | -"; else line+=" | $(ms "$field" "${matches[@]}" | median)"; fi
    done
    echo "$line"
}
# started_ahead: milliseconds to open each camera that was started ahead.
started_ahead() { records MESSAGE="the camera was started ahead of an attempt" | sed -n 's/^FPASS_CAMERA_MS=//p'; }
figure_ahead() { echo "figure: $1 | $(started_ahead | wc -l) | $(started_ahead | median) | - | - | - | - | -"; }
# several COUNT: makes COUNT attempts; `records` reads from the first of them on.
several() {
    local count=$1
    mark
    from=$cursor
    while ((count-- > 0)); do judged sudo_after 2; done
    journalctl --sync
}
# smaller A B: whether A is at most a quarter of B.
smaller() {
    awk -v a="$1" -v b="$2" 'BEGIN { if (a "" b ~ /^[0-9.]+$/ && a <= b / 4) print "yes"; else print a " and " b }'
}
# enough: whether all three attempts have ended in a match.
enough() { [ "$(ms TOTAL FPASS_KIND=attempt FPASS_RESULT=match | wc -l)" -ge 3 ] && echo yes; }

section "the camera off until the password is complete"
device=/dev/video0
before_camera alice
several 3
row "not started ahead: every attempt is a match" yes "$(enough || true)"
row "stages in the journal of every attempt" "${fields[*]}" "$(
    wanted=$(ms TOTAL FPASS_KIND=attempt | wc -l)
    for field in "${fields[@]}"; do
        [ "$(ms "$field" FPASS_KIND=attempt | wc -l)" != "$wanted" ] || echo "$field"
    done | paste -s -d' ')"
row "each frame has its line, with its stages" "FPASS_DETECT FPASS_EMBED FPASS_LANDMARKS FPASS_SEEN" \
    "$(records MESSAGE=frame | grep -o -a -E '^FPASS_(DETECT|LANDMARKS|EMBED|SEEN)' | sort -u | paste -s -d' ')"
figure "v4l2loopback" match CAMERA FIRST_FRAME USABLE_FRAME DETECT EMBED TOTAL
opening=$(ms CAMERA FPASS_KIND=attempt FPASS_RESULT=match | median)
watched 4 off
row "not started ahead: the camera while the password is awaited" off "$lit"
wait "$attempt" || true

section "the camera started ahead"
prewarmed sudo
several 3
figure "v4l2loopback, started ahead" match CAMERA FIRST_FRAME USABLE_FRAME DETECT EMBED TOTAL
figure_ahead "v4l2loopback, the start ahead of it"
row "started ahead: every attempt is a match" yes "$(enough || true)"
row "started ahead: opening the camera in the attempt takes at most a quarter" yes \
    "$(smaller "$(ms CAMERA FPASS_KIND=attempt FPASS_RESULT=match | median)" "$opening")"
watched 4 on
row "started ahead: the camera while the password is awaited" on "$lit"
row "started ahead: frames looked at and attempts by then" 0 "$looked"
wait "$attempt" || true
row "started ahead: the right face then" admitted "$(outcome)"

section "no password follows"
watched 20 on
row "no password: the camera while the password is awaited" on "$lit"
within 150 is_off
row "no password: frames looked at and attempts until the camera is let go" 0 "$(looks)"
says "the camera that was started ahead was let go"
row "no password: the camera then" off "$(light)"
wait "$attempt" || true
row "no password for long: the right face, once it comes" admitted "$(outcome)"

section "a camera of the kernel's test driver"
# It shows test pictures, in which no face is found.
sed -i '/^\[verification\]/,/^\[/ s/^timeout_ms = .*/timeout_ms = 2000/' /etc/fpass/fpassd.toml
cold
use /dev/video1
several 2
figure "vivid" refused CAMERA FIRST_FRAME USABLE_FRAME DETECT - -
prewarmed sudo
several 2
figure "vivid, started ahead" refused CAMERA FIRST_FRAME USABLE_FRAME DETECT - -
figure_ahead "vivid, the start ahead of it"
finish
