#!/bin/bash
# The helper of polkit's agents as newer polkit releases run it: one unit for each connection to a
# socket, without camera, home directories and network. Debian's helper runs in that sandbox.
. /mnt/lib.sh

section "installation"
systemctl stop lightdm 2>/dev/null || true
install_fpass
install_models
people
camera
echo root:root-secret | chpasswd
fpass-enroll pam enable polkit-1
systemctl start fpassd || fail "the unit does not start"
enrol alice || fail "alice cannot be enrolled"

cat >/run/systemd/system/polkit-agent-helper.socket <<'U'
[Socket]
ListenStream=/run/polkit-agent-helper.socket
SocketMode=0666
Accept=yes
U
# helper COMMAND: sets the command that a connection starts.
helper() {
    cat >/run/systemd/system/polkit-agent-helper@.service <<U
[Unit]
CollectMode=inactive-or-failed
[Service]
ExecStart=$1
StandardInput=socket
StandardOutput=socket
StandardError=journal
DevicePolicy=strict
DeviceAllow=/dev/null rw
PrivateDevices=yes
PrivateNetwork=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
NoNewPrivileges=yes
MemoryDenyWriteExecute=yes
LockPersonality=yes
KeyringMode=private
LimitMEMLOCK=0
IPAddressDeny=any
SystemCallArchitectures=native
SystemCallFilter=@system-service
U
    systemctl daemon-reload
    systemctl restart polkit-agent-helper.socket
}
# An agent: connects, sends its arguments as lines, and prints the reply.
cat >/usr/local/bin/agent <<'P'
#!/usr/bin/perl
use IO::Socket::UNIX;
my $helper = IO::Socket::UNIX->new(Peer => "/run/polkit-agent-helper.socket") or die "no helper: $!";
$helper->autoflush(1);
print $helper "$_\n" for @ARGV;
print while <$helper>;
P
chmod 755 /usr/local/bin/agent
# ask LINE...: alice's agent sends these lines, from her session at the seat.
ask() { seat alice agent "$@" >/run/agent.log 2>&1 || true; }
# Whether pamtester reports a successful authentication.
granted() { if grep -q 'successfully authenticated' /run/agent.log; then echo granted; else echo refused; fi; }

section "the sandbox"
helper "/bin/sh -c 'ls /dev/video0 /home/alice 2>&1; ls /sys/class/net; touch /etc/here 2>&1'"
ask
cat /run/agent.log
row "agent helper: things of the machine that it can reach" "0" \
    "$(grep -v -e 'cannot access' -e 'cannot open' -e 'cannot touch' -e '^lo *$' /run/agent.log | grep -c . || true)"

section "verdicts"
helper "/usr/bin/pamtester polkit-1 alice authenticate"
before_camera bob
judged ask alice-secret
row "agent helper: right password, another face" "refused no-match" "$(granted) $(reason polkit-1)"
before_camera alice
mark
ask wrong-secret
row "agent helper: wrong password, right face" "refused " "$(granted) $(reason polkit-1)"
row "agent helper: attempts after a wrong password" "0" "$(daemon_since | grep -c 'attempt for uid' || true)"
judged ask alice-secret
row "agent helper: right password, right face" "granted match" "$(granted) $(reason polkit-1)"

section "what an agent is told"
# The helper forwards every message with its kind. The cookie is invalid, so polkit grants
# nothing.
helper "/usr/lib/polkit-1/polkit-agent-helper-1 alice"
told() { sed -n 's/^\(PAM_[A-Z_]*\) \(.*\)/\1 \2/p' /run/agent.log | sed 's/ *$//' | paste -s -d' '; }
mark
from_here=$cursor
before_camera bob
judged ask 1-cookie alice-secret
cat /run/agent.log
row "agent: what it is told of another face, in this order" \
    "PAM_PROMPT_ECHO_OFF Password: PAM_TEXT_INFO Look at the camera. PAM_ERROR_MSG Your face was not recognised; try again." \
    "$(told)"
before_camera alice
judged ask 1-cookie alice-secret
row "agent: what it is told of the right face" "PAM_PROMPT_ECHO_OFF Password: PAM_TEXT_INFO Look at the camera." "$(told)"
row "agent: the outcome then" "match" "$(reason polkit-1)"
row "agent helper: lines of the module on its standard error" "0" \
    "$(journalctl --after-cursor="$from_here" --no-pager -o cat -u 'polkit-agent-helper@*' _TRANSPORT=stdout | grep -c -i -e fpass -e camera || true)"
finish
