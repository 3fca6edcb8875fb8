//! Frames from a V4L2 camera or from a recording.
//!
//! The configuration names a [`Source`]. Opening it gives a [`Camera`], whose frames are all
//! captured after the opening. A stream that repeats one picture ends with [`CameraError::Frozen`].
//! Frames are RGB8, erased when dropped, and never written to a file.
#![forbid(unsafe_code)]

mod buffers;
mod camera;
mod camera_id;
mod device;
mod error;
pub mod formats;
mod frame;
mod freshness;
#[cfg(fuzzing)]
pub mod fuzzing;
mod pictures;
pub mod recorded;
mod rotation;
mod source;
pub mod v4l2;
mod y4m;

pub use camera::Camera;
pub use camera_id::CameraId;
pub use device::DeviceInfo;
pub use error::{BridgedPictures, CameraError, RecordingFault};
pub use formats::FormatError;
pub use frame::Frame;
pub use freshness::FreshnessGuard;
pub use recorded::{RecordingReader, RecordingSettings};
pub use rotation::Rotation;
pub use source::Source;
pub use v4l2::V4l2Settings;
pub use y4m::{ClipError, ClipStream};
