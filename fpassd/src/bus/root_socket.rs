//! `Verify` on a socket that only root can reach: the logins of a computer whose bus is kept busy.
//!
//! The kernel refuses other users before anything is spent on them: the socket has mode 0600 and
//! belongs to the daemon's account.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use fpass_proto::{
    Refusal, Uid, Verdict,
    root_socket::{REQUEST_MAX, VerifyRequest, answer_to_bytes, prompt_to_bytes},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream, unix::WriteHalf},
    sync::Semaphore,
    time::timeout,
};

use super::{
    Bus,
    cues::{CueRecipient, CueSender, forwarding},
    request::Request,
    verification::{self, VERIFY},
};
use crate::{cancel::CancelFlag, cue::Cue, seat::PeerProcess};

/// Most connections at once: as many as root has places at the gate. Further callers hear
/// `QueueFull`.
const CONNECTIONS_MAX: usize = 256;
/// Longest time for a request to arrive, and for an answer to be taken.
const TRANSFER_MAX: Duration = Duration::from_secs(2);
/// Pause after the kernel could not accept a connection, for want of descriptors for example.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Opens the socket at this path, and replaces one that an earlier daemon left.
///
/// # Errors
/// The directory is missing or belongs to somebody else.
pub(super) fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    // Until here the mode depends on the umask; the account of each caller is checked as well.
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers callers until the task is aborted.
pub(super) async fn serve(listener: UnixListener, bus: Bus) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                    turn_away(stream);
                    continue;
                };
                let bus = bus.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &bus).await {
                        tracing::debug!(%error, "a caller on the socket for root has left");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection to the socket for root failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Tells a caller that all places are taken, without a task for it.
fn turn_away(stream: UnixStream) {
    // tokio writes only after it was told that there is room; a new connection always has room.
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write_all(&answer_to_bytes(Err(Refusal::QueueFull)));
    }
}

/// One request and its answer.
async fn converse(mut stream: UnixStream, bus: &Bus) -> io::Result<()> {
    let started = Instant::now();
    let peer = stream.peer_cred()?;
    if !Uid(peer.uid()).is_root() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let process = peer.pid().and_then(|pid| u32::try_from(pid).ok()).unwrap_or_default();
    let process = PeerProcess::with_id(process).map_err(|_| io::ErrorKind::NotConnected)?;
    let bytes = timeout(TRANSFER_MAX, receive(&mut stream)).await??;
    if process.has_ended() {
        return Err(io::ErrorKind::NotConnected.into());
    }
    let answer = match VerifyRequest::parse(&bytes) {
        Some(arguments) => answer(&mut stream, bus, process, &arguments, started).await,
        None => Err(Refusal::InvalidArgument),
    };
    if answer == Err(Refusal::Cancelled) && bus.service.calls.are_stopping() {
        // The end of the connection says that the daemon is gone, and lets the module offer a code.
        return Ok(());
    }
    timeout(TRANSFER_MAX, stream.write_all(&answer_to_bytes(answer))).await??;
    Ok(())
}

/// Reads one request.
async fn receive(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(REQUEST_MAX);
    let mut limited = stream.take(REQUEST_MAX as u64);
    while !VerifyRequest::is_complete(&bytes) {
        if limited.read_buf(&mut bytes).await? == 0 {
            break;
        }
    }
    Ok(bytes)
}

/// The verdict. Prompts are sent before it. The attempt is cancelled when the caller closes the
/// connection.
async fn answer(
    stream: &mut UnixStream,
    bus: &Bus,
    process: PeerProcess,
    arguments: &VerifyRequest<'_>,
    started: Instant,
) -> Result<Verdict, Refusal> {
    let (sender, cues) = CueSender::channel();
    let request = Request::begin_on_socket(bus, process, VERIFY, sender);
    let (mut reader, writer) = stream.split();
    let verdict = async {
        let mut verdict = Box::pin(verification::verify(&request, arguments, started));
        tokio::select! {
            verdict = &mut verdict => return verdict,
            // A caller sends nothing after its request, so this is the end of the connection.
            _ = reader.read_u8() => request.cancel().raise(),
        }
        verdict.await
    };
    let caller = SocketCaller { writer, cancel: request.cancel() };
    forwarding(cues, verdict, caller).await
}

/// The caller at the other end of the socket.
struct SocketCaller<'a> {
    writer: WriteHalf<'a>,
    cancel: &'a CancelFlag,
}

impl CueRecipient for SocketCaller<'_> {
    async fn pass_on(&mut self, cue: Cue) {
        // A login shows no bar.
        let Cue::Prompt(prompt) = cue else { return };
        let bytes = prompt_to_bytes(prompt);
        if !matches!(timeout(TRANSFER_MAX, self.writer.write_all(&bytes)).await, Ok(Ok(()))) {
            // What is sent after half a prompt would be no response.
            self.cancel.raise();
        }
    }
}
