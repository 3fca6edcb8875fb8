use std::{num::NonZeroU32, time::Duration};

use zbus::message::Flags;

use super::*;
use crate::admission::refused_calls::RefusedTally;

const ALICE: Uid = Uid(1000);

/// A gate, what it leaves to others, and the calls that it has refused.
struct Scene {
    gate: Gate,
    arrivals: Arrivals,
    refused: RefusedCalls,
    now: Instant,
    serial: u32,
}

impl Scene {
    fn new() -> Self {
        let refused = RefusedCalls::default();
        let (gate, arrivals) = Gate::new(refused.clone());
        Self { gate, arrivals, refused, now: Instant::now(), serial: 0 }
    }

    /// A call of this connection, and its number.
    fn call(&mut self, sender: &str, member: &str, size: usize, flags: Option<Flags>) -> Message {
        self.serial += 1;
        let serial = NonZeroU32::new(self.serial).unwrap();
        let builder = Message::method_call("/", member).sender(sender).serial(serial);
        let builder = match flags {
            Some(flags) => builder.with_flags(flags),
            None => builder,
        };
        builder.build(&"x".repeat(size)).unwrap()
    }

    /// Whether a call of this connection is admitted at once.
    fn admits(&mut self, sender: &str) -> bool {
        let call = self.call(sender, "Verify", 10, None);
        self.gate.judge(call, self.now).is_some()
    }

    /// Introduces connections of a user with one call each, which is admitted and answered.
    fn introduce(&mut self, user: Uid, names: &[String]) {
        for name in names {
            assert!(!self.admits(name), "a stranger was admitted");
            let serial = self.serial;
            self.gate.identified(name, Some(user), self.now);
            let _ = self.arrivals.strangers.try_recv();
            self.gate.answered(name, serial);
        }
    }

    fn released(&self) -> usize {
        let mut released = self.gate.admitted.try_lock().unwrap();
        std::iter::from_fn(|| released.try_recv().ok()).count()
    }

    fn total_refused(&self) -> u64 {
        self.refused.take().as_ref().map_or(0, RefusedTally::total)
    }
}

fn names(prefix: &str, number: usize) -> Vec<String> {
    (0..number).map(|n| format!(":{prefix}.{n}")).collect()
}

#[test]
fn a_stranger_waits_until_the_bus_names_the_user() {
    let mut scene = Scene::new();
    assert!(!scene.admits(":1.1") && !scene.admits(":1.1"));
    assert_eq!(scene.arrivals.strangers.try_recv().as_deref(), Ok(":1.1"));
    assert!(scene.arrivals.strangers.try_recv().is_err(), "it is looked up once");
    assert!(!scene.admits(":1.1"));
    assert_eq!(scene.total_refused(), 1, "the third call has no room to wait");
    assert_eq!(scene.gate.caller(":1.1"), None);
    scene.gate.identified(":1.1", Some(ALICE), scene.now);
    assert_eq!(scene.released(), 2);
    assert!(scene.admits(":1.1"));
    assert_eq!(scene.gate.caller(":1.1"), Some(ALICE));
}

#[test]
fn a_caller_that_left_or_has_no_user_is_served_nothing() {
    let mut scene = Scene::new();
    assert!(!scene.admits(":1.1") && !scene.admits(":1.2"));
    scene.gate.left(":1.1");
    scene.gate.identified(":1.1", Some(ALICE), scene.now);
    scene.gate.identified(":1.2", None, scene.now);
    assert_eq!(scene.released(), 0);
    assert_eq!(scene.total_refused(), 2);
    assert_eq!((scene.gate.caller(":1.1"), scene.gate.caller(":1.2")), (None, None));
    scene.introduce(ALICE, &names("1", 1));
    scene.gate.left(":1.0");
    assert_eq!(scene.gate.caller(":1.0"), None);
}

#[test]
fn the_calls_of_a_user_are_bounded_over_all_connections_and_one_that_ended_makes_room() {
    let mut scene = Scene::new();
    let connections = names("1", 4);
    scene.introduce(ALICE, &connections);
    let mut admitted = Vec::new();
    for name in connections.iter().cycle().take(40) {
        if scene.admits(name) {
            admitted.push((name, scene.serial));
        }
    }
    assert_eq!(admitted.len(), 12);
    assert_eq!(scene.total_refused(), 28);
    let cancel = scene.call(":1.0", "Cancel", 10, None);
    assert!(scene.gate.judge(cancel, scene.now).is_some(), "what ends calls needs no place");
    let cancel = scene.serial;
    scene.gate.answered(":1.0", cancel);
    let (name, serial) = admitted[0];
    scene.gate.answered(name, serial);
    scene.gate.answered(name, serial);
    assert!(scene.admits(":1.0") && !scene.admits(":1.1"), "one place, even if answered twice");
}

#[test]
fn calls_of_a_connection_that_left_count_until_they_end() {
    let mut scene = Scene::new();
    let connections = names("1", 2);
    scene.introduce(ALICE, &connections);
    let first = scene.serial + 1;
    for _ in 0..12 {
        assert!(scene.admits(":1.0"));
    }
    scene.gate.left(":1.0");
    assert!(!scene.admits(":1.1"));
    scene.gate.answered(":1.0", first);
    assert!(scene.admits(":1.1"));
    // A task that failed gives no answer.
    scene.now += Duration::from_secs(24 * 60 * 60);
    scene.gate.left(":1.1");
    scene.introduce(ALICE, &names("2", 1));
    assert!(scene.admits(":2.0"));
}

#[test]
fn users_together_leave_the_share_of_root() {
    let mut scene = Scene::new();
    for user in 0..200 {
        let connections = names(&user.to_string(), 1);
        scene.introduce(Uid(1000 + user), &connections);
        for _ in 0..20 {
            scene.admits(&connections[0]);
        }
    }
    assert_eq!(scene.gate.lock().in_progress(), (64, 0));
    scene.introduce(Uid::ROOT, &names("root", 1));
    let admitted = (0..300).filter(|_| scene.admits(":root.0")).count();
    assert_eq!(admitted, 256);
    // Nothing is asked of a user's allowance for root, and nothing of root's for a user.
    assert!(!scene.admits(":0.0"));
}

#[test]
fn calls_in_a_time_are_bounded_by_user_and_in_total() {
    let mut scene = Scene::new();
    let served = |scene: &mut Scene, user: u32| {
        let name = format!(":{user}.0");
        let served = (0..500).filter(|_| {
            let admitted = scene.admits(&name);
            let serial = scene.serial;
            scene.gate.answered(&name, serial);
            admitted
        });
        served.count()
    };
    scene.introduce(ALICE, &names("1000", 1));
    assert_eq!(served(&mut scene, 1000), 99, "the introduction was one");
    let mut all = 0;
    for user in 1001..1100 {
        scene.introduce(Uid(user), &names(&user.to_string(), 1));
        all += served(&mut scene, user);
        if all > 950 {
            break;
        }
    }
    scene.now += Duration::from_secs(1);
    assert_eq!(served(&mut scene, 1000), 20);
}

#[test]
fn strangers_together_are_bounded_and_their_leaving_makes_room() {
    let mut scene = Scene::new();
    let strangers = names("1", 5000);
    for name in &strangers {
        assert!(!scene.admits(name));
    }
    assert_eq!(scene.total_refused(), 5000 - 4096);
    for _ in 0..10 {
        let large = scene.call(":2.1", "Import", 1 << 20, None);
        assert!(scene.gate.judge(large, scene.now).is_none());
    }
    assert_eq!(scene.total_refused(), 8);
    scene.gate.left(&strangers[0]);
    assert!(!scene.admits(":2.2"));
    assert_eq!(scene.total_refused(), 1, "only the call that was dropped");
    scene.gate.identified(":2.2", Some(Uid::ROOT), scene.now);
    assert_eq!(scene.released(), 1);
}

#[test]
fn calls_that_want_no_reply_and_large_ones_of_users_are_refused() {
    let mut scene = Scene::new();
    scene.introduce(ALICE, &names("1", 1));
    scene.introduce(Uid::ROOT, &names("2", 1));
    for name in [":1.0", ":2.0", ":3.0"] {
        let silent = scene.call(name, "Verify", 10, Some(Flags::NO_REPLY_EXPECTED));
        assert!(scene.gate.judge(silent, scene.now).is_none(), "{name}");
    }
    assert!(scene.arrivals.answers.try_recv().is_err(), "it wanted no answer");
    let large = scene.call(":1.0", "List", 5000, None);
    assert!(scene.gate.judge(large, scene.now).is_none());
    assert_eq!(scene.arrivals.answers.try_recv().unwrap().1, Refusal::QueueFull);
    let large = scene.call(":2.0", "Import", 1 << 20, None);
    assert!(scene.gate.judge(large, scene.now).is_some());
    assert_eq!(scene.total_refused(), 4);
}

#[test]
fn refusals_that_are_sent_are_bounded() {
    let mut scene = Scene::new();
    scene.introduce(ALICE, &names("1", 1));
    for _ in 0..10_000 {
        scene.admits(":1.0");
    }
    let sent = std::iter::from_fn(|| scene.arrivals.answers.try_recv().ok()).count();
    assert_eq!(sent, 100);
    assert_eq!(scene.total_refused(), 10_000 - 12);
}

#[test]
fn a_call_with_descriptors_is_refused_and_they_are_closed() {
    let mut scene = Scene::new();
    scene.introduce(ALICE, &names("1", 1));
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let call = Message::method_call("/", "Cameras").sender(":1.0");
    let call = call.build(&zbus::Fd::from(std::os::fd::OwnedFd::from(theirs))).unwrap();
    assert!(scene.gate.judge(call, scene.now).is_none());
    let (refused, reason) = scene.arrivals.answers.try_recv().unwrap();
    assert_eq!(reason, Refusal::InvalidArgument);
    drop(refused);
    // The other end of a closed socket.
    assert_eq!(std::io::Read::read(&mut &ours, &mut [0]).unwrap(), 0);
}

/// A caller who gives a second call the number of the first must not end the first one by the
/// refusal of the second.
#[test]
fn the_refusal_of_a_call_ends_no_other_call_with_its_number() {
    let mut scene = Scene::new();
    scene.introduce(ALICE, &names("1", 1));
    assert!(scene.admits(":1.0"));
    let first = scene.serial;
    for _ in 0..5 {
        scene.serial = first - 1;
        assert!(!scene.admits(":1.0"), "the number is taken");
        let _ = scene.arrivals.answers.try_recv().unwrap();
        scene.gate.answered(":1.0", first);
    }
    assert_eq!(scene.gate.lock().in_progress(), (1, 0));
    scene.gate.answered(":1.0", first);
    assert_eq!(scene.gate.lock().in_progress(), (0, 0));
}
