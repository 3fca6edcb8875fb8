use std::{io, time::Duration};

use fpass_face::Score;

use super::*;
use crate::scripted::{ScriptedCamera, ScriptedSight, Shown, gallery, user};

const POLICY: Policy = Policy {
    comparator: Comparator::Fused,
    threshold: Score::new(0.4),
    agreeing_frames: 2,
    judged_frames: 4,
    keep_probe: false,
};

fn attempt_until(
    camera: &mut ScriptedCamera,
    started: Instant,
    cancel: &CancelFlag,
) -> Result<Verdict, Refusal> {
    let deadline = Instant::now() + Duration::from_millis(60);
    let bounds = Bounds { started, deadline, cancel, compared: &Compared::default() };
    let mut trace = Trace::default();
    let judgement = verify(camera, &mut ScriptedSight, &gallery(), &POLICY, &bounds, &mut trace)?;
    assert!(judgement.probe.is_none(), "nobody asked for it");
    Ok(judgement.verdict)
}

fn attempt(script: &[Shown]) -> Result<Verdict, Refusal> {
    let mut camera = ScriptedCamera::showing(script);
    let outcome = attempt_until(&mut camera, Instant::now(), &CancelFlag::default());
    assert!(camera.is_used_up(), "{script:?}: frames were left over");
    outcome
}

#[test]
fn what_cannot_be_judged_is_refused_by_its_name() {
    let rows: [(&[Shown], Refusal); 6] = [
        (&[], Refusal::DeadlinePassed),
        (&[Shown::Nobody], Refusal::NoFace),
        (&[Shown::Darkness], Refusal::TooDark),
        (&[Shown::TwoFaces], Refusal::SeveralFaces),
        (&[Shown::Blurred], Refusal::Unclear),
        (&[Shown::Featureless, Shown::Featureless], Refusal::Unclear),
    ];
    for (script, refusal) in rows {
        assert_eq!(attempt(script), Err(refusal), "{script:?}");
    }
}

#[test]
fn a_stranger_is_no_match_and_the_user_is_one() {
    assert_eq!(attempt(&[Shown::Stranger; 4]), Ok(Verdict::NoMatch));
    assert_eq!(attempt(&[Shown::User(0)]), Err(Refusal::Unclear));
    assert_eq!(attempt(&[Shown::User(0), Shown::User(9)]), Ok(Verdict::Match));
}

#[test]
fn only_a_match_comes_with_features_and_they_are_those_of_the_deciding_frame() {
    let policy = Policy { keep_probe: true, ..POLICY };
    let judge = |script: &[Shown]| {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let cancel = CancelFlag::default();
        let deadline = started + Duration::from_secs(60);
        let bounds = Bounds { started, deadline, cancel: &cancel, compared: &Compared::default() };
        let mut trace = Trace::default();
        verify(&mut camera, &mut ScriptedSight, &gallery(), &policy, &bounds, &mut trace).unwrap()
    };
    assert_eq!(judge(&[Shown::Stranger; 4]), Judgement { verdict: Verdict::NoMatch, probe: None });
    let disagreeing = [Shown::User(0), Shown::Stranger, Shown::Stranger, Shown::User(1)];
    assert_eq!(judge(&disagreeing), Judgement { verdict: Verdict::NoMatch, probe: None });
    let probe = Some(user(9));
    let matching = judge(&[Shown::User(0), Shown::Blurred, Shown::User(9)]);
    assert_eq!(matching, Judgement { verdict: Verdict::Match, probe });
}

#[test]
fn an_exchange_between_two_frames_is_no_match() {
    let script = [Shown::User(0), Shown::Stranger, Shown::User(1)];
    assert_eq!(attempt(&script), Ok(Verdict::NoMatch));
    let script = [Shown::User(0), Shown::TwoFaces, Shown::User(1)];
    assert_eq!(attempt(&script), Err(Refusal::SeveralFaces));
}

#[test]
fn frames_from_before_the_request_do_not_count() {
    let mut camera = ScriptedCamera::showing(&[Shown::User(0), Shown::User(1), Shown::User(2)]);
    let started = Instant::now() + Duration::from_secs(60);
    let outcome = attempt_until(&mut camera, started, &CancelFlag::default());
    assert_eq!(outcome, Err(Refusal::DeadlinePassed));
    assert!(camera.is_used_up());
}

#[test]
fn a_cancelled_attempt_takes_no_frame() {
    let mut camera = ScriptedCamera::showing(&[Shown::User(0), Shown::User(1)]);
    let cancel = CancelFlag::default();
    cancel.raise();
    assert_eq!(attempt_until(&mut camera, Instant::now(), &cancel), Err(Refusal::Cancelled));
    assert_eq!(camera.0.len(), 2);
}

#[test]
fn every_camera_fault_ends_the_attempt_by_its_name() {
    let rows = [
        (CameraError::NotFound, Refusal::NoCamera),
        (CameraError::Busy, Refusal::CameraBusy),
        (CameraError::Denied, Refusal::CameraFailed),
        (CameraError::Failed { cause: io::ErrorKind::NotFound.into() }, Refusal::CameraFailed),
        (CameraError::Silent, Refusal::CameraSilent),
        (CameraError::Frozen, Refusal::CameraFrozen),
        (CameraError::Unsuitable, Refusal::CameraUnsuitable),
    ];
    for (fault, refusal) in rows {
        let mut camera = ScriptedCamera([Ok(Shown::User(0)), Err(fault)].into());
        let outcome = attempt_until(&mut camera, Instant::now(), &CancelFlag::default());
        assert_eq!(outcome, Err(refusal));
    }
}
