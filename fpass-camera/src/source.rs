//! Where frames come from, as the root-owned configuration names it.

use crate::{Camera, CameraError, Fresh, Identity, recorded, v4l2};

/// One of the sources that can be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A V4L2 capture device.
    V4l2(v4l2::Settings),
    /// A directory of pictures or a clip.
    Recorded(recorded::Settings),
}

/// One capture device, usable or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Device path or, for a recording, its path.
    pub id: String,
    /// Name that the driver gives.
    pub name: String,
    /// Whether [`Source::open`] could use it.
    pub usable: bool,
    /// Formats when usable, otherwise the reason why not.
    pub detail: String,
}

impl Source {
    /// Starts a capture. A stream that repeats one picture ends as frozen. Where several cameras may be
    /// meant, those of `expected` are taken before any other; none of them need be there.
    ///
    /// # Errors
    /// Any [`CameraError`] but [`Frozen`](CameraError::Frozen).
    pub fn open(&self, expected: &[Identity]) -> Result<Box<dyn Camera>, CameraError> {
        Ok(match self {
            Self::V4l2(settings) => {
                Box::new(Fresh::new(v4l2::V4l2Camera::open(settings, expected)?))
            }
            Self::Recorded(settings) => {
                Box::new(Fresh::new(recorded::RecordedCamera::open(settings)?))
            }
        })
    }

    /// Every device of this kind with the reason for using or rejecting it; starts no capture.
    #[must_use]
    pub fn survey(&self) -> Vec<Device> {
        match self {
            Self::V4l2(settings) => v4l2::survey(settings),
            Self::Recorded(settings) => vec![recorded::survey(settings)],
        }
    }

    /// One line that names what is configured.
    #[must_use]
    pub fn description(&self) -> String {
        match self {
            Self::V4l2(settings) if settings.device.is_empty() => {
                "the first usable V4L2 camera".to_owned()
            }
            Self::V4l2(settings) => format!("V4L2 camera {}", settings.device),
            Self::Recorded(settings) => format!("recording {}", settings.path.display()),
        }
    }
}
