# Runs as root in the scratch system of scripts/foreign-packages.
. /root/rows.sh
export FPASS_TREE=/src
cd /root || exit 1

build() {
    rpmbuild -bb --with staged -D "_topdir /root/rpm" -D '_unitdir /usr/lib/systemd/system' \
        -D '_sysusersdir /usr/lib/sysusers.d' -D '_tmpfilesdir /usr/lib/tmpfiles.d' "$1"
}
rm -rf rpm
cp /src/packaging/rpm/fpass.spec first.spec
sed 's/^Release: .*/Release: 2/' first.spec >second.spec
row "rpm: build" "0 0" "$(code build first.spec) $(code build second.spec)"
# These errors of rpmlint do not apply. A distribution's builder adds signature, packager and
# group. Only the daemon uses the store. Two man pages have a dot in their file name.
rpmlint /src/packaging/rpm/fpass.spec rpm/RPMS/*/fpass-0.1.0-1*.rpm >lint 2>&1
row "rpm: other errors of rpmlint" "" "$(grep ' E: ' lint | grep -vE \
    'no-signature|no-packager-tag|no-group-tag|non-standard-dir-perm /var/lib/fpass 700|bad-manual-page-folder /usr/share/man/man5/')"

install() { rpm -i --nodeps rpm/RPMS/*/fpass-0.1.0-1*.rpm; }
upgrade() { rpm -U --nodeps rpm/RPMS/*/fpass-0.1.0-2*.rpm; }
remove() { rpm -e fpass; }
fresh /usr/lib64/security
row "rpm: install, for the upgrade" 0 "$(code install)"
fpass-enroll pam enable tryout >/dev/null 2>&1
row "rpm: upgrade" 0 "$(code upgrade)"
row "rpm: upgraded: the line stays" 1 "$(grep -c pam_fpass.so "$stack")"
row "rpm: remove the upgraded one" 0 "$(code remove)"
fresh /usr/lib64/security
life rpm install remove /usr/lib64/security
exit "$bad"
