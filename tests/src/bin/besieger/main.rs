//! A user without a session who attacks the daemon: `besieger KIND [DIRECTORY]`, until it is
//! killed. It speaks to the bus by itself, so that no library slows it down.
//!
//! `descriptors`: calls with sixteen descriptors that want no reply. `signals`: signals with
//! sixteen descriptors to the daemon alone. `silent`: attempts about somebody else that want no
//! reply. `asking`: the same with a reply. `passing`: one attempt for each of many connections.
//! `socket`: connections to the socket for root. `disk`: a file in DIRECTORY that grows until the
//! disk is full, again and again.
//!
//! `listen` serves the socket for root and answers every request with a match. `ask` sends one
//! request to it and prints the answer, or the error.

#![forbid(unsafe_code)]

use std::{
    env,
    fs::File,
    io::{self, IoSlice, Read, Write},
    mem::MaybeUninit,
    num::NonZeroU32,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::{UnixListener, UnixStream},
    },
    process::ExitCode,
    thread,
    time::Duration,
};

use fpass_proto::{
    Verdict, names,
    root_socket::{self, VerifyRequest},
};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use zbus::{Message, message::Flags};

/// Descriptors of one message: as many as the bus allows.
const DESCRIPTORS: usize = 16;
/// Messages that are written at once.
const BATCH: u32 = 50;
/// Pause of an attacker whom the bus has disconnected.
const RECONNECT: Duration = Duration::from_millis(50);

/// A connection to the system bus.
struct Bus {
    stream: UnixStream,
    serial: u32,
}

impl Bus {
    fn connect() -> io::Result<Self> {
        let path = names::SYSTEM_BUS_ADDRESS.trim_start_matches("unix:path=");
        let mut stream = UnixStream::connect(path)?;
        let uid = rustix::process::geteuid().as_raw().to_string();
        let identity: String = uid.bytes().map(|digit| format!("{digit:02x}")).collect();
        stream.write_all(format!("\0AUTH EXTERNAL {identity}\r\n").as_bytes())?;
        expect_line(&mut stream, "OK ")?;
        stream.write_all(b"NEGOTIATE_UNIX_FD\r\n")?;
        expect_line(&mut stream, "AGREE_UNIX_FD")?;
        stream.write_all(b"BEGIN\r\n")?;
        let mut bus = Self { stream, serial: 0 };
        let hello = Message::method_call("/org/freedesktop/DBus", "Hello")
            .destination("org.freedesktop.DBus")
            .interface("org.freedesktop.DBus");
        bus.send(&hello.build(&()).map_err(io::Error::other)?, 1)?;
        Ok(bus)
    }

    /// Sends a message a number of times, each with a number of its own.
    fn send(&mut self, message: &Message, times: u32) -> io::Result<()> {
        let mut bytes = Vec::new();
        for _ in 0..times {
            self.serial = self.serial.checked_add(1).unwrap_or(1);
            let start = bytes.len();
            bytes.extend_from_slice(message.data());
            if let Some(place) = bytes.get_mut(start + 8..start + 12) {
                place.copy_from_slice(&self.serial.to_ne_bytes());
            }
        }
        if message.data().fds().is_empty() {
            return self.stream.write_all(&bytes);
        }
        // Descriptors come with the first byte of their message.
        for message in bytes.chunks(message.data().len()) {
            let null = File::open("/dev/null")?;
            let descriptors: [BorrowedFd<'_>; DESCRIPTORS] = std::array::from_fn(|_| null.as_fd());
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
            let mut control = SendAncillaryBuffer::new(&mut space);
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
            let parts = [IoSlice::new(message)];
            let sent = sendmsg(&self.stream, &parts, &mut control, SendFlags::NOSIGNAL)?;
            self.stream.write_all(message.get(sent..).unwrap_or_default())?;
        }
        Ok(())
    }
}

fn expect_line(stream: &mut UnixStream, start: &str) -> io::Result<()> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\r\n") {
        stream.read_exact(&mut byte)?;
        line.extend_from_slice(&byte);
    }
    if line.starts_with(start.as_bytes()) {
        Ok(())
    } else {
        Err(io::Error::other(String::from_utf8_lossy(&line).into_owned()))
    }
}

/// A call of the daemon.
fn call(interface: &'static str, member: &'static str) -> zbus::message::Builder<'static> {
    Message::method_call(names::OBJECT_PATH, member)
        .destination(names::BUS_NAME)
        .interface(interface)
        .serial(NonZeroU32::MIN)
}

/// An attempt about the user alice, who is somebody else.
const ATTEMPT: (u32, &str, &str, &str, u32) =
    (fpass_tests::ALICE.uid, "alice", "login", "tty1", 10_000);

fn message(kind: &str) -> zbus::Result<Message> {
    let null = File::open("/dev/null")?;
    let descriptors: Vec<zbus::Fd<'_>> = (0..DESCRIPTORS).map(|_| null.as_fd().into()).collect();
    match kind {
        "descriptors" => call(names::MACHINE_INTERFACE, "Cameras")
            .with_flags(Flags::NO_REPLY_EXPECTED)
            .build(&descriptors),
        "signals" => Message::signal(names::OBJECT_PATH, names::MACHINE_INTERFACE, "Changed")
            .destination(names::BUS_NAME)
            .build(&descriptors),
        "silent" => call(names::VERIFICATION_INTERFACE, "Verify")
            .with_flags(Flags::NO_REPLY_EXPECTED)
            .build(&ATTEMPT),
        _ => call(names::VERIFICATION_INTERFACE, "Verify").build(&ATTEMPT),
    }
}

fn attack(kind: &str) -> io::Result<()> {
    if kind == "socket" {
        for _ in 0..BATCH {
            drop(UnixStream::connect(names::ROOT_SOCKET));
        }
        return Ok(());
    }
    let message = message(kind).map_err(io::Error::other)?;
    if kind == "passing" {
        loop {
            Bus::connect()?.send(&message, 1)?;
        }
    }
    let mut bus = Bus::connect()?;
    // Replies are read and dropped, so that the bus goes on reading from this connection.
    let mut replies = bus.stream.try_clone()?;
    thread::spawn(move || io::copy(&mut replies, &mut io::sink()));
    loop {
        bus.send(&message, BATCH)?;
    }
}

/// Fills the disk, and takes what becomes free.
fn fill(directory: &str) -> io::Result<()> {
    let path = format!("{directory}/{}", rustix::process::geteuid().as_raw());
    let mut file = File::options().create(true).append(true).open(path)?;
    loop {
        while file.write_all(&[1; 512]).is_ok() {}
        thread::sleep(Duration::from_millis(5));
    }
}

/// Answers every request on the socket for root with a match.
fn listen() -> io::Result<()> {
    let listener = UnixListener::bind(names::ROOT_SOCKET)?;
    loop {
        let (mut stream, _) = listener.accept()?;
        let _ = stream.read(&mut [0; root_socket::REQUEST_MAX]);
        let _ = stream.write_all(&root_socket::answer_to_bytes(Ok(Verdict::Match)));
    }
}

/// The answer on the socket for root about alice.
fn ask() -> io::Result<String> {
    let mut stream = UnixStream::connect(names::ROOT_SOCKET)?;
    let (uid, user, service, terminal, timeout_ms) = ATTEMPT;
    let request = VerifyRequest { uid, user, service, terminal, timeout_ms };
    // A daemon that refuses the caller closes the connection before it reads.
    let _ = stream.write_all(&request.to_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["disk", directory] => {
            let _ = fill(directory);
        }
        ["listen"] => {
            let _ = listen();
        }
        ["ask"] => {
            let answer = ask().unwrap_or_else(|error| format!("refused: {error}"));
            let written = io::stdout().write_all(answer.as_bytes());
            return if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        [kind] => loop {
            // The bus may disconnect an attacker, who comes back.
            let _ = attack(kind);
            thread::sleep(RECONNECT);
        },
        _ => {}
    }
    ExitCode::FAILURE
}
