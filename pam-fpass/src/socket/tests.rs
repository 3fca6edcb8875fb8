//! Messages of every size, in pieces of every size.

use std::collections::VecDeque;

use super::*;

/// Gives its bytes in pieces of a size.
#[derive(Debug)]
struct Pieces(VecDeque<u8>, usize);

#[async_trait]
impl ReadHalf for Pieces {
    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        let size = self.1.min(buffer.len()).min(self.0.len());
        for (place, byte) in buffer.iter_mut().zip(self.0.drain(..size)) {
            *place = byte;
        }
        Ok((size, Vec::new()))
    }
}

fn signal(text: &str) -> Message {
    Message::signal("/", "org.example.Talk", "Said").build(&(text,)).unwrap()
}

/// Texts of the messages that get through, of a stream in pieces of this size of which the first
/// `before` bytes were received during the handshake.
fn heard(stream: &[u8], piece: usize, before: usize) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (early, late) = stream.split_at(before.min(stream.len()));
    let mut early = early.to_vec();
    let mut half = Bounded(Pieces(late.to_vec().into(), piece));
    let mut texts = Vec::new();
    while let Ok(message) = runtime.block_on(half.receive_message(0, &mut early, &mut Vec::new())) {
        texts.push(message.body().deserialize::<String>().unwrap());
    }
    texts
}

#[test]
fn what_is_too_large_is_dropped_and_what_follows_is_read() {
    let huge = "x".repeat(80_000);
    let mut stream = Vec::new();
    for text in ["first", &huge, "second", &huge, &huge, "third"] {
        stream.extend_from_slice(signal(text).data());
    }
    for piece in [13, 16, 4096, 1 << 21] {
        for before in [0, 15, 16, 17, 70_000] {
            assert_eq!(heard(&stream, piece, before), ["first", "second", "third"]);
        }
    }
}

#[test]
fn the_limit_is_where_it_says() {
    let length_of = |text: &str| {
        let message = signal(text);
        let bytes: &[u8] = message.data();
        let mut header = [0; HEADER];
        header.copy_from_slice(&bytes[..HEADER]);
        assert_eq!(length(&header), bytes.len() as u64);
        bytes.len()
    };
    let most = usize::try_from(MESSAGE_MAX).unwrap();
    let overhead = length_of("");
    for (size, passes) in [(most - overhead, true), (most - overhead + 1, false)] {
        let text = "x".repeat(size);
        assert_eq!(length_of(&text), size + overhead);
        assert_eq!(heard(signal(&text).data(), 1000, 0).len(), usize::from(passes), "{size}");
    }
}

#[test]
fn a_message_that_announces_too_much_or_ends_too_early_ends_the_connection() {
    let mut header = [0xff; HEADER];
    header[0] = b'l';
    assert_eq!(length(&header), 16 + (1 << 32) + u64::from(u32::MAX));
    assert!(heard(&header, 5, 0).is_empty());
    assert!(heard(&[], 1, 0).is_empty());
    let message = signal("cut");
    let bytes: &[u8] = message.data();
    for end in [1, 15, 16, 40, bytes.len() - 1] {
        assert!(heard(&bytes[..end], 3, 0).is_empty(), "{end}");
    }
}

#[test]
fn the_other_byte_order_is_understood() {
    let mut header = [0; HEADER];
    header[0] = b'B';
    header[7] = 3;
    header[15] = 9;
    assert_eq!(length(&header), 16 + 16 + 3);
}
