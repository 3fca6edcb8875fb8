//! Every member for every caller and every answer of polkit, with what polkit was asked. Carol
//! never enrolled: whoever is let through hears of that, and no camera is used.

use fpass_proto::{
    Refusal,
    names::{ENROLMENT_INTERFACE, MACHINE_INTERFACE, RECOVERY_INTERFACE, VERIFICATION_INTERFACE},
};
use fpass_tests::{
    BOB, CAROL, Ground, Reply,
    polkit::{Asked, Behaviour, DELETE_SELF, ENROL_SELF, MANAGE_OTHERS, VERIFY},
};

use crate::{answered, refused, running, uid};

/// What a caller needs.
#[derive(Clone, Copy, Debug)]
enum Need {
    Nothing,
    Yes(&'static str),
    ToBeRoot,
}

/// A member with its arguments about carol, what she needs for it, what others need, and what
/// somebody who was let through hears.
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
    let arguments =
        std::iter::once(uid(CAROL)).chain(arguments.iter().map(|word| (*word).to_owned()));
    Row { interface, member, arguments: arguments.collect(), own, others, admitted }
}

/// `untried` is what `Attempts` says about somebody who never tried.
fn rows(untried: &Reply) -> Vec<Row> {
    use Need::{Nothing, ToBeRoot, Yes};
    let never = || refused(Refusal::NeverEnrolled);
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
        row(verification("Prewarm"), &[], (ToBeRoot, ToBeRoot), never()),
        row(
            enrolment("EnrollStart"),
            &["string:carol", "string: no label"],
            (Yes(ENROL_SELF), Yes(MANAGE_OTHERS)),
            refused(Refusal::InvalidArgument),
        ),
        row(enrolment("List"), &[], (Nothing, Yes(MANAGE_OTHERS)), never()),
        row(enrolment("State"), &[], (Nothing, Yes(MANAGE_OTHERS)), answered("never-enrolled")),
        row(enrolment("Rename"), &["string:face", "string:other"], change, never()),
        row(enrolment("Remove"), &["string:face"], change, never()),
        row(enrolment("Clear"), &[], change, never()),
        row(enrolment("ResetAdaptation"), &[], change, never()),
        row(recovery("Count"), &[], (Nothing, Yes(MANAGE_OTHERS)), answered("uint32 0")),
        row(recovery("CreateCodes"), &["string:carol"], change, never()),
        row(recovery("RemoveCodes"), &[], change, refused(Refusal::NoRecoveryCodes)),
        row(machine("Attempts"), &[], (Nothing, Yes(MANAGE_OTHERS)), untried.clone()),
        row(machine("Unlock"), &[], (Yes(MANAGE_OTHERS), Yes(MANAGE_OTHERS)), answered("")),
    ]
}

/// Every answer that comes at once, with what it means for a call that lets nobody be asked.
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

fn call(ground: &Ground, caller: &str, row: &Row) -> Reply {
    let arguments: Vec<&str> = row.arguments.iter().map(String::as_str).collect();
    ground.call(caller, row.interface, row.member, &arguments).unwrap()
}

fn everything_is(ground: &Ground, behaviour: Behaviour) {
    for action in [VERIFY, ENROL_SELF, DELETE_SELF, MANAGE_OTHERS] {
        ground.authority.does(action, behaviour);
    }
}

#[test]
fn every_member_for_every_caller_and_every_answer() {
    let ground = running();
    let untried = ground.call("root", MACHINE_INTERFACE, "Attempts", &[&uid(CAROL)]).unwrap();
    assert!(matches!(&untried, Reply::Answer(text) if text.contains("uint32 0")), "{untried:?}");
    for (behaviour, refusal) in ANSWERS {
        everything_is(&ground, behaviour);
        for row in rows(&untried) {
            let callers = [
                ("carol", CAROL.uid, row.own),
                ("bob", BOB.uid, row.others),
                ("root", 0, Need::Nothing),
            ];
            for (caller, uid, need) in callers {
                let reply = call(&ground, caller, &row);
                let what = format!("{caller} calls {}, polkit does {behaviour:?}", row.member);
                let asked = ground.authority.asked();
                match need {
                    Need::Nothing => {
                        assert_eq!(reply, row.admitted, "{what}");
                        assert_eq!(asked, [], "{what}");
                    }
                    Need::ToBeRoot => {
                        assert_eq!(reply, refused(Refusal::NotAuthorized), "{what}");
                        assert_eq!(asked, [], "{what}");
                    }
                    Need::Yes(action) => {
                        let expected = refusal.map_or(row.admitted.clone(), refused);
                        assert_eq!(reply, expected, "{what}");
                        asked_once(&asked, action, uid, &what);
                    }
                }
            }
        }
    }
}

/// One question, about the caller's connection, during which nobody may be asked for a password.
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
    let ground = running();
    everything_is(&ground, Behaviour::Deny);
    for member in ["Cameras", "Status"] {
        let reply = ground.call("bob", MACHINE_INTERFACE, member, &[]).unwrap();
        assert!(matches!(reply, Reply::Answer(_)), "{member}: {reply:?}");
    }
    assert_eq!(ground.authority.asked(), []);
}
