//! Settings of a V4L2 camera.

use std::time::Duration;

use crate::formats::PixelFormat;

/// The settings of a V4L2 camera.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct V4l2Settings {
    /// Device node `/dev/videoN`, a symbolic link to one, or `usb:VENDOR:PRODUCT[:SERIAL]`. Empty
    /// for the best camera that is not virtual.
    pub device: String,
    /// The only format that is used; `None` for the best one that the camera offers.
    pub format: Option<PixelFormat>,
    /// Wanted width in pixels; the closest one that the camera offers is used.
    pub width: u32,
    /// Wanted height in pixels.
    pub height: u32,
    /// Wanted frames per second.
    pub frame_rate: u32,
    /// Most frames that are dropped after the start while the exposure settles. Fewer are dropped
    /// when the brightness of successive frames stays the same, or two seconds have passed.
    pub warm_up_frames: u32,
    /// Time without a frame after which the camera counts as silent.
    pub frame_timeout: Duration,
}
