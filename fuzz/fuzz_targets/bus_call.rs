//! What the daemon reads from a caller: a whole message, as the bus hands it over.

#![no_main]

use std::time::Duration;

use fpass_fuzz::{Bounds, MIB, bounded};
use fpass_proto::{Label, ServiceName, Terminal, UserName};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let bounds = Bounds { bytes: MIB + 64 * bytes.len(), time: Duration::from_millis(50) };
    bounded(bounds, || {
        let Some(message) = fpass_fuzz::message(bytes) else {
            return;
        };
        let header = message.header();
        let body = message.body();
        assert!(header.member().is_none_or(|member| member.as_str().len() <= 255));
        if let Ok((_, user, service, tty, _)) = body.deserialize::<(u32, &str, &str, &str, u32)>() {
            names(user);
            names(service);
            names(tty);
        }
        if let Ok((_, user, service, tty, _)) = body.deserialize::<(u32, &str, &str, &str, &str)>()
        {
            names(user);
            names(service);
            names(tty);
        }
        if let Ok((_, user, _)) = body.deserialize::<(u32, &str, u32)>() {
            names(user);
        }
        if let Ok((_, label, new_label)) = body.deserialize::<(u32, &str, &str)>() {
            names(label);
            names(new_label);
        }
        if let Ok((_, label)) = body.deserialize::<(u32, &str)>() {
            names(label);
        }
        let _ = body.deserialize::<(u32,)>();
    });
});

/// What is accepted keeps the rules of its kind, and is the text that was given.
fn names(raw: &str) {
    if let Ok(name) = UserName::parse(raw) {
        assert_eq!(name.as_str(), raw);
        assert!((1..=255).contains(&raw.len()) && raw != "." && raw != "..");
        assert!(!raw.starts_with(['-', ' ']) && !raw.ends_with(' '));
        assert!(!raw.contains(['/', ':', '\0', '\n', '\u{7f}']));
    }
    if let Ok(name) = ServiceName::parse(raw) {
        assert_eq!(name.as_str(), raw);
        assert!((1..=64).contains(&raw.len()) && raw.is_ascii() && !raw.contains(['/', ' ', '\0']));
    }
    if let Ok(name) = Terminal::parse(raw) {
        assert_eq!(name.as_str(), raw);
        assert!((1..=64).contains(&raw.len()) && raw.bytes().all(|byte| (33..127).contains(&byte)));
    }
    if let Ok(name) = Label::parse(raw) {
        assert_eq!(name.as_str(), raw);
        assert!((1..=64).contains(&raw.len()) && !raw.contains(['\0', '\n', '\u{1b}', '\u{9b}']));
        assert_eq!(raw.trim(), raw);
    }
}
