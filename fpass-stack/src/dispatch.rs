//! How libpam combines the answers of the modules of a stack, step by step.
//!
//! This is the first pass over a stack: `pam_authenticate`, `pam_acct_mgmt`, `pam_open_session`,
//! the first of `pam_chauthtok`. Source: `_pam_dispatch_aux` of Linux-PAM, versions 1.5 to 1.7.

use crate::chain::{Step, Work};
use crate::code::Code;
use crate::control::Action;

/// What libpam thinks of the stack so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Impression {
    /// Nothing has counted yet.
    Undefined,
    /// It succeeds with the status so far.
    Positive,
    /// It fails with the status so far.
    Negative,
}

/// Impression and the code that the stack would return.
pub type Standing = (Impression, Code);

/// Nothing has counted; a stack that ends so is refused.
pub const INITIAL: Standing = (Impression::Undefined, Code::PermDenied);

/// What a step makes of the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    /// The standing afterwards.
    standing: Standing,
    /// The index of the step that comes next; that of no step at the end.
    next: usize,
    /// The stack is left at once with the standing's code.
    suspended: bool,
}

/// What a step makes of the standing.
///
/// `remembered` is the standing when the step's (sub)stack began; `answer` is what its module
/// answered, `None` a number that is no code. A step that asks no module has an answer of its own.
fn turn(
    steps: &[Step],
    at: usize,
    standing: Standing,
    remembered: Standing,
    answer: Option<Code>,
) -> Turn {
    let on = |standing| Turn { standing, next: at + 1, suspended: false };
    let Some(step) = steps.get(at) else { return on(standing) };
    let (code, action) = match (&step.work, answer) {
        (Work::Substack { .. }, _) => return on(standing),
        (Work::Refusal(_), _) => (Code::PermDenied, step.control.action(Code::PermDenied)),
        (Work::Module { .. }, None) => (Code::PermDenied, Action::Bad),
        (Work::Module { .. }, Some(Code::Incomplete)) => {
            let standing = (standing.0, Code::Incomplete);
            return Turn { standing, next: steps.len(), suspended: true };
        }
        (Work::Module { .. }, Some(code)) => (code, step.control.action(code)),
    };
    match action {
        Action::Ignore => on(standing),
        Action::Reset => on(remembered),
        Action::Ok => on(accepted(standing, code)),
        Action::Bad => on(refused(standing, code)),
        Action::Done => {
            let standing = accepted(standing, code);
            let ends = standing.0 == Impression::Positive;
            let next = if ends { end_of_level(steps, at, step.level) } else { at + 1 };
            Turn { standing, next, suspended: false }
        }
        Action::Die => Turn {
            standing: refused(standing, code),
            next: end_of_level(steps, at, step.level),
            suspended: false,
        },
        Action::Jump(length) => {
            let (next, complete) = jump(steps, at, step.level, length.get());
            // A jump past the end of its (sub)stack fails the stack.
            let failed = (Impression::Negative, Code::PermDenied);
            Turn { standing: if complete { standing } else { failed }, next, suspended: false }
        }
    }
}

/// A code that counts as success of its step: the first one, and each after successes only.
fn accepted(standing: Standing, code: Code) -> Standing {
    match standing {
        (Impression::Undefined, _) | (Impression::Positive, Code::Success) => {
            (Impression::Positive, code)
        }
        _ => standing,
    }
}

/// A code that counts as failure: the first one stays.
fn refused(standing: Standing, code: Code) -> Standing {
    match (standing.0, code) {
        (Impression::Negative, _) => standing,
        (_, Code::Ignore) => (Impression::Negative, Code::PermDenied),
        _ => (Impression::Negative, code),
    }
}

fn level(steps: &[Step], at: usize) -> Option<u8> {
    steps.get(at).map(|step| step.level)
}

/// The first step after `at` that is in none of the substacks that the step is in.
fn end_of_level(steps: &[Step], at: usize, of: u8) -> usize {
    let mut next = at + 1;
    while level(steps, next).is_some_and(|level| level >= of) {
        next += 1;
    }
    next
}

/// Where a jump leads, and whether there were enough steps to jump over.
fn jump(steps: &[Step], at: usize, of: u8, length: u16) -> (usize, bool) {
    let mut next = at + 1;
    for _ in 0..length {
        if level(steps, next).is_none_or(|level| level < of) {
            return (next, false);
        }
        next += 1;
        // A substack goes with the step that it hangs on.
        while level(steps, next).is_some_and(|level| level > of) {
            next += 1;
        }
    }
    (next, true)
}

/// What the stack returns with this standing at its end.
#[must_use]
pub fn verdict(standing: Standing) -> Code {
    match standing {
        (Impression::Undefined | Impression::Negative, Code::Success) => Code::PermDenied,
        (_, code) => code,
    }
}

/// How far a stack has been run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The index of the next step; that of no step at the end.
    pub at: usize,
    /// The standing so far.
    pub standing: Standing,
    /// The standing when each of the substacks that the next step is in began, and that of the
    /// stack itself.
    pub remembered: Vec<Standing>,
}

impl Default for Position {
    fn default() -> Self {
        Self { at: 0, standing: INITIAL, remembered: vec![INITIAL] }
    }
}

impl Position {
    /// The position after the next step's module has answered: `None` is a number that is no code.
    ///
    /// # Errors
    /// The code that the stack returns, when the answer leaves it at once.
    pub fn after(&self, steps: &[Step], answer: Option<Code>) -> Result<Self, Code> {
        let depth = level(steps, self.at).unwrap_or(0);
        let back = self.remembered.get(usize::from(depth)).copied().unwrap_or(INITIAL);
        let answer = match steps.get(self.at).map(|step| &step.work) {
            Some(Work::Module { present: false, .. }) => Some(Code::ModuleUnknown),
            _ => answer,
        };
        let turn = turn(steps, self.at, self.standing, back, answer);
        if turn.suspended {
            return Err(turn.standing.1);
        }
        let mut remembered = self.remembered.clone();
        let next = level(steps, turn.next).unwrap_or(0);
        remembered.truncate(usize::from(depth.min(next)) + 1);
        remembered.resize(usize::from(next) + 1, turn.standing);
        Ok(Self { at: turn.next, standing: turn.standing, remembered })
    }
}

/// Runs a stack. `answer` is asked for what the module of each step that is reached answers:
/// `None` for a number that is no code.
pub fn run(steps: &[Step], mut answer: impl FnMut(usize, &Step) -> Option<Code>) -> Code {
    let mut position = Position::default();
    while let Some(step) = steps.get(position.at) {
        let asked = matches!(step.work, Work::Module { present: true, .. });
        let given = if asked { answer(position.at, step) } else { None };
        match position.after(steps, given) {
            Ok(next) => position = next,
            Err(code) => return code,
        }
    }
    verdict(position.standing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Facility;
    use crate::root::Memory;

    /// Runs a stack whose modules are called by the code that they answer.
    fn code(text: &str, substack: &str) -> &'static str {
        let files = Memory::default().with("stack", text).with("sub", substack);
        let service = crate::service(&files, "stack");
        let answer = |_: usize, step: &Step| {
            Code::ALL.into_iter().find(|code| Some(code.name()) == step.module_name())
        };
        run(service.chain(Facility::Auth), answer).name()
    }

    #[test]
    fn a_stack_that_nothing_counted_in_is_refused() {
        for text in [
            "",
            "auth required ignore",
            "auth optional auth_err",
            "auth [default=1] success\nauth required success",
        ] {
            assert_eq!(code(text, ""), "perm_denied", "{text}");
        }
    }

    #[test]
    fn a_number_that_is_no_code_refuses_whatever_the_control_says() {
        assert_eq!(
            code("auth [default=ignore] nonsense\nauth required success", ""),
            "perm_denied"
        );
    }

    #[test]
    fn a_jump_past_the_end_refuses() {
        assert_eq!(code("auth required success\nauth [success=1] success", ""), "perm_denied");
        let sub = "auth [success=2 default=ignore] success\nauth required auth_err";
        assert_eq!(code("auth substack sub\nauth optional success", sub), "perm_denied");
    }

    #[test]
    fn a_substack_is_one_step_of_a_jump_and_ends_by_itself() {
        let jump = "auth [success=1] success\nauth substack sub\nauth required success";
        assert_eq!(code(jump, "auth required auth_err\nauth required maxtries"), "success");
        let after = "auth substack sub\nauth required maxtries";
        assert_eq!(code(after, "auth sufficient success\nauth required auth_err"), "maxtries");
        assert_eq!(
            code(&after.replace("substack", "include"), "auth sufficient success"),
            "success"
        );
    }

    #[test]
    fn a_reset_goes_back_to_the_beginning_of_the_substack() {
        let sub = "auth required auth_err\nauth [success=reset] success";
        assert_eq!(code("auth required success\nauth substack sub", sub), "success");
    }

    #[test]
    fn the_first_refusal_stays() {
        assert_eq!(
            code("auth required auth_err\nauth requisite maxtries\nauth required success", ""),
            "auth_err"
        );
        assert_eq!(code("auth required success\nauth [default=ok] ignore", ""), "ignore");
        assert_eq!(code("auth [default=bad] ignore", ""), "perm_denied");
    }
}
