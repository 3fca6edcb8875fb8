//! One capture per device within this process, even while an abandoned one still hangs.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::CameraError;

/// Who has a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    /// A camera in use.
    Camera,
    /// The thread of a dropped camera that the device does not let go.
    Abandoned,
}

static HOLDERS: Mutex<BTreeMap<PathBuf, Holder>> = Mutex::new(BTreeMap::new());

fn holders() -> MutexGuard<'static, BTreeMap<PathBuf, Holder>> {
    HOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The right of a camera to use its device.
pub(super) struct Claim(PathBuf);

/// Keeps a claim for as long as the capture thread runs.
pub(super) struct Hold(PathBuf);

impl Claim {
    /// Claims the device of this name; links to the same node are one device.
    ///
    /// `Busy` when a camera of this process has it, `Silent` when an abandoned thread has.
    pub(super) fn take(device: &str) -> Result<Self, CameraError> {
        let key = fs::canonicalize(device).unwrap_or_else(|_| PathBuf::from(device));
        let mut holders = holders();
        match holders.get(&key) {
            Some(Holder::Camera) => Err(CameraError::Busy),
            Some(Holder::Abandoned) => Err(CameraError::Silent),
            None => {
                holders.insert(key.clone(), Holder::Camera);
                Ok(Self(key))
            }
        }
    }

    /// What the capture thread owns; dropping it frees the device.
    pub(super) fn hold(&self) -> Hold {
        Hold(self.0.clone())
    }

    /// Marks the device as held by a thread that does not end.
    pub(super) fn abandon(&self) {
        if let Some(holder) = holders().get_mut(&self.0) {
            *holder = Holder::Abandoned;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        holders().remove(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_is_refused_until_the_thread_ends() {
        let claim = Claim::take("claim-test").unwrap();
        let hold = claim.hold();
        assert!(matches!(Claim::take("claim-test"), Err(CameraError::Busy)));
        claim.abandon();
        drop(claim);
        assert!(matches!(Claim::take("claim-test"), Err(CameraError::Silent)));
        drop(hold);
        drop(Claim::take("claim-test").unwrap().hold());
    }

    #[test]
    fn abandoning_after_the_end_bars_nothing() {
        let claim = Claim::take("claim-late").unwrap();
        drop(claim.hold());
        claim.abandon();
        drop(Claim::take("claim-late").unwrap().hold());
    }
}
