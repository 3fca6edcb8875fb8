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
pub struct Turn {
    /// The standing afterwards.
    pub standing: Standing,
    /// The index of the step that comes next; that of no step at the end.
    pub next: usize,
    /// The stack is left at once with the standing's code.
    pub suspended: bool,
}

/// What a step makes of the standing.
///
/// `remembered` is the standing when the step's (sub)stack began; `answer` is what its module
/// answered, `None` a number that is no code. A step that asks no module has an answer of its own.
#[must_use]
pub fn turn(
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

/// Runs a stack. `answer` is asked for what the module of each step that is reached answers:
/// `None` for a number that is no code.
pub fn run(steps: &[Step], mut answer: impl FnMut(usize, &Step) -> Option<Code>) -> Code {
    let mut standing = INITIAL;
    let mut remembered = vec![INITIAL];
    let mut at = 0;
    let mut before = 0;
    while let Some(step) = steps.get(at) {
        let depth = usize::from(step.level);
        if before < step.level {
            remembered.resize(depth + 1, INITIAL);
            if let Some(place) = remembered.get_mut(depth) {
                *place = standing;
            }
        }
        before = step.level;
        let given = match &step.work {
            Work::Module { present: false, .. } => Some(Code::ModuleUnknown),
            Work::Module { .. } => answer(at, step),
            Work::Substack { .. } | Work::Refusal(_) => None,
        };
        let back = remembered.get(depth).copied().unwrap_or(INITIAL);
        let turn = turn(steps, at, standing, back, given);
        if turn.suspended {
            return turn.standing.1;
        }
        standing = turn.standing;
        at = turn.next;
    }
    verdict(standing)
}
