//! A clip of a person as the material of attacks: a neutral frame and the place of the face in it.

use fpass_camera::Frame;
use fpass_face::liveness::{HeadPose, Placement};
use fpass_face::{Landmarks5, Observation, Recogniser, RgbView};

use super::plan::FACE_WIDTH;
use super::texture::Texture;
use crate::clip_frames::ClipFrames;
use crate::clips::ClipFile;
use crate::error::Error;

/// Frames in which a neutral face is looked for.
const FRAMES_SEARCHED: u64 = 90;
/// Largest yaw and roll in degrees of a usable face, and its smallest width in pixels.
const ANGLE_MAX: f64 = 6.0;
const WIDTH_MIN: f64 = 60.0;
/// Height of the nose of a level head (`HeadPose`), and degrees for one unit of it.
const NOSE_HEIGHT: f64 = 0.55;
const NOSE_DEGREES: f64 = 100.0;
/// Longest part of a clip that is replayed, in seconds, and the shortest that is worth it.
pub(super) const REPLAY_MAX: f64 = 8.0;
const REPLAY_MIN: f64 = 1.5;
/// How far the middle of a sheet is below the eyes, in face widths.
const MIDDLE: f64 = 0.2;

/// Where the neutral face is in a clip.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct NeutralPlace {
    frame: u64,
    centre: [f32; 2],
    /// One centimetre of the face to its right, in pixels.
    across: [f32; 2],
}

/// A clip that shows a face.
#[derive(Clone, Debug)]
pub(super) struct Source {
    /// The clip.
    pub(super) clip: ClipFile,
    /// Its most neutral frame.
    pub(super) place: NeutralPlace,
    /// Whether it is long enough to be replayed.
    pub(super) is_replayable: bool,
}

impl Source {
    /// Looks for the most neutral face at the beginning of a clip. `None` when no frame has one.
    ///
    /// # Errors
    /// [`Error::Clip`], [`Error::NoDecoder`], and [`Error::Recogniser`].
    pub(super) fn find(
        recogniser: &mut Recogniser,
        clip: &ClipFile,
        frame_rate: u32,
    ) -> Result<Option<Self>, Error> {
        let mut frames = ClipFrames::open(clip, frame_rate)?;
        recogniser.begin();
        let (mut best, mut seconds) = (None, 0.0);
        let mut number = 0;
        while let Some((time, frame)) = frames.frame()? {
            seconds = time.as_secs_f64();
            if number >= FRAMES_SEARCHED && seconds >= REPLAY_MIN {
                break;
            }
            if number < FRAMES_SEARCHED
                && let Ok(view) = RgbView::new(frame.width(), frame.height(), frame.pixels())
                && let Observation::OneFace(face) = recogniser.observe(&view)?
                && let Some((place, unrest)) = place(&face.landmarks, number)
                && best.is_none_or(|(_, least)| unrest < least)
            {
                best = Some((place, unrest));
            }
            number += 1;
        }
        let is_replayable = seconds >= REPLAY_MIN;
        Ok(best.map(|(place, _)| Self { clip: clip.clone(), place, is_replayable }))
    }

    /// The neutral frame on a sheet, at a share of life-size.
    ///
    /// # Errors
    /// [`Error::Clip`], [`Error::NoDecoder`].
    pub(super) fn still(&self, frame_rate: u32) -> Result<Still, Error> {
        let mut frames = ClipFrames::open(&self.clip, frame_rate)?;
        while let Some((_, frame)) = frames.frame()? {
            if frame.sequence() == self.place.frame {
                return Ok(Still { place: self.place, frame });
            }
        }
        Err(Error::Clip {
            path: self.clip.path.clone(),
            reason: "it has fewer frames than before".to_owned(),
        })
    }
}

/// One frame with the place of its face.
pub(super) struct Still {
    place: NeutralPlace,
    frame: Frame,
}

impl Still {
    /// The frame on a sheet, at a share of life-size.
    pub(super) fn texture(&self, scale: f32) -> Texture {
        let NeutralPlace { centre, across, .. } = self.place;
        let sides = (self.frame.width(), self.frame.height());
        let across = across.map(|length| length / scale);
        Texture::new(sides, self.frame.pixels().to_vec(), centre, across)
    }
}

/// The place of a face, and how far it is from neutral in degrees. `None` when it is unusable.
fn place(landmarks: &Landmarks5, frame: u64) -> Option<(NeutralPlace, f64)> {
    let pose = HeadPose::of(landmarks);
    let width = Placement::of(landmarks).ok()?.width();
    let usable = pose.yaw.abs() <= ANGLE_MAX && pose.roll.abs() <= ANGLE_MAX && width >= WIDTH_MIN;
    if !usable {
        return None;
    }
    let nodded = NOSE_DEGREES * (pose.nose_height - NOSE_HEIGHT).abs();
    let eyes = landmarks.right_eye.midpoint(landmarks.left_eye);
    let (sin, cos) = pose.roll.to_radians().sin_cos();
    let centre =
        [f64::from(eyes.x) - sin * MIDDLE * width, f64::from(eyes.y) + cos * MIDDLE * width];
    let per_centimetre = width / f64::from(FACE_WIDTH);
    let across = [per_centimetre * cos, per_centimetre * sin];
    let place = NeutralPlace { frame, centre: centre.map(single), across: across.map(single) };
    Some((place, pose.yaw.abs() + pose.roll.abs() + nodded))
}

#[expect(clippy::cast_possible_truncation, reason = "places in a picture")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use fpass_face::Point;

    use super::*;

    fn face(nose: f32) -> Landmarks5 {
        let at = |x: f32, y: f32| Point { x, y };
        Landmarks5::from_points([
            at(180.0, 200.0),
            at(220.0, 200.0),
            at(200.0 + nose, 224.0),
            at(184.0, 244.0),
            at(216.0, 244.0),
        ])
    }

    #[test]
    fn a_turned_face_is_no_source_and_a_neutral_one_has_its_place() {
        assert_eq!(place(&face(9.0), 0), None);
        let (found, unrest) = place(&face(0.0), 7).unwrap();
        assert!(unrest < 2.0, "{unrest}");
        assert_eq!(found.frame, 7);
        assert!((found.centre[0] - 200.0).abs() < 0.1 && found.centre[1] > 210.0, "{found:?}");
        // Eyes that are 40 pixels apart belong to a face 97 pixels wide.
        assert!((found.across[0] * FACE_WIDTH - 97.0).abs() < 3.0, "{found:?}");
        assert!(place(&face(3.0), 0).is_none_or(|(_, turned)| turned > unrest));
    }
}
