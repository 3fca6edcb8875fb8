//! Memory that is neither swapped out nor readable by other processes.

use std::io;

use nix::{
    libc,
    sys::{
        mman::{MlockAllFlags, mlockall},
        prctl,
        resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit},
    },
};

/// Whether this process's memory can be swapped out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// It cannot.
    Locked,
    /// It can, if the machine has swap space.
    Swappable,
}

impl Memory {
    /// The word in the status of the daemon.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Swappable => "swappable",
        }
    }
}

/// Locks every page of this process into memory when it is first used. Pages hold keys, templates
/// and frames, and the copies that libraries make of them.
///
/// If the system forbids it the daemon runs nevertheless, and says so in the journal and in its
/// status. Refusing to run would lock users out and protect nothing: the swap of such a machine
/// also holds the passwords of these logins.
pub(crate) fn lock() -> Memory {
    // With a limit, any later allocation could fail: the limit applies to address ranges, and
    // threads reserve far larger ones than they use.
    let unlimited =
        getrlimit(Resource::RLIMIT_MEMLOCK).is_ok_and(|(limit, _)| limit == RLIM_INFINITY);
    let on_fault = MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    let pages = MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault;
    if unlimited && mlockall(pages).is_ok() {
        return Memory::Locked;
    }
    tracing::warn!("memory is not locked and may be swapped out; set LimitMEMLOCK=infinity");
    Memory::Swappable
}

/// Forbids core files, and debuggers of the same user: templates and frames are in this process.
///
/// # Errors
/// The system refuses.
pub(crate) fn forbid_core_dumps() -> io::Result<()> {
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    prctl::set_dumpable(false)?;
    Ok(())
}
