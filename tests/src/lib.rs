//! The testbed on which F-pass is tested: a private machine per test, with F-pass installed on it,
//! a system bus, people with passwords, and a camera that shows what the test wants.

#![forbid(unsafe_code)]

mod accounts;
mod background;
pub mod bus;
mod bus_policy;
pub mod bus_probe;
mod error;
pub mod fake_daemon;
pub mod figures;
pub mod journal;
pub mod listener;
pub mod logind;
pub mod machine;
mod namespace;
pub mod pam;
pub mod polkit;
pub mod polkitd;
mod process;
mod reply;
pub mod scene;
mod served;
pub mod siege;
pub mod soak;
pub mod stack;
pub mod strace;
mod testbed;
pub mod tree;
pub mod watch;

pub use accounts::{ALICE, Account, BOB, CAROL, DAEMON_UID, DAVE};
pub use background::Background;
pub use error::TestbedError;
pub use pam::{Login, Transcript};
pub use reply::Reply;
pub use scene::Scene;
pub use testbed::{MACHINE_ID, Run, Testbed};
