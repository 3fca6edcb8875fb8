//! The socket of the connection. It drops messages that are larger than any that this module
//! expects.
//!
//! Every client of the system bus may send signals of many MiB to any other. Reading them as a
//! whole would exhaust the memory of the application.

use std::fmt::Debug;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use nix::sys::socket::{MsgFlags, Shutdown, sendmsg, shutdown};
use tokio::io::Interest;
use tokio::net::UnixStream;
use zbus::Message;
use zbus::connection::socket::{ReadHalf, Socket, Split, WriteHalf};
use zbus::export::async_trait::async_trait;

/// Size of the largest message that is read, in bytes. A verdict or an error takes a few hundred,
/// and dozens of messages of this size fit into the memory reserve.
const MESSAGE_MAX: u64 = 16 << 10;
/// Length of the fixed part of the header, in bytes. It holds the length of the message (D-Bus
/// specification, "Message Format").
const HEADER: usize = 16;
/// Size of the largest valid message, in bytes (ibid.).
const LENGTH_MAX: u64 = 128 << 20;

/// A stream to the bus.
#[derive(Debug)]
pub(crate) struct BusSocket(UnixStream);

impl BusSocket {
    /// Connects. Must run inside the caller's runtime.
    ///
    /// # Errors
    /// Those of `connect(2)`.
    pub(crate) async fn connect(path: &str) -> io::Result<Self> {
        UnixStream::connect(path).await.map(Self)
    }
}

impl Socket for BusSocket {
    type ReadHalf = SizeLimited<Reader>;
    type WriteHalf = Writer;

    fn split(self) -> Split<Self::ReadHalf, Self::WriteHalf> {
        let stream = Arc::new(self.0);
        Split::new(SizeLimited(Reader(stream.clone())), Writer(stream))
    }
}

/// Reads bytes. No descriptors arrive, because the client does not negotiate them.
#[derive(Debug)]
pub(crate) struct Reader(Arc<UnixStream>);

#[async_trait]
impl ReadHalf for Reader {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        loop {
            self.0.readable().await?;
            match self.0.try_read(buffer) {
                Err(error) if would_block(&error) => {}
                read => return read.map(|length| (length, Vec::new())),
            }
        }
    }
}

/// Writes bytes. A closed socket gives an error instead of SIGPIPE, which would end the
/// application.
#[derive(Debug)]
pub(crate) struct Writer(Arc<UnixStream>);

#[async_trait]
impl WriteHalf for Writer {
    async fn sendmsg(&mut self, buffer: &[u8], _: &[BorrowedFd<'_>]) -> io::Result<usize> {
        loop {
            self.0.writable().await?;
            let sent = self.0.try_io(Interest::WRITABLE, || {
                let parts = [IoSlice::new(buffer)];
                sendmsg::<()>(self.0.as_raw_fd(), &parts, &[], MsgFlags::MSG_NOSIGNAL, None)
                    .map_err(io::Error::from)
            });
            match sent {
                Err(error) if would_block(&error) => {}
                sent => return sent,
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        shutdown(self.0.as_raw_fd(), Shutdown::Both).map_err(io::Error::from)
    }
}

/// Whether reading or writing is to be tried again.
pub(crate) fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// Passes on the messages that are small enough, and skips the others.
#[derive(Debug)]
pub(crate) struct SizeLimited<R>(R);

#[async_trait]
impl<R: ReadHalf> ReadHalf for SizeLimited<R> {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        self.0.recvmsg(buffer).await
    }

    async fn receive_message(
        &mut self,
        seq: u64,
        already_received_bytes: &mut Vec<u8>,
        already_received_fds: &mut Vec<OwnedFd>,
    ) -> zbus::Result<Message> {
        loop {
            let mut header = [0; HEADER];
            self.take(&mut header, already_received_bytes).await?;
            let length = length(&header)?;
            if length <= MESSAGE_MAX {
                already_received_bytes.splice(..0, header);
                return self
                    .0
                    .receive_message(seq, already_received_bytes, already_received_fds)
                    .await;
            }
            self.skip(length.saturating_sub(HEADER as u64), already_received_bytes).await?;
        }
    }
}

impl<R: ReadHalf> SizeLimited<R> {
    /// Fills `wanted`, first from the bytes received earlier.
    async fn take(&mut self, wanted: &mut [u8], before: &mut Vec<u8>) -> zbus::Result<()> {
        let mut filled = before.len().min(wanted.len());
        for (place, byte) in wanted.iter_mut().zip(before.drain(..filled)) {
            *place = byte;
        }
        while let Some(rest) = wanted.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let (read, _) = self.0.recvmsg(rest).await?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            filled += read;
        }
        Ok(())
    }

    /// Reads this many bytes and discards them.
    async fn skip(&mut self, bytes: u64, before: &mut Vec<u8>) -> zbus::Result<()> {
        let mut piece = [0; 4096];
        let mut left = bytes;
        while left > 0 {
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let Some(piece) = piece.get_mut(..size) else { break };
            self.take(piece, before).await?;
            left = left.saturating_sub(size as u64);
        }
        Ok(())
    }
}

/// Length of a message in bytes: the fixed header, the fields padded to a multiple of eight, and
/// the body. zbus checks the rest.
///
/// # Errors
/// `InvalidData` when this cannot be a header: the start of the next message is then unknown.
fn length(header: &[u8; HEADER]) -> io::Result<u64> {
    let [endian, _, _, _, b0, b1, b2, b3, _, _, _, _, f0, f1, f2, f3] = *header;
    let number = match endian {
        b'l' => u32::from_le_bytes,
        b'B' => u32::from_be_bytes,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let (body, fields) = (number([b0, b1, b2, b3]), number([f0, f1, f2, f3]));
    let length = HEADER as u64 + u64::from(fields).next_multiple_of(8) + u64::from(body);
    if length > LENGTH_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(length)
}

#[cfg(test)]
mod tests;
