//! The picture of an enrolment: only the connection that enrols gets it, only while it enrols, and
//! the picture goes nowhere else.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use fpass_proto::{Refusal, Verdict, names::ENROLMENT_INTERFACE};
use fpass_tests::{
    ALICE, Reply, Scene, Testbed,
    scene::{BIDEN, OBAMA},
    strace::Strace,
    tree,
};

const NOT_AUTHORIZED: &str = "org.fpass.Fpass1.Error.NotAuthorized";

/// A viewer that runs as alice, and what it prints.
struct Viewer {
    process: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Viewer {
    fn start() -> Self {
        let program = tree::install("viewer").unwrap();
        let mut process = Command::new("setpriv")
            .args([&format!("--reuid={}", ALICE.uid), "--clear-groups", &program, ALICE.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The rest of the next line, which begins with this word.
    fn expect(&mut self, word: &str) -> String {
        let line = self.lines.next().unwrap().unwrap();
        let rest = line.strip_prefix(word).unwrap_or_else(|| panic!("{word}: {line}"));
        rest.trim().to_owned()
    }

    /// Lets it end the enrolment.
    fn go_on(&mut self) {
        writeln!(self.process.stdin.as_mut().unwrap()).unwrap();
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A running machine with two people in front of the camera, so that no enrolment gets a frame.
fn with_two_people() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::two_people(OBAMA, BIDEN)).unwrap();
    testbed
}

#[test]
fn a_stranger_another_connection_and_a_late_caller_get_no_picture() {
    let testbed = with_two_people();
    let mut viewer = Viewer::start();
    let request = viewer.expect("request");
    let own = viewer.expect("own");
    let numbers: Vec<u32> = own.split(' ').map(|word| word.parse().unwrap()).collect();
    assert!(numbers[0] <= 320 && numbers[1] <= 240 && numbers[0] > 100, "{own}");
    assert!((20..236).contains(&numbers[2]), "the picture is all black or all white: {own}");
    assert_eq!(numbers[3..], [0; 4], "two faces have no outline");
    assert_eq!(viewer.expect("twin"), NOT_AUTHORIZED);
    let argument = format!("uint32:{request}");
    for caller in ["alice", "bob", "fpassd", "root"] {
        let reply = testbed.call(caller, ENROLMENT_INTERFACE, "Picture", &[&argument]).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{caller}");
    }
    for other in ["uint32:0", "uint32:4294967295"] {
        let reply = testbed.call("root", ENROLMENT_INTERFACE, "Picture", &[other]).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{other}");
    }
    viewer.go_on();
    assert_eq!(viewer.expect("late"), NOT_AUTHORIZED);
}

/// Bytes of a picture that are searched for: eight pixels.
const PIECE: usize = 24;

/// The first buffer of a line of strace, in bytes.
fn buffer(line: &str) -> Vec<u8> {
    let Some(text) = line.split('"').nth(1) else { return Vec::new() };
    let byte = |digits: &str| u8::from_str_radix(digits, 16).ok();
    text.split("\\x").filter_map(byte).collect()
}

#[test]
fn the_bytes_of_a_picture_are_written_into_sealed_files_only() {
    let testbed = with_two_people();
    let trace = Path::new("/run/testbed/picture.trace");
    let calls = "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,splice,vmsplice";
    let recording = Strace::record(testbed.daemon_id().unwrap(), calls, trace).unwrap();
    let mut viewer = Viewer::start();
    viewer.expect("request");
    viewer.expect("own");
    viewer.expect("twin");
    viewer.go_on();
    viewer.expect("late");
    drop(recording);
    let trace = fs::read_to_string(trace).unwrap();
    // strace also writes the paths behind descriptors in hexadecimal digits.
    let sealed: String = b"/memfd:picture".iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let (pictures, others): (Vec<&str>, Vec<&str>) =
        trace.lines().partition(|line| line.contains(&sealed));
    let pieces: HashSet<Vec<u8>> = pictures
        .iter()
        .map(|line| buffer(line))
        .filter(|bytes| bytes.len() > 10_000)
        .flat_map(|bytes| bytes.chunks_exact(PIECE).map(<[u8]>::to_vec).collect::<Vec<_>>())
        .filter(|piece| piece.iter().collect::<HashSet<_>>().len() > PIECE / 3)
        .collect();
    assert!(pieces.len() > 100, "the trace has no picture: {} lines", pictures.len());
    assert!(!others.is_empty(), "the trace has no other call");
    for line in others {
        let bytes = buffer(line);
        let found = bytes.windows(PIECE).any(|window| pieces.contains(window));
        assert!(!found, "{}", line.get(..200).unwrap_or(line));
    }
}

#[test]
fn a_terminal_shows_the_picture_and_a_plain_one_shows_lines() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let on_terminal = |label: &str, option: &str, colours: &str| {
        let command = format!(
            "stty rows 24 columns 80; env TERM=xterm-256color {colours} fpass-enroll add --label \
             {label} {option}"
        );
        testbed.run("alice", "script", &["-qefc", &command, "/dev/null"]).unwrap()
    };
    const HALF_BLOCK: &str = "\u{2580}";
    let shown = on_terminal("one", "", "COLORTERM=truecolor");
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(shown.stdout.contains(HALF_BLOCK), "no picture: {}", shown.stdout);
    let end = shown.stdout.rfind("\u{1b}[?1049l").unwrap();
    assert!(shown.stdout[end..].contains("Try it out with"), "{}", &shown.stdout[end..]);
    for (label, option, colours) in
        [("two", "--plain", "COLORTERM=truecolor"), ("three", "", "NO_COLOR=1")]
    {
        let shown = on_terminal(label, option, colours);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(!shown.stdout.contains(HALF_BLOCK), "{label}");
    }
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::verdict(Verdict::Match));
}
