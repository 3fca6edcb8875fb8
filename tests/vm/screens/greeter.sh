# Sourced by the scripts of login screens: functions for all of them, and listening to the
# graphical ones.
. /mnt/screens/wait.sh

invitation="Look at the camera."
# What an attempt with a turn asks for; the side is drawn for each prompt.
to_turn="turn your head slowly to the"
turn_prompt="Look at the camera, then $to_turn SIDE."
second_turn_prompt="Now look straight, then $to_turn SIDE."
# Login screens get the short form.
stranger="Your face was not recognised; try again."
# Alice's session first writes its user name and its start time to ~alice/desktop.
desktop() { [ -e ~alice/desktop ]; }
# session_outcome WORD [SECONDS]: how the login ended; WORD names the session of this login
# screen.
session_outcome() {
    if until_true "${2:-1}" desktop; then echo "$1 of $(head -n 1 ~alice/desktop)"; else echo "refused"; fi
}
# says_whose: the commands that the session runs.
says_whose='id -un >~/desktop.new; cut -d" " -f1 /proc/uptime >>~/desktop.new; mv ~/desktop.new ~/desktop'
asked() { daemon_since | grep -c 'attempt for uid' || true; }
# The time when the camera was started ahead, in seconds since the start of the machine.
started_ahead() { since -o short-monotonic | sed -n 's/^\[ *\([0-9.]*\)\].*started ahead.*/\1/p' | head -n 1; }
# ahead NAME FROM: the row and the figures of a login with the camera started ahead. FROM is the
# time when typing ended.
ahead() {
    local warm came
    warm=$(started_ahead)
    came=$(tail -n 1 ~alice/desktop)
    row "$1: the camera was started before the password was complete" "yes" "$(before "${warm:-}" "$2")"
    awk -v name="$1" -v a="${warm:-0}" -v b="$2" -v c="$came" 'BEGIN {
        printf "seconds: %s: from Enter to the session %.1f; the camera was on %.1f before Enter\n", name, c - b, b - a
    }'
}
# on_streams NAME UNIT: checks that the module writes no line to the standard streams of the unit.
on_streams() {
    row "$1: lines of the module on the standard streams of the unit" "0" \
        "$(journalctl -b --no-pager -o cat -u "$2" _TRANSPORT=stdout | grep -c -i -e fpass -e "$invitation" || true)"
}

# hear USER SETTING...: writes what the screen of USER tells assistive technology to /run/heard.
hear() {
    local user=$1; shift
    setpriv --reuid="$user" --regid="$user" --init-groups \
        env XDG_RUNTIME_DIR="/run/user/$(id -u "$user")" "$@" \
        python3 /mnt/screens/heard.py </dev/null >/run/heard 2>/run/heard.errors &
    until_true 60 grep -q listening /run/heard || fail "nothing is heard: $(tail -n 1 /run/heard.errors)"
}
# begin starts an attempt: heard prints the events from there on.
start=0
begin() { start=$(wc -l </run/heard); }
heard() { tail -n "+$((start + 1))" /run/heard; }
# The texts shown since then, one per line, without consecutive repetitions.
shown() { heard | sed -n 's/^[0-9.]* label: //p' | uniq | grep -v '^\[' || true; }
# The first event since then that was shown or typed.
first_heard() { heard | sed 's/^[0-9.]* //' | grep -v '^waits' | sed -n 1p; }
invited() { shown | grep -q -e "$invitation" -e "$to_turn"; }
# The sentences that were shown, on one line, without the side of a prompt.
shown_sides() { shown | sed -n 's/ to the \(left\|right\)\.$/ to the SIDE./; /\.$/p' | uniq | paste -s -d' '; }
# prompt_in_time NAME: the row of an attempt that asked for turns: the last prompt was on the screen
# before the attempt ended.
prompt_in_time() {
    local asked_at ended_at
    asked_at=$(heard | sed -n "s/^\([0-9.]*\) label: .*$to_turn.*/\1/p" | tail -n 1)
    ended_at=$(since -o short-monotonic | sed -n 's/^\[ *\([0-9.]*\)\].*attempt for uid.*/\1/p' | tail -n 1)
    turn_row "$1: the prompt is on the screen before the attempt ends" "yes" "$(before "$asked_at" "${ended_at:-0}")"
    awk -v name="$1" -v a="${asked_at:-0}" -v b="${ended_at:-0}" 'BEGIN {
        printf "seconds: %s: from the last prompt on the screen to the end of the attempt %.1f\n", name, b - a
    }'
}
