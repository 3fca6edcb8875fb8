//! Frame rate and mean brightness of the camera. Faces are not searched for, and no frame leaves
//! this file.

use std::time::{Duration, Instant};

use fpass_camera::{Camera, Frame};
use fpass_proto::{CameraCheckReport, Refusal};

use crate::frames::{AttemptLimits, next_frame};

/// Longest time of a check after the first frame.
pub(crate) const CHECK_TIME: Duration = Duration::from_millis(1500);
/// Frames after which a check ends early.
const FRAMES_MAX: u32 = 60;
/// One in this many pixels is used for the brightness.
const STRIDE: usize = 16;

/// Measures frames until [`FRAMES_MAX`] or the deadline.
///
/// # Errors
/// [`Refusal::CameraSilent`] without a frame; [`Refusal::Cancelled`]; faults of the camera.
pub(crate) fn check_camera(
    camera: &mut dyn Camera,
    limits: &AttemptLimits<'_>,
) -> Result<CameraCheckReport, Refusal> {
    let opened = Instant::now();
    let mut limits = AttemptLimits { ..*limits };
    let mut report = CameraCheckReport { frames: 0, brightness: 0.0, frame_rate: 0.0 };
    let (mut first, mut last) = (opened, opened);
    while report.frames < FRAMES_MAX {
        let Some(frame) = next_frame(camera, &limits)? else {
            break;
        };
        last = frame.captured();
        if report.frames == 0 {
            first = last;
            limits.deadline = limits.deadline.min(Instant::now() + CHECK_TIME);
        }
        report.frames += 1;
        report.brightness += (luma(&frame) - report.brightness) / f64::from(report.frames);
    }
    if report.frames == 0 {
        return Err(Refusal::CameraSilent);
    }
    let span = last.saturating_duration_since(first).as_secs_f64();
    if span > 0.0 {
        report.frame_rate = f64::from(report.frames - 1) / span;
    }
    Ok(report)
}

/// Mean luma of a frame, 0 to 255.
fn luma(frame: &Frame) -> f64 {
    let (pixels, _) = frame.pixels().as_chunks::<3>();
    let (mut sum, mut count) = (0.0, 0.0);
    for [red, green, blue] in pixels.iter().step_by(STRIDE) {
        sum += 0.299 * f64::from(*red) + 0.587 * f64::from(*green) + 0.114 * f64::from(*blue);
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cancel::CancelFlag,
        comparison_flag::ComparisonFlag,
        scripted::{Scene, ScriptedCamera, draw},
    };

    fn looked(script: &[Scene], cancel: &CancelFlag) -> Result<CameraCheckReport, Refusal> {
        let mut camera = ScriptedCamera::showing(script);
        let started = Instant::now();
        let deadline = started + Duration::from_millis(100);
        let compared = ComparisonFlag::default();
        let report = check_camera(
            &mut camera,
            &AttemptLimits { started, deadline, cancel, compared: &compared, draw: &draw() },
        );
        assert!(!compared.is_set());
        report
    }

    #[test]
    fn a_camera_without_frames_and_a_caller_who_left_are_refused() {
        let cancel = CancelFlag::default();
        assert_eq!(looked(&[], &cancel), Err(Refusal::CameraSilent));
        cancel.raise();
        assert_eq!(looked(&[Scene::Nobody], &cancel), Err(Refusal::Cancelled));
    }

    #[test]
    fn the_brightness_is_the_mean_of_all_frames() {
        let script = [Scene::Nobody, Scene::User(20)];
        let report = looked(&script, &CancelFlag::default()).unwrap();
        let shades = script.map(|shown| f64::from(shown.shade()));
        assert_eq!(report.frames, 2);
        assert!((report.brightness - (shades[0] + shades[1]) / 2.0).abs() < 0.01, "{report:?}");
        assert!(report.frame_rate.is_finite(), "{report:?}");
    }
}
