//! Attackers without rights, each a process of its own.

use std::{
    fs::{self, File},
    io::Write,
};

use crate::{
    Testbed, TestbedError,
    process::{Service, command_as},
    tree,
};

/// What each attacker does at once; `tests/src/bin/besieger/main.rs` explains it.
const KINDS: [&str; 6] = ["descriptors", "signals", "silent", "asking", "passing", "socket"];
/// User ids of attackers, from this one on.
const FIRST: u32 = 61_201;

/// Attackers that attack until this value is dropped.
pub struct Siege {
    _attackers: Vec<Service>,
}

impl Siege {
    /// Attackers of this many users start to attack the daemon. The first user also fills the disk
    /// of `directory`.
    ///
    /// # Errors
    /// Says what does not start.
    pub fn begin(_: &Testbed, users: u32, directory: &str) -> Result<Self, TestbedError> {
        let program = tree::install("besieger")?;
        let mut attackers = Vec::new();
        for uid in FIRST..FIRST + users {
            let name = format!("besieger{uid}");
            add_user(&name, uid)?;
            for kind in KINDS {
                let mut command = command_as(&name, &program);
                attackers.push(Service::start("besieger", command.arg(kind), || true)?);
            }
            if uid == FIRST {
                let mut command = command_as(&name, &program);
                command.args(["disk", directory]);
                attackers.push(Service::start("besieger", &mut command, || true)?);
            }
        }
        Ok(Self { _attackers: attackers })
    }
}

/// Adds a user to the private machine, unless it has it.
fn add_user(name: &str, uid: u32) -> Result<(), TestbedError> {
    let add = |path: &str, line: String| {
        if fs::read_to_string(path)?.contains(&line) {
            return Ok(());
        }
        File::options().append(true).open(path)?.write_all(line.as_bytes())
    };
    add("/etc/passwd", format!("{name}:x:{uid}:{uid}::/:/bin/sh\n"))
        .and_then(|()| add("/etc/group", format!("{name}:x:{uid}:\n")))
        .map_err(TestbedError::io(format!("adding {name}")))
}
