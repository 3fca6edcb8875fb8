use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{Arc, Barrier},
    thread,
};

use proptest::prelude::*;

use super::{
    clock::BootId,
    failure_counter::{DISABLED_FROM, LOCK_FROM, LOCK_MAX},
    *,
};
use crate::folder::private_directory;

const ALICE: Uid = Uid(1000);
const BOB: Uid = Uid(1001);
use AttemptKind::{LockScreen, LockScreenRecovery, Login, Recovery, SelfTest};

/// A clock that the test sets.
#[derive(Clone)]
struct FakeClock(Arc<Mutex<Moment>>);

impl FakeClock {
    fn started() -> Self {
        let boot = Some(BootId(1));
        Self(Arc::new(Mutex::new(Moment { boot, uptime: Duration::from_secs(1000) })))
    }

    fn set(&self, change: impl FnOnce(&mut Moment)) {
        change(&mut self.0.lock().unwrap());
    }

    fn pass(&self, seconds: u64) {
        self.set(|now| now.uptime += Duration::from_secs(seconds));
    }
}

impl Clock for FakeClock {
    fn now(&self) -> io::Result<Moment> {
        Ok(*self.0.lock().unwrap())
    }
}

impl Throttle {
    /// Whether an attempt would be admitted. Counts nothing.
    fn admit(&self, uid: Uid, kind: AttemptKind) -> Result<(), ThrottleError> {
        let (folder, now) = self.open()?;
        self.admitted(&folder, uid, kind, now).map(drop)
    }
}

fn throttle(directory: &Path, clock: &FakeClock) -> Throttle {
    Throttle::new(directory.to_owned(), Box::new(clock.clone()))
}

fn attempt(
    throttle: &Throttle,
    kind: AttemptKind,
    settlement: Settlement,
) -> Result<(), ThrottleError> {
    let debit = throttle.debit(ALICE, kind)?;
    throttle.settle(debit, settlement)
}

fn fail(throttle: &Throttle, times: u32) {
    for _ in 0..times {
        attempt(throttle, Login, Settlement::Keep).unwrap();
    }
}

fn refusal<T>(outcome: Result<T, ThrottleError>) -> Option<Refusal> {
    outcome.err().map(|error| error.refusal())
}

fn failures(throttle: &Throttle, kind: AttemptKind) -> u32 {
    throttle.status(ALICE, kind).unwrap().failures
}

#[test]
fn five_failures_lock_for_thirty_seconds_and_refused_attempts_cost_nothing() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    fail(&throttle, 5);
    for _ in 0..3 {
        assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::LockedOut));
        assert_eq!(refusal(throttle.admit(ALICE, Login)), Some(Refusal::LockedOut));
    }
    clock.pass(29);
    assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::LockedOut));
    let standing = throttle.status(ALICE, Login).unwrap();
    let one = AttemptStatus { failures: 5, wait: Duration::from_secs(1), disabled: false };
    assert_eq!(standing, one);
    clock.pass(1);
    throttle.admit(ALICE, Login).unwrap();
    fail(&throttle, 1);
    clock.pass(59);
    assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::LockedOut));
}

#[test]
fn twenty_failures_disable_until_an_administrator_unlocks() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    for _ in 0..20 {
        clock.pass(900);
        fail(&throttle, 1);
    }
    clock.pass(1_000_000);
    assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::LockedOut));
    assert!(throttle.status(ALICE, Login).unwrap().disabled);
    throttle.unlock(ALICE).unwrap();
    assert_eq!(failures(&throttle, Login), 0);
    fail(&throttle, 4);
    throttle.admit(ALICE, Login).unwrap();
}

#[test]
fn failures_and_successes_affect_only_their_own_kind_and_user() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    fail(&throttle, 4);
    for _ in 0..5 {
        attempt(&throttle, SelfTest, Settlement::Keep).unwrap();
    }
    assert_eq!(refusal(throttle.debit(ALICE, SelfTest)), Some(Refusal::LockedOut));
    throttle.admit(ALICE, Login).unwrap();
    throttle.admit(BOB, SelfTest).unwrap();
    clock.pass(30);
    attempt(&throttle, SelfTest, Settlement::Clear).unwrap();
    assert_eq!((failures(&throttle, SelfTest), failures(&throttle, Login)), (0, 4));
    attempt(&throttle, Login, Settlement::Clear).unwrap();
    assert_eq!(failures(&throttle, Login), 0);
}

#[test]
fn self_tests_use_up_no_attempt_of_the_lock_screen_and_that_never_needs_an_administrator() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    for _ in 0..20 {
        clock.pass(900);
        attempt(&throttle, SelfTest, Settlement::Keep).unwrap();
        fail(&throttle, 1);
    }
    for kind in [SelfTest, Login] {
        assert!(throttle.status(ALICE, kind).unwrap().disabled, "{kind:?}");
    }
    for kind in [LockScreen, LockScreenRecovery] {
        for _ in 0..25 {
            clock.pass(900);
            attempt(&throttle, kind, Settlement::Keep).unwrap();
        }
        let status = throttle.status(ALICE, kind).unwrap();
        assert_eq!((status.failures, status.disabled, status.wait), (25, false, LOCK_MAX));
        assert_eq!(refusal(throttle.debit(ALICE, kind)), Some(Refusal::LockedOut));
    }
    // A right code at the lock screen opens the lock screen only.
    throttle.unlock_kind(ALICE, LockScreen).unwrap();
    assert_eq!((failures(&throttle, LockScreen), failures(&throttle, Login)), (0, 20));
    throttle.unlock(ALICE).unwrap();
    assert!(AttemptKind::ALL.into_iter().all(|kind| failures(&throttle, kind) == 0));
}

#[test]
fn the_caller_and_the_place_choose_the_counter() {
    for (caller, place, kind) in [
        (Uid::ROOT, SeatPlace::Elsewhere, Login),
        (Uid::ROOT, SeatPlace::UserLocker, Login),
        (ALICE, SeatPlace::Elsewhere, SelfTest),
        (ALICE, SeatPlace::UserLocker, LockScreen),
    ] {
        assert_eq!(AttemptKind::of(caller, place), kind);
    }
}

#[test]
fn recovery_codes_have_their_own_counter_and_a_right_one_resets_failed_logins() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    for _ in 0..20 {
        clock.pass(900);
        fail(&throttle, 1);
    }
    attempt(&throttle, SelfTest, Settlement::Keep).unwrap();
    for _ in 0..4 {
        attempt(&throttle, Recovery, Settlement::Keep).unwrap();
    }
    assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::LockedOut));
    attempt(&throttle, Recovery, Settlement::Clear).unwrap();
    assert_eq!(failures(&throttle, Login), 20, "counting codes does not change the logins");
    throttle.unlock_kind(ALICE, Login).unwrap();
    throttle.admit(ALICE, Login).unwrap();
    assert_eq!((failures(&throttle, Login), failures(&throttle, SelfTest)), (0, 1));

    for _ in 0..5 {
        attempt(&throttle, Recovery, Settlement::Keep).unwrap();
    }
    assert_eq!(refusal(throttle.debit(ALICE, Recovery)), Some(Refusal::LockedOut));
    throttle.admit(ALICE, Login).unwrap();
    attempt(&throttle, Login, Settlement::Clear).unwrap();
    throttle.unlock_kind(ALICE, Login).unwrap();
    assert_eq!(failures(&throttle, Recovery), 5, "a login does not reset wrong codes");
    throttle.unlock(ALICE).unwrap();
    throttle.admit(ALICE, Recovery).unwrap();
}

#[test]
fn the_debit_is_on_the_disk_before_the_attempt_and_stays_if_it_is_not_settled() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    for killed in 1..=5 {
        let before = throttle(directory.path(), &clock);
        let debit = before.debit(ALICE, Login).unwrap();
        let after = throttle(directory.path(), &clock);
        assert_eq!(failures(&after, Login), killed);
        drop(debit);
        assert_eq!(failures(&after, Login), killed);
    }
    let restarted = throttle(directory.path(), &clock);
    assert_eq!(refusal(restarted.debit(ALICE, Login)), Some(Refusal::LockedOut));
}

#[test]
fn an_attack_counts_twice_and_a_refund_not_at_all() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    for _ in 0..50 {
        attempt(&throttle, Login, Settlement::Refund).unwrap();
    }
    assert_eq!(failures(&throttle, Login), 0);
    attempt(&throttle, Login, Settlement::Double).unwrap();
    attempt(&throttle, Login, Settlement::Double).unwrap();
    assert_eq!(failures(&throttle, Login), 4);
    attempt(&throttle, Login, Settlement::Double).unwrap();
    let wait = throttle.status(ALICE, Login).unwrap().wait;
    assert_eq!(wait, Duration::from_secs(60), "six failures");
    clock.pass(60);
    for _ in 0..3 {
        attempt(&throttle, Login, Settlement::Refund).unwrap();
    }
    assert_eq!(failures(&throttle, Login), 6, "an empty room leads to no lock");
}

#[test]
fn attempts_at_the_same_time_are_all_debited_and_none_is_lost() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    let barrier = Barrier::new(16);
    let debits: Vec<_> = thread::scope(|scope| {
        let begin = || {
            barrier.wait();
            throttle.debit(ALICE, Login)
        };
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = debits.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), failures(&throttle, Login)), (5, 5));
    for outcome in refused {
        assert_eq!(
            refusal(outcome),
            Some(Refusal::QueueFull),
            "the attempts under way may still match"
        );
    }
    let mut made = made.into_iter().map(Result::unwrap);
    throttle.settle(made.next().unwrap(), Settlement::Clear).unwrap();
    assert_eq!(failures(&throttle, Login), 4, "a match does not reset the others");
    throttle.settle(made.next().unwrap(), Settlement::Refund).unwrap();
    made.for_each(|debit| throttle.settle(debit, Settlement::Keep).unwrap());
    assert_eq!(failures(&throttle, Login), 3);
}

#[test]
fn unlocking_does_not_reset_an_attempt_under_way() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    fail(&throttle, 3);
    let debit = throttle.debit(ALICE, Login).unwrap();
    throttle.unlock(ALICE).unwrap();
    throttle.settle(debit, Settlement::Keep).unwrap();
    assert_eq!(failures(&throttle, Login), 1);
}

#[test]
fn an_attempt_that_cannot_be_counted_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let clock = FakeClock::started();
    let open = throttle(directory.path(), &clock);
    assert_eq!(refusal(open.debit(ALICE, Login)), Some(Refusal::CounterUnreadable));

    let directory = private_directory();
    let throttle = throttle(directory.path(), &clock);
    // A directory with the name of the draft: no process can write the file, not even as root.
    let draft = directory.path().join(format!(".{}.draft", file::name(ALICE, Login)));
    fs::create_dir_all(draft.join("inside")).unwrap();
    assert_eq!(refusal(throttle.debit(ALICE, Login)), Some(Refusal::StorageFailed));
    throttle.debit(ALICE, SelfTest).unwrap();
}

#[test]
fn a_damaged_counter_refuses_until_it_is_unlocked() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    let throttle = throttle(directory.path(), &clock);
    fail(&throttle, 2);
    let path = directory.path().join(file::name(ALICE, Login));
    let good = fs::read(&path).unwrap();
    let damages: [(&str, &dyn Fn()); 4] = [
        ("empty", &|| fs::write(&path, b"").unwrap()),
        ("short", &|| fs::write(&path, &good[..good.len() - 1]).unwrap()),
        ("open to others", &|| {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        }),
        ("directory", &|| {
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage();
        let unreadable = Some(Refusal::CounterUnreadable);
        assert_eq!(refusal(throttle.debit(ALICE, Login)), unreadable, "{what}");
        assert_eq!(refusal(throttle.status(ALICE, Login)), unreadable, "{what}");
        throttle.unlock(ALICE).unwrap();
        assert_eq!(failures(&throttle, Login), 0, "{what}");
        fail(&throttle, 1);
    }
}

#[test]
fn unlocking_a_user_without_attempts_leaves_no_file() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    throttle(directory.path(), &clock).unlock(ALICE).unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn an_expired_lock_does_not_come_back_in_a_later_boot() {
    let (directory, clock) = (private_directory(), FakeClock::started());
    clock.set(|now| *now = Moment { boot: None, uptime: Duration::from_secs(1400) });
    let throttle = throttle(directory.path(), &clock);
    fail(&throttle, LOCK_FROM);
    assert_eq!(refusal(throttle.admit(ALICE, Login)), Some(Refusal::LockedOut));
    clock.set(|now| now.uptime = Duration::from_secs(500));
    throttle.admit(ALICE, Login).unwrap();
    clock.pass(900);
    throttle.admit(ALICE, Login).unwrap();
}

/// Events on the machine of a patient attacker.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An attempt with this settlement.
    Attempt(Settlement),
    /// The daemon is killed in the middle of an attempt.
    Killed,
    /// The daemon is restarted.
    Restart,
    /// Seconds pass.
    Pass(u64),
    /// The machine is off for some seconds, then up for some seconds until the next call.
    Reboot(u64, u64),
    /// The time since the start jumps back, as after restoring a snapshot of a virtual machine.
    Back(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let seconds = prop::sample::select(vec![1, 29, 30, 60, 120, 240, 480, 899, 900, 2000]);
    prop_oneof![
        8 => Just(Event::Attempt(Settlement::Keep)),
        2 => Just(Event::Attempt(Settlement::Double)),
        2 => Just(Event::Attempt(Settlement::Refund)),
        1 => Just(Event::Attempt(Settlement::Clear)),
        2 => Just(Event::Killed),
        1 => Just(Event::Restart),
        6 => seconds.clone().prop_map(Event::Pass),
        3 => (seconds.clone(), 0_u64..1000).prop_map(|(off, up)| Event::Reboot(off, up)),
        1 => seconds.prop_map(Event::Back),
    ]
}

/// The attempts that the design allows, by true time in seconds.
#[derive(Default)]
struct Granted {
    now: u64,
    failures: u32,
    last: u64,
}

impl Granted {
    fn fail(&mut self, times: u32) {
        self.failures += times;
        self.last = self.now;
    }

    fn lock(&self) -> u64 {
        match self.failures {
            0..LOCK_FROM => 0,
            n => (30_u64 << (n - LOCK_FROM).min(10)).min(900),
        }
    }

    fn allows_an_attempt(&self) -> bool {
        self.failures < DISABLED_FROM && self.now >= self.last + self.lock()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_allows_a_further_attempt_or_locks_forever(
        events in prop::collection::vec(event(), 1..70),
        boots_are_known: bool,
    ) {
        let (directory, clock) = (private_directory(), FakeClock::started());
        if !boots_are_known {
            clock.set(|now| now.boot = None);
        }
        let mut throttle = throttle(directory.path(), &clock);
        let restarted = || super::tests::throttle(directory.path(), &clock);
        let mut granted = Granted { now: 1000, ..Granted::default() };
        for event in events {
            match event {
                Event::Attempt(settlement) => {
                    let Ok(debit) = throttle.debit(ALICE, Login) else { continue };
                    prop_assert!(granted.allows_an_attempt());
                    throttle.settle(debit, settlement).unwrap();
                    match settlement {
                        Settlement::Keep => granted.fail(1),
                        Settlement::Double => granted.fail(2),
                        Settlement::Refund => {}
                        Settlement::Clear => granted.failures = 0,
                    }
                }
                Event::Killed => {
                    let Ok(debit) = throttle.debit(ALICE, Login) else { continue };
                    prop_assert!(granted.allows_an_attempt());
                    drop(debit);
                    throttle = restarted();
                    granted.fail(1);
                }
                Event::Restart => throttle = restarted(),
                Event::Pass(seconds) => {
                    clock.pass(seconds);
                    granted.now += seconds;
                }
                Event::Reboot(off, up) => {
                    clock.set(|now| {
                        now.boot = now.boot.map(|BootId(id)| BootId(id + 1));
                        now.uptime = Duration::from_secs(up);
                    });
                    granted.now += off + up;
                    throttle = restarted();
                }
                // This differs from another boot only if boots are known.
                Event::Back(seconds) => if boots_are_known {
                    clock.set(|now| {
                        now.uptime = now.uptime.saturating_sub(Duration::from_secs(seconds));
                    });
                },
            }
            prop_assert_eq!(failures(&throttle, Login), granted.failures);
        }
        // After one call and a wait for the longest lock, an attempt is allowed.
        let asked = throttle.admit(ALICE, Login);
        let disabled = granted.failures >= DISABLED_FROM;
        prop_assert_eq!(matches!(asked, Err(ThrottleError::Disabled)), disabled);
        clock.pass(LOCK_MAX.as_secs());
        prop_assert_eq!(throttle.admit(ALICE, Login).is_ok(), !disabled);
    }
}
