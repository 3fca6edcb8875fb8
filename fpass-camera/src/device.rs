//! Capture devices as they are listed.

/// One capture device, usable or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// Path of the device node or of the recording.
    pub id: String,
    /// Name given by the driver.
    pub name: String,
    /// Whether [`Source::open`](crate::Source::open) could use it.
    pub usable: bool,
    /// The formats of a usable device, otherwise the reason why it is not used.
    pub detail: String,
}
