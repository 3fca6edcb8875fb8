//! Shell completions of `fpass-enroll`, where each shell looks for them.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use fpass_enroll::cli::Cli;

use crate::error::Error;

/// Each shell with the directory that it searches.
const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "usr/share/bash-completion/completions"),
    (Shell::Zsh, "usr/share/zsh/site-functions"),
    (Shell::Fish, "usr/share/fish/vendor_completions.d"),
];

/// Name under which bash-completion loads the file on demand.
const BASH_NAME: &str = "fpass-enroll";

/// Writes one file for each shell below `into`.
pub(crate) fn generate(into: &Path) -> Result<(), Error> {
    for (shell, directory) in SHELLS {
        let directory = into.join(directory);
        fs::create_dir_all(&directory).map_err(|error| Error::write(&directory, error))?;
        let written = clap_complete::generate_to(shell, &mut Cli::command(), BASH_NAME, &directory)
            .map_err(|error| Error::write(&directory, error))?;
        if shell == Shell::Bash {
            let loaded = directory.join(BASH_NAME);
            fs::rename(&written, &loaded).map_err(|error| Error::write(&loaded, error))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_completes_every_command() {
        let scratch = tempfile::tempdir().unwrap();
        generate(scratch.path()).unwrap();
        for file in [
            "usr/share/bash-completion/completions/fpass-enroll",
            "usr/share/zsh/site-functions/_fpass-enroll",
            "usr/share/fish/vendor_completions.d/fpass-enroll.fish",
        ] {
            let text = fs::read_to_string(scratch.path().join(file)).unwrap();
            for command in Cli::command().get_subcommands() {
                assert!(text.contains(command.get_name()), "{file}: {}", command.get_name());
            }
        }
    }
}
