//! SIGKILL before and after every system call of a change to the store.
//!
//! The change runs in a process of its own: this test program, started again and traced by ptrace
//! from one system call to the next. The first process is killed at the first stop, the second at
//! the second stop, and so on until one finishes. After each kill, the store is opened as the
//! daemon opens it at its start.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use nix::{
    sys::{
        ptrace,
        signal::{Signal, raise},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Pid, gettid},
};
use zeroize::Zeroizing;

use super::{
    tests::{ALICE, BOB, HORIZON, add, binding, label, template},
    *,
};
use crate::recovery::Code;

/// Environment variables that tell the driven process its store and its work.
const DIRECTORY: &str = "FPASS_CRASH_DIRECTORY";
const WORK: &str = "FPASS_CRASH_WORK";
/// The driven process sends this signal to itself before and after its work. The tracer does not
/// deliver it.
const MARK: Signal = Signal::SIGUSR1;

const CAROL: Uid = Uid(1002);

fn store_in(directory: &Path) -> Store {
    Store::new(directory.to_owned(), binding())
}

fn work(name: &str, directory: &Path) -> Result<(), StoreError> {
    let store = store_in(directory);
    match name {
        "enrol" => add(&store, ALICE, template("new")),
        "clear" => store.clear(ALICE, None),
        "forget" => store.forget(ALICE),
        "redeem" => {
            let typed = fs::read_to_string(directory.join("typed")).unwrap();
            store.redeem(ALICE, &Code::parse(&typed).unwrap(), || true)
        }
        "rotate" => rotate_key(directory, &binding()).map(drop),
        "downgrade" => downgrade(directory, &binding(), Format::V3).map(drop),
        other => panic!("{other} is no work"),
    }
}

#[test]
#[ignore = "the process that the other tests of this file start and kill"]
fn driven() {
    let (Some(directory), Ok(name)) = (env::var_os(DIRECTORY), env::var(WORK)) else { return };
    println!("\nthread {}", gettid());
    std::io::stdin().read_line(&mut String::new()).unwrap();
    raise(MARK).unwrap();
    let outcome = work(&name, Path::new(&directory));
    raise(MARK).unwrap();
    outcome.unwrap();
}

/// A stopped process that is about to do its work.
struct Driven {
    child: Child,
    thread: Pid,
}

impl Driven {
    fn start(name: &str, directory: &Path) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "store::crash::driven", "--ignored", "--nocapture"])
            .env(DIRECTORY, directory)
            .env(WORK, name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let named = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("thread ").map(str::to_owned));
        let thread = Pid::from_raw(named.unwrap().parse().unwrap());
        let mut driven = Self { child, thread };
        ptrace::attach(thread).unwrap();
        assert!(matches!(driven.stop(), WaitStatus::Stopped(_, Signal::SIGSTOP)));
        ptrace::setoptions(thread, ptrace::Options::PTRACE_O_TRACESYSGOOD).unwrap();
        driven.child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
        ptrace::cont(thread, None).unwrap();
        assert!(matches!(driven.stop(), WaitStatus::Stopped(_, MARK)));
        driven
    }

    fn stop(&mut self) -> WaitStatus {
        waitpid(self.thread, Some(WaitPidFlag::__WALL)).unwrap()
    }

    /// Continues to the next entry into or return from a system call; `false` when the work is
    /// done.
    fn step(&mut self) -> bool {
        ptrace::syscall(self.thread, None).unwrap();
        match self.stop() {
            WaitStatus::PtraceSyscall(_) => true,
            WaitStatus::Stopped(_, MARK) => false,
            other => panic!("{other:?}"),
        }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        // A traced thread stays until its tracer has waited for it, and its process stays with it.
        while !matches!(self.stop(), WaitStatus::Signaled(..) | WaitStatus::Exited(..)) {}
        // Waiting for the first thread reaps the process.
        if self.thread.as_raw().unsigned_abs() != self.child.id() {
            self.child.wait().unwrap();
        }
    }
}

/// A directory in memory, where sync is cheap. A killed process leaves the same files on every file
/// system.
fn directory_in_memory() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { env::temp_dir() };
    let mode = fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().permissions(mode).tempdir_in(root).unwrap()
}

/// Kills the work at each stop, in a directory that `prepare` filled. `check` examines what is
/// left, before and after a start of the daemon. Returns the number of stops.
fn killed_at_every_stop(
    name: &str,
    prepare: impl Fn(&Path),
    check: impl Fn(&Store, usize),
) -> usize {
    for stops in 1.. {
        let directory = directory_in_memory();
        create_key(directory.path()).unwrap();
        prepare(directory.path());
        let mut driven = Driven::start(name, directory.path());
        let alive = (0..stops).all(|_| driven.step());
        driven.kill();
        let store = store_in(directory.path());
        check(&store, stops);
        store.lock().unwrap();
        let drafts = fs::read_dir(directory.path()).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().ends_with("draft")
        });
        assert_eq!(drafts.count(), 0, "{name}, stop {stops}");
        check(&store, stops);
        // The next change succeeds.
        add(&store, CAROL, template("next")).unwrap();
        if !alive {
            println!(
                "{name}: kill at {} system calls, before and after each: 0 lost",
                (stops - 1) / 2
            );
            return stops - 1;
        }
    }
    unreachable!()
}

fn labels(store: &Store, uid: Uid) -> Vec<String> {
    let templates = store.templates_or_empty(uid).unwrap().1;
    templates.iter().map(|template| template.label.as_str().to_owned()).collect()
}

/// A lower limit for the stops of a change of one record: fewer would mean that the change was not
/// traced.
const PLAUSIBLE: usize = 2 * 20;

#[test]
fn a_first_enrolment_is_there_or_was_never_begun() {
    let stops = killed_at_every_stop(
        "enrol",
        |_| {},
        |store, stop| {
            let (generation, templates) = store.templates_or_empty(ALICE).unwrap();
            let state = store.state(ALICE).unwrap();
            match templates.len() {
                0 => assert_eq!((generation, state), (0, EnrolmentState::NeverEnrolled), "{stop}"),
                _ => {
                    assert_eq!((generation, state), (1, EnrolmentState::Enrolled), "{stop}");
                    assert_eq!(labels(store, ALICE), ["new"]);
                }
            }
        },
    );
    assert!(stops > PLAUSIBLE, "{stops}");
}

#[test]
fn a_replaced_record_is_the_old_or_the_new_one() {
    let prepare = |directory: &Path| {
        add(&store_in(directory), ALICE, template("old")).unwrap();
    };
    let stops = killed_at_every_stop("enrol", prepare, |store, stop| {
        match store.templates_or_empty(ALICE).unwrap().0 {
            1 => assert_eq!(labels(store, ALICE), ["old"], "{stop}"),
            2 => assert_eq!(labels(store, ALICE), ["old", "new"], "{stop}"),
            other => panic!("{stop}: generation {other}"),
        }
    });
    assert!(stops > PLAUSIBLE, "{stops}");
    killed_at_every_stop("clear", prepare, |store, stop| {
        match store.templates_or_empty(ALICE).unwrap().0 {
            1 => assert_eq!(labels(store, ALICE), ["old"], "{stop}"),
            2 => assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::Removed, "{stop}"),
            other => panic!("{stop}: generation {other}"),
        }
    });
    killed_at_every_stop("forget", prepare, |store, stop| {
        match store.templates_or_empty(ALICE).unwrap().0 {
            0 => assert_eq!(store.state(ALICE).unwrap(), EnrolmentState::NeverEnrolled, "{stop}"),
            _ => assert_eq!(labels(store, ALICE), ["old"], "{stop}"),
        }
    });
}

/// Alice with recovery codes; she has typed the first. The codes are made once, because hashing
/// them takes time.
fn about_to_recover(directory: &Path) {
    static DRAWN: OnceLock<(Vec<u8>, Zeroizing<String>)> = OnceLock::new();
    add(&store_in(directory), ALICE, template("face")).unwrap();
    let (file, typed) = DRAWN.get_or_init(|| {
        let codes = store_in(directory).renew_codes(ALICE, None).unwrap();
        (fs::read(directory.join("1000.recovery")).unwrap(), codes[0].spell())
    });
    Folder::open(directory).unwrap().write("1000.recovery", file).unwrap();
    fs::write(directory.join("typed"), typed.as_bytes()).unwrap();
}

fn typed_code(store: &Store) -> Code {
    Code::parse(&fs::read_to_string(store.directory.join("typed")).unwrap()).unwrap()
}

#[test]
fn a_code_that_was_about_to_be_struck_is_there_or_used_and_no_other_is_touched() {
    let stops = killed_at_every_stop("redeem", about_to_recover, |store, stop| {
        let left = store.codes_left(ALICE).unwrap();
        assert!((9..=10).contains(&left), "{stop}: {left}");
        // Without using the code: the check runs twice.
        let again = store.redeem(ALICE, &typed_code(store), || false).err().unwrap();
        match left {
            10 => assert!(matches!(again, StoreError::CodeAbandoned), "{stop}: {again}"),
            _ => assert!(matches!(again, StoreError::CodeRefused), "{stop}: {again}"),
        }
    });
    assert!(stops > PLAUSIBLE, "{stops}");
}

/// Three records in two formats. One is a tombstone.
fn three_records(directory: &Path) {
    let store = store_in(directory);
    for uid in [ALICE, BOB, Uid(1003)] {
        add(&store, uid, template("face")).unwrap();
    }
    store.clear(BOB, None).unwrap();
    downgrade(directory, &binding(), Format::V3).unwrap();
    store.rename(ALICE, None, HORIZON, &label("face"), &label("four")).unwrap();
}

fn all_three_are_there(store: &Store, stop: usize) {
    assert_eq!(labels(store, ALICE), ["four"], "{stop}");
    assert_eq!(store.state(BOB).unwrap(), EnrolmentState::Removed, "{stop}");
    assert_eq!(labels(store, Uid(1003)), ["face"], "{stop}");
}

#[test]
fn every_record_opens_wherever_a_rotation_stops() {
    let stops = killed_at_every_stop("rotate", three_records, |store, stop| {
        all_three_are_there(store, stop);
    });
    assert!(stops > 3 * PLAUSIBLE, "{stops}");
}

#[test]
fn every_record_opens_wherever_a_downgrade_stops() {
    killed_at_every_stop("downgrade", three_records, |store, stop| {
        all_three_are_there(store, stop);
    });
}
