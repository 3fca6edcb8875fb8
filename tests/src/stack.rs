//! PAM stacks of the private machine.

use std::fs;

use crate::GroundError;

/// The line that is shipped, without arguments.
pub const FACE_LINE: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";

/// The password of an account, without the pause after a wrong one. A wrong one ends the stack, so
/// that nobody is looked at before it is right.
pub const PASSWORD_LINE: &str = "auth requisite pam_unix.so nodelay";

/// Debian's `common-auth` with our line at its end, as pam-auth-update would place it.
#[must_use]
pub fn debian(arguments: &str) -> String {
    format!(
        "auth [success=1 default=ignore] pam_unix.so nodelay\n\
         auth requisite pam_deny.so\n\
         auth required pam_permit.so\n\
         {FACE_LINE} {arguments}\n\
         account required pam_unix.so\n"
    )
}

/// A service of its own: password, then face.
#[must_use]
pub fn own(arguments: &str) -> String {
    format!("{PASSWORD_LINE}\n{FACE_LINE} {arguments}\naccount required pam_unix.so\n")
}

/// Writes a service file.
pub(crate) fn write(service: &str, text: &str) -> Result<(), GroundError> {
    let path = format!("/etc/pam.d/{service}");
    fs::write(&path, text).map_err(GroundError::io(format!("writing {path}")))
}

/// Writes the stacks that every private machine has.
pub(crate) fn write_all() -> Result<(), GroundError> {
    write("fpass-test", &own(""))?;
    write("fpass-nullok", &own("nullok"))?;
    write("fpass-debian", &debian(""))?;
    write("fpass-include", "@include fpass-test\n")
}
