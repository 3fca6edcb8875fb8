# Sourced by the scripts of graphical login screens on X: a screen and a keyboard.
. /mnt/screens/greeter.sh

# An X server without a screen, under a path that a display manager can start. It uses the options
# for the display and its authority file. It ignores the other options, which are for a graphics
# card or a virtual terminal.
x_server() {
    install -m 755 /dev/stdin /usr/local/bin/x-server <<'X'
#!/bin/bash
while [ $# -gt 0 ]; do
    case $1 in
        :*) display=$1 ;;
        -auth) authority=$2; shift ;;
    esac
    shift
done
# Without -noreset the server starts over when its last client leaves, so a test that only looks at
# the screen would disturb the greeter.
exec Xvfb "$display" -auth "$authority" -noreset -nolisten tcp -screen 0 800x600x24
X
}
# without_consoles SERVICE...: removes the terminal number from sessions. The machine has no
# virtual terminals, and logind refuses a session that names one.
without_consoles() {
    local service
    echo XDG_VTNR >/etc/security/no-consoles.conf
    for service; do
        sed -i '0,/^session/s//session required pam_env.so conffile=\/etc\/security\/no-consoles.conf\n&/' \
            "/etc/pam.d/$service"
    done
    rm -f /dev/tty0
}
shot() { scrot --overwrite "$(picture "$1")" || echo "no screenshot $1"; }
keys() { xdotool key "$@"; }
text() { xdotool type --delay 40 "$1"; }
# listen USER: listens to the screen of that user.
listen() {
    install -m 644 "$XAUTHORITY" /run/heard.x
    hear "$1" XAUTHORITY=/run/heard.x
}
