//! The ground on which F-pass is tested: a private machine per test, with F-pass installed on it,
//! a system bus, people with passwords, and a camera that shows what the test wants.

#![forbid(unsafe_code)]

mod accounts;
mod beside;
pub mod bus;
mod error;
pub mod figures;
mod ground;
pub mod journal;
pub mod logind;
pub mod machine;
mod namespace;
pub mod pam;
pub mod polkit;
mod process;
pub mod scene;
mod served;
pub mod soak;
pub mod stack;
pub mod stand_in;
pub mod strace;
pub mod tree;
pub mod watch;

pub use accounts::{ALICE, Account, BOB, CAROL, DAEMON_UID, DAVE};
pub use beside::Beside;
pub use error::GroundError;
pub use ground::{Ground, MACHINE_ID, Reply, Run};
pub use pam::{Login, Transcript};
pub use scene::Scene;
