//! The caller's process, held by a pidfd: its PID may be reused, the pidfd never means another
//! process.

use std::{io, os::fd::OwnedFd};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use zbus::{
    fdo::DBusProxy,
    names::{BusName, OwnedUniqueName, UniqueName},
};

use super::not_local::NotLocal;

/// The other end of a caller's connection.
pub(crate) enum Endpoint {
    /// A connection to the bus.
    Bus(OwnedUniqueName),
    /// A connection to the daemon's own socket, from this process.
    Socket(PeerProcess),
}

/// A process, by its PID and a pidfd.
pub(crate) struct PeerProcess {
    id: u32,
    pidfd: OwnedFd,
}

impl Endpoint {
    /// Whether it is a program of root on the daemon's own socket.
    pub(super) fn is_roots(&self) -> bool {
        matches!(self, Self::Socket(_))
    }

    /// The process at the other end.
    ///
    /// # Errors
    /// It is unknown, or it has ended.
    pub(crate) async fn process(&self, bus: &DBusProxy<'_>) -> Result<PeerProcess, NotLocal> {
        let process = match self {
            Self::Bus(name) => PeerProcess::of(bus, name).await?,
            Self::Socket(process) => process.try_clone().map_err(|_| NotLocal::NoProcess)?,
        };
        if process.has_ended() { Err(NotLocal::ProcessGone) } else { Ok(process) }
    }

    /// Checks that `process` is still at the other end.
    ///
    /// # Errors
    /// [`NotLocal::ProcessGone`].
    pub(super) async fn confirm(
        &self,
        process: &PeerProcess,
        bus: &DBusProxy<'_>,
    ) -> Result<(), NotLocal> {
        match self {
            Self::Bus(name) => process.confirm(bus, name).await,
            // The end of the connection cancels the call.
            Self::Socket(_) if process.has_ended() => Err(NotLocal::ProcessGone),
            Self::Socket(_) => Ok(()),
        }
    }
}

impl PeerProcess {
    /// The process that the kernel names as the other end of a socket.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn with_id(id: u32) -> Result<Self, NotLocal> {
        Ok(Self { id, pidfd: open(id)? })
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { id: self.id, pidfd: self.pidfd.try_clone()? })
    }

    /// The process at the other end of a connection. Uses the pidfd that the bus recorded at
    /// connection time; older buses give none, then one is opened by PID.
    ///
    /// # Errors
    /// The bus names no process, or the process has ended already.
    async fn of(bus: &DBusProxy<'_>, name: &UniqueName<'_>) -> Result<Self, NotLocal> {
        let credentials = bus
            .get_connection_credentials(BusName::Unique(name.clone()))
            .await
            .map_err(|_| NotLocal::NoProcess)?;
        let id = credentials.process_id().filter(|id| *id != 0).ok_or(NotLocal::NoProcess)?;
        let pidfd = match credentials.into_process_fd() {
            Some(pidfd) => pidfd.into(),
            None => open(id)?,
        };
        Ok(Self { id, pidfd })
    }

    /// Its PID.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Checks that the PID was not reused before the pidfd was opened: the connection to the bus
    /// still exists afterwards, with the same PID.
    ///
    /// # Errors
    /// The process ended or left, or the bus names another PID.
    async fn confirm(&self, bus: &DBusProxy<'_>, name: &UniqueName<'_>) -> Result<(), NotLocal> {
        let now = bus.get_connection_unix_process_id(BusName::Unique(name.clone())).await;
        if now.is_ok_and(|id| id == self.id) && !self.has_ended() {
            Ok(())
        } else {
            Err(NotLocal::ProcessGone)
        }
    }

    /// Whether it has ended: a pidfd then becomes readable.
    pub(crate) fn has_ended(&self) -> bool {
        let mut descriptors = [PollFd::new(&self.pidfd, PollFlags::IN)];
        let no_wait = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut descriptors, Some(&no_wait)) != Ok(0)
    }
}

fn open(id: u32) -> Result<OwnedFd, NotLocal> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw).ok_or(NotLocal::NoProcess)?;
    pidfd_open(id, PidfdFlags::empty()).map_err(|_| NotLocal::ProcessGone)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_that_ended_is_noticed_and_an_invalid_pid_is_refused() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let id = child.id();
        let process = PeerProcess { id, pidfd: open(id).unwrap() };
        assert!(!process.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(process.has_ended());
        assert_eq!(open(0).unwrap_err(), NotLocal::NoProcess);
        assert_eq!(open(u32::MAX).unwrap_err(), NotLocal::NoProcess);
    }
}
