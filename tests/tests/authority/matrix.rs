//! Every member for every caller and every answer of polkit, with the questions to polkit. Carol
//! never enrolled: a permitted call reports that, and no camera is used.

use fpass_proto::{
    Refusal,
    names::{ENROLMENT_INTERFACE, MACHINE_INTERFACE, RECOVERY_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    BOB, CAROL, Reply, Testbed,
    polkit::{Asked, Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY},
};

/// What a caller needs.
#[derive(Clone, Copy, Debug)]
enum Need {
    Nothing,
    Yes(&'static str),
    ToBeRoot,
}

/// A member with its arguments about carol, what she needs for it, what others need, and the answer
/// to a permitted call.
struct Row {
    interface: &'static str,
    member: &'static str,
    arguments: Vec<String>,
    own: Need,
    others: Need,
    admitted: Reply,
}

fn row(
    (interface, member): (&'static str, &'static str),
    arguments: &[&str],
    (own, others): (Need, Need),
    admitted: Reply,
) -> Row {
    let arguments = std::iter::once(CAROL.uid_argument())
        .chain(arguments.iter().map(|word| (*word).to_owned()));
    Row { interface, member, arguments: arguments.collect(), own, others, admitted }
}

/// `untried` is the answer of `Attempts` for a user without attempts.
fn rows(untried: &Reply) -> Vec<Row> {
    use Need::{Nothing, ToBeRoot, Yes};
    let never = || Reply::refused(Refusal::NeverEnrolled);
    let verification = |member| (VERIFICATION_INTERFACE, member);
    let enrolment = |member| (ENROLMENT_INTERFACE, member);
    let machine = |member| (MACHINE_INTERFACE, member);
    let recovery = |member| (RECOVERY_INTERFACE, member);
    let change = (Yes(DELETE_SELF), Yes(MANAGE_OTHERS));
    vec![
        row(
            verification("Verify"),
            &["string:carol", "string:swaylock", "string:tty1", "uint32:5000"],
            (Yes(VERIFY), ToBeRoot),
            never(),
        ),
        row(
            verification("Qualify"),
            &["string:carol", "uint32:5000"],
            (Yes(VERIFY), ToBeRoot),
            never(),
        ),
        row(
            verification("Prewarm"),
            &[],
            (ToBeRoot, ToBeRoot),
            // The camera starts for users without an F-pass too.
            Reply::word(""),
        ),
        row(
            enrolment("EnrollStart"),
            &["string:carol", "string: no label"],
            (Yes(ENROL_SELF), Yes(MANAGE_OTHERS)),
            Reply::refused(Refusal::InvalidArgument),
        ),
        row(
            enrolment("PreviewStart"),
            &["string:bob"],
            (Yes(ENROL_SELF), Yes(MANAGE_OTHERS)),
            Reply::refused(Refusal::UserMismatch),
        ),
        row(enrolment("List"), &[], (Nothing, Yes(MANAGE_OTHERS)), never()),
        row(enrolment("State"), &[], (Nothing, Yes(MANAGE_OTHERS)), Reply::word("never-enrolled")),
        row(enrolment("Rename"), &["string:face", "string:other"], change, never()),
        row(enrolment("Remove"), &["string:face"], change, never()),
        row(enrolment("Clear"), &[], change, never()),
        row(enrolment("ResetAdaptation"), &[], change, never()),
        row(recovery("Count"), &[], (Nothing, Yes(MANAGE_OTHERS)), Reply::word("uint32 0")),
        row(recovery("CreateCodes"), &["string:carol"], change, never()),
        row(recovery("RemoveCodes"), &[], change, Reply::refused(Refusal::NoRecoveryCodes)),
        row(machine("Attempts"), &[], (Nothing, Yes(MANAGE_OTHERS)), untried.clone()),
        row(machine("History"), &[], (Nothing, Yes(MANAGE_OTHERS)), Reply::word("array [ ]")),
        row(machine("Unlock"), &[], (Yes(MANAGE_OTHERS), Yes(MANAGE_OTHERS)), Reply::word("")),
    ]
}

/// Every immediate answer, with its meaning for a call that is not interactive.
const ANSWERS: [(Behaviour, Option<Refusal>); 8] = [
    (Behaviour::Deny, Some(Refusal::NotAuthorized)),
    (Behaviour::Challenge, Some(Refusal::AuthenticationNeeded)),
    (Behaviour::Password, Some(Refusal::AuthenticationNeeded)),
    (Behaviour::SlowPassword, Some(Refusal::AuthenticationNeeded)),
    (Behaviour::Contradiction, Some(Refusal::AuthorityUnavailable)),
    (Behaviour::Nonsense, Some(Refusal::AuthorityUnavailable)),
    (Behaviour::Failure, Some(Refusal::AuthorityUnavailable)),
    (Behaviour::Grant, None),
];

fn call(testbed: &Testbed, caller: &str, row: &Row) -> Reply {
    let arguments: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
    testbed.call(caller, row.interface, row.member, &arguments).unwrap()
}

fn everything_is(testbed: &Testbed, behaviour: Behaviour) {
    for action in [VERIFY, ENROL_SELF, DELETE_SELF, MANAGE_OTHERS] {
        testbed.authority.does(action, behaviour);
    }
}

#[test]
fn every_member_for_every_caller_and_every_answer() {
    let testbed = Testbed::running().unwrap();
    let untried =
        testbed.call("root", MACHINE_INTERFACE, "Attempts", &[&CAROL.uid_argument()]).unwrap();
    assert!(matches!(&untried, Reply::Answer(text) if text.contains("uint32 0")), "{untried:?}");
    for (behaviour, refusal) in ANSWERS {
        everything_is(&testbed, behaviour);
        for row in rows(&untried) {
            let callers = [
                ("carol", CAROL.uid, row.own),
                ("bob", BOB.uid, row.others),
                ("root", 0, Need::Nothing),
            ];
            for (caller, uid, need) in callers {
                let reply = call(&testbed, caller, &row);
                let what = format!("{caller} calls {}, polkit does {behaviour:?}", row.member);
                let asked = testbed.authority.asked();
                match need {
                    Need::Nothing => {
                        assert_eq!(reply, row.admitted, "{what}");
                        assert_eq!(asked, [], "{what}");
                    }
                    Need::ToBeRoot => {
                        assert_eq!(reply, Reply::refused(Refusal::NotAuthorized), "{what}");
                        assert_eq!(asked, [], "{what}");
                    }
                    Need::Yes(action) => {
                        let expected = refusal.map_or(row.admitted.clone(), Reply::refused);
                        assert_eq!(reply, expected, "{what}");
                        asked_once(&asked, action, uid, &what);
                    }
                }
            }
        }
    }
}

/// One non-interactive question about the caller's connection.
fn asked_once(asked: &[Asked], action: &str, uid: u32, what: &str) {
    let [question] = asked else {
        panic!("{what}: {asked:?}");
    };
    let Asked { action: about, kind, uid: user, interactive, cancellation } = question;
    assert_eq!((about.as_str(), kind.as_str()), (action, "system-bus-name"), "{what}");
    assert_eq!((*user, *interactive), (Some(uid), false), "{what}");
    assert!(!cancellation.is_empty(), "{what}");
}

#[test]
fn what_says_nothing_about_a_user_is_open_to_everybody() {
    let testbed = Testbed::running().unwrap();
    everything_is(&testbed, Behaviour::Deny);
    for member in ["Cameras", "Status"] {
        let reply = testbed.call("bob", MACHINE_INTERFACE, member, &[]).unwrap();
        assert!(matches!(reply, Reply::Answer(_)), "{member}: {reply:?}");
    }
    assert_eq!(testbed.authority.asked(), []);
}
