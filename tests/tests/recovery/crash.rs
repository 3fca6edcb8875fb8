//! A code is used up before the answer, despite a crash in between, and only once.

use std::{thread, time::Duration};

use fpass_tests::{ALICE, Reply, Testbed, strace::Strace};

use crate::{codes, left, recover, taken, with_alice};

/// Kills the daemon at `fault` while it checks a code; whether it died.
fn killed(testbed: &mut Testbed, fault: &str, code: &str) -> bool {
    let strace = Strace::attach(testbed.daemon_id().unwrap(), fault).unwrap();
    let reply = recover(testbed, ALICE, code);
    drop(strace);
    for _ in 0..500 {
        if reply != taken() && testbed.daemon_lives() {
            thread::sleep(Duration::from_millis(10));
        }
    }
    let killed = !testbed.daemon_lives();
    assert_eq!(killed, matches!(reply, Reply::Error(_)), "{fault}: {reply:?}");
    if !killed {
        testbed.stop_daemon().unwrap();
    }
    testbed.start_daemon().unwrap();
    killed
}

#[test]
fn a_daemon_killed_around_the_strike_grants_no_code_twice_and_touches_no_other() {
    let mut testbed = with_alice();
    let (mut kills, mut good) = (0, codes(&testbed, ALICE));
    for call in ["openat2", "write", "fsync", "renameat2", "unlinkat"] {
        for when in 1..40 {
            if good.len() < 2 {
                good = codes(&testbed, ALICE);
            }
            let unlock = testbed.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
            assert_eq!(unlock.code, Some(0), "{unlock:?}");
            let (before, code) = (left(&testbed, ALICE), good.pop().unwrap());
            let fault = format!("{call}:signal=KILL:when={when}");
            let died = killed(&mut testbed, &fault, &code);
            kills += usize::from(died);
            let after = left(&testbed, ALICE);
            if died && after == before {
                // Not struck: it was not granted either, and is still valid.
                assert_eq!(recover(&testbed, ALICE, &code), taken(), "{fault}");
            } else {
                assert_eq!(after, before - 1, "{fault}");
            }
            assert_ne!(recover(&testbed, ALICE, &code), taken(), "{fault}: granted twice");
            assert_eq!(left(&testbed, ALICE), before - 1, "{fault}");
            if !died {
                break;
            }
        }
    }
    assert!(kills >= 10, "{kills}");
}

#[test]
fn of_many_who_type_one_code_at_the_same_time_one_gets_in() {
    let testbed = with_alice();
    let code = codes(&testbed, ALICE).swap_remove(3);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let tries: Vec<_> =
            (0..4).map(|_| scope.spawn(|| recover(&testbed, ALICE, &code))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|reply| **reply == taken()).count(), 1, "{replies:?}");
    assert_eq!(left(&testbed, ALICE), 9);
}
