//! Users without a session attack the daemon in every way at once: calls and signals with
//! descriptors, attempts about somebody else, one connection after the other, and a full disk.
//! Meanwhile each login with the right face matches.

use std::{
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt, chown},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use fpass_proto::{audit, names::ADMINISTRATION_INTERFACE};
use fpass_tests::{
    ALICE, DAEMON_UID, Reply, Testbed,
    bus_probe::BusProbe,
    figures,
    journal::Journal,
    logind::{Place, Session},
    siege::Siege,
    watch::wait_until,
};
use nix::{
    mount::{MsFlags, mount},
    sys::statvfs::statvfs,
};

const STORE: &str = "/var/lib/fpass";
/// The file system of the store, and a directory on it for everybody.
const DISK: &str = "/run/siege";
const OPEN: &str = "/run/siege/open";
/// File below `target/fpass` with the figures of these tests.
const FIGURES: &str = "siege.txt";
/// Length of one siege.
const LENGTH: Duration = Duration::from_secs(60);
/// Pause between two logins.
const PAUSE: Duration = Duration::from_millis(700);
/// Largest resident memory of the daemon in KiB.
const RESIDENT_MAX: u64 = 250 * 1024;

/// Moves the store to a small file system that it shares with everybody.
fn share_the_disk() {
    fs::create_dir_all(DISK).unwrap();
    let options = Some("size=4m,mode=0755");
    mount(Some("tmpfs"), DISK, Some("tmpfs"), MsFlags::empty(), options).unwrap();
    let store = format!("{DISK}/fpass");
    fs::DirBuilder::new().mode(0o700).create(&store).unwrap();
    chown(&store, Some(DAEMON_UID), Some(DAEMON_UID)).unwrap();
    for entry in fs::read_dir(STORE).unwrap() {
        let entry = entry.unwrap();
        let copy = Path::new(&store).join(entry.file_name());
        fs::copy(entry.path(), &copy).unwrap();
        chown(&copy, Some(DAEMON_UID), Some(DAEMON_UID)).unwrap();
    }
    mount(Some(store.as_str()), STORE, None::<&str>, MsFlags::MS_BIND, None::<&str>).unwrap();
    fs::create_dir(OPEN).unwrap();
    fs::set_permissions(OPEN, fs::Permissions::from_mode(0o1777)).unwrap();
}

/// A number from the daemon's status, such as `VmRSS` in KiB.
fn status(testbed: &Testbed, name: &str) -> u64 {
    let path = format!("/proc/{}/status", testbed.daemon_id().unwrap());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap().trim().trim_end_matches(" kB").parse().unwrap()
}

fn descriptors(testbed: &Testbed) -> usize {
    fs::read_dir(format!("/proc/{}/fd", testbed.daemon_id().unwrap())).unwrap().count()
}

/// Logs alice in. Returns what went wrong.
fn log_in(testbed: &Testbed) -> Result<(), String> {
    let login = testbed.login("fpass-test", ALICE.name, ALICE.password).unwrap();
    if login.admitted() { Ok(()) } else { Err(login.sentence().to_owned()) }
}

/// The head of the audit log.
fn head(testbed: &Testbed) -> (u64, String) {
    let reply = testbed.call("root", ADMINISTRATION_INTERFACE, "AuditHead", &[]).unwrap();
    let Reply::Answer(text) = reply else { panic!("{reply:?}") };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, sequence, hash] = words.as_slice() else { panic!("{text}") };
    (sequence.parse().unwrap(), (*hash).to_owned())
}

/// Median and worst of some times in milliseconds.
fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    match times.as_slice() {
        [] => format!("{:>9} {:>9}", "-", "-"),
        times => format!("{:>9.1} {:>9.1}", times[times.len() / 2], times[times.len() - 1]),
    }
}

/// How long the stages of the logins took, as the records say, and one question on the bus.
fn stages(journal: &Journal, questions: &[Duration]) -> String {
    let records = journal.records();
    let of = |field: &str| -> Vec<f64> {
        let logins = records.iter().filter(|record| record[audit::KIND] == "attempt");
        let roots = logins.filter(|record| record[audit::CALLER] == "0");
        roots.filter_map(|record| record.get(field)?.as_str()?.parse().ok()).collect()
    };
    let rows = [
        ("one question to logind", questions.iter().map(|time| time.as_secs_f64() * 1e3).collect()),
        ("where the caller is", of("FPASS_LOOK_UP_MS")),
        ("opening the camera", of("FPASS_CAMERA_MS")),
        ("until a frame is judged", of("FPASS_USABLE_FRAME_MS")),
        ("features of a face", of("FPASS_EMBED_MS")),
        ("the whole attempt", of("FPASS_TOTAL_MS")),
    ];
    let row = |(name, times): (&str, Vec<f64>)| format!("{name:>24} {}\n", spread(times));
    let rows: String = rows.into_iter().map(row).collect();
    format!("{:>24} {:>9} {:>9}\n{rows}", "", "median", "worst")
}

/// One siege by this many users; its figures.
fn besiege(users: u32) -> String {
    let mut testbed = Testbed::new().unwrap();
    share_the_disk();
    let journal = Journal::start().unwrap();
    testbed.start_with_alice().unwrap();
    // She uses `sudo` in her session.
    testbed.logind().says(|script| {
        script.place = Place::Front;
        script.front = Some(Session::of(ALICE.uid));
    });
    log_in(&testbed).unwrap();
    let daemon = testbed.daemon_id().unwrap();

    let siege = Siege::begin(&testbed, users, OPEN).unwrap();
    wait_until("the disk is full", || statvfs(DISK).unwrap().blocks_available() == 0);
    let probe = BusProbe::start().unwrap();
    let (started, mut times, mut wrong) = (Instant::now(), Vec::new(), Vec::new());
    let (mut resident, mut open) = (0, 0);
    while started.elapsed() < LENGTH {
        let asked = Instant::now();
        if let Err(error) = log_in(&testbed) {
            wrong.push(error);
        }
        times.push(asked.elapsed());
        assert!(testbed.daemon_lives(), "the daemon has ended");
        resident = resident.max(status(&testbed, "VmRSS"));
        open = open.max(descriptors(&testbed));
        thread::sleep(PAUSE);
    }
    let questions = probe.times();
    drop((siege, probe));
    let stages = stages(&journal, &questions);
    figures::note(FIGURES, &format!("{users} users: where the time goes, in ms\n{stages}"))
        .unwrap();

    assert_eq!(wrong, [""; 0], "of {} logins", times.len());
    assert_eq!(testbed.daemon_id(), Some(daemon));
    assert!(resident <= RESIDENT_MAX, "{resident} KiB");
    // Refused calls are summed up every few seconds.
    let refused = |journal: &Journal| -> u64 {
        let sums = journal
            .records()
            .into_iter()
            .filter_map(|record| record.get(audit::CALLS)?.as_str()?.parse::<u64>().ok());
        sums.sum()
    };
    wait_until("the refused calls are summed up", || refused(&journal) > 0);
    testbed.stop_daemon().unwrap();
    testbed.start_daemon().unwrap();
    let (sequence, hash) = head(&testbed);
    wait_until("the last record is there", || journal.records().len() as u64 == sequence);
    let lines: String = journal.lines().iter().map(|line| format!("{line}\n")).collect();
    let file = "/run/testbed/journal.json";
    fs::write(file, lines).unwrap();
    let chain = format!("{sequence}:{hash}");
    let words = ["audit", "verify", "--file", file, "--head", &chain, "--from-start"];
    let run = testbed.fpass_enroll("root", &words).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let matches =
        journal.records().iter().filter(|record| record[audit::RESULT] == "match").count();
    assert_eq!(matches, times.len() + 1, "a record is lost");

    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_millis();
    format!(
        "{users:>5} {:>7} {:>9} {:>7} {:>7} {:>9} {:>12} {:>12} {:>9}",
        times.len(),
        times.len() - wrong.len(),
        at(50),
        at(100),
        resident / 1024,
        open,
        refused(&journal),
        sequence,
    )
}

/// The names of the figures.
fn titles() -> String {
    format!(
        "times in ms, at most 2000 wanted; resident memory in MiB, at most 250\n\
         {:>5} {:>7} {:>9} {:>7} {:>7} {:>9} {:>12} {:>12} {:>9}",
        "users",
        "logins",
        "matches",
        "median",
        "worst",
        "resident",
        "descriptors",
        "refused",
        "records"
    )
}

#[test]
fn logins_match_while_one_user_attacks() {
    let row = besiege(1);
    figures::note(FIGURES, &format!("{}\n{row}", titles())).unwrap();
}

#[test]
#[ignore = "takes a minute of both processors; make siege"]
fn logins_match_while_twenty_users_attack() {
    let row = besiege(20);
    figures::note(FIGURES, &format!("{}\n{row}", titles())).unwrap();
}
