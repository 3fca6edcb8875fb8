#!/bin/bash
# Services as their packages ship them, with the F-pass line that "fpass-enroll pam enable" adds:
# sudo, su, login at a console, pkexec. Each is tried with the right face, another face and
# nobody. Then come ssh, what an ordinary user does through polkit, and who may be typing: a tmux at
# the seat, a login screen and a lock screen of the user, with sessions from elsewhere.
. /mnt/lib.sh

section "installation"
install_fpass
install_models
people
usermod -aG sudo alice
# The terminal that a person who turns the head reads.
person_reads=/run/terminal
install -m 666 /dev/null /run/terminal
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
by_sudo=(on_terminal alice -s /run/terminal 'password for' alice-secret -- sudo -k sh -c "$who")
invited() { if grep -a -q 'Look at the camera\.' /run/screen; then echo invited; else echo silence; fi; }
tried sudo "${sentences[@]}" "${by_sudo[@]}"
row "sudo, nobody there: the terminal" invited "$(invited)"
sed -i '/pam_fpass\.so/s/ announce//' /etc/pam.d/sudo
judged "${by_sudo[@]}"
row "sudo without announce, nobody there" "refused, journal: NoFace" "$(outcome)"
row "sudo without announce: the terminal" silence "$(invited)"
# sudo 1.9.16 and later know the setting.
echo 'Defaults !pam_silent' >/etc/sudoers.d/aloud
if sudo -n true 2>&1 | grep -F 'unknown defaults entry' >/dev/null; then
    echo "skipped: this sudo does not know pam_silent"
else
    before_camera bob
    judged "${by_sudo[@]}"
    row "sudo with !pam_silent, another face" "refused, ${sentences[0]}" "$(outcome)"
    row "sudo with !pam_silent: the terminal" invited "$(invited)"
fi
rm /etc/sudoers.d/aloud
sed -i '/pam_fpass\.so/s/$/ announce/' /etc/pam.d/sudo
section "sudo, with a turn of the head"
asks_for_turns
judged "${by_sudo[@]}"
turn_row "sudo, the right face turns as the terminal asks" admitted "$(outcome)"
echo "frames: sudo, a turn: $(frame_rate) a second"
cp /run/screen "$(picture turn.txt)"
before_camera picture
judged "${by_sudo[@]}"
turn_row "sudo, a picture" "refused, ${sentences[0]}" "$(outcome)"
cp /run/screen "$(picture picture.txt)"
asks_for_no_turns
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
row "sudo inside ssh" "refused, Face login works only at this computer" "$(outcome)"

section "a tmux in the session at the seat"
# From here on alice's session stays in front. What is written to its pipe is typed at the seat.
install -D /mnt/programs/tmux /usr/local/bin/tmux
for library in $(ldd /usr/local/bin/tmux | awk '/not found/ { print $1 }'); do
    cp "/mnt/programs/lib/$library" /usr/local/lib/
done
ldconfig
before_camera alice
mkfifo -m 0600 /run/keys
: >/run/seat
chown alice /run/keys /run/seat
seat alice sh -c "TERM=linux script -qfc 'tmux new-session bash --norc' /run/seat <>/run/keys >/dev/null" &
# Not su or runuser, which open a session.
tmux_of_alice() { setpriv --reuid=alice --regid=alice --init-groups tmux "$@"; }
pane() { tmux_of_alice capture-pane -pJ 2>&1; }
# pane_shows REGEX: waits until the terminal in tmux shows it.
pane_shows() {
    for _ in {1..150}; do
        pane | grep -E "$1" >/dev/null && return
        sleep 0.2
    done
    fail "the terminal in tmux does not show '$1': $(pane)"
}
pane_shows '^bash-'
# Each attempt has a new shell in the same terminal of tmux.
fresh() { tmux_of_alice respawn-pane -k 'bash --norc'; pane_shows '^bash-'; }
ask="sudo -k sh -c '$who'"
# What an attempt ends with: sudo's command has run, or the module says why not, and what to do.
answer='iam:[ar]|[a-z]; [a-z]'
at_seat() {
    fresh
    echo "$ask" >/run/keys
    pane_shows 'password for'
    echo alice-secret >/run/keys
    pane_shows "$answer"
    pane >/run/screen
}
# over_ssh USER [PROMPT TEXT]... [LAST] -- COMMAND: an ssh session of USER, with a terminal unless
# "terminal" says otherwise.
over_ssh() {
    local user=$1 talk=(); shift
    while [ "$1" != -- ]; do talk+=("$1"); shift; done
    shift
    /mnt/typed 'assword:' "$user-secret" "${talk[@]}" -- ssh "${terminal:--tt}" -o LogLevel=ERROR \
        -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$user@localhost" "$@"
}
asking=('bash-[0-9.]*[$]' "$ask" 'password for' alice-secret "$answer")
from_ssh() { fresh; over_ssh alice "${asking[@]}" -- 'TERM=linux tmux attach' >/run/far; pane >/run/screen; }
from_su() {
    fresh
    over_ssh bob 'Password:' alice-secret "${asking[@]}" -- 'su alice -c "TERM=linux tmux attach"' >/run/far
    pane >/run/screen
}
# The sessions from elsewhere.
far_sessions() {
    local id
    for id in $(loginctl list-sessions --no-legend | awk '{ print $1 }'); do
        loginctl show-session "$id" -p Id -p Remote -p State 2>/dev/null | paste -s -d' ' | grep Remote=yes || true
    done
}
# far STATE: waits until a session from elsewhere has this state.
far() {
    for _ in {1..100}; do
        far_sessions | grep "State=$1" >/dev/null && return
        sleep 0.2
    done
    fail "no session from elsewhere is $1: $(loginctl)"
}
# Ends all sessions from elsewhere, with every program in them.
nobody_far() {
    for _ in {1..100}; do
        [ -n "$(far_sessions)" ] || return 0
        far_sessions | sed 's/.*Id=\([^ ]*\).*/\1/' | xargs -r loginctl kill-session -s KILL 2>/dev/null || true
        sleep 0.2
    done
    fail "a session from elsewhere does not end: $(loginctl)"
}
# left_behind COMMAND: an ssh session of alice that ended while COMMAND goes on.
left_behind() {
    over_ssh alice -- "trap '' HUP; setsid $1 </dev/null >/dev/null 2>&1 &" >/run/far
    far closing
    pgrep -u alice -x sleep >/dev/null || fail "the ended session left nothing behind"
}
# Waits until the command of an ssh session of alice runs: nothing touches its terminal after that.
in_command() {
    for _ in {1..100}; do
        pgrep -u alice -x sleep >/dev/null && return
        sleep 0.2
    done
    fail "the command of the ssh session does not run: $(ps -u alice)"
}
later() { date -s '+11 minutes' >/dev/null; }
# why OUTCOME: for a caller who is not at this machine, the journal has the reason.
why() {
    if [ "$1" = "refused, $2" ]; then
        echo "refused, $(since -o verbose | sed -n '/org\.fpass/d; s/^ *FPASS_REASON=\([^;]*\).*/\1/p' | tail -n 1)"
    else
        echo "$1"
    fi
}
tmux_row() {
    judged "$2"
    row "sudo in tmux at the seat: $1" "$3" "$(why "$(outcome)" "Face login works only at this computer")"
}
typing="refused, the user also has a session from elsewhere, at which somebody may type"
tmux_row "typed over ssh" from_ssh "$typing"
nobody_far
over_ssh alice -- 'sleep 3000' >/run/far &
far active
in_command
later
tmux_row "an ssh connection is idle for eleven minutes" at_seat admitted
nobody_far
terminal=-T over_ssh alice -- 'sleep 3000' >/run/far &
far active
tmux_row "an ssh connection without a terminal is open" at_seat "$typing"
nobody_far
left_behind 'sleep 3000'
tmux_row "an ended ssh session left a program behind" at_seat admitted
nobody_far
left_behind 'script -qfc "sleep 3000" /dev/null'
tmux_row "an ended ssh session left a terminal behind, as mosh does" at_seat "$typing"
later
tmux_row "nobody has typed at that terminal for eleven minutes" at_seat admitted
nobody_far
sed -i /pam_fpass/d /etc/pam.d/su
tmux_row "typed over ssh by bob, after su alice" from_su "$typing"
nobody_far

section "a login screen while the user works at the seat"
# GDM serves logins from other machines with this service, and from no session.
login_screen() { pamtester gdm-password alice authenticate <<<alice-secret >/run/screen 2>&1; }
opens() { if grep -q 'successfully authenticated' /run/screen; then echo admitted; else echo "refused, $(reason "$1")"; fi; }
front() { busctl get-property org.freedesktop.login1 /org/freedesktop/login1/seat/seat0 org.freedesktop.login1.Seat ActiveSession | sed 's/.* "\([^"]*\)"$/\1/'; }
hint=(org.freedesktop.login1.Session SetLockedHint b)
locks() { busctl call org.freedesktop.login1 "$(front)" "${hint[@]}" "$1"; }
face_in gdm-password
judged login_screen
row "gdm-password, alice works at the seat" "refused, the session is not locked, so there is nothing to unlock" \
    "$(why "$(opens gdm-password)" RemoteSession)"
locks true
judged login_screen
row "gdm-password, alice's screen is locked" admitted "$(opens gdm-password)"
tmux_row "the screen is locked" at_seat "refused, the session is locked"
locks false
session_class=greeter seat bob sleep 3000 &
for _ in {1..100}; do
    busctl get-property org.freedesktop.login1 "$(front)" org.freedesktop.login1.Session Class 2>/dev/null |
        grep greeter >/dev/null && break
    sleep 0.2
done
judged login_screen
row "gdm-password, a greeter is in front" admitted "$(opens gdm-password)"

section "a lock screen that runs as its user"
face_in kde
sed -i '/pam_fpass\.so/s/$/ recovery/' /etc/pam.d/kde
code=$(fpass-enroll recovery-codes --user alice --json --yes | tr -d ' \n' | sed 's/.*"codes":\["\([^"]*\)".*/\1/')
# kde LOCKED ANSWER...: a program of alice with the service of KDE's lock screen, in a session that
# reports whether it is locked.
kde() {
    seat alice sh -c "busctl call org.freedesktop.login1 /org/freedesktop/login1/session/auto ${hint[*]} $1 &&
        printf '%s\n' ${*:2} | pamtester kde alice authenticate" >/run/screen 2>&1
}
# Failures in a row: self-tests, lock screen, logins.
failures() {
    local kind status
    status=$(fpass-enroll status --user alice --json | tr -d ' \n')
    for kind in self_tests lock_screen logins; do
        sed -n "s/.*\"$kind\":{[^}]*\"failures\":\([0-9]*\).*/\1/p" <<<"$status"
    done | paste -s -d' '
}
fpass-enroll unlock --user alice
before_camera bob
judged kde false alice-secret
row "kde, another face, nothing is locked: failures of self-tests, lock screen, logins" "1 0 0" "$(failures)"
judged kde true alice-secret "''"
row "kde, another face, the screen is locked: the result" "refused, no-match" "$(opens kde)"
row "kde, another face, the screen is locked: failures" "1 1 0" "$(failures)"
mark
kde true alice-secret "$code" || true
row "kde, another face, a recovery code" admitted "$(opens kde)"
row "kde, after the code: failures" "1 0 0" "$(failures)"
before_camera alice
over_ssh alice -- 'sleep 3000' >/run/far &
far active
judged kde true alice-secret
row "kde, the right face, an ssh connection was opened just now" admitted "$(opens kde)"
row "kde, the result then" match "$(reason kde)"
# Somebody may be typing at any other program of alice.
mark
seat alice fpass-enroll verify >/run/screen 2>&1 || true
row "a self-test, an ssh connection was opened just now" "$typing" \
    "$(why "$(outcome)" "Face login works only at this computer")"
finish
