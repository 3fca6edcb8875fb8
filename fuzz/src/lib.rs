//! What the targets share: bounds on memory and time, and bytes as a D-Bus message.

mod cost;
mod message;

pub use cost::{Bounds, KIB, MIB, bounded};
pub use message::message;

/// Lets the product catch a decoder's panic. libFuzzer's own hook ends the program at once, also for
/// a panic that is caught; one that nobody catches ends it all the same.
pub fn let_panics_be_caught() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))));
}
