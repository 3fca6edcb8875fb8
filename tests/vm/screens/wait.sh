# Sourced by the scripts of login screens.

# until_true SECONDS COMMAND...: waits until COMMAND succeeds.
until_true() {
    local tries=$(($1 * 4)); shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.25
    done
}
uptime_s() { cut -d' ' -f1 /proc/uptime; }
# before A B: whether the time A is known and earlier than B.
before() { awk -v a="${1:-none}" -v b="$2" 'BEGIN { print (a != "none" && a < b) ? "yes" : "no" }'; }
