//! What the targets share: bounds on memory and time, and bytes as a D-Bus message.

mod cost;
mod message;

pub use cost::{Bounds, KIB, MIB, bounded};
pub use message::message;
