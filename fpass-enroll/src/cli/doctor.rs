//! The arguments of `doctor`.

use clap::Args;

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// Print JSON: an array of objects with check, state (ok, warn or fail), found and remedy
    #[arg(long)]
    pub json: bool,
}
