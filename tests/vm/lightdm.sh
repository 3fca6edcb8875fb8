#!/bin/bash
# LightDM with its GTK greeter: logins by a typed password and the person in front of the camera.
. /mnt/lib.sh
. /mnt/screens/x.sh

section "installation"
systemctl stop lightdm 2>/dev/null || true
systemctl reset-failed lightdm
install_fpass
install_models
people
person_reads=/run/heard
camera
x_server
without_consoles lightdm lightdm-greeter
mkdir -p /etc/lightdm/lightdm.conf.d ~alice/.config/openbox
printf '[Seat:*]\nxserver-command=/usr/local/bin/x-server\nuser-session=openbox\n' \
    >/etc/lightdm/lightdm.conf.d/50-machine.conf
echo "$says_whose" >~alice/.config/openbox/autostart
chown -R alice: ~alice/.config
# The product's own command adds the product's line. It requires that root can still log in, so
# root has a password.
echo root:root-secret | chpasswd
fpass-enroll pam enable lightdm
systemctl start fpassd || fail "the unit does not start"
enrol alice || fail "alice cannot be enrolled"

export DISPLAY=:0 XAUTHORITY=/run/lightdm/root/:0
on_screen() { xdotool search --onlyvisible --class lightdm-gtk-greeter; }
greeter() {
    until_true 120 grep -q 'Greeter connected' "$log" || fail "no greeter: $(tail -n 40 "$log")"
    until_true 60 on_screen || fail "no greeter: $(tail -n 40 "$log")"
    listen lightdm
}
log=/var/log/lightdm/lightdm.log
named=no
count() { grep -c "$1" "$log" || true; }
# Whether the last thing that LightDM did was to ask for alice's password.
asks() { sed -n "/username 'alice'/,\$p" "$log" | tac | sed "/username 'alice'/q" | grep -q 'Prompt greeter'; }
# over: whether the journal has the outcome. told: whether the greeter has the result.
over() { since | grep -q 'pam_fpass(lightdm:auth): result=\|pam_unix(lightdm:auth): authentication failure' || desktop; }
told() { [ "$(count 'Authenticate result')" -gt "$results" ]; }
# attempt PASSWORD [PICTURE]: a login of alice, with a screenshot while the daemon looks. Her name
# is typed once: after a refusal the greeter asks for her password again.
attempt() {
    rm -f ~alice/desktop
    results=$(count 'Authenticate result')
    if [ "$named" = no ]; then
        text alice
        keys Return
        named=yes
    fi
    until_true 30 asks || fail "no prompt for the password"
    begin
    text "$1"
    entered=$(uptime_s)
    keys Return
    [ -z "${2:-}" ] || { until_true 30 invited && shot "$2"; }
    until_true 60 told || fail "the attempt does not end"
    until_true 10 over || true
}
outcome() { session_outcome desktop "$1"; }
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
    "$(first_heard)"

section "a wrong password"
before_camera alice
mark
attempt wrong-secret
row "LightDM: wrong password, right face" "refused" "$(outcome 1)"
row "LightDM: attempts after a wrong password" "0" "$(asked)"
shot 3-wrong-password.png
row "LightDM: invitations after a wrong password" "0" "$(shown | grep -c "$invitation" || true)"

section "nobody"
# From here on every attempt asks for a turn.
asks_for_turns
# This takes effect at the next password prompt.
prewarmed lightdm
before_camera nobody
judged attempt alice-secret
row "LightDM: right password, nobody in front of the camera" "refused" "$(outcome 1)"
shot 4-nobody.png
row "LightDM: the reason then" "NoFace" "$(reason lightdm)"

section "a picture"
fpass-enroll unlock --user alice
before_camera picture
judged attempt alice-secret 5-picture.png
turn_row "LightDM: right password, a picture" "refused" "$(outcome 1)"
sleep 1
turn_row "LightDM: what the greeter shows then, in this order" \
    "$turn_prompt $second_turn_prompt $stranger" "$(shown_sides)"
prompt_in_time "LightDM, a picture"

section "a head that turns as the screen asks, with the camera started ahead"
before=$cursor
# Seconds until the session is there, if one is to come.
patience() { if said ': match'; then echo 60; else echo 1; fi; }
before_camera turns
judged attempt alice-secret 6-turn.png
turn_row "LightDM: right password, the right face turns, after refusals" "desktop of alice" "$(outcome "$(patience)")"
prompt_in_time "LightDM, a turn"
echo "frames: LightDM, a turn: $(frame_rate) a second"
# On a machine that is too slow for a turn.
if ! desktop; then
    asks_for_no_turns
    judged attempt alice-secret
    row "LightDM: right password, right face, after refusals" "desktop of alice" "$(outcome "$(patience)")"
fi
cursor=$before
ahead LightDM "$entered"
export XAUTHORITY=~alice/.Xauthority
loginctl --no-legend list-sessions
xdotool mousemove 300 200 click 3 || true
sleep 1
shot 7-desktop.png

section "what the module writes to the standard streams"
row "LightDM: lines of the module in the logs of LightDM and its greeter" "0" \
    "$(cat /var/log/lightdm/*.log | grep -c -i -e fpass -e "$invitation" || true)"
on_streams LightDM lightdm
finish
