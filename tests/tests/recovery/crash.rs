//! A code is used up before anybody hears that it was right, whatever happens in between, and once.

use std::{thread, time::Duration};

use fpass_tests::{ALICE, Ground, Reply, strace::Strace};

use crate::{codes, left, recover, taken, with_alice};

/// Kills the daemon at `fault` while it is handed a code; whether it died.
fn killed(ground: &mut Ground, fault: &str, code: &str) -> bool {
    let strace = Strace::attach(ground.daemon_id().unwrap(), fault).unwrap();
    let reply = recover(ground, ALICE, code);
    drop(strace);
    for _ in 0..500 {
        if reply != taken() && ground.daemon_lives() {
            thread::sleep(Duration::from_millis(10));
        }
    }
    let killed = !ground.daemon_lives();
    assert_eq!(killed, matches!(reply, Reply::Error(_)), "{fault}: {reply:?}");
    if !killed {
        ground.stop_daemon().unwrap();
    }
    ground.start_daemon().unwrap();
    killed
}

#[test]
fn a_daemon_killed_around_the_strike_grants_no_code_twice_and_touches_no_other() {
    let mut ground = with_alice();
    let (mut kills, mut good) = (0, codes(&ground, ALICE));
    for call in ["openat2", "write", "fsync", "renameat2", "unlinkat"] {
        for when in 1..40 {
            if good.len() < 2 {
                good = codes(&ground, ALICE);
            }
            let unlock = ground.fpass_enroll("root", &["unlock", "--user", "alice"]).unwrap();
            assert_eq!(unlock.code, Some(0), "{unlock:?}");
            let (before, code) = (left(&ground, ALICE), good.pop().unwrap());
            let fault = format!("{call}:signal=KILL:when={when}");
            let died = killed(&mut ground, &fault, &code);
            kills += usize::from(died);
            let after = left(&ground, ALICE);
            if died && after == before {
                // Not struck: it was not granted either, and is good still.
                assert_eq!(recover(&ground, ALICE, &code), taken(), "{fault}");
            } else {
                assert_eq!(after, before - 1, "{fault}");
            }
            assert_ne!(recover(&ground, ALICE, &code), taken(), "{fault}: granted twice");
            assert_eq!(left(&ground, ALICE), before - 1, "{fault}");
            if !died {
                break;
            }
        }
    }
    assert!(kills >= 10, "{kills}");
}

#[test]
fn of_many_who_type_one_code_at_the_same_time_one_gets_in() {
    let ground = with_alice();
    let code = codes(&ground, ALICE).swap_remove(3);
    let replies: Vec<Reply> = thread::scope(|scope| {
        let tries: Vec<_> =
            (0..4).map(|_| scope.spawn(|| recover(&ground, ALICE, &code))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(replies.iter().filter(|reply| **reply == taken()).count(), 1, "{replies:?}");
    assert_eq!(left(&ground, ALICE), 9);
}
