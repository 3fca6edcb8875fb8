//! Shell completions of the programs, where each shell looks for them.

use std::fs;
use std::path::Path;

use clap_complete::Shell;

use crate::error::Error;
use crate::programs::{self, Program};

/// Each shell with the directory that it searches.
const SHELLS: [(Shell, &str); 3] = [
    (Shell::Bash, "usr/share/bash-completion/completions"),
    (Shell::Zsh, "usr/share/zsh/site-functions"),
    (Shell::Fish, "usr/share/fish/vendor_completions.d"),
];

/// Writes one file for each program and shell below `into`.
pub(crate) fn generate(into: &Path) -> Result<(), Error> {
    for Program { mut command, .. } in programs::all() {
        let name = command.get_name().to_owned();
        for (shell, directory) in SHELLS {
            let directory = into.join(directory);
            fs::create_dir_all(&directory).map_err(|error| Error::write(&directory, error))?;
            let written = clap_complete::generate_to(shell, &mut command, &name, &directory)
                .map_err(|error| Error::write(&directory, error))?;
            if shell == Shell::Bash {
                // bash-completion loads a file on demand only under the name of the program.
                let loaded = directory.join(&name);
                fs::rename(&written, &loaded).map_err(|error| Error::write(&loaded, error))?;
            }
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
        for Program { command, .. } in programs::all() {
            let name = command.get_name();
            for file in [
                format!("usr/share/bash-completion/completions/{name}"),
                format!("usr/share/zsh/site-functions/_{name}"),
                format!("usr/share/fish/vendor_completions.d/{name}.fish"),
            ] {
                let text = fs::read_to_string(scratch.path().join(&file)).unwrap();
                for command in command.get_subcommands() {
                    assert!(text.contains(command.get_name()), "{file}: {}", command.get_name());
                }
            }
        }
    }
}
