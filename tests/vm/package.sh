#!/bin/bash
# Runs as root inside a throw-away machine: dpkg installs, upgrades, removes and purges the
# package, with logins after each step. /mnt holds the package and the models. Prints
# "row: SCENARIO | EXPECTED | SEEN". Continues to the end, and fails when a row is not as
# expected.
set -uo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

bad=0
row() { # row SCENARIO EXPECTED SEEN
    echo "row: $1 | $2 | $3"
    [ "$2" = "$3" ] || { bad=$((bad + 1)); echo "FAILED: $1"; tail -n 20 /run/dpkg.log 2>/dev/null; }
}
none_or() { echo "${1:-nothing}"; }
yes_or_no() { if "$@" >/run/check.log 2>&1; then echo yes; else echo no; fi; }
package() { dpkg "$@" >/run/dpkg.log 2>&1; echo "$?"; }

# Logins through the real stacks of the distribution. bob, who is not root, runs sudo.
login() { pamtester login alice authenticate <<<"$1"; }
become() { runuser -u bob -- su alice -c true <<<"$1"; }
ask_sudo() { runuser -u bob -- sudo -S -k -p '' true <<<"$1"; }
# The three run in parallel: after a wrong password each program waits for seconds.
asked() { # asked LOGIN SU SUDO: their passwords
    local way results=()
    for way in "login $1" "become $2" "ask_sudo $3"; do
        if $way >/dev/null 2>&1; then echo yes; else echo no; fi >"/run/asked-${way%% *}" &
    done
    wait
    for way in login become ask_sudo; do results+=("$(cat "/run/asked-$way")"); done
    echo "${results[*]}"
}
logins() { # logins WHEN EXPECTED: login, su, sudo with right passwords; then with wrong ones
    row "$1: login, su, sudo by password" "$2" "$(asked alice-secret alice-secret bob-secret)"
    row "$1: the same with wrong passwords" "no no no" "$(asked wrong wrong wrong)"
}
stacks() { cat /etc/pam.d/* | sha256sum | cut -d' ' -f1; }
same() { if [ "$1" = "$2" ]; then echo same; else echo different; fi; }
lines() { grep -lE '^[^#]*pam_fpass\.so' /etc/pam.d/* 2>/dev/null | xargs -rn1 basename | paste -sd' '; }
module() { yes_or_no test -e /usr/lib/x86_64-linux-gnu/security/pam_fpass.so; }
state() { dpkg-query -W -f='${db:Status-Status}' fpass 2>/dev/null || echo absent; }

echo "root:root-secret" | chpasswd
for user in alice bob; do useradd -m -s /bin/bash "$user"; echo "$user:$user-secret" | chpasswd; done
echo 'bob ALL=(ALL) ALL' >/etc/sudoers.d/bob
before=$(stacks)
# The profiles that debconf knows as chosen.
profiles() { debconf-show libpam-runtime | sed -n 's/^[* ]*libpam-runtime\/profiles: //p'; }
debconf=$(profiles)
logins "before" "yes yes yes"

first=/mnt/fpass.deb
# The next version is the same package with another version number.
dpkg-deb -R "$first" /run/next && sed -i 's/^Version: .*/&+next/' /run/next/DEBIAN/control &&
    dpkg-deb -b -Znone /run/next /run/next.deb >/dev/null

# ---- installation
row "install" 0 "$(package -i "$first")"
row "installed: dependencies met, state" installed "$(state)"
row "installed: the profile is proven" yes "$(yes_or_no grep -F 'is proven for the PAM stacks of this machine' /run/dpkg.log)"
row "installed: the proof is in no log of debconf" "unchanged" "$([ "$debconf" = "$(profiles)" ] && echo unchanged || profiles)"
row "installed: the proof leaves no copy" nothing "$(none_or "$(find /tmp -mindepth 1 -name 'tmp.*' | paste -sd' ')")"
row "installed: postinst names the step for the models" yes "$(yes_or_no grep -F 'fpass-enroll models install' /run/dpkg.log)"
row "installed: stacks" same "$(same "$before" "$(stacks)")"
logins "installed" "yes yes yes"
row "installed: the account's store" "fpassd 700" "$(stat -c '%U %a' /var/lib/fpass)"
row "installed: the key" "fpassd 600 32" "$(stat -c '%U %a %s' /var/lib/fpass/key)"
row "installed: the unit starts at boot" enabled "$(systemctl is-enabled fpassd)"
row "installed: no failed unit" nothing "$(none_or "$(systemctl list-units --failed --no-legend --plain | cut -d' ' -f1 | paste -sd' ')")"
row "installed: models are not there" no "$(yes_or_no fpass-enroll models verify)"
key=$(sha256sum </var/lib/fpass/key)

# ---- a machine on which the profile is not proven: a fingerprint is enough before the line
cat >/usr/share/pam-configs/finger <<'P'
Name: a fingerprint instead of the password
Default: yes
Priority: 512
Auth-Type: Primary
Auth:
	[success=done default=ignore]	pam_permit.so
P
pam-auth-update --package
row "another profile opens the stacks: install again" 0 "$(package -i "$first")"
row "not proven: said so" yes "$(yes_or_no grep -F 'do not enable the profile "fpass"' /run/dpkg.log)"
row "not proven: the way in is shown" yes "$(yes_or_no grep -F 'pam_permit.so' /run/dpkg.log)"
pam-auth-update --package --remove finger
rm /usr/share/pam-configs/finger
row "not proven: stacks as before" same "$(same "$before" "$(stacks)")"

# ---- the face for every service, without models
pam-auth-update --enable fpass
row "profile on: files with the line" common-auth "$(lines)"
row "profile on: newcomers, codes, sudo's user" "nullok recovery announce" "$(sed -n 's/.*pam_fpass\.so *//p' /etc/pam.d/common-auth)"
row "profile on: what check-pam says" 0 "$(fpass-enroll check-pam >/run/dpkg.log 2>&1; echo $?)"
logins "profile on, no models" "no no no"
# heard PASSWORD: the module's result from the journal; the output of su is in /run/heard.log.
heard() {
    local from
    from=$(journalctl --no-pager -n 1 --show-cursor | sed -n 's/^-- cursor: //p')
    become "$1" >/run/heard.log 2>&1
    journalctl --sync
    journalctl --no-pager -o cat --after-cursor="$from" | sed -n 's/.*pam_fpass(su:auth): result=\([A-Za-z-]*\).*/\1/p' | tail -n 1
}
row "no models: the daemon refuses by itself" NotReady "$(heard alice-secret)"
row "no models: the sentence" yes "$(yes_or_no grep -F 'The face check is not running' /run/heard.log)"
module=/usr/lib/x86_64-linux-gnu/security/pam_fpass.so
mv "$module" /run/module
logins "profile on, the module's file is missing" "no no no"
mv /run/module "$module"

# ---- models
cp /mnt/models/* /usr/share/fpass/models/
row "models: installed files verified" yes "$(yes_or_no fpass-enroll models install)"
row "models: the next login is heard, without another command (there is no seat here)" RemoteSession "$(heard alice-secret)"
row "models: the daemon runs" active "$(systemctl is-active fpassd)"
pid=$(systemctl show -P MainPID fpassd)
# bob never had an F-pass. At the seat his password alone is enough, as before the profile.
printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' 'session required pam_systemd.so' >/etc/pam.d/seat-try
at_seat() {
    systemd-run --quiet --wait --pipe --collect -p PAMName=seat-try -p User=bob -E XDG_SEAT=seat0 \
        -E XDG_SESSION_TYPE=x11 -E XDG_SESSION_CLASS=user -- sh -c "echo $1 | sudo -S -k -p '' true" </dev/null
}
row "models, profile on, at the seat: sudo of a user without an F-pass" yes "$(yes_or_no at_seat bob-secret)"
row "models, profile on, at the seat: the same with a wrong password" no "$(yes_or_no at_seat wrong)"
rm /etc/pam.d/seat-try

# ---- upgrade, with the profile on
row "upgrade" 0 "$(package -i /run/next.deb)"
row "upgraded: the profile stays on" common-auth "$(lines)"
row "upgraded: the key" same "$(same "$key" "$(sha256sum </var/lib/fpass/key)")"
row "upgraded: the daemon is another process" different "$(same "$pid" "$(systemctl show -P MainPID fpassd)")"
row "upgraded: the daemon runs" active "$(systemctl is-active fpassd)"
row "upgraded: models" yes "$(yes_or_no fpass-enroll models verify)"
logins "upgraded, profile on, nobody enrolled, not at the seat" "no no no"

# ---- removal, with the profile on
row "remove, profile on" 0 "$(package -r fpass)"
row "removed: state" config-files "$(state)"
row "removed: the module" no "$(module)"
row "removed: files with the line" nothing "$(none_or "$(lines)")"
row "removed: stacks as before the installation" same "$(same "$before" "$(stacks)")"
row "removed: the daemon" inactive "$(systemctl is-active fpassd)"
row "removed: the key stays" yes "$(yes_or_no test -e /var/lib/fpass/key)"
logins "removed" "yes yes yes"

# ---- again, with single services
row "install again" 0 "$(package -i "$first")"
row "installed again: files with the line" nothing "$(none_or "$(lines)")"
row "installed again: the key" same "$(same "$key" "$(sha256sum </var/lib/fpass/key)")"
logins "installed again" "yes yes yes"
row "pam enable sudo su" 0 "$(fpass-enroll pam enable sudo su >/run/dpkg.log 2>&1; echo $?)"
row "single services: files with the line" "su sudo" "$(lines)"
logins "single services, nobody enrolled" "yes no no"
row "upgrade, single services" 0 "$(package -i /run/next.deb)"
row "upgraded: files with the line" "su sudo" "$(lines)"

# ---- a line by hand
echo 'auth [success=ok ignore=ignore default=die] pam_fpass.so' >/etc/pam.d/by-hand
row "remove, a line by hand" 1 "$(package -r fpass)"
row "not removed: the line is named" yes "$(yes_or_no grep -F '/etc/pam.d/by-hand:1:' /run/dpkg.log)"
row "not removed: the module" yes "$(module)"
row "not removed: state" installed "$(state)"
logins "not removed" "yes yes yes"
rm /etc/pam.d/by-hand

# ---- purge, from the installed state
fpass-enroll pam enable sudo >/dev/null 2>&1
echo >/etc/fpass/fpassd.toml.d/50-site.toml
row "purge, a service on" 0 "$(package -P fpass)"
row "purged: said so" yes "$(yes_or_no grep -F 'deleting configuration, models, templates' /run/dpkg.log)"
row "purged: state" absent "$(state)"
row "purged: stacks as before the installation" same "$(same "$before" "$(stacks)")"
row "purged: left on the disk" nothing \
    "$(none_or "$(find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /mnt -o -path /tmp -o -path /var/log \) -prune -o -iname '*fpass*' -print | paste -sd' ')")"
row "purged: no failed unit" nothing "$(none_or "$(systemctl list-units --failed --no-legend --plain | cut -d' ' -f1 | paste -sd' ')")"
logins "purged" "yes yes yes"

[ "$bad" = 0 ] || { echo "$bad rows are not as expected"; exit 1; }
echo "== done"
