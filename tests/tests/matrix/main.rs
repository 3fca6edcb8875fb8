//! The fail matrix: every outcome and every fault, in every kind of stack, through real libpam.
//!
//! Each test writes its part of the table, which `scripts/matrix` prints.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this program is tests"
)]

mod attempt;
mod cancel;
mod faults;
mod forged;
#[allow(dead_code, reason = "shared with another test program")]
#[path = "../module/host.rs"]
mod host;
mod outcomes;
mod process;
mod prompts;
mod recovery;
mod refusals;
mod root_socket;
mod scenarios;
mod soak;
mod stacks;
mod table;
#[allow(dead_code, reason = "shared with another test program")]
#[path = "../module/witness.rs"]
mod witness;

use fpass_tests::Testbed;

/// `PAM_SUCCESS`
const SUCCESS: i32 = 0;
/// `PAM_SERVICE_ERR`
const SERVICE_ERR: i32 = 3;
/// `PAM_SYSTEM_ERR`
const SYSTEM_ERR: i32 = 4;
/// `PAM_BUF_ERR`
const BUF_ERR: i32 = 5;
/// `PAM_PERM_DENIED`, the result of libpam if no module decided.
const PERM_DENIED: i32 = 6;
/// `PAM_AUTH_ERR`
const AUTH_ERR: i32 = 7;
/// `PAM_AUTHINFO_UNAVAIL`
const UNAVAIL: i32 = 9;
/// `PAM_USER_UNKNOWN`
const USER_UNKNOWN: i32 = 10;
/// `PAM_MAXTRIES`
const MAXTRIES: i32 = 11;
/// `PAM_CONV_ERR`
const CONV_ERR: i32 = 19;
/// `PAM_IGNORE`
const IGNORE: i32 = 25;
/// `PAM_ABORT`
const ABORT: i32 = 26;

/// A machine with the witness in place, and without a daemon.
fn machine() -> Testbed {
    let mut testbed = Testbed::new().unwrap();
    testbed.hide_logs();
    attempt::install_witness();
    testbed
}

/// A machine with the real daemon, on which alice is enrolled and in front of the camera.
fn with_alice() -> Testbed {
    let mut testbed = machine();
    testbed.start_with_alice().unwrap();
    testbed
}
