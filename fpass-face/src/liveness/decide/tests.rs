//! Tests of the decision.

#![expect(clippy::cast_possible_truncation, reason = "values of made faces are in range")]

use proptest::prelude::*;

use super::way::PASSED_MIN;
use super::*;
use crate::geometry::Point;
use crate::landmarks::Landmarks5;
use crate::liveness::Prompt;
use crate::liveness::fit::DepthFit;
use crate::liveness::placement::FIVE;

const NEUTRAL: Duration = Duration::from_millis(1000);
const PROMPTED: Duration = Duration::from_millis(1100);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A face of which only the yaw and the fit matter.
fn face(yaw: f32, across: f32, correlation: f32) -> MeasuredFace {
    let fit = DepthFit { across, down: 0.0, correlation };
    MeasuredFace { centre: [320.0, 240.0], width: 160.0, yaw, fit }
}

fn judge(prompt: Prompt) -> TurnJudge {
    TurnJudge::new(TurnRule::TURN, prompt.sign(false), &face(0.0, 0.0, 1.0), NEUTRAL, PROMPTED)
}

/// The same judge, which has seen the head on its way up to `face`.
fn after_the_way(judge: &TurnJudge, face: MeasuredFace) -> TurnJudge {
    TurnJudge { way: Way { passed: PASSED_MIN, is_far: true }, last_face: face, ..judge.clone() }
}

/// The same head, which begins to turn.
fn begins(face: MeasuredFace, share: f32) -> MeasuredFace {
    let fit = DepthFit { across: face.fit.across * share / 2.0, ..face.fit };
    MeasuredFace { yaw: face.yaw * share, fit, ..face }
}

/// What a judge says about faces that come every `step` ms from the neutral frame on, and when.
fn run(
    mut judge: TurnJudge,
    step: u64,
    mut sight: impl FnMut(u64) -> (FrameSight, Option<f32>),
) -> Option<(PromptOutcome, u64)> {
    (1..200).map(|n| n * step).find_map(|after| {
        let (sight, cosine) = sight(after);
        judge.judge(NEUTRAL + ms(after), &sight, cosine).map(|outcome| (outcome, after))
    })
}

fn outcome(prompt: Prompt, step: u64, seen: impl Fn(u64) -> MeasuredFace) -> PromptOutcome {
    run(judge(prompt), step, |after| (FrameSight::OneFace(seen(after)), Some(0.8))).unwrap().0
}

#[test]
fn a_turn_as_asked_is_followed_and_the_other_one_is_the_wrong_way() {
    for (prompt, yaw, expected) in [
        (Prompt::Left, 20.0, PromptOutcome::Followed),
        (Prompt::Left, -20.0, PromptOutcome::WrongWay),
        (Prompt::Right, -20.0, PromptOutcome::Followed),
        (Prompt::Right, 20.0, PromptOutcome::WrongWay),
    ] {
        let across = 0.2 * f32::signum(yaw);
        let turned = outcome(prompt, 50, |after| match after {
            ..500 => face(0.0, 0.0, 0.9),
            500..550 => begins(face(yaw, across, 0.9), 0.3),
            550..600 => begins(face(yaw, across, 0.9), 0.6),
            _ => face(yaw, across, 0.9),
        });
        assert_eq!(turned, expected, "{prompt:?} {yaw}");
    }
}

/// Every condition of a turn, just met and just missed.
#[test]
fn a_turn_needs_each_of_its_witnesses() {
    for (yaw, across, correlation, cosine, expected) in [
        (12.0, 0.12, 0.60, Some(0.50), PromptOutcome::Followed),
        (11.9, 0.12, 0.60, Some(0.50), PromptOutcome::NoTurn),
        (12.0, 0.119, 0.60, Some(0.50), PromptOutcome::NoTurn),
        (12.0, 0.12, 0.599, Some(0.50), PromptOutcome::NotComparable),
        (12.0, 0.12, 0.60, Some(0.49), PromptOutcome::AnotherPerson),
        (12.0, 0.12, 0.60, Some(f32::NAN), PromptOutcome::AnotherPerson),
        (12.0, 0.12, 0.60, None, PromptOutcome::NoTurn),
        (40.0, 0.0, 0.9, Some(0.9), PromptOutcome::NoTurn),
        (0.0, 0.5, 0.9, Some(0.9), PromptOutcome::NoTurn),
        (20.0, -0.5, 0.9, Some(0.9), PromptOutcome::NoTurn),
        (f32::NAN, 0.5, 0.9, Some(0.9), PromptOutcome::NotComparable),
        (20.0, f32::NAN, 0.9, Some(0.9), PromptOutcome::NotComparable),
        (20.0, f32::INFINITY, 0.9, Some(0.9), PromptOutcome::NotComparable),
        (20.0, 0.5, f32::NAN, Some(0.9), PromptOutcome::NotComparable),
    ] {
        let seen = face(yaw, across, correlation);
        let judge = after_the_way(&judge(Prompt::Left), face(12.0, 0.1, 0.9));
        let judge = TurnJudge { last_face: MeasuredFace { yaw, ..judge.last_face }, ..judge };
        let ended = run(judge, 50, |_| (FrameSight::OneFace(seen), cosine));
        assert_eq!(ended.unwrap().0, expected, "{yaw} {across} {correlation} {cosine:?}");
    }
}

#[test]
fn the_yaw_counts_from_the_neutral_one() {
    let neutral = face(6.0, 0.0, 1.0);
    let of = |yaw| {
        let judge = TurnJudge::new(TurnRule::TURN, 1.0, &neutral, NEUTRAL, PROMPTED);
        run(after_the_way(&judge, face(yaw, 0.3, 0.9)), 50, |_| {
            (FrameSight::OneFace(face(yaw, 0.3, 0.9)), Some(0.9))
        })
        .unwrap()
        .0
    };
    assert_eq!(of(17.0), PromptOutcome::NoTurn);
    assert_eq!(of(18.5), PromptOutcome::Followed);
}

#[test]
fn a_strict_turn_needs_more_depth_and_correlation() {
    let of = |across, correlation| {
        let seen = face(20.0, across, correlation);
        let neutral = face(0.0, 0.0, 1.0);
        let judge = TurnJudge::new(TurnRule::STRICT, 1.0, &neutral, NEUTRAL, PROMPTED);
        run(after_the_way(&judge, seen), 50, |_| (FrameSight::OneFace(seen), Some(0.9))).unwrap().0
    };
    assert_eq!(of(0.15, 0.70), PromptOutcome::Followed);
    assert_eq!(of(0.149, 0.70), PromptOutcome::NoTurn);
    assert_eq!(of(0.15, 0.69), PromptOutcome::NotComparable);
}

#[test]
fn two_frames_in_a_row_must_agree() {
    let alternating = outcome(Prompt::Left, 50, |after| match after / 50 % 2 {
        0 => face(20.0, 0.3, 0.9),
        _ => face(20.0, 0.05, 0.9),
    });
    assert_eq!(alternating, PromptOutcome::NoTurn);
    let wrong = outcome(Prompt::Left, 50, |after| match after / 50 % 2 {
        0 => face(-20.0, -0.3, 0.9),
        _ => face(-20.0, -0.3, 0.2),
    });
    assert_eq!(wrong, PromptOutcome::NoTurn);
    // A frame without a face between them ends the row.
    let broken = run(judge(Prompt::Left), 50, |after| match after / 50 % 2 {
        0 => (FrameSight::OneFace(face(20.0, 0.3, 0.9)), Some(0.9)),
        _ => (FrameSight::NoFace, None),
    });
    assert_eq!(broken.unwrap().0, PromptOutcome::NoTurn);
}

#[test]
fn a_turn_counts_from_200_ms_after_the_prompt_until_2500_ms() {
    let turned = face(20.0, 0.3, 0.9);
    let judge = after_the_way(&judge(Prompt::Left), turned);
    let at_once = run(judge, 50, |_| (FrameSight::OneFace(turned), Some(0.9)));
    // The first frame that counts is 200 ms after the prompt, 300 ms after the neutral frame.
    assert_eq!(at_once, Some((PromptOutcome::Followed, 350)));
    let late = |from: u64| {
        outcome(Prompt::Left, 50, |after| match (after + 100).checked_sub(from) {
            None => face(0.0, 0.0, 0.9),
            Some(..50) => begins(turned, 0.3),
            Some(50..100) => begins(turned, 0.6),
            Some(_) => turned,
        })
    };
    assert_eq!(late(2550), PromptOutcome::Followed);
    assert_eq!(late(2600), PromptOutcome::NoTurn);
}

/// Pictures that are shown one after the other, with and without something between them.
#[test]
fn a_turn_needs_the_way_to_it() {
    let turned = face(20.0, 0.3, 0.9);
    let sights = |between: &'static [FrameSight]| {
        let ended = run(judge(Prompt::Left), 33, move |after| match after / 33 {
            ..15 => (FrameSight::OneFace(face(1.0, 0.0, 0.9)), None),
            frame => match between.get(frame as usize - 15) {
                Some(sight) => (*sight, Some(0.9)),
                None => (FrameSight::OneFace(turned), Some(0.9)),
            },
        });
        ended.unwrap().0
    };
    const NOBODY: FrameSight = FrameSight::NoFace;
    let at = |yaw: f32| FrameSight::OneFace(face(yaw, 0.05, 0.9));
    let leak = |sights: Vec<FrameSight>| -> &'static [FrameSight] { sights.leak() };
    for (between, expected) in [
        (vec![], PromptOutcome::NoTurn),
        (vec![NOBODY], PromptOutcome::NoTurn),
        (vec![NOBODY; 4], PromptOutcome::NoTurn),
        (vec![at(4.0), at(4.5)], PromptOutcome::NoTurn),
        (vec![at(9.0)], PromptOutcome::NoTurn),
        (vec![at(5.0), at(1.0), at(6.0)], PromptOutcome::NoTurn),
        (vec![at(5.0), at(9.0), NOBODY], PromptOutcome::NoTurn),
        (vec![at(3.0), at(4.9), at(5.1)], PromptOutcome::Followed),
        (vec![at(6.0), at(11.0)], PromptOutcome::Followed),
        (vec![at(6.0), at(4.9), at(4.9)], PromptOutcome::NoTurn),
    ] {
        assert_eq!(sights(leak(between.clone())), expected, "{between:?}");
    }
}

#[test]
fn a_frame_after_a_gap_does_not_count() {
    let turned = face(20.0, 0.3, 0.9);
    let of = |step| {
        let judge = after_the_way(&judge(Prompt::Left), turned);
        run(judge, step, |_| (FrameSight::OneFace(turned), Some(0.8))).unwrap().0
    };
    assert_eq!(of(150), PromptOutcome::Followed);
    assert_eq!(of(151), PromptOutcome::TooFewFrames);
    assert_eq!(of(300), PromptOutcome::TooFewFrames);
    assert_eq!(of(301), PromptOutcome::Interrupted(Interruption::FaceLost));
}

#[test]
fn what_breaks_the_track_interrupts() {
    let seen = |after: u64| -> FrameSight {
        FrameSight::OneFace(face(0.0, 0.0, if after == 0 { 1.0 } else { 0.9 }))
    };
    let with = |sight: FrameSight| {
        let ended = run(judge(Prompt::Left), 50, |after| match after {
            ..400 => (seen(after), None),
            400..450 => (FrameSight::OneFace(face(6.0, 0.05, 0.9)), None),
            450..500 => (FrameSight::OneFace(face(10.0, 0.08, 0.9)), None),
            _ => (sight, Some(0.9)),
        });
        ended.unwrap()
    };
    let moved = |x: f64| {
        let mut moved = face(20.0, 0.3, 0.9);
        moved.centre[0] += x;
        FrameSight::OneFace(moved)
    };
    let resized = |factor: f64| {
        let mut resized = face(20.0, 0.3, 0.9);
        resized.width *= factor;
        FrameSight::OneFace(resized)
    };
    use Interruption::{FaceLost, Jumped, Resized, SecondFace};
    for (sight, interruption, after) in [
        (FrameSight::SeveralFaces, SecondFace, 500),
        // The last face was seen at 450 ms.
        (FrameSight::NoFace, FaceLost, 800),
        (moved(40.1), Jumped, 500),
        (moved(f64::NAN), Jumped, 500),
        (resized(1.13), Resized, 550),
        (resized(0.87), Resized, 550),
    ] {
        assert_eq!(with(sight), (PromptOutcome::Interrupted(interruption), after), "{sight:?}");
    }
    for sight in [moved(39.9), resized(1.11), resized(0.89)] {
        assert_eq!(with(sight).0, PromptOutcome::Followed, "{sight:?}");
    }
}

#[test]
fn a_size_that_leaps_for_one_frame_ends_the_way_and_not_the_prompt() {
    let leap = |yaw, across| {
        let mut face = face(yaw, across, 0.9);
        face.width *= 1.2;
        face
    };
    // Frames from 400 ms on, and what follows when the last one stays.
    let ended = |frames: &[MeasuredFace]| {
        run(judge(Prompt::Left), 50, |after| {
            let place = usize::try_from(after.saturating_sub(350) / 50).unwrap();
            let shown = if place == 0 {
                &face(0.0, 0.0, 0.9)
            } else {
                frames.get(place - 1).or(frames.last()).unwrap()
            };
            (FrameSight::OneFace(*shown), Some(0.9))
        })
        .unwrap()
        .0
    };
    let (near, far) = (face(6.0, 0.05, 0.9), face(10.0, 0.08, 0.9));
    let turned = face(20.0, 0.3, 0.9);
    let lost = PromptOutcome::Interrupted(Interruption::Resized);
    let rows = [
        (vec![leap(0.0, 0.0), near, far, turned], PromptOutcome::Followed),
        (vec![near, far, leap(20.0, 0.3), turned], PromptOutcome::NoTurn),
        (vec![near, far, turned, leap(20.0, 0.3), turned], PromptOutcome::NoTurn),
        (vec![near, far, leap(10.0, 0.08), leap(10.0, 0.08), turned], lost),
        (vec![near, far, leap(20.0, 0.3)], lost),
    ];
    for (frames, expected) in rows {
        assert_eq!(ended(&frames), expected, "{frames:?}");
    }
}

#[test]
fn frames_out_of_order_interrupt() {
    for time in [NEUTRAL, NEUTRAL - ms(1), Duration::ZERO] {
        let ended = judge(Prompt::Left).judge(time, &FrameSight::NoFace, None);
        assert_eq!(ended, Some(PromptOutcome::Interrupted(Interruption::OutOfOrder)));
    }
}

#[test]
fn stillness_must_last_and_be_that_of_the_same_person() {
    let of = |yaw, across, correlation, cosine| {
        let seen = face(yaw, across, correlation);
        run(judge(Prompt::Still), 50, |_| (FrameSight::OneFace(seen), cosine)).unwrap()
    };
    assert_eq!(of(7.9, 0.099, 0.6, Some(0.5)), (PromptOutcome::Followed, 1300));
    assert_eq!(of(-7.9, -0.099, 0.6, Some(0.5)), (PromptOutcome::Followed, 1300));
    assert_eq!(of(8.0, 0.0, 0.9, Some(0.9)), (PromptOutcome::Moved, 100));
    assert_eq!(of(0.0, -0.10, 0.9, Some(0.9)), (PromptOutcome::Moved, 100));
    assert_eq!(of(0.0, 0.0, 0.59, Some(0.9)), (PromptOutcome::NotComparable, 100));
    assert_eq!(of(0.0, 0.0, 0.9, Some(0.49)), (PromptOutcome::AnotherPerson, 1300));
    assert_eq!(of(0.0, 0.0, 0.9, None), (PromptOutcome::AnotherPerson, 1300));
    let slow =
        run(judge(Prompt::Still), 140, |_| (FrameSight::OneFace(face(0.0, 0.0, 0.9)), Some(0.9)));
    assert_eq!(slow.unwrap().0, PromptOutcome::TooFewFrames);
}

#[test]
fn the_identity_is_asked_for_where_it_decides() {
    let turn = judge(Prompt::Left);
    let time = PROMPTED + ms(50);
    assert!(turn.needs_identity(time, &face(12.0, 0.12, 0.6)));
    for seen in [face(11.0, 0.3, 0.9), face(-20.0, -0.3, 0.9), face(20.0, 0.3, 0.5)] {
        assert!(!turn.needs_identity(time, &seen), "{seen:?}");
    }
    // Before the prompt no frame counts.
    assert!(!turn.needs_identity(PROMPTED - ms(1), &face(20.0, 0.3, 0.9)));
    let mut still = judge(Prompt::Still);
    let seen = face(0.0, 0.0, 0.9);
    for after in (50..1300).step_by(50) {
        let time = NEUTRAL + ms(after);
        assert!(!still.needs_identity(time, &seen));
        assert_eq!(still.judge(time, &FrameSight::OneFace(seen), None), None);
    }
    assert!(still.needs_identity(PROMPTED + ms(1200), &seen));
}

#[test]
fn a_face_is_measured_by_its_landmarks() {
    let shape =
        FIVE.map(|[u, v]| Point { x: 300.0 + 160.0 * u as f32, y: 200.0 + 160.0 * v as f32 });
    let fit = DepthFit { across: 0.1, down: 0.2, correlation: 0.3 };
    let face = MeasuredFace::new(&Landmarks5::from_points(shape), fit).unwrap();
    assert!((face.width - 160.0).abs() < 1e-3 && face.yaw().abs() < 0.01);
    assert!((face.centre[0] - 300.0).abs() < 1e-3);
    assert_eq!(face.fit(), &fit);
    let same = Landmarks5::from_points([Point { x: 3.0, y: 3.0 }; 5]);
    assert!(MeasuredFace::new(&same, fit).is_err());
}

/// What a frame of an attacker may hold: any number, and every sight.
fn hostile() -> impl Strategy<Value = (u64, FrameSight, Option<f32>)> {
    let number = || prop_oneof![4 => -50.0_f32..50.0, 1 => prop::num::f32::ANY];
    let seen = (number(), number(), number(), 0.0_f64..640.0, 0.1_f64..500.0).prop_map(
        |(yaw, across, correlation, x, width)| {
            let mut seen = face(yaw, across, correlation);
            (seen.centre[0], seen.width) = (x, width);
            FrameSight::OneFace(seen)
        },
    );
    let sight = prop_oneof![
        1 => Just(FrameSight::NoFace), 1 => Just(FrameSight::SeveralFaces), 6 => seen
    ];
    (0_u64..400, sight, prop::option::of(number()))
}

proptest! {
    #[test]
    fn whatever_the_frames_hold_only_two_that_meet_the_rule_are_a_turn(
        frames in prop::collection::vec(hostile(), 1..60),
    ) {
        let mut judge = judge(Prompt::Left);
        let mut time = NEUTRAL;
        let mut row = 0;
        for (gap, sight, cosine) in frames {
            time += ms(gap);
            let meets = |seen: &MeasuredFace| {
                let fit = seen.fit;
                seen.yaw >= 12.0 && fit.across >= 0.12 && fit.correlation >= 0.6
                    && cosine.is_some_and(|cosine| cosine >= 0.5)
            };
            row = match &sight {
                FrameSight::OneFace(seen) if meets(seen) => row + 1,
                _ => 0,
            };
            let ended = judge.judge(time, &sight, cosine);
            if ended == Some(PromptOutcome::Followed) {
                prop_assert!(row >= 2);
                prop_assert!((ms(200)..=ms(2500)).contains(&(time - PROMPTED)));
            }
            if ended.is_some() {
                break;
            }
        }
    }
}
