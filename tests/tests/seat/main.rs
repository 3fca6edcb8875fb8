//! Who is held to be at this machine: what logind says, and what follows from it over the bus and
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
mod refused;
mod silent;

use std::{
    fs::File,
    fs::{self, FileTimes},
    time::SystemTime,
};

use fpass_proto::{
    Refusal, Verdict,
    names::{ENROLMENT_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    ALICE, Account, BOB, Ground, Login, Reply, Scene,
    logind::{Place, Session},
    scene::OBAMA,
    stack,
};

/// What the camera plays.
const CLIP: &str = "/run/ground/scene.y4m";

/// Services of which each has a rule of its own.
const SERVICES: [&str; 4] = ["login", "gdm-password", "lightdm", "polkit-1"];

/// A running machine on which alice is enrolled and sits before the camera.
fn with_alice() -> Ground {
    let mut ground = Ground::new().unwrap();
    for service in SERVICES {
        ground.service(service, &stack::own("")).unwrap();
    }
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground
}

/// The process that asks is here, with this in the foreground of the seat.
fn sits(ground: &mut Ground, place: &Place, front: Option<&Session>) {
    ground.logind().says(|script| {
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

/// The manager of alice's services.
fn manager() -> Place {
    unit(&format!("user@{}.service", ALICE.uid))
}

fn refused() -> Reply {
    Reply::Error(Refusal::RemoteSession.error_name().to_owned())
}

fn matched() -> Reply {
    Reply::Answer(Verdict::Match.as_str().to_owned())
}

fn uid(account: Account) -> String {
    format!("uint32:{}", account.uid)
}

/// A verdict about alice, for a PAM service.
fn verdict(ground: &Ground, caller: &str, service: &str) -> Reply {
    let service = format!("string:{service}");
    let arguments = [&uid(ALICE), "string:alice", &service, "string:", "uint32:10000"];
    ground.call(caller, VERIFICATION_INTERFACE, "Verify", &arguments).unwrap()
}

fn enrols(ground: &Ground, caller: &str, account: Account) -> Reply {
    let name = format!("string:{}", account.name);
    let arguments = [uid(account), name, "string:another".to_owned()];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    ground.call(caller, ENROLMENT_INTERFACE, "EnrollStart", &arguments).unwrap()
}

/// Every way to the camera over the bus, and the answer that each gave.
fn every_call(ground: &Ground) -> Vec<(&'static str, Reply)> {
    let alice = uid(ALICE);
    let qualify = [alice.as_str(), "string:alice", "uint32:5000"];
    let call = |caller, member, arguments: &[&str]| {
        ground.call(caller, VERIFICATION_INTERFACE, member, arguments).unwrap()
    };
    vec![
        ("a test by alice", verdict(ground, "alice", "")),
        ("a login by alice", verdict(ground, "alice", "swaylock")),
        ("a login by root", verdict(ground, "root", "sudo")),
        ("a qualification by alice", call("alice", "Qualify", &qualify)),
        ("an enrolment by bob", enrols(ground, "bob", BOB)),
        ("an enrolment by root", enrols(ground, "root", BOB)),
        ("a start ahead by root", call("root", "Prewarm", &[&alice])),
    ]
}

/// The code and the sentence of a login of alice.
fn logs_in(ground: &Ground, service: &str) -> (&'static str, String) {
    let transcript = ground.transact(&Login::of(service, ALICE)).unwrap();
    (transcript.code_name(), transcript.sentence().to_owned())
}

fn turned_away() -> (&'static str, String) {
    ("PAM_AUTHINFO_UNAVAIL", Refusal::RemoteSession.sentence().to_owned())
}

/// Takes note that the camera has not been looked through yet.
fn cover_the_camera() {
    let times = FileTimes::new().set_accessed(SystemTime::UNIX_EPOCH);
    File::options().append(true).open(CLIP).unwrap().set_times(times).unwrap();
}

/// Whether anybody has looked through the camera since.
fn camera_was_used() -> bool {
    fs::metadata(CLIP).unwrap().accessed().unwrap() != SystemTime::UNIX_EPOCH
}
