# Runs as root in the throw-away machine of scripts/try-repository --machine: the two lines of
# docs/repository.md on a machine that has systemd, a bus and polkit, and no network.
. /mnt/rows.sh
: >/root/log
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
seconds() { cut -d' ' -f1 /proc/uptime; }

# Only this repository. Machines install recommended packages; that setting is from the making of
# the disk.
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /etc/apt/apt.conf.d/*mmdebstrap*
useradd -m -s /bin/bash alice
echo alice:alice-secret | chpasswd
echo 'alice ALL=(ALL) ALL' >/etc/sudoers.d/alice
before=$(stacks)

# ---- once, and then the two lines
install -m 0644 /mnt/repository/fpass.sources /etc/apt/sources.list.d/
two_lines() { apt update && apt --yes install fpass; }
started=$(seconds)
row "machine: the two lines" 0 "$(code two_lines)"
ended=$(seconds)
row "machine: both packages" "installed installed" "$(dpkg-query -W -f='${db:Status-Status} ' fpass fpass-models | sed 's/ $//')"
row "machine: the weights" yes "$(holds fpass-models verify)"
row "machine: stacks" same "$(same "$before" "$(stacks)")"

# ---- the daemon, in the sandbox of its unit, with these weights
row "machine: the daemon answers" 0 "$(code fpass-enroll status --user alice)"
row "machine: the daemon runs" active "$(systemctl is-active fpassd)"
row "machine: nobody is enrolled" never-enrolled "$(fpass-enroll status --user alice --json | sed -n 's/.*"state": *"\([a-z-]*\)".*/\1/p' | head -n 1)"

# ---- a service on and off
ask_sudo() { runuser -u alice -- sudo -S -k -p '' true <<<alice-secret; }
row "machine: sudo as before" 0 "$(code ask_sudo)"
row "machine: pam enable --recovery" 0 "$(code fpass-enroll pam enable --recovery sudo)"
row "machine: sudo without an F-pass" 1 "$(code ask_sudo)"
row "machine: purge" 0 "$(code apt-get --yes purge fpass fpass-models)"
row "machine: purged: sudo as before" 0 "$(code ask_sudo)"
row "machine: purged: stacks" same "$(same "$before" "$(stacks)")"
row "machine: no failed unit" 0 "$(systemctl list-units --failed --no-legend --plain | wc -l)"
awk -v from="$started" -v to="$ended" 'BEGIN { printf "the two lines took %.0f s in this machine, from a directory\n", to - from }'
exit "$bad"
