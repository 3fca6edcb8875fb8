use std::{io, time::Duration};

use fpass_camera::CameraError;
use fpass_face::{Comparator, Score};

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    scripted::{Scene, ScriptedCamera, ScriptedRecogniser, draw, gallery, user},
};

const POLICY: Policy = Policy {
    comparator: Comparator::Fused,
    threshold: Score::new(0.4),
    agreeing_frames: 2,
    judged_frames: 4,
    keep_probe: false,
    liveness: None,
    nobody_max: Duration::from_secs(5),
};

fn attempt_until(
    camera: &mut ScriptedCamera,
    started: Instant,
    cancel: &CancelFlag,
) -> Result<Verdict, Refusal> {
    let deadline = Instant::now() + Duration::from_millis(60);
    let limits = AttemptLimits {
        started,
        deadline,
        cancel,
        compared: &ComparisonFlag::default(),
        draw: &draw(),
    };
    let mut trace = Trace::default();
    let mut reports = AttemptReports { trace: &mut trace, cue: &mut |_| (), feedback: &mut |_| () };
    let decision =
        verify(camera, &mut ScriptedRecogniser, &gallery(), &POLICY, &limits, &mut reports)?;
    assert!(decision.probe.is_none(), "the policy does not ask for it");
    Ok(decision.verdict)
}

fn attempt(script: &[Scene]) -> Result<Verdict, Refusal> {
    let mut camera = ScriptedCamera::showing(script);
    let outcome = attempt_until(&mut camera, Instant::now(), &CancelFlag::default());
    assert!(camera.is_used_up(), "{script:?}: frames were left over");
    outcome
}

#[test]
fn each_condition_without_a_comparison_has_its_own_refusal() {
    let rows: [(&[Scene], Refusal); 6] = [
        (&[], Refusal::DeadlinePassed),
        (&[Scene::Nobody], Refusal::NoFace),
        (&[Scene::Darkness], Refusal::TooDark),
        (&[Scene::TwoFaces], Refusal::SeveralFaces),
        (&[Scene::Blurred], Refusal::Unclear),
        (&[Scene::Featureless, Scene::Featureless], Refusal::Unclear),
    ];
    for (script, refusal) in rows {
        assert_eq!(attempt(script), Err(refusal), "{script:?}");
    }
}

#[test]
fn a_stranger_is_no_match_and_the_user_is_one() {
    assert_eq!(attempt(&[Scene::Stranger; 4]), Ok(Verdict::NoMatch));
    assert_eq!(attempt(&[Scene::User(0)]), Err(Refusal::Unclear));
    assert_eq!(attempt(&[Scene::User(0), Scene::User(9)]), Ok(Verdict::Match));
}

#[test]
fn only_a_match_has_features_and_they_are_those_of_the_deciding_frame() {
    let policy = Policy { keep_probe: true, ..POLICY };
    let judge_with = |policy: Policy, script: &[Scene]| {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let cancel = CancelFlag::default();
        let deadline = started + Duration::from_secs(60);
        let limits = AttemptLimits {
            started,
            deadline,
            cancel: &cancel,
            compared: &ComparisonFlag::default(),
            draw: &draw(),
        };
        let mut trace = Trace::default();
        let mut reports =
            AttemptReports { trace: &mut trace, cue: &mut |_| (), feedback: &mut |_| () };
        verify(&mut camera, &mut ScriptedRecogniser, &gallery(), &policy, &limits, &mut reports)
            .unwrap()
    };
    let judge = |script: &[Scene]| judge_with(policy, script);
    assert_eq!(
        judge(&[Scene::Stranger; 4]),
        Decision { verdict: Verdict::NoMatch, is_suspicious: false, probe: None }
    );
    let disagreeing = [Scene::User(0), Scene::Stranger, Scene::Stranger, Scene::User(1)];
    assert_eq!(
        judge(&disagreeing),
        Decision { verdict: Verdict::NoMatch, is_suspicious: false, probe: None }
    );
    let probe = Some(user(9));
    let matching = judge(&[Scene::User(0), Scene::Blurred, Scene::User(9)]);
    assert_eq!(matching, Decision { verdict: Verdict::Match, is_suspicious: false, probe });
    // Nothing is learned from a frame that is not upright, wherever it is in the run.
    for scene in [Scene::UpsideDown(0), Scene::Doubtful] {
        let unlearned = Decision { verdict: Verdict::Match, is_suspicious: false, probe: None };
        assert_eq!(judge(&[Scene::User(0), scene]), unlearned, "{scene:?}");
    }
    let first = judge_with(Policy { agreeing_frames: 1, ..policy }, &[Scene::User(9)]);
    assert_eq!(
        first,
        Decision { verdict: Verdict::Match, is_suspicious: false, probe: Some(user(9)) }
    );
}

#[test]
fn a_person_exchanged_between_two_frames_is_no_match() {
    let script = [Scene::User(0), Scene::Stranger, Scene::User(1)];
    assert_eq!(attempt(&script), Ok(Verdict::NoMatch));
    let script = [Scene::User(0), Scene::TwoFaces, Scene::User(1)];
    assert_eq!(attempt(&script), Err(Refusal::SeveralFaces));
}

#[test]
fn a_face_that_is_not_upright_is_neither_compared_nor_counted() {
    let compared = ComparisonFlag::default();
    let rows: [(&[Scene], Refusal); 4] = [
        (&[Scene::UpsideDown(0), Scene::UpsideDown(0)], Refusal::NotUpright),
        (&[Scene::Doubtful, Scene::Doubtful], Refusal::Unclear),
        (&[Scene::OnItsSide; 9], Refusal::NotUpright),
        (&[Scene::OnItsSide; 8], Refusal::NoFace),
    ];
    for (script, refusal) in rows {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let (deadline, cancel) = (started + Duration::from_millis(60), CancelFlag::default());
        let limits = AttemptLimits {
            started,
            deadline,
            cancel: &cancel,
            compared: &compared,
            draw: &draw(),
        };
        let mut trace = Trace::default();
        let mut reports =
            AttemptReports { trace: &mut trace, cue: &mut |_| (), feedback: &mut |_| () };
        let recogniser = &mut ScriptedRecogniser;
        let outcome = verify(&mut camera, recogniser, &gallery(), &POLICY, &limits, &mut reports);
        assert_eq!(outcome, Err(refusal), "{script:?}");
        assert!(camera.is_used_up() && !compared.is_set(), "{script:?}");
    }
}

/// A stranger who shows another face first gains nothing: the first face of each run is checked.
#[test]
fn a_face_that_is_not_upright_starts_no_run() {
    let script = [Scene::Stranger, Scene::UpsideDown(0), Scene::UpsideDown(0), Scene::Doubtful];
    assert_eq!(attempt(&script), Ok(Verdict::NoMatch));
    let script = [Scene::User(0), Scene::Nobody, Scene::UpsideDown(0), Scene::UpsideDown(0)];
    assert_eq!(attempt(&script), Err(Refusal::NotUpright));
}

#[test]
fn frames_from_before_the_request_do_not_count() {
    let mut camera = ScriptedCamera::showing(&[Scene::User(0), Scene::User(1), Scene::User(2)]);
    let started = Instant::now() + Duration::from_secs(60);
    let outcome = attempt_until(&mut camera, started, &CancelFlag::default());
    assert_eq!(outcome, Err(Refusal::DeadlinePassed));
    assert!(camera.is_used_up());
}

#[test]
fn a_cancelled_attempt_takes_no_frame() {
    let mut camera = ScriptedCamera::showing(&[Scene::User(0), Scene::User(1)]);
    let cancel = CancelFlag::default();
    cancel.raise();
    assert_eq!(attempt_until(&mut camera, Instant::now(), &cancel), Err(Refusal::Cancelled));
    assert_eq!(camera.0.len(), 2);
}

#[test]
fn each_camera_fault_has_its_own_refusal() {
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
        let mut camera = ScriptedCamera([Ok(Scene::User(0)), Err(fault)].into());
        let outcome = attempt_until(&mut camera, Instant::now(), &CancelFlag::default());
        assert_eq!(outcome, Err(refusal));
    }
}
