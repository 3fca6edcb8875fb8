use std::time::{Duration, Instant};

use super::*;
use crate::{
    cancel::CancelFlag,
    compared::Compared,
    scripted::{ScriptedCamera, ScriptedSight, Shown, gallery},
};

fn plan() -> Plan {
    Plan {
        samples: 2,
        comparator: Comparator::Fused,
        threshold: Score::new(0.4),
        enrolled: Gallery::default(),
        kinship: Score::new(0.1),
    }
}

/// The plan of a further template.
fn further() -> Plan {
    Plan { enrolled: gallery(), ..plan() }
}

fn enrolment(plan: &Plan, script: &[Shown]) -> (Result<usize, Refusal>, Vec<Guidance>) {
    let mut camera = ScriptedCamera::showing(script);
    let started = Instant::now();
    let deadline = started + Duration::from_millis(60);
    let cancel = CancelFlag::default();
    let bounds = Bounds { started, deadline, cancel: &cancel, compared: &Compared::default() };
    let mut hints = Vec::new();
    let mut report = |progress: Progress| hints.push(progress.guidance);
    let samples = enroll(&mut camera, &mut ScriptedSight, plan, &bounds, &mut report);
    assert!(camera.is_used_up(), "{script:?}: frames were left over");
    (samples.map(|samples| samples.features.len()), hints)
}

#[test]
fn what_does_not_help_is_answered_with_its_guidance_and_refused_in_the_end() {
    let rows = [
        (Shown::Nobody, Guidance::NoFace, Refusal::NoFace),
        (Shown::TwoFaces, Guidance::TwoFaces, Refusal::SeveralFaces),
        (Shown::Blurred, Guidance::HoldStill, Refusal::Unclear),
        (Shown::Featureless, Guidance::HoldStill, Refusal::Unclear),
    ];
    for (shown, guidance, refusal) in rows {
        assert_eq!(enrolment(&plan(), &[shown]), (Err(refusal), vec![guidance]), "{shown:?}");
    }
    assert_eq!(enrolment(&plan(), &[]), (Err(Refusal::DeadlinePassed), vec![]));
}

#[test]
fn a_frame_like_one_already_taken_adds_nothing() {
    let (outcome, hints) = enrolment(&plan(), &[Shown::User(0), Shown::User(0)]);
    assert_eq!(outcome, Err(Refusal::Unclear));
    assert_eq!(hints, [Guidance::Good, Guidance::MoveALittle]);
}

#[test]
fn another_person_does_not_get_into_the_template() {
    let (outcome, hints) = enrolment(&plan(), &[Shown::User(0), Shown::Stranger]);
    assert_eq!(outcome, Err(Refusal::Unclear));
    assert_eq!(hints, [Guidance::Good, Guidance::LookStraight]);
}

#[test]
fn a_further_template_of_another_person_is_refused_by_name() {
    let (outcome, hints) = enrolment(&further(), &[Shown::Stranger, Shown::Stranger]);
    assert_eq!(outcome, Err(Refusal::AnotherPerson));
    assert_eq!(hints, [Guidance::LookStraight; 2]);
    let script = [Shown::Stranger, Shown::User(7), Shown::Stranger, Shown::Nobody];
    assert_eq!(enrolment(&further(), &script).0, Err(Refusal::AnotherPerson));
}

#[test]
fn a_stranger_who_passes_by_does_not_get_into_a_further_template() {
    let script = [Shown::User(7), Shown::Stranger, Shown::Nobody];
    assert_eq!(enrolment(&further(), &script).0, Err(Refusal::NoFace));
    let script = [Shown::Stranger, Shown::User(7), Shown::User(8)];
    let (outcome, hints) = enrolment(&further(), &script);
    assert_eq!(outcome, Ok(2));
    assert_eq!(hints, [Guidance::LookStraight, Guidance::Good, Guidance::Good]);
}

#[test]
fn differing_frames_of_one_person_make_a_template() {
    let (outcome, hints) = enrolment(&plan(), &[Shown::Nobody, Shown::User(0), Shown::User(1)]);
    assert_eq!(outcome, Ok(2));
    assert_eq!(hints, [Guidance::NoFace, Guidance::Good, Guidance::Good]);
}

#[test]
fn a_turned_view_is_asked_for_and_then_done_without() {
    let plan = Plan { samples: 3, ..plan() };
    let mut script = vec![Shown::User(0), Shown::User(1)];
    script.extend(vec![Shown::User(2); PATIENCE as usize + 1]);
    let (outcome, hints) = enrolment(&plan, &script);
    assert_eq!(outcome, Ok(3));
    assert_eq!(hints[2], Guidance::TurnLeft);
}

#[test]
fn a_cancelled_enrolment_ends_at_once() {
    let mut camera = ScriptedCamera::showing(&[Shown::User(0)]);
    let cancel = CancelFlag::default();
    cancel.raise();
    let started = Instant::now();
    let deadline = started + Duration::from_secs(60);
    let bounds = Bounds { started, deadline, cancel: &cancel, compared: &Compared::default() };
    let outcome = enroll(&mut camera, &mut ScriptedSight, &plan(), &bounds, &mut |_| ());
    assert_eq!(outcome.err(), Some(Refusal::Cancelled));
}
