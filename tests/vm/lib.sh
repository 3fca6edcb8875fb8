# Sourced by the scripts that run as root inside a throw-away machine: `. /mnt/lib.sh`. /mnt holds
# the staged tree or fpass.deb, the models, the frames of people, and the feeder of the camera.
# `finish` is the last line of such a script; without it the run counts as failed.
set -euo pipefail

# Reporting.
section() { echo "== $* ($(cut -d' ' -f1 /proc/uptime) s after the start)"; }
fail() {
    echo "FAILED: $*"
    journalctl -b --no-pager -o short-monotonic -n 100 | grep -v -e ' systemd\[' -e ' kernel: ' || true
    exit 1
}
# is NAME WANTED VALUE
is() { [ "$3" = "$2" ] || fail "$1 is '$3', wanted: '$2'"; echo "ok: $1 is $3"; }
# expect WANTED COMMAND...: the exit code of a command.
expect() {
    local wanted=$1 code=0; shift
    "$@" </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "'$*' ended with $code, wanted: $wanted"
    echo "ok: '$*' ended with $code"
}
# row SCENARIO EXPECTED SEEN: a line of the table. After a wrong row the script continues.
wrong=0
row() {
    echo "row: $1 | $2 | $3"
    [ "$2" = "$3" ] && return
    wrong=$((wrong + 1))
    echo "wrong: what the terminal showed, and what the journal says since the attempt:"
    tail -n 8 /run/screen 2>/dev/null || true
    since | tail -n 15
}
# picture FILE: the path for a screenshot of the report.
picture() { mkdir -p /mnt/pictures; echo "/mnt/pictures/$1"; }
finish() {
    [ "$wrong" = 0 ] || { echo "FAILED: $wrong rows are not as expected"; exit 1; }
    section "done"
}

# mark is called before an attempt; since prints the journal from there on.
mark() {
    timeout 30 journalctl --sync || true
    cursor=$(journalctl --no-pager -o cat -n 1 --show-cursor | sed -n 's/^-- cursor: //p')
    [ -n "$cursor" ] || fail "the journal has no cursor"
}
since() { timeout 30 journalctl --sync || true; journalctl --no-pager -o cat --after-cursor="$cursor" "$@"; }
# The same for the daemon alone. It does not use a match of journalctl: after a cursor, a match
# drops the first line that fits.
daemon_since() { since -o short | sed -n 's/^.\{15\} [^ ]* fpassd\[[0-9]*\]: //p'; }
# grep reads all input, so that journalctl never writes to a closed pipe.
said() { since | grep -F -e "$1" >/dev/null; }
# reason SERVICE: the last result that the module reported for SERVICE.
reason() { since | sed -n "s/.*pam_fpass($1:auth): result=\([A-Za-z-]*\).*/\1/p" | tail -n 1; }
says() { said "$1" || fail "the journal does not say '$1'"; echo "ok: the journal says '$1'"; }

# On a busy host the pictures of this machine's camera may come too slowly for an attempt, or for a
# turn. Such a refusal then proves nothing, so the attempt is made up to three times. A machine that
# is too slow for a turn three times gets one try for each further one.
chances=(1 2 3)
judged() {
    local try
    was_judged=yes
    for try in "${chances[@]}"; do
        mark
        "$@" || true
        was_slow || return 0
        echo "the camera of this machine was too slow (try $try)"
        # What such a try counts must not lock the next one.
        [ "$turns_asked" = no ] || fpass-enroll unlock --user alice
        sleep 2
    done
    was_judged=no
    [ "$turns_asked" = no ] || chances=(1)
}
# turn_row SCENARIO EXPECTED SEEN: a row of an attempt with a turn. It is left out if every try saw
# too few pictures, because nothing is known then.
turn_row() {
    if [ "$was_judged" = yes ]; then row "$@"; else echo "not judged, because this machine is too slow: $1"; fi
}
# Whether the last attempt saw too few pictures. One with a turn needs 12 a second all the time. If
# it saw fewer than 14 of the 16 a second, there were gaps, and a lost face proves nothing.
was_slow() {
    local least=14
    if said 'refused (Camera' || said 'refused (TooSlow'; then return 0; fi
    # A person who is told that the face could not be seen clearly tries again.
    if [ "$turns_asked" = yes ] && said 'refused (Unclear'; then return 0; fi
    if said ': no-match'; then least=12; fi
    [ "$turns_asked" = yes ] && [ "$(cat /run/scene)" != nobody ] && ! said ': match' && [ "$(frame_rate)" -lt "$least" ]
}
# Pictures a second that the daemon saw in the last attempt, rounded down.
frame_rate() {
    since -o verbose | awk -F= '
        /^ *FPASS_FRAMES=/ { frames = $2 }
        /^ *FPASS_TOTAL_MS=/ { time = $2 }
        END { print (time > 0 ? int(1000 * frames / time) : 99) }'
}

# Installs the package when there is one. Otherwise installs the staged tree and does what the
# package's scripts do.
install_fpass() {
    if [ -e /mnt/fpass.deb ]; then
        DEBIAN_FRONTEND=noninteractive dpkg -i /mnt/fpass.deb
    else
        cp -a /mnt/stage/. /
        ldconfig
        systemd-sysusers fpass.conf
        systemd-tmpfiles --create fpass.conf
        setpriv --reuid=fpassd --regid=fpassd --clear-groups /usr/libexec/fpassd --create-key
        systemctl daemon-reload
        systemctl reload dbus
    fi
}
install_models() {
    install -d /usr/share/fpass/models
    mount --bind /mnt/models /usr/share/fpass/models
}

# Adds the users alice and bob. alice may become root with sudo.
people() {
    local name
    for name in alice bob; do
        useradd -m -s /bin/bash "$name"
        echo "$name:$name-secret" | chpasswd
    done
    echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
}
# face_in SERVICE...: gives each service a stack that asks for the password, then for the face.
face_in() {
    local service
    for service; do cp /usr/share/doc/fpass/pam.d/own-service "/etc/pam.d/$service"; done
}

# prewarmed SERVICE [STACK]: starts the camera before the line that asks for the password. That
# line is in common-auth or in STACK.
prewarmed() {
    sed -i "0,/^@include ${2:-common-auth}/s//auth optional pam_fpass.so prewarm\n&/" "/etc/pam.d/$1"
    grep -q 'pam_fpass.so prewarm$' "/etc/pam.d/$1" || fail "$1 has no line that starts the camera"
}

# seat USER COMMAND...: runs a command in its own session, in the foreground of seat0. A greeter
# asks logind for a session in the same way. The machine has no virtual terminals. The class of the
# session is "user" unless session_class says otherwise.
seat() {
    local user=$1; shift
    [ -e /etc/pam.d/fpass-seat ] || printf '%s\n' 'auth required pam_permit.so' \
        'account required pam_permit.so' 'session required pam_systemd.so' >/etc/pam.d/fpass-seat
    systemd-run --quiet --wait --pipe --collect -p PAMName=fpass-seat -p User="$user" \
        -E XDG_SEAT=seat0 -E XDG_SESSION_TYPE=x11 -E "XDG_SESSION_CLASS=${session_class:-user}" -- "$@" </dev/null
}
# The state of a user, from the daemon: "enrolled", "never-enrolled", "removed".
state_of() { fpass-enroll status --user "$1" --json | sed -n 's/.*"state": *"\([a-z-]*\)".*/\1/p'; }
# enrol USER: enrolment by root at the seat, with the person in front of the camera.
enrol() {
    seat root fpass-enroll add --user "$1" >/run/enrol.log 2>&1 || { cat /run/enrol.log; return 1; }
}
# ask_sudo [PASSWORD]: alice runs a real sudo at the seat, with the face as the second factor. Its
# output is in /run/login.log; the last line is "root" when she became root.
ask_sudo() {
    local password=${1:-alice-secret}
    seat alice sh -c "echo $password | LC_ALL=C sudo -S -k -p '' id -un" >/run/login.log 2>&1
}

. /mnt/camera.sh
. /mnt/attempts.sh
