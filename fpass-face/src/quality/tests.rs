use super::*;
use crate::align::face_square;
use crate::geometry::Point;

/// A change that puts one measure out of bounds.
type Spoil = fn(&mut Quality);

fn good() -> Quality {
    Quality {
        face_width_px: 150.0,
        face_share: 0.3,
        visible: 1.0,
        yaw: 0.0,
        pitch: 0.0,
        roll: 0.0,
        brightness: 110.0,
        contrast: 40.0,
        sharpness: 0.3,
    }
}

/// A face with its eyes on a line turned by `roll` degrees and the nose `aside` of and `below`
/// their midpoint, in eye distances.
fn landmarks(roll: f32, aside: f32, below: f32) -> Landmarks5 {
    let (sin, cos) = roll.to_radians().sin_cos();
    let at = |x: f32, y: f32| Point {
        x: 320.0 + 100.0 * (x * cos - y * sin),
        y: 240.0 + 100.0 * (x * sin + y * cos),
    };
    Landmarks5 {
        right_eye: at(-0.5, 0.0),
        left_eye: at(0.5, 0.0),
        nose_tip: at(aside, below),
        right_mouth: at(-0.4, 1.15),
        left_mouth: at(0.4, 1.15),
    }
}

#[test]
fn each_measure_out_of_bounds_is_its_own_issue() {
    let rows: [(Spoil, QualityIssue); 7] = [
        (|q| q.visible = 0.5, QualityIssue::CutOff),
        (|q| q.face_width_px = 40.0, QualityIssue::TooSmall),
        (|q| q.face_share = 1.0, QualityIssue::TooLarge),
        (|q| q.brightness = 5.0, QualityIssue::TooDark),
        (|q| q.brightness = 250.0, QualityIssue::TooBright),
        (|q| q.sharpness = 0.0, QualityIssue::Blurred),
        (|q| q.yaw = -50.0, QualityIssue::OffPose { yaw: -50.0, pitch: 0.0, roll: 0.0 }),
    ];
    for (spoil, issue) in rows {
        let mut quality = good();
        spoil(&mut quality);
        assert_eq!(quality.assess(&QualityLimits::default()), Some(issue));
    }
    assert_eq!(good().assess(&QualityLimits::default()), None);
}

#[test]
fn a_measure_that_is_nan_is_an_issue() {
    let rows: [Spoil; 8] = [
        |q| q.visible = f32::NAN,
        |q| q.face_width_px = f32::NAN,
        |q| q.face_share = f32::NAN,
        |q| q.brightness = f32::NAN,
        |q| q.yaw = f32::NAN,
        |q| q.pitch = f32::NAN,
        |q| q.roll = f32::NAN,
        |q| q.sharpness = f32::NAN,
    ];
    for (row, spoil) in rows.iter().enumerate() {
        let mut quality = good();
        spoil(&mut quality);
        assert!(quality.assess(&QualityLimits::default()).is_some(), "{row}");
    }
}

#[test]
fn a_level_face_has_no_angles() {
    let (yaw, pitch, roll) = pose(&landmarks(0.0, 0.0, NOSE_DROP));
    assert!(yaw.abs() < 0.1 && pitch.abs() < 0.1 && roll.abs() < 0.1);
}

#[test]
fn the_signs_of_the_angles_are_the_persons_own() {
    // The person's left is on the right of the picture.
    let (yaw, ..) = pose(&landmarks(0.0, 0.15, NOSE_DROP));
    assert!(yaw > 15.0, "{yaw}");
    let (_, up, _) = pose(&landmarks(0.0, 0.0, 0.3));
    let (_, down, _) = pose(&landmarks(0.0, 0.0, 0.67));
    assert!(up > 15.0 && down < -10.0, "{up} {down}");
    let (_, _, roll) = pose(&landmarks(20.0, 0.0, NOSE_DROP));
    assert!((roll - 20.0).abs() < 0.1, "{roll}");
}

#[test]
fn roll_changes_neither_yaw_nor_pitch() {
    let (yaw, pitch, _) = pose(&landmarks(0.0, 0.1, 0.5));
    let (rolled_yaw, rolled_pitch, _) = pose(&landmarks(-25.0, 0.1, 0.5));
    assert!((yaw - rolled_yaw).abs() < 0.1 && (pitch - rolled_pitch).abs() < 0.1);
}

/// The quality of a face in a grey picture of 320 × 240 pixels, measured as the recogniser does it.
fn measured(bounds: (f32, f32, f32, f32), landmarks: &Landmarks5) -> Quality {
    let pixels = vec![120; 320 * 240 * 3];
    let view = RgbView::new(320, 240, &pixels).unwrap();
    let (left, top, width, height) = bounds;
    let bounds = FaceBox::clip(left, top, width, height, 320, 240).unwrap();
    let mut aligned = AlignedFace::default();
    let square = face_square(landmarks, 320, 240);
    let aligned = square.ok().map(|square| {
        aligned.fill(&view, &square);
        &aligned
    });
    Quality::measure(&view, &bounds, landmarks, aligned)
}

#[test]
fn landmarks_outside_the_picture_are_a_face_cut_off() {
    let quality = measured((200.0, 100.0, 120.0, 140.0), &landmarks(0.0, 0.0, NOSE_DROP));
    assert_eq!(quality.assess(&QualityLimits::default()), Some(QualityIssue::CutOff));
}

#[test]
fn coinciding_eyes_are_an_issue() {
    let coinciding = Landmarks5::from_points([Point { x: 100.0, y: 100.0 }; 5]);
    let quality = measured((50.0, 50.0, 100.0, 100.0), &coinciding);
    assert!(quality.assess(&QualityLimits::default()).is_some());
}

#[test]
fn an_enrolment_is_stricter_than_an_attempt() {
    let rows: [(Spoil, QualityIssue); 6] = [
        (|q| q.visible = 0.9, QualityIssue::CutOff),
        (|q| q.face_width_px = 80.0, QualityIssue::TooSmall),
        (|q| q.face_share = 0.92, QualityIssue::TooLarge),
        (|q| q.brightness = 35.0, QualityIssue::TooDark),
        (|q| q.brightness = 210.0, QualityIssue::TooBright),
        (|q| q.sharpness = 0.05, QualityIssue::Blurred),
    ];
    for (spoil, issue) in rows {
        let mut quality = good();
        spoil(&mut quality);
        assert_eq!(quality.assess(&QualityLimits::default()), None, "{issue:?}");
        assert_eq!(quality.assess(&QualityLimits::enrolment()), Some(issue));
    }
    let turns: [Spoil; 3] = [|q| q.yaw = 29.0, |q| q.pitch = -30.0, |q| q.roll = 22.0];
    for turn in turns {
        let mut quality = good();
        turn(&mut quality);
        assert_eq!(quality.assess(&QualityLimits::default()), None);
        let issue = quality.assess(&QualityLimits::enrolment());
        assert!(matches!(issue, Some(QualityIssue::OffPose { .. })), "{issue:?}");
    }
    assert_eq!(good().assess(&QualityLimits::enrolment()), None);
}
