//! 32 callers for 8 users at one camera. Every answer is about the requested user and the person in
//! front of the camera. Every attempt has one answer, and one journal line or a place in a sum, and
//! no caller waits for ever.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use fpass_proto::{Refusal, Verdict, names::VERIFICATION_INTERFACE};
use fpass_tests::{
    ALICE, BOB, Reply, Scene, Testbed, figures,
    scene::{BIDEN, OBAMA, Picture},
};

use crate::FIGURES;

const CALLERS: usize = 32;
/// Number of logins among them, one for each user; the others are self-tests.
const LOGINS: usize = 8;
/// Attempts while one person is in front of the camera; then the persons change.
const ATTEMPTS: usize = 500;
/// Pause between two logins as a multiple of one attempt: it leaves room for self-tests, on a slow
/// machine too.
const LOGIN_PAUSE: u32 = 8;
/// Pause of a user between two self-tests.
const TEST_PAUSE: Duration = Duration::from_millis(100);
/// Pause of a caller after a full queue, until [`PATIENT`] has elapsed.
const FULL_PAUSE: Duration = Duration::from_secs(2);
/// How long callers pause. Most of the remaining attempts then find the queue full.
const PATIENT: Duration = Duration::from_secs(15);

/// A user of this machine.
#[derive(Clone, Debug)]
struct User {
    name: String,
    uid: u32,
}

/// The caller, the subject, and the word of the answer.
type Tally = BTreeMap<(u32, u32, String), usize>;

/// Alice, bob and six more.
fn users() -> Vec<User> {
    let user = |name: &str, uid| User { name: name.to_owned(), uid };
    let mut users = vec![user(ALICE.name, ALICE.uid), user(BOB.name, BOB.uid)];
    let append = |path: &str| fs::File::options().append(true).open(path).unwrap();
    let (mut passwd, mut group) = (append("/etc/passwd"), append("/etc/group"));
    for uid in 61_101..=61_106 {
        let name = format!("user{uid}");
        writeln!(passwd, "{name}:x:{uid}:{uid}::/:/bin/sh").unwrap();
        writeln!(group, "{name}:x:{uid}:").unwrap();
        users.push(user(&name, uid));
    }
    users
}

/// Whether a user is the first person; users alternate.
fn person(user: usize) -> Picture {
    if user.is_multiple_of(2) { OBAMA } else { BIDEN }
}

/// The word of an answer in the journal.
fn word(reply: &Reply) -> String {
    match reply {
        Reply::Answer(verdict) => verdict.clone(),
        Reply::Error(name) => name.rsplit('.').next().unwrap().to_owned(),
    }
}

fn is(reply: &Reply, refusal: Refusal) -> bool {
    *reply == Reply::refused(refusal)
}

/// The answers for one caller until all attempts are made. Panics on a wrong answer.
fn call_on(
    testbed: &Testbed,
    users: &[User],
    caller: usize,
    there: usize,
    left: &AtomicUsize,
) -> Tally {
    let (number, is_login) = (caller % users.len(), caller < LOGINS);
    let user = &users[number];
    let (who, asking) = if is_login { ("root", 0) } else { (user.name.as_str(), user.uid) };
    let arguments = [
        &format!("uint32:{}", user.uid),
        &format!("string:{}", user.name),
        "string:login",
        "string:tty1",
        "uint32:20000",
    ];
    let expected = if number % 2 == there { Verdict::Match } else { Verdict::NoMatch };
    let mut tally = Tally::new();
    let take = |left: usize| left.checked_sub(1);
    let started = Instant::now();
    while left.fetch_update(Ordering::AcqRel, Ordering::Acquire, take).is_ok() {
        let asked = Instant::now();
        let reply = testbed.call(who, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap();
        let full = is(&reply, Refusal::QueueFull);
        let ended = !is_login && is(&reply, Refusal::Cancelled);
        // On a slow machine the deadline may pass after the first of the two frames.
        let late = is(&reply, Refusal::Unclear) || is(&reply, Refusal::DeadlinePassed);
        // Failures in a row lock; a self-test that a login interrupts after its first frame is a
        // failure.
        let locked = is(&reply, Refusal::LockedOut) && !(is_login && expected == Verdict::Match);
        if locked {
            let run = testbed.fpass_enroll("root", &["unlock", "--user", &user.name]).unwrap();
            assert_eq!(run.code, Some(0), "{run:?}");
        }
        assert!(
            full || ended || late || locked || reply == Reply::verdict(expected),
            "{who} asked about {user:?} and heard {reply:?}"
        );
        *tally.entry((asking, user.uid, word(&reply))).or_default() += 1;
        thread::sleep(match (started.elapsed() < PATIENT, full) {
            (true, true) => FULL_PAUSE,
            (true, false) if is_login => asked.elapsed() * LOGIN_PAUSE,
            (true, false) | (false, _) => TEST_PAUSE,
        });
    }
    tally
}

/// Attempts of all callers while the person with this number is in front of the camera.
fn load(testbed: &Testbed, users: &[User], there: usize) -> Tally {
    let left = AtomicUsize::new(ATTEMPTS);
    let mut sum = Tally::new();
    thread::scope(|scope| {
        let left = &left;
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(move || call_on(testbed, users, caller, there, left)))
            .collect();
        for caller in callers {
            add(&mut sum, caller.join().unwrap());
        }
    });
    sum
}

fn add(sum: &mut Tally, tally: Tally) {
    for (key, count) in tally {
        *sum.entry(key).or_default() += count;
    }
}

/// The same tally from the journal.
fn journal(log: &str) -> Tally {
    let mut tally = Tally::new();
    for line in log.lines().filter(|line| line.contains("attempt for uid")) {
        let field = |name: &str| {
            let value = line.split_whitespace().find_map(|word| word.strip_prefix(name));
            value.unwrap_or_else(|| panic!("no {name} in {line}")).trim_matches('"')
        };
        let reason = field("reason=");
        let word = if reason.is_empty() { field("result=") } else { reason };
        let word = word.rsplit('.').next().unwrap().to_owned();
        let numbers = (field("caller=").parse().unwrap(), field("uid=").parse().unwrap());
        *tally.entry((numbers.0, numbers.1, word)).or_default() += 1;
    }
    tally
}

/// The refused calls of each caller that the journal only sums up.
fn summed_up(log: &str) -> Tally {
    let mut tally = Tally::new();
    for line in log.lines().filter(|line| line.contains("kind=\"refused calls\"")) {
        let (_, rest) = line.split_once("callers=\"").unwrap();
        for word in rest.split_once('"').unwrap().0.split(' ') {
            let (caller, calls) = word.split_once('=').unwrap();
            let key = (caller.parse().unwrap(), 0, "summed up".to_owned());
            *tally.entry(key).or_default() += calls.parse::<usize>().unwrap();
        }
    }
    tally
}

/// The verdicts of a tally.
fn verdicts(tally: &Tally) -> Tally {
    let is_verdict = |word: &str| word == "match" || word == "no-match";
    let verdicts = tally.iter().filter(|((_, _, word), _)| is_verdict(word));
    verdicts.map(|(key, count)| (key.clone(), *count)).collect()
}

/// The number of answers of each caller.
fn by_caller(tally: &Tally) -> BTreeMap<u32, usize> {
    let mut callers = BTreeMap::new();
    for ((caller, _, _), count) in tally {
        *callers.entry(*caller).or_default() += count;
    }
    callers
}

fn count(tally: &Tally, of: impl Fn(&(u32, u32, String)) -> bool) -> usize {
    tally.iter().filter(|(key, _)| of(key)).map(|(_, count)| count).sum()
}

#[test]
fn every_answer_is_right_and_none_is_lost() {
    let mut testbed = Testbed::new().unwrap();
    let users = users();
    // A stranger is refused after as many frames as a user is recognised.
    testbed
        .configure(
            "[verification]\njudged_frames = 2\nagreeing_frames = 2\n[enrolment]\nframes = 5\n",
        )
        .unwrap();
    testbed.start_daemon().unwrap();
    for there in [0, 1] {
        testbed.camera_shows_at(&Scene::person(person(there)), 120).unwrap();
        for user in users.iter().skip(there).step_by(2) {
            let run = testbed.fpass_enroll(&user.name, &["add"]).unwrap();
            assert_eq!(run.code, Some(0), "{user:?} {}{}", run.stdout, run.stderr);
        }
    }

    let started = Instant::now();
    let mut answers = Tally::new();
    for there in [0, 1] {
        testbed.camera_shows_at(&Scene::person(person(there)), 120).unwrap();
        // Users who did not match until now may be locked.
        for user in &users {
            let run = testbed.fpass_enroll("root", &["unlock", "--user", &user.name]).unwrap();
            assert_eq!(run.code, Some(0), "{run:?}");
        }
        add(&mut answers, load(&testbed, &users, there));
    }
    let took = started.elapsed().as_secs_f64();

    assert_eq!(count(&answers, |_| true), 2 * ATTEMPTS);
    assert!(testbed.daemon_lives());
    testbed.stop_daemon().unwrap();
    let log = testbed.daemon_log();
    let mut recorded = journal(&log);
    assert_eq!(verdicts(&recorded), verdicts(&answers), "a verdict has no line, or another one");
    add(&mut recorded, summed_up(&log));
    assert_eq!(by_caller(&recorded), by_caller(&answers), "the journal and the answers differ");
    let verdict = |word: &str| word == "match" || word == "no-match";
    for user in &users {
        let logins =
            count(&answers, |(who, uid, word)| *who == 0 && *uid == user.uid && verdict(word));
        assert!(logins > 0, "no login of {user:?} had a verdict: {answers:?}");
    }
    let of = |wanted: &str| count(&answers, |(_, _, word)| word == wanted);
    let tests = count(&answers, |(who, _, word)| *who != 0 && verdict(word));
    assert!(of("QueueFull") > 0 && tests > 0, "{answers:?}");
    let text = format!(
        "{} attempts by {CALLERS} callers for {} users in {took:.0} s: {} match, {} no-match \
         ({tests} of them self-tests), {} ended by a login, {} told that the queue is full, {} out \
         of time, {} locked and then unlocked; \
         0 wrong, 0 lost, as many journal lines",
        2 * ATTEMPTS,
        users.len(),
        of("match"),
        of("no-match"),
        of("Cancelled"),
        of("QueueFull"),
        of("Unclear") + of("DeadlinePassed"),
        of("LockedOut"),
    );
    figures::note(FIGURES, &text).unwrap();
}
