//! The switch that turns a camera off, as its driver reports it.

use v4l::control::Value;

use super::controls;

/// `V4L2_CID_PRIVACY` of the header `linux/v4l2-controls.h`.
const PRIVACY: u32 = 0x009a_0910;

/// Whether the driver reports that the camera is covered or switched off. False when it does not
/// report it. Some drivers know it only while the camera streams.
pub(super) fn is_reported(device: &v4l::Device) -> bool {
    match controls::read(device, PRIVACY) {
        Some(Value::Boolean(is_on)) => is_on,
        Some(Value::Integer(number)) => number != 0,
        Some(_) | None => false,
    }
}
