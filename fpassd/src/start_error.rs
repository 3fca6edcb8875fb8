//! Why the daemon did not start or did not continue.

use std::{io, path::Path};

use fpass_face::{FaceError, ModelError};
use thiserror::Error;

use crate::{config::ConfigError, machine_id::MachineIdError, store::StoreError};

/// Why the daemon did not start or did not continue.
#[derive(Debug, Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(
        "mode = \"infra-red\" in [liveness] needs an infra-red camera, and the present camera gives \
         colour; name another one with camera.device or set another mode"
    )]
    NotInfrared,
    #[error(transparent)]
    Models(#[from] ModelError),
    #[error("the face models cannot be loaded; run fpass-enroll models install: {0}")]
    Recogniser(#[from] FaceError),
    #[error(transparent)]
    MachineId(#[from] MachineIdError),
    #[error("the store {path} is not usable ({cause}); it must be 0700 and owned by fpassd")]
    Store { path: String, cause: StoreError },
    #[error("the store {path} cannot be locked: {cause}")]
    StoreTaken { path: String, cause: StoreError },
    #[error("the records in {path} were not resealed: {cause}; see KEY in fpassd(8)")]
    Reseal { path: String, cause: StoreError },
    #[error(
        "the key is a credential, which fpassd cannot replace; see KEY in fpassd(8) for how to do it"
    )]
    KeyIsCredential,
    #[error(
        "the system bus refused fpassd; check that it runs and that the policy is installed: {0}"
    )]
    Bus(#[from] zbus::Error),
    #[error("the system bus closed the connection; the service manager restarts fpassd with it")]
    BusGone,
    #[error(
        "the engine is stuck for good; the service manager starts fpassd again, check the camera"
    )]
    EngineLost,
    #[error("the system refused a thread, a signal handler or a limit: {0}")]
    System(#[from] io::Error),
}

impl StartError {
    /// A store that cannot be used.
    pub(crate) fn store(directory: &Path, cause: StoreError) -> Self {
        Self::Store { path: directory.display().to_string(), cause }
    }

    /// Whether the next start fails in the same way until a file is changed. Faults of the bus, the
    /// engine or the system, and a store that another program has locked, may have ended by then.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::NotInfrared
            | Self::Models(_)
            | Self::Recogniser(_)
            | Self::MachineId(_)
            | Self::Store { .. } => true,
            Self::StoreTaken { .. }
            | Self::Reseal { .. }
            | Self::KeyIsCredential
            | Self::Bus(_)
            | Self::BusGone
            | Self::EngineLost
            | Self::System(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use fpass_face::Manifest;

    use super::*;
    use crate::config::Config;

    #[test]
    fn faults_that_only_a_changed_file_mends_are_lasting() {
        let path = || "/x".to_owned();
        let missing = || StoreError::Malformed;
        let lasting = [
            StartError::from(Config::read(Path::new("does-not-exist.toml")).unwrap_err()),
            StartError::from(
                Manifest::embedded().unwrap().verify(Path::new("/nowhere")).unwrap_err(),
            ),
            StartError::Recogniser(FaceError::DetectionSide(0)),
            StartError::MachineId(MachineIdError),
            StartError::Store { path: path(), cause: missing() },
        ];
        for error in lasting {
            assert!(error.is_lasting(), "{error}");
        }
        let passing = [
            StartError::StoreTaken { path: path(), cause: StoreError::InUse },
            StartError::Bus(zbus::Error::InvalidReply),
            StartError::BusGone,
            StartError::EngineLost,
            StartError::System(io::Error::other("no threads")),
        ];
        for error in passing {
            assert!(!error.is_lasting(), "{error}");
        }
    }
}
