//! The D-Bus contract between `fpassd` and its clients, as types.
//!
//! This crate names the bus objects, the two verdicts, every refusal with its D-Bus error name and
//! sentence, the validated strings that cross the bus, and the arguments of the module's PAM line.
//! It performs no I/O.

#![forbid(unsafe_code)]

#[cfg(feature = "audit")]
pub mod audit;
mod display;
pub mod face_feedback;
pub mod guidance;
mod hex;
pub mod identifiers;
pub mod limits;
pub mod machine_identity;
pub mod names;
pub mod pam_arguments;
pub mod prompt;
#[cfg(feature = "proxy")]
pub mod proxy;
pub mod refusal;
pub mod report;
pub mod root_socket;
pub mod seat;
pub mod seat_config;
pub mod strength;
pub mod verdict;

pub use face_feedback::FaceFeedback;
pub use guidance::Guidance;
pub use identifiers::{IdentifierError, Label, ServiceName, Terminal, Uid, UserName};
pub use machine_identity::{MachineIdentity, MachineIdentityError};
pub use pam_arguments::{MessageScope, PamArgumentError, PamArguments, RecoveryAllowed};
pub use prompt::Prompt;
pub use refusal::{Refusal, RefusalClass};
pub use report::{
    AttemptsReport, CameraCheckReport, CameraReport, CounterReport, EnrolmentState, MachineStatus,
    PastAttempt, PictureReport, QualifyReport, TemplateReport,
};
pub use seat::Place;
pub use seat_config::{SeatConfig, SeatRefusal};
pub use strength::Strength;
pub use verdict::Verdict;
