//! From the name of a service to its stacks, with everything included, as libpam puts them together.

use std::path::{Path, PathBuf};

use crate::chain::{Chain, LEVEL_MAX, Origin, Refusal, Step, Work};
use crate::code::Code;
use crate::control::Control;
use crate::file::{self, Entry, Facility, File, Statement};
use crate::finding::{Finding, Problem};
use crate::root::{DIRECTORIES, Files, PAM_CONF};

/// Steps of one facility at most; a stack of more is a fault.
pub const STEPS_MAX: usize = 2048;

/// Files that one service may include, each as often as it is included.
const FILES_MAX: usize = 512;

/// Deepest nesting of files, at which newer versions of libpam refuse to include.
const DEPTH_MAX: usize = 16;

/// The stacks of a service.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its own file; `None` when `other` or `/etc/pam.conf` serves it.
    pub file: Option<PathBuf>,
    /// What was found on the way.
    pub findings: Vec<Finding>,
    /// libpam rejects the whole service: nobody gets in.
    pub rejected: bool,
    chains: [Chain; 4],
    fallen_back: [bool; 4],
}

impl Service {
    /// The steps of a facility.
    #[must_use]
    pub fn chain(&self, facility: Facility) -> &[Step] {
        self.chains.get(facility as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether the steps are those of `other`, because the service has none of its own.
    #[must_use]
    pub fn falls_back(&self, facility: Facility) -> bool {
        self.fallen_back.get(facility as usize).copied().unwrap_or(false)
    }
}

/// Puts the stacks of a service together.
#[must_use]
pub fn service(files: &dyn Files, name: &str) -> Service {
    let lower = name.to_ascii_lowercase();
    let mut own = Assembly::new(files);
    let mut other = Assembly::new(files);
    let directories = DIRECTORIES.iter().any(|path| !files.list(Path::new(path)).is_empty());
    let (mut file, mut own_ok, mut other_ok) = (None, true, true);
    let mut something = false;
    let conf = match files.read(Path::new(PAM_CONF)) {
        Ok(text) => text.map(|text| file::pam_conf(&text)),
        Err(_) => None,
    };
    if directories {
        if let Some((path, parsed)) = own.open(&lower, None, None) {
            something = true;
            own_ok = own.take(&path, &parsed, None, 0, &mut vec![path.clone()]);
            file = Some(path);
        }
        if lower != "other"
            && let Some((path, parsed)) = other.open("other", None, None)
        {
            something = true;
            other_ok = other.take(&path, &parsed, None, 0, &mut vec![path.clone()]);
        }
        if conf.is_some_and(|conf| named(&conf, &lower).next().is_some()) {
            own.find(Problem::BothForms, None, None);
        }
    } else if let Some(conf) = conf {
        something = true;
        let path = PathBuf::from(PAM_CONF);
        let part = |service: &str| File {
            entries: named(&conf, service).cloned().collect(),
            incomplete: conf.incomplete,
        };
        own_ok = own.take(&path, &part(&lower), None, 0, &mut Vec::new());
        other_ok = other.take(&path, &part("other"), None, 0, &mut Vec::new());
    }
    if !something && own.findings.is_empty() {
        own.find(Problem::NoFile, None, None);
    }
    let unsure = !own_ok || !other_ok || !something;
    let mut findings = own.findings;
    let mut chains = own.chains;
    let mut fallen_back = [false; 4];
    for ((chain, spare), fallen) in chains.iter_mut().zip(other.chains).zip(fallen_back.iter_mut())
    {
        if chain.is_empty() && lower != "other" {
            *chain = spare;
            *fallen = true;
        }
    }
    findings.extend(other.findings.into_iter().filter(|finding| match finding.facility {
        Some(facility) => fallen_back.get(facility as usize).copied().unwrap_or(true),
        None => true,
    }));
    Service { name: lower, file, findings, rejected: unsure, chains, fallen_back }
}

fn named<'a>(conf: &'a File, service: &'a str) -> impl Iterator<Item = &'a Entry> {
    conf.entries.iter().filter(move |entry| {
        entry.service.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(service))
    })
}

/// The stacks of one service, as far as they are put together.
struct Assembly<'a> {
    files: &'a dyn Files,
    chains: [Chain; 4],
    findings: Vec<Finding>,
    opened: usize,
}

impl<'a> Assembly<'a> {
    fn new(files: &'a dyn Files) -> Self {
        Self { files, chains: Default::default(), findings: Vec::new(), opened: 0 }
    }

    fn find(&mut self, problem: Problem, origin: Option<Origin>, facility: Option<Facility>) {
        self.findings.push(Finding { problem, origin, facility, expected: false });
    }

    /// Finds the file with a name as libpam does, and reads it.
    fn open(
        &mut self,
        name: &str,
        origin: Option<&Origin>,
        facility: Option<Facility>,
    ) -> Option<(PathBuf, File)> {
        let candidates: Vec<PathBuf> = if name.starts_with('/') {
            vec![PathBuf::from(name)]
        } else {
            DIRECTORIES.iter().map(|directory| Path::new(directory).join(name)).collect()
        };
        for path in candidates {
            match self.files.read(&path) {
                Ok(Some(text)) => return Some((path, file::service(&text))),
                Ok(None) => {}
                Err(cause) => {
                    let problem = Problem::Unreadable { file: path, cause: cause.to_string() };
                    self.find(problem, origin.cloned(), facility);
                    return None;
                }
            }
        }
        None
    }

    /// Takes the lines of a file. `false` when libpam stops in the middle of it and rejects it.
    fn take(
        &mut self,
        path: &Path,
        parsed: &File,
        wanted: Option<Facility>,
        level: u8,
        open: &mut Vec<PathBuf>,
    ) -> bool {
        for entry in &parsed.entries {
            let origin = Origin { file: path.to_owned(), line: entry.line };
            let (stated, always) = match &entry.statement {
                Statement::Module { facility, .. } => (Some(*facility), false),
                Statement::Include { facility, .. } => (*facility, true),
                Statement::Broken { facility, .. } => (*facility, true),
            };
            if let (Some(wanted), Some(stated)) = (wanted, stated)
                && wanted != stated
            {
                continue;
            }
            if entry.unclear {
                let touched = stated.or(wanted).filter(|_| !always);
                self.find(Problem::Unclear, Some(origin.clone()), touched);
            }
            if !self.statement(&entry.statement, &origin, wanted, level, open) {
                return false;
            }
        }
        if parsed.incomplete {
            self.find(Problem::Incomplete(path.to_owned()), None, wanted);
        }
        !parsed.incomplete
    }

    fn statement(
        &mut self,
        statement: &Statement,
        origin: &Origin,
        wanted: Option<Facility>,
        level: u8,
        open: &mut Vec<PathBuf>,
    ) -> bool {
        match statement {
            Statement::Module { facility, control, malformed, silent, module, arguments } => {
                let file = module.rsplit('/').next().unwrap_or(module);
                let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                if stem.is_empty() || stem == "?" {
                    self.find(Problem::ModuleWithoutName, Some(origin.clone()), wanted);
                    return false;
                }
                if *malformed {
                    self.find(Problem::Control, Some(origin.clone()), Some(*facility));
                }
                let present = self.files.has_module(module);
                if !present {
                    self.findings.push(Finding {
                        problem: Problem::MissingModule(module.clone()),
                        origin: Some(origin.clone()),
                        facility: Some(*facility),
                        expected: self.files.lacks_module(module)
                            && (*silent || control.spares(Code::ModuleUnknown)),
                    });
                }
                let work =
                    Work::Module { module: module.clone(), arguments: arguments.clone(), present };
                self.push(
                    *facility,
                    Step { level, control: *control, work, origin: origin.clone() },
                )
            }
            Statement::Broken { facility, control, fault } => {
                let facility = facility.or(wanted).unwrap_or(Facility::Auth);
                self.find(Problem::Broken(*fault), Some(origin.clone()), Some(facility));
                let work = Work::Refusal(Refusal::Line(*fault));
                self.push(facility, Step { level, control: *control, work, origin: origin.clone() })
            }
            Statement::Include { facility, substack, target } => {
                let facility = facility.or(wanted);
                let Some(target) = target else {
                    self.find(Problem::IncludeWithoutName, Some(origin.clone()), facility);
                    return false;
                };
                self.include(target, origin, facility, *substack, level, open)
            }
        }
    }

    fn include(
        &mut self,
        target: &str,
        origin: &Origin,
        facility: Option<Facility>,
        substack: bool,
        level: u8,
        open: &mut Vec<PathBuf>,
    ) -> bool {
        if substack && let Some(facility) = facility {
            let work = Work::Substack { target: target.to_owned() };
            let step = Step { level, control: Control::BAD, work, origin: origin.clone() };
            if !self.push(facility, step) {
                return false;
            }
        }
        if self.included(target, origin, facility, level + u8::from(substack), open) {
            return true;
        }
        // Without a facility there is no stack into which libpam could put a refusal.
        let Some(facility) = facility else { return false };
        let work = Work::Refusal(Refusal::Include(target.to_owned()));
        self.push(facility, Step { level, control: Control::BAD, work, origin: origin.clone() })
    }

    /// Takes the lines of an included file; `false` when libpam finds fault with it.
    fn included(
        &mut self,
        target: &str,
        origin: &Origin,
        facility: Option<Facility>,
        level: u8,
        open: &mut Vec<PathBuf>,
    ) -> bool {
        self.opened += 1;
        if self.opened > FILES_MAX {
            self.find(Problem::TooLarge, Some(origin.clone()), facility);
            return false;
        }
        if open.len() >= DEPTH_MAX || level >= LEVEL_MAX {
            self.find(Problem::TooDeep, Some(origin.clone()), facility);
            return false;
        }
        let before = self.findings.len();
        let Some((path, parsed)) = self.open(target, Some(origin), facility) else {
            if self.findings.len() == before {
                let problem = Problem::MissingInclude(target.to_owned());
                self.find(problem, Some(origin.clone()), facility);
            }
            return false;
        };
        if open.contains(&path) {
            self.find(Problem::Cycle(target.to_owned()), Some(origin.clone()), facility);
            return false;
        }
        open.push(path.clone());
        let whole = self.take(&path, &parsed, facility, level, open);
        open.pop();
        whole
    }

    fn push(&mut self, facility: Facility, step: Step) -> bool {
        let Some(chain) = self.chains.get_mut(facility as usize) else { return false };
        if chain.len() >= STEPS_MAX {
            let known = self.findings.iter().any(|finding| finding.problem == Problem::TooLarge);
            if !known {
                self.find(Problem::TooLarge, Some(step.origin), Some(facility));
            }
            return false;
        }
        chain.push(step);
        true
    }
}

#[cfg(test)]
mod tests;
