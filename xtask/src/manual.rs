//! The man pages of `fpass-enroll`, from the definition of its command line.

#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use fpass_enroll::cli::Cli;
use fpass_enroll::exit_code::ExitCode;

use crate::error::Error;

const DIRECTORY: &str = "usr/share/man/man1";
const PROJECT: &str = "F-pass";
/// What each section comes with; a page needs it once. It keeps apostrophes straight.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Writes a page for the program and one for each of its commands below `into`.
pub(crate) fn generate(into: &Path) -> Result<(), Error> {
    let directory = into.join(DIRECTORY);
    fs::create_dir_all(&directory).map_err(|error| Error::write(&directory, error))?;
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut commands = vec![(&program, true)];
    while let Some((command, is_program)) = commands.pop() {
        let name = command.get_display_name().unwrap_or(command.get_name());
        let path = directory.join(format!("{name}.1"));
        let page = page(command, is_program).map_err(|error| Error::write(&path, error))?;
        fs::write(&path, page).map_err(|error| Error::write(&path, error))?;
        commands.extend(command.get_subcommands().map(|command| (command, false)));
    }
    Ok(())
}

fn page(command: &Command, is_program: bool) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut sections = Vec::new();
    man.render_name_section(&mut sections)?;
    man.render_synopsis_section(&mut sections)?;
    man.render_description_section(&mut sections)?;
    man.render_options_section(&mut sections)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut sections)?;
    }
    let sections = String::from_utf8(sections).map_err(io::Error::other)?;

    let mut page = Vec::new();
    let title = escaped(command.get_display_name().unwrap_or(command.get_name()));
    let version = env!("CARGO_PKG_VERSION");
    write!(page, ".TH \"{title}\" 1 \"\" \"{PROJECT} {version}\" \"{PROJECT}\"\n{PREAMBLE}")?;
    write!(page, "{}", sections.replace(PREAMBLE, ""))?;
    if let Some(text) = command.get_after_help() {
        writeln!(page, ".SH EXAMPLES\n.nf")?;
        for line in text.to_string().lines() {
            writeln!(page, "{}", escaped(line))?;
        }
        writeln!(page, ".fi")?;
    }
    writeln!(page, ".SH EXIT STATUS")?;
    if is_program {
        for code in ExitCode::ALL {
            writeln!(page, ".TP\n.B {}\n{}", code.number(), escaped(code.meaning()))?;
        }
    } else {
        writeln!(page, "See\n.BR fpass\\-enroll (1).")?;
    }
    writeln!(page, ".SH SEE ALSO\n{}", see_also(is_program))?;
    Ok(page)
}

fn see_also(is_program: bool) -> &'static str {
    if is_program {
        ".BR fpassd (8),\n.BR fpassd.toml (5),\n.BR pam_fpass (8),\n.BR pkttyagent (1)"
    } else {
        ".BR fpass\\-enroll (1),\n.BR fpassd (8)"
    }
}

/// One line of text for roff: no escape sequence, no request, hyphens that can be copied.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
