//! The configured source of frames.

use crate::{
    Camera, CameraError, CameraId, DeviceInfo, FreshnessGuard,
    recorded::{self, RecordingSettings},
    v4l2::{self, V4l2Settings},
};

/// A source of frames as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A V4L2 capture device.
    V4l2(V4l2Settings),
    /// A directory of pictures or a clip.
    Recorded(RecordingSettings),
}

impl Source {
    /// Starts a capture, guarded against a stream that repeats one picture. If the configuration
    /// admits several cameras, those of `expected` that are present come before any other.
    ///
    /// # Errors
    /// Any [`CameraError`] except [`Frozen`](CameraError::Frozen).
    pub fn open(&self, expected: &[CameraId]) -> Result<Box<dyn Camera>, CameraError> {
        Ok(match self {
            Self::V4l2(settings) => {
                Box::new(FreshnessGuard::new(v4l2::V4l2Camera::open(settings, expected)?))
            }
            Self::Recorded(settings) => {
                Box::new(FreshnessGuard::new(recorded::RecordedCamera::open(settings)?))
            }
        })
    }

    /// Every device of this kind with the reason for using or rejecting it. Starts no capture.
    #[must_use]
    pub fn list_devices(&self) -> Vec<DeviceInfo> {
        match self {
            Self::V4l2(settings) => v4l2::list_devices(settings),
            Self::Recorded(settings) => vec![recorded::describe_device(settings)],
        }
    }

    /// Whether the configured camera is an infra-red one: all its pictures are without colour.
    /// `None` if no such camera is there now.
    #[must_use]
    pub fn is_infrared(&self) -> Option<bool> {
        match self {
            Self::V4l2(settings) => v4l2::is_infrared(settings),
            Self::Recorded(_) => Some(false),
        }
    }

    /// One line that names the configured source.
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
