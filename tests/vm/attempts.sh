# Sourced by lib.sh: attempts on a terminal, and what the person there learns of them.

# on_terminal USER [-d SECONDS] [PROMPT TEXT]... -- COMMAND...: what a user at the seat types on a terminal there.
# Much longer than any deadline counts as hung. It is over when nothing can write to the pipe any more: what
# waits for it does not survive the bus.
on_terminal() {
    local user=$1 code=0; shift
    seat "$user" timeout -k 1 60 /mnt/typed "$@" 2>&1 | cat >/run/screen || code=$?
    if [ "$code" = 124 ]; then echo hung >>/run/screen; fi
    return "$code"
}
# shellcheck disable=SC2016 # for the shell that is logged in to
who='echo iam:$(id -un)'

# What the person at the terminal learns: "admitted" when the command ran, or else "refused" with the first
# part of the sentence that stands there, or with what the journal has where no sentence is shown.
outcome() {
    if grep -a -q 'iam:[ar]' /run/screen; then echo admitted; return; fi
    if [ "$(tail -n 1 /run/screen)" = hung ]; then echo hung; return; fi
    local reason
    reason=$(grep -a -o '[A-Z][a-zA-Z ,-]*; [a-z][^;]*\.' /run/screen | head -n 1)
    [ -n "$reason" ] || reason=$(since | sed -n 's/.*pam_fpass.*result=\([a-zA-Z-]*\).*/journal: \1/p' | tail -n 1)
    echo "refused${reason:+, ${reason%%;*}}"
}
# bob becomes alice by su: her password, then her face. su shows what modules say.
ask_su() { on_terminal bob 'Password:' alice-secret -- su alice -c "$who"; }
