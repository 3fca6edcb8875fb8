//! The arguments of the line, and the conditions before the daemon is asked.

use std::fs;

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, CAROL, Login, Scene, Testbed,
    pam::{Call, Conversation, HostFault},
    scene::BIDEN,
    stack,
};

use crate::{
    alone, ended_as,
    witness::{self, WITNESS},
};

const WRONG_SET_UP: &str =
    "The face check is misconfigured; ask an administrator to read the system log.";

/// `pam_authenticate` alone, by a person who types the right password if asked.
fn authenticate(service: &str) -> Login {
    Login::of(service, ALICE).with(|request| request.calls = vec![Call::Authenticate])
}

#[test]
fn an_argument_that_is_not_understood_refuses_and_is_named_in_the_log() {
    let mut testbed = Testbed::with_alice().unwrap();
    witness::install();
    let watched = || authenticate("arguments").env("LD_PRELOAD", WITNESS);
    for (arguments, named) in [
        ("alwaysok", "alwaysok"),
        ("failmode=safe", "failmode=safe"),
        ("nullok=yes", "nullok=yes"),
        ("NULLOK", "NULLOK"),
        ("nullok nullok", "nullok is given twice"),
        ("quiet debug quiet", "quiet is given twice"),
        ("announce quiet", "announce and quiet cannot be combined"),
        ("announce=yes", "announce=yes"),
        ("timeout=5 timeout=5", "timeout is given twice"),
        ("timeout", "timeout"),
        ("timeout=", "timeout must be"),
        ("timeout=0", "timeout must be"),
        ("timeout=41", "timeout must be"),
        ("timeout=-1", "timeout must be"),
        ("timeout=+5", "timeout must be"),
        ("timeout=5s", "timeout must be"),
        ("timeout=99999999999999999999", "timeout must be"),
        ("service_ok=", "service_ok must be"),
        ("service_ok=sudo,,su", "service_ok must be"),
        ("service_ok=../sudo", "service_ok must be"),
        ("prewarm nullok", "prewarm can be combined only"),
        ("prewarm timeout=5", "prewarm can be combined only"),
    ] {
        // With every argument that would let her in, if it were accepted.
        testbed.service("arguments", &stack::own(arguments)).unwrap();
        let _ = witness::take();
        let refused = testbed.transact(&watched()).unwrap();
        ended_as(&refused, "PAM_SERVICE_ERR", arguments);
        assert_eq!(refused.sentence(), WRONG_SET_UP, "{arguments}");
        let record = witness::take();
        assert!(
            record.iter().any(|line| line.starts_with("syslog ") && line.contains(named)),
            "{arguments}: {record:?}"
        );
        assert!(!record.iter().any(|line| line.contains(ALICE.password)), "{record:?}");
    }

    let mut line = stack::own("").into_bytes();
    let end = line.windows(12).position(|part| part == b"pam_fpass.so").unwrap() + 12;
    line.splice(end..end, *b" nullok\xff\xfe");
    fs::write("/etc/pam.d/arguments", line).unwrap();
    ended_as(&testbed.transact(&watched()).unwrap(), "PAM_SERVICE_ERR", "not UTF-8");

    testbed.service("arguments", &stack::own("timeout=30 debug quiet")).unwrap();
    ended_as(&testbed.transact(&watched()).unwrap(), "PAM_SUCCESS", "good arguments");
}

#[test]
fn services_without_a_seat_are_refused_unless_the_line_names_them() {
    let mut testbed = Testbed::with_alice().unwrap();
    let with = |testbed: &mut Testbed, service: &str, arguments: &str| {
        testbed.service(service, &stack::own(arguments)).unwrap();
        testbed.transact(&authenticate(service)).unwrap()
    };
    for service in ["sshd", "cron", "vsftpd", "apache2", "xrdp-sesman", "cockpit", "systemd-user"] {
        for arguments in ["", "nullok", "service_ok=sudo"] {
            let refused = with(&mut testbed, service, arguments);
            ended_as(&refused, "PAM_AUTH_ERR", service);
            assert_eq!(
                refused.sentence(),
                "This program may not use the face check; log in another way.",
                "{service} {arguments}"
            );
        }
    }
    ended_as(&with(&mut testbed, "su", "service_ok=sudo,login"), "PAM_AUTH_ERR", "not on the list");
    ended_as(&with(&mut testbed, "sshd", "service_ok=sshd"), "PAM_SUCCESS", "named");
    ended_as(&with(&mut testbed, "sudo", ""), "PAM_SUCCESS", "served by default");
}

#[test]
fn a_person_elsewhere_is_refused() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("sshd", &stack::own("service_ok=sshd")).unwrap();
    testbed.service("sole", &alone("sole_factor nullok")).unwrap();
    for host in ["192.0.2.1", "127.0.0.1", "::1", "example.org", "LOCALHOST", "localhost.", " "] {
        for service in ["fpass-test", "fpass-nullok", "sshd", "sole"] {
            let login = authenticate(service).with(|request| request.rhost = Some(host.to_owned()));
            let refused = testbed.transact(&login).unwrap();
            ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", host);
            assert_eq!(refused.sentence(), Refusal::RemoteSession.sentence(), "{service} {host:?}");
        }
    }
    let never_enrolled = Login::of("fpass-nullok", CAROL)
        .with(|request| request.rhost = Some("192.0.2.1".to_owned()));
    assert!(!testbed.transact(&never_enrolled).unwrap().admitted());
    for host in ["", "localhost"] {
        let login =
            authenticate("fpass-test").with(|request| request.rhost = Some(host.to_owned()));
        ended_as(&testbed.transact(&login).unwrap(), "PAM_SUCCESS", "at this machine");
    }
}

#[test]
fn a_face_is_a_second_factor_unless_the_line_says_otherwise() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("alone", &alone("")).unwrap();
    testbed.service("alone-nullok", &alone("nullok")).unwrap();
    testbed.service("sole", &alone("sole_factor")).unwrap();
    for service in ["alone", "alone-nullok"] {
        let refused = testbed.transact(&authenticate(service)).unwrap();
        ended_as(&refused, "PAM_AUTH_ERR", service);
        assert_eq!(
            refused.sentence(),
            "The face check needs a password first; type your password and try again."
        );
    }
    ended_as(&testbed.transact(&authenticate("sole")).unwrap(), "PAM_SUCCESS", "the right face");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    ended_as(&testbed.transact(&authenticate("sole")).unwrap(), "PAM_AUTH_ERR", "another face");
}

#[test]
fn a_text_that_cannot_be_shown_is_not_an_end_but_a_cancellation_is() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("sole", &alone("sole_factor")).unwrap();
    testbed.service("sole-quiet", &alone("sole_factor quiet")).unwrap();
    testbed.service("sole-announced", &alone("sole_factor announce")).unwrap();
    let broken =
        |service| authenticate(service).with(|request| request.conversation = Conversation::Broken);
    // Whether a text can be shown or not, the face decides.
    ended_as(&testbed.transact(&broken("sole")).unwrap(), "PAM_SUCCESS", "no text is shown");
    let ended = authenticate("sole").with(|request| {
        request.conversation = Conversation::FailsWhenTold(String::new(), 26);
    });
    ended_as(&testbed.transact(&ended).unwrap(), "PAM_CONV_ERR", "the application ends it");
    let cancelled = broken_by_signal(authenticate("sole"));
    ended_as(&testbed.transact(&cancelled).unwrap(), "PAM_CONV_ERR", "the user cancels");
    let announced = broken("sole-announced").with(|request| request.silent = true);
    ended_as(&testbed.transact(&announced).unwrap(), "PAM_SUCCESS", "announce");
    ended_as(&testbed.transact(&broken("sole-quiet")).unwrap(), "PAM_SUCCESS", "quiet");
    let silent = broken("sole").with(|request| request.silent = true);
    ended_as(&testbed.transact(&silent).unwrap(), "PAM_SUCCESS", "PAM_SILENT");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    for service in ["sole", "sole-quiet", "sole-announced"] {
        ended_as(&testbed.transact(&broken(service)).unwrap(), "PAM_AUTH_ERR", "another face");
    }
}

/// The user presses Ctrl-C while the application fails to show the text.
fn broken_by_signal(login: Login) -> Login {
    login.with(|request| {
        request.conversation = Conversation::FailsWhenTold(String::new(), 19);
        request.fault = HostFault::Cancel;
    })
}

#[test]
fn announce_says_everything_under_pam_silent() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("announced", &stack::own("announce recovery")).unwrap();
    testbed.service("plain", &stack::own("")).unwrap();
    let told = |testbed: &Testbed, service: &str| {
        let silent = authenticate(service).with(|request| request.silent = true);
        let transcript = testbed.transact(&silent).unwrap();
        let texts = transcript.messages.iter().filter(|message| message.style >= 3);
        texts.map(|message| message.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told(&testbed, "announced"), ["Look at the camera."]);
    assert_eq!(told(&testbed, "plain"), [""; 0]);
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    let refused = told(&testbed, "announced");
    assert_eq!(refused[0], "Look at the camera.");
    assert!(refused[1].starts_with("Your face was not recognised; "), "{refused:?}");
    testbed.stop_daemon().unwrap();
    let refused = told(&testbed, "announced");
    assert!(refused[0].starts_with("The face check is not running; "), "{refused:?}");
    assert_eq!(told(&testbed, "plain"), [""; 0]);
}

#[test]
fn login_screens_get_short_sentences() {
    let mut testbed = Testbed::running().unwrap();
    testbed.stop_daemon().unwrap();
    testbed.service("gdm-password", &stack::own("")).unwrap();
    testbed.service("own-screen", &stack::own("")).unwrap();
    for (service, tty, short) in [
        ("gdm-password", Some("/dev/tty1"), true),
        ("own-screen", Some(":0"), true),
        ("own-screen", None, true),
        ("own-screen", Some("tty1"), false),
    ] {
        let login = authenticate(service).with(|request| request.tty = tty.map(str::to_owned));
        let refused = testbed.transact(&login).unwrap();
        ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", service);
        let expected = if short {
            "The face check is not running; ask an administrator."
        } else {
            "The face check is not running; ask an administrator to run fpass-enroll doctor."
        };
        assert_eq!(refused.sentence(), expected, "{service} {tty:?}");
    }
}

#[test]
fn silence_is_kept_when_it_is_asked_for() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed.service("quiet", &stack::own("quiet")).unwrap();
    let quiet = authenticate("quiet");
    let silent = authenticate("fpass-test").with(|request| request.silent = true);
    let each = |testbed: &Testbed, code: &str| {
        for login in [&quiet, &silent] {
            let transcript = testbed.transact(login).unwrap();
            ended_as(&transcript, code, "in silence");
            assert_eq!(transcript.sentence(), "", "{transcript:?}");
        }
        let spoken = testbed.transact(&authenticate("fpass-test")).unwrap();
        ended_as(&spoken, code, "aloud");
        assert_ne!(spoken.sentence(), "");
    };
    each(&testbed, "PAM_SUCCESS");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    each(&testbed, "PAM_AUTH_ERR");
    testbed.stop_daemon().unwrap();
    each(&testbed, "PAM_AUTHINFO_UNAVAIL");
}

#[test]
fn a_prewarm_line_never_judges() {
    let mut testbed = Testbed::with_alice().unwrap();
    testbed
        .service("ahead", &format!("auth optional pam_fpass.so prewarm\n{}", stack::own("")))
        .unwrap();
    testbed.service("ahead-only", "auth required pam_fpass.so prewarm\n").unwrap();
    let only = testbed.transact(&authenticate("ahead-only")).unwrap();
    assert_ne!(only.code(), 0, "a prewarm line lets somebody in: {only:?}");
    ended_as(&testbed.transact(&authenticate("ahead")).unwrap(), "PAM_SUCCESS", "the right face");
    testbed.camera_shows(&Scene::person(BIDEN)).unwrap();
    ended_as(&testbed.transact(&authenticate("ahead")).unwrap(), "PAM_AUTH_ERR", "another face");
    testbed.stop_daemon().unwrap();
    let refused = testbed.transact(&authenticate("ahead")).unwrap();
    ended_as(&refused, "PAM_AUTHINFO_UNAVAIL", "no daemon");
    let only = testbed.transact(&authenticate("ahead-only")).unwrap();
    assert_ne!(only.code(), 0, "a prewarm line lets somebody in: {only:?}");
    assert_eq!(only.sentence(), "");
}
