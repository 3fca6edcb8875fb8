//! The statements of one file of PAM.

use crate::control::{self, Control, ControlField};
use crate::line;

/// The facility of a line: the part of PAM that its module serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facility {
    /// `auth`
    Auth,
    /// `account`
    Account,
    /// `password`
    Password,
    /// `session`
    Session,
}

impl Facility {
    /// Every facility.
    pub const ALL: [Self; 4] = [Self::Auth, Self::Account, Self::Password, Self::Session];

    /// The name in a file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Account => "account",
            Self::Password => "password",
            Self::Session => "session",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facility| word.eq_ignore_ascii_case(facility.name()))
    }
}

/// What is wrong with a line for which libpam adds a step that always fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineFault {
    /// The first word is not the name of a facility.
    Facility,
    /// There is no second word.
    NoControl,
    /// There is no third word.
    NoModule,
}

/// The meaning of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Calls a module.
    Module {
        /// The facility.
        facility: Facility,
        /// What libpam does with the answer.
        control: Control,
        /// Whether the control is malformed.
        malformed: bool,
        /// `-` precedes the facility: a missing module is not logged.
        silent: bool,
        /// The module as the line names it.
        module: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// Includes the lines of another file. `@include` has no facility and includes all lines.
    Include {
        /// The facility whose lines are included.
        facility: Option<Facility>,
        /// Whether they are a substack.
        substack: bool,
        /// Name or absolute path of the file; a line without it crashes libpam.
        target: Option<String>,
    },
    /// A line that always fails.
    Broken {
        /// The facility; without it the line counts for the facility that includes the file, or for
        /// `auth`.
        facility: Option<Facility>,
        /// Its control; [`Control::BAD`] if it has none.
        control: Control,
        /// The fault.
        fault: LineFault,
    },
}

/// A line of a file and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number of its first line, from 1.
    pub line: usize,
    /// Number of its last line.
    pub last: usize,
    /// The service of the line in `/etc/pam.conf`; `None` in the file of one service.
    pub service: Option<String>,
    /// Whether versions of libpam read it differently.
    pub unclear: bool,
    /// Its meaning.
    pub statement: Statement,
}

/// A parsed file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedFile {
    /// Its statements, in order.
    pub entries: Vec<Entry>,
    /// The file ends inside a continued line; libpam rejects it after it has read the entries.
    pub incomplete: bool,
}

/// Parses the file of one service, as in `/etc/pam.d`.
#[must_use]
pub fn parse_service(text: &str) -> ParsedFile {
    parse(text, false)
}

/// Parses `/etc/pam.conf`, whose lines begin with the name of a service.
#[must_use]
pub fn parse_pam_conf(text: &str) -> ParsedFile {
    parse(text, true)
}

fn parse(text: &str, named: bool) -> ParsedFile {
    let (lines, incomplete) = line::lines(text);
    let entries = lines
        .into_iter()
        .map(|line| {
            let mut words = line::words(&line.text).into_iter();
            let service = if named { words.next() } else { None };
            let (statement, unclear) = statement(&mut words);
            Entry {
                line: line.number,
                last: line.last,
                service,
                unclear: line.unclear || unclear,
                statement,
            }
        })
        .collect();
    ParsedFile { entries, incomplete }
}

/// The statement in the words after the service, and whether versions of libpam read it
/// differently.
fn statement(words: &mut impl Iterator<Item = String>) -> (Statement, bool) {
    let first = words.next().unwrap_or_default();
    let (silent, kind) = match first.strip_prefix('-') {
        Some(kind) => (true, kind),
        None => (false, first.as_str()),
    };
    if kind.eq_ignore_ascii_case("@include") {
        let include = Statement::Include { facility: None, substack: false, target: words.next() };
        return (include, false);
    }
    let facility = Facility::parse(kind);
    let broken = |control, fault| Statement::Broken { facility, control, fault };
    let Some(second) = words.next() else {
        return (broken(Control::BAD, LineFault::NoControl), false);
    };
    let field = control::read(&second);
    let unclear = field == ControlField::Unclear;
    let (control, malformed) = match field {
        ControlField::Include | ControlField::Substack => {
            let substack = field == ControlField::Substack;
            let target = words.next();
            return match facility {
                Some(_) => (Statement::Include { facility, substack, target }, false),
                // libpam replaces an unknown facility by another one before it includes the file.
                None => (broken(Control::BAD, LineFault::Facility), true),
            };
        }
        ControlField::Control(control) => (control, false),
        ControlField::Malformed | ControlField::Unclear => (Control::BAD, true),
    };
    let Some(module) = words.next() else {
        return (broken(control, LineFault::NoModule), unclear);
    };
    let Some(facility) = facility else {
        return (broken(control, LineFault::Facility), unclear);
    };
    let arguments = words.collect();
    (Statement::Module { facility, control, malformed, silent, module, arguments }, unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let file = parse_service(text);
        assert_eq!(file.entries.len(), 1, "{text:?}");
        file.entries[0].statement.clone()
    }

    #[test]
    fn broken_lines_fail() {
        let required = Control::REQUIRED;
        for (text, facility, control, fault) in [
            ("auth", Some(Facility::Auth), Control::BAD, LineFault::NoControl),
            ("auth required", Some(Facility::Auth), required, LineFault::NoModule),
            ("authx required pam_permit.so", None, required, LineFault::Facility),
            ("- required pam_permit.so", None, required, LineFault::Facility),
        ] {
            assert_eq!(only(text), Statement::Broken { facility, control, fault }, "{text}");
        }
        assert!(parse_service("nonsense include other").entries[0].unclear);
        assert!(parse_service("auth [success=9999999999] pam_permit.so").entries[0].unclear);
    }

    #[test]
    fn a_malformed_control_is_marked() {
        let Statement::Module { control, malformed, .. } = only("auth [succeeded=ok] pam_unix.so")
        else {
            panic!();
        };
        assert!(malformed && control == Control::BAD);
    }

    #[test]
    fn lines_are_parsed() {
        assert_eq!(
            only("-AUTH [success=done default=ignore] pam_x.so a [b c]"),
            Statement::Module {
                facility: Facility::Auth,
                control: match control::read("success=done default=ignore") {
                    ControlField::Control(control) => control,
                    _ => panic!(),
                },
                malformed: false,
                silent: true,
                module: "pam_x.so".to_owned(),
                arguments: vec!["a".to_owned(), "b c".to_owned()],
            }
        );
        assert_eq!(
            only("@include common-auth"),
            Statement::Include {
                facility: None,
                substack: false,
                target: Some("common-auth".to_owned())
            }
        );
        assert_eq!(
            only("account substack system-auth"),
            Statement::Include {
                facility: Some(Facility::Account),
                substack: true,
                target: Some("system-auth".to_owned())
            }
        );
    }

    #[test]
    fn pam_conf_names_the_service_first() {
        let file =
            parse_pam_conf("login auth required pam_unix.so\nother auth required pam_deny.so\n");
        let services: Vec<_> =
            file.entries.iter().filter_map(|entry| entry.service.as_deref()).collect();
        assert_eq!(services, ["login", "other"]);
    }
}
