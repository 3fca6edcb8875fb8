//! Measurements of whole attempts on a private machine: `scripts/bench` runs it after the stages.
//!
//! Times of an attempt are those in the daemon's journal, from the call to the answer, unless a row
//! says otherwise. Nothing is asserted.

mod howdy;
mod measure;

use std::{
    fs,
    io::{self, Write},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use fpass_tests::{ALICE, Login, Reply, Scene, Testbed, TestbedError, scene::OBAMA, stack};

use measure::{Sample, field};

/// Number of attempts for each median.
const RUNS: usize = 21;
/// [`RUNS`] as the divisor of a duration.
const RUNS_U32: u32 = 21;
/// Users in the store, in the order of the rows.
const USERS: [usize; 3] = [1, 100, 10_000];
/// Numbers of simultaneous callers.
const CALLERS: [usize; 3] = [1, 8, 32];
/// Shortest time to type the password. Up to one interval of the camera is added in even steps,
/// because people do not type in step with it.
const TYPING: Duration = Duration::from_millis(400);
const INTERVAL: Duration = Duration::from_micros(33_333);
/// Directory of the sealed records.
const STORE: &str = "/var/lib/fpass";

fn main() -> ExitCode {
    let python = std::env::args().nth(1).unwrap_or_default();
    match run(&python) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn run(python: &str) -> Result<(), TestbedError> {
    let mut testbed = Testbed::new()?;
    testbed.hide_logs();
    testbed.camera_shows(&Scene::person(OBAMA))?;
    testbed.start_daemon()?;
    testbed.enrol(ALICE)?;
    memory(&testbed, "after an enrolment")?;

    say("\nVerify on the recorded camera, medians:");
    let cold = cold(&mut testbed)?;
    say(format_args!("  cold: daemon started, models loaded, one attempt   {cold}"));
    let warm = attempts(&testbed, RUNS)?;
    say(format_args!("  warm: daemon running, camera off                   {warm}"));
    logins(&mut testbed)?;
    match howdy::measure(python) {
        Ok(other) => say(format_args!(
            "  Howdy's way, a fresh Python on one picture          {other}, {:.1} times the warm attempt (≥ 10: {})",
            other.median() / warm.median(),
            met(other.median() >= 10.0 * warm.median()),
        )),
        Err(reason) => say(format_args!("  skipped: Howdy's way: {reason}")),
    }
    memory(&testbed, "after these attempts")?;
    users(&testbed)?;
    callers(&testbed)
}

/// The word for a target.
fn met(yes: bool) -> &'static str {
    if yes { "met" } else { "NOT MET" }
}

/// One attempt of root for alice; its time in milliseconds by the daemon's journal.
fn attempt(testbed: &Testbed) -> Result<f64, TestbedError> {
    let before = testbed.daemon_log().len();
    let reply = testbed.verify("root", ALICE)?;
    if reply != Reply::matched() {
        say(format_args!("  (an attempt ended as {reply:?})"));
    }
    let log = testbed.daemon_log().split_off(before);
    Ok(field(&log, "total_ms").unwrap_or(f64::NAN))
}

fn attempts(testbed: &Testbed, runs: usize) -> Result<Sample, TestbedError> {
    (0..runs).map(|_| attempt(testbed)).collect()
}

/// The time from the start of the daemon to an answer.
fn cold(testbed: &mut Testbed) -> Result<Sample, TestbedError> {
    let mut sample = Sample::default();
    for _ in 0..5 {
        testbed.stop_daemon()?;
        let start = Instant::now();
        testbed.start_daemon()?;
        testbed.verify("root", ALICE)?;
        sample.add(1000.0 * start.elapsed().as_secs_f64());
    }
    Ok(sample)
}

/// `pam_authenticate` with and without the face; the camera starts while the password is typed.
fn logins(testbed: &mut Testbed) -> Result<(), TestbedError> {
    testbed.service(
        "bench-password",
        &format!("{}\naccount required pam_unix.so\n", stack::PASSWORD_LINE),
    )?;
    testbed.service("bench-face", &stack::own(""))?;
    let mut times = [Sample::default(), Sample::default(), Sample::default()];
    for run in (0_u32..).take(RUNS) {
        let login = |service| -> Result<f64, TestbedError> {
            let transcript = testbed.transact(&Login::of(service, ALICE))?;
            Ok(transcript.answers.first().map_or(f64::NAN, |answer| answer.milliseconds))
        };
        let [password, face, prewarmed] = &mut times;
        password.add(login("bench-password")?);
        face.add(login("bench-face")?);
        let uid = format!("uint32:{}", ALICE.uid);
        testbed.call("root", fpass_proto::names::VERIFICATION_INTERFACE, "Prewarm", &[&uid])?;
        thread::sleep(TYPING + INTERVAL * run / RUNS_U32);
        prewarmed.add(login("bench-face")?);
    }
    let [password, face, prewarmed] = &times;
    let adds = |sample: &Sample| sample.median() - password.median();
    say(format_args!("  pam_authenticate: password alone                   {password}"));
    say(format_args!(
        "  pam_authenticate: password and face                {face}, the face adds {:.0} ms",
        adds(face)
    ));
    say(format_args!(
        "  pam_authenticate: the same, prewarmed              {prewarmed}, the face adds {:.0} ms (< 100: {})",
        adds(prewarmed),
        met(adds(prewarmed) < 100.0),
    ));
    Ok(())
}

/// Resident memory of the daemon.
fn memory(testbed: &Testbed, when: &str) -> Result<(), TestbedError> {
    let path = format!("/proc/{}/status", testbed.daemon_id().unwrap_or(0));
    let status = fs::read_to_string(&path).map_err(TestbedError::io(format!("reading {path}")))?;
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        number.map_or(f64::NAN, |kibibytes| kibibytes / 1024.0)
    };
    let (now, most) = (mebibytes("VmRSS"), mebibytes("VmHWM"));
    say(format_args!(
        "Memory of the daemon {when}: resident {now:.0} MiB, at most {most:.0} MiB (< 200: {})",
        met(most < 200.0)
    ));
    Ok(())
}

/// Attempts with more and more users in the store. The other users' records are copies of alice's
/// under other numbers. An attempt reads only the record of its own user, so only the number can
/// matter.
fn users(testbed: &Testbed) -> Result<(), TestbedError> {
    let record = format!("{STORE}/{}.fpass", ALICE.uid);
    let sealed = fs::read(&record).map_err(TestbedError::io(format!("reading {record}")))?;
    let path = |number: usize| format!("{STORE}/{}.fpass", 1_000_000 + number);
    let mut samples = [Sample::default(), Sample::default(), Sample::default()];
    // In turns, so that a machine that slows down affects all of them.
    for _ in 0..7 {
        let mut present = 1;
        for (users, sample) in USERS.iter().zip(&mut samples) {
            for number in present..*users {
                fs::write(path(number), &sealed).map_err(TestbedError::io("filling the store"))?;
            }
            present = *users;
            for _ in 0..RUNS / 3 {
                sample.add(attempt(testbed)?);
            }
        }
        for number in 1..present {
            fs::remove_file(path(number)).map_err(TestbedError::io("emptying the store"))?;
        }
    }
    say("\nVerify by enrolled users, medians:");
    let [one, ..] = &samples;
    for (users, sample) in USERS.iter().zip(&samples) {
        let ratio = sample.median() / one.median();
        say(format_args!(
            "  {users:>6} users  {sample}, {ratio:.3} of one (within 5 %: {})",
            met((ratio - 1.0).abs() <= 0.05)
        ));
    }
    Ok(())
}

/// Simultaneous callers, each a process that asks once; times include the process.
fn callers(testbed: &Testbed) -> Result<(), TestbedError> {
    say("\nSimultaneous callers, each asking once:");
    for callers in CALLERS {
        let start = Instant::now();
        let answers: Vec<(f64, Result<Reply, TestbedError>)> = thread::scope(|scope| {
            let ask = || {
                let start = Instant::now();
                let reply = testbed.verify("root", ALICE);
                (1000.0 * start.elapsed().as_secs_f64(), reply)
            };
            let asking: Vec<_> = (0..callers).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().filter_map(|caller| caller.join().ok()).collect()
        });
        let total = 1000.0 * start.elapsed().as_secs_f64();
        let (mut matched, mut full, mut other) = (Sample::default(), 0, 0);
        for (time, reply) in answers {
            match reply? {
                Reply::Answer(word) if word == "match" => matched.add(time),
                Reply::Error(name) if name.ends_with("QueueFull") => full += 1,
                _ => other += 1,
            }
        }
        say(format_args!(
            "  {callers:>2} callers: {} matched, {full} told that the queue is full, {other} otherwise; {matched}, slowest {:.0} ms, all after {total:.0} ms",
            matched.len(),
            matched.largest(),
        ));
    }
    Ok(())
}
