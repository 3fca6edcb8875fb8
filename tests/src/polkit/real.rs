//! Programs that own polkit's name: the distribution's polkitd, and an impostor.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use super::{NAME, own_by};
use crate::{
    Ground, GroundError,
    process::{Service, command_as},
    tree,
};

/// Where distributions keep the daemon.
const PROGRAMS: [&str; 3] =
    ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/libexec/polkit-1/polkitd"];
/// Where an administrator's rules lie.
const RULES: &str = "/etc/polkit-1/rules.d/10-ground.rules";

/// The distribution's polkitd, with the policy that F-pass installs.
pub struct Polkitd {
    _service: Service,
}

impl Polkitd {
    /// Starts it on the private bus. The scripted one must be gone.
    ///
    /// # Errors
    /// Says why it does not come up.
    pub fn start(ground: &Ground) -> Result<Self, GroundError> {
        let program = PROGRAMS
            .into_iter()
            .find(|program| Path::new(program).exists())
            .ok_or_else(|| GroundError::Missing(PathBuf::from(PROGRAMS[0])))?;
        // It drops its privileges by itself, to the account that its package made.
        let mut command = command_as("root", program);
        let service = Service::start("polkitd", command.arg("--no-debug"), || is_owned(ground))?;
        Ok(Self { _service: service })
    }

    /// Writes the administrator's rules, which it takes over at its next start.
    ///
    /// # Errors
    /// Says why they cannot be written.
    pub fn rules(text: &str) -> Result<(), GroundError> {
        fs::write(RULES, text)
            .and_then(|()| fs::set_permissions(RULES, fs::Permissions::from_mode(0o644)))
            .map_err(GroundError::io(format!("writing {RULES}")))
    }
}

/// A program that says yes to everything under an account that must not.
pub struct Impostor(Child);

impl Impostor {
    /// Starts it as `user`, whom a mistake in the bus policy lets own polkit's name.
    ///
    /// # Errors
    /// Says why it does not come up.
    pub fn start(ground: &Ground, user: &str) -> Result<Self, GroundError> {
        const PROGRAM: &str = "/usr/local/bin/authority";
        own_by(user, "/etc/dbus-1/system.d/mistake-polkit.conf")?;
        ground.signal_bus(nix::sys::signal::Signal::SIGHUP)?;
        fs::copy(tree::helper("authority")?, PROGRAM)
            .and_then(|_| chown(PROGRAM, Some(0), Some(0)))
            .map_err(GroundError::io("installing the impostor"))?;
        let child = command_as(user, PROGRAM)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(GroundError::io("starting the impostor"))?;
        let impostor = Self(child);
        crate::watch::wait_until("the impostor owns polkit's name", || is_owned(ground));
        Ok(impostor)
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        // An ended child answers with an error, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_owned(ground: &Ground) -> bool {
    let arguments = [
        "--system",
        "--print-reply=literal",
        "--dest=org.freedesktop.DBus",
        "/org/freedesktop/DBus",
        "org.freedesktop.DBus.GetNameOwner",
        &format!("string:{NAME}"),
    ];
    ground.run("root", "dbus-send", &arguments).is_ok_and(|run| run.code == Some(0))
}
