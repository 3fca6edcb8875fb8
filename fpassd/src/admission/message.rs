//! One message from the bus, read piece by piece into bounded memory.

use std::{io, os::fd::OwnedFd};

use zbus::{
    Message, connection::socket::ReadHalf, export::async_trait::async_trait, message::Flags,
};

use super::stream::Stream;

/// Size of the largest message that is read, in bytes; larger ones are skipped. A bundle of
/// templates from another machine has at most 1 MiB.
const MESSAGE_MAX: u64 = (1 << 20) + (64 << 10);
/// Length of the fixed part of the header, in bytes. It holds the length of the message (D-Bus
/// specification, "Message Format").
const HEADER: usize = 16;
/// Size of the largest valid message, in bytes (ibid.).
const LENGTH_MAX: u64 = 128 << 20;
/// Bytes that are skipped at once.
const PIECE: usize = 16 << 10;

/// A whole message. Dropping it closes its descriptors.
#[derive(Debug)]
pub(super) struct RawMessage {
    bytes: Vec<u8>,
    descriptors: Vec<OwnedFd>,
}

impl RawMessage {
    /// Parses it as the message with this number on its connection.
    ///
    /// # Errors
    /// Those of zbus for a malformed message.
    pub(super) async fn parse(self, number: u64) -> zbus::Result<Message> {
        let Self { bytes, descriptors } = self;
        let mut whole = Whole { bytes: io::Cursor::new(bytes), descriptors };
        whole.receive_message(number, &mut Vec::new(), &mut Vec::new()).await
    }
}

/// A message in memory, for the parser of zbus.
#[derive(Debug)]
struct Whole {
    bytes: io::Cursor<Vec<u8>>,
    descriptors: Vec<OwnedFd>,
}

#[async_trait]
impl ReadHalf for Whole {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        let length = io::Read::read(&mut self.bytes, buffer)?;
        Ok((length, std::mem::take(&mut self.descriptors)))
    }
}

/// The message that is being read. Reading can be broken off at every await and goes on later.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    filled: usize,
    descriptors: Vec<OwnedFd>,
    /// Bytes of a too large message that are still to be skipped.
    skip: u64,
    /// Bytes and descriptors that arrived during the handshake.
    before: Vec<u8>,
    before_descriptors: Vec<OwnedFd>,
}

impl Incoming {
    /// Takes over what arrived during the handshake.
    pub(super) fn start_with(&mut self, bytes: &mut Vec<u8>, descriptors: &mut Vec<OwnedFd>) {
        self.before.append(bytes);
        self.before_descriptors.append(descriptors);
    }

    /// Reads the next message that is not too large.
    ///
    /// # Errors
    /// Those of `recvmsg(2)`; `InvalidData` when the start of the next message is unknown.
    pub(super) async fn next(&mut self, stream: &Stream) -> io::Result<RawMessage> {
        loop {
            if self.skip > 0 {
                self.bytes.resize(PIECE.min(usize::try_from(self.skip).unwrap_or(PIECE)), 0);
                self.filled = 0;
                let length = self.fill(stream).await?;
                self.descriptors.clear();
                self.skip = self.skip.saturating_sub(length as u64);
                self.filled = 0;
                self.bytes.clear();
                continue;
            }
            if self.bytes.is_empty() {
                self.bytes.resize(HEADER, 0);
            }
            if self.filled < self.bytes.len() {
                self.fill(stream).await?;
                continue;
            }
            let length = length(&self.bytes)?;
            if length > MESSAGE_MAX {
                self.skip = length.saturating_sub(HEADER as u64);
            } else if let Ok(length) = usize::try_from(length)
                && length > self.bytes.len()
            {
                self.bytes.resize(length, 0);
            } else {
                self.filled = 0;
                return Ok(RawMessage {
                    bytes: std::mem::take(&mut self.bytes),
                    descriptors: std::mem::take(&mut self.descriptors),
                });
            }
        }
    }

    /// Reads more of the current piece, and returns how much.
    async fn fill(&mut self, stream: &Stream) -> io::Result<usize> {
        let place = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let length = if self.before.is_empty() {
            let (length, mut descriptors) = stream.receive(place).await?;
            self.descriptors.append(&mut descriptors);
            length
        } else {
            self.descriptors.append(&mut self.before_descriptors);
            let length = self.before.len().min(place.len());
            for (place, byte) in place.iter_mut().zip(self.before.drain(..length)) {
                *place = byte;
            }
            length
        };
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.filled += length;
        Ok(length)
    }
}

/// Length of a message in bytes: the fixed header, the fields padded to a multiple of eight, and
/// the body. zbus checks the rest.
///
/// # Errors
/// `InvalidData` when this cannot be a header: the start of the next message is then unknown.
fn length(bytes: &[u8]) -> io::Result<u64> {
    let Some([endian, _, _, _, b0, b1, b2, b3, _, _, _, _, f0, f1, f2, f3]) =
        bytes.first_chunk::<HEADER>()
    else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let number = match endian {
        b'l' => u32::from_le_bytes,
        b'B' => u32::from_be_bytes,
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    let (body, fields) = (number([*b0, *b1, *b2, *b3]), number([*f0, *f1, *f2, *f3]));
    let length = HEADER as u64 + u64::from(fields).next_multiple_of(8) + u64::from(body);
    if length > LENGTH_MAX { Err(io::ErrorKind::InvalidData.into()) } else { Ok(length) }
}

/// Whether a message brings no descriptors. No method and no signal needs any.
pub(super) fn is_plain(message: &Message) -> bool {
    message.data().fds().is_empty()
}

/// Whether a caller waits for the reply to a call. A verdict that nobody reads is of no use.
pub(super) fn wants_reply(call: &Message) -> bool {
    !call.primary_header().flags().contains(Flags::NO_REPLY_EXPECTED)
}

#[cfg(test)]
mod tests;
