//! The lines of F-pass in a stack, and the lines ahead of them that exempt root.

use crate::arguments;
use crate::code::Code;
use crate::condition;
use crate::control::Action;
use crate::file::Facility;
use crate::modules::{self, ModuleClass};
use crate::stack::{Step, StepKind};

/// Whether the step is a line of F-pass, whatever it does.
#[must_use]
pub fn is_ours(step: &Step) -> bool {
    step.module_name().map(modules::class) == Some(ModuleClass::Fpass)
}

/// Whether the step is a line of F-pass that checks a face.
#[must_use]
pub fn is_face_check(step: &Step) -> bool {
    let StepKind::Module { arguments, .. } = &step.kind else { return false };
    // A line with wrong arguments refuses everybody.
    is_ours(step) && arguments::read(Facility::Auth, arguments).map_or(true, |read| !read.prewarm)
}

/// A line that lets root skip our line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// Index of its step.
    pub step: usize,
    /// Whether it is restricted to terminals.
    pub console: bool,
}

/// The documented exemptions: a `pam_succeed_if` that holds for root alone skips exactly our line.
pub fn exemptions(steps: &[Step], service: &str) -> impl Iterator<Item = Exemption> {
    steps.iter().zip(steps.iter().skip(1)).enumerate().filter_map(move |(at, (before, line))| {
        let StepKind::Module { arguments, present: true, .. } = &before.kind else { return None };
        let jump = matches!(before.control.action(Code::Success),
            Action::Jump(length) if length.get() == 1);
        let conditions = condition::read(arguments, service);
        let fits = before.module_name() == Some("pam_succeed_if")
            && jump
            && before.level == line.level
            && is_face_check(line)
            && conditions.root
            && !conditions.others;
        fits.then_some(Exemption { step: at, console: conditions.places })
    })
}

/// The steps with the conditions of these exemptions never met.
#[must_use]
pub fn without_exemptions(steps: &[Step], service: &str) -> Vec<Step> {
    let mut steps = steps.to_vec();
    let found: Vec<Exemption> = exemptions(&steps, service).collect();
    for exemption in found {
        if let Some(Step { kind: StepKind::Module { arguments, .. }, .. }) =
            steps.get_mut(exemption.step)
        {
            *arguments = condition::NEVER.map(str::to_owned).to_vec();
        }
    }
    steps
}
