//! `fpass-enroll cameras`: every capture device, and why it is used or not.

use fpass_terminal::{Printable, say, say_json};

use crate::cli::CamerasArgs;
use crate::daemon::{Daemon, answer};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{pad, tell, told};

/// Lists cameras. The exit code tells whether one is usable.
pub(super) async fn cameras(arguments: &CamerasArgs) -> Result<ExitCode, Error> {
    let daemon = Daemon::connect().await?;
    let cameras = answer(daemon.machine().await?.cameras()).await?;
    if arguments.json {
        say_json(&cameras)?;
    } else if cameras.is_empty() {
        tell!("No camera was found; plug one in and run this again.")?;
    } else {
        for camera in &cameras {
            let mark = if camera.usable { told!("usable") } else { told!("not used") };
            say(format_args!(
                "{}  {}  {}\n          {}",
                pad(mark.as_str(), 8),
                Printable(&camera.id),
                Printable(&camera.name),
                Printable(&camera.detail)
            ))?;
        }
    }
    let usable = cameras.iter().any(|camera| camera.usable);
    Ok(if usable { ExitCode::Done } else { ExitCode::Conditions })
}
