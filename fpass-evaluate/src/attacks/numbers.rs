//! Places in tables and pictures as numbers.

/// A place as a floating-point number.
#[expect(
    clippy::cast_precision_loss,
    reason = "tables and pictures have far less than 2^24 places"
)]
pub(super) fn real(place: usize) -> f32 {
    place as f32
}

/// The place below a number; 0 for a negative one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and callers clamp to the table or picture"
)]
pub(super) fn whole(number: f32) -> usize {
    number as usize
}
