//! Bytes as a D-Bus message.

use zbus::{
    Message,
    wire::{Endian, serialized},
};

/// The bytes as a message, or `None`. The first byte gives the byte order.
pub fn message(bytes: &[u8]) -> Option<Message> {
    let endian = match bytes.first()? {
        b'l' => Endian::Little,
        b'B' => Endian::Big,
        _ => return None,
    };
    let data = serialized::Data::new(bytes.to_vec(), serialized::Context::new(endian, 0));
    // SAFETY: zbus itself calls this with the bytes of a socket. The target tests that it is sound
    // for any bytes.
    unsafe { Message::from_bytes(data) }.ok()
}
