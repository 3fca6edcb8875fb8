#!/bin/bash
# greetd with its text greeter agreety: logins by a typed password and the person in front of the
# camera.
. /mnt/lib.sh
. /mnt/screens/greeter.sh

section "installation"
systemctl stop lightdm 2>/dev/null || true
install_fpass
install_models
people
camera
# The machine has no virtual terminals: the greeter gets a terminal of its own, and the seat is
# set by name.
printf 'XDG_SEAT DEFAULT=seat0\nXDG_SESSION_TYPE DEFAULT=tty\n' >/etc/security/seat.conf
for service in greetd greetd-greeter; do
    sed -i '1a session required pam_env.so conffile=/etc/security/seat.conf' "/etc/pam.d/$service"
done
mkfifo /run/keys
exec 7<>/run/keys
install -m 666 /dev/null /run/terminal
cat >/usr/local/bin/greeter <<'G'
#!/bin/sh
SHELL=/bin/sh exec script -qefac "/usr/sbin/agreety --max-failures 20 --cmd /usr/local/bin/desktop" /run/terminal </run/keys
G
printf '#!/bin/sh\n%s\nsleep 600\n' "$says_whose" >/usr/local/bin/desktop
chmod 755 /usr/local/bin/greeter /usr/local/bin/desktop
chmod 666 /run/keys
printf '[terminal]\nvt = "none"\n[default_session]\ncommand = "/usr/local/bin/greeter"\nuser = "_greetd"\n' \
    >/etc/greetd/config.toml
# The product's own command adds the product's line. It requires that root can still log in, so
# root has a password.
echo root:root-secret | chpasswd
fpass-enroll pam enable greetd
systemctl start fpassd || fail "the unit does not start"
enrol alice || fail "alice cannot be enrolled"

# The output of the terminal since the start of the attempt.
shown() { tail -c "+$((start + 1))" /run/terminal | tr -d '\r'; }
size() { stat -c %s /run/terminal; }
type_line() { printf '%s\n' "$1" >&7; }
# Whether the last line on the terminal matches.
at_prompt() { shown | tail -n 1 | grep -q "$1"; }
# The greeter starts again after a refusal, and ends after a login.
over() { desktop || { shown | sed '1,/[Pp]assword:/d' | grep -q 'login:'; }; }
# attempt PASSWORD: a login of alice.
attempt() {
    rm -f ~alice/desktop
    until_true 60 at_prompt 'login:' || fail "the greeter does not ask: $(shown)"
    start=$(size)
    type_line alice
    until_true 30 at_prompt '[Pp]assword:' || fail "no prompt for the password: $(shown)"
    entered=$(uptime_s)
    type_line "$1"
    until_true 60 over || fail "the attempt does not end: $(shown)"
}
outcome() { session_outcome session; }
# The sentences and password prompts of the attempt, in their order.
order() {
    shown | grep -o -F -e 'assword:' -e "$invitation" -e "$stranger" | paste -s -d' '
}

section "another face"
systemctl start greetd
before_camera bob
judged attempt alice-secret
row "greetd: right password, another face" "refused" "$(outcome)"
row "greetd: what the terminal shows, in this order" "assword: $invitation $stranger" "$(order)"
says "attempt for uid $(id -u alice): no-match"

section "a wrong password"
before_camera alice
mark
attempt wrong-secret
row "greetd: wrong password, right face" "refused" "$(outcome)"
row "greetd: attempts after a wrong password" "0" "$(asked)"
row "greetd: what the terminal shows then" "assword:" "$(order)"

section "nobody"
before_camera nobody
judged attempt alice-secret
row "greetd: right password, nobody in front of the camera" "refused" "$(outcome)"
row "greetd: the reason then" "NoFace" "$(reason greetd)"

section "the right face, with the camera started ahead"
prewarmed greetd login
before_camera alice
judged attempt alice-secret
row "greetd: right password, right face, after refusals" "session of alice" "$(outcome)"
ahead greetd "$entered"
row "greetd: the session is at the seat" "seat0" \
    "$(loginctl --no-legend list-sessions | awk '$3 == "alice" { print $4 }')"

section "what the module writes to the standard streams"
on_streams greetd greetd
finish
