//! Arguments of `register`.

use clap::Args;
use fpass_proto::UserName;

/// Arguments of `register`.
#[derive(Args, Debug)]
pub struct RegisterArgs {
    /// Login name of the new account
    #[arg(value_name = "USER", value_parser = UserName::parse)]
    pub user: UserName,
    /// Full name, or another comment for the account
    #[arg(short, long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// Additional groups, separated by commas
    #[arg(short = 'G', long, value_name = "GROUPS")]
    pub groups: Option<String>,
    /// Login shell
    #[arg(short, long, value_name = "PROGRAM")]
    pub shell: Option<String>,
    /// Read the password from one line of standard input instead of asking for it twice
    #[arg(long)]
    pub password_stdin: bool,
    /// Set up the F-pass at the first login of the user
    ///
    /// The login services must ask for it, with enroll=required; see pam_fpass(8).
    #[arg(long)]
    pub set_up_at_login: bool,
}
