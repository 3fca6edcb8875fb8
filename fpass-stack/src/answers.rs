//! What the module of a step may answer for somebody, and how much that would surprise.

use crate::arguments;
use crate::chain::{Step, Work};
use crate::code::Code;
use crate::condition::{self, Conditions};
use crate::file::Facility;
use crate::modules::{self, NEVER_IGNORING, Nature};
use crate::served;

/// Services whose program keeps the uid of the user who starts it, so that `pam_rootok` tells root
/// apart. Every other login program runs as root, and `pam_rootok` succeeds for everybody in it.
const SET_UID_SERVICES: [&str; 14] = [
    "su",
    "su-l",
    "sudo",
    "sudo-i",
    "runuser",
    "runuser-l",
    "chsh",
    "chfn",
    "passwd",
    "polkit-1",
    "pkexec",
    "doas",
    "newrole",
    "run_init",
];

/// Somebody who tries to get in, and what they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// It is root; otherwise an ordinary user. Their F-pass is set up in both cases.
    pub root: bool,
    /// They know the password.
    pub password: bool,
    /// It is their face, or they have a recovery code.
    pub face: bool,
    /// They have what other modules ask for: a finger, a key, a card.
    pub others: bool,
    /// Only what happens on an ordinary day: nothing fails that need not.
    pub ordinary_day: bool,
}

/// An answer that may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The code.
    pub code: Code,
    /// How unusual it is, 0 to 3.
    pub surprise: u32,
}

/// The answers that are worth trying at a step: one for each way in which the stack goes on.
///
/// `typed`: something was typed earlier that a module took for a password.
#[must_use]
pub fn possible(step: &Step, service: &str, person: &Person, typed: bool) -> Vec<Answer> {
    let Work::Module { arguments, present: true, .. } = &step.work else {
        // Not asked: the answer is fixed.
        return vec![Answer { code: Code::ModuleUnknown, surprise: 0 }];
    };
    let nature = step.module_name().map_or(Nature::Unknown, modules::nature);
    let ignoring = !step.module_name().is_some_and(|name| NEVER_IGNORING.contains(&name));
    let success = |success| Allowed::Some { success, ignoring };
    let allowed = match nature {
        Nature::Permit => return fixed(Code::Success),
        Nature::Deny => return fixed(Code::AuthErr),
        Nature::Fpass => match arguments::read(Facility::Auth, arguments) {
            Err(_) => return fixed(Code::ServiceErr),
            Ok(read) if read.prewarm => return fixed(Code::Ignore),
            Ok(read) if !served::serves(&read, service) => return fixed(Code::AuthErr),
            Ok(read) => Allowed::Face(person.face && (typed || read.sole_factor)),
        },
        Nature::Password => success(person.password),
        Nature::Credential | Nature::TypedCredential => success(person.others),
        Nature::Rootok => success(!SET_UID_SERVICES.contains(&service)),
        Nature::Condition => success(condition_may_hold(step, arguments, person)),
        Nature::Neutral | Nature::PromptingNeutral | Nature::Unknown => Allowed::All,
    };
    distinct(step, nature, allowed, person)
}

/// Whether something may have been typed, after a step, that later modules take for a password.
#[must_use]
pub fn leaves_typed(step: &Step) -> bool {
    match modules::of(step) {
        Some(
            Nature::Password | Nature::TypedCredential | Nature::PromptingNeutral | Nature::Unknown,
        ) => true,
        Some(
            Nature::Fpass
            | Nature::Credential
            | Nature::Rootok
            | Nature::Condition
            | Nature::Neutral
            | Nature::Permit
            | Nature::Deny,
        )
        | None => false,
    }
}

/// Which codes a module may answer with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    /// All, with success (also that with an expired password) and `PAM_IGNORE` or without.
    Some {
        success: bool,
        ignoring: bool,
    },
    /// Those of `pam_fpass`, with success or without.
    Face(bool),
}

fn fixed(code: Code) -> Vec<Answer> {
    vec![Answer { code, surprise: 0 }]
}

fn condition_may_hold(step: &Step, arguments: &[String], person: &Person) -> bool {
    let found = match step.module_name() {
        Some("pam_succeed_if") => condition::read(arguments),
        name => {
            let root = !person.ordinary_day || name == Some("pam_localuser");
            Conditions { root, others: true, places: false }
        }
    };
    match (person.root, person.ordinary_day) {
        (false, _) => found.others,
        (true, false) => found.root,
        // Not to be counted on, unless it is about root, or holds for everybody.
        (true, true) => {
            found.root && (!found.others || step.module_name() == Some("pam_localuser"))
        }
    }
}

/// One answer for each action of the control, and one more where success makes a difference. What
/// surprises least stands for the others.
fn distinct(step: &Step, nature: Nature, allowed: Allowed, person: &Person) -> Vec<Answer> {
    let usual = [Code::Success, Code::Ignore, Code::AuthErr];
    let rest = Code::ALL.into_iter().filter(|code| !usual.contains(code));
    let mut found: Vec<(Answer, _)> = Vec::new();
    for code in usual.into_iter().chain(rest) {
        let succeeds = matches!(code, Code::Success | Code::NewAuthtokReqd);
        let may = match allowed {
            // What waits for the application is no success, and nothing comes after it.
            _ if code == Code::Incomplete => false,
            Allowed::All => true,
            Allowed::Some { success, ignoring } => {
                (success || !succeeds) && (ignoring || code != Code::Ignore)
            }
            Allowed::Face(face) => {
                code == Code::Success && face || modules::FPASS_REFUSALS.contains(&code)
            }
        };
        let surprise = surprise(nature, code);
        let strange =
            matches!(nature, Nature::Neutral | Nature::PromptingNeutral | Nature::Unknown)
                && surprise > 1
                && !succeeds;
        if !may || person.ordinary_day && strange {
            continue;
        }
        let way = (step.control.action(code), code == Code::Success);
        match found.iter_mut().find(|(_, known)| *known == way) {
            Some((known, _)) if known.surprise > surprise => *known = Answer { code, surprise },
            Some(_) => {}
            None => found.push((Answer { code, surprise }, way)),
        }
    }
    found.into_iter().map(|(answer, _)| answer).collect()
}

fn surprise(nature: Nature, code: Code) -> u32 {
    let good = matches!(code, Code::Success | Code::NewAuthtokReqd);
    match nature {
        Nature::Permit | Nature::Deny => 0,
        Nature::Password | Nature::Fpass => u32::from(!good && code != Code::AuthErr),
        Nature::Credential | Nature::TypedCredential | Nature::Rootok => {
            if good {
                2
            } else {
                u32::from(code != Code::AuthErr)
            }
        }
        Nature::Condition => {
            if good || code == Code::AuthErr {
                1
            } else {
                2
            }
        }
        Nature::Neutral | Nature::PromptingNeutral => {
            if code == Code::Success || code == Code::Ignore { 0 } else { 2 }
        }
        Nature::Unknown => {
            if good {
                2
            } else {
                1 + u32::from(code != Code::AuthErr && code != Code::Ignore)
            }
        }
    }
}
