use std::{io::Write, os::unix::net::UnixStream, time::Duration};

use super::*;

fn call(size: usize) -> Vec<u8> {
    let call = Message::method_call("/", "Verify").sender(":1.1");
    call.build(&"x".repeat(size)).unwrap().data().to_vec()
}

/// Reads messages from these bytes, which arrive in pieces.
async fn read(bytes: Vec<u8>, piece: usize, number: usize) -> Vec<io::Result<RawMessage>> {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(piece) {
            if theirs.write_all(piece).is_err() {
                return;
            }
        }
    });
    let stream = Stream::of(ours).unwrap();
    let mut incoming = Incoming::default();
    let mut messages = Vec::new();
    while messages.len() < number {
        // Broken off again and again, as by calls that were admitted meanwhile.
        let next = tokio::time::timeout(Duration::from_micros(50), incoming.next(&stream));
        if let Ok(message) = next.await {
            messages.push(message);
        }
    }
    drop(stream);
    writer.join().unwrap();
    messages
}

#[tokio::test]
async fn messages_arrive_whole_and_too_large_ones_are_skipped() {
    let large = call(2 << 20);
    let bytes = [call(10), call(100_000), large.clone(), large, call(20), call(0)].concat();
    for piece in [1 << 20, 4097, 333] {
        let messages = read(bytes.clone(), piece, 4).await;
        for (message, size) in messages.into_iter().zip([10, 100_000, 20, 0]) {
            let message = message.unwrap().parse(1).await.unwrap();
            let text: String = message.body().deserialize().unwrap();
            assert_eq!(text.len(), size);
        }
    }
}

#[tokio::test]
async fn what_arrived_during_the_handshake_comes_first() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let first = call(10);
    theirs.write_all(&first[20..]).unwrap();
    theirs.write_all(&call(20)).unwrap();
    let stream = Stream::of(ours).unwrap();
    let mut incoming = Incoming::default();
    incoming.start_with(&mut first[..20].to_vec(), &mut Vec::new());
    for size in [10, 20] {
        let message = incoming.next(&stream).await.unwrap().parse(1).await.unwrap();
        assert_eq!(message.body().deserialize::<String>().unwrap().len(), size);
    }
}

#[tokio::test]
async fn bytes_that_begin_no_message_end_the_connection() {
    for bytes in [b"GET / HTTP/1.0\r\n".to_vec(), [b"l\x01\0\x01".as_slice(), &[255; 12]].concat()]
    {
        assert!(read(bytes, 16, 1).await[0].is_err());
    }
}
