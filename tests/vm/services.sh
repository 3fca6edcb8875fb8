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
finish
