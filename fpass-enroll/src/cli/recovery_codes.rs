//! Arguments of `recovery-codes`.

use clap::Args;

use super::SubjectArgs;

/// Arguments of `recovery-codes`.
#[derive(Args, Debug)]
pub struct RecoveryCodesArgs {
    /// Whose codes.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// Make every code void, without new ones
    #[arg(long)]
    pub remove: bool,
    /// Print JSON: an object with user, uid and codes
    #[arg(long)]
    pub json: bool,
    /// Do not ask; needed without a terminal when there are codes already
    #[arg(short, long)]
    pub yes: bool,
}
