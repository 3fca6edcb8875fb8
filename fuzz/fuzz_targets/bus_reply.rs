//! What a client reads from the daemon: a whole message, as the bus hands it over.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_proto::{
    CameraReport, EnrolmentState, Guidance, MachineStatus, PastAttempt, Prompt, QualifyReport,
    Refusal, Strength, TemplateReport, Verdict,
};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};
use zbus::{
    Message,
    wire::{DynamicType, Type},
};

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { bytes: MIB + 64 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        let Some(message) = fpass_fuzz::message(bytes) else {
            return;
        };
        if let Some(name) = message.header().error_name() {
            refused(name.as_str());
        }
        reports(&message);
        words(&message);
    });
});

/// An error is a refusal by its exact name only.
fn refused(name: &str) {
    if let Some(refusal) = Refusal::from_error_name(name) {
        assert_eq!(refusal.error_name(), name);
        assert!(refusal.sentence().contains("; "));
    }
}

fn reports(message: &Message) {
    repeats::<Vec<TemplateReport>>(message);
    repeats::<QualifyReport>(message);
    repeats::<Vec<CameraReport>>(message);
    repeats::<Vec<PastAttempt>>(message);
    repeats::<u32>(message);
    repeats::<Vec<String>>(message);
    // Holds a float, of which NaN is unequal to itself.
    if let Ok(status) = message.body().deserialize::<MachineStatus>() {
        assert!(status.version.len() <= message.data().len());
    }
}

/// What was read can be sent, and is then read as the same.
fn repeats<T>(message: &Message)
where
    T: DeserializeOwned + Serialize + Type + DynamicType + PartialEq,
{
    let Ok(value) = message.body().deserialize_ignore_signature::<T>() else {
        return;
    };
    let sent = Message::signal("/", "org.fpass.Again", "Again").build(&value);
    let again = sent.and_then(|sent| sent.body().deserialize_ignore_signature::<T>());
    assert!(again.is_ok_and(|again| again == value));
}

fn words(message: &Message) {
    let body = message.body();
    if let Ok(word) = body.deserialize::<&str>() {
        assert_eq!(Verdict::parse(word).map(Verdict::as_str), known(word, &["match", "no-match"]));
        let states = ["never-enrolled", "enrolled", "removed"];
        assert_eq!(EnrolmentState::parse(word).map(EnrolmentState::as_str), known(word, &states));
        strength(word);
        let prompt = Prompt::parse(word);
        assert_eq!(prompt.map(Prompt::as_str), prompt.map(|_| word));
    }
    if let Ok((_, _, _, word)) = body.deserialize::<(u32, u32, u32, &str)>() {
        let hint = Guidance::parse(word);
        assert_eq!(hint.map(Guidance::as_str), hint.map(|_| word));
    }
    if let Ok((_, result, word)) = body.deserialize::<(u32, &str, &str)>() {
        refused(result);
        strength(word);
    }
}

fn strength(word: &str) {
    let words = ["weak", "fair", "strong"];
    assert_eq!(Strength::parse(word).map(Strength::as_str), known(word, &words));
}

fn known<'a>(word: &'a str, words: &[&str]) -> Option<&'a str> {
    words.contains(&word).then_some(word)
}
