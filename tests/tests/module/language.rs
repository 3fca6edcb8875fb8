//! The language of what the module says: that of the application's locale.

use std::io::{self, Write};

use fpass_language::{Language, sentence};
use fpass_proto::Refusal;
use fpass_tests::{ALICE, CAROL, Login, Scene, Testbed, scene::BIDEN};

use crate::ended_as;

/// A machine with some locales. `None`, with the reason on standard error, if it cannot have them.
fn machine_with(locales: &[(&str, &str)]) -> Option<(Testbed, Vec<String>)> {
    let testbed = Testbed::with_alice().unwrap();
    let made = locales.iter().map(|(locale, codeset)| testbed.make_locale(locale, codeset));
    match made.collect::<Result<Vec<_>, _>>() {
        Ok(names) => Some((testbed, names)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "skipped: install the package locales: {error}");
            None
        }
    }
}

#[test]
fn the_module_speaks_the_language_that_the_application_has_set() {
    let places = [
        ("de_DE", "UTF-8"),
        ("fr_FR", "UTF-8"),
        ("es_ES", "UTF-8"),
        ("zh_CN", "UTF-8"),
        ("de_DE", "ISO-8859-1"),
        ("zh_TW", "UTF-8"),
    ];
    let Some((mut testbed, names)) = machine_with(&places) else { return };
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let no_match = sentence!(
        "Your face was not recognised; look at the camera, follow each request and try again."
    );
    let languages = [
        Language::German,
        Language::French,
        Language::Spanish,
        Language::Chinese,
        Language::English,
        Language::English,
    ];
    for (name, language) in names.iter().zip(languages) {
        let carol = Login::of("fpass-test", CAROL).in_locale(name);
        let refused = testbed.transact(&carol).unwrap();
        ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", name);
        let told = Refusal::NeverEnrolled.text().wording(language);
        assert_eq!(refused.sentence(), told.as_str(), "{name}");
    }
    // The words of the module itself, on a terminal and on a login screen.
    let german = testbed.transact(&Login::of("fpass-test", ALICE).in_locale(&names[0])).unwrap();
    ended_as(&german, "PAM_AUTH_ERR", "another face");
    assert_eq!(german.sentence(), no_match.wording(Language::German).as_str());
    assert!(german.messages.iter().any(|said| said.text == "Schauen Sie in die Kamera."));
}

#[test]
fn the_environment_alone_gives_no_language() {
    let Some((testbed, names)) = machine_with(&[("de_DE", "UTF-8")]) else { return };
    let carol = || Login::of("fpass-test", CAROL).env("LANG", &names[0]).env("LANGUAGE", "fr");
    let refused = testbed.transact(&carol()).unwrap();
    assert_eq!(refused.sentence(), Refusal::NeverEnrolled.sentence());
    let refused = testbed.transact(&carol().in_locale("C.UTF-8")).unwrap();
    assert_eq!(refused.sentence(), Refusal::NeverEnrolled.sentence());
    // It does not replace the application's choice either.
    let refused = testbed.transact(&carol().in_locale(&names[0])).unwrap();
    let german = Refusal::NeverEnrolled.text().wording(Language::German);
    assert_eq!(refused.sentence(), german.as_str());
}

#[test]
fn the_command_speaks_the_language_of_its_environment_and_programs_get_english() {
    let testbed = Testbed::with_alice().unwrap();
    let status = |variable, more: &[&str]| {
        let arguments: Vec<&str> =
            ["status", "--user", ALICE.name].into_iter().chain(more.iter().copied()).collect();
        let run = testbed.run_with_variable(variable, "/usr/bin/fpass-enroll", &arguments);
        run.unwrap().stdout
    };
    for (locale, label) in [
        ("de_DE.UTF-8", "Bildschirmsperre: "),
        ("fr_FR.UTF-8", "Écran verrouillé\u{a0}: "),
        ("es_ES.UTF-8", "Pantalla de bloqueo: "),
        ("zh_CN.UTF-8", "锁屏："),
        ("de_DE.ISO-8859-1", "Lock screen: "),
        ("C", "Lock screen: "),
    ] {
        let said = status(("LANG", locale), &[]);
        assert!(said.contains(label), "{locale}: {said}");
        let json = status(("LANG", locale), &["--json"]);
        assert!(json.is_ascii() && json.contains("\"state\": \"enrolled\""), "{json}");
    }
    let run = testbed
        .run_with_variable(("LC_ALL", "de_DE.UTF-8"), "/usr/bin/fpass-enroll", &["add"])
        .unwrap();
    assert!(run.stderr.contains("Sie sind root; "), "{run:?}");
}
