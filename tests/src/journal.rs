//! A fake journal: it receives records by journald's native protocol and returns them as
//! `journalctl --output=json` prints them.

mod native;

use std::{
    fs,
    io::{IoSliceMut, Read},
    mem::MaybeUninit,
    os::{
        fd::OwnedFd,
        unix::{fs::PermissionsExt, net::UnixDatagram},
    },
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, UCred, recvmsg, sockopt};
use serde_json::Value;

use crate::{DAEMON_UID, TestbedError};

const DIRECTORY: &str = "/run/systemd/journal";
/// How often the thread checks whether it must end.
const LOOK: Duration = Duration::from_millis(50);
/// Largest datagram in bytes; a larger entry arrives as a file in memory.
const DATAGRAM_MAX: usize = 1024 * 1024;

/// The fake journal. A daemon that starts after it logs to it. It ends with this value.
#[derive(Debug)]
pub struct Journal {
    lines: Arc<Mutex<Vec<Value>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Starts it on the machine of the calling thread.
    ///
    /// # Errors
    /// Says why nothing can be sent to it.
    pub fn start() -> Result<Self, TestbedError> {
        let path = format!("{DIRECTORY}/socket");
        let socket = fs::create_dir_all(DIRECTORY)
            .and_then(|()| UnixDatagram::bind(&path))
            .and_then(|socket| {
                fs::set_permissions(&path, fs::Permissions::from_mode(0o666))?;
                socket.set_read_timeout(Some(LOOK))?;
                sockopt::set_socket_passcred(&socket, true)?;
                Ok(socket)
            })
            .map_err(TestbedError::io(format!("listening on {path}")))?;
        let lines = Arc::<Mutex<Vec<Value>>>::default();
        let ends = Arc::new(AtomicBool::new(false));
        let thread = thread::Builder::new()
            .name("journal".to_owned())
            .spawn({
                let (lines, ends) = (Arc::clone(&lines), Arc::clone(&ends));
                move || {
                    while !ends.load(Ordering::Relaxed) {
                        if let Some(line) = receive(&socket) {
                            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                        }
                    }
                }
            })
            .map_err(TestbedError::io("starting the thread of the fake journal"))?;
        Ok(Self { lines, ends, thread: Some(thread) })
    }

    /// Its entries in order, one object each.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The entries that are records of the audit log with a place.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let has_place = |line: &Value| line.get(fpass_proto::audit::SEQUENCE).is_some();
        self.lines().into_iter().filter(has_place).collect()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Receives one entry, unless the time runs out.
fn receive(socket: &UnixDatagram) -> Option<Value> {
    let mut bytes = vec![0; DATAGRAM_MAX];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1), ScmCredentials(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let received = recvmsg(socket, &mut parts, &mut ancillary, RecvFlags::empty()).ok()?;
    let (mut sender, mut file): (Option<UCred>, Option<OwnedFd>) = (None, None);
    for message in ancillary.drain() {
        match message {
            RecvAncillaryMessage::ScmCredentials(credentials) => sender = Some(credentials),
            RecvAncillaryMessage::ScmRights(mut files) => file = files.next(),
            _ => {}
        }
    }
    bytes.truncate(received.bytes);
    if let Some(file) = file {
        bytes.clear();
        fs::File::from(file).read_to_end(&mut bytes).ok()?;
    }
    // Trusted fields come from the system, not from the sender.
    let sender = sender?;
    let uid = sender.uid.as_raw();
    let unit = if uid == DAEMON_UID { "fpassd.service" } else { "user.service" };
    let mut entry = native::entry(&bytes)?;
    for (name, value) in [
        ("_UID", uid.to_string()),
        ("_PID", sender.pid.as_raw_nonzero().to_string()),
        ("_SYSTEMD_UNIT", unit.to_owned()),
        ("_TRANSPORT", "journal".to_owned()),
        ("__REALTIME_TIMESTAMP", "1700000000000000".to_owned()),
    ] {
        entry.insert(name.to_owned(), Value::String(value));
    }
    Some(Value::Object(entry))
}
