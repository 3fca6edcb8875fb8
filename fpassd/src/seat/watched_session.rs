//! A session that goes on being watched after its attempt.

use super::leases::SeatLease;
#[cfg(test)]
use super::leases::SeatLeases;
#[cfg(test)]
use crate::cancel::CancelFlag;

/// An unlocked session at the camera's seat, watched since it was looked up.
#[derive(Debug)]
pub(crate) struct WatchedSession(SeatLease);

impl WatchedSession {
    pub(super) fn new(lease: SeatLease) -> Self {
        Self(lease)
    }

    /// The session at this path, as if it had been looked up.
    #[cfg(test)]
    pub(crate) fn looked_up(leases: &SeatLeases, path: &str) -> Self {
        let lease = leases.enter(&CancelFlag::default());
        lease.depend_on(path);
        lease.settle();
        Self(lease)
    }

    /// Whether the session has stayed unlocked in the foreground, the machine has not slept, and
    /// logind has been watched, as far as logind told.
    pub(crate) fn is_unchanged(&self) -> bool {
        !self.0.is_revoked()
    }
}
