//! Faults of drivers as errors of a camera.

use std::io;

use nix::errno::Errno;

use crate::CameraError;

/// The error for an errno of opening or setting up a device.
pub(super) fn from_errno(cause: io::Error) -> CameraError {
    match cause.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ENODEV | Errno::ENXIO) => CameraError::NotFound,
        Some(Errno::EACCES | Errno::EPERM) => CameraError::Denied,
        Some(Errno::EBUSY) => CameraError::Busy,
        Some(Errno::ENOSPC) => CameraError::NoBandwidth,
        _ => CameraError::Failed { cause },
    }
}

/// The error for an answer of a driver that violates the V4L2 interface.
pub(super) fn invalid_answer(what: &'static str) -> CameraError {
    CameraError::Failed { cause: io::Error::other(what) }
}
