//! Shared by the targets: limits of memory and time, and bytes as a D-Bus message.

mod cost;
mod message;

pub use cost::{Bounds, KIB, MIB, bounded};
pub use message::message;

/// Lets the product catch the panic of a decoder. libFuzzer's own hook ends the program at once,
/// also for a panic that is caught. A panic that is not caught still ends the program.
pub fn let_panics_be_caught() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))));
}
