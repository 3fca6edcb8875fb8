use std::{collections::VecDeque, time::Duration};

use fpass_camera::{CameraError, CameraId};

use super::*;
use crate::{
    cancel::CancelFlag,
    comparison_flag::ComparisonFlag,
    scripted::{POLICY, Scene, ScriptedRecogniser, draw, gallery},
};

/// Side of a frame. The scripted face is in its upper left corner.
const SIDE: u32 = 48;
const FACE: std::ops::Range<u32> = 2..14;
/// Levels of the face that the emitter lights, and of what it does not reach.
const LIT: u8 = 120;
const UNLIT: u8 = 20;

/// An infra-red camera with scripted frames, or a colour camera.
struct EmitterCamera {
    frames: VecDeque<Frame>,
    is_infrared: bool,
}

impl Camera for EmitterCamera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        let frame = self.frames.pop_front();
        if frame.is_none() {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
        Ok(frame.map(|frame| frame.with_capture_time(Instant::now())))
    }

    fn description(&self) -> &str {
        "scripted"
    }

    fn identity(&self) -> Option<&CameraId> {
        None
    }

    fn first_frame_at(&self) -> Option<Instant> {
        None
    }

    fn is_infrared(&self) -> bool {
        self.is_infrared
    }
}

/// A frame of the scene, whose first pixel names it, with this level on the face.
fn frame(scene: Scene, face: u8) -> Frame {
    let mut pixels = Vec::new();
    for y in 0..SIDE {
        for x in 0..SIDE {
            let level = if FACE.contains(&x) && FACE.contains(&y) { face } else { UNLIT };
            pixels.extend([level; 3]);
        }
    }
    pixels[..3].fill(scene.shade());
    Frame::new(SIDE, SIDE, pixels, 0).unwrap()
}

fn lit(scene: Scene) -> Frame {
    frame(scene, LIT).with_unlit(frame(scene, UNLIT))
}

fn unlit(scene: Scene) -> Frame {
    frame(scene, LIT).with_unlit(frame(scene, LIT))
}

struct Outcome {
    decision: Result<(Verdict, bool), Refusal>,
    frames_left: usize,
    compared: bool,
}

fn attempt_with(camera: &mut EmitterCamera) -> Outcome {
    let started = Instant::now();
    let (cancel, compared) = (CancelFlag::default(), ComparisonFlag::default());
    let deadline = started + Duration::from_millis(200);
    let limits =
        AttemptLimits { started, deadline, cancel: &cancel, compared: &compared, draw: &draw() };
    let params = InfraredParams { gallery: &gallery(), policy: &POLICY, opens: true };
    let (mut trace, mut cues) = (Trace::default(), Vec::new());
    let mut cue = |cue| cues.push(cue);
    let mut reports = TurnReports { trace: &mut trace, cue: &mut cue, hint: &mut |_| () };
    let decision = verify_infrared(camera, &mut ScriptedRecogniser, &params, &limits, &mut reports);
    let asked: &[Cue] = if camera.is_infrared { &[Cue::Prompt(Prompt::Look)] } else { &[] };
    assert_eq!(cues, asked);
    Outcome {
        decision: decision.map(|decision| (decision.verdict, decision.is_suspicious)),
        frames_left: camera.frames.len(),
        compared: compared.is_set(),
    }
}

fn attempt(frames: impl IntoIterator<Item = Frame>) -> Outcome {
    let frames = frames.into_iter().collect();
    attempt_with(&mut EmitterCamera { frames, is_infrared: true })
}

fn times(frame: impl Fn() -> Frame, times: usize) -> impl Iterator<Item = Frame> {
    std::iter::repeat_with(frame).take(times)
}

#[test]
fn only_a_lit_face_of_the_user_is_a_match() {
    let user = attempt(times(|| lit(Scene::User(0)), 9));
    assert_eq!(user.decision, Ok((Verdict::Match, false)));
    assert_eq!(user.frames_left, 6, "three lit frames decide");
    let rows: [(fn() -> Frame, bool); 3] = [
        (|| lit(Scene::Stranger), false),
        (|| unlit(Scene::Stranger), true),
        (|| unlit(Scene::User(0)), true),
    ];
    for (shown, is_suspicious) in rows {
        let refused = attempt(times(shown, 9));
        assert_eq!(refused.decision, Ok((Verdict::NoMatch, is_suspicious)));
        // All of them are looked at for as long.
        assert_eq!(refused.frames_left, 5, "{is_suspicious}");
    }
}

#[test]
fn a_face_that_may_have_been_exchanged_must_be_lit_again() {
    let user = || lit(Scene::User(0));
    let nobody = || frame(Scene::Nobody, UNLIT).with_unlit(frame(Scene::Nobody, UNLIT));
    let frames = times(user, 2).chain([nobody()]).chain(times(user, 2));
    assert_eq!(attempt(frames).decision, Ok((Verdict::NoMatch, true)));
    assert_eq!(attempt(times(nobody, 4)).decision, Err(Refusal::NoFace));
}

#[test]
fn an_emitter_that_stays_on_and_a_colour_camera_do_not_suit() {
    let constant = attempt(times(|| frame(Scene::User(0), LIT), 40));
    assert_eq!(constant.decision, Err(Refusal::CameraUnsuitable));
    assert_eq!(constant.frames_left, 10);
    assert!(!constant.compared, "so it costs no attempt");
    let frames = times(|| lit(Scene::User(0)), 9).collect();
    let colour = attempt_with(&mut EmitterCamera { frames, is_infrared: false });
    assert_eq!(colour.decision, Err(Refusal::CameraUnsuitable));
    assert_eq!((colour.frames_left, colour.compared), (9, false));
}
