# Sourced by the other scripts of this directory: rows "row: SCENARIO | EXPECTED | SEEN", and the
# checks that both share.
bad=0
row() {
    echo "row: $1 | $2 | $3"
    [ "$2" = "$3" ] || { bad=1; tail -n 5 /root/log; }
}
# code COMMAND...: prints the exit code of COMMAND; its output goes to /root/log.
code() { "$@" >/root/log 2>&1; echo $?; }
holds() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
stacks() { cat /etc/pam.d/* | sha256sum; }
same() { if [ "$1" = "$2" ]; then echo same; else echo different; fi; }
key() { stat -c '%U %a %s' /var/lib/fpass/key 2>/dev/null || echo absent; }
stack=/etc/pam.d/tryout

# fresh DIRECTORY-OF-MODULES: restores the state before an installation.
fresh() {
    rm -rf /var/lib/fpass /var/lib/fpass-enroll /etc/pam.d/by-hand
    userdel fpassd >/dev/null 2>&1
    groupdel fpassd >/dev/null 2>&1
    echo root:root-secret | chpasswd
    printf '%s\n' 'auth requisite pam_unix.so' 'account required pam_unix.so' >"$stack"
    # The PAM modules of this system are in another directory. Stacks are checked with the modules
    # there, so the module is linked into it.
    ln -sf "$1/pam_fpass.so" /usr/lib/x86_64-linux-gnu/security/pam_fpass.so
    before=$(stacks)
}

# life NAME INSTALL REMOVE MODULES: installs and removes the package with these functions. MODULES
# is the directory of PAM modules.
life() {
    local name=$1 install=$2 remove=$3 module=$4/pam_fpass.so
    row "$name: install" 0 "$(code "$install")"
    row "$name: installed: names the step for the models" yes "$(holds grep -F 'fpass-enroll models install' /root/log)"
    row "$name: installed: stacks" same "$(same "$before" "$(stacks)")"
    row "$name: installed: the key" "fpassd 600 32" "$(key)"
    row "$name: pam enable" 0 "$(code fpass-enroll pam enable tryout)"
    echo 'auth required pam_fpass.so' >/etc/pam.d/by-hand
    row "$name: remove, a line by hand" 1 "$(code "$remove")"
    row "$name: not removed: the line is named" yes "$(holds grep -F '/etc/pam.d/by-hand:1:' /root/log)"
    row "$name: not removed: the module" yes "$(holds test -e "$module")"
    rm /etc/pam.d/by-hand
    fpass-enroll pam enable tryout >/dev/null 2>&1
    row "$name: remove" 0 "$(code "$remove")"
    row "$name: removed: the module" no "$(holds test -e "$module")"
    row "$name: removed: stacks as before the installation" same "$(same "$before" "$(stacks)")"
    row "$name: removed: the key stays" "fpassd 600 32" "$(key)"
}
