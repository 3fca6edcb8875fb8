//! Claims on devices: one capture per device in this process, also while an abandoned one is
//! blocked.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::CameraError;

/// The owner of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClaimHolder {
    /// A camera in use.
    Camera,
    /// The blocked thread of a dropped camera.
    Abandoned,
}

static HOLDERS: Mutex<BTreeMap<PathBuf, ClaimHolder>> = Mutex::new(BTreeMap::new());

fn holders() -> MutexGuard<'static, BTreeMap<PathBuf, ClaimHolder>> {
    HOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The claim of a camera on its device.
pub(super) struct DeviceClaim(PathBuf);

/// Keeps the claim while the capture thread runs.
pub(super) struct ClaimGuard(PathBuf);

impl DeviceClaim {
    /// Claims the device of this name. Links to the same node are one device.
    ///
    /// # Errors
    /// [`Busy`](CameraError::Busy) when a camera of this process has the device,
    /// [`Silent`](CameraError::Silent) when an abandoned thread has it.
    pub(super) fn take(device: &str) -> Result<Self, CameraError> {
        let key = fs::canonicalize(device).unwrap_or_else(|_| PathBuf::from(device));
        let mut holders = holders();
        match holders.get(&key) {
            Some(ClaimHolder::Camera) => Err(CameraError::Busy),
            Some(ClaimHolder::Abandoned) => Err(CameraError::Silent),
            None => {
                holders.insert(key.clone(), ClaimHolder::Camera);
                Ok(Self(key))
            }
        }
    }

    /// The guard for the capture thread; dropping it frees the device.
    pub(super) fn hold(&self) -> ClaimGuard {
        ClaimGuard(self.0.clone())
    }

    /// Marks the device as held by an abandoned thread.
    pub(super) fn abandon(&self) {
        if let Some(holder) = holders().get_mut(&self.0) {
            *holder = ClaimHolder::Abandoned;
        }
    }
}

impl Drop for ClaimGuard {
    fn drop(&mut self) {
        holders().remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_is_refused_until_the_thread_ends() {
        let claim = DeviceClaim::take("claim-test").unwrap();
        let hold = claim.hold();
        assert!(matches!(DeviceClaim::take("claim-test"), Err(CameraError::Busy)));
        claim.abandon();
        drop(claim);
        assert!(matches!(DeviceClaim::take("claim-test"), Err(CameraError::Silent)));
        drop(hold);
        drop(DeviceClaim::take("claim-test").unwrap().hold());
    }

    #[test]
    fn abandoning_after_the_end_leaves_the_device_free() {
        let claim = DeviceClaim::take("claim-late").unwrap();
        drop(claim.hold());
        claim.abandon();
        drop(DeviceClaim::take("claim-late").unwrap().hold());
    }
}
