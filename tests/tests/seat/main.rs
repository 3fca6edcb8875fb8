//! Who counts as being at this machine: what logind reports, and the consequences over the bus and
//! through libpam.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "all of this program is tests"
)]

mod admitted;
mod changes;
mod far;
mod lid;
mod lock_screen;
mod refused;
mod silent;

use std::{
    fs::File,
    fs::{self, FileTimes},
    time::SystemTime,
};

use fpass_proto::{
    Refusal,
    names::{ENROLMENT_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, Account, BOB, Login, Reply, Testbed,
    logind::{Place, Session},
    stack,
};

/// The clip of the recorded camera.
const CLIP: &str = "/run/testbed/scene.y4m";

/// Services, one for each rule.
const SERVICES: [&str; 4] = ["login", "gdm-password", "lightdm", "polkit-1"];

/// A running machine on which alice is enrolled and in front of the camera.
fn with_alice() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    for service in SERVICES {
        testbed.service(service, &stack::own("")).unwrap();
    }
    testbed.start_with_alice().unwrap();
    testbed
}

/// Sets the place of the asking process, and the foreground of the seat.
fn sits(testbed: &mut Testbed, place: &Place, front: Option<&Session>) {
    testbed.logind().says(|script| {
        script.place = place.clone();
        script.front = front.cloned();
    });
}

fn session(change: impl FnOnce(&mut Session)) -> Place {
    let mut session = Session::default();
    change(&mut session);
    Place::Session(session)
}

fn unit(name: &str) -> Place {
    Place::Unit(name.to_owned())
}

/// The unit of alice's service manager.
fn manager() -> Place {
    unit(&format!("user@{}.service", ALICE.uid))
}

fn refused() -> Reply {
    Reply::refused(Refusal::RemoteSession)
}

/// A verdict about alice, for a PAM service.
fn verdict(testbed: &Testbed, caller: &str, service: &str) -> Reply {
    let service = format!("string:{service}");
    let arguments = [&ALICE.uid_argument(), "string:alice", &service, "string:", "uint32:10000"];
    testbed.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

fn enrols(testbed: &Testbed, caller: &str, account: Account) -> Reply {
    let name = format!("string:{}", account.name);
    let arguments = [account.uid_argument(), name, "string:another".to_owned()];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    testbed.call(caller, ENROLMENT_INTERFACE, "EnrollStart", &arguments).unwrap()
}

fn previews(testbed: &Testbed, caller: &str, account: Account) -> Reply {
    let name = format!("string:{}", account.name);
    let arguments = [account.uid_argument(), name];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    testbed.call(caller, ENROLMENT_INTERFACE, "PreviewStart", &arguments).unwrap()
}

/// Calls every member that uses the camera, and returns the answers.
fn every_call(testbed: &Testbed) -> Vec<(&'static str, Reply)> {
    let alice = ALICE.uid_argument();
    let qualify = [alice.as_str(), "string:alice", "uint32:5000"];
    let call = |caller, member, arguments: &[&str]| {
        testbed.call(caller, VERIFICATION_INTERFACE, member, arguments).unwrap()
    };
    vec![
        ("a test by alice", verdict(testbed, "alice", "")),
        ("a login by alice", verdict(testbed, "alice", "swaylock")),
        ("a login by root", verdict(testbed, "root", "sudo")),
        ("a qualification by alice", call("alice", "Qualify", &qualify)),
        ("an enrolment by bob", enrols(testbed, "bob", BOB)),
        ("an enrolment by root", enrols(testbed, "root", BOB)),
        ("a preview by bob", previews(testbed, "bob", BOB)),
        ("a preview by root", previews(testbed, "root", BOB)),
        ("a start ahead by root", call("root", "Prewarm", &[&alice])),
    ]
}

/// The code and the sentence of a login of alice.
fn logs_in(testbed: &Testbed, service: &str) -> (&'static str, String) {
    let transcript = testbed.transact(&Login::of(service, ALICE)).unwrap();
    (transcript.code_name(), transcript.sentence().to_owned())
}

fn turned_away() -> (&'static str, String) {
    ("PAM_AUTHINFO_UNAVAIL", Refusal::RemoteSession.sentence().to_owned())
}

/// The same, as the service shows it: login screens and dialogues get the short sentence.
fn turned_away_by(service: &str) -> (&'static str, String) {
    let sentence = match service {
        "gdm-password" | "lightdm" | "polkit-1" => Refusal::RemoteSession.short_sentence(),
        _ => Refusal::RemoteSession.sentence(),
    };
    ("PAM_AUTHINFO_UNAVAIL", sentence.to_owned())
}

/// Marks the camera as unused.
fn cover_the_camera() {
    let times = FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH);
    File::options().append(true).open(CLIP).unwrap().set_times(times).unwrap();
}

/// Whether the camera was used since.
fn camera_was_used() -> bool {
    fs::metadata(CLIP).unwrap().accessed().unwrap() != SystemTime::UNIX_EPOCH
}
