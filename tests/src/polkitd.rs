//! Programs that own polkit's name: the distribution's polkitd, and an impostor.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    Background, Testbed, TestbedError, bus,
    polkit::NAME,
    process::{Service, command_as},
    tree,
    watch::wait_until,
};

/// Where distributions keep the daemon.
const PROGRAMS: [&str; 3] =
    ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd", "/usr/libexec/polkit-1/polkitd"];
/// The administrator's rules.
const RULES: &str = "/etc/polkit-1/rules.d/10-testbed.rules";

/// The distribution's polkitd, with the policy that F-pass installs.
pub struct Polkitd {
    _service: Service,
}

impl Polkitd {
    /// Starts it on the private bus. The scripted one must be gone.
    ///
    /// # Errors
    /// Says why it does not start.
    pub fn start(testbed: &Testbed) -> Result<Self, TestbedError> {
        let program = PROGRAMS
            .into_iter()
            .find(|program| Path::new(program).exists())
            .ok_or_else(|| TestbedError::Missing(PathBuf::from(PROGRAMS[0])))?;
        // It drops its privileges itself, to the account of its package.
        let mut command = command_as("root", program);
        let ready = || bus::is_owned(testbed, NAME);
        let service = Service::start("polkitd", command.arg("--no-debug"), ready)?;
        Ok(Self { _service: service })
    }

    /// Writes the administrator's rules, which it reads at its next start.
    ///
    /// # Errors
    /// Says why they cannot be written.
    pub fn rules(text: &str) -> Result<(), TestbedError> {
        fs::write(RULES, text)
            .and_then(|()| fs::set_permissions(RULES, fs::Permissions::from_mode(0o644)))
            .map_err(TestbedError::io(format!("writing {RULES}")))
    }
}

/// Starts a program that grants everything, as `user`. A mistake in the bus policy lets that user
/// own polkit's name.
///
/// # Errors
/// Says why it does not start.
pub fn impostor(testbed: &Testbed, user: &str) -> Result<Background, TestbedError> {
    bus::let_own(testbed, user, &[NAME])?;
    let impostor = Background::start(user, &tree::install("authority")?, &[])?;
    wait_until("the impostor owns polkit's name", || bus::is_owned(testbed, NAME));
    Ok(impostor)
}
