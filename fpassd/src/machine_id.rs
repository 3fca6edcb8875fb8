//! The machine and the models that stored records are bound to.

use std::fs;

use fpass_face::VerifiedModels;

use crate::{start_error::StartError, store::Binding};

/// File that identifies this installation, see machine-id(5).
pub(crate) const MACHINE_ID: &str = "/etc/machine-id";
/// Length of a machine id in hexadecimal digits.
const DIGITS: usize = 32;

/// The binding of the records of this machine.
///
/// # Errors
/// [`StartError::MachineId`].
pub(crate) fn binding(models: &VerifiedModels) -> Result<Binding, StartError> {
    let machine_id = fs::read_to_string(MACHINE_ID).map_err(|_| StartError::MachineId)?;
    let machine_id = machine_id.trim();
    if machine_id.len() != DIGITS || !machine_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(StartError::MachineId);
    }
    Ok(Binding { machine_id: machine_id.to_owned(), models: models.fingerprint() })
}
