//! The arguments of `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fpass_proto::{UserName, audit::Head};

use crate::timestamp::{self, Timestamp};

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Show the records of attempts and changes
    ///
    /// Times are those of the daemon, in UTC. Records whose hash does not belong to their fields are
    /// marked; whether one is missing, "audit verify" tells.
    Show(ShowArgs),
    /// Check that no record was removed, altered, moved or inserted
    ///
    /// As root, the head of the chain is asked of the daemon, so that a missing last record shows too.
    /// A missing beginning is no fault, since journals rotate. A crash of the machine, or a journal that
    /// did not take a record, leaves a record that is missing. The exit code is 0 when nothing is wrong
    /// and 30 otherwise.
    ///
    /// Whoever can write into the daemon's store can make another chain with another head: note the
    /// last line of the output elsewhere, and give it with --head.
    Verify(VerifyArgs),
}

/// Where the records are.
#[derive(Args, Debug)]
pub struct TrailArgs {
    /// Read lines of "journalctl --output=json" from this file, or standard input for "-", instead of
    /// the journal of this machine
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Only records from then on: YYYY-MM-DD, "YYYY-MM-DD HH:MM" (UTC), or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = timestamp::parse)]
    pub since: Option<Timestamp>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `audit show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// Where the records are.
    #[command(flatten)]
    pub trail: TrailArgs,
    /// Only records about this user, or by this user
    #[arg(short, long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
}

/// Arguments of `audit verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Where the records are.
    #[command(flatten)]
    pub trail: TrailArgs,
    /// The record with this place and hash must be among them: the head, as noted before
    #[arg(long, value_name = "SEQUENCE:HASH", value_parser = str::parse::<Head>)]
    pub head: Option<Head>,
    /// The very first record must be among them
    #[arg(long, conflicts_with = "since")]
    pub from_start: bool,
}
