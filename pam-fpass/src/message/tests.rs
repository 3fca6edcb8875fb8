//! Every text in both lengths, and where each length is used.

use fpass_language::columns;
use fpass_proto::{Guidance, Refusal, limits};

use super::*;
use crate::fakes::FakePam;

/// Every outcome that is not a refusal of the daemon and has a text.
const OUTCOMES: &[Outcome] = &[
    Outcome::NoMatch,
    Outcome::ServiceNotAllowed,
    Outcome::RemoteHost,
    Outcome::UnknownUser,
    Outcome::UnsupportedUserName,
    Outcome::AccountsUnavailable,
    Outcome::NoPassword,
    Outcome::BadArguments,
    Outcome::WrongFacility,
    Outcome::ItemUnavailable,
    Outcome::NoBus,
    Outcome::NoDaemon,
    Outcome::WrongOwner,
    Outcome::OwnerChanged,
    Outcome::ConnectionLost,
    Outcome::VersionSkew,
    Outcome::DeadlinePassed,
    Outcome::NoResources,
    Outcome::OutOfMemory,
    Outcome::Panicked,
];

fn outcomes() -> impl Iterator<Item = Outcome> {
    let refusals = Refusal::ALL.iter().copied().map(Outcome::Refused);
    OUTCOMES.iter().copied().chain(refusals)
}

fn at(service: &str, terminal: Option<&str>, display: Option<&str>) -> FakePam {
    FakePam {
        service: Some(service.to_owned()),
        terminal: terminal.map(str::to_owned),
        display: display.map(str::to_owned),
        ..FakePam::default()
    }
}

fn explain(transaction: &FakePam, outcome: Outcome) -> Vec<(MessageStyle, String)> {
    Voice::new(transaction, false).explain(outcome).unwrap();
    transaction.said()
}

#[test]
fn every_sentence_says_what_to_do_next() {
    for outcome in outcomes() {
        let Text { long, short } = text(outcome).unwrap();
        for sentence in [long.english(), short.english()] {
            assert!(sentence.is_ascii(), "{outcome:?}: {sentence}");
            assert!(sentence.contains("; ") && sentence.ends_with('.'), "{outcome:?}: {sentence}");
            assert!(!sentence.chars().any(char::is_control) && !sentence.contains("  "));
        }
    }
}

/// Everything that the module can say, to an application with this language.
fn all_said(transaction: &FakePam) -> Vec<String> {
    let voice = Voice::new(transaction, false);
    for prompt in Prompt::ALL {
        voice.show_prompt(*prompt).unwrap();
    }
    voice.require_setup().unwrap();
    for outcome in outcomes() {
        voice.explain(outcome).unwrap();
    }
    for strength in [Strength::Weak, Strength::Fair, Strength::Strong] {
        voice.report_success(strength);
    }
    for guidance in Guidance::ALL {
        let (taken, wanted) = (u32::MAX, u32::MAX);
        voice.show_progress(Progress { taken, wanted, guidance: *guidance }).unwrap();
    }
    let _ = voice.ask_for_code();
    let mut said: Vec<String> = transaction.said().into_iter().map(|(_, said)| said).collect();
    said.extend(transaction.asked.borrow().iter().cloned());
    said
}

#[test]
fn every_text_on_a_screen_is_short_in_every_language() {
    for language in Language::ALL {
        let screen = FakePam { language, ..at("gdm-password", Some("/dev/tty1"), None) };
        let said = all_said(&screen);
        assert_eq!(
            said.len(),
            5 + outcomes().count() + Guidance::ALL.len() + Prompt::ALL.len(),
            "every text was said"
        );
        for said in said {
            let width = columns(&said);
            assert!(width <= limits::SCREEN_TEXT_MAX, "{language:?}: {width} columns: {said}");
        }
    }
}

#[test]
fn every_text_is_said_in_the_language_of_the_application() {
    let places = [at("gdm-password", Some("/dev/tty1"), None), at("login", Some("tty1"), None)];
    for english in places {
        let service = english.service.clone();
        let in_english = all_said(&english);
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English)
        {
            let place = FakePam { language, service: service.clone(), ..FakePam::default() };
            let said = all_said(&place);
            assert_eq!(said.len(), in_english.len());
            for (said, english) in said.iter().zip(&in_english) {
                assert_ne!(said, english, "{language:?}");
                assert!(!said.chars().any(char::is_control) && !said.contains("  "), "{said}");
            }
        }
    }
}

#[test]
fn terminals_get_the_long_form_and_screens_the_short_one() {
    for (service, terminal, display, on_screen) in [
        ("login", Some("tty1"), None, false),
        ("login", Some("/dev/tty1"), Some(""), false),
        ("su", Some("pts/3"), None, false),
        ("sudo", Some("/dev/pts/0"), None, false),
        ("own-service", Some("ttyS0"), None, false),
        // A login screen that has no row, by what its items say.
        ("own-screen", Some(":0"), None, true),
        ("own-screen", Some("tty7"), Some(":0"), true),
        ("own-screen", None, None, true),
        ("own-screen", Some(""), None, true),
        // The table, whatever the items say.
        ("gdm-password", Some("/dev/tty1"), None, true),
        ("sddm", Some("tty2"), None, true),
        ("greetd", Some("/dev/tty1"), None, true),
        ("swaylock", Some("pts/0"), None, true),
        ("polkit-1", None, None, true),
    ] {
        let transaction = at(service, terminal, display);
        let said = explain(&transaction, Outcome::NoMatch);
        let Text { long, short } = text(Outcome::NoMatch).unwrap();
        let expected = if on_screen { short } else { long };
        assert_eq!(said[0].1, expected.english(), "{service} {terminal:?} {display:?}");
    }
}

#[test]
fn a_screen_is_free_when_it_has_held_every_text() {
    let screen = at("gdm-password", Some("/dev/tty1"), None);
    let voice = Voice::new(&screen, false);
    let before = Instant::now();
    assert!(voice.is_free(before));
    voice.require_setup().unwrap();
    voice.explain(Outcome::NoMatch).unwrap();
    let hold_english = |text: Sentence| hold(&text.wording(Language::English));
    let held =
        hold_english(SETUP_REQUIRED.short) + hold_english(text(Outcome::NoMatch).unwrap().short);
    assert_eq!(hold_english(SETUP_REQUIRED.short), Duration::from_millis(48 * 55));
    assert_eq!(hold_english(Guidance::HoldStill.text()), Duration::from_secs(2));
    assert!(!voice.is_free(before + held.saturating_sub(Duration::from_millis(1))));
    assert!(voice.is_free(Instant::now() + held));

    let terminal = at("login", Some("tty1"), None);
    let voice = Voice::new(&terminal, false);
    voice.require_setup().unwrap();
    assert!(voice.is_free(Instant::now()), "a terminal shows every text at once");
}

#[test]
fn a_text_that_cannot_be_shown_makes_the_line_quiet() {
    let transaction = FakePam { conversation: Ok(Delivery::Unshown), ..FakePam::default() };
    let voice = Voice::new(&transaction, false);
    assert_eq!(voice.show_prompt(Prompt::Look), Ok(()));
    assert_eq!(voice.explain(Outcome::NoMatch), Ok(()));
    assert!(!voice.is_free(Instant::now()));
    assert_eq!(transaction.said(), [(MessageStyle::Info, Prompt::Look.to_string())]);
    assert_eq!(transaction.lines(), [UNSHOWN]);

    for end in [Outcome::ConversationFailed, Outcome::Interrupted, Outcome::OutOfMemory] {
        let transaction = FakePam { conversation: Err(end), ..FakePam::default() };
        assert_eq!(Voice::new(&transaction, false).show_prompt(Prompt::Look), Err(end));
    }
}

#[test]
fn a_quiet_line_says_nothing_and_announce_says_all() {
    for (line, silent, texts) in [
        (&[][..], false, 2),
        (&[], true, 0),
        (&["quiet"], false, 0),
        (&["announce"], true, 2),
        (&["announce"], false, 2),
    ] {
        let transaction = FakePam::default();
        let arguments = PamArguments::parse_auth(line).unwrap();
        let voice = Voice::of_line(&transaction, &arguments, silent);
        voice.show_prompt(Prompt::Look).unwrap();
        voice.explain(Outcome::NoMatch).unwrap();
        assert_eq!(transaction.said().len(), texts, "{line:?} {silent}");
    }
}

#[test]
fn a_challenge_is_shown_to_a_user_whose_application_asks_for_silence_but_not_on_a_quiet_line() {
    for (line, silent, shown) in
        [(&[][..], true, true), (&["announce"], true, true), (&["quiet"], true, false)]
    {
        for prompt in Prompt::ALL {
            let transaction = FakePam::default();
            let arguments = PamArguments::parse_auth(line).unwrap();
            let voice = Voice::of_line(&transaction, &arguments, silent);
            voice.show_prompt(*prompt).unwrap();
            let expected = shown && (prompt.is_challenge() || !line.is_empty());
            assert_eq!(!transaction.said().is_empty(), expected, "{line:?} {prompt}");
        }
    }
    let transaction = FakePam { conversation: Ok(Delivery::Unshown), ..FakePam::default() };
    let voice = Voice::of_line(&transaction, &PamArguments::default(), true);
    for _ in 0..2 {
        assert_eq!(voice.show_prompt(Prompt::TurnLeft), Ok(()));
    }
    assert_eq!(transaction.said().len(), 1, "what cannot be shown is not tried again");
}

#[test]
fn a_match_and_an_ended_conversation_are_silent() {
    for outcome in
        [Outcome::Match, Outcome::Prewarmed, Outcome::ConversationFailed, Outcome::Interrupted]
    {
        assert!(explain(&FakePam::default(), outcome).is_empty(), "{outcome:?}");
    }
}

#[test]
fn a_refusal_is_an_error_message() {
    let said = explain(&FakePam::default(), Outcome::Refused(Refusal::TooDark));
    assert_eq!(said, [(MessageStyle::Error, Refusal::TooDark.sentence().to_owned())]);
}

#[test]
fn a_refusal_stays_on_a_screen_that_overwrites_errors() {
    for (service, style) in [
        (None, MessageStyle::Error),
        (Some("lightdm"), MessageStyle::Info),
        (Some("lightdm-greeter"), MessageStyle::Error),
        (Some("gdm-password"), MessageStyle::Error),
        (Some("greetd"), MessageStyle::Error),
    ] {
        let transaction = FakePam { service: service.map(str::to_owned), ..FakePam::default() };
        let said = explain(&transaction, Outcome::NoMatch);
        let styles: Vec<MessageStyle> = said.iter().map(|(style, _)| *style).collect();
        assert_eq!(styles, [style], "{service:?}");
    }
}

/// The beginnings of sentences in the tables of a document: the first cell of each row, in which a
/// ` / ` parts several. ` …` stands for any end.
fn beginnings(document: &str) -> Vec<&str> {
    let cells = document.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.flat_map(|cell| cell.split(" / ")).map(|text| text.trim_end_matches(" …")).collect()
}

#[test]
fn the_documentation_names_a_remedy_for_every_sentence() {
    let document = include_str!("../../../docs/troubleshooting.md");
    let beginnings = beginnings(document);
    assert!(beginnings.len() > 20, "{beginnings:?}");
    let missing: Vec<&str> = outcomes()
        .map(|outcome| text(outcome).unwrap().long.english())
        .filter(|sentence| !beginnings.iter().any(|beginning| sentence.starts_with(beginning)))
        .collect();
    assert_eq!(missing, [""; 0]);
}
