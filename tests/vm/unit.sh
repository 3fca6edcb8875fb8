#!/bin/bash
# Runs as root inside a throw-away machine with systemd, a real bus and a V4L2 camera. /mnt holds the
# staged tree, the models and the frames of two people. Prints what it finds, and fails at the first
# thing that is not as it must be.
set -euo pipefail

section() { echo "== $* ($(cut -d' ' -f1 /proc/uptime) s after the start)"; }
fail() { echo "FAILED: $*"; journalctl -b --no-pager -o cat -u fpassd | tail -n 40; exit 1; }
# expect WANTED COMMAND...: the exit code of a command.
expect() {
    local wanted=$1 code=0; shift
    "$@" </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "'$*' ended with $code, wanted: $wanted"
    echo "ok: '$*' ended with $code"
}
# What the daemon's journal says after the mark, which is set before an attempt.
mark() {
    journalctl --sync
    cursor=$(journalctl --no-pager -o cat -u fpassd -n 1 --show-cursor | sed -n 's/^-- cursor: //p')
    [ -n "$cursor" ] || fail "the journal has no cursor"
}
since() { journalctl --sync; journalctl --no-pager -o cat -u fpassd --after-cursor="$cursor"; }
# says TEXT: after the mark. All is read, so that nothing breaks the pipe.
says() { since | grep -F -e "$1" >/dev/null || fail "the journal does not say '$1'"; echo "ok: the journal says '$1'"; }
# The answer that a file in /proc gives.
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
# is NAME WANTED VALUE
is() { [ "$3" = "$2" ] || fail "$1 is '$3', wanted: '$2'"; echo "ok: $1 is $3"; }

section "installation"
cp -a /mnt/stage/. /
ldconfig
install -d /usr/share/fpass/models
mount --bind /mnt/models /usr/share/fpass/models
systemd-sysusers fpass.conf
systemd-tmpfiles --create fpass.conf
setpriv --reuid=fpassd --regid=fpassd --clear-groups /usr/libexec/fpassd --create-key
systemctl daemon-reload
systemctl reload dbus
useradd -m -s /bin/bash alice; echo alice:alice-secret | chpasswd
useradd -m -s /bin/bash bob; echo bob:bob-secret | chpasswd
echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
# Services whose line asks for the password, then for the face.
for service in login sudo; do
    cp /usr/share/doc/fpass/pam.d/own-service "/etc/pam.d/$service"
done

section "camera"
modprobe v4l2loopback video_nr=0 card_label="Test camera" exclusive_caps=1
# The feeder reads its file again when another one lies in its place: frames follow one another.
play() {
    local number=0 scene
    while :; do
        read -r scene </run/scene
        ln -sfn "$(printf '/mnt/frames/%s/%02d.yuyv' "$scene" "$number")" /run/frame
        number=$(((number + 1) % 20))
        sleep 0.05
    done
}
# Puts a person before the camera, and lets the frames of the one before go by.
before_camera() {
    echo "$1" >/run/scene
    until [[ $(readlink /run/frame) == */"$1"/* ]]; do sleep 0.05; done
    sleep 0.8
}
echo alice >/run/scene
# The daemon computes on the same processor: frames must go on meanwhile.
play & renice -n -19 -p $! >/dev/null
until [ -e /run/frame ]; do sleep 0.05; done
v4lfeed /dev/video0 640 480 YUYV 8 /run/frame >/run/feed.log 2>&1 &
until grep -q ready /run/feed.log; do sleep 0.05; done
sed -i 's|^#\? *device = .*|device = "/dev/video0"|' /etc/fpass/fpassd.toml
grep '^device' /etc/fpass/fpassd.toml
# Frames are rare here: one processor plays them and computes on them.
sed -i '/^\[enrolment\]/,/^\[/ { s/^frames = .*/frames = 5/; s/^timeout_ms = .*/timeout_ms = 180000/ }' \
    /etc/fpass/fpassd.toml
udevadm settle

section "the unit"
systemctl start fpassd || fail "the unit does not start"
pid=$(systemctl show -P MainPID fpassd)
is "the user" fpassd "$(stat -c %U "/proc/$pid")"
is "CapEff" 0000000000000000 "$(status CapEff)"
is "CapBnd" 0000000000000000 "$(status CapBnd)"
is "NoNewPrivs" 1 "$(status NoNewPrivs)"
is "Seccomp" 2 "$(status Seccomp)"
is "Max core file size" 0 "$(awk '/^Max core file size/ { print $5 }' "/proc/$pid/limits")"
for namespace in mnt net ipc; do
    [ "$(readlink "/proc/$pid/ns/$namespace")" != "$(readlink "/proc/self/ns/$namespace")" ] ||
        fail "the daemon shares the machine's $namespace namespace"
    echo "ok: a $namespace namespace of its own"
done
is "a write below /usr, as the daemon sees it" ro \
    "$(nsenter -t "$pid" -m findmnt -n -o OPTIONS -T /usr | tr ',' '\n' | grep -x -e ro -e rw)"
systemctl show fpassd -p User -p NoNewPrivileges -p PrivateNetwork -p ProtectSystem \
    -p MemoryDenyWriteExecute -p DevicePolicy -p DeviceAllow -p MemoryMax
exposure=$(systemd-analyze security --no-pager fpassd | tail -n 1)
echo "$exposure"
level=$(grep -o '[0-9]\+\.[0-9]\+' <<<"$exposure")
awk -v level="$level" 'BEGIN { exit !(level <= 1.0) }' || fail "exposure above 1.0"

section "the main job, inside the sandbox"
# seat USER COMMAND...: runs a command in a session of its own, in the foreground of seat0. A greeter
# asks logind for one in the same way; the machine has no virtual terminals.
cat >/etc/pam.d/fpass-seat <<'EOF'
auth required pam_permit.so
account required pam_permit.so
session required pam_systemd.so
EOF
seat() {
    local user=$1; shift
    systemd-run --quiet --wait --pipe --collect -p PAMName=fpass-seat -p User="$user" \
        -E XDG_SEAT=seat0 -E XDG_SESSION_TYPE=x11 -E XDG_SESSION_CLASS=user -- "$@" </dev/null
}
seat alice loginctl show-session self -p Seat -p Active -p Remote -p Class -p Type | grep .
fpass-enroll cameras
enrol() { seat root fpass-enroll add --user "$1" >/run/enrol.log 2>&1 || { cat /run/enrol.log; return 1; }; }
expect 0 enrol alice
# The face as the second factor of a real sudo, asked for by alice at the seat.
ask_sudo() {
    local password=${1:-alice-secret}
    seat alice sh -c "echo $password | LC_ALL=C sudo -S -k -p '' id -un" >/run/login.log 2>&1
}
as() { local wanted=$1; shift; local code=0; "$@" || code=$?
    [ "$code" = "$wanted" ] || { cat /run/login.log; fail "'$*' ended with $code, wanted: $wanted"; }
    echo "ok: '$*' ended with $code: $(tail -n 1 /run/login.log)"; }
# On a busy host the pictures of this machine's camera may come too slowly for one attempt, which is then
# refused for the camera and proves nothing: it is made again, three times at most.
judged() { local try
    for try in 1 2 3; do
        mark
        "$@" || true
        since | grep -F 'refused (Camera' >/dev/null || return 0
        echo "the camera of this machine was too slow (try $try)"
        sleep 2
    done; }
judged ask_sudo
[ "$(tail -n 1 /run/login.log)" = root ] || fail "sudo did not become root"
before_camera bob
judged ask_sudo
# Whether sudo shows what modules say is its own affair; the journal has the verdict.
says "attempt for uid $(id -u alice): no-match"
[ "$(tail -n 1 /run/login.log)" != root ] || fail "sudo let another face become root"
before_camera alice
mark
as 1 ask_sudo wrong-secret
[ "$(since | grep -c 'attempt for uid' || true)" = 0 ] || fail "the daemon was asked after a wrong password"
judged ask_sudo
[ "$(tail -n 1 /run/login.log)" = root ] || fail "sudo did not become root after a wrong password"
ps -o rss= -p "$pid" | awk '{ printf "memory of the daemon: %d MiB resident\n", $1 / 1024 }'
systemctl show fpassd -p MemoryCurrent -p TasksCurrent
fpass-enroll status --user alice

section "who is not at this machine"
# Root, but from a service of the system: neither a session nor a console nor a login screen.
away() { pamtester "$1" alice authenticate <<<alice-secret >/run/login.log 2>&1; }
for service in login sudo; do
    mark
    as 1 away "$service"
    says "not held to be at this machine"
done
# The same sudo in a session without a seat, as cron and sshd have them.
far() {
    systemd-run --quiet --wait --pipe --collect -p PAMName=fpass-far -p User=alice -- \
        sh -c "echo alice-secret | LC_ALL=C sudo -S -k -p '' id -un" </dev/null >/run/login.log 2>&1
}
cat >/etc/pam.d/fpass-far <<'EOF'
auth required pam_permit.so
account required pam_permit.so
session required pam_systemd.so class=user type=tty
EOF
mark
as 1 far
says "not held to be at this machine"

section "a daemon that is killed"
kill -9 "$pid"
as 0 ask_sudo
pid=$(systemctl show -P MainPID fpassd)
is "restarts" 1 "$(systemctl show -P NRestarts fpassd)"
is "Seccomp after the restart" 2 "$(status Seccomp)"
is "memory" locked "$(fpass-enroll status --json | grep -o '"memory": *"[a-z]*"' | grep -o '[a-z]*"$' | tr -d '"')"
stopping=$(date +%s%3N)
systemctl stop fpassd
echo "stopped in $(($(date +%s%3N) - stopping)) ms, result: $(systemctl show -P Result fpassd)"
is "the result" success "$(systemctl show -P Result fpassd)"
# The bus starts it when somebody asks.
expect 0 fpass-enroll cameras
as 0 ask_sudo
section "done"
