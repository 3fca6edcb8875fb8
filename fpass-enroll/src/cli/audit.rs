//! The arguments of `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fpass_proto::{UserName, audit::Head};

use crate::timestamp::{self, Timestamp};

/// Commands about the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Show the records of attempts and changes
    ///
    /// Times are in UTC, by the clock of fpassd. Records whose hash does not match their fields are
    /// marked. Use "audit verify" to find missing records.
    Show(ShowArgs),
    /// Check that no record was removed, altered, moved or inserted
    ///
    /// As root, the command asks fpassd for the head of the chain, so it also finds a missing last
    /// record. A missing beginning is not an error, because journals rotate. A record can also be
    /// missing after a crash of the machine, or because the journal did not accept it. The exit
    /// code is 0 when nothing is wrong and 30 otherwise.
    ///
    /// Someone who can write to the store of fpassd can make another chain with another head. Keep
    /// the last line of the output in another place, and give it with --head.
    Verify(VerifyArgs),
}

/// Where the records are.
#[derive(Args, Debug)]
pub struct LogArgs {
    /// Read lines of "journalctl --output=json" from this file, or standard input for "-", instead
    /// of the journal of this machine
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
    pub log: LogArgs,
    /// Only records about this user, or by this user
    #[arg(short, long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
}

/// Arguments of `audit verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Where the records are.
    #[command(flatten)]
    pub log: LogArgs,
    /// The record with this number and hash must be there: a head that was noted before
    #[arg(long, value_name = "SEQUENCE:HASH", value_parser = str::parse::<Head>)]
    pub head: Option<Head>,
    /// The first record of the chain must be there
    #[arg(long, conflicts_with = "since")]
    pub from_start: bool,
}

impl AuditCommand {
    /// Whether the output is for a program.
    pub(super) const fn prints_json(&self) -> bool {
        match self {
            Self::Show(arguments) => arguments.log.json,
            Self::Verify(arguments) => arguments.log.json,
        }
    }
}
