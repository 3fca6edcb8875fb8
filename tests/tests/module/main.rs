//! The installed module inside real processes: what it answers, and what it leaves alone.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod arguments;
mod daemon;
mod environment;
mod facilities;
mod host;
mod object;
mod traces;
mod witness;

use fpass_tests::{ALICE, Ground, Scene, Transcript, scene::OBAMA};

/// A machine on which alice is enrolled and sits before the camera.
fn with_alice() -> Ground {
    let mut ground = Ground::new().unwrap();
    ground.start_daemon().unwrap();
    ground.camera_shows(&Scene::person(OBAMA)).unwrap();
    ground.enrol(ALICE).unwrap();
    ground
}

/// The face line with arguments, and nothing that could answer in its place.
fn alone(arguments: &str) -> String {
    format!("{} {arguments}\n", fpass_tests::stack::FACE_LINE)
}

/// The transaction ended as it should, and the application has lost and gained nothing by it.
fn ended_as(transcript: &Transcript, code: &str, what: &str) {
    assert_eq!(transcript.code_name(), code, "{what}: {transcript:?}");
    assert_eq!(transcript.threads, (1, 1), "{what}: threads");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{what}: descriptors");
    assert_eq!(transcript.stray_output, "", "{what}: output of the module's own");
}
