//! The man pages of the programs, from the definitions of their command lines.

#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

use crate::error::Error;
use crate::programs::{self, Program};

const DIRECTORY: &str = "usr/share/man/man1";
const PROJECT: &str = "F-pass";
/// What each section comes with; a page needs it once. It keeps apostrophes straight.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// Writes a page for each program and one for each of its commands below `into`.
pub(crate) fn generate(into: &Path) -> Result<(), Error> {
    let directory = into.join(DIRECTORY);
    fs::create_dir_all(&directory).map_err(|error| Error::write(&directory, error))?;
    for mut program in programs::all() {
        program.command = program.command.disable_help_subcommand(true);
        program.command.build();
        let mut commands = vec![&program.command];
        while let Some(command) = commands.pop() {
            let path = directory.join(format!("{}.1", name(command)));
            let page = page(command, &program).map_err(|error| Error::write(&path, error))?;
            fs::write(&path, page).map_err(|error| Error::write(&path, error))?;
            commands.extend(command.get_subcommands());
        }
    }
    Ok(())
}

fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &Command, program: &Program) -> io::Result<Vec<u8>> {
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
    let title = escaped(name(command));
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
    let main = name(&program.command);
    if name(command) == main {
        for (number, meaning) in &program.exit_codes {
            writeln!(page, ".TP\n.B {number}\n{}", escaped(meaning))?;
        }
        writeln!(page, ".SH SEE ALSO\n{}", see_also(program.see_also))?;
    } else {
        writeln!(page, "See\n.BR {} (1).", escaped(main))?;
        writeln!(page, ".SH SEE ALSO\n{}", see_also(&[(main, 1), ("fpassd", 8)]))?;
    }
    Ok(page)
}

fn see_also(pages: &[(&str, u8)]) -> String {
    let pages = pages.iter().map(|(name, section)| format!(".BR {} ({section})", escaped(name)));
    pages.collect::<Vec<_>>().join(",\n")
}

/// One line of text for roff: no escape sequence, no request, hyphens that can be copied.
fn escaped(line: &str) -> String {
    let text = line.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
