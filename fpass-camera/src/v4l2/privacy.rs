//! The switch that turns a camera off, as its driver reports it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use v4l::control::Value;

/// `V4L2_CID_PRIVACY` of the header `linux/v4l2-controls.h`.
const PRIVACY: u32 = 0x009a_0910;

/// Whether the driver reports that the camera is covered or switched off. False when it does not
/// report it. Some drivers know it only while the camera streams.
pub(super) fn is_reported(device: &v4l::Device) -> bool {
    // The `v4l` crate panics on kinds of controls that it does not know.
    let control = catch_unwind(AssertUnwindSafe(|| device.control(PRIVACY)));
    match control.ok().and_then(Result::ok).map(|control| control.value) {
        Some(Value::Boolean(is_on)) => is_on,
        Some(Value::Integer(number)) => number != 0,
        Some(_) | None => false,
    }
}
