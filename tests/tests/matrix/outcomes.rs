//! Every outcome of the module that is not a refusal of the daemon.

use std::{collections::BTreeSet, fs};

use fpass_proto::names;
use fpass_tests::{
    ALICE, Testbed, bus,
    fake_daemon::{Delivery, FakeDaemon, FakeReply, ReplyBody},
    pam::{Call, Conversation, HostFault},
    tree,
};
use nix::libc;

use crate::{
    ABORT, AUTH_ERR, BUF_ERR, CONV_ERR, IGNORE, PERM_DENIED, SERVICE_ERR, SUCCESS, SYSTEM_ERR,
    UNAVAIL, USER_UNKNOWN,
    attempt::Attempt,
    machine, recovery,
    stacks::{self, Stack},
    table::{Expected, Table},
};

/// Every stack, with and without `nullok`; no row is admitted.
fn refused(
    table: &mut Table,
    testbed: &Testbed,
    what: &str,
    base: &Attempt,
    word: &str,
    code: i32,
) {
    for attempt in [base.clone(), base.clone().adding("nullok")] {
        let expected = Expected::refused(&[word], &[code]);
        table.row(testbed, what, &attempt, &stacks::all(), &expected);
    }
}

#[test]
fn every_outcome_in_every_stack_and_only_a_match_succeeds() {
    let mut testbed = machine();
    let mut table = Table::new("2-outcomes");
    let plain = Attempt::of(ALICE, "");

    refused(&mut table, &testbed, "nobody owns the name", &plain, "no-daemon", UNAVAIL);
    verdicts(&mut table, &testbed);
    before_the_daemon(&mut table, &testbed);
    in_the_process(&mut table, &testbed);
    not_judging(&mut table, &testbed);

    let daemon = |user| FakeDaemon::start("fake-daemon", user, &says("match")).unwrap();
    bus::let_own(&testbed, "bob", &[names::BUS_NAME]).unwrap();
    let bobs = daemon("bob");
    refused(&mut table, &testbed, "another account owns the name", &plain, "wrong-owner", UNAVAIL);
    assert_eq!(bobs.asked(), [""; 0], "a daemon of bob's was asked");
    drop(bobs);
    recovery::rows(&mut table, &testbed);
    testbed.stop_bus().unwrap();
    refused(&mut table, &testbed, "no bus", &plain, "no-bus", UNAVAIL);

    let missing: Vec<_> = words().difference(table.words()).cloned().collect();
    if !missing.is_empty() {
        table.wrong(format!("outcomes without a row: {missing:?}"));
    }
    table.close();
}

fn says(word: &str) -> FakeReply {
    FakeReply::says(ReplyBody::Word(word.to_owned()))
}

/// Answers of the daemon, and its failures to answer.
fn verdicts(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &says("match")).unwrap();
    let plain = Attempt::of(ALICE, "timeout=1");
    for attempt in [plain.clone(), plain.clone().adding("nullok")] {
        let admitted = Expected::admitted("match", SUCCESS);
        table.row(testbed, "match", &attempt, &stacks::all(), &admitted);
    }
    wrong_password(table, testbed);

    let skew = |daemon: &FakeDaemon, answer| daemon.set_reply(&FakeReply::says(answer)).unwrap();
    daemon.set_reply(&says("no-match")).unwrap();
    refused(table, testbed, "no match", &plain, "no-match", AUTH_ERR);
    for word in ["Match", "MATCH", "match ", "", "matched", "yes", "no_match", "m\u{0430}tch"] {
        daemon.set_reply(&says(word)).unwrap();
        let what = format!("the word {word:?}");
        refused(table, testbed, &what, &plain, "version-skew", UNAVAIL);
    }
    for answer in
        [ReplyBody::Number(0), ReplyBody::TwoWords, ReplyBody::Nothing, ReplyBody::Many(1)]
    {
        let what = format!("another type: {answer:?}");
        skew(&daemon, answer);
        refused(table, testbed, &what, &plain, "version-skew", UNAVAIL);
    }
    for (name, word, code) in [
        ("org.fpass.Fpass1.Error.NeverEnrolledYet", "version-skew", UNAVAIL),
        ("org.fpass.Fpass2.Error.NeverEnrolled", "version-skew", UNAVAIL),
        ("org.fpass.Fpass1.Error.neverenrolled", "version-skew", UNAVAIL),
        ("net.reactivated.Fprint.Error.NoEnrolledPrints", "version-skew", UNAVAIL),
        ("org.freedesktop.DBus.Error.UnknownMethod", "version-skew", UNAVAIL),
        ("org.freedesktop.DBus.Error.InvalidArgs", "version-skew", UNAVAIL),
        ("org.freedesktop.DBus.Error.AccessDenied", "connection-lost", UNAVAIL),
        ("org.freedesktop.DBus.Error.NoReply", "connection-lost", UNAVAIL),
        ("org.freedesktop.DBus.Error.NoMemory", "out-of-memory", BUF_ERR),
    ] {
        daemon.set_reply(&FakeReply::says(ReplyBody::Error(name.to_owned()))).unwrap();
        refused(table, testbed, &format!("the error {name}"), &plain, word, code);
    }
    daemon
        .set_reply(&FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::Never))
        .unwrap();
    refused(table, testbed, "no answer", &plain, "deadline-passed", UNAVAIL);
    let late = FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::After(1200));
    daemon.set_reply(&late).unwrap();
    refused(table, testbed, "match after the deadline", &plain, "deadline-passed", UNAVAIL);
    daemon
        .set_reply(&FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::Never))
        .unwrap();
    let interrupted =
        Attempt::of(ALICE, "timeout=5").with(|request| request.fault = HostFault::Interrupt);
    refused(table, testbed, "SIGINT during the attempt", &interrupted, "interrupted", CONV_ERR);
    daemon.set_reply(&says("match")).unwrap();
    let nameless =
        FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::OnceNameless);
    once(table, testbed, "match, the name given back", &nameless, "connection-lost");
    let leaving = FakeReply::delivering(ReplyBody::Nothing, Delivery::Leaving);
    once(table, testbed, "the daemon leaves", &leaving, "connection-lost");
    drop(daemon);
    replaced(table, testbed);
}

/// The right face does not make up for a wrong password. If our line comes after the password, the
/// module is not called.
fn wrong_password(table: &mut Table, testbed: &Testbed) {
    let attempt = Attempt::of(ALICE, "timeout=1").with(|request| {
        request.conversation = Conversation::Answers(vec!["guess".to_owned()]);
    });
    for stack in stacks::all() {
        let asked = !matches!(stack.name, "shipped" | "debian");
        let expected = if asked {
            Expected::refused(&["match"], &[SUCCESS])
        } else {
            Expected::refused(&["-"], &[-1])
        };
        let expected = expected.overall(AUTH_ERR);
        table.row(testbed, "match, wrong password", &attempt, &[stack], &expected);
    }
}

/// Faults that end the fake daemon: each run has a fresh one.
fn once(table: &mut Table, testbed: &Testbed, what: &str, script: &FakeReply, word: &str) {
    for arguments in ["timeout=2", "timeout=2 nullok"] {
        for stack in stacks::all() {
            let _daemon = FakeDaemon::start("fake-daemon", "fpassd", script).unwrap();
            let attempt = Attempt::of(ALICE, arguments);
            let expected = Expected::refused(&[word], &[UNAVAIL]);
            table.row(testbed, what, &attempt, &[stack], &expected);
        }
    }
}

/// Another connection of the daemon's account takes the name during the attempt, and the previous
/// owner answers.
fn replaced(table: &mut Table, testbed: &Testbed) {
    for arguments in ["timeout=2", "timeout=2 nullok"] {
        for stack in stacks::all() {
            let script =
                FakeReply::delivering(ReplyBody::Word("match".to_owned()), Delivery::OnceReplaced);
            let first = FakeDaemon::start("fake-daemon", "fpassd", &script).unwrap();
            let before = first.asked().len();
            let attempt = Attempt::of(ALICE, arguments);
            let ending = std::thread::scope(|scope| {
                let run = scope.spawn(|| attempt.run(testbed, &stack));
                fpass_tests::watch::wait_until("the daemon is asked", || {
                    first.asked().len() > before
                });
                let _second = FakeDaemon::start("usurper", "fpassd", &says("match")).unwrap();
                run.join().unwrap()
            });
            let expected = Expected::refused(&["owner-changed"], &[UNAVAIL]);
            table.judge("the name changes hands", arguments, &[stack], &[ending], &expected);
        }
    }
}

/// Ends of an attempt before the daemon is asked.
fn before_the_daemon(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("asked-by-nobody", "fpassd", &says("match")).unwrap();
    let plain = Attempt::of(ALICE, "");
    let elsewhere = Attempt::of(ALICE, "service_ok=login");
    refused(table, testbed, "another service", &elsewhere, "service-not-allowed", AUTH_ERR);
    for host in ["192.0.2.7", "::1", "example.org"] {
        let remote = plain.clone().with(|request| request.rhost = Some(host.to_owned()));
        refused(table, testbed, &format!("remote host {host}"), &remote, "remote-host", UNAVAIL);
    }
    for argument in ["alwaysok", "fail=open", "timeout=0", "timeout=41", "debug debug", "NULLOK"] {
        let bad = Attempt::of(ALICE, argument);
        refused(table, testbed, "a wrong argument", &bad, "bad-arguments", SERVICE_ERR);
    }
    let unknown = plain
        .clone()
        .after("pam_permit.so")
        .with(|request| request.user = Some("nobody-of-this-name".to_owned()));
    refused(table, testbed, "an unknown user", &unknown, "unknown-user", USER_UNKNOWN);
    for user in ["../alice", "alice bob", "-alice"] {
        let malformed = plain
            .clone()
            .after("pam_permit.so")
            .with(|request| request.user = Some(user.to_owned()));
        let what = format!("the user {user:?}");
        refused(table, testbed, &what, &malformed, "unknown-user", USER_UNKNOWN);
    }
    // The database knows this user, but F-pass does not support the name.
    let users = fs::read_to_string("/etc/passwd").unwrap();
    fs::write("/etc/passwd", users + "odd/name:x:61099:61099::/:/bin/sh\n").unwrap();
    let odd = plain
        .clone()
        .after("pam_permit.so")
        .with(|request| request.user = Some("odd/name".to_owned()));
    refused(table, testbed, "the user \"odd/name\"", &odd, "unsupported-user-name", UNAVAIL);
    for (errno, word, code) in [
        (libc::EIO, "accounts-unavailable", UNAVAIL),
        (libc::ENOENT, "accounts-unavailable", UNAVAIL),
        (libc::ESRCH, "accounts-unavailable", UNAVAIL),
        (libc::ENOMEM, "out-of-memory", BUF_ERR),
    ] {
        let broken = plain.clone().failing(&format!("getpwnam_r:1:9:{errno}"));
        refused(table, testbed, "the user database fails", &broken, word, code);
    }
    for item in 1..=2 {
        let what = format!("item {item} is denied");
        let denied = plain.clone().failing(&format!("pam_get_item:{item}:{item}:29"));
        refused(table, testbed, &what, &denied, "item-unavailable", SERVICE_ERR);
        let short = plain.clone().failing(&format!("pam_get_item:{item}:{item}:5"));
        refused(
            table,
            testbed,
            &format!("no memory for item {item}"),
            &short,
            "out-of-memory",
            BUF_ERR,
        );
    }
    for stack in stacks::all() {
        // `sole_factor` is for a line that comes first.
        let text = stack.text("pam_permit.so", "").replace("sole_factor", "");
        let alone = Stack::literal(stack.name, text);
        let expected = Expected::refused(&["no-password"], &[AUTH_ERR]);
        table.row(testbed, "no password was typed", &plain, &[alone], &expected);
    }
    assert_eq!(daemon.asked(), [""; 0], "the daemon was asked all the same");
}

/// Faults in the process of the application; `process.rs` has more.
fn in_the_process(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &says("match")).unwrap();
    let plain = Attempt::of(ALICE, "timeout=2");
    untold(table, testbed, &daemon);
    for (code, word, ours) in [
        (ABORT, "conversation-failed", CONV_ERR),
        (30, "conversation-failed", CONV_ERR),
        (BUF_ERR, "out-of-memory", BUF_ERR),
    ] {
        let fails = plain.clone().with(|request| {
            request.conversation = Conversation::FailsWhenTold(ALICE.password.to_owned(), code);
        });
        refused(table, testbed, &format!("the conversation answers {code}"), &fails, word, ours);
    }
    let full = plain.clone().with(|request| request.fault = HostFault::Descriptors);
    for attempt in [full.clone(), full.adding("nullok")] {
        // libpam cannot reach the audit subsystem then, and returns its own error.
        let expected = Expected::refused(&["no-resources"], &[UNAVAIL]).overall(SYSTEM_ERR);
        table.row(testbed, "no descriptor is left", &attempt, &stacks::all(), &expected);
    }
    let panics = plain.failing("clock_gettime:1:1:0");
    refused(table, testbed, "a panic", &panics, "panicked", ABORT);
}

/// An application that cannot show a text, and a user who gives up while it shows one.
fn untold(table: &mut Table, testbed: &Testbed, daemon: &FakeDaemon) {
    let plain = Attempt::of(ALICE, "timeout=2");
    let deaf = |attempt: &Attempt| {
        attempt.clone().with(|request| {
            let password = ALICE.password.to_owned();
            request.conversation = Conversation::FailsWhenTold(password, CONV_ERR);
        })
    };
    let silent = |attempt: &Attempt| attempt.clone().with(|request| request.silent = true);
    let cancelled =
        |attempt: &Attempt| attempt.clone().with(|request| request.fault = HostFault::Cancel);
    let announced = plain.clone().adding("announce");
    let admitted = Expected::admitted("match", SUCCESS);
    for (what, attempt) in [
        ("match, no text can be shown", deaf(&plain)),
        ("match, announced", announced.clone()),
        ("match, announced, PAM_SILENT", silent(&announced)),
        ("match, announced, no text can be shown", silent(&deaf(&announced))),
    ] {
        for attempt in [attempt.clone(), attempt.adding("nullok")] {
            table.row(testbed, what, &attempt, &stacks::all(), &admitted);
        }
    }
    // The user who gives up is not admitted, whatever the application says about the text.
    for attempt in [&plain, &announced] {
        let what = "match, SIGINT during the text";
        refused(table, testbed, what, &cancelled(attempt), "interrupted", CONV_ERR);
        let what = "match, SIGINT during a text that fails";
        refused(table, testbed, what, &cancelled(&deaf(attempt)), "interrupted", CONV_ERR);
    }
    for wrong in ["announce quiet", "announce prewarm", "announce announce", "announce=yes"] {
        let bad = silent(&plain.clone().adding(wrong));
        refused(table, testbed, "announce, a wrong line", &bad, "bad-arguments", SERVICE_ERR);
    }
    daemon.set_reply(&says("no-match")).unwrap();
    for (what, attempt) in [
        ("no match, no text can be shown", deaf(&plain)),
        ("no match, announced, PAM_SILENT", silent(&announced)),
        ("no match, announced, no text can be shown", silent(&deaf(&announced))),
    ] {
        refused(table, testbed, what, &attempt, "no-match", AUTH_ERR);
    }
    daemon.set_reply(&says("match")).unwrap();
}

/// Lines that check no face: `prewarm`, and the facilities other than `auth`.
fn not_judging(table: &mut Table, testbed: &Testbed) {
    let daemon = FakeDaemon::start("fake-daemon", "fpassd", &says("no-match")).unwrap();
    let plain = Attempt::of(ALICE, "timeout=1");
    let prewarm = "auth [success=ok ignore=ignore default=die] pam_fpass.so prewarm\n";
    for stack in stacks::all() {
        let text = stack.text(stacks::PASSWORD, "timeout=1");
        let prewarmed = Stack::literal(stack.name, format!("{prewarm}{text}"));
        let expected = Expected::refused(&["no-match"], &[AUTH_ERR]);
        let endings = table.row(testbed, "no match after prewarm", &plain, &[prewarmed], &expected);
        if endings[0].codes != [IGNORE, AUTH_ERR] {
            table.wrong(format!("prewarm: {:?}", endings[0].codes));
        }
    }
    drop(daemon);
    let alone = Stack::literal("alone", prewarm.replace("prewarm", "prewarm debug"));
    let expected = Expected::refused(&["-"], &[IGNORE]).overall(PERM_DENIED);
    table.row(testbed, "prewarm and nothing else", &plain, &[alone], &expected);
    table.seen("prewarmed");

    for (facility, call) in [("account", Call::AcctMgmt), ("password", Call::ChAuthTok)] {
        let elsewhere = plain.clone().with(|request| request.calls = vec![call]);
        for (arguments, word) in [("", "wrong-facility"), ("nullok", "bad-arguments")] {
            let line = format!("{facility} required pam_fpass.so {arguments}\n");
            let expected = Expected::refused(&[word], &[-1]).overall(SERVICE_ERR);
            let what = format!("a line under {facility}, {arguments}");
            table.row(testbed, &what, &elsewhere, &[Stack::literal(facility, line)], &expected);
        }
    }
}

/// The words of every outcome, as the module's source lists them.
fn words() -> BTreeSet<String> {
    let source = fs::read_to_string(tree::root().join("pam-fpass/src/outcome.rs")).unwrap();
    let words: BTreeSet<String> = source
        .lines()
        .filter(|line| line.trim_start().starts_with("Self::"))
        .filter_map(|line| line.split("=> \"").nth(1))
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    assert!(words.contains("match") && words.len() > 20, "{words:?}");
    words
}
