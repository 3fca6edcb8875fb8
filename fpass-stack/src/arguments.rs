//! The arguments of a `pam_fpass` line: which there are, and where. `pam_fpass(8)` explains them.

use fpass_proto::ServiceName;
use thiserror::Error;

use crate::file::Facility;

/// What is wrong with the arguments of a line. The module answers `PAM_SERVICE_ERR` then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ArgumentError {
    /// Not an argument of the module, or a value where none belongs, or none where one does.
    #[error("pam_fpass has no argument \"{0}\" here; it refuses everybody until it is corrected")]
    Unknown(String),
    /// The argument stands on the line twice.
    #[error("the argument {0} is given twice; pam_fpass refuses everybody until one is removed")]
    Duplicate(String),
    /// A value that is out of range or malformed.
    #[error("the value of {0} is wrong; pam_fpass refuses everybody until it is corrected")]
    Value(String),
    /// `prewarm` beside an argument that judges.
    #[error(
        "prewarm goes with debug and quiet only; pam_fpass refuses everybody until the others have a line of their own"
    )]
    Prewarm,
    /// Two arguments of which one forbids the other.
    #[error("{0} and {1} exclude each other; pam_fpass refuses everybody until one is removed")]
    Contradiction(&'static str, &'static str),
    /// A line that judges nobody and lays no duty on anybody.
    #[error(
        "pam_fpass has nothing to do on this line; it refuses everybody until the line is removed"
    )]
    Idle,
}

/// The form of an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The name alone.
    Flag,
    /// Whole seconds, 1 to 30.
    Seconds,
    /// Distinct names of services with commas between them.
    Services,
    /// One word.
    Word(&'static str),
}

/// Name, form, and the facilities on whose lines it may stand.
const TABLE: &[(&str, Form, &[Facility])] = &[
    ("debug", Form::Flag, &Facility::ALL),
    ("quiet", Form::Flag, &Facility::ALL),
    ("nullok", Form::Flag, &[Facility::Auth]),
    ("sole_factor", Form::Flag, &[Facility::Auth]),
    ("recovery", Form::Flag, &[Facility::Auth]),
    ("prewarm", Form::Flag, &[Facility::Auth]),
    ("timeout", Form::Seconds, &[Facility::Auth]),
    ("service_ok", Form::Services, &Facility::ALL),
    ("enroll", Form::Word("required"), &[Facility::Auth, Facility::Account, Facility::Password]),
];

/// Arguments that exclude each other.
const EXCLUSIVE: &[(&str, &str)] = &[("nullok", "enroll"), ("recovery", "quiet")];

/// The arguments of a line that the proof needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// It judges nobody.
    pub prewarm: bool,
    /// It asks for no password typed earlier.
    pub sole_factor: bool,
    /// It accepts a recovery code instead of the face.
    pub recovery: bool,
    /// Users who never enrolled are left out.
    pub nullok: bool,
    /// Users who never enrolled have to.
    pub enroll: bool,
    /// The only services that it serves.
    pub services: Option<Vec<ServiceName>>,
}

/// Reads the arguments of a line.
///
/// # Errors
/// The first argument that the module would not take.
pub fn read(facility: Facility, words: &[String]) -> Result<Arguments, ArgumentError> {
    let mut arguments = Arguments::default();
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let row = TABLE
            .iter()
            .find(|(known, form, places)| {
                *known == name
                    && places.contains(&facility)
                    && (*form == Form::Flag) == value.is_none()
            })
            .ok_or_else(|| ArgumentError::Unknown(shown(word)))?;
        if seen.contains(&name) {
            return Err(ArgumentError::Duplicate(name.to_owned()));
        }
        seen.push(name);
        if !fits(row.1, value.unwrap_or_default()) {
            return Err(ArgumentError::Value(name.to_owned()));
        }
        match name {
            "prewarm" => arguments.prewarm = true,
            "sole_factor" => arguments.sole_factor = true,
            "recovery" => arguments.recovery = true,
            "nullok" => arguments.nullok = true,
            "enroll" => arguments.enroll = true,
            "service_ok" => arguments.services = services(value.unwrap_or_default()),
            _ => {}
        }
    }
    let judges = seen.iter().any(|name| !matches!(*name, "prewarm" | "debug" | "quiet"));
    if arguments.prewarm && judges {
        return Err(ArgumentError::Prewarm);
    }
    for (one, other) in EXCLUSIVE {
        if seen.contains(one) && seen.contains(other) {
            return Err(ArgumentError::Contradiction(one, other));
        }
    }
    if facility != Facility::Auth && !arguments.enroll {
        return Err(ArgumentError::Idle);
    }
    Ok(arguments)
}

fn fits(form: Form, value: &str) -> bool {
    match form {
        Form::Flag => true,
        Form::Word(word) => value == word,
        Form::Seconds => {
            value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse::<u64>().is_ok_and(|seconds| (1..=30).contains(&seconds))
        }
        Form::Services => services(value).is_some(),
    }
}

/// Distinct names with commas between them.
fn services(list: &str) -> Option<Vec<ServiceName>> {
    let mut services = Vec::new();
    for name in list.split(',') {
        let service = ServiceName::parse(name).ok().filter(|name| !services.contains(name))?;
        services.push(service);
    }
    Some(services)
}

/// At most 64 characters of an argument, without what a terminal would act on.
fn shown(word: &str) -> String {
    word.chars().take(64).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(words: &[&str]) -> Result<Arguments, ArgumentError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        read(Facility::Auth, &words)
    }

    #[test]
    fn what_the_module_refuses_is_refused() {
        for word in ["", "alwaysok", "NULLOK", "nullok=yes", "timeout", "prewarm=1", "=3", "enroll"]
        {
            assert!(matches!(auth(&[word]), Err(ArgumentError::Unknown(_))), "{word:?}");
        }
        for word in [
            "timeout=0",
            "timeout=31",
            "timeout=+5",
            "timeout=",
            "service_ok=",
            "service_ok=sudo,sudo",
            "service_ok=su do",
            "service_ok=sudo,",
            "enroll=optional",
        ] {
            assert!(matches!(auth(&[word]), Err(ArgumentError::Value(_))), "{word:?}");
        }
        assert_eq!(auth(&["nullok", "nullok"]), Err(ArgumentError::Duplicate("nullok".to_owned())));
        assert_eq!(auth(&["prewarm", "timeout=3"]), Err(ArgumentError::Prewarm));
        for line in [["nullok", "enroll=required"], ["quiet", "recovery"]] {
            assert!(matches!(auth(&line), Err(ArgumentError::Contradiction(..))), "{line:?}");
        }
    }

    #[test]
    fn arguments_belong_to_facilities() {
        for word in ["nullok", "timeout=5", "recovery", "sole_factor", "prewarm"] {
            let line = ["enroll=required".to_owned(), word.to_owned()];
            assert!(read(Facility::Account, &line).is_err(), "{word}");
        }
        for facility in [Facility::Account, Facility::Password, Facility::Session] {
            assert_eq!(read(facility, &[]), Err(ArgumentError::Idle));
        }
        assert!(read(Facility::Session, &["enroll=required".to_owned()]).is_err());
        assert!(read(Facility::Account, &["enroll=required".to_owned()]).unwrap().enroll);
    }

    #[test]
    fn a_full_line_is_read() {
        let line = auth(&[
            "timeout=7",
            "debug",
            "sole_factor",
            "recovery",
            "service_ok=sudo,su-l",
            "enroll=required",
        ]);
        let expected = Arguments {
            prewarm: false,
            sole_factor: true,
            recovery: true,
            nullok: false,
            enroll: true,
            services: Some(["sudo", "su-l"].map(|name| ServiceName::parse(name).unwrap()).into()),
        };
        assert_eq!(line, Ok(expected));
    }
}
