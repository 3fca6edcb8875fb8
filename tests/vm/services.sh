#!/bin/bash
# Services as their packages ship them, with the F-pass line that "fpass-enroll pam enable" adds:
# sudo, su, login at a console, pkexec. Each is tried with the right face, another face and
# nobody. Then come ssh and what an ordinary user does through polkit.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
usermod -aG sudo alice
camera
systemctl start fpassd
expect 0 enrol alice
# Root has no password here, so only recovery codes can let root back in.
expect 23 fpass-enroll pam enable sudo su login polkit-1
expect 0 fpass-enroll pam enable --recovery sudo su login
# A user without an F-pass confirms the first one with the password alone.
expect 0 fpass-enroll pam enable --recovery --nullok polkit-1

# tried NAME SENTENCE SENTENCE COMMAND...: tries alice, bob and nobody. The sentences are those
# for another face and for nobody. A match clears the failures of the previous attempts.
tried() {
    local name=$1 another=$2 nobody=$3; shift 3
    before_camera alice
    judged "$@"
    row "$name, the right face" admitted "$(outcome)"
    before_camera bob
    judged "$@"
    row "$name, another face" "refused, $another" "$(outcome)"
    before_camera nobody
    judged "$@"
    row "$name, nobody there" "refused, $nobody" "$(outcome)"
}

sentences=("Your face was not recognised" "No face was seen")
section "sudo"
# sudo asks PAM modules to be silent. "pam enable" has written announce.
by_sudo=(on_terminal alice 'password for' alice-secret -- sudo -k sh -c "$who")
invited() { if grep -a -q 'Look at the camera\.' /run/screen; then echo invited; else echo silence; fi; }
tried sudo "${sentences[@]}" "${by_sudo[@]}"
row "sudo, nobody there: the terminal" invited "$(invited)"
sed -i '/pam_fpass\.so/s/ announce//' /etc/pam.d/sudo
tried "sudo without announce" "journal: no-match" "journal: NoFace" "${by_sudo[@]}"
row "sudo without announce: the terminal" silence "$(invited)"
echo 'Defaults !pam_silent' >/etc/sudoers.d/aloud
before_camera bob
judged "${by_sudo[@]}"
row "sudo with !pam_silent, another face" "refused, ${sentences[0]}" "$(outcome)"
row "sudo with !pam_silent: the terminal" invited "$(invited)"
rm /etc/sudoers.d/aloud
sed -i '/pam_fpass\.so/s/$/ announce/' /etc/pam.d/sudo
section "su"
tried su "${sentences[@]}" on_terminal bob 'Password:' alice-secret -- su alice -c "$who"
section "pkexec"
# The agent of a desktop is a separate process from pkexec; this one asks on the terminal.
cat >/run/with-agent <<'AGENT'
#!/bin/bash
ready=$(mktemp -u)
mkfifo "$ready"
pkttyagent --process $$ --notify-fd 3 3>"$ready" &
cat "$ready"
pkexec --disable-internal-agent "$@"
status=$?
kill %1
exit "$status"
AGENT
chmod 0755 /run/with-agent
tried pkexec "${sentences[@]}" on_terminal alice 'Password:' alice-secret -- /run/with-agent /bin/sh -c "$who"

section "login at a console"
# The machine has no virtual terminals: the login runs on a terminal of its own, in the unit that
# a login at tty5 would use.
cat >/etc/systemd/system/getty@tty5.service <<'UNIT'
[Service]
Type=oneshot
SuccessExitStatus=137
KillSignal=SIGKILL
TimeoutStartSec=90
ExecStart=/mnt/typed 'Password:' alice-secret '[$] $' 'echo iam:$$(id -un)' 'iam:a|incorrect' -- login alice
StandardOutput=truncate:/run/screen
StandardError=inherit
UNIT
systemctl daemon-reload
at_console() { : >/run/screen; systemctl start getty@tty5.service; }
tried login "${sentences[@]}" at_console

section "ordinary users through polkit"
before_camera bob
judged on_terminal bob 'Password:' wrong-secret -- fpass-enroll add
row "fpass-enroll add by bob, a wrong password" never-enrolled "$(state_of bob)"
judged on_terminal bob 'Password:' bob-secret -- fpass-enroll add
row "fpass-enroll add by bob, his password" enrolled "$(state_of bob)"

section "ssh"
echo 'KbdInteractiveAuthentication yes' >/etc/ssh/sshd_config.d/fpass.conf
systemctl restart ssh
before_camera alice
# shellcheck disable=SC2016 # expanded by the shell of the login
by_ssh() {
    on_terminal bob 'assword:' "$1" -- ssh -t -o StrictHostKeyChecking=no -o NumberOfPasswordPrompts=1 \
        -o PreferredAuthentications=keyboard-interactive alice@localhost 'echo iam:$(id -un)'
}
ssh_row() { mark; by_ssh "$3" || true; row "$1" "$2" "$(outcome)"; }
ssh_row "ssh, no line of F-pass" admitted alice-secret
ssh_row "ssh, no line of F-pass, a wrong password" refused wrong-secret
grep -a -q 'Permission denied' /run/screen || fail "ssh did not come to its answer"
# The line as in common-auth, then as an administrator might write it.
cp /etc/pam.d/sshd /run/sshd-stack
with_line() { { echo '@include common-auth'; echo "$1"; sed 's/^@include common-auth//' /run/sshd-stack; } >/etc/pam.d/sshd; }
with_line 'auth [success=ok ignore=ignore default=die] pam_fpass.so'
ssh_row "ssh, the line of F-pass" "refused, This program may not use the face check" alice-secret
with_line 'auth [success=ok ignore=ignore default=die] pam_fpass.so service_ok=sshd'
ssh_row "ssh, the line with service_ok=sshd" "refused, Face login works only at this computer" alice-secret
cp /run/sshd-stack /etc/pam.d/sshd
# sudo inside an ssh session is not at the machine either.
mark
on_terminal bob 'assword:' alice-secret 'password for' alice-secret -- ssh -t -o StrictHostKeyChecking=no \
    alice@localhost "sudo -k sh -c '$who'" || true
row "sudo inside ssh" "refused, journal: RemoteSession" "$(outcome)"

section "a terminal of the seat, typed at from elsewhere"
# A terminal server in alice's session at the seat, like a multiplexer: what is written to its pipe
# is typed at its terminal.
before_camera alice
mkfifo -m 0600 /run/keys
: >/run/pane
chown alice /run/keys /run/pane
seat alice sh -c "script -qfc 'env LC_ALL=C TERM=dumb bash --norc' /run/pane <>/run/keys >/dev/null" &
# Types sudo at that terminal, then the password that is typed here. Prints what the terminal shows.
cat >/run/drive <<'DRIVE'
#!/bin/bash
from=$(stat -c %s /run/pane)
waits() { for _ in {1..300}; do tail -c +$((from + 1)) /run/pane | grep -aqE "$1" && return; sleep 0.1; done; }
echo "sudo -k sh -c 'echo iam:\$(id -un)'; echo done:\$?" >/run/keys
waits 'password for'
read -r -s -p 'pane: ' password
echo "$password" >/run/keys
waits 'done:[0-9]'
tail -c +$((from + 1)) /run/pane
DRIVE
chmod 0755 /run/drive
to_here=(ssh -tt -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR)
# Nobody is logged in from elsewhere: the keyboard of the seat.
at_pane() { /run/drive <<<alice-secret >/run/screen; }
# over_ssh USER [PROMPT TEXT]... COMMAND: in an ssh session.
over_ssh() { local talk=("${@:2:$#-2}"); /mnt/typed 'assword:' "$1-secret" "${talk[@]}" -- "${to_here[@]}" "$1@localhost" "${@: -1}"; }
from_ssh() { over_ssh alice 'pane:' alice-secret /run/drive >/run/screen; }
# far STATE: waits until alice has a remote session in this state, and prints it.
far() {
    local id
    for _ in {1..100}; do
        for id in $(loginctl show-user alice -p Sessions --value); do
            [ "$(loginctl show-session "$id" -p Remote --value)" = yes ] || continue
            [ "$(loginctl show-session "$id" -p State --value)" = "$1" ] && { echo "$id"; return; }
        done
        sleep 0.2
    done
    fail "alice has no remote session that is $1: $(loginctl)"
}
nobody_far() { loginctl list-sessions --no-legend | awk '$4 == "" && $3 ~ /alice|bob/ { print $1 }' | xargs -r loginctl terminate-session; sleep 1; }
far_row() { judged "$2"; row "sudo at a terminal of the seat: $1" "$3" "$(outcome)"; }
remote="refused, journal: RemoteSession"
far_row "typed at the seat" at_pane admitted
far_row "typed over ssh" from_ssh "$remote"
says "somebody may type"
nobody_far
far_row "typed at the seat after that ssh ended" at_pane admitted

over_ssh alice 'sleep 3000' >/dev/null & sleep 1
far active
far_row "an open ssh session, somebody has just typed there" at_pane "$remote"
date -s '+11 minutes' >/dev/null
far_row "an open ssh session, nobody has typed there for eleven minutes" at_pane admitted
nobody_far
over_ssh alice 'setsid sleep 3000 </dev/null >/dev/null 2>&1 & sleep 1' >/dev/null
far closing
far_row "a program that an ended ssh session left behind" at_pane admitted
nobody_far
over_ssh alice 'setsid script -qfc "sleep 3000" /dev/null </dev/null >/dev/null 2>&1 & sleep 1' >/dev/null
far closing
far_row "a terminal in use in an ended ssh session, as of mosh" at_pane "$remote"
nobody_far
sed -i /pam_fpass/d /etc/pam.d/su
from_su() { over_ssh bob 'Password:' alice-secret 'pane:' alice-secret 'su alice -c /run/drive' >/run/screen; }
far_row "typed over ssh of bob, after su alice" from_su "$remote"
nobody_far

section "a login screen while the user works at the seat"
# GDM serves logins from other machines with this service, and from no session.
login_screen() { pamtester gdm-password alice authenticate <<<alice-secret >/run/screen 2>&1; }
opens() { if grep -q 'successfully authenticated' /run/screen; then echo admitted; else echo "refused, $(reason "$1")"; fi; }
locks() { busctl call org.freedesktop.login1 "$(front)" org.freedesktop.login1.Session SetLockedHint b "$1"; }
front() { busctl get-property org.freedesktop.login1 /org/freedesktop/login1/seat/seat0 org.freedesktop.login1.Seat ActiveSession | sed 's/.* "\([^"]*\)"$/\1/'; }
face_in gdm-password
judged login_screen
row "gdm-password, alice works at the seat" "refused, RemoteSession" "$(opens gdm-password)"
locks true
judged login_screen
row "gdm-password, alice's screen is locked" admitted "$(opens gdm-password)"
locks false

section "a lock screen of the user"
over_ssh alice 'sleep 3000' >/dev/null & sleep 1
far active
# A lock screen that runs as alice, in a session that reports that it is locked.
lock_screen() {
    seat alice sh -c 'busctl call org.freedesktop.login1 /org/freedesktop/login1/session/auto \
        org.freedesktop.login1.Session SetLockedHint b true &&
        echo alice-secret | pamtester kde alice authenticate' >/run/screen 2>&1
}
face_in kde
judged lock_screen
row "a lock screen, an open ssh session" match "$(reason kde)"
finish
