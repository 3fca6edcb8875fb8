//! From errno to the typed error of a camera.

use std::io;

use nix::errno::Errno;

use crate::CameraError;

/// The typed error of an errno met while opening or setting up.
pub(super) fn of_errno(cause: io::Error) -> CameraError {
    match cause.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ENODEV | Errno::ENXIO) => CameraError::NotFound,
        Some(Errno::EACCES | Errno::EPERM) => CameraError::Denied,
        Some(Errno::EBUSY) => CameraError::Busy,
        _ => CameraError::Failed { cause },
    }
}
