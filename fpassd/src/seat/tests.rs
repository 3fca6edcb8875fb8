//! The check with scripted facts.

use std::future;

use fpass_proto::Uid;

use super::{
    facts::{Origin, Session, SessionClass, SessionState, Typists},
    *,
};

const ALICE: Uid = Uid(1000);

/// A look-up that does what its variant says.
enum FakeSessions {
    Answers(SeatFacts),
    Fails(NotLocal),
    Hangs,
    /// Answers after the session has changed.
    AnswersTooLate(SeatFacts, SeatLeases),
}

impl Sessions for FakeSessions {
    async fn facts(&self, lease: &SeatLease) -> Result<SeatFacts, NotLocal> {
        lease.depend_on("/session/1");
        match self {
            Self::Answers(facts) => Ok(facts.clone()),
            Self::Fails(reason) => Err(reason.clone()),
            Self::Hangs => future::pending().await,
            Self::AnswersTooLate(facts, leases) => {
                leases.revoke("/session/1");
                Ok(facts.clone())
            }
        }
    }
}

fn at_the_seat() -> SeatFacts {
    let session = Session {
        uid: ALICE,
        remote: false,
        active: true,
        state: SessionState::Active,
        at_camera: true,
        class: SessionClass::User,
        displayed: true,
        locked: false,
        identity: None,
    };
    SeatFacts {
        origin: Origin::Session(session),
        foreground: None,
        typists: nobody_far(),
        lid_closed: false,
    }
}

fn nobody_far() -> Typists {
    Typists { at_own_console: false, far_sessions: Ok(Vec::new()) }
}

async fn admitted(
    leases: &SeatLeases,
    script: &FakeSessions,
    cancel: &CancelFlag,
) -> Result<Seated, NotLocal> {
    let request = SeatRequest { caller: ALICE, subject: ALICE, camera_use: CameraUse::Own };
    let limit = Duration::from_millis(50);
    require_local(leases, script, &request, &SeatConfig::default(), cancel, limit).await
}

#[tokio::test]
async fn a_look_up_that_fails_hangs_or_is_outdated_admits_nobody() {
    let leases = SeatLeases::default();
    let remote = match at_the_seat().origin {
        Origin::Session(session) => Origin::Session(Session { remote: true, ..session }),
        origin => origin,
    };
    for (script, reason) in [
        (FakeSessions::Fails(NotLocal::NoProcess), NotLocal::NoProcess),
        (FakeSessions::Hangs, NotLocal::TimedOut),
        (FakeSessions::AnswersTooLate(at_the_seat(), leases.clone()), NotLocal::Revoked),
        (
            FakeSessions::Answers(SeatFacts {
                origin: remote,
                foreground: None,
                typists: nobody_far(),
                lid_closed: false,
            }),
            NotLocal::Remote,
        ),
    ] {
        let refused = admitted(&leases, &script, &CancelFlag::default()).await;
        assert_eq!(refused.unwrap_err(), reason);
    }
}

#[tokio::test]
async fn a_lease_ends_with_the_session_that_it_depends_on() {
    let leases = SeatLeases::default();
    let cancel = CancelFlag::default();
    let _seated = admitted(&leases, &FakeSessions::Answers(at_the_seat()), &cancel).await.unwrap();
    leases.revoke("/session/2");
    assert!(!cancel.is_raised());
    leases.revoke("/session/1");
    assert!(cancel.is_raised());
}
