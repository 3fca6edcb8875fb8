//! The way in which libpam combines the answers of the modules of a stack, step by step.
//!
//! This is the first run over a stack: `pam_authenticate`, `pam_acct_mgmt`, `pam_open_session`,
//! the first of `pam_chauthtok`. Source: `_pam_dispatch_aux` of Linux-PAM, versions 1.5 to 1.7.

use crate::code::Code;
use crate::control::Action;
use crate::stack::{Step, StepKind};

/// The impression of the stack so far, in the term of libpam.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Impression {
    /// No answer has counted yet.
    Undefined,
    /// The stack succeeds with the code so far.
    Positive,
    /// The stack fails with the code so far.
    Negative,
}

/// The impression, and the code that the stack would return.
pub type StackState = (Impression, Code);

/// The state before the first step; a stack that ends in it fails.
pub const INITIAL: StackState = (Impression::Undefined, Code::PermDenied);

/// The effect of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Transition {
    /// The state after the step.
    state: StackState,
    /// Index of the next step; past the last step at the end.
    next: usize,
    /// libpam returns to the application at once, with the code of the state.
    suspended: bool,
}

/// Computes the effect of a step.
///
/// `saved` is the state in which the (sub)stack of the step began. `answer` is the answer of its
/// module; `None` means a number outside the codes. A step that calls no module has a fixed answer.
fn transition(
    steps: &[Step],
    at: usize,
    state: StackState,
    saved: StackState,
    answer: Option<Code>,
) -> Transition {
    let on = |state| Transition { state, next: at + 1, suspended: false };
    let Some(step) = steps.get(at) else { return on(state) };
    let (code, action) = match (&step.kind, answer) {
        (StepKind::Substack { .. }, _) => return on(state),
        (StepKind::MustFail(_), _) => (Code::PermDenied, step.control.action(Code::PermDenied)),
        (StepKind::Module { .. }, None) => (Code::PermDenied, Action::Bad),
        (StepKind::Module { .. }, Some(Code::Incomplete)) => {
            let state = (state.0, Code::Incomplete);
            return Transition { state, next: steps.len(), suspended: true };
        }
        (StepKind::Module { .. }, Some(code)) => (code, step.control.action(code)),
    };
    match action {
        Action::Ignore => on(state),
        Action::Reset => on(saved),
        Action::Ok => on(accept(state, code)),
        Action::Bad => on(fail(state, code)),
        Action::Done => {
            let state = accept(state, code);
            let ends = state.0 == Impression::Positive;
            let next = if ends { end_of_level(steps, at, step.level) } else { at + 1 };
            Transition { state, next, suspended: false }
        }
        Action::Die => Transition {
            state: fail(state, code),
            next: end_of_level(steps, at, step.level),
            suspended: false,
        },
        Action::Jump(length) => {
            let (next, complete) = jump(steps, at, step.level, length.get());
            // A jump past the end of its (sub)stack fails the stack.
            let failed = (Impression::Negative, Code::PermDenied);
            Transition { state: if complete { state } else { failed }, next, suspended: false }
        }
    }
}

/// The state after a code that counts as success: the first code, and each after successes only.
fn accept(state: StackState, code: Code) -> StackState {
    match state {
        (Impression::Undefined, _) | (Impression::Positive, Code::Success) => {
            (Impression::Positive, code)
        }
        _ => state,
    }
}

/// The state after a code that counts as failure: the first failure stays.
fn fail(state: StackState, code: Code) -> StackState {
    match (state.0, code) {
        (Impression::Negative, _) => state,
        (_, Code::Ignore) => (Impression::Negative, Code::PermDenied),
        _ => (Impression::Negative, code),
    }
}

fn level(steps: &[Step], at: usize) -> Option<u8> {
    steps.get(at).map(|step| step.level)
}

/// The first step after `at` outside the (sub)stack of level `of`.
fn end_of_level(steps: &[Step], at: usize, of: u8) -> usize {
    let mut next = at + 1;
    while level(steps, next).is_some_and(|level| level >= of) {
        next += 1;
    }
    next
}

/// The target of a jump, and whether there were enough steps to skip.
fn jump(steps: &[Step], at: usize, of: u8, length: u16) -> (usize, bool) {
    let mut next = at + 1;
    for _ in 0..length {
        if level(steps, next).is_none_or(|level| level < of) {
            return (next, false);
        }
        next += 1;
        // A substack is skipped together with the step that begins it.
        while level(steps, next).is_some_and(|level| level > of) {
            next += 1;
        }
    }
    (next, true)
}

/// The code that a stack returns when it ends in this state.
#[must_use]
pub fn final_code(state: StackState) -> Code {
    match state {
        (Impression::Undefined | Impression::Negative, Code::Success) => Code::PermDenied,
        (_, code) => code,
    }
}

/// A position in the run of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Index of the next step; past the last step at the end.
    pub at: usize,
    /// The state so far.
    pub state: StackState,
    /// The states in which the stack and each substack around the next step began, outermost first.
    pub saved: Vec<StackState>,
}

impl Default for Position {
    fn default() -> Self {
        Self { at: 0, state: INITIAL, saved: vec![INITIAL] }
    }
}

impl Position {
    /// The position after the answer of the next step. `None` means a number outside the codes, or
    /// that the module is missing.
    ///
    /// # Errors
    /// The code that the stack returns, if the answer ends it at once.
    pub fn after(&self, steps: &[Step], answer: Option<Code>) -> Result<Self, Code> {
        let depth = level(steps, self.at).unwrap_or(0);
        let back = self.saved.get(usize::from(depth)).copied().unwrap_or(INITIAL);
        let answer = match steps.get(self.at).map(|step| &step.kind) {
            // Without an answer the module is missing, as it is today.
            Some(StepKind::Module { present: false, .. }) => answer.or(Some(Code::ModuleUnknown)),
            _ => answer,
        };
        let transition = transition(steps, self.at, self.state, back, answer);
        if transition.suspended {
            return Err(transition.state.1);
        }
        let mut saved = self.saved.clone();
        let next = level(steps, transition.next).unwrap_or(0);
        saved.truncate(usize::from(depth.min(next)) + 1);
        saved.resize(usize::from(next) + 1, transition.state);
        Ok(Self { at: transition.next, state: transition.state, saved })
    }
}

/// Runs a stack and returns its code. `answer` is called for each module that is reached, with the
/// index of its step; it returns `None` for a number outside the codes.
pub fn run(steps: &[Step], mut answer: impl FnMut(usize, &Step) -> Option<Code>) -> Code {
    let mut position = Position::default();
    while let Some(step) = steps.get(position.at) {
        let asked = matches!(step.kind, StepKind::Module { present: true, .. });
        let given = if asked { answer(position.at, step) } else { None };
        match position.after(steps, given) {
            Ok(next) => position = next,
            Err(code) => return code,
        }
    }
    final_code(position.state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Facility;
    use crate::root::Memory;

    /// Runs a stack whose modules are named after their answers.
    fn code(text: &str, substack: &str) -> &'static str {
        let files = Memory::default().with("stack", text).with("sub", substack);
        let service = crate::resolve(&files, "stack");
        let answer = |_: usize, step: &Step| {
            Code::ALL.into_iter().find(|code| Some(code.name()) == step.module_name())
        };
        run(service.stack(Facility::Auth), answer).name()
    }

    #[test]
    fn a_stack_in_which_no_answer_counted_fails() {
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
    fn a_number_outside_the_codes_fails_with_every_control() {
        assert_eq!(
            code("auth [default=ignore] nonsense\nauth required success", ""),
            "perm_denied"
        );
    }

    #[test]
    fn a_jump_past_the_end_fails() {
        assert_eq!(code("auth required success\nauth [success=1] success", ""), "perm_denied");
        let sub = "auth [success=2 default=ignore] success\nauth required auth_err";
        assert_eq!(code("auth substack sub\nauth optional success", sub), "perm_denied");
    }

    #[test]
    fn a_substack_counts_as_one_step_of_a_jump_and_ends_alone() {
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
    fn a_reset_restores_the_state_at_the_beginning_of_the_substack() {
        let sub = "auth required auth_err\nauth [success=reset] success";
        assert_eq!(code("auth required success\nauth substack sub", sub), "success");
    }

    #[test]
    fn the_first_failure_stays() {
        assert_eq!(
            code("auth required auth_err\nauth requisite maxtries\nauth required success", ""),
            "auth_err"
        );
        assert_eq!(code("auth required success\nauth [default=ok] ignore", ""), "ignore");
        assert_eq!(code("auth [default=bad] ignore", ""), "perm_denied");
    }
}
