//! Messages of every size, in chunks of every size.

use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

/// Gives its bytes in chunks of the given size.
#[derive(Debug)]
struct Chunks(VecDeque<u8>, usize);

#[async_trait]
impl ReadHalf for Chunks {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        let size = self.1.min(buffer.len()).min(self.0.len());
        for (place, byte) in buffer.iter_mut().zip(self.0.drain(..size)) {
            *place = byte;
        }
        Ok((size, Vec::new()))
    }
}

/// Gives its bytes, then stays open without giving more.
#[derive(Debug)]
struct StaysOpen(Chunks);

#[async_trait]
impl ReadHalf for StaysOpen {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        if self.0.0.is_empty() {
            return pending().await;
        }
        self.0.recvmsg(buffer).await
    }
}

/// The first message of a connection that stays open; `Pending` when more bytes are needed.
fn first(stream: &[u8]) -> Poll<zbus::Result<Message>> {
    let mut half = SizeLimited(StaysOpen(Chunks(stream.to_vec().into(), 4096)));
    let (mut early, mut descriptors) = (Vec::new(), Vec::new());
    let message = pin!(half.receive_message(0, &mut early, &mut descriptors));
    message.poll(&mut Context::from_waker(Waker::noop()))
}

/// The fixed header of a message with a body and fields of these lengths in bytes.
fn header(endian: u8, body: u32, fields: u32) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = endian;
    header[3] = 1;
    header[4..8].copy_from_slice(&body.to_le_bytes());
    header[12..].copy_from_slice(&fields.to_le_bytes());
    header
}

fn signal(text: &str) -> Message {
    Message::signal("/", "org.example.Talk", "Said").build(&(text,)).unwrap()
}

/// Texts of the messages that get through. The stream comes in chunks of `chunk` bytes; its first
/// `before` bytes were received during the handshake.
fn texts_read(stream: &[u8], chunk: usize, before: usize) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (early, late) = stream.split_at(before.min(stream.len()));
    let mut early = early.to_vec();
    let mut half = SizeLimited(Chunks(late.to_vec().into(), chunk));
    let mut texts = Vec::new();
    while let Ok(message) = runtime.block_on(half.receive_message(0, &mut early, &mut Vec::new())) {
        texts.push(message.body().deserialize::<String>().unwrap());
    }
    texts
}

#[test]
fn a_message_that_is_too_large_is_dropped_and_the_next_is_read() {
    let huge = "x".repeat(80_000);
    let mut stream = Vec::new();
    for text in ["first", &huge, "second", &huge, &huge, "third"] {
        stream.extend_from_slice(signal(text).data());
    }
    for chunk in [13, 16, 4096, 1 << 21] {
        for before in [0, 15, 16, 17, 70_000] {
            assert_eq!(texts_read(&stream, chunk, before), ["first", "second", "third"]);
        }
    }
}

#[test]
fn the_limit_is_exact() {
    let length_of = |text: &str| {
        let message = signal(text);
        let bytes: &[u8] = message.data();
        let mut header = [0; HEADER];
        header.copy_from_slice(&bytes[..HEADER]);
        assert_eq!(length(&header).unwrap(), bytes.len() as u64);
        bytes.len()
    };
    let most = usize::try_from(MESSAGE_MAX).unwrap();
    let overhead = length_of("");
    for (size, passes) in [(most - overhead, true), (most - overhead + 1, false)] {
        let text = "x".repeat(size);
        assert_eq!(length_of(&text), size + overhead);
        assert_eq!(texts_read(signal(&text).data(), 1000, 0).len(), usize::from(passes), "{size}");
    }
}

#[test]
fn an_invalid_header_ends_the_connection_at_once() {
    let most = u32::try_from(LENGTH_MAX).unwrap() - 16;
    for wrong in [
        header(b'l', u32::MAX, u32::MAX),
        header(b'l', most + 1, 0),
        header(b'l', most - 8, 9),
        header(b'L', 0, 8),
        header(0, 0, 0),
        header(0xff, 80_000, 0),
    ] {
        let mut stream = wrong.to_vec();
        stream.extend_from_slice(signal("behind").data());
        let answer = first(&stream);
        let Poll::Ready(Err(zbus::Error::InputOutput(error))) = &answer else {
            panic!("{wrong:?}: {answer:?}");
        };
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{wrong:?}");
    }
    // The largest valid message is skipped: the connection waits for the rest of it.
    assert_eq!(length(&header(b'l', most, 0)).unwrap(), LENGTH_MAX);
    let mut stream = header(b'l', most, 0).to_vec();
    stream.extend_from_slice(signal("within").data());
    assert!(first(&stream).is_pending());
    assert!(matches!(first(signal("whole").data()), Poll::Ready(Ok(_))));
}

#[test]
fn a_message_that_ends_too_early_ends_the_connection() {
    assert!(texts_read(&[], 1, 0).is_empty());
    let message = signal("cut");
    let bytes: &[u8] = message.data();
    for end in [1, 15, 16, 40, bytes.len() - 1] {
        assert!(texts_read(&bytes[..end], 3, 0).is_empty(), "{end}");
    }
}

#[test]
fn big_endian_messages_are_read() {
    let mut header = [0; HEADER];
    header[0] = b'B';
    header[7] = 3;
    header[15] = 9;
    assert_eq!(length(&header).unwrap(), 16 + 16 + 3);
}
