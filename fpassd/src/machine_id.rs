//! The machine and the models that stored records are bound to.

use std::fs;

use fpass_face::VerifiedModels;

use thiserror::Error;

use crate::store::Binding;

/// File that identifies this installation, see machine-id(5).
const MACHINE_ID: &str = "/etc/machine-id";
/// Length of a machine id in hexadecimal digits.
const DIGITS: usize = 32;

/// The file holds no machine id.
#[derive(Debug, Error)]
#[error("{MACHINE_ID} holds no machine id; run systemd-machine-id-setup")]
pub(crate) struct MachineIdError;

/// The binding of the records of this machine.
///
/// # Errors
/// [`MachineIdError`] when the file cannot be read or holds something else.
pub(crate) fn binding(models: &VerifiedModels) -> Result<Binding, MachineIdError> {
    let machine_id = fs::read_to_string(MACHINE_ID).map_err(|_| MachineIdError)?;
    let machine_id = machine_id.trim();
    if machine_id.len() != DIGITS || !machine_id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(MachineIdError);
    }
    Ok(Binding {
        machine_id: machine_id.to_owned(),
        features: models.features_fingerprint(),
        former: models.former_fingerprint(),
    })
}
