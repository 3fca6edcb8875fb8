//! The second field of a line: what is done with each answer of the module.

use std::num::NonZeroU16;

use crate::code::{COUNT, Code};

/// What libpam does when a module has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    Ignore,
    /// The answer counts, unless an earlier one refused.
    Ok,
    /// As `Ok`, and the (sub)stack ends, unless an earlier one refused.
    Done,
    /// The stack fails, with the first answer that made it fail.
    Bad,
    /// As `Bad`, and the (sub)stack ends.
    Die,
    /// Back to what was known when the (sub)stack began.
    Reset,
    /// So many of the next modules are left out; a substack counts as one. Longer jumps than fit are
    /// longer than any stack, and end alike.
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
    /// What a line has whose control cannot be read, or that has none.
    pub const BAD: Self = Self([Action::Bad; COUNT]);

    /// The same for success and for success with an expired password, one for `PAM_IGNORE`, and
    /// one for the rest.
    #[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn keyword(good: Action, ignore: Action, rest: Action) -> Self {
        let mut actions = [rest; COUNT];
        actions[Code::Success as usize] = good;
        actions[Code::NewAuthtokReqd as usize] = good;
        actions[Code::Ignore as usize] = ignore;
        Self(actions)
    }

    /// What is done with an answer.
    #[must_use]
    pub fn action(&self, code: Code) -> Action {
        self.0.get(usize::from(code.number())).copied().unwrap_or(Action::Bad)
    }

    /// Whether this answer is left out, and no other one ends the stack in good part or leads past lines
    /// of it: a module that gives it is not missed, and one that takes its place opens nothing.
    #[must_use]
    pub fn spares(&self, code: Code) -> bool {
        let is_plain =
            |action| matches!(action, Action::Ignore | Action::Ok | Action::Bad | Action::Die);
        self.action(code) == Action::Ignore && self.0.into_iter().all(is_plain)
    }

    /// Whether some answer takes the stack back to its beginning.
    #[must_use]
    pub fn resets(&self) -> bool {
        self.0.contains(&Action::Reset)
    }
}

/// What the second field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A module's control.
    Control(Control),
    /// The lines of another file stand here.
    Include,
    /// The lines of another file are a stack of their own here.
    Substack,
    /// libpam cannot read it either, and takes every answer for a refusal.
    Malformed,
    /// A jump whose length overflows libpam's number; where it leads depends on the compiler.
    Unclear,
}

/// Reads the second field, without the brackets around it.
#[must_use]
pub fn read(word: &str) -> Field {
    let keywords = [
        ("required", Field::Control(Control::REQUIRED)),
        ("requisite", Field::Control(Control::REQUISITE)),
        ("sufficient", Field::Control(Control::SUFFICIENT)),
        ("optional", Field::Control(Control::OPTIONAL)),
        ("include", Field::Include),
        ("substack", Field::Substack),
    ];
    for (keyword, field) in keywords {
        if word.eq_ignore_ascii_case(keyword) {
            return field;
        }
    }
    pairs(word)
}

/// `value=action` pairs. libpam looks for the word with which the rest begins, so that white space
/// between pairs is not needed.
fn pairs(word: &str) -> Field {
    let mut actions: [Option<Action>; COUNT] = [None; COUNT];
    let mut rest = skip_space(word);
    while !rest.is_empty() {
        let Some((value, after)) = value(rest) else { return Field::Malformed };
        let Some(after) = skip_space(after).strip_prefix('=') else { return Field::Malformed };
        let (action, after) = match action(skip_space(after)) {
            Ok(found) => found,
            Err(Overflow(true)) => return Field::Unclear,
            Err(Overflow(false)) => return Field::Malformed,
        };
        match value {
            Value::Code(code) => {
                if let Some(place) = actions.get_mut(usize::from(code.number())) {
                    *place = Some(action);
                }
            }
            // Only for what has no action so far; a later pair may still say otherwise.
            Value::Default => {
                actions.iter_mut().for_each(|place| *place = Some(place.unwrap_or(action)));
            }
        }
        rest = skip_space(after);
    }
    Field::Control(Control(actions.map(|action| action.unwrap_or(Action::Bad))))
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

/// An action that cannot be read, and whether because its number is too large.
struct Overflow(bool);

fn action(rest: &str) -> Result<(Action, &str), Overflow> {
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
        return Err(Overflow(false));
    }
    // libpam counts in a signed integer of 32 bits.
    let length: i32 = digits.parse().map_err(|_| Overflow(true))?;
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
    fn what_libpam_cannot_read_fails_the_stack() {
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
            assert_eq!(read(word), Field::Malformed, "{word:?}");
        }
        assert_eq!(read("success=4294967297"), Field::Unclear);
        assert_eq!(read("success=2147483648"), Field::Unclear);
    }

    #[test]
    fn the_keywords_are_what_the_manual_says() {
        for (word, long) in [
            ("required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad"),
            ("Requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die"),
            ("SUFFICIENT", "success=done new_authtok_reqd=done default=ignore"),
            ("optional", "success=ok new_authtok_reqd=ok default=ignore"),
        ] {
            assert_eq!(read(word), read(long), "{word}");
        }
        assert_eq!(read("include"), Field::Include);
        assert_eq!(read("SubStack"), Field::Substack);
    }

    #[test]
    fn pairs_default_and_jumps_are_read_in_any_spelling() {
        for word in [
            "success=2 default=ignore auth_err=die",
            "  default = ignore success=2auth_err=die ",
            "success=2\tauth_err =\u{b}die default=ignore default=bad",
        ] {
            let Field::Control(control) = read(word) else { panic!("{word:?}") };
            assert_eq!(control.action(Code::Success), jump(2), "{word:?}");
            assert_eq!(control.action(Code::AuthErr), Action::Die, "{word:?}");
            assert_eq!(control.action(Code::Ignore), Action::Ignore, "{word:?}");
        }
        let Field::Control(control) = read("success=ok") else { panic!() };
        assert_eq!(control.action(Code::Ignore), Action::Bad);
    }
}
