# Sourced by lib.sh: attempts on a terminal, and what the terminal shows of them.

# on_terminal USER [-d SECONDS] [PROMPT TEXT]... -- COMMAND...: runs COMMAND on a terminal at the
# seat, where USER types each TEXT. A run of 60 seconds, much longer than any deadline, is
# reported as hung. The function returns once no process can write to the pipe: systemd-run, which
# waits for COMMAND, does not survive a restart of the bus.
on_terminal() {
    local user=$1 code=0; shift
    seat "$user" timeout -k 1 60 /mnt/typed "$@" 2>&1 | cat >/run/screen || code=$?
    if [ "$code" = 124 ]; then echo hung >>/run/screen; fi
    return "$code"
}
# shellcheck disable=SC2016 # expanded by the shell of the login
who='echo iam:$(id -un)'

# Prints the outcome at the terminal: "admitted" when the command ran, otherwise "refused". The
# first part of the sentence on the terminal follows; without a sentence, the result from the
# journal.
outcome() {
    if grep -a -q 'iam:[ar]' /run/screen; then echo admitted; return; fi
    if [ "$(tail -n 1 /run/screen)" = hung ]; then echo hung; return; fi
    local reason
    reason=$(grep -a -o '[A-Z][a-zA-Z ,-]*; [a-z][^;]*\.' /run/screen | head -n 1)
    [ -n "$reason" ] || reason=$(since | sed -n 's/.*pam_fpass.*result=\([a-zA-Z-]*\).*/journal: \1/p' | tail -n 1)
    echo "refused${reason:+, ${reason%%;*}}"
}
# bob becomes alice with su: her password, then her face. su shows the messages of PAM modules.
ask_su() { on_terminal bob 'Password:' alice-secret -- su alice -c "$who"; }
