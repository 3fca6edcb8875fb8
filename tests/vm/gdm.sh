#!/bin/bash
# GDM with GNOME Shell: logins by a typed password and the person in front of the camera.
. /mnt/lib.sh
. /mnt/screens/card.sh

section "installation"
systemctl stop gdm 2>/dev/null || true
systemctl reset-failed gdm
install_fpass
install_models
people
person_reads=/run/heard
camera
graphics_card
mkdir -p ~alice/.config/autostart
printf '[Desktop Entry]\nType=Application\nName=Session\nExec=sh /usr/local/bin/says-whose\n' \
    >~alice/.config/autostart/session.desktop
echo "$says_whose" >/usr/local/bin/says-whose
chown -R alice: ~alice/.config
# Without consoles, logind brings a session to the front as soon as it is opened. The greeter,
# still fading out, then waits for frames that are no longer drawn. So the fade takes no time
# here.
fading=/org/gnome/shell/gdm/loginDialog.js
gresource extract /usr/lib/gnome-shell/libgnome-shell.so $fading |
    sed 's/^\(const _FADE_ANIMATION_TIME =\).*/\1 0;/' >/usr/local/share/loginDialog.js
grep -q '_FADE_ANIMATION_TIME = 0;' /usr/local/share/loginDialog.js || fail "the greeter fades in another way"
# Nor is anything else animated: the camera and the daemon share the one processor with the greeter.
printf '[org.gnome.desktop.interface]\nenable-animations=false\n' \
    >/usr/share/glib-2.0/schemas/99_test.gschema.override
glib-compile-schemas /usr/share/glib-2.0/schemas
echo "G_RESOURCE_OVERLAYS=$fading=/usr/local/share/loginDialog.js" >>/etc/environment
# The product's own command adds the product's line. It requires that root can still log in, so
# root has a password.
echo root:root-secret | chpasswd
fpass-enroll pam enable gdm-password
systemctl start fpassd || fail "the unit does not start"
enrol alice || fail "alice cannot be enrolled"

draws() { pgrep -u Debian-gdm -x gnome-shell; }
registered() { journalctl -b --no-pager -o cat _COMM=gnome-shell | grep -q 'Registering session with GDM'; }
waits() { heard | grep -q 'waits for a password'; }
# Waits until the greeter asks for the password. After three refusals the list of users comes
# back; then the first user is chosen.
asks() {
    until_true 8 waits && return
    keys ENTER
    until_true 8 waits && return
    # No entry of the list has the focus yet.
    keys TAB
    keys ENTER
    until_true 8 waits
}
over() {
    desktop || since | grep -q 'pam_fpass(gdm-password:auth): result=\|pam_unix(gdm-password:auth): authentication failure'
}
# attempt PASSWORD [PICTURE]: a login of alice, with a screenshot while the daemon looks.
attempt() {
    rm -f ~alice/desktop
    asks || fail "no prompt for the password: $(tail -n 5 /run/heard)"
    begin
    text "$1"
    early=$(sentences)
    entered=$(uptime_s)
    keys ENTER
    [ -z "${2:-}" ] || { until_true 30 invited && shot "$2"; }
    until_true 60 over || fail "the attempt does not end"
}
# The sentences that were shown, without names and the time of day.
sentences() { shown | sed -n '/\.$/p' | paste -s -d' '; }
# The greeter shows its messages one after the other, each long enough to be read.
told() { shown | grep -q -F "$1"; }
outcome() { session_outcome desktop "$1"; }

section "the greeter"
systemctl start gdm
until_true 120 draws || fail "no greeter: $(journalctl -b --no-pager -o cat -u gdm | tail -n 5)"
until_true 60 registered || fail "the greeter is not ready"
listen Debian-gdm gnome-shell
sleep 5
shot 1-before.png

section "another face"
before_camera bob
judged attempt alice-secret
row "GDM: right password, another face" "refused" "$(outcome 1)"
says "attempt for uid $(id -u alice): no-match"
until_true 10 told "$stranger" || true
shot 2-another-face.png
row "GDM: what the greeter shows before the password is complete" "nothing" "${early:-nothing}"
# GDM's own sentence may follow already.
shown=$(sentences)
row "GDM: what the greeter shows then, in this order" "$invitation $stranger" "${shown% Sorry, *}"

section "a wrong password"
before_camera alice
mark
attempt wrong-secret
row "GDM: wrong password, right face" "refused" "$(outcome 1)"
row "GDM: attempts after a wrong password" "0" "$(asked)"
until_true 10 told "Sorry" || true
shot 3-wrong-password.png
row "GDM: invitations after a wrong password" "0" "$(shown | grep -c "$invitation" || true)"

section "nobody"
# From here on every attempt asks for a turn.
asks_for_turns
# This takes effect at the next password prompt.
prewarmed gdm-password
before_camera nobody
judged attempt alice-secret
row "GDM: right password, nobody in front of the camera" "refused" "$(outcome 1)"
until_true 10 told "No face" || true
shot 4-nobody.png
row "GDM: the reason then" "NoFace" "$(reason gdm-password)"

section "a picture"
fpass-enroll unlock --user alice
before_camera picture
judged attempt alice-secret 5-picture.png
turn_row "GDM: right password, a picture" "refused" "$(outcome 1)"
until_true 10 told "$stranger" || true
# GDM's own sentence may follow already.
shown=$(shown_sides)
turn_row "GDM: what the greeter shows then, in this order" \
    "$turn_prompt $second_turn_prompt $stranger" "${shown% Sorry, *}"
prompt_in_time "GDM, a picture"

section "a head that turns as the screen asks, with the camera started ahead"
before=$cursor
# Seconds until the session is there, if one is to come.
patience() { if said ': match'; then echo 90; else echo 1; fi; }
before_camera turns
judged attempt alice-secret 6-turn.png
turn_row "GDM: right password, the right face turns, after refusals" "desktop of alice" "$(outcome "$(patience)")"
prompt_in_time "GDM, a turn"
echo "frames: GDM, a turn: $(frame_rate) a second"
# On a machine that is too slow for a turn.
if ! desktop; then
    asks_for_no_turns
    judged attempt alice-secret
    row "GDM: right password, right face, after refusals" "desktop of alice" "$(outcome "$(patience)")"
fi
cursor=$before
ahead GDM "$entered"
loginctl --no-legend list-sessions
sleep 5
shot 7-desktop.png

section "what the module writes to the standard streams"
on_streams GDM gdm
row "GDM: lines of the module in the log of the greeter" "0" \
    "$(journalctl -b --no-pager -o cat _UID="$(id -u Debian-gdm)" | grep -c -i -e fpass -e "$invitation" || true)"
finish
