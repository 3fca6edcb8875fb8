use std::{
    io::{Read, Write},
    num::NonZeroU32,
    os::unix::net::UnixStream,
    thread,
};

use zbus::{Message, connection};

use super::*;
use crate::{
    admission::{Gate, RefusedCalls},
    folder::private_directory,
    scripted,
    throttle::SystemClock,
};

/// A bus that authenticates one client, gives it a name, and answers nothing else.
fn greet(mut client: UnixStream) {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"BEGIN\r\n") {
        client.read_exact(&mut byte).unwrap();
        text.push(byte[0]);
        if text.ends_with(b"\r\n") {
            let line = text[..text.len() - 2].rsplit(|byte| *byte == b'\n').next().unwrap();
            if line.ends_with(b"NEGOTIATE_UNIX_FD") {
                client.write_all(b"AGREE_UNIX_FD\r\n").unwrap();
            } else if !line.ends_with(b"BEGIN") {
                client.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n").unwrap();
            }
        }
    }
    let mut hello = [0; 16];
    client.read_exact(&mut hello).unwrap();
    let serial = u32::from_ne_bytes(*hello[8..].first_chunk().unwrap());
    let call = Message::method_call("/", "Hello").serial(NonZeroU32::new(serial).unwrap());
    let call = call.build(&()).unwrap();
    let reply = Message::method_return(&call.header()).sender("org.freedesktop.DBus");
    client.write_all(reply.build(&":1.1").unwrap().data()).unwrap();
    // Until the client has gone.
    let _ = std::io::copy(&mut client, &mut std::io::sink());
}

/// The interfaces hold the connection that holds them. A daemon that keeps one of them at its end
/// does not wait for its engine, which then still has the camera.
#[tokio::test]
async fn a_withdrawn_daemon_is_dropped() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let greeting = thread::spawn(|| greet(theirs));
    ours.set_nonblocking(true).unwrap();
    let connection = connection::Builder::unix_stream(ours).build().await.unwrap();
    let directory = private_directory();
    let service = scripted::service(directory.path(), SystemClock::new());
    let (gate, _arrivals) = Gate::new(RefusedCalls::default());
    let kept = Arc::downgrade(&service);
    let questions = connection.clone();
    let bus = Bus { service, gate: Arc::new(gate), connection: connection.clone(), questions };
    offer(bus.clone()).await.unwrap();
    let listener = root_socket::listen(&directory.path().join("socket")).unwrap();
    let root_socket = Some(tokio::spawn(root_socket::serve(listener, bus)));
    let departure = tokio::spawn(async {});
    let served = Served { connection: connection.clone(), departure, root_socket };
    assert!(kept.upgrade().is_some(), "the interfaces hold the daemon");
    withdraw(served).await;
    assert!(kept.upgrade().is_none(), "an interface is left");
    connection.close().await.unwrap();
    greeting.join().unwrap();
}
