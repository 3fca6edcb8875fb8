//! Tests of the search.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "values of made faces are in range"
)]

use proptest::prelude::*;

use super::*;
use crate::geometry::Point;
use crate::landmarks::Landmarks5;
use crate::liveness::placement::FIVE;

const SIDES: (u32, u32) = (640, 480);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A neutral head of 160 pixels in the middle, moved by `shift` pixels.
fn head(shift: f32) -> Sighting {
    let points = FIVE
        .map(|[u, v]| Point { x: 320.0 + shift + 160.0 * u as f32, y: 200.0 + 160.0 * v as f32 });
    Sighting {
        bounds: FaceBox::clip(250.0, 130.0, 140.0, 190.0, SIDES.0, SIDES.1).unwrap(),
        landmarks: Landmarks5::from_points(points),
        confidence: 0.9,
    }
}

/// The states of frames that come every `step` ms.
fn states(step: u64, count: u64, seen: impl Fn(u64) -> Sighting) -> Vec<NeutralState> {
    let mut search = NeutralSearch::default();
    (0..count).map(|n| search.observe(ms(n * step), SIDES, Some(&seen(n)))).collect()
}

#[test]
fn a_still_face_is_neutral_after_300_ms_and_five_frames() {
    let first = |step, count| {
        let states = states(step, count, |_| head(0.0));
        states.iter().position(|state| *state == NeutralState::Ready)
    };
    assert_eq!(first(33, 20), Some(10));
    assert_eq!(first(50, 20), Some(6));
    // Slow frames must be five.
    assert_eq!(first(100, 20), Some(4));
    assert_eq!(first(150, 20), Some(4));
    assert_eq!(first(151, 40), None);
    // However many frames come, the memory holds 300 ms of them.
    assert_eq!(first(1, 400).map(|n| n / 10), Some(30));
}

#[test]
fn each_condition_has_its_issue() {
    let spoilt = |spoil: fn(&mut Sighting)| {
        let mut seen = head(0.0);
        spoil(&mut seen);
        seen
    };
    let scaled = |face: &mut Sighting, factor: f32| {
        face.landmarks = Landmarks5::from_points(face.landmarks.points().map(|p| Point {
            x: 320.0 + factor * (p.x - 320.0),
            y: 200.0 + factor * (p.y - 200.0),
        }));
    };
    let mut small = head(0.0);
    scaled(&mut small, 0.49);
    let rows = [
        (spoilt(|face| face.confidence = 0.79), NeutralIssue::Uncertain),
        (spoilt(|face| face.confidence = f32::NAN), NeutralIssue::Uncertain),
        (spoilt(|face| face.landmarks.nose_tip.x = f32::NAN), NeutralIssue::Uncertain),
        (small, NeutralIssue::TooSmall),
        (spoilt(|face| face.landmarks.nose_tip.x += 6.0), NeutralIssue::Turned),
        (spoilt(|face| face.landmarks.nose_tip.x -= 6.0), NeutralIssue::Turned),
        (
            spoilt(|face| {
                face.landmarks =
                    Landmarks5::from_points(face.landmarks.points().map(|p| Point {
                        x: p.x - 0.3 * (p.y - 200.0),
                        y: p.y + 0.3 * (p.x - 320.0),
                    }));
            }),
            NeutralIssue::Tilted,
        ),
        (spoilt(|face| face.landmarks.nose_tip.y += 12.0), NeutralIssue::Nodded),
        (spoilt(|face| face.landmarks.nose_tip.y -= 12.0), NeutralIssue::Nodded),
        (
            spoilt(|face| {
                face.bounds = FaceBox::clip(17.0, 130.0, 140.0, 190.0, 640, 480).unwrap();
            }),
            NeutralIssue::NearBorder,
        ),
        (
            spoilt(|face| {
                face.bounds = FaceBox::clip(250.0, 280.0, 140.0, 190.0, 640, 480).unwrap();
            }),
            NeutralIssue::NearBorder,
        ),
        (
            spoilt(|face| face.bounds = FaceBox::clip(-1.0, 130.0, 40.0, 190.0, 640, 480).unwrap()),
            NeutralIssue::NearBorder,
        ),
    ];
    for (seen, issue) in rows {
        let states = states(50, 10, |_| seen);
        assert!(states.iter().all(|state| *state == NeutralState::Waiting(issue)), "{seen:?}");
    }
    let mut search = NeutralSearch::default();
    let state = search.observe(ms(0), SIDES, None);
    assert_eq!(state, NeutralState::Waiting(NeutralIssue::NotOneFace));
}

#[test]
fn a_frame_that_cannot_be_neutral_starts_the_search_again() {
    let states = states(50, 14, |n| {
        let mut seen = head(0.0);
        seen.confidence = if n == 5 { 0.1 } else { 0.9 };
        seen
    });
    let ready = states.iter().position(|state| *state == NeutralState::Ready);
    assert_eq!(ready, Some(12));
}

#[test]
fn a_face_in_motion_is_not_neutral_until_it_has_stopped() {
    let moving = states(50, 20, |n| head(3.0 * n as f32));
    assert!(!moving.contains(&NeutralState::Ready));
    assert!(moving.contains(&NeutralState::Waiting(NeutralIssue::Moving)));
    let stopped = states(50, 40, |n| head(3.0 * n.min(10) as f32));
    assert_eq!(stopped.last(), Some(&NeutralState::Ready));
    // A little trembling is stillness.
    let trembling = states(50, 20, |n| head(if n % 2 == 0 { 2.0 } else { -2.0 }));
    assert_eq!(trembling.last(), Some(&NeutralState::Ready));
}

#[test]
fn time_that_runs_backwards_starts_the_search_again() {
    let mut search = NeutralSearch::default();
    for n in 0..6 {
        search.observe(ms(1000 + n * 50), SIDES, Some(&head(0.0)));
    }
    let state = search.observe(ms(100), SIDES, Some(&head(0.0)));
    assert_eq!(state, NeutralState::Settling);
    let state = search.observe(ms(150), SIDES, Some(&head(0.0)));
    assert_eq!(state, NeutralState::Settling);
}

proptest! {
    #[test]
    fn a_box_that_is_whole_in_the_picture_may_have_any_place_and_size(
        left in 100.0_f32..300.0, top in 60.0_f32..200.0,
        width in 90.0_f32..200.0, height in 120.0_f32..200.0,
    ) {
        let bounds = FaceBox::clip(left, top, width, height, SIDES.0, SIDES.1).unwrap();
        let states = states(50, 10, |_| Sighting { bounds, ..head(0.0) });
        prop_assert_eq!(states.last(), Some(&NeutralState::Ready));
    }

    #[test]
    fn landmarks_from_anywhere_are_never_a_neutral_face_that_is_not_frontal(
        points in prop::array::uniform5((
            prop_oneof![8 => 0.0_f32..640.0, 1 => prop::num::f32::ANY],
            prop_oneof![8 => 0.0_f32..480.0, 1 => prop::num::f32::ANY],
        )),
        confidence in prop::num::f32::ANY,
    ) {
        let landmarks = Landmarks5::from_points(points.map(|(x, y)| Point { x, y }));
        let seen = Sighting { landmarks, confidence, ..head(0.0) };
        let last = states(50, 10, |_| seen).pop().unwrap();
        if last == NeutralState::Ready {
            let pose = HeadPose::of(&landmarks);
            prop_assert!(pose.yaw.abs() <= 8.0 && pose.roll.abs() <= 15.0 && confidence >= 0.8);
        }
    }
}
