//! The statements of one file.

use crate::control::{self, Control, Field};
use crate::line;

/// What a module is asked for.
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

    /// The word in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Account => "account",
            Self::Password => "password",
            Self::Session => "session",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facility| word.eq_ignore_ascii_case(facility.name()))
    }
}

/// Why libpam puts a line into the stack that always refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The first word is none of the four.
    Facility,
    /// There is no second word.
    NoControl,
    /// There is no third word.
    NoModule,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A module is asked.
    Module {
        /// For what.
        facility: Facility,
        /// What is done with its answer.
        control: Control,
        /// Whether the control could not be read.
        malformed: bool,
        /// `-` stands before the facility: the module may be missing without a word in the log.
        silent: bool,
        /// The module as the line names it.
        module: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// The lines of another file. `@include` has no facility and takes all of them.
    Include {
        /// Which lines.
        facility: Option<Facility>,
        /// Whether they are a stack of their own.
        substack: bool,
        /// The name or absolute path of the file; libpam does not survive a line without one.
        target: Option<String>,
    },
    /// A line that always refuses. Without a facility it counts where the file is included, or as
    /// `auth`.
    Broken {
        /// Where it counts.
        facility: Option<Facility>,
        /// Its control, as far as it has one.
        control: Control,
        /// What is wrong.
        fault: Fault,
    },
}

/// A line of a file and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number of its first line, from 1.
    pub line: usize,
    /// Number of its last line.
    pub last: usize,
    /// The service that it is for; in files of one service only, `None`.
    pub service: Option<String>,
    /// Whether versions of libpam read it differently.
    pub unclear: bool,
    /// What it says.
    pub statement: Statement,
}

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Its statements, in order.
    pub entries: Vec<Entry>,
    /// It ends inside a continued line; libpam rejects it after it has read the entries.
    pub incomplete: bool,
}

/// Reads a file of one service, as in `/etc/pam.d`.
#[must_use]
pub fn service(text: &str) -> File {
    read(text, false)
}

/// Reads `/etc/pam.conf`, whose lines begin with the name of the service.
#[must_use]
pub fn pam_conf(text: &str) -> File {
    read(text, true)
}

fn read(text: &str, named: bool) -> File {
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
    File { entries, incomplete }
}

/// The statement of the words after the service, and whether versions differ about it.
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
    let facility = Facility::read(kind);
    let broken = |control, fault| Statement::Broken { facility, control, fault };
    let Some(second) = words.next() else {
        return (broken(Control::BAD, Fault::NoControl), false);
    };
    let field = control::read(&second);
    let unclear = field == Field::Unclear;
    let (control, malformed) = match field {
        Field::Include | Field::Substack => {
            let substack = field == Field::Substack;
            let target = words.next();
            return match facility {
                Some(_) => (Statement::Include { facility, substack, target }, false),
                // An illegal facility is taken for another one before the file is included.
                None => (broken(Control::BAD, Fault::Facility), true),
            };
        }
        Field::Control(control) => (control, false),
        Field::Malformed | Field::Unclear => (Control::BAD, true),
    };
    let Some(module) = words.next() else {
        return (broken(control, Fault::NoModule), unclear);
    };
    let Some(facility) = facility else {
        return (broken(control, Fault::Facility), unclear);
    };
    let arguments = words.collect();
    (Statement::Module { facility, control, malformed, silent, module, arguments }, unclear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Statement {
        let file = service(text);
        assert_eq!(file.entries.len(), 1, "{text:?}");
        file.entries[0].statement.clone()
    }

    #[test]
    fn broken_lines_refuse() {
        let required = Control::REQUIRED;
        for (text, facility, control, fault) in [
            ("auth", Some(Facility::Auth), Control::BAD, Fault::NoControl),
            ("auth required", Some(Facility::Auth), required, Fault::NoModule),
            ("authx required pam_permit.so", None, required, Fault::Facility),
            ("- required pam_permit.so", None, required, Fault::Facility),
        ] {
            assert_eq!(only(text), Statement::Broken { facility, control, fault }, "{text}");
        }
        assert!(service("nonsense include other").entries[0].unclear);
        assert!(service("auth [success=9999999999] pam_permit.so").entries[0].unclear);
    }

    #[test]
    fn a_control_that_cannot_be_read_is_marked() {
        let Statement::Module { control, malformed, .. } = only("auth [succeeded=ok] pam_unix.so")
        else {
            panic!();
        };
        assert!(malformed && control == Control::BAD);
    }

    #[test]
    fn lines_are_read() {
        assert_eq!(
            only("-AUTH [success=done default=ignore] pam_x.so a [b c]"),
            Statement::Module {
                facility: Facility::Auth,
                control: match control::read("success=done default=ignore") {
                    Field::Control(control) => control,
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
        let file = pam_conf("login auth required pam_unix.so\nother auth required pam_deny.so\n");
        let services: Vec<_> =
            file.entries.iter().filter_map(|entry| entry.service.as_deref()).collect();
        assert_eq!(services, ["login", "other"]);
    }
}
