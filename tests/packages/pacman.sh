# Runs as root in the scratch system of scripts/foreign-packages.
. /root/rows.sh
export FPASS_TREE=/src
# makepkg does not run as root.
rm -rf /tmp/makepkg
cp -r /src/packaging/arch /tmp/makepkg
chown -R nobody /tmp/makepkg
cd /tmp/makepkg || exit 1
build() { setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/tmp/makepkg makepkg --nodeps; }
row "pacman: build" 0 "$(code build)"

pacman_here() { pacman --noconfirm --hookdir /usr/share/libalpm/hooks "$@"; }
install() { pacman_here -Udd fpass-0.1.0-1-*.pkg.tar.*; }
remove() { pacman_here -Rdd fpass; }
mkdir -p /usr/lib/security
fresh /usr/lib/security
life pacman install remove /usr/lib/security
exit "$bad"
