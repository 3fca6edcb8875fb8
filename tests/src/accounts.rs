//! The people and the daemon's account on the private machine.

use std::fs;

use crate::TestbedError;

/// An account that can log in to the private machine.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// Login name.
    pub name: &'static str,
    /// Numeric user and group id.
    pub uid: u32,
    /// The password.
    pub password: &'static str,
    /// Its SHA-512 hash, as crypt(3) writes it.
    hash: &'static str,
}

impl Account {
    /// The user id as an argument of dbus-send.
    #[must_use]
    pub fn uid_argument(self) -> String {
        format!("uint32:{}", self.uid)
    }
}

/// Enrolled in most tests.
pub const ALICE: Account = Account {
    name: "alice",
    uid: 61001,
    password: "alice-secret",
    hash: "$6$fpassalice$oy2dtbS9OcoBtcR0MhRIsWRjMAQo/1dskNvN/NOwOX/Rlj1HKydjdkIUYMh8JCzVFzH4tD/X.yOJpG9gaJZfm1",
};
/// Another user.
pub const BOB: Account = Account {
    name: "bob",
    uid: 61002,
    password: "bob-secret",
    hash: "$6$fpassbob$LsGn6XCzQoIaJ.a3WBGZ8gRthLwWCv0huxiGqyawWQV2FpblW20dQOzvMZFg9pVOMxn3D1c3CiMHzHaFhpB0n0",
};
/// Never enrolled.
pub const CAROL: Account = Account {
    name: "carol",
    uid: 61003,
    password: "carol-secret",
    hash: "$6$fpasscarol$9pBNUUezfIXZn7CFJHUcQhJLzgWhaZl4lebo6HzCjPzkSXDfpkkRSV009QE//C2R/Qq.6SH7GngE2fAu0/zvk/",
};
/// A fourth user.
pub const DAVE: Account = Account {
    name: "dave",
    uid: 61004,
    password: "dave-secret",
    hash: "$6$fpassdave$.x.Lvf1BT8BeekGeELobpHTcX8EE6x75J9lS/bQMI1g.994sd4sw/XIsuyJ0JQhuFl/8z4SxXibtwJ/L0MoM01",
};

const PEOPLE: [Account; 4] = [ALICE, BOB, CAROL, DAVE];

/// Numeric user and group id of the daemon's account.
pub const DAEMON_UID: u32 = 61000;

/// Adds the accounts to the databases in /etc, which keep the system accounts of this distribution.
pub(crate) fn add() -> Result<(), TestbedError> {
    let daemon = fpass_proto::names::DAEMON_USER;
    let mut passwd = vec![format!("{daemon}:x:{DAEMON_UID}:{DAEMON_UID}::/:/usr/sbin/nologin")];
    let mut shadow = vec![format!("{daemon}:!:19000::::::")];
    let mut group = vec![format!("{daemon}:x:{DAEMON_UID}:")];
    for Account { name, uid, hash, .. } in PEOPLE {
        passwd.push(format!("{name}:x:{uid}:{uid}::/:/bin/sh"));
        shadow.push(format!("{name}:{hash}:19000:0:99999:7:::"));
        group.push(format!("{name}:x:{uid}:"));
    }
    extend("/etc/passwd", &passwd)?;
    extend("/etc/shadow", &shadow)?;
    extend("/etc/group", &group)?;
    fs::write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\n")
        .map_err(TestbedError::io("writing /etc/nsswitch.conf"))
}

/// Appends lines, and removes earlier lines about the same names.
fn extend(path: &str, lines: &[String]) -> Result<(), TestbedError> {
    let present = fs::read_to_string(path).map_err(TestbedError::io(format!("reading {path}")))?;
    let name = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
    let kept = present
        .lines()
        .filter(|line| !lines.iter().any(|new| name(new) == name(line)))
        .map(str::to_owned);
    let text: String = kept.chain(lines.iter().cloned()).map(|line| line + "\n").collect();
    fs::write(path, text).map_err(TestbedError::io(format!("writing {path}")))
}
