#!/bin/bash
# The shipped unit: its sandbox, the main job inside it, callers that are not at this machine, and
# a daemon that is killed.
. /mnt/lib.sh

# status FIELD: a field of the status file in /proc.
status() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }

section "installation"
install_fpass
install_models
people
face_in login sudo
section "camera"
camera

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
seat alice loginctl show-session self -p Seat -p Active -p Remote -p Class -p Type | grep .
fpass-enroll cameras
expect 0 enrol alice
row "the socket for root" "600 fpassd socket" "$(stat -c '%a %U %F' /run/fpass/root.socket)"
row "the directory of the socket" "755 fpassd directory" "$(stat -c '%a %U %F' /run/fpass)"
became_root() { if [ "$(tail -n 1 /run/login.log)" = root ]; then echo admitted; else echo refused; fi; }
judged ask_sudo
row "sudo at the seat, the right face" admitted "$(became_root)"
before_camera bob
judged ask_sudo
# sudo may hide the messages of PAM modules; the journal has the verdict.
says "attempt for uid $(id -u alice): no-match"
row "sudo at the seat, another face" refused "$(became_root)"
before_camera alice
mark
ask_sudo wrong-secret || true
[ "$(since | grep -c 'attempt for uid' || true)" = 0 ] || fail "the daemon was asked after a wrong password"
row "sudo at the seat, a wrong password" refused "$(became_root)"
judged ask_sudo
row "sudo at the seat, the right face after a wrong password" admitted "$(became_root)"
ps -o rss= -p "$pid" | awk '{ printf "memory of the daemon: %d MiB resident\n", $1 / 1024 }'
systemctl show fpassd -p MemoryCurrent -p TasksCurrent
fpass-enroll status --user alice

section "callers that are not at this machine"
# Root, but in a system service: not in a session, at a console or at a login screen.
away() { pamtester "$1" alice authenticate <<<alice-secret >/run/login.log 2>&1; }
admits() { if "$@"; then echo admitted; else echo refused; fi; }
for service in login sudo; do
    mark
    row "$service in a service of the system" refused "$(admits away "$service")"
    says "the caller is not at this machine"
done
# The same sudo in a session without a seat, like those of cron and sshd.
cat >/etc/pam.d/fpass-far <<'PAM'
auth required pam_permit.so
account required pam_permit.so
session required pam_systemd.so class=user type=tty
PAM
far() {
    systemd-run --quiet --wait --pipe --collect -p PAMName=fpass-far -p User=alice -- \
        sh -c "echo alice-secret | LC_ALL=C sudo -S -k -p '' id -un" </dev/null >/run/login.log 2>&1
}
mark
row "sudo in a session without a seat" refused "$(admits far)"
says "the caller is not at this machine"

section "a daemon that is killed"
kill -9 "$pid"
judged ask_sudo
row "sudo after the daemon was killed" admitted "$(became_root)"
pid=$(systemctl show -P MainPID fpassd)
is "restarts" 1 "$(systemctl show -P NRestarts fpassd)"
is "Seccomp after the restart" 2 "$(status Seccomp)"
is "memory" locked "$(fpass-enroll status --json | grep -o '"memory": *"[a-z]*"' | grep -o '[a-z]*"$' | tr -d '"')"
stopping=$(date +%s%3N)
systemctl stop fpassd
echo "stopped in $(($(date +%s%3N) - stopping)) ms, result: $(systemctl show -P Result fpassd)"
is "the result" success "$(systemctl show -P Result fpassd)"
# The bus starts the daemon at the next call.
expect 0 fpass-enroll cameras
judged ask_sudo
row "sudo after the daemon was stopped" admitted "$(became_root)"
finish
