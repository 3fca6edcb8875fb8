//! Proofs about the services of a machine, as text and as JSON.

mod words;

use std::collections::BTreeSet;
use std::path::Path;

use fpass_language::Wording;
use fpass_stack::face_check::is_ours;
use fpass_stack::judge::{Exempt, Judgement, Verdict, judge};
use fpass_stack::path::{MissingFactor, PathLine, Target};
use fpass_stack::recovery::{self, Recovery};
use fpass_stack::root::{DIRECTORIES, Files, services};
use fpass_stack::{Facility, Service, judge, resolve};
use fpass_terminal::Printable;
use serde::Serialize;

use self::words::{empty_password_word, exempt_word, recovery_word, word};
use crate::exit_code::ExitCode;
use crate::language::told;

/// The service whose lines count for services without any.
const OTHER: &str = "other";

/// The services of a machine.
#[derive(Debug, Serialize)]
pub(crate) struct StackReport {
    /// The judged services, by name.
    pub(crate) services: Vec<ServiceReport>,
    /// Services through which root gets in with the password alone.
    pub(crate) recovery: Vec<String>,
}

/// One service.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceReport {
    service: String,
    file: Option<String>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lacking: Option<&'static str>,
    /// The target user of the way in: `user` or `root`.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    /// Who gets in without a face although the stack is proven.
    without_face: Vec<&'static str>,
    /// What a user with an empty password needs to get in: `face` or `nothing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    empty_password: Option<&'static str>,
    /// What the daemon does with the calls of the service.
    daemon: String,
    path: Vec<PathStep>,
    faults: Vec<String>,
    remarks: Vec<String>,
    recovery: Vec<&'static str>,
    marked: bool,
    #[serde(skip)]
    judgement: Judgement,
}

/// One module on a path through a stack.
#[derive(Debug, Serialize)]
struct PathStep {
    file: String,
    line: usize,
    module: String,
    answer: String,
    meaning: &'static str,
}

impl From<&PathLine> for PathStep {
    fn from(line: &PathLine) -> Self {
        Self {
            file: line.origin.file.display().to_string(),
            line: line.origin.line,
            module: line.module.clone(),
            answer: line.answer.to_string(),
            meaning: line.meaning,
        }
    }
}

impl StackReport {
    /// Judges these services, or all services of the machine.
    pub(crate) fn of(files: &dyn Files, named: &[String]) -> Self {
        let mut names: BTreeSet<String> = named.iter().cloned().collect();
        if names.is_empty() {
            names = services(files);
            // It serves every program without a file of its own, and those of a hidden directory.
            if resolve(files, OTHER).stack(Facility::Auth).iter().any(is_ours)
                || DIRECTORIES.iter().any(|path| files.is_hidden(Path::new(path)))
            {
                names.insert(OTHER.to_owned());
            }
        }
        let services =
            names.iter().map(|name| ServiceReport::of(files, &resolve(files, name))).collect();
        let others = recovery::offered_by_others(files);
        let recovery = others
            .into_iter()
            .filter_map(|way| match way {
                Recovery::RootThrough(name) => Some(name),
                Recovery::Codes | Recovery::RootExempt { .. } => None,
            })
            .collect();
        Self { services, recovery }
    }

    /// The exit code of the worst finding. A service without F-pass counts only when it was named.
    pub(crate) fn exit_code(&self, named: bool) -> ExitCode {
        let has = |wanted: fn(&Verdict) -> bool| {
            self.services.iter().any(|service| wanted(&service.judgement.verdict))
        };
        let is_broken = |verdict: &Verdict| {
            matches!(
                verdict,
                Verdict::Broken { .. } | Verdict::NobodyGetsIn | Verdict::NotAdmitted(_)
            )
        };
        if has(is_broken) || named && has(|verdict| matches!(verdict, Verdict::NotServed)) {
            ExitCode::StackBroken
        } else if has(|verdict| matches!(verdict, Verdict::Unsure)) {
            ExitCode::StackUnreadable
        } else if named && has(|verdict| matches!(verdict, Verdict::NotProtected)) {
            ExitCode::StackUnprotected
        } else if has(|verdict| matches!(verdict, Verdict::Proven)) && self.lacks_fallback() {
            ExitCode::NoWayBack
        } else {
            ExitCode::Done
        }
    }

    /// How many services are proven.
    pub(crate) fn proven(&self) -> usize {
        let proven = |service: &&ServiceReport| service.judgement.verdict == Verdict::Proven;
        self.services.iter().filter(proven).count()
    }

    /// Whether a protected service has no way in without a face check, and no other service has
    /// one.
    pub(crate) fn lacks_fallback(&self) -> bool {
        self.recovery.is_empty()
            && self
                .services
                .iter()
                .any(|service| asks(&service.judgement.verdict) && service.recovery.is_empty())
    }

    /// The report as lines of text.
    ///
    /// Services without F-pass share a line, unless they were named or have faults.
    pub(crate) fn lines(&self, named: bool) -> Vec<String> {
        let plain = |service: &&ServiceReport| {
            !named
                && service.judgement.verdict == Verdict::NotProtected
                && service.faults.is_empty()
        };
        let mut lines: Vec<String> = self
            .services
            .iter()
            .filter(|service| !plain(service))
            .flat_map(ServiceReport::lines)
            .collect();
        let rest: Vec<&str> =
            self.services.iter().filter(plain).map(|service| service.service.as_str()).collect();
        if !rest.is_empty() {
            let told = told!(
                "Not protected, because they have no line of pam_fpass: {services}.",
                services = Printable(&rest.join(", ")),
            );
            lines.push(told.into());
        }
        let protected = self.services.iter().any(|service| asks(&service.judgement.verdict));
        if protected && self.lacks_fallback() {
            let told = told!(
                "Nobody could log in without a working face check; put recovery on the line of \
                 pam_fpass, or keep a login service for root without it."
            );
            lines.push(told.into());
        } else if protected && !self.recovery.is_empty() {
            let told = told!(
                "Without a working face check, root can log in with the password alone through: \
                 {services}.",
                services = self.recovery.join(", "),
            );
            lines.push(told.into());
        }
        lines
    }
}

impl ServiceReport {
    pub(crate) fn of(files: &dyn Files, service: &Service) -> Self {
        let judgement = judge(service);
        let (target, missing, path) = match &judgement.verdict {
            Verdict::Broken { target, missing, path } => {
                (Some(*target), Some(*missing), path.iter().map(PathStep::from).collect())
            }
            _ => (None, None, Vec::new()),
        };
        let mut faults: Vec<String> = judgement.faults.iter().map(ToString::to_string).collect();
        if judgement.too_complex {
            faults.push(fpass_stack::search::TooComplex.to_string());
        }
        let wrong = |bad: &judge::BadArguments| {
            format!("{}:{}: {}", bad.origin.file.display(), bad.origin.line, bad.error)
        };
        faults.extend(judgement.arguments.iter().map(wrong));
        let mut remarks: Vec<String> = judgement.remarks.iter().map(ToString::to_string).collect();
        remarks.extend(judgement.unknown.iter().map(|(origin, module)| {
            let (file, line) = (origin.file.display(), origin.line);
            told!(
                "{file}:{line}: {module} is not known to this program, so it may answer anything",
                file = file,
                line = line,
                module = module,
            )
            .into()
        }));
        let file = service.file.clone();
        let text = file.as_deref().and_then(|path| files.read(path).ok().flatten());
        Self {
            service: service.name.clone(),
            file: file.map(|path| path.display().to_string()),
            verdict: word(&judgement.verdict),
            lacking: missing.map(|factor| match factor {
                MissingFactor::Face => "face",
                MissingFactor::Password => "password",
            }),
            target: target.map(|target| match target {
                Target::User => "user",
                Target::Root => "root",
            }),
            without_face: judgement.exempt.iter().filter_map(exempt_word).collect(),
            empty_password: empty_password_word(&judgement.exempt),
            daemon: match service.admission {
                Ok(()) => "checks".to_owned(),
                Err(refusal) => format!("refuses: {refusal}"),
            },
            path,
            faults,
            remarks,
            recovery: recovery::offered_by(service).iter().map(recovery_word).collect(),
            marked: text.is_some_and(|text| fpass_stack::edit::is_marked(&text)),
            judgement,
        }
    }

    /// The verdict and its reasons.
    pub(crate) fn lines(&self) -> Vec<String> {
        let sentence: String = match &self.judgement.verdict {
            Verdict::NotProtected => told!("not protected: it has no line of pam_fpass.").into(),
            Verdict::Proven => proven_sentence(&self.judgement.exempt),
            Verdict::Broken { target, missing, .. } => broken_sentence(*target, *missing).into(),
            Verdict::NobodyGetsIn => told!(
                "broken: nobody gets in, not even with password and face. pam_fpass comes before the \
                 password, or a module refuses everybody."
            )
            .into(),
            Verdict::NotServed => told!(
                "nobody gets in: pam_fpass does not serve this service unless service_ok= names it."
            )
            .into(),
            Verdict::NotAdmitted(refusal) => told!(
                "nobody gets in: fpassd refuses this service, because {reason}.",
                reason = refusal,
            )
            .into(),
            Verdict::Unsure => {
                told!("unsure: the stack has faults, so nothing is proven:").into()
            }
        };
        let service = Printable(&self.service);
        let told = told!("{service}: {sentence}", service = service, sentence = sentence);
        let mut lines: Vec<String> = vec![told.into()];
        if let Verdict::Broken { path, .. } = &self.judgement.verdict {
            lines.extend(path.iter().map(|line| format!("  {}", Printable(&line.to_string()))));
        }
        let protected = self.judgement.verdict != Verdict::NotProtected;
        if let (false, Some(reason)) = (protected, self.daemon.strip_prefix("refuses: ")) {
            let told = told!("fpassd would refuse it, because {reason}.", reason = reason);
            lines.push(format!("  {told}"));
        }
        if self.file.is_none() {
            let told =
                told!("It has no file of its own; the service other or /etc/pam.conf applies.");
            lines.push(format!("  {told}"));
        }
        lines.extend(self.faults.iter().map(|fault| format!("  {}.", Printable(fault))));
        if protected {
            lines.extend(self.remarks.iter().map(|remark| format!("  ({}.)", Printable(remark))));
        }
        if !self.recovery.is_empty() {
            let ways: Vec<String> = self
                .recovery
                .iter()
                .map(|way| match *way {
                    "codes" => told!("recovery codes").into(),
                    "root-console" => told!("root at the console, with the password alone").into(),
                    _ => told!("root, with the password alone").into(),
                })
                .collect();
            let told = told!("Without a face check: {ways}.", ways = ways.join("; "));
            lines.push(format!("  {told}"));
        }
        lines
    }
}

/// Sentences that name everybody who gets in without a face, or without a password, although a
/// stack is proven.
pub(crate) fn exempt_sentences(exempt: &[Exempt]) -> Vec<String> {
    let password_alone: Vec<String> = exempt
        .iter()
        .filter_map(|exempt| match exempt {
            Exempt::NeverEnrolled => Some(told!("users who never set up an F-pass").into()),
            Exempt::Root { console: false } => Some("root".to_owned()),
            Exempt::Root { console: true } => Some(told!("root at the console").into()),
            Exempt::SettingUp | Exempt::RecoveryCode | Exempt::EmptyPassword { .. } => None,
        })
        .collect();
    let mut sentences: Vec<Wording> = Vec::new();
    if !password_alone.is_empty() {
        let who = password_alone.join("; ");
        sentences.push(told!("With the password alone, without a face, get in: {who}.", who = who));
    }
    if exempt.contains(&Exempt::SettingUp) {
        sentences
            .push(told!("Users who never set up an F-pass must set one up while they log in."));
    }
    if exempt.contains(&Exempt::RecoveryCode) {
        sentences.push(told!("A recovery code replaces the face."));
    }
    if exempt.contains(&Exempt::EmptyPassword { face: true }) {
        sentences.push(told!("Users with an empty password get in with the face alone."));
    }
    if exempt.contains(&Exempt::EmptyPassword { face: false }) {
        sentences.push(told!(
            "Users with an empty password who need no face get in with nothing at all."
        ));
    }
    sentences.into_iter().map(String::from).collect()
}

/// The sentence about a proven stack.
fn proven_sentence(exempt: &[Exempt]) -> String {
    let main = told!("proven: password and face are both needed, and both together are enough.");
    std::iter::once(String::from(main))
        .chain(exempt_sentences(exempt))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The sentence about a broken stack, with its path below it.
fn broken_sentence(target: Target, missing: MissingFactor) -> Wording {
    match (target, missing) {
        (Target::User, MissingFactor::Face) => {
            told!("broken: somebody gets in without the face:")
        }
        (Target::User, MissingFactor::Password) => {
            told!("broken: somebody gets in without the password:")
        }
        (Target::Root, MissingFactor::Face) => {
            told!("broken: somebody gets in as root without the face:")
        }
        (Target::Root, MissingFactor::Password) => {
            told!("broken: somebody gets in as root without the password:")
        }
    }
}

/// Whether the service asks for the face, so that a way in without a face check matters.
fn asks(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::NotProtected | Verdict::NotServed)
}

#[cfg(test)]
mod tests;
