//! Arguments of `setup`.

use clap::{Args, ValueEnum};
use fpass_proto::{ServiceName, UserName};

/// One step of `setup`, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SetupStep {
    /// Check the face models, and fetch them if they are missing
    Models,
    /// List the cameras
    Camera,
    /// Set up the F-pass of the user
    Enrol,
    /// See whether the camera recognises the user
    Test,
    /// Make recovery codes
    Codes,
    /// Choose the services that ask for the face
    Services,
    /// Prove the change without making it
    Proof,
    /// Make the change
    Enable,
    /// Try the services
    Try,
}

impl SetupStep {
    /// Every step, in order.
    pub const ALL: [Self; 9] = [
        Self::Models,
        Self::Camera,
        Self::Enrol,
        Self::Test,
        Self::Codes,
        Self::Services,
        Self::Proof,
        Self::Enable,
        Self::Try,
    ];
}

/// Arguments of `setup`.
#[derive(Args, Debug)]
pub struct SetupArgs {
    /// Whose F-pass; by default the user who ran sudo
    #[arg(short, long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
    /// PAM service that will ask for the face; may be given more than once
    #[arg(long = "service", value_name = "SERVICE", value_parser = super::pam::service)]
    pub services: Vec<ServiceName>,
    /// Leave out this step; may be given more than once
    #[arg(long, value_name = "STEP", conflicts_with = "only")]
    pub skip: Vec<SetupStep>,
    /// Make only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    pub only: Vec<SetupStep>,
    /// Ask nothing: make each step, and stop at the first that fails
    #[arg(short, long)]
    pub yes: bool,
}
