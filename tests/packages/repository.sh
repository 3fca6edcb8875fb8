# Runs as root in the scratch system of scripts/try-repository, without a network. /srv/fpass is the
# repository.
. /root/rows.sh
: >/root/log
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
apt() { apt-get --quiet --yes "$@"; }
status() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | sed 's/^not-installed$/absent/' | grep . || echo absent; }
weights() { holds fpass-models verify; }
log() { holds grep -F "$1" /root/log; }

# Only this repository; what fpass needs of Debian is installed already.
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
# How the system was made. Machines install recommended packages.
rm -f /etc/apt/apt.conf.d/*mmdebstrap*
echo root:root-secret | chpasswd
row "the network has one interface" lo "$(sed -n 's/^ *\([^ ]*\):.*/\1/p' /proc/net/dev | paste -sd' ')"

# ---- altered repositories, before the right one
cp -r /srv/fpass/dists /srv/dists
cp /srv/fpass/fpass.sources /etc/apt/sources.list.d/
find /srv/fpass/dists \( -name 'Packages*' -o -path '*by-hash*' \) -type f -exec sh -c 'echo >>"$1"' _ {} \;
row "altered Packages: update" 100 "$(code apt update -o APT::Update::Error-Mode=any)"
row "altered Packages: the reason" yes "$(holds grep -E 'Hash Sum mismatch|unexpected size' /root/log)"
row "altered Packages: install" 100 "$(code apt install fpass)"
rm -rf /srv/fpass/dists && cp -r /srv/dists /srv/fpass/dists
sed -i 's/^Label: .*/Label: other/' /srv/fpass/dists/*/{InRelease,Release}
row "altered Release: update" 100 "$(code apt update -o APT::Update::Error-Mode=any)"
row "altered Release: install" 100 "$(code apt install fpass)"
rm -rf /srv/fpass/dists && cp -r /srv/dists /srv/fpass/dists
sed -i '/^Signed-By/,$d' /etc/apt/sources.list.d/fpass.sources
row "without the key: update" 100 "$(code apt update -o APT::Update::Error-Mode=any)"
row "without the key: the reason" yes "$(log NO_PUBKEY)"
row "without the key: install" 100 "$(code apt install fpass)"
row "nothing was installed" "absent absent" "$(status fpass) $(status fpass-models)"

# ---- the right one
cp /srv/fpass/fpass.sources /etc/apt/sources.list.d/
row "update" 0 "$(code apt update -o APT::Update::Error-Mode=any)"
row "install" 0 "$(code apt install fpass)"
row "installed" "installed installed" "$(status fpass) $(status fpass-models)"
row "installed: what fetches models was not" absent "$(status python3-pip)"
row "installed: the weights" yes "$(weights)"
row "installed: the daemon takes its configuration" 0 "$(code /usr/libexec/fpassd --check-config)"
row "installed: the key" "fpassd 600 32" "$(key)"
row "installed: licences" "yes yes" "$(holds test -e /usr/share/doc/fpass-models/copyright) $(holds test -e /usr/share/common-licenses/CC0-1.0)"
row "install again: not asked to fetch models" no "$(log 'models install')"

# ---- removal of the models alone
before=$(stacks)
printf '%s\n' 'auth requisite pam_unix.so' 'account required pam_unix.so' >/etc/pam.d/tryout
row "pam enable" 0 "$(code fpass-enroll pam enable tryout)"
row "models removed while a line asks for the face" 100 "$(code apt remove fpass-models)"
row "not removed: the line is named" yes "$(log '/etc/pam.d/tryout:')"
row "not removed: the weights" yes "$(weights)"
row "not removed: state" installed "$(status fpass-models)"

# ---- removal of both in one run, with a line by hand, then with lines of ours
echo 'auth required pam_fpass.so' >/etc/pam.d/by-hand
row "both removed, a line by hand" 100 "$(code apt purge fpass fpass-models)"
row "not removed: the line by hand is named" yes "$(log '/etc/pam.d/by-hand:1:')"
row "not removed: states" "installed installed" "$(status fpass) $(status fpass-models)"
row "not removed: the weights" yes "$(weights)"
rm /etc/pam.d/by-hand
fpass-enroll pam enable tryout >/dev/null 2>&1
row "both purged, lines of ours" 0 "$(code apt purge fpass fpass-models)"
row "purged: states" "absent absent" "$(status fpass) $(status fpass-models)"
row "purged: lines" 0 "$(grep -rlE '^[^#]*pam_fpass' /etc/pam.d | wc -l)"
row "purged: weights" no "$(holds test -e /usr/share/fpass)"
rm /etc/pam.d/tryout
row "purged: stacks" same "$(same "$before" "$(stacks)")"

# ---- purge of fpass alone keeps the other package's files
row "install again" 0 "$(code apt install fpass)"
row "purge fpass alone" 0 "$(code apt purge fpass)"
row "purged: the package of the weights is whole" "installed 0" "$(status fpass-models) $(code dpkg --verify fpass-models)"
row "purge the models" 0 "$(code apt purge fpass-models)"
row "purged: weights" no "$(holds test -e /usr/share/fpass)"

# ---- fpass without the package of its models
row "without recommended packages" 0 "$(code apt install --no-install-recommends fpass)"
row "without models: the step is named" yes "$(log 'fpass-enroll models install')"
row "models afterwards" 0 "$(code apt install fpass-models)"
row "models afterwards: the weights" yes "$(weights)"
row "models removed without a line" 0 "$(code apt remove fpass-models)"
exit "$bad"
