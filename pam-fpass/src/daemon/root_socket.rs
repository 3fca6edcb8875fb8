//! `Verify` over the daemon's socket for root. Users who keep the bus busy do not delay it.

use std::io;
use std::os::fd::AsRawFd;

use fpass_proto::root_socket::{Response, ResponseError, VerifyRequest};
use fpass_proto::{Prompt, Uid, Verdict, names};
use nix::sys::socket::{MsgFlags, send};
use nix::unistd::geteuid;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::time::Instant;

use super::{io_error, remaining_ms};
use crate::outcome::Outcome;
use crate::preflight::Subject;
use crate::socket::would_block;

/// Connects, unless there is no daemon yet or this process is not root's: then the bus is used.
pub(super) async fn connect() -> Option<UnixStream> {
    if !geteuid().is_root() {
        return None;
    }
    UnixStream::connect(names::ROOT_SOCKET).await.ok()
}

/// Size of the pieces in which a response is read, in bytes.
const PIECE: usize = 256;

/// Asks for a verdict, after the account of the daemon was checked. `show` gets the prompts. `None`
/// if the other end closed the connection before it had read the request, and answered nothing: no
/// attempt was begun or counted then.
pub(super) async fn verify(
    stream: UnixStream,
    account: Option<Uid>,
    subject: &Subject,
    deadline: Instant,
    show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
) -> Result<Option<Verdict>, Outcome> {
    let peer = stream.peer_cred().map_err(|error| lost(&error))?;
    if !names::may_own_bus_name(Uid(peer.uid()), account) {
        return Err(Outcome::WrongOwner);
    }
    let request = VerifyRequest {
        uid: subject.uid.0,
        user: subject.user.as_str(),
        service: subject.service.as_str(),
        terminal: subject.terminal(),
        timeout_ms: remaining_ms(deadline)?,
    };
    // A daemon whose places are taken answers and closes before it reads.
    let sent = match send_all(&stream, &request.to_bytes()).await {
        Err(error) if !is_closed(&error) => return Err(lost(&error)),
        sent => sent,
    };
    let (response, end) = receive(&stream, show).await?;
    let unread = sent.is_err() || end == ResponseEnd::Reset;
    let is_empty = response.is_empty();
    match response.end() {
        // Nobody can judge a request without reading it.
        Ok(Ok(_)) if unread => Err(Outcome::ConnectionLost),
        Ok(answer) => answer.map(Some).map_err(Outcome::Refused),
        Err(ResponseError::Invalid) => Err(Outcome::VersionSkew),
        Err(ResponseError::Missing) if unread && is_empty => Ok(None),
        Err(ResponseError::Missing) => Err(Outcome::ConnectionLost),
    }
}

/// How the other end closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ResponseEnd {
    /// It had read everything, or the response is invalid already.
    Closed,
    /// It had not read the whole request: the kernel then resets the connection (`unix(7)`).
    Reset,
}

/// Whether an error says that the other end has closed.
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

/// Sends bytes. A closed socket gives an error instead of SIGPIPE, which would end the
/// application.
async fn send_all(stream: &UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        let sent = stream.try_io(Interest::WRITABLE, || {
            send(stream.as_raw_fd(), bytes, MsgFlags::MSG_NOSIGNAL).map_err(io::Error::from)
        });
        match sent {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(error) if would_block(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads until the other end closes, or until nothing that follows can be an answer.
async fn receive(
    stream: &UnixStream,
    show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
) -> Result<(Response, ResponseEnd), Outcome> {
    let mut response = Response::default();
    let mut piece = [0; PIECE];
    while !response.is_invalid() {
        stream.readable().await.map_err(|error| lost(&error))?;
        match stream.try_read(&mut piece) {
            Ok(0) => break,
            Err(error) if is_closed(&error) => return Ok((response, ResponseEnd::Reset)),
            Ok(length) => response.take(piece.get(..length).unwrap_or_default(), &mut *show)?,
            Err(error) if would_block(&error) => {}
            Err(error) => return Err(lost(&error)),
        }
    }
    Ok((response, ResponseEnd::Closed))
}

fn lost(error: &io::Error) -> Outcome {
    io_error(error, Outcome::ConnectionLost)
}
