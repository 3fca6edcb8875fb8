//! The words of the JSON report.

use fpass_stack::judge::{Exempt, Verdict};
use fpass_stack::recovery::Recovery;

pub(super) fn exempt_word(exempt: &Exempt) -> Option<&'static str> {
    match exempt {
        Exempt::NeverEnrolled => Some("never-enrolled"),
        Exempt::SettingUp => Some("setting-up"),
        Exempt::Root { console: false } => Some("root"),
        Exempt::Root { console: true } => Some("root-console"),
        Exempt::RecoveryCode => Some("recovery-code"),
        Exempt::EmptyPassword { .. } => None,
    }
}

pub(super) fn empty_password_word(exempt: &[Exempt]) -> Option<&'static str> {
    let word = |face, word| exempt.contains(&Exempt::EmptyPassword { face }).then_some(word);
    word(false, "nothing").or_else(|| word(true, "face"))
}

pub(super) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::NotProtected => "not-protected",
        Verdict::Proven => "proven",
        Verdict::Broken { .. } => "broken",
        Verdict::NobodyGetsIn => "nobody-gets-in",
        Verdict::NotServed => "not-served",
        Verdict::NotAdmitted(_) => "not-admitted",
        Verdict::Unsure => "unsure",
    }
}

pub(super) fn recovery_word(way: &Recovery) -> &'static str {
    match way {
        Recovery::Codes => "codes",
        Recovery::RootExempt { console: true } => "root-console",
        Recovery::RootExempt { console: false } | Recovery::RootThrough(_) => "root",
    }
}
