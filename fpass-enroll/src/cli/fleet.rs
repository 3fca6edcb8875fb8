//! Arguments of `fleet`, `export` and `import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use fpass_proto::{MachineIdentity, UserName};

use crate::peers::PeerName;

/// Commands about the machines of one owner.
#[derive(Debug, Subcommand)]
pub enum FleetCommand {
    /// Print the identity of this machine, for other machines
    ///
    /// The line is not secret, but it must arrive unaltered: copy it over a connection that you
    /// trust, or compare it by eye.
    Identity(IdentityArgs),
    /// Trust a machine: templates may come from it and go to it
    Trust(TrustArgs),
    /// List the machines that are trusted
    List(IdentityArgs),
    /// Stop trusting a machine
    Distrust(PeerArgs),
}

/// Arguments of `fleet identity` and `fleet list`.
#[derive(Args, Debug)]
pub struct IdentityArgs {
    /// Print JSON: an object with identity; for list, an array of objects with name and identity
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `fleet distrust`.
#[derive(Args, Debug)]
pub struct PeerArgs {
    /// Name of the machine in this list
    #[arg(value_parser = PeerName::parse)]
    pub name: PeerName,
}

/// Arguments of `fleet trust`.
#[derive(Args, Debug)]
pub struct TrustArgs {
    /// Name for the machine: letters, digits, dots, hyphens and underscores
    #[arg(value_parser = PeerName::parse)]
    pub name: PeerName,
    /// The line that "fpass-enroll fleet identity" prints on that machine
    #[arg(value_parser = MachineIdentity::parse)]
    pub identity: MachineIdentity,
}

/// Arguments of `export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Machine that may read the files, by its name in "fpass-enroll fleet list"
    #[arg(long = "for", value_name = "MACHINE", value_parser = PeerName::parse)]
    pub recipient: PeerName,
    /// User to export; can be given several times. By default every enrolled user
    #[arg(short, long = "user", value_name = "USER", value_parser = UserName::parse)]
    pub users: Vec<UserName>,
    /// Directory to write the files into; files of the same name are replaced
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub into: PathBuf,
    /// Print JSON: an array of objects with user and file
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Machine that wrote the files, by its name in "fpass-enroll fleet list"
    #[arg(long = "from", value_name = "MACHINE", value_parser = PeerName::parse)]
    pub sender: PeerName,
    /// Admit only files about this user; by default each file says whose it is
    #[arg(short, long, value_name = "USER", value_parser = UserName::parse)]
    pub user: Option<UserName>,
    /// Replace the templates that the user has here; recovery codes become void
    #[arg(long)]
    pub replace: bool,
    /// Files that "fpass-enroll export" wrote on that machine
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print JSON: an array of objects with user and file
    #[arg(long)]
    pub json: bool,
}

impl FleetCommand {
    /// Whether the output is for a program.
    pub(super) const fn prints_json(&self) -> bool {
        match self {
            Self::Identity(IdentityArgs { json }) | Self::List(IdentityArgs { json }) => *json,
            Self::Trust(_) | Self::Distrust(_) => false,
        }
    }
}
