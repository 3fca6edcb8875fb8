//! The picture of an enrolment or a preview: only the connection that started it gets it, only
//! until its end, and the picture goes nowhere else.

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
    fn start(kind: &str) -> Self {
        let program = tree::install("viewer").unwrap();
        let mut process = Command::new("setpriv")
            .args([&format!("--reuid={}", ALICE.uid), "--clear-groups", &program, ALICE.name, kind])
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
    for kind in ["enrolment", "preview"] {
        others_get_no_picture(&testbed, kind);
    }
}

fn others_get_no_picture(testbed: &Testbed, kind: &str) {
    let mut viewer = Viewer::start(kind);
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
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{kind} {caller}");
    }
    for other in ["uint32:0", "uint32:4294967295"] {
        let reply = testbed.call("root", ENROLMENT_INTERFACE, "Picture", &[other]).unwrap();
        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{kind} {other}");
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
    let mut viewer = Viewer::start("enrolment");
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

/// Names of the daemon's threads that hold a camera.
fn camera_threads(testbed: &Testbed) -> Vec<String> {
    let tasks = format!("/proc/{}/task", testbed.daemon_id().unwrap());
    let names = fs::read_dir(tasks).unwrap().filter_map(|task| {
        // A thread may end meanwhile.
        fs::read_to_string(task.ok()?.path().join("comm")).ok()
    });
    names
        .map(|name| name.trim().to_owned())
        .filter(|name| ["camera", "decoder", "recording"].contains(&name.as_str()))
        .collect()
}

#[test]
fn a_preview_compares_nobody_keeps_nothing_and_lets_the_camera_go() {
    let mut testbed = Testbed::with_alice().unwrap();
    // Somebody else, who would count as a failure if a face were compared.
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let records = || {
        let store = fs::read_dir("/var/lib/fpass").unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> = store
            .filter(|path| path.is_file() && path.file_name().unwrap() != "audit-head")
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = records();
    let command = "timeout --signal=INT 10 fpass-enroll preview --plain";
    let shown = testbed.run("alice", "sh", &["-c", command]).unwrap();
    assert!(shown.stdout.contains("Good, keep looking at the camera."), "{shown:?}");
    let mut viewer = Viewer::start("preview");
    for word in ["request", "own", "twin"] {
        viewer.expect(word);
    }
    assert!(!camera_threads(&testbed).is_empty(), "the camera is on during a preview");
    viewer.go_on();
    viewer.expect("late");
    assert_eq!(camera_threads(&testbed), Vec::<String>::new());
    assert!(before == records(), "a preview changed the store");
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    assert_eq!(testbed.verify("root", ALICE).unwrap(), Reply::verdict(Verdict::Match));
}

/// Types Ctrl-Z and then Ctrl-C when the screen is there, in a shell with job control.
const TYPED: &str = r#"
soon() { for try in $(seq 300); do eval "$1" && return; sleep 0.1; done; exit; }
shown() { grep -ao '\[?1049h' typed | wc -l; }
soon '[ "$(shown)" -ge 1 ]'; printf '\032'
soon 'grep -aq stopped= typed && [ "$(shown)" -ge 2 ]'; printf '\003'
soon 'grep -aq ended= typed'
"#;

#[test]
fn ctrl_z_gives_the_terminal_back_and_the_screen_comes_again() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    let program = "stty rows 24 columns 80; export TERM=xterm-256color COLORTERM=truecolor; \
                   fpass-enroll preview; echo stopped=$?; fg; echo ended=$?";
    testbed
        .run("alice", "sh", &["-c", &format!("cat > /tmp/job <<'END'\n{program}\nEND")])
        .unwrap();
    let line = format!(
        "cd $(mktemp -d) && touch typed && ({TYPED}) | timeout 90 script -qefc \
         'bash --norc --noprofile -m /tmp/job' typed"
    );
    let run = testbed.run("alice", "bash", &["-c", &line]).unwrap();
    let shown = &run.stdout;
    let (before, after) = shown.split_once("stopped=").unwrap_or_else(|| panic!("{run:?}"));
    assert!(after.starts_with("147") || after.starts_with("148"), "{after}");
    const ENTER: &str = "\u{1b}[?1049h";
    const LEAVE: &str = "\u{1b}[?1049l";
    assert!(
        before.rfind(LEAVE) > before.rfind(ENTER),
        "the shell got a screen that is not its own"
    );
    let (again, end) = after.split_once("ended=").unwrap_or_else(|| panic!("{run:?}"));
    assert!(again.contains(ENTER) && again.rfind(LEAVE) > again.rfind(ENTER), "{again}");
    assert!(end.starts_with('0'), "{end}");
}

#[test]
fn a_signal_restores_the_terminal() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    for signal in ["TERM", "HUP", "QUIT", "INT"] {
        let command = format!(
            "stty rows 24 columns 80; env TERM=xterm-256color COLORTERM=truecolor timeout \
             --foreground --signal={signal} 5 fpass-enroll preview"
        );
        let shown = testbed.run("alice", "script", &["-qefc", &command, "/dev/null"]).unwrap();
        let end = shown.stdout.rfind("\u{1b}[?1049l").unwrap_or_else(|| panic!("{signal}"));
        assert!(shown.stdout.rfind("\u{1b}[?1049h").is_some_and(|start| start < end), "{signal}");
        assert!(shown.stdout[end..].contains("\u{1b}[?25h"), "{signal}: the cursor is hidden");
    }
}
