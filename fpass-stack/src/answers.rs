//! The answers that the module of a step may give to a principal, and how unusual each one is.

use crate::arguments;
use crate::code::Code;
use crate::condition::{self, Conditions};
use crate::file::Facility;
use crate::modules::{self, FPASS_REFUSALS, ModuleClass, NEVER_IGNORE};
use crate::served;
use crate::stack::{Step, StepKind};

/// Services whose program keeps the real uid of the user who starts it, so that `pam_rootok`
/// succeeds for root alone. Every other login program asks as root: there `pam_rootok` succeeds for
/// everybody. `sudo` makes its real uid that of root before it asks (`PERM_ROOT` in `set_perms.c`
/// of sudo), and polkit's helper has it where a socket starts it (polkit 126).
const SET_UID_SERVICES: [&str; 10] =
    ["su", "su-l", "runuser", "runuser-l", "chsh", "chfn", "passwd", "doas", "newrole", "run_init"];

/// A user who tries to log in, and the factors that they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The user is root; otherwise an ordinary user.
    pub root: bool,
    /// The user has an F-pass, or had one. Otherwise the daemon says that the user never enrolled.
    pub enrolled: bool,
    /// The user knows the password.
    pub password: bool,
    /// The password of the user is empty, so everybody has it where a line permits empty passwords.
    pub empty_password: bool,
    /// The face is the enrolled one, or the user has a recovery code.
    pub face: bool,
    /// The user has the factors of other modules: a fingerprint, a security key, a card.
    pub other_factors: bool,
    /// Modules give only their usual answers; unrelated modules do not fail.
    pub only_usual: bool,
}

/// An answer that a module may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The return code.
    pub code: Code,
    /// How unusual the answer is: 0 (expected) to 2.
    pub cost: u32,
}

/// The answer in place of a module that is installed and not loaded: a caller who lowers the limits
/// of their process, such as that of its memory (`RLIMIT_AS`), keeps libpam from loading it.
const NOT_LOADED: Answer = Answer { code: Code::ModuleUnknown, cost: 2 };

/// The answers to try at a step: one for each different way in which the stack may continue.
///
/// `typed` says whether an earlier module may have stored what the user typed (`PAM_AUTHTOK`).
#[must_use]
pub fn possible_answers(
    step: &Step,
    service: &str,
    principal: &Principal,
    typed: bool,
) -> Vec<Answer> {
    let missing = Answer { code: Code::ModuleUnknown, cost: 0 };
    match &step.kind {
        StepKind::Module { arguments, present: true, .. } => {
            let mut answers = answers_of_module(step, arguments, service, principal, typed);
            if !principal.only_usual {
                answers.push(NOT_LOADED);
            }
            answers
        }
        // A package may install the module any day.
        StepKind::Module { arguments, .. } if !principal.only_usual => {
            let mut answers = answers_of_module(step, arguments, service, principal, typed);
            answers.iter_mut().for_each(|answer| answer.cost += 1);
            answers.push(missing);
            answers
        }
        // No module is asked, and the code is fixed.
        StepKind::Module { .. } | StepKind::Substack { .. } | StepKind::MustFail(_) => {
            vec![missing]
        }
    }
}

fn answers_of_module(
    step: &Step,
    arguments: &[String],
    service: &str,
    principal: &Principal,
    typed: bool,
) -> Vec<Answer> {
    let class = step.module_name().map_or(ModuleClass::Unknown, modules::class);
    let ignoring = !step.module_name().is_some_and(|name| NEVER_IGNORE.contains(&name));
    let success = |success| Allowed::Some { success, ignoring };
    let allowed = match class {
        ModuleClass::Permit => return fixed(Code::Success),
        ModuleClass::Deny => return fixed(Code::AuthErr),
        ModuleClass::Fpass => match arguments::read(Facility::Auth, arguments) {
            Err(_) => return fixed(Code::ServiceErr),
            Ok(read) if read.prewarm => return fixed(Code::Ignore),
            Ok(read) if !served::serves(&read, service) => return fixed(Code::AuthErr),
            // Without a password nobody is asked about.
            Ok(read) if !typed && !read.sole_factor => Allowed::Face { match_or_code: false },
            Ok(read) if !principal.enrolled && read.ignores_never_enrolled() => {
                return fixed(Code::Ignore);
            }
            Ok(_) => Allowed::Face { match_or_code: principal.face && principal.enrolled },
        },
        ModuleClass::Password => {
            success(principal.password || principal.empty_password && permits_empty(arguments))
        }
        ModuleClass::Credential | ModuleClass::TypedCredential => success(principal.other_factors),
        ModuleClass::Rootok => success(!SET_UID_SERVICES.contains(&service)),
        ModuleClass::Condition => success(condition_may_hold(step, arguments, service, principal)),
        ModuleClass::Neutral | ModuleClass::UncheckedToken | ModuleClass::Unknown => Allowed::All,
    };
    distinct(step, class, allowed, principal.only_usual)
}

/// The answers to try at a step of an `account` or `password` stack, for a user who never enrolled
/// and whose set-up fails.
#[must_use]
pub fn answers_without_setup(step: &Step, facility: Facility) -> Vec<Answer> {
    /// `pam_acct_mgmt` requires the set-up, or refuses.
    const REQUIRED: [Code; 9] = with_new_authtok(FPASS_REFUSALS);
    let StepKind::Module { arguments, .. } = &step.kind else {
        return vec![Answer { code: Code::ModuleUnknown, cost: 0 }];
    };
    let class = step.module_name().map_or(ModuleClass::Unknown, modules::class);
    let allowed = match (class, arguments::read(facility, arguments), facility) {
        (ModuleClass::Fpass, Err(_), _) => Allowed::Codes(&[Code::ServiceErr]),
        (ModuleClass::Fpass, Ok(_), Facility::Account) => Allowed::Codes(&REQUIRED),
        (ModuleClass::Fpass, Ok(_), _) => Allowed::Codes(&FPASS_REFUSALS),
        (ModuleClass::Permit, ..) => Allowed::Codes(&[Code::Success]),
        (ModuleClass::Deny, ..) => Allowed::Some { success: false, ignoring: false },
        _ => Allowed::All,
    };
    let mut answers = distinct(step, class, allowed, false);
    answers.push(NOT_LOADED);
    answers
}

/// The refusals, and `PAM_NEW_AUTHTOK_REQD`.
const fn with_new_authtok(refusals: [Code; 8]) -> [Code; 9] {
    let [a, b, c, d, e, f, g, h] = refusals;
    [a, b, c, d, e, f, g, h, Code::NewAuthtokReqd]
}

/// Whether a password module with these arguments lets a user in whose password is empty: `nullok`,
/// Debian's `nullok_secure`, or `nullresetok`.
fn permits_empty(arguments: &[String]) -> bool {
    arguments.iter().any(|word| word.starts_with("null"))
}

/// Whether the module of a step may store what the user typed as a password (`PAM_AUTHTOK`).
#[must_use]
pub fn leaves_typed(step: &Step, principal: &Principal) -> bool {
    // It does not ask a user whose password is empty (`pam_unix_auth.c` of Linux-PAM 1.5.2).
    if principal.empty_password
        && step.module_name() == Some("pam_unix")
        && matches!(&step.kind, StepKind::Module { arguments, .. } if permits_empty(arguments))
    {
        return false;
    }
    match step.module_name().map(modules::class) {
        Some(
            ModuleClass::Password
            | ModuleClass::TypedCredential
            | ModuleClass::UncheckedToken
            | ModuleClass::Unknown,
        ) => true,
        Some(
            ModuleClass::Fpass
            | ModuleClass::Credential
            | ModuleClass::Rootok
            | ModuleClass::Condition
            | ModuleClass::Neutral
            | ModuleClass::Permit
            | ModuleClass::Deny,
        )
        | None => false,
    }
}

/// The codes that a module may answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    All,
    /// All codes; `PAM_SUCCESS` and `PAM_NEW_AUTHTOK_REQD`, and `PAM_IGNORE`, only as the fields
    /// say.
    Some {
        success: bool,
        ignoring: bool,
    },
    /// These codes.
    Codes(&'static [Code]),
    /// The refusals of `pam_fpass`, and `PAM_SUCCESS` if the field says so.
    Face {
        match_or_code: bool,
    },
}

fn fixed(code: Code) -> Vec<Answer> {
    vec![Answer { code, cost: 0 }]
}

fn condition_may_hold(
    step: &Step,
    arguments: &[String],
    service: &str,
    principal: &Principal,
) -> bool {
    let found = match step.module_name() {
        Some("pam_succeed_if") => condition::read(arguments, service),
        name => {
            let root = !principal.only_usual || name == Some("pam_localuser");
            Conditions { root, others: true, places: false }
        }
    };
    match (principal.root, principal.only_usual) {
        (false, _) => found.others,
        (true, false) => found.root,
        // A condition counts for root only if it is about root or holds for everybody.
        (true, true) => {
            found.root && (!found.others || step.module_name() == Some("pam_localuser"))
        }
    }
}

/// One answer for each action of the control, and a separate one for success: the answer of lowest
/// cost.
fn distinct(step: &Step, class: ModuleClass, allowed: Allowed, only_usual: bool) -> Vec<Answer> {
    let first = [Code::Success, Code::Ignore, Code::AuthErr];
    let rest = Code::ALL.into_iter().filter(|code| !first.contains(code));
    let mut found: Vec<(Answer, _)> = Vec::new();
    for code in first.into_iter().chain(rest) {
        let succeeds = matches!(code, Code::Success | Code::NewAuthtokReqd);
        let may = match allowed {
            // PAM_INCOMPLETE returns to the application at once, without success.
            _ if code == Code::Incomplete => false,
            Allowed::All => true,
            Allowed::Codes(codes) => codes.contains(&code),
            Allowed::Some { success, ignoring } => {
                (success || !succeeds) && (ignoring || code != Code::Ignore)
            }
            Allowed::Face { match_or_code } => {
                code == Code::Success && match_or_code || FPASS_REFUSALS.contains(&code)
            }
        };
        let cost = cost(class, code);
        let is_unusual = matches!(
            class,
            ModuleClass::Neutral | ModuleClass::UncheckedToken | ModuleClass::Unknown
        ) && cost > 1
            && !succeeds;
        if !may || only_usual && is_unusual {
            continue;
        }
        let way = (step.control.action(code), code == Code::Success);
        match found.iter_mut().find(|(_, known)| *known == way) {
            Some((known, _)) if known.cost > cost => *known = Answer { code, cost },
            Some(_) => {}
            None => found.push((Answer { code, cost }, way)),
        }
    }
    found.into_iter().map(|(answer, _)| answer).collect()
}

fn cost(class: ModuleClass, code: Code) -> u32 {
    let good = matches!(code, Code::Success | Code::NewAuthtokReqd);
    match class {
        ModuleClass::Permit | ModuleClass::Deny => 0,
        ModuleClass::Password | ModuleClass::Fpass => u32::from(!good && code != Code::AuthErr),
        ModuleClass::Credential | ModuleClass::TypedCredential | ModuleClass::Rootok => {
            if good {
                2
            } else {
                u32::from(code != Code::AuthErr)
            }
        }
        ModuleClass::Condition => {
            if good || code == Code::AuthErr {
                1
            } else {
                2
            }
        }
        ModuleClass::Neutral | ModuleClass::UncheckedToken => {
            if code == Code::Success || code == Code::Ignore { 0 } else { 2 }
        }
        ModuleClass::Unknown => {
            if good {
                2
            } else {
                1 + u32::from(code != Code::AuthErr && code != Code::Ignore)
            }
        }
    }
}
