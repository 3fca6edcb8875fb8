//! What `make install` leaves behind.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fpass_tests::tree;

/// Directory of the PAM modules in a staged tree, whatever this machine uses.
const SECURITY: &str = "/usr/lib/security";

/// A directory that goes with the test.
struct Stage(PathBuf);

impl Stage {
    fn new(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("fpass-{name}-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    fn install(&self) -> io::Result<Output> {
        Command::new(tree::root().join("scripts/install"))
            .env("DESTDIR", &self.0)
            .env("SECURITYDIR", SECURITY)
            .output()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `mode path` of everything below a directory.
fn listing(root: &Path, directory: &Path, lines: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let metadata = path.symlink_metadata()?;
        let name = format!("/{}", path.strip_prefix(root).unwrap_or(&path).display());
        let mode = metadata.permissions().mode() & 0o7777;
        let slash = if metadata.is_dir() { "/" } else { "" };
        lines.insert(format!("{mode:04o} {}{slash}", name.replace(SECURITY, "SECURITY")));
        if metadata.is_dir() {
            listing(root, &path, lines)?;
        }
    }
    Ok(())
}

#[test]
fn the_staged_tree_is_the_listed_one() {
    let stage = Stage::new("stage").unwrap();
    let output = stage.install().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut staged = BTreeSet::new();
    listing(&stage.0, &stage.0, &mut staged).unwrap();
    let listed: BTreeSet<String> = include_str!("../staged-tree.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    let surplus: Vec<_> = staged.difference(&listed).collect();
    let missing: Vec<_> = listed.difference(&staged).collect();
    assert!(
        surplus.is_empty() && missing.is_empty(),
        "staged but not listed: {surplus:#?}\nlisted but not staged: {missing:#?}"
    );
}

#[test]
fn a_second_installation_keeps_the_settings() {
    let stage = Stage::new("again").unwrap();
    assert!(stage.install().unwrap().status.success());
    let settings = stage.0.join("etc/fpass/fpassd.toml");
    fs::write(&settings, "# edited\n").unwrap();
    assert!(stage.install().unwrap().status.success());
    assert_eq!(fs::read_to_string(settings).unwrap(), "# edited\n");
}

#[test]
fn the_bus_policy_allows_each_member_by_name() {
    let path = "packaging/usr/share/dbus-1/system.d/org.fpass.Fpass1.conf";
    let policy = fs::read_to_string(tree::require(path).unwrap()).unwrap();
    assert!(!policy.contains("send_type"), "a send_type rule reaches every service on the bus");
    assert_eq!(policy.matches(" own=").count(), 1);
    for line in policy.lines().filter(|line| line.contains("send_")) {
        assert!(line.contains("send_destination=\"org.fpass.Fpass1\""), "{line}");
        assert!(line.contains("send_interface="), "{line}");
        let peer = line.contains("org.freedesktop.DBus.Peer");
        assert!(line.contains("send_member=") || peer, "{line}");
    }
}
