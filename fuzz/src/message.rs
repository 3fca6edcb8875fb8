//! Bytes as a D-Bus message.

use zbus::{
    Message,
    wire::{Endian, serialized},
};

/// The message, when the bytes are one; the first byte says in which order its numbers are.
pub fn message(bytes: &[u8]) -> Option<Message> {
    let endian = match bytes.first()? {
        b'l' => Endian::Little,
        b'B' => Endian::Big,
        _ => return None,
    };
    let data = serialized::Data::new(bytes.to_vec(), serialized::Context::new(endian, 0));
    // SAFETY: this is the check that zbus itself gives to what a socket brings. Whether it holds for
    // any bytes is what is tried here.
    unsafe { Message::from_bytes(data) }.ok()
}
