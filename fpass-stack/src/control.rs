//! The control, which is the second field of a line: what libpam does with each return code.

use std::num::NonZeroU16;

use crate::code::{COUNT, Code};

/// What libpam does with the answer of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The answer does not count.
    Ignore,
    /// The answer counts, unless an earlier one failed the stack.
    Ok,
    /// As `Ok`, and the (sub)stack ends, unless an earlier answer failed it.
    Done,
    /// The stack fails, with the first answer that made it fail.
    Bad,
    /// As `Bad`, and the (sub)stack ends.
    Die,
    /// The state at the beginning of the (sub)stack is restored.
    Reset,
    /// This number of the next modules is skipped; a substack counts as one. Jumps that do not fit
    /// into the number have the same effect as the longest one: they leave the stack.
    Jump(NonZeroU16),
}

/// An action for each code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Control([Action; COUNT]);

impl Control {
    /// `required`
    pub const REQUIRED: Self = Self::keyword(Action::Ok, Action::Ignore, Action::Bad);
    /// `requisite`
    pub const REQUISITE: Self = Self::keyword(Action::Ok, Action::Ignore, Action::Die);
    /// `sufficient`
    pub const SUFFICIENT: Self = Self::keyword(Action::Done, Action::Ignore, Action::Ignore);
    /// `optional`
    pub const OPTIONAL: Self = Self::keyword(Action::Ok, Action::Ignore, Action::Ignore);
    /// The control of a line whose own is missing or malformed.
    pub const BAD: Self = Self([Action::Bad; COUNT]);

    /// `good` for `PAM_SUCCESS` and `PAM_NEW_AUTHTOK_REQD`, `ignore` for `PAM_IGNORE`, `rest` for
    /// all other codes.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn keyword(good: Action, ignore: Action, rest: Action) -> Self {
        let mut actions = [rest; COUNT];
        actions[Code::Success as usize] = good;
        actions[Code::NewAuthtokReqd as usize] = good;
        actions[Code::Ignore as usize] = ignore;
        Self(actions)
    }

    /// What libpam does with this code.
    #[must_use]
    pub fn action(&self, code: Code) -> Action {
        self.0.get(usize::from(code.number())).copied().unwrap_or(Action::Bad)
    }

    /// True if this code is ignored and no other code jumps or ends the stack successfully: a
    /// missing module then changes nothing.
    #[must_use]
    pub fn is_ignorable(&self, code: Code) -> bool {
        let is_plain =
            |action| matches!(action, Action::Ignore | Action::Ok | Action::Bad | Action::Die);
        self.action(code) == Action::Ignore && self.0.into_iter().all(is_plain)
    }

    /// Whether some code restores the state at the beginning of the (sub)stack.
    #[must_use]
    pub fn resets(&self) -> bool {
        self.0.contains(&Action::Reset)
    }
}

/// The parsed second field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlField {
    /// The control of a module.
    Control(Control),
    /// The lines of another file are inserted here.
    Include,
    /// The lines of another file are a substack here.
    Substack,
    /// libpam cannot parse the field and treats every answer as a failure.
    Malformed,
    /// A jump whose length overflows the integer of libpam; its effect depends on the compiler.
    Unclear,
}

/// Parses the second field, without its brackets.
#[must_use]
pub fn read(word: &str) -> ControlField {
    let keywords = [
        ("required", ControlField::Control(Control::REQUIRED)),
        ("requisite", ControlField::Control(Control::REQUISITE)),
        ("sufficient", ControlField::Control(Control::SUFFICIENT)),
        ("optional", ControlField::Control(Control::OPTIONAL)),
        ("include", ControlField::Include),
        ("substack", ControlField::Substack),
    ];
    for (keyword, field) in keywords {
        if word.eq_ignore_ascii_case(keyword) {
            return field;
        }
    }
    pairs(word)
}

/// Parses `value=action` pairs. As in libpam, pairs need no white space between them.
fn pairs(word: &str) -> ControlField {
    let mut actions: [Option<Action>; COUNT] = [None; COUNT];
    let mut rest = skip_space(word);
    while !rest.is_empty() {
        let Some((value, after)) = value(rest) else { return ControlField::Malformed };
        let Some(after) = skip_space(after).strip_prefix('=') else {
            return ControlField::Malformed;
        };
        let (action, after) = match action(skip_space(after)) {
            Ok(found) => found,
            Err(ActionError::Overflow) => return ControlField::Unclear,
            Err(ActionError::Malformed) => return ControlField::Malformed,
        };
        match value {
            Value::Code(code) => {
                if let Some(place) = actions.get_mut(usize::from(code.number())) {
                    *place = Some(action);
                }
            }
            // For all codes without an action so far; a later pair may override it.
            Value::Default => {
                actions.iter_mut().for_each(|place| *place = Some(place.unwrap_or(action)));
            }
        }
        rest = skip_space(after);
    }
    ControlField::Control(Control(actions.map(|action| action.unwrap_or(Action::Bad))))
}

enum Value {
    Code(Code),
    Default,
}

fn value(rest: &str) -> Option<(Value, &str)> {
    let code = Code::ALL
        .into_iter()
        .find_map(|code| Some((Value::Code(code), rest.strip_prefix(code.name())?)));
    code.or_else(|| Some((Value::Default, rest.strip_prefix("default")?)))
}

/// Why an action cannot be parsed.
enum ActionError {
    Malformed,
    /// The length of a jump is too large for libpam.
    Overflow,
}

fn action(rest: &str) -> Result<(Action, &str), ActionError> {
    let words = [
        ("ignore", Action::Ignore),
        ("ok", Action::Ok),
        ("done", Action::Done),
        ("bad", Action::Bad),
        ("die", Action::Die),
        ("reset", Action::Reset),
    ];
    for (word, action) in words {
        if let Some(after) = rest.strip_prefix(word) {
            return Ok((action, after));
        }
    }
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    if digits.bytes().all(|digit| digit == b'0') {
        return Err(ActionError::Malformed);
    }
    // libpam parses the length into a signed 32-bit integer.
    let length: i32 = digits.parse().map_err(|_| ActionError::Overflow)?;
    let length = u16::try_from(length).ok().and_then(NonZeroU16::new).unwrap_or(NonZeroU16::MAX);
    Ok((Action::Jump(length), after))
}

/// White space of the C locale.
fn skip_space(rest: &str) -> &str {
    rest.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump(length: u16) -> Action {
        Action::Jump(NonZeroU16::new(length).unwrap())
    }

    #[test]
    fn a_field_that_libpam_cannot_parse_is_malformed() {
        for word in [
            "success",
            "success=",
            "success=0",
            "success=00",
            "success=-1",
            "succeeded=ok",
            "=ok",
            "success=ok,default=die",
            "success=okay",
            "default",
            "required ",
            "auth_err = yes",
        ] {
            assert_eq!(read(word), ControlField::Malformed, "{word:?}");
        }
        assert_eq!(read("success=4294967297"), ControlField::Unclear);
        assert_eq!(read("success=2147483648"), ControlField::Unclear);
    }

    #[test]
    fn keywords_are_short_for_the_pairs_in_the_manual() {
        for (word, long) in [
            ("required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad"),
            ("Requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die"),
            ("SUFFICIENT", "success=done new_authtok_reqd=done default=ignore"),
            ("optional", "success=ok new_authtok_reqd=ok default=ignore"),
        ] {
            assert_eq!(read(word), read(long), "{word}");
        }
        assert_eq!(read("include"), ControlField::Include);
        assert_eq!(read("SubStack"), ControlField::Substack);
    }

    #[test]
    fn pairs_defaults_and_jumps_are_parsed_in_any_spelling() {
        for word in [
            "success=2 default=ignore auth_err=die",
            "  default = ignore success=2auth_err=die ",
            "success=2\tauth_err =\u{b}die default=ignore default=bad",
        ] {
            let ControlField::Control(control) = read(word) else { panic!("{word:?}") };
            assert_eq!(control.action(Code::Success), jump(2), "{word:?}");
            assert_eq!(control.action(Code::AuthErr), Action::Die, "{word:?}");
            assert_eq!(control.action(Code::Ignore), Action::Ignore, "{word:?}");
        }
        let ControlField::Control(control) = read("success=ok") else { panic!() };
        assert_eq!(control.action(Code::Ignore), Action::Bad);
    }
}
