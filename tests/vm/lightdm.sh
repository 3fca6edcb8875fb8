#!/bin/bash
# LightDM with its GTK greeter: logins by a typed password and the person before the camera.
. /mnt/lib.sh
. /mnt/screens/x.sh

section "installation"
systemctl stop lightdm 2>/dev/null || true
systemctl reset-failed lightdm
install_fpass
install_models
people
camera
x_server
without_consoles lightdm lightdm-greeter
mkdir -p /etc/lightdm/lightdm.conf.d ~alice/.config/openbox
printf '[Seat:*]\nxserver-command=/usr/local/bin/x-server\nuser-session=openbox\n' \
    >/etc/lightdm/lightdm.conf.d/50-machine.conf
# The first thing that her desktop does is to say whose it is, and when it came.
printf 'id -un >~/desktop.new; cut -d" " -f1 /proc/uptime >>~/desktop.new; mv ~/desktop.new ~/desktop\n' \
    >~alice/.config/openbox/autostart
chown -R alice: ~alice/.config
# The line of the product, put there by the command of the product, which wants a way back in for root.
echo root:root-secret | chpasswd
fpass-enroll pam enable lightdm
systemctl start fpassd || fail "the unit does not start"
enrol alice || fail "alice cannot be enrolled"

export DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0
invitation="Look at the camera."
stranger="Your face was not recognised; look straight at the camera and try again."
on_screen() { xdotool search --onlyvisible --class lightdm-gtk-greeter; }
greeter() {
    until_true 120 on_screen || fail "no greeter: $(tail -n 5 /var/log/lightdm/lightdm.log)"
    listen lightdm
}
log=/var/log/lightdm/lightdm.log
named=no
count() { grep -c "$1" "$log" || true; }
# The last thing that LightDM did was to ask for alice's password: PAM's one message since it began.
asks() { sed -n "/username 'alice'/,\$p" "$log" | tac | sed "/username 'alice'/q" | grep -q 'Prompt greeter'; }
desktop() { [ -e ~alice/desktop ]; }
# How the attempt ended: the greeter is told in any case.
over() { since | grep -q 'pam_fpass(lightdm:auth): result=\|pam_unix(lightdm:auth): authentication failure' || desktop; }
told() { [ "$(count 'Authenticate result')" -gt "$results" ]; }
invited() { shown | grep -q "$invitation"; }
# attempt PASSWORD [PICTURE]: by alice, with a screenshot while the daemon looks. Her name is typed once:
# after a refusal the greeter asks for her password again.
attempt() {
    rm -f ~alice/desktop
    results=$(count 'Authenticate result')
    if [ "$named" = no ]; then
        text alice
        keys Return
        named=yes
    fi
    until_true 30 asks || fail "no prompt for the password"
    # What is heard from here on belongs to this attempt.
    start=$(wc -l </run/heard)
    text "$1"
    entered=$(uptime_s)
    keys Return
    [ -z "${2:-}" ] || { until_true 30 invited && shot "$2"; }
    until_true 60 told || fail "the attempt does not end"
    until_true 10 over || true
}
# What was shown since the password was asked for, one sentence a line, each once.
shown() { tail -n "+$((start + 1))" /run/heard | sed -n 's/^[0-9.]* label: //p' | uniq | grep -v '^\[' || true; }
outcome() {
    if until_true "$1" desktop; then echo "desktop of $(head -n 1 ~alice/desktop)"; else echo "refused"; fi
}
asked() { daemon_since | grep -c 'attempt for uid' || true; }
section "the greeter"
systemctl start lightdm
greeter
shot 1-before.png

section "another face"
before_camera bob
judged attempt alice-secret
row "LightDM: right password, another face" "refused" "$(outcome 1)"
says "attempt for uid $(id -u alice): no-match"
sleep 1
shot 2-another-face.png
row "LightDM: what the greeter shows then, in this order" "$invitation $stranger" "$(shown | paste -s -d' ')"
row "LightDM: the first thing after the prompt is typing, not a message" "typed" \
    "$(sed -n "$((start + 1))s/^[0-9.]* //p" /run/heard)"

section "a wrong password"
before_camera alice
mark
attempt wrong-secret
row "LightDM: wrong password, right face" "refused" "$(outcome 1)"
row "LightDM: attempts after a wrong password" "0" "$(asked)"
shot 3-wrong-password.png
row "LightDM: invitations after a wrong password" "0" "$(shown | grep -c "$invitation" || true)"

section "nobody"
# From the next question for the password on the camera is started ahead. That line stands before the
# one that asks.
sed -i '0,/^@include common-auth/s//auth optional pam_fpass.so prewarm\n&/' /etc/pam.d/lightdm
before_camera nobody
judged attempt alice-secret
row "LightDM: right password, nobody before the camera" "refused" "$(outcome 1)"
shot 4-nobody.png
row "LightDM: the reason then" "NoFace" \
    "$(since | sed -n 's/.*pam_fpass(lightdm:auth): result=\([A-Za-z-]*\).*/\1/p' | tail -n 1)"

section "the right face, with the camera started ahead"
nobody=$cursor
before_camera alice
judged attempt alice-secret 5-looking.png
row "LightDM: right password, right face, after refusals" "desktop of alice" "$(outcome 60)"
cursor=$nobody
came=$(tail -n 1 ~alice/desktop)
warm=$(since -o short-monotonic | sed -n 's/^\[ *\([0-9.]*\)\].*started ahead.*/\1/p' | head -n 1)
row "LightDM: the camera was started before the password was complete" "yes" \
    "$(before "${warm:-}" "$entered")"
awk -v a="${warm:-0}" -v b="$entered" -v c="$came" \
    'BEGIN { printf "seconds: LightDM: from Enter to the desktop %.1f; the camera was on %.1f before Enter\n", c - b, b - a }'
export XAUTHORITY=~alice/.Xauthority
loginctl --no-legend list-sessions
xdotool mousemove 300 200 click 3 || true
sleep 1
shot 6-desktop.png

section "what the module leaves on the standard streams"
row "LightDM: lines of the module in the logs of LightDM and its greeter" "0" \
    "$(cat /var/log/lightdm/*.log | grep -c -i -e fpass -e "$invitation" || true)"
row "LightDM: lines of the module on the standard streams of the unit" "0" \
    "$(journalctl -b --no-pager -o cat -u lightdm _TRANSPORT=stdout | grep -c -i -e fpass -e "$invitation" || true)"
finish
