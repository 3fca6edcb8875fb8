//! How the frames of an attempt are turned before anything else is done with them.

use std::time::Instant;

use fpass_camera::{Camera, CameraError, CameraId, Frame, Rotation};
use serde::Deserialize;

use crate::store::StoredTemplate;

/// `camera.rotation`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawRotation")]
pub(crate) enum RotationSetting {
    /// The one that a template of the camera notes, else one that names no camera, else what the
    /// driver says, else none. An enrolment finds it by the face.
    #[default]
    Auto,
    /// This one.
    Fixed(Rotation),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawRotation {
    Degrees(u16),
    Word(String),
}

impl TryFrom<RawRotation> for RotationSetting {
    type Error = &'static str;

    fn try_from(raw: RawRotation) -> Result<Self, Self::Error> {
        let rotation = match raw {
            RawRotation::Word(word) if word == "auto" => return Ok(Self::Auto),
            RawRotation::Word(_) => None,
            RawRotation::Degrees(degrees) => Rotation::of_degrees(degrees),
        };
        rotation.map(Self::Fixed).ok_or("camera.rotation must be \"auto\", 0, 90, 180 or 270")
    }
}

/// The setting, and the rotations that the templates of the user note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameRotation {
    setting: RotationSetting,
    /// The camera and the rotation of each template that notes one, the newest first.
    noted: Vec<(Option<CameraId>, Rotation)>,
}

impl FrameRotation {
    /// The setting, for a user with these templates.
    pub(crate) fn new(setting: RotationSetting, templates: &[StoredTemplate]) -> Self {
        let mut by_age: Vec<&StoredTemplate> = templates.iter().collect();
        by_age.sort_by_key(|template| std::cmp::Reverse(template.created));
        let noted = |template: &StoredTemplate| Some((template.camera.clone(), template.rotation?));
        Self { setting, noted: by_age.into_iter().filter_map(noted).collect() }
    }

    /// The camera, with its frames turned.
    pub(crate) fn apply(&self, camera: Box<dyn Camera>) -> TurnedCamera {
        let (rotation, is_fixed) = match self.setting {
            RotationSetting::Fixed(rotation) => (rotation, true),
            RotationSetting::Auto => {
                let noted = self.noted_for(camera.identity());
                (noted.or_else(|| camera.rotation_hint()).unwrap_or_default(), false)
            }
        };
        TurnedCamera { camera, rotation, is_fixed }
    }

    /// The rotation that the newest template of a camera notes. Otherwise that of a template that
    /// names no camera: an earlier version made it, of frames that were not turned, whatever the
    /// driver said.
    fn noted_for(&self, camera: Option<&CameraId>) -> Option<Rotation> {
        let of = |camera| self.noted.iter().find(|(id, _)| id.as_ref() == camera);
        of(camera).or_else(|| of(None)).map(|(_, rotation)| *rotation)
    }
}

/// A camera whose frames are turned.
pub(crate) struct TurnedCamera {
    camera: Box<dyn Camera>,
    rotation: Rotation,
    is_fixed: bool,
}

impl TurnedCamera {
    /// By how much the frames are turned.
    pub(crate) fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// Turns the frames further, unless the configuration says how they are turned. Returns whether
    /// it did.
    pub(crate) fn turn(&mut self, rotation: Rotation) -> bool {
        if !self.is_fixed {
            self.rotation = self.rotation.and(rotation);
        }
        !self.is_fixed
    }
}

impl Camera for TurnedCamera {
    fn frame(&mut self, until: Instant) -> Result<Option<Frame>, CameraError> {
        let frame = self.camera.frame(until)?;
        Ok(match self.rotation {
            Rotation::None => frame,
            rotation => frame.map(|frame| frame.turned(rotation)),
        })
    }

    fn description(&self) -> &str {
        self.camera.description()
    }

    fn identity(&self) -> Option<&CameraId> {
        self.camera.identity()
    }

    fn first_frame_at(&self) -> Option<Instant> {
        self.camera.first_frame_at()
    }

    fn is_built_in(&self) -> bool {
        self.camera.is_built_in()
    }

    fn is_infrared(&self) -> bool {
        self.camera.is_infrared()
    }

    fn awaits_first_frame(&self) -> bool {
        self.camera.awaits_first_frame()
    }

    fn rotation_hint(&self) -> Option<Rotation> {
        self.camera.rotation_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::enrolled_with;

    /// A camera with an identity whose driver gives a hint.
    struct HintingCamera(CameraId, Option<Rotation>);

    impl Camera for HintingCamera {
        fn frame(&mut self, _: Instant) -> Result<Option<Frame>, CameraError> {
            Ok(Frame::new(2, 1, vec![1, 1, 1, 2, 2, 2], 0))
        }

        fn description(&self) -> &str {
            "hinting"
        }

        fn identity(&self) -> Option<&CameraId> {
            Some(&self.0)
        }

        fn first_frame_at(&self) -> Option<Instant> {
            None
        }

        fn rotation_hint(&self) -> Option<Rotation> {
            self.1
        }
    }

    fn applied(rotation: &FrameRotation, hint: Option<Rotation>) -> Rotation {
        let camera = HintingCamera(CameraId::parse("uvcvideo usb-1").unwrap(), hint);
        rotation.apply(Box::new(camera)).rotation()
    }

    fn noted(camera: &str, created: u64, rotation: Option<Rotation>) -> StoredTemplate {
        StoredTemplate { created, rotation, ..enrolled_with(Some(camera)) }
    }

    #[test]
    fn only_quarters_and_auto_are_settings() {
        let read = |text: &str| {
            #[derive(Deserialize)]
            struct Line {
                rotation: RotationSetting,
            }
            toml::from_str::<Line>(&format!("rotation = {text}")).map(|line| line.rotation)
        };
        for text in ["1", "-90", "360", "90.0", "\"180\"", "\"Auto\"", "\"\"", "true", "[]"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(read("\"auto\"").unwrap(), RotationSetting::Auto);
        for rotation in Rotation::ALL {
            let text = rotation.degrees().to_string();
            assert_eq!(read(&text).unwrap(), RotationSetting::Fixed(rotation));
        }
    }

    #[test]
    fn the_setting_comes_before_the_newest_template_of_the_camera_and_that_before_the_driver() {
        let (auto, half) = (RotationSetting::Auto, RotationSetting::Fixed(Rotation::Half));
        let hint = Some(Rotation::ThreeQuarters);
        let templates = [
            noted("uvcvideo usb-1", 1, Some(Rotation::None)),
            noted("uvcvideo usb-1", 2, Some(Rotation::Quarter)),
            noted("uvcvideo usb-2", 3, Some(Rotation::Half)),
            noted("uvcvideo usb-1", 4, None),
        ];
        assert_eq!(applied(&FrameRotation::new(half, &templates), hint), Rotation::Half);
        assert_eq!(applied(&FrameRotation::new(auto, &templates), hint), Rotation::Quarter);
        assert_eq!(
            applied(&FrameRotation::new(auto, &templates[2..]), hint),
            Rotation::ThreeQuarters
        );
        assert_eq!(applied(&FrameRotation::new(auto, &[]), None), Rotation::None);
    }

    #[test]
    fn a_template_of_an_earlier_version_is_compared_without_a_hint_that_it_was_made_without() {
        let hint = Some(Rotation::Half);
        let of = |templates: &[StoredTemplate]| {
            applied(&FrameRotation::new(RotationSetting::Auto, templates), hint)
        };
        // Formats 3 and 4 name no camera, and their frames were not turned.
        let without_camera =
            |rotation| StoredTemplate { created: 1, rotation, ..enrolled_with(None) };
        let earlier = without_camera(Some(Rotation::None));
        assert_eq!(of(std::slice::from_ref(&earlier)), Rotation::None);
        let newer = noted("uvcvideo usb-2", 2, Some(Rotation::Quarter));
        assert_eq!(of(&[earlier.clone(), newer]), Rotation::None, "of another camera");
        let own = noted("uvcvideo usb-1", 2, Some(Rotation::Quarter));
        assert_eq!(of(&[earlier, own]), Rotation::Quarter);
        // One from another machine says nothing about the cameras of this one.
        assert_eq!(of(&[without_camera(None)]), Rotation::Half);
    }

    #[test]
    fn frames_are_turned_and_a_fixed_rotation_stays() {
        let camera = || Box::new(HintingCamera(CameraId::recording(), None));
        let mut found = FrameRotation::default().apply(camera());
        assert!(found.turn(Rotation::Half) && found.turn(Rotation::Quarter));
        assert_eq!(found.rotation(), Rotation::ThreeQuarters);
        let frame = found.frame(Instant::now()).unwrap().unwrap();
        assert_eq!((frame.width(), frame.pixels()), (1, &[2, 2, 2, 1, 1, 1][..]));
        let setting = RotationSetting::Fixed(Rotation::None);
        let mut fixed = FrameRotation::new(setting, &[]).apply(camera());
        assert!(!fixed.turn(Rotation::Half));
        assert_eq!(fixed.rotation(), Rotation::None);
    }
}
