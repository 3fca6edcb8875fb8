//! The module changes nothing in the process of its host.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use fpass_proto::{Refusal, names};
use fpass_tests::{
    ALICE, Account, CAROL, Login, Scene, Testbed, stack,
    watch::{camera_is_on, wait_for_attempt, wait_until},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    ended_as,
    host::{Host, Report, report},
};

/// After its transactions, a host has nothing new except its own SIGINT handler.
fn left_nothing(report: &Report) {
    assert_eq!(report.after["Threads"], "1");
    assert_eq!(report.after["SigCgt"], "0000000000000002", "handlers");
    for fact in ["Descriptors", "Streams", "SigBlk", "SigIgn", "Umask"] {
        assert_eq!(report.before[fact], report.after[fact], "{fact}");
    }
    assert_eq!(report.after["SigBlk"], "0000000000000000", "a signal stays blocked");
}

#[test]
fn two_hundred_transactions_in_one_process_leave_nothing_behind() {
    let testbed = Testbed::with_alice().unwrap();
    let refused = Host { count: 200, ..Host::of("fpass-test", CAROL) }.run(&testbed, &[]);
    assert_eq!(refused.codes, ["a=9"; 200]);
    left_nothing(&refused);
    let (before, after) =
        (Report::kibibytes(&refused.before, "VmRSS"), Report::kibibytes(&refused.after, "VmRSS"));
    assert!(after <= before + 2048, "grew from {before} to {after} KiB");

    let admitted =
        Host { count: 10, calls: "as", ..Host::of("fpass-test", ALICE) }.run(&testbed, &[]);
    assert_eq!(admitted.codes, ["a=0 s=0"; 10]);
    left_nothing(&admitted);
}

#[test]
fn a_host_without_standard_streams_is_served_and_gets_none() {
    let mut testbed = Testbed::with_alice().unwrap();
    let closed = |user| Host { closed: true, count: 2, ..Host::of("fpass-test", user) };
    let admitted = closed(ALICE).run(&testbed, &[]);
    assert_eq!(admitted.codes, ["a=0"; 2]);
    left_nothing(&admitted);
    assert_eq!(admitted.after["Streams"], "-1-1-1", "a stream was opened");
    testbed.stop_daemon().unwrap();
    let refused = closed(ALICE).run(&testbed, &[]);
    assert_eq!(refused.codes, ["a=9"; 2]);
    assert_eq!(refused.after["Streams"], "-1-1-1", "a stream was opened");
}

#[test]
fn an_interrupted_host_is_served_its_signal_and_the_camera_is_freed() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let mut host = Host { calls: "a", ..Host::of("fpass-test", ALICE) }.start();
    wait_for_attempt(&testbed);
    kill(Pid::from_raw(i32::try_from(host.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(host.wait().unwrap().code(), Some(0));
    let report = report();
    assert_eq!(report.codes, ["a=19"]);
    assert_eq!(report.interrupts, 1, "the host's own handler runs, once");
    left_nothing(&report);
    wait_until("the camera is off", || !camera_is_on(&testbed));
    let cancelled = Refusal::Cancelled.error_name();
    wait_until("the journal says why", || testbed.daemon_log().contains(cancelled));
}

/// System calls of a host that strace recorded, with the arguments, by name.
fn traced(
    testbed: &Testbed,
    service: &'static str,
    user: Account,
) -> BTreeMap<String, Vec<String>> {
    const TRACE: &str = "/run/trace";
    let prefix = ["/usr/bin/strace", "-f", "-s", "128", "-o", TRACE];
    let report = Host::of(service, user).run(testbed, &prefix);
    assert_eq!(report.codes, ["a=0"], "{service}");
    let text = String::from_utf8_lossy(&fs::read(TRACE).unwrap()).into_owned();
    let processes: BTreeSet<&str> =
        text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(processes.len(), 1, "{service}: more than one thread or process: {processes:?}");
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.split_once(' ')).map(|(_, call)| call.trim()) {
        if let Some((name, arguments)) = line.split_once('(') {
            calls.entry(name.to_owned()).or_default().push(arguments.to_owned());
        }
    }
    calls
}

#[test]
fn the_module_makes_no_system_call_that_a_guest_must_not_make() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("password-only", &format!("{}\n", stack::PASSWORD_LINE)).unwrap();
    let without = traced(&testbed, "password-only", ALICE);
    // On the daemon's socket for root; then over the bus, because there is no socket.
    let on_socket = traced(&testbed, "fpass-test", ALICE);
    fs::remove_file(names::ROOT_SOCKET).unwrap();
    let on_bus = traced(&testbed, "fpass-test", ALICE);
    let is_request = |call: &&String| call.contains("\\0alice\\0");
    let requests: Vec<_> = on_socket["sendto"].iter().filter(is_request).collect();
    assert_eq!(requests.len(), 1, "strace saw the module at work: {:?}", on_socket["sendto"]);
    let messages = on_bus["sendmsg"].iter().collect();
    for (with, sent) in [(&on_socket, requests), (&on_bus, messages)] {
        behaves_as_a_guest(&without, with, &sent);
    }
}

/// Compares a host without the module to one with it, which sent something in the calls `sent`.
fn behaves_as_a_guest(
    without: &BTreeMap<String, Vec<String>>,
    with: &BTreeMap<String, Vec<String>>,
    sent: &[&String],
) {
    let count = |calls: &BTreeMap<String, Vec<String>>, name| calls.get(name).map_or(0, Vec::len);

    assert!(!sent.is_empty(), "strace saw the module at work");
    for name in [
        "clone",
        "clone3",
        "fork",
        "vfork",
        "execve",
        "sigaltstack",
        "setitimer",
        "timer_create",
        "alarm",
        "umask",
        "chdir",
        "setrlimit",
        "prctl",
        "setuid",
        "setresuid",
        "capset",
        "seccomp",
        "mkdir",
        "unlink",
        "rename",
        "ptrace",
        "kill",
        "tgkill",
    ] {
        assert_eq!(count(with, name), count(without, name), "{name}");
    }

    // The module only asks whether a signal is ignored; it never sets an action.
    let handlers = |calls: &BTreeMap<String, Vec<String>>| {
        let set = |call: &&String| call.split(", ").nth(1).is_none_or(|action| action != "NULL");
        calls.get("rt_sigaction").map_or(0, |calls| calls.iter().filter(set).count())
    };
    assert_eq!(handlers(with), handlers(without), "{:?}", with.get("rt_sigaction"));

    let connections: Vec<_> = with["connect"].iter().filter(|c| !c.contains("/dev/log")).collect();
    let known = ["/nscd/", "\"/run/dbus/system_bus_socket\"", "\"/run/fpass/root.socket\""];
    let foreign = connections.iter().filter(|c| !known.iter().any(|known| c.contains(known)));
    assert_eq!(foreign.count(), 0, "{connections:?}");
    assert!(!connections.is_empty());
    // libpam opens one for the audit subsystem; it is not ours.
    let sockets = with["socket"].iter().filter(|socket| !socket.contains("NETLINK_AUDIT"));
    let others = with.get("epoll_create1").into_iter().flatten();
    for descriptor in sockets.chain(others).chain(&with["signalfd4"]) {
        assert!(descriptor.contains("CLOEXEC"), "inherited by what the host runs: {descriptor}");
    }
    for message in sent {
        assert!(message.contains("MSG_NOSIGNAL"), "SIGPIPE may kill the host: {message}");
    }
    let writable = |calls: &BTreeMap<String, Vec<String>>| -> BTreeSet<String> {
        let opened = calls["openat"].iter().filter(|call| {
            ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag))
        });
        opened.cloned().collect()
    };
    let ours: Vec<_> = writable(with).difference(&writable(without)).cloned().collect();
    assert_eq!(ours, [""; 0], "files opened for writing");
}

#[test]
fn the_password_is_the_same_for_the_modules_after_ours() {
    let mut testbed = Testbed::with_alice().unwrap();
    let next = "auth required pam_unix.so use_first_pass nodelay\n";
    let stack = format!("{}{next}", stack::own(""));
    testbed.service("password-again", &stack).unwrap();
    let admitted = testbed.transact(&Login::of("password-again", ALICE)).unwrap();
    ended_as(&admitted, "PAM_SUCCESS", "the right password, read again");
    let prompts = admitted.messages.iter().filter(|message| matches!(message.style, 1 | 2));
    assert_eq!(prompts.count(), 1, "{admitted:?}");
}
