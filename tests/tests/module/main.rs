//! The installed module in real processes: its answers, and what it leaves unchanged.

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
mod language;
mod names;
mod object;
mod traces;
mod witness;

use fpass_tests::Transcript;

/// The face line with arguments, and no other module that could answer.
fn alone(arguments: &str) -> String {
    format!("{} {arguments}\n", fpass_tests::stack::FACE_LINE)
}

/// The transaction ended as expected, and the application's process is unchanged.
fn ended_as(transcript: &Transcript, code: &str, what: &str) {
    assert_eq!(transcript.code_name(), code, "{what}: {transcript:?}");
    assert_eq!(transcript.threads, (1, 1), "{what}: threads");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{what}: descriptors");
    assert_eq!(transcript.stray_output, "", "{what}: output of the module's own");
}
