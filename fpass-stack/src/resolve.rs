//! Resolves the name of a service to its stacks, with all includes, as libpam does.

use std::path::{Path, PathBuf};

use fpass_proto::SeatRefusal;

use crate::code::Code;
use crate::control::Control;
use crate::face_check::is_ours;
use crate::file::{self, Entry, Facility, ParsedFile, Statement};
use crate::finding::{Finding, Problem, writers_problem};
use crate::named_files::{NamedFile, USER_DATABASE, named_files};
use crate::root::{DIRECTORIES, Files, PAM_CONF};
use crate::seat;
use crate::silence;
use crate::stack::{FailReason, LEVEL_MAX, Origin, Stack, Step, StepKind};

/// Largest number of steps of one facility; a longer stack is a fault.
pub const STEPS_MAX: usize = 2048;

/// Largest number of files that one service may include, counted each time.
const FILES_MAX: usize = 512;

/// Deepest nesting of files; newer versions of libpam refuse to include at this depth.
const DEPTH_MAX: usize = 16;

/// The stacks of a service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name, in lower case.
    pub name: String,
    /// Its own file; `None` if `other` or `/etc/pam.conf` serves it.
    pub file: Option<PathBuf>,
    /// Problems of the files.
    pub findings: Vec<Finding>,
    /// libpam rejects the whole service: nobody can log in.
    pub rejected: bool,
    /// Whether the daemon checks faces for the service, as far as its configuration can be read.
    pub admission: Result<(), SeatRefusal>,
    stacks: [Stack; 4],
    fallen_back: [bool; 4],
}

impl Service {
    /// The steps of a facility.
    #[must_use]
    pub fn stack(&self, facility: Facility) -> &[Step] {
        self.stacks.get(facility as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether the steps are those of `other`, because the service has none of its own.
    #[must_use]
    pub fn falls_back(&self, facility: Facility) -> bool {
        self.fallen_back.get(facility as usize).copied().unwrap_or(false)
    }
}

/// Resolves a service to its stacks.
#[must_use]
pub fn resolve(files: &dyn Files, name: &str) -> Service {
    let lower = name.to_ascii_lowercase();
    let mut own = Resolver::new(files);
    let mut other = Resolver::new(files);
    let has_directories = DIRECTORIES.iter().any(|path| !files.list(Path::new(path)).is_empty());
    let mut file = None;
    let (mut own_is_whole, mut other_is_whole) = (true, true);
    let mut is_described = false;
    let conf = match files.read(Path::new(PAM_CONF)) {
        Ok(text) => text.map(|text| file::parse_pam_conf(&text)),
        Err(_) => None,
    };
    for hidden in DIRECTORIES.iter().filter(|path| files.is_hidden(Path::new(path))) {
        own.report(Problem::Hidden(hidden.into()), None, None);
    }
    if has_directories {
        if let Some((path, parsed)) = own.read_file(&lower, None, None) {
            is_described = true;
            own_is_whole = own.add_service_file(&path, &parsed);
            file = Some(path);
        }
        if lower != "other"
            && let Some((path, parsed)) = other.read_file("other", None, None)
        {
            is_described = true;
            other_is_whole = other.add_service_file(&path, &parsed);
        }
        if conf.is_some_and(|conf| entries_of(&conf, &lower).next().is_some()) {
            own.report(Problem::BothForms, None, None);
        }
    } else if let Some(conf) = conf {
        is_described = true;
        let path = PathBuf::from(PAM_CONF);
        own.check_writers(&path, None, None);
        let part = |service: &str| ParsedFile {
            entries: entries_of(&conf, service).cloned().collect(),
            incomplete: conf.incomplete,
        };
        own_is_whole = own.add_file(&path, &part(&lower), TOP);
        other_is_whole = other.add_file(&path, &part("other"), TOP);
    }
    if !is_described && own.findings.is_empty() {
        own.report(Problem::NoFile, None, None);
    }
    for path in USER_DATABASE {
        own.check_writers(Path::new(path), None, None);
    }
    let rejected = !own_is_whole || !other_is_whole || !is_described;
    let mut findings = own.findings;
    let mut stacks = own.stacks;
    let mut fallen_back = [false; 4];
    for ((stack, spare), fallen) in stacks.iter_mut().zip(other.stacks).zip(fallen_back.iter_mut())
    {
        if stack.is_empty() && lower != "other" {
            *stack = spare;
            *fallen = true;
        }
    }
    findings.extend(other.findings.into_iter().filter(|finding| match finding.facility {
        Some(facility) => fallen_back.get(facility as usize).copied().unwrap_or(true),
        None => true,
    }));
    let admission = match seat::config(files) {
        Ok(config) => seat::admit(&config, &lower),
        Err(problem) => {
            findings.push(Finding { problem, origin: None, facility: None, tolerated: false });
            Ok(())
        }
    };
    let asks_for_turn = silence::asks_for_turn(files, &lower);
    for (facility, steps) in Facility::ALL.into_iter().zip(&stacks) {
        findings.extend(silence::findings(&lower, facility, steps, asks_for_turn));
    }
    // What concerns only a proof is no finding in a stack without a line of F-pass.
    if !stacks.iter().flatten().any(is_ours) {
        findings.retain(|finding| !finding.concerns_proofs_only());
    }
    Service { name: lower, file, findings, rejected, admission, stacks, fallen_back }
}

/// The entries of `/etc/pam.conf` for a service.
fn entries_of<'a>(conf: &'a ParsedFile, service: &'a str) -> impl Iterator<Item = &'a Entry> {
    conf.entries.iter().filter(move |entry| {
        entry.service.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(service))
    })
}

/// Where the lines of a file go.
#[derive(Clone, Copy)]
struct Scope {
    /// The facility whose lines count; `None` for all.
    facility: Option<Facility>,
    /// Number of substacks around them.
    level: u8,
}

/// The scope of a service's own file.
const TOP: Scope = Scope { facility: None, level: 0 };

/// Collects the stacks of one service.
struct Resolver<'a> {
    files: &'a dyn Files,
    stacks: [Stack; 4],
    findings: Vec<Finding>,
    /// Number of includes so far.
    included: usize,
    /// The files that are being read, outermost first.
    open: Vec<PathBuf>,
}

impl<'a> Resolver<'a> {
    fn new(files: &'a dyn Files) -> Self {
        let (stacks, findings, open) = Default::default();
        Self { files, stacks, findings, included: 0, open }
    }

    fn report(&mut self, problem: Problem, origin: Option<Origin>, facility: Option<Facility>) {
        self.findings.push(Finding { problem, origin, facility, tolerated: false });
    }

    /// Finds the file with this name as libpam does, and reads it.
    fn read_file(
        &mut self,
        name: &str,
        origin: Option<&Origin>,
        facility: Option<Facility>,
    ) -> Option<(PathBuf, ParsedFile)> {
        let candidates: Vec<PathBuf> = if name.starts_with('/') {
            vec![PathBuf::from(name)]
        } else {
            DIRECTORIES.iter().map(|directory| Path::new(directory).join(name)).collect()
        };
        for path in candidates {
            match self.files.read(&path) {
                Ok(Some(text)) => {
                    self.check_writers(&path, origin, facility);
                    return Some((path, file::parse_service(&text)));
                }
                Ok(None) => {}
                Err(cause) => {
                    let problem = Problem::Unreadable { file: path, cause: cause.to_string() };
                    self.report(problem, origin.cloned(), facility);
                    return None;
                }
            }
        }
        None
    }

    /// Reports a file that others than root may write, or about which nobody can tell, once.
    fn check_writers(&mut self, path: &Path, origin: Option<&Origin>, facility: Option<Facility>) {
        let Some(problem) = writers_problem(self.files, path) else { return };
        if !self.findings.iter().any(|known| known.problem == problem && known.facility == facility)
        {
            self.report(problem, origin.cloned(), facility);
        }
    }

    /// Reports the files that the module of a step reads and whose content others than root decide.
    fn check_named_files(&mut self, step: &Step, facility: Facility) {
        let StepKind::Module { arguments, .. } = &step.kind else { return };
        let origin = Some(&step.origin);
        for file in named_files(step.module_name().unwrap_or_default(), arguments) {
            let path = match file {
                NamedFile::At(path) => path,
                NamedFile::Relative(text) => {
                    let problem = Problem::RelativeFile(text);
                    self.report(problem, origin.cloned(), Some(facility));
                    continue;
                }
            };
            self.check_writers(&path, origin, Some(facility));
            // Drop-ins.
            if path.extension().is_some_and(|ending| ending == "d") {
                if self.files.is_hidden(&path) {
                    self.report(Problem::Hidden(path.clone()), origin.cloned(), Some(facility));
                }
                for name in self.files.list(&path) {
                    self.check_writers(&path.join(name), origin, Some(facility));
                }
            }
        }
    }

    /// Adds the file of a service; `false` if libpam rejects it.
    fn add_service_file(&mut self, path: &Path, parsed: &ParsedFile) -> bool {
        self.open.push(path.to_owned());
        let is_whole = self.add_file(path, parsed, TOP);
        self.open.pop();
        is_whole
    }

    /// Adds the lines of a file; `false` if libpam stops in the middle of it and rejects it.
    fn add_file(&mut self, path: &Path, parsed: &ParsedFile, scope: Scope) -> bool {
        for entry in &parsed.entries {
            let origin = Origin { file: path.to_owned(), line: entry.line };
            let (stated, concerns_all) = match &entry.statement {
                Statement::Module { facility, .. } => (Some(*facility), false),
                Statement::Include { facility, .. } => (*facility, true),
                Statement::Broken { facility, .. } => (*facility, true),
            };
            if let (Some(wanted), Some(stated)) = (scope.facility, stated)
                && wanted != stated
            {
                continue;
            }
            if entry.unclear {
                let concerned = stated.or(scope.facility).filter(|_| !concerns_all);
                self.report(Problem::Unclear, Some(origin.clone()), concerned);
            }
            if !self.add_statement(&entry.statement, &origin, scope) {
                return false;
            }
        }
        if parsed.incomplete {
            self.report(Problem::Incomplete(path.to_owned()), None, scope.facility);
        }
        !parsed.incomplete
    }

    fn add_statement(&mut self, statement: &Statement, origin: &Origin, scope: Scope) -> bool {
        let level = scope.level;
        match statement {
            Statement::Module { facility, control, malformed, silent, module, arguments } => {
                let file = module.rsplit('/').next().unwrap_or(module);
                let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                if stem.is_empty() || stem == "?" {
                    self.report(Problem::ModuleWithoutName, Some(origin.clone()), scope.facility);
                    return false;
                }
                if *malformed {
                    self.report(Problem::Control, Some(origin.clone()), Some(*facility));
                }
                for file in self.files.module_files(module) {
                    self.check_writers(&file, Some(origin), Some(*facility));
                }
                let present = self.files.has_module(module);
                if !present {
                    self.findings.push(Finding {
                        problem: Problem::MissingModule(module.clone()),
                        origin: Some(origin.clone()),
                        facility: Some(*facility),
                        tolerated: self.files.lacks_module(module)
                            && (*silent || control.is_ignorable(Code::ModuleUnknown)),
                    });
                }
                let (module, arguments) = (module.clone(), arguments.clone());
                let kind = StepKind::Module { module, arguments, present };
                let step = Step { level, control: *control, kind, origin: origin.clone() };
                self.check_named_files(&step, *facility);
                self.push(*facility, step)
            }
            Statement::Broken { facility, control, fault } => {
                let facility = facility.or(scope.facility).unwrap_or(Facility::Auth);
                self.report(Problem::Broken(*fault), Some(origin.clone()), Some(facility));
                let kind = StepKind::MustFail(FailReason::Line(*fault));
                let step = Step { level, control: *control, kind, origin: origin.clone() };
                self.push(facility, step)
            }
            Statement::Include { facility, substack, target } => {
                let facility = facility.or(scope.facility);
                let Some(target) = target else {
                    self.report(Problem::IncludeWithoutName, Some(origin.clone()), facility);
                    return false;
                };
                self.add_include(target, *substack, origin, Scope { facility, level })
            }
        }
    }

    /// Adds the lines of an included file, or a step that fails; `false` if libpam rejects the
    /// service.
    fn add_include(
        &mut self,
        target: &str,
        is_substack: bool,
        origin: &Origin,
        scope: Scope,
    ) -> bool {
        let Scope { facility, level } = scope;
        if is_substack && let Some(facility) = facility {
            let kind = StepKind::Substack { target: target.to_owned() };
            let step = Step { level, control: Control::BAD, kind, origin: origin.clone() };
            if !self.push(facility, step) {
                return false;
            }
        }
        let inner = Scope { facility, level: level + u8::from(is_substack) };
        if self.include_file(target, origin, inner) {
            return true;
        }
        // Without a facility there is no stack to which libpam could add a failing step.
        let Some(facility) = facility else { return false };
        let kind = StepKind::MustFail(FailReason::Include(target.to_owned()));
        self.push(facility, Step { level, control: Control::BAD, kind, origin: origin.clone() })
    }

    /// Adds the lines of an included file; `false` if libpam rejects the file.
    fn include_file(&mut self, target: &str, origin: &Origin, scope: Scope) -> bool {
        let facility = scope.facility;
        self.included += 1;
        if self.included > FILES_MAX {
            self.report(Problem::TooLarge, Some(origin.clone()), facility);
            return false;
        }
        if self.open.len() >= DEPTH_MAX || scope.level >= LEVEL_MAX {
            self.report(Problem::TooDeep, Some(origin.clone()), facility);
            return false;
        }
        let before = self.findings.len();
        let Some((path, parsed)) = self.read_file(target, Some(origin), facility) else {
            if self.findings.len() == before {
                let problem = Problem::MissingInclude(target.to_owned());
                self.report(problem, Some(origin.clone()), facility);
            }
            return false;
        };
        if self.open.contains(&path) {
            self.report(Problem::Cycle(target.to_owned()), Some(origin.clone()), facility);
            return false;
        }
        self.open.push(path.clone());
        let is_whole = self.add_file(&path, &parsed, scope);
        self.open.pop();
        is_whole
    }

    fn push(&mut self, facility: Facility, step: Step) -> bool {
        let Some(stack) = self.stacks.get_mut(facility as usize) else { return false };
        if stack.len() >= STEPS_MAX {
            let known = self.findings.iter().any(|finding| finding.problem == Problem::TooLarge);
            if !known {
                self.report(Problem::TooLarge, Some(step.origin), Some(facility));
            }
            return false;
        }
        stack.push(step);
        true
    }
}

#[cfg(test)]
mod tests;
