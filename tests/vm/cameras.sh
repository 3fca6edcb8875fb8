#!/bin/bash
# Reads every format that F-pass supports, in several sizes, from a kernel driver. Checks that
# frames arrive in the right colours; measures frames per second and the time to the first frame.
# Then come cameras that the driver cannot simulate.
. /mnt/lib.sh

sizes=320x240,640x480,1280x720,1920x1080
modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0 vid_cap_nr=1
modprobe v4l2loopback video_nr=0 card_label="Test camera" exclusive_caps=1
udevadm settle
vivid=/dev/video1 loopback=/dev/video0
mark

# tried SOURCE: prints a row, and the figures, for each line of the trial on standard input.
tried() {
    local source=$1 code size first rate rest line
    while read -r line; do
        read -r code size first rate rest <<<"$line"
        case $first in
            *[!0-9]* | '') row "$code $size from $source" frames "${line#"$code $size "}" ;;
            *)
                row "$code $size from $source" frames frames
                echo "figure: $code $size $source $rate $first"
                ;;
        esac
    done
}
# near A B: whether two mean colours (red, green, blue) are equal. They may differ by 6, because
# of rounding and chroma subsampling.
near() {
    awk -v a="$1" -v b="$2" 'BEGIN {
        split(a, p, " "); split(b, q, " ")
        for (i = 1; i <= 3; i++) if (q[i] == "" || p[i] - q[i] > 6 || q[i] - p[i] > 6) exit 1
    }' && echo "the same" || echo "$2 instead of $1"
}
# mean LINES CODE: mean colours at 640x480.
mean() { awk -v code="$2" '$1 == code && $2 == "640x480" { print $5, $6, $7 }' <<<"$1"; }

section "formats and sizes"
lines=$(/mnt/trial formats "$vivid" YUYV,NV12,RGB3,BGR3,GREY,Y10,Y16 "$sizes")
echo "$lines"
tried vivid <<<"$lines"
colours=$(mean "$lines" RGB3)
for code in YUYV NV12 BGR3; do
    row "colours of $code" "the same" "$(near "$colours" "$(mean "$lines" $code)")"
done
for code in Y10 Y16; do
    row "brightness of $code" "the same" "$(near "$(mean "$lines" GREY)" "$(mean "$lines" $code)")"
done

section "a mode that another program left behind"
v4l2-ctl -d "$vivid" --set-fmt-video=width=1920,height=1080,pixelformat=NV16 --set-parm=5 >/dev/null
line=$(/mnt/trial formats "$vivid" YUYV 640x480)
tried "vivid left in NV16 1920x1080" <<<"$line"

section "damaged frames"
v4l2-ctl -d "$vivid" -c inject_v4l2_buf_flag_error=1
tried "vivid with a damaged frame" <<<"$(/mnt/trial formats "$vivid" YUYV 640x480)"
v4l2-ctl -d "$vivid" -c percentage_of_dropped_buffers=30
tried "vivid that drops frames" <<<"$(/mnt/trial formats "$vivid" YUYV 640x480)"
v4l2-ctl -d "$vivid" -c percentage_of_dropped_buffers=0

# feed KIND SIZE RATE: makes the loopback device a camera of this kind.
feed() {
    : >/run/feed.log
    nice -n -10 /mnt/trial feed "$loopback" "$@" >/run/feed.log 2>&1 &
    feeder=$!
    until grep -q ready /run/feed.log; do
        kill -0 "$feeder" || fail "the feeder ended: $(cat /run/feed.log)"
        sleep 0.1
    done
}
section "compressed frames"
for size in ${sizes//,/ }; do
    feed jpeg "$size" 30
    tried loopback <<<"$(/mnt/trial formats "$loopback" MJPG "$size")"
    kill "$feeder"
    wait "$feeder" || true
done

section "an emitter that lights every other frame"
feed alternating 640x480 15
line=$(/mnt/trial formats "$loopback" GREY 640x480)
echo "$line"
tried "an alternating emitter" <<<"$line"
darkest=$(awk '{ print $8 }' <<<"$line")
row "dark frames of an alternating emitter" "passed over" \
    "$([ "${darkest:-0}" -gt 60 ] 2>/dev/null && echo "passed over" || echo "one of brightness $darkest")"
kill "$feeder"
finish
