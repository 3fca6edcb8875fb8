//! The ground on which F-pass is tested: a private machine per test, with F-pass installed on it,
//! a system bus, people with passwords, and a camera that shows what the test wants.

#![forbid(unsafe_code)]

mod accounts;
mod error;
mod ground;
mod namespace;
pub mod pam;
mod process;
pub mod scene;
pub mod stack;
pub mod stand_in;
pub mod tree;
pub mod watch;

pub use accounts::{ALICE, Account, BOB, CAROL, DAEMON_UID, DAVE};
pub use error::GroundError;
pub use ground::{Ground, MACHINE_ID, Reply, Run};
pub use pam::{Login, Transcript};
pub use scene::Scene;
