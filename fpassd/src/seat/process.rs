//! The caller's process, as the bus names it, held so that its number cannot come to mean another.

use std::os::fd::OwnedFd;

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};
use zbus::{
    fdo::DBusProxy,
    names::{BusName, UniqueName},
};

use super::not_local::NotLocal;

/// A process and a handle on it.
pub(crate) struct Process {
    id: u32,
    handle: OwnedFd,
}

impl Process {
    /// The process at the other end of a connection. A bus that gives a handle gives that of the
    /// process that connected; otherwise the one that has its number now is taken hold of.
    ///
    /// # Errors
    /// The bus names none, or it is gone.
    pub(crate) async fn of(bus: &DBusProxy<'_>, name: &UniqueName<'_>) -> Result<Self, NotLocal> {
        let credentials = bus
            .get_connection_credentials(BusName::Unique(name.clone()))
            .await
            .map_err(|_| NotLocal::NoProcess)?;
        let id = credentials.process_id().filter(|id| *id != 0).ok_or(NotLocal::NoProcess)?;
        let handle = match credentials.into_process_fd() {
            Some(handle) => handle.into(),
            None => open(id)?,
        };
        let process = Self { id, handle };
        if process.has_ended() { Err(NotLocal::ProcessGone) } else { Ok(process) }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Makes sure that what was found out under its number was found out about it, and that it is
    /// still on its connection.
    ///
    /// # Errors
    /// It ended, left, or the bus names another.
    pub(crate) async fn confirm(
        &self,
        bus: &DBusProxy<'_>,
        name: &UniqueName<'_>,
    ) -> Result<(), NotLocal> {
        let now = bus.get_connection_unix_process_id(BusName::Unique(name.clone())).await;
        if now.is_ok_and(|id| id == self.id) && !self.has_ended() {
            Ok(())
        } else {
            Err(NotLocal::ProcessGone)
        }
    }

    /// A handle becomes readable when its process ends.
    pub(crate) fn has_ended(&self) -> bool {
        let mut handles = [PollFd::new(&self.handle, PollFlags::IN)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut handles, Some(&at_once)) != Ok(0)
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
    fn a_process_that_ended_is_noticed_and_its_number_is_not_taken_for_another() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let id = child.id();
        let process = Process { id, handle: open(id).unwrap() };
        assert!(!process.has_ended());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(process.has_ended());
        assert_eq!(open(0).unwrap_err(), NotLocal::NoProcess);
        assert_eq!(open(u32::MAX).unwrap_err(), NotLocal::NoProcess);
    }
}
