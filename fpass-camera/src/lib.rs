//! Frames from a V4L2 camera or from a recording.
//!
//! A [`Source`] is what the configuration names. Opening it gives a [`Camera`] whose frames were
//! all captured after the opening and are checked for freshness: a stream that repeats one
//! picture ends with [`CameraError::Frozen`]. Frames are RGB8, erased when dropped, and never
//! written anywhere.
#![forbid(unsafe_code)]

mod buffers;
mod camera;
mod error;
pub mod formats;
mod frame;
mod fresh;
mod identity;
mod pictures;
pub mod recorded;
mod source;
pub mod v4l2;
mod y4m;

pub use camera::Camera;
pub use error::{CameraError, RecordingFault};
pub use formats::FormatError;
pub use frame::Frame;
pub use fresh::Fresh;
pub use identity::Identity;
pub use source::{Device, Source};
pub use y4m::ClipError;
