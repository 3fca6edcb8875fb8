//! The socket for root, with a process behind it that answers anything.

use std::{
    convert::Infallible,
    fs,
    io::{Read, Write},
    os::fd::AsRawFd,
    os::unix::{
        fs::{PermissionsExt, chown},
        net::{UnixListener, UnixStream},
    },
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use fpass_proto::{Refusal, Verdict, names, root_socket};
use fpass_tests::{ALICE, BOB, Background, Testbed, tree, watch::wait_until};
use nix::sys::socket::{MsgFlags, recv};

use crate::{
    AUTH_ERR, IGNORE, SUCCESS, UNAVAIL,
    attempt::Attempt,
    machine,
    refusals::code,
    stacks,
    table::{Expected, Table},
};

/// What a listener does after it has read a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Sends these bytes and closes.
    Answers(Vec<u8>),
    /// Sends these bytes and does not close.
    Holds(Vec<u8>),
}

/// A process of root's on the socket. The module believes root.
pub(crate) struct Listener {
    behaviour: Arc<Mutex<Behaviour>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Vec<u8>>>>,
}

impl Listener {
    pub(crate) fn start() -> Self {
        let _ = fs::remove_file(names::ROOT_SOCKET);
        let listener = UnixListener::bind(names::ROOT_SOCKET).unwrap();
        let behaviour = Arc::new(Mutex::new(Behaviour::Answers(Vec::new())));
        let ended = Arc::new(AtomicBool::new(false));
        let (shared, stop) = (Arc::clone(&behaviour), Arc::clone(&ended));
        let thread = thread::spawn(move || {
            let (mut requests, mut held) = (Vec::new(), Vec::new());
            while let Ok((mut stream, _)) = listener.accept() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let mut request = vec![0; root_socket::REQUEST_MAX];
                let length = stream.read(&mut request).unwrap_or(0);
                request.truncate(length);
                requests.push(request);
                let behaviour = shared.lock().unwrap().clone();
                // A caller that has enough closes early.
                match behaviour {
                    Behaviour::Answers(bytes) => drop(stream.write_all(&bytes)),
                    Behaviour::Holds(bytes) => {
                        drop(stream.write_all(&bytes));
                        held.push(stream);
                    }
                }
            }
            requests
        });
        Self { behaviour, ended, thread: Some(thread) }
    }

    pub(crate) fn does(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// Ends it, and returns the requests that it has read.
    pub(crate) fn end(mut self) -> Vec<Vec<u8>> {
        self.ended.store(true, Ordering::SeqCst);
        drop(UnixStream::connect(names::ROOT_SOCKET));
        let requests = self.thread.take().unwrap().join().unwrap();
        fs::remove_file(names::ROOT_SOCKET).unwrap();
        requests
    }
}

fn refused(table: &mut Table, testbed: &Testbed, what: &str, (word, code): (&str, i32)) {
    for arguments in ["timeout=1", "timeout=1 nullok"] {
        let attempt = Attempt::of(ALICE, arguments);
        let expected = Expected::refused(&[word], &[code]);
        table.row(testbed, &format!("socket: {what}"), &attempt, &stacks::all(), &expected);
    }
}

#[test]
fn only_a_verdict_of_the_daemon_on_the_socket_admits() {
    let testbed = machine();
    let mut table = Table::new("10-socket");
    let listener = Listener::start();
    answers(&mut table, &testbed, &listener);
    what_is_no_answer(&mut table, &testbed, &listener);
    for request in listener.end() {
        let request = root_socket::VerifyRequest::parse(&request).unwrap();
        assert_eq!((request.uid, request.user), (ALICE.uid, ALICE.name));
    }
    nobody(&mut table, &testbed);
    account_of_another(&mut table, &testbed);
    table.close();
}

/// Both verdicts and every refusal.
fn answers(table: &mut Table, testbed: &Testbed, listener: &Listener) {
    let says = |answer| listener.does(Behaviour::Answers(root_socket::answer_to_bytes(answer)));
    says(Ok(Verdict::Match));
    let admitted = Expected::admitted("match", SUCCESS);
    let attempt = Attempt::of(ALICE, "timeout=1");
    table.row(testbed, "socket: match", &attempt, &stacks::all(), &admitted);
    says(Ok(Verdict::NoMatch));
    refused(table, testbed, "no match", ("no-match", AUTH_ERR));
    for &refusal in Refusal::ALL {
        says(Err(refusal));
        let word = refusal.error_name().rsplit('.').next().unwrap();
        for nullok in [false, true] {
            let attempt = Attempt::of(ALICE, if nullok { "nullok" } else { "" });
            let expected = if nullok && refusal == Refusal::NeverEnrolled {
                Expected::admitted(word, IGNORE)
            } else {
                Expected::refused(&[word], &[code(refusal)])
            };
            let what = format!("socket: {word}");
            table.row(testbed, &what, &attempt, &[stacks::shipped()], &expected);
        }
    }
}

/// Bytes that are no answer, and an answer that does not end.
fn what_is_no_answer(table: &mut Table, testbed: &Testbed, listener: &Listener) {
    let never = format!("{}\0", Refusal::NeverEnrolled.error_name());
    let skew = ("version-skew", UNAVAIL);
    let rows: [(&str, Vec<u8>); 9] = [
        ("match without an end", b"match".to_vec()),
        ("match twice", b"match\0match\0".to_vec()),
        ("match and more", b"match\0m".to_vec()),
        ("Match", b"Match\0".to_vec()),
        ("a zero byte", b"\0".to_vec()),
        ("bytes that are no text", b"\xff\xfe\0".to_vec()),
        ("never enrolled, twice", never.repeat(2).into_bytes()),
        ("never enrolled and match", format!("{never}match\0").into_bytes()),
        ("an answer of a MiB", vec![b'm'; 1 << 20]),
    ];
    for (what, bytes) in rows {
        listener.does(Behaviour::Answers(bytes));
        refused(table, testbed, what, skew);
    }
    listener.does(Behaviour::Answers(Vec::new()));
    refused(table, testbed, "closed without an answer", ("connection-lost", UNAVAIL));
    for (what, bytes) in
        [("no answer", &b""[..]), ("half an answer", b"mat"), ("match, and no end", b"match\0")]
    {
        listener.does(Behaviour::Holds(bytes.to_vec()));
        refused(table, testbed, what, ("deadline-passed", UNAVAIL));
    }
}

/// A socket that nobody serves: the bus is asked, on which nobody is either.
fn nobody(table: &mut Table, testbed: &Testbed) {
    drop(UnixListener::bind(names::ROOT_SOCKET).unwrap());
    refused(table, testbed, "nobody listens", ("no-daemon", UNAVAIL));
    fs::remove_file(names::ROOT_SOCKET).unwrap();
    fs::write(names::ROOT_SOCKET, "match\0").unwrap();
    refused(table, testbed, "a plain file", ("no-daemon", UNAVAIL));
    fs::remove_file(names::ROOT_SOCKET).unwrap();
}

/// A socket that bob serves, by a mistake in the mode of its directory.
fn account_of_another(table: &mut Table, testbed: &Testbed) {
    chown(names::SOCKETS, Some(BOB.uid), Some(BOB.uid)).unwrap();
    let program = tree::install("besieger").unwrap();
    let bobs = Background::start(BOB.name, &program, &["listen"]).unwrap();
    wait_until("bob listens", || UnixStream::connect(names::ROOT_SOCKET).is_ok());
    refused(table, testbed, "served by bob", ("wrong-owner", UNAVAIL));
    drop(bobs);
}

/// When a listener closes a connection whose request it has not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    /// At once, so that the request may not be sent yet.
    AtOnce,
    /// When the request has arrived.
    WhenAsked,
    /// When the request has arrived, after this answer.
    Answering(&'static [u8]),
}

/// Lets a listener leave this number of callers, and answer each further one with a match after it
/// has read the request. Returns the code of a login and the number of its connections.
fn left(testbed: &Testbed, leaves: Leaves, times: usize) -> (&'static str, String, usize) {
    let _ = fs::remove_file(names::ROOT_SOCKET);
    let listener = UnixListener::bind(names::ROOT_SOCKET).unwrap();
    let (ended, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let login = thread::scope(|scope| {
        scope.spawn(|| {
            while let Ok((mut stream, _)) = listener.accept() {
                if ended.load(Ordering::SeqCst) {
                    break;
                }
                let arrived = || recv(stream.as_raw_fd(), &mut [0], MsgFlags::MSG_PEEK);
                if count.fetch_add(1, Ordering::SeqCst) >= times {
                    let _ = stream.read(&mut [0; root_socket::REQUEST_MAX]);
                    let _ = stream.write_all(b"match\0");
                } else if leaves != Leaves::AtOnce {
                    arrived().unwrap();
                    if let Leaves::Answering(bytes) = leaves {
                        stream.write_all(bytes).unwrap();
                    }
                }
            }
        });
        let login = testbed.login("fpass-test", ALICE.name, ALICE.password).unwrap();
        ended.store(true, Ordering::SeqCst);
        drop(UnixStream::connect(names::ROOT_SOCKET));
        login
    });
    fs::remove_file(names::ROOT_SOCKET).unwrap();
    (login.code_name(), login.sentence().to_owned(), count.into_inner())
}

#[test]
fn a_request_that_nobody_has_read_is_made_once_more() {
    let testbed = machine();
    for leaves in [Leaves::AtOnce, Leaves::WhenAsked] {
        let (code, _, connections) = left(&testbed, leaves, 1);
        assert_eq!((code, connections), ("PAM_SUCCESS", 2), "{leaves:?}");
        let (code, _, connections) = left(&testbed, leaves, usize::MAX);
        assert_eq!((code, connections), ("PAM_AUTHINFO_UNAVAIL", 2), "{leaves:?}");
    }
    // What was answered is not asked again, and nobody judges what was not read.
    for answer in [&b"match\0"[..], b"no-match\0", b"mat", b"prompt look\0"] {
        let (code, _, connections) = left(&testbed, Leaves::Answering(answer), 1);
        assert_eq!((code, connections), ("PAM_AUTHINFO_UNAVAIL", 1), "{answer:?}");
    }
    let full = Leaves::Answering(b"org.fpass.Fpass1.Error.QueueFull\0");
    let (code, sentence, connections) = left(&testbed, full, 1);
    assert_eq!((code, connections), ("PAM_AUTHINFO_UNAVAIL", 1));
    assert_eq!(sentence, Refusal::QueueFull.sentence());
}

#[test]
fn the_socket_of_the_daemon_is_for_root() {
    let mut testbed = crate::with_alice();
    let mode = || fs::metadata(names::ROOT_SOCKET).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let program = tree::install("besieger").unwrap();
    let ask = |user: &str| testbed.run(user, &program, &["ask"]).unwrap().stdout;
    assert_eq!(ask("root"), "prompt look\0match\0");
    assert_eq!(ask(ALICE.name), "refused: Permission denied (os error 13)");
    // A mistake that opens the socket does not make its callers root.
    fs::set_permissions(names::ROOT_SOCKET, fs::Permissions::from_mode(0o666)).unwrap();
    for user in [ALICE.name, BOB.name] {
        assert_eq!(ask(user), "", "{user}");
    }
    assert_eq!(ask("root"), "prompt look\0match\0");
    assert!(testbed.daemon_lives());
}

/// What the daemon answers to these bytes of a caller that runs as root.
fn answer(request: &[u8]) -> Option<Result<Verdict, Refusal>> {
    let mut stream = UnixStream::connect(names::ROOT_SOCKET).unwrap();
    // The daemon stops reading after the longest request.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    answer_of(&bytes)
}

/// The answer of a response.
fn answer_of(bytes: &[u8]) -> Option<Result<Verdict, Refusal>> {
    let mut response = root_socket::Response::default();
    let Ok(()) = response.take(bytes, |_| Ok::<(), Infallible>(()));
    response.end().ok()
}

#[test]
fn bytes_that_are_no_request_are_refused_and_callers_have_bounded_places() {
    let testbed = crate::with_alice();
    let request = root_socket::VerifyRequest {
        uid: ALICE.uid,
        user: ALICE.name,
        service: "fpass-test",
        terminal: "",
        timeout_ms: 10_000,
    };
    let bytes = request.to_bytes();
    assert_eq!(answer(&bytes), Some(Ok(Verdict::Match)), "the rows below have one fault each");
    let whole = String::from_utf8(bytes.clone()).unwrap();
    let long = "a".repeat(4 * root_socket::REQUEST_MAX);
    for (what, text) in [
        ("an older version", whole.replacen('2', "1", 1)),
        ("a newer version", whole.replacen('2', "3", 1)),
        ("two requests", whole.repeat(2)),
        ("a word for a number", whole.replace("10000", "soon")),
        ("longer than any request", long),
        ("a service with a blank", whole.replace("fpass-test", "fpass test")),
    ] {
        assert_eq!(answer(text.as_bytes()), Some(Err(Refusal::InvalidArgument)), "{what}");
    }
    let bob = whole.replace(ALICE.name, BOB.name);
    assert_eq!(answer(bob.as_bytes()), Some(Err(Refusal::UserMismatch)), "bob with alice's number");

    // Callers that send nothing keep their places for a moment.
    let silent: Vec<UnixStream> =
        (0..300).map(|_| UnixStream::connect(names::ROOT_SOCKET).unwrap()).collect();
    let mut full = Vec::new();
    let _ = (&silent[silent.len() - 1]).read_to_end(&mut full);
    assert_eq!(answer_of(&full), Some(Err(Refusal::QueueFull)));
    wait_until("the silent callers have lost their places", || {
        answer(&bytes) == Some(Ok(Verdict::Match))
    });
    drop(testbed);
}
