//! Faults in the process of the application, from the module's first message to the end of the
//! call.

use std::{
    fs::{self, File},
    ptr,
};

use fpass_tests::pam::HostFault;
use nix::{
    libc,
    sys::{
        resource::{Resource, getrlimit, rlim_t, setrlimit},
        signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction},
    },
};

/// Limit of descriptors for the fault that uses all of them.
const DESCRIPTORS: rlim_t = 64;

/// A running fault; it ends with this value.
pub(crate) enum ActiveFault {
    Descriptors { _taken: Vec<File> },
    AddressSpace(rlim_t, rlim_t),
    Signals,
}

/// Starts a fault.
pub(crate) fn begin(fault: HostFault) -> Option<ActiveFault> {
    match fault {
        HostFault::None => None,
        HostFault::Descriptors => {
            let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
            setrlimit(Resource::RLIMIT_NOFILE, DESCRIPTORS.min(hard), hard).ok()?;
            let mut taken = Vec::with_capacity(128);
            while let Ok(file) = File::open("/dev/null") {
                taken.push(file);
            }
            Some(ActiveFault::Descriptors { _taken: taken })
        }
        HostFault::AddressSpace(kibibytes) => {
            let (soft, hard) = getrlimit(Resource::RLIMIT_AS).ok()?;
            let limit = (size()? + kibibytes) * 1024;
            setrlimit(Resource::RLIMIT_AS, limit, hard).ok()?;
            Some(ActiveFault::AddressSpace(soft, hard))
        }
        HostFault::Signals => {
            handle(Signal::SIGALRM, on_alarm)?;
            handle(Signal::SIGCHLD, on_other)?;
            timer(1000, 1000);
            Some(ActiveFault::Signals)
        }
        HostFault::Interrupt => {
            handle(Signal::SIGALRM, on_last_alarm)?;
            handle(Signal::SIGINT, on_other)?;
            timer(50_000, 0);
            Some(ActiveFault::Signals)
        }
        HostFault::Cancel => {
            handle(Signal::SIGINT, on_other)?;
            raise(Signal::SIGINT).ok()?;
            Some(ActiveFault::Signals)
        }
    }
}

impl Drop for ActiveFault {
    fn drop(&mut self) {
        match self {
            Self::Descriptors { .. } => {}
            Self::AddressSpace(soft, hard) => {
                let _ = setrlimit(Resource::RLIMIT_AS, *soft, *hard);
            }
            Self::Signals => timer(0, 0),
        }
    }
}

extern "C" fn on_alarm(_: libc::c_int) {
    // SAFETY: `raise` is safe in a handler and has no precondition.
    unsafe { libc::raise(libc::SIGCHLD) };
}

extern "C" fn on_last_alarm(_: libc::c_int) {
    // SAFETY: as above.
    unsafe { libc::raise(libc::SIGINT) };
}

extern "C" fn on_other(_: libc::c_int) {}

/// Installs a handler that interrupts system calls.
fn handle(signal: Signal, handler: extern "C" fn(libc::c_int)) -> Option<()> {
    let action = SigAction::new(SigHandler::Handler(handler), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handlers of this file call nothing but `raise`, which may be called there.
    unsafe { sigaction(signal, &action) }.ok().map(drop)
}

/// Sends this process `SIGALRM` after a number of microseconds and then at an interval; 0 disables
/// it.
fn timer(first: libc::suseconds_t, then: libc::suseconds_t) {
    let span = |microseconds| libc::timeval { tv_sec: 0, tv_usec: microseconds };
    let timer = libc::itimerval { it_interval: span(then), it_value: span(first) };
    // SAFETY: `timer` is a valid value and the previous one is not wanted.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, ptr::null_mut()) };
}

/// Size of the address space in KiB.
fn size() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    line.split_whitespace().next()?.parse().ok()
}
