//! Every argument, every wrong value, and every combination that is not allowed.

use proptest::prelude::*;

use super::*;

#[test]
fn unknown_arguments_are_refused() {
    for argument in [
        "",
        "alwaysok",
        "failmode=safe",
        "NULLOK",
        "nullok=yes",
        "nullok=",
        "prewarm=1",
        "recovery=yes",
        "Recovery",
        "announce=yes",
        "Announce",
        "timeout",
        "service_ok",
        "timeout =3",
        " nullok",
        "=",
        "=3",
        "no_such\n",
        "enroll",
    ] {
        assert!(
            matches!(PamArguments::parse_auth(&[argument]), Err(PamArgumentError::Unknown(_))),
            "{argument:?}"
        );
    }
}

#[test]
fn duplicates_are_refused_even_when_they_agree() {
    for (name, argument) in [
        ("nullok", "nullok"),
        ("quiet", "quiet"),
        ("announce", "announce"),
        ("debug", "debug"),
        ("sole_factor", "sole_factor"),
        ("prewarm", "prewarm"),
        ("enroll", "enroll=required"),
        ("recovery", "recovery"),
        ("timeout", "timeout=5"),
        ("service_ok", "service_ok=sudo"),
    ] {
        assert_eq!(
            PamArguments::parse_auth(&[argument, argument]),
            Err(PamArgumentError::Duplicate(name))
        );
    }
}

#[test]
fn timeouts_outside_the_range_are_refused() {
    for value in ["", "0", "41", "-1", "+5", "5s", "1.5", " 5", "٣", "99999999999999999999"] {
        assert_eq!(
            PamArguments::parse_auth(&[format!("timeout={value}")]),
            Err(PamArgumentError::Timeout),
            "{value:?}"
        );
    }
    for (value, expected) in [("1", 1), ("10", 10), ("40", 40)] {
        let arguments = PamArguments::parse_auth(&[format!("timeout={value}")]).unwrap();
        assert_eq!(arguments.timeout, Duration::from_secs(expected));
    }
}

#[test]
fn malformed_service_lists_are_refused() {
    for value in ["", ",", "sudo,", ",sudo", "sudo,,su", "su do", "sudo,sudo", "../sudo", "süd"] {
        assert_eq!(
            PamArguments::parse_auth(&[format!("service_ok={value}")]),
            Err(PamArgumentError::Services),
            "{value:?}"
        );
    }
}

#[test]
fn prewarm_accepts_only_debug_and_quiet() {
    for other in [
        "nullok",
        "timeout=5",
        "sole_factor",
        "recovery",
        "announce",
        "service_ok=sudo",
        "enroll=required",
    ] {
        for line in [["prewarm", other], [other, "prewarm"]] {
            assert_eq!(PamArguments::parse_auth(&line), Err(PamArgumentError::Prewarm), "{other}");
        }
    }
    let arguments = PamArguments::parse_auth(&["debug", "prewarm", "quiet"]).unwrap();
    assert!(arguments.prewarm);
}

#[test]
fn enroll_accepts_only_required_and_excludes_nullok() {
    for value in ["", "Required", "optional", "required ", "no"] {
        let line = [format!("enroll={value}")];
        assert_eq!(PamArguments::parse_auth(&line), Err(PamArgumentError::Enroll), "{value:?}");
        assert_eq!(PamArguments::parse_setup(&line), Err(PamArgumentError::Enroll), "{value:?}");
    }
    for line in [["nullok", "enroll=required"], ["enroll=required", "nullok"]] {
        assert_eq!(
            PamArguments::parse_auth(&line),
            Err(PamArgumentError::Exclusive("enroll=required", "nullok"))
        );
    }
    let arguments = PamArguments::parse_auth(&["enroll=required"]).unwrap();
    assert!(arguments.enroll && arguments.ignores_never_enrolled() && !arguments.nullok);
    assert!(!PamArguments::default().ignores_never_enrolled());
}

#[test]
fn setup_lines_take_no_argument_about_judging() {
    for argument in ["nullok", "sole_factor", "timeout=5", "timeout=10", "recovery", "prewarm"] {
        assert_eq!(
            PamArguments::parse_setup(&[argument]),
            Err(PamArgumentError::Judging),
            "{argument}"
        );
    }
    let line = ["enroll=required", "quiet", "debug", "service_ok=login"];
    assert_eq!(PamArguments::parse_setup(&line), PamArguments::parse_auth(&line));
}

#[test]
fn recovery_and_quiet_cannot_be_combined() {
    for line in [["recovery", "quiet"], ["quiet", "recovery"]] {
        assert_eq!(
            PamArguments::parse_auth(&line),
            Err(PamArgumentError::Exclusive("recovery", "quiet"))
        );
    }
    assert!(PamArguments::parse_auth(&["recovery"]).unwrap().recovery.is_some());
    for line in [&[][..], &["nullok", "debug", "sole_factor"]] {
        assert_eq!(PamArguments::parse_auth(line).unwrap().recovery, None, "{line:?}");
    }
}

#[test]
fn announce_overrides_the_silence_of_the_application_but_not_that_of_the_line() {
    for line in [["announce", "quiet"], ["quiet", "announce"]] {
        let refused = Err(PamArgumentError::Exclusive("announce", "quiet"));
        assert_eq!(PamArguments::parse_auth(&line), refused);
    }
    let setup = ["enroll=required", "announce"];
    assert_eq!(PamArguments::parse_setup(&setup), PamArguments::parse_auth(&setup));
    for (line, silent, scope) in [
        (&[][..], false, MessageScope::Everything),
        (&[], true, MessageScope::Challenges),
        (&["quiet"], false, MessageScope::Nothing),
        (&["quiet"], true, MessageScope::Nothing),
        (&["announce"], false, MessageScope::Everything),
        (&["announce", "recovery"], true, MessageScope::Everything),
    ] {
        let arguments = PamArguments::parse_auth(line).unwrap();
        assert_eq!(arguments.messages(silent), scope, "{line:?} {silent}");
    }
}

#[test]
fn an_empty_line_gives_the_defaults() {
    assert_eq!(PamArguments::parse_auth::<&str>(&[]), Ok(PamArguments::default()));
    assert_eq!(PamArguments::default().timeout, Duration::from_secs(20));
    assert!(!PamArguments::default().nullok && !PamArguments::default().sole_factor);
}

#[test]
fn a_full_line_is_read() {
    let line = ["timeout=7", "nullok", "quiet", "debug", "sole_factor", "service_ok=sudo,su-l"];
    let arguments = PamArguments::parse_auth(&line).unwrap();
    assert!(!arguments.prewarm);
    assert_eq!(arguments.timeout, Duration::from_secs(7));
    assert!(arguments.nullok && arguments.quiet && arguments.debug && arguments.sole_factor);
    let services = arguments.services.unwrap();
    assert_eq!(services.iter().map(ServiceName::as_str).collect::<Vec<_>>(), ["sudo", "su-l"]);
}

#[test]
fn a_list_on_the_line_replaces_the_built_in_rule() {
    let service = |name| ServiceName::parse(name).unwrap();
    let plain = PamArguments::default();
    assert!(!plain.serves(&service("sshd")) && plain.serves(&service("sudo")));
    let named = PamArguments::parse_auth(&["service_ok=sshd"]).unwrap();
    assert!(named.serves(&service("sshd")) && !named.serves(&service("sudo")));
}

proptest! {
    #[test]
    fn no_line_panics_and_nothing_unlisted_is_accepted(line in prop::collection::vec(".{0,80}", 0..4)) {
        if PamArguments::parse_auth(&line).is_ok() {
            for argument in &line {
                let name = argument.split('=').next().unwrap();
                prop_assert!(
                    ["timeout", "nullok", "quiet", "debug", "sole_factor", "recovery", "prewarm",
                        "service_ok", "enroll", "announce"]
                        .contains(&name)
                );
            }
        }
    }

    #[test]
    fn the_log_line_of_an_unknown_argument_is_one_short_line(argument in ".{0,400}") {
        if let Err(error) = PamArguments::parse_auth(&[argument]) {
            let line = error.to_string();
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert!(line.len() < 1024);
        }
    }

    #[test]
    fn an_accepted_timeout_is_in_range(value in prop_oneof![0_u64..100, any::<u64>()]) {
        let parsed = PamArguments::parse_auth(&[format!("timeout={value}")]);
        prop_assert_eq!(parsed.is_ok(), (1..=limits::DEADLINE_CAP.as_secs()).contains(&value));
    }
}
