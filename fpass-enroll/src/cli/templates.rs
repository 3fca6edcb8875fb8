//! Arguments of the commands about templates.

use clap::{Args, Subcommand};
use fpass_proto::Label;

use super::SubjectArgs;

/// Arguments of `add`.
#[derive(Args, Debug)]
pub struct AddArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Name for this look, such as "glasses"
    #[arg(short, long, value_parser = Label::parse, default_value_t = Label::default())]
    pub label: Label,
    /// Print lines instead of the camera's picture, for example for a screen reader
    #[arg(long)]
    pub plain: bool,
}

/// Arguments of `preview`.
#[derive(Args, Debug)]
pub struct PreviewArgs {
    /// Whose preview.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Print lines instead of the camera's picture, for example for a screen reader
    #[arg(long)]
    pub plain: bool,
}

/// Arguments of `list`.
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Print JSON: an array of objects with label, created (seconds since 1970, UTC), samples and
    /// adapted
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `rename`.
#[derive(Args, Debug)]
pub struct RenameArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Label as "fpass-enroll list" shows it
    #[arg(value_parser = Label::parse)]
    pub old: Label,
    /// Label to give it
    #[arg(value_parser = Label::parse)]
    pub new: Label,
}

/// Arguments of `remove`.
#[derive(Args, Debug)]
pub struct RemoveArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Label as "fpass-enroll list" shows it
    #[arg(value_parser = Label::parse)]
    pub label: Label,
}

/// Arguments of `clear`.
#[derive(Args, Debug)]
pub struct ClearArgs {
    /// Whose F-pass.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Also forget that there ever was an F-pass; only root may
    ///
    /// For a new account, or one whose user id belonged to somebody else before.
    #[arg(long)]
    pub forget: bool,
    /// With --forget: the user id of an account that no longer exists
    #[arg(long, value_name = "UID", requires = "forget", conflicts_with = "user")]
    pub uid: Option<u32>,
    /// Do not ask; needed without a terminal
    #[arg(short, long)]
    pub yes: bool,
}

/// Commands about samples that logins added.
#[derive(Debug, Subcommand)]
pub enum AdaptationCommand {
    /// Remove every sample that logins added; enrolled samples stay
    ///
    /// Confirmed with your password, then with your face: look at the camera.
    ///
    /// When an administrator has turned adaptation on, a login that recognises you with high
    /// certainty adds a sample to the most similar template. "fpass-enroll list" shows how many
    /// there are.
    Reset(SubjectArgs),
}
