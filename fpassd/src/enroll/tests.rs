use std::time::{Duration, Instant};

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    frame_rotation::{FrameRotation, RotationSetting},
    scripted::{Scene, ScriptedCamera, ScriptedRecogniser, draw, gallery},
};

fn params() -> EnrolmentParams {
    EnrolmentParams {
        samples: 2,
        comparator: Comparator::Fused,
        threshold: Score::new(0.4),
        liveness: None,
        enrolled: Gallery::default(),
        same_person_threshold: Score::new(0.1),
    }
}

/// The parameters of a further template.
fn further() -> EnrolmentParams {
    EnrolmentParams { enrolled: gallery(), ..params() }
}

fn enrolment(
    params: &EnrolmentParams,
    script: &[Scene],
) -> (Result<usize, Refusal>, Vec<Guidance>) {
    let (samples, hints) = turned_enrolment(params, script, RotationSetting::Auto);
    (samples.map(|samples| samples.features.len()), hints)
}

/// An enrolment with `camera.rotation`.
fn turned_enrolment(
    params: &EnrolmentParams,
    script: &[Scene],
    setting: RotationSetting,
) -> (Result<Samples, Refusal>, Vec<Guidance>) {
    let shown = Box::new(ScriptedCamera::showing(script));
    let mut camera = FrameRotation::new(setting, &[]).apply(shown);
    let started = Instant::now();
    let deadline = started + Duration::from_millis(60);
    let cancel = CancelFlag::default();
    let limits = AttemptLimits {
        started,
        deadline,
        cancel: &cancel,
        compared: &ComparisonFlag::default(),
        draw: &draw(),
    };
    let mut hints = Vec::new();
    let mut report = |progress: EnrolmentProgress| hints.push(progress.guidance);
    let mut reports = EnrolmentReports { progress: &mut report, cue: &mut |_| () };
    let samples = enroll(&mut camera, &mut ScriptedRecogniser, params, &limits, &mut reports);
    let left_over = camera.frame(started).unwrap();
    assert!(left_over.is_none(), "{script:?}: frames were left over");
    (samples, hints)
}

#[test]
fn a_useless_frame_gets_its_guidance_and_at_the_deadline_its_refusal() {
    let rows = [
        (Scene::Nobody, Guidance::NoFace, Refusal::NoFace),
        (Scene::TwoFaces, Guidance::TwoFaces, Refusal::SeveralFaces),
        (Scene::Blurred, Guidance::HoldStill, Refusal::Unclear),
        (Scene::Featureless, Guidance::HoldStill, Refusal::Unclear),
        (Scene::UpsideDown(0), Guidance::UpsideDown, Refusal::NotUpright),
        (Scene::Doubtful, Guidance::LookStraight, Refusal::Unclear),
    ];
    for (scene, guidance, refusal) in rows {
        assert_eq!(enrolment(&params(), &[scene]), (Err(refusal), vec![guidance]), "{scene:?}");
    }
    assert_eq!(enrolment(&params(), &[]), (Err(Refusal::DeadlinePassed), vec![]));
}

#[test]
fn a_frame_like_one_already_taken_adds_nothing() {
    let (outcome, hints) = enrolment(&params(), &[Scene::User(0), Scene::User(0)]);
    assert_eq!(outcome, Err(Refusal::Unclear));
    assert_eq!(hints, [Guidance::Good, Guidance::MoveALittle]);
}

#[test]
fn a_sample_of_another_person_is_not_taken() {
    let (outcome, hints) = enrolment(&params(), &[Scene::User(0), Scene::Stranger]);
    assert_eq!(outcome, Err(Refusal::Unclear));
    assert_eq!(hints, [Guidance::Good, Guidance::LookStraight]);
}

#[test]
fn a_further_template_of_another_person_has_its_own_refusal() {
    let (outcome, hints) = enrolment(&further(), &[Scene::Stranger, Scene::Stranger]);
    assert_eq!(outcome, Err(Refusal::AnotherPerson));
    assert_eq!(hints, [Guidance::LookStraight; 2]);
    let script = [Scene::Stranger, Scene::User(7), Scene::Stranger, Scene::Nobody];
    assert_eq!(enrolment(&further(), &script).0, Err(Refusal::AnotherPerson));
}

#[test]
fn a_stranger_who_passes_by_adds_no_sample_to_a_further_template() {
    let script = [Scene::User(7), Scene::Stranger, Scene::Nobody];
    assert_eq!(enrolment(&further(), &script).0, Err(Refusal::NoFace));
    let script = [Scene::Stranger, Scene::User(7), Scene::User(8)];
    let (outcome, hints) = enrolment(&further(), &script);
    assert_eq!(outcome, Ok(2));
    assert_eq!(hints, [Guidance::LookStraight, Guidance::Good, Guidance::Good]);
}

#[test]
fn differing_frames_of_one_person_make_a_template() {
    let (outcome, hints) = enrolment(&params(), &[Scene::Nobody, Scene::User(0), Scene::User(1)]);
    assert_eq!(outcome, Ok(2));
    assert_eq!(hints, [Guidance::NoFace, Guidance::Good, Guidance::Good]);
}

#[test]
fn a_turned_head_is_asked_for_and_optional_after_a_while() {
    let params = EnrolmentParams { samples: 3, ..params() };
    let mut script = vec![Scene::User(0), Scene::User(1)];
    script.extend(vec![Scene::User(2); PATIENCE as usize + 1]);
    let (outcome, hints) = enrolment(&params, &script);
    assert_eq!(outcome, Ok(3));
    assert_eq!(hints[2], Guidance::TurnLeft);
}

#[test]
fn a_fixed_rotation_stays_and_a_picture_that_is_upside_down_makes_no_template() {
    let fixed = RotationSetting::Fixed(Rotation::None);
    let script: Vec<Scene> = (0..8).map(Scene::UpsideDown).collect();
    let (outcome, hints) = turned_enrolment(&params(), &script, fixed);
    assert_eq!(outcome.err(), Some(Refusal::NotUpright));
    assert_eq!(hints, [Guidance::UpsideDown; 8]);
    let (outcome, hints) = turned_enrolment(&params(), &[Scene::OnItsSide; 8], fixed);
    assert_eq!(outcome.err(), Some(Refusal::NotUpright));
    assert_eq!(hints[6..], [Guidance::NoFace, Guidance::Sideways]);
    let half = RotationSetting::Fixed(Rotation::Half);
    let (outcome, _) = turned_enrolment(&params(), &script[..2], half);
    let samples = outcome.unwrap();
    assert_eq!((samples.features.len(), samples.rotation), (2, Rotation::Half));
}

#[test]
fn the_rotation_is_found_by_the_face_unless_a_sample_was_taken() {
    let turned = |script: &[Scene]| turned_enrolment(&params(), script, RotationSetting::Auto).0;
    let mut script: Vec<Scene> = (0..5).map(Scene::UpsideDown).collect();
    assert_eq!(turned(&script).unwrap().rotation, Rotation::Half);
    script.insert(2, Scene::User(9));
    script.truncate(5);
    assert_eq!(turned(&script).err(), Some(Refusal::NotUpright), "one of them is upright");
    let found = turned(&[Scene::OnItsSide; 26]);
    assert_eq!(found.err(), Some(Refusal::Unclear), "turned by a quarter, the same face twice");
}

#[test]
fn a_cancelled_enrolment_ends_at_once() {
    let shown = Box::new(ScriptedCamera::showing(&[Scene::User(0)]));
    let mut camera = FrameRotation::default().apply(shown);
    let cancel = CancelFlag::default();
    cancel.raise();
    let started = Instant::now();
    let deadline = started + Duration::from_secs(60);
    let limits = AttemptLimits {
        started,
        deadline,
        cancel: &cancel,
        compared: &ComparisonFlag::default(),
        draw: &draw(),
    };
    let mut reports = EnrolmentReports { progress: &mut |_| (), cue: &mut |_| () };
    let outcome = enroll(&mut camera, &mut ScriptedRecogniser, &params(), &limits, &mut reports);
    assert_eq!(outcome.err(), Some(Refusal::Cancelled));
}

/// Whether an enrolment that shows this to the end counts as an attempt on the enrolled face.
fn is_compared(params: &EnrolmentParams, scene: Scene) -> bool {
    let compared = ComparisonFlag::default();
    let started = Instant::now();
    let limits = AttemptLimits {
        started,
        deadline: started + Duration::from_secs(60),
        cancel: &CancelFlag::default(),
        compared: &compared,
        draw: &draw(),
    };
    let mut collector = SampleCollector::default();
    collector.take(&mut ScriptedRecogniser, &scene.frame(), params, &limits).unwrap();
    compared.is_set()
}

#[test]
fn a_face_whose_progress_tells_that_it_matches_is_an_attempt() {
    let check = Some(LivenessCheck::Turn(fpass_face::liveness::LivenessDemand::Turn));
    let checked = |params| EnrolmentParams { liveness: check, ..params };
    for scene in [Scene::User(0), Scene::Stranger] {
        assert!(is_compared(&checked(further()), scene), "{scene:?}");
        // There is nothing to compare with.
        assert!(!is_compared(&checked(params()), scene), "{scene:?}");
    }
    // Without a check the picture could be enrolled as well.
    assert!(!is_compared(&further(), Scene::User(0)));
    assert!(is_compared(&further(), Scene::Stranger));
    assert!(!is_compared(&checked(further()), Scene::Nobody));
}
