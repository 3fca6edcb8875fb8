//! Controls of a driver, read for hints only.

use std::panic::{AssertUnwindSafe, catch_unwind};

use v4l::{Device, control::Value};

/// The value of a control, or `None` when the driver does not have it or describes it in a way that
/// is not known.
pub(super) fn read(device: &Device, control: u32) -> Option<Value> {
    // The `v4l` crate panics on kinds of controls that it does not know, and on names that are not
    // UTF-8.
    let answer = catch_unwind(AssertUnwindSafe(|| device.control(control)));
    answer.ok().and_then(Result::ok).map(|control| control.value)
}
