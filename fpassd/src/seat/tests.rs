//! The way of an admission, with scripted facts.

use std::future;

use fpass_proto::Uid;

use super::{
    facts::{Class, Place, Session, State},
    *,
};

const ALICE: Uid = Uid(1000);

/// What the look-up does.
enum Script {
    Answers(Facts),
    Fails(NotHere),
    Hangs,
    /// Answers, and the session is gone by then.
    AnswersTooLate(Facts, Stands),
}

impl Sessions for Script {
    async fn facts(&self, stand: &Stand) -> Result<Facts, NotHere> {
        stand.rest_on("/session/1");
        match self {
            Self::Answers(facts) => Ok(facts.clone()),
            Self::Fails(reason) => Err(reason.clone()),
            Self::Hangs => future::pending().await,
            Self::AnswersTooLate(facts, stands) => {
                stands.shake("/session/1");
                Ok(facts.clone())
            }
        }
    }
}

fn at_the_seat() -> Facts {
    let session = Session {
        uid: ALICE,
        remote: false,
        active: true,
        state: State::Active,
        at_camera: true,
        class: Class::User,
        displayed: true,
        locked: false,
    };
    Facts { place: Place::Session(session), front: None }
}

async fn admitted(stands: &Stands, script: &Script, cancel: &CancelFlag) -> Result<Stand, NotHere> {
    let request = Request { caller: ALICE, subject: ALICE, purpose: Purpose::Own };
    let limit = Duration::from_millis(50);
    admit(stands, script, &request, &SeatConfig::default(), cancel, limit).await
}

#[tokio::test]
async fn a_look_up_that_fails_hangs_or_is_overtaken_admits_nobody() {
    let stands = Stands::default();
    let remote = match at_the_seat().place {
        Place::Session(session) => Place::Session(Session { remote: true, ..session }),
        place => place,
    };
    for (script, reason) in [
        (Script::Fails(NotHere::NoProcess), NotHere::NoProcess),
        (Script::Hangs, NotHere::Silent),
        (Script::AnswersTooLate(at_the_seat(), stands.clone()), NotHere::Shaken),
        (Script::Answers(Facts { place: remote, front: None }), NotHere::Remote),
    ] {
        let refused = admitted(&stands, &script, &CancelFlag::default()).await;
        assert_eq!(refused.unwrap_err(), reason);
    }
}

#[tokio::test]
async fn an_admission_ends_with_the_session_it_rests_on() {
    let stands = Stands::default();
    let cancel = CancelFlag::default();
    let stand = admitted(&stands, &Script::Answers(at_the_seat()), &cancel).await.unwrap();
    stands.shake("/session/2");
    assert!(!cancel.is_raised());
    stands.shake("/session/1");
    assert!(cancel.is_raised() && stand.is_shaken());
}
