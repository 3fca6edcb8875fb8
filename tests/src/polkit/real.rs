//! Programs that own polkit's name: the distribution's polkitd, and an impostor.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::NAME;
use crate::{
    Beside, Ground, GroundError, bus,
    process::{Service, command_as},
    tree,
    watch::wait_until,
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
        let ready = || bus::is_owned(ground, NAME);
        let service = Service::start("polkitd", command.arg("--no-debug"), ready)?;
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

/// Starts a program that says yes to everything, as `user`, whom a mistake in the bus policy lets own
/// polkit's name.
///
/// # Errors
/// Says why it does not come up.
pub fn impostor(ground: &Ground, user: &str) -> Result<Beside, GroundError> {
    bus::let_own(ground, user, NAME)?;
    let impostor = Beside::start(user, &tree::install("authority")?, &[])?;
    wait_until("the impostor owns polkit's name", || bus::is_owned(ground, NAME));
    Ok(impostor)
}
