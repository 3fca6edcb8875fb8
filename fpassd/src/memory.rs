//! Memory that is not swapped out.

use nix::{
    libc,
    sys::{
        mman::{MlockAllFlags, mlockall},
        resource::{RLIM_INFINITY, Resource, getrlimit},
    },
};

/// Whether this process's memory can be swapped out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// It cannot.
    Locked,
    /// It can, on a machine that swaps.
    Swappable,
}

impl Memory {
    /// The word in the state of the machine.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Swappable => "swappable",
        }
    }
}

/// Keeps every page of this process in memory from the moment that it is used: keys, templates and
/// frames, and the copies that libraries make of them.
///
/// Where the system does not allow it the daemon serves all the same, and says so in the journal and
/// in its state. Refusing would lock people out without protecting anything: the swap of such a
/// machine holds the passwords of the same logins.
pub(crate) fn lock() -> Memory {
    // Under a limit, any later allocation could fail by it: locked are address ranges, of which
    // threads reserve far more than they use.
    let unlimited =
        getrlimit(Resource::RLIMIT_MEMLOCK).is_ok_and(|(limit, _)| limit == RLIM_INFINITY);
    let when_used = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    let pages = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | when_used;
    if unlimited && mlockall(pages).is_ok() {
        return Memory::Locked;
    }
    tracing::warn!("memory is not locked and may be swapped out; set LimitMEMLOCK=infinity");
    Memory::Swappable
}
