//! `Verify` over the daemon's socket for root. Users who keep the bus busy do not delay it.

use std::io;
use std::os::fd::AsRawFd;

use fpass_proto::root_socket::{ANSWER_MAX, VerifyRequest, parse_answer};
use fpass_proto::{Uid, Verdict, names};
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

/// Asks for a verdict, after the account of the daemon was checked.
pub(super) async fn verify(
    stream: UnixStream,
    account: Option<Uid>,
    subject: &Subject,
    deadline: Instant,
) -> Result<Verdict, Outcome> {
    let peer = stream.peer_cred().map_err(|error| io_error(&error, Outcome::ConnectionLost))?;
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
    let lost = |error| io_error(&error, Outcome::ConnectionLost);
    // A daemon whose places are taken answers and closes before it reads.
    let sent = send_all(&stream, &request.to_bytes()).await;
    let answer = receive_all(&stream).await.map_err(lost)?;
    if answer.is_empty() {
        sent.map_err(lost)?;
        return Err(Outcome::ConnectionLost);
    }
    parse_answer(&answer).ok_or(Outcome::VersionSkew)?.map_err(Outcome::Refused)
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

/// Reads until the other end closes, or until the answer is longer than any answer.
async fn receive_all(stream: &UnixStream) -> io::Result<Vec<u8>> {
    let mut answer = Vec::new();
    let mut piece = [0; ANSWER_MAX];
    while answer.len() <= ANSWER_MAX {
        stream.readable().await?;
        match stream.try_read(&mut piece) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(piece.get(..length).unwrap_or_default()),
            Err(error) if would_block(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(answer)
}
