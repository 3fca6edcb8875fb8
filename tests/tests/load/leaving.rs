//! How soon an attempt ends after its caller left. The time is recorded, not asserted.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fpass_proto::names::{BUS_NAME, OBJECT_PATH, VERIFICATION_INTERFACE};
use fpass_tests::{
    ALICE, Scene, Testbed, figures,
    scene::OBAMA,
    watch::{camera_is_on, wait_for_attempt},
};

use crate::FIGURES;

/// Number of callers that leave.
const DEPARTURES: usize = 15;

/// Asks for a verdict about alice for half a minute.
fn ask() -> Child {
    Command::new("dbus-send")
        .args(["--system", "--print-reply", "--reply-timeout=60000"])
        .arg(format!("--dest={BUS_NAME}"))
        .args([OBJECT_PATH, &format!("{VERIFICATION_INTERFACE}.Verify")])
        .args([&format!("uint32:{}", ALICE.uid), "string:alice", "string:login", "string:tty1"])
        .arg("uint32:30000")
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Time from the end of the caller until the camera is off.
fn departure(testbed: &Testbed, number: usize) -> Duration {
    let mut caller = ask();
    wait_for_attempt(testbed);
    // Varies the moment within a frame.
    thread::sleep(Duration::from_millis(7 * number as u64));
    let left = Instant::now();
    caller.kill().unwrap();
    while camera_is_on(testbed) {
        assert!(left.elapsed() < Duration::from_secs(20), "the attempt goes on without its caller");
        thread::sleep(Duration::from_millis(1));
    }
    let took = left.elapsed();
    caller.wait().unwrap();
    took
}

#[test]
fn the_camera_is_off_soon_after_its_caller_is_gone() {
    let mut testbed = Testbed::new().unwrap();
    testbed.configure("[verification]\ntimeout_ms = 30000\n").unwrap();
    testbed.start_daemon().unwrap();
    testbed.camera_shows(&Scene::person(OBAMA)).unwrap();
    testbed.enrol(ALICE).unwrap();
    testbed.camera_shows(&Scene::nobody()).unwrap();
    let mut times: Vec<Duration> = (0..DEPARTURES).map(|n| departure(&testbed, n)).collect();
    times.sort();
    let (median, longest) = (times[DEPARTURES / 2].as_millis(), times[DEPARTURES - 1].as_millis());
    let text = format!(
        "{DEPARTURES} callers left in the middle of an attempt: the camera was off after {median} ms \
         (median), {longest} ms at most; wanted: 200 ms"
    );
    figures::note(FIGURES, &text).unwrap();
}
