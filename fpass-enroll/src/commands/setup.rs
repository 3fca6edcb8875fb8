//! `fpass-enroll setup`: from nothing to a service that asks for the face, step by step. Each step
//! is a command of its own, so an interrupted one leaves nothing half done.

mod dialogue;
mod machine;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fpass_language::Wording;
use fpass_proto::{ServiceName, UserName};
use fpass_terminal::{Printable, Stop, say};
use nix::unistd;

use self::dialogue::{Answer, Dialogue, Terminal};
use self::machine::{RunningMachine, SetupMachine};
use crate::cli::{SetupArgs, SetupStep};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{tell, told};

/// The services that are proposed: `sudo -i` has one of its own on Debian.
const PROPOSED: [&str; 2] = ["sudo", "sudo-i"];

/// Leads an administrator through the steps.
pub(super) async fn setup(arguments: SetupArgs) -> Result<ExitCode, Error> {
    if !unistd::geteuid().is_root() {
        return Err(Error::RootNeeded);
    }
    let user = match arguments.user.clone() {
        Some(user) => user,
        None => machine::calling_user().ok_or(Error::UserNeeded)?,
    };
    let stopped = Arc::new(AtomicBool::new(false));
    let mut stop = Stop::listen()?;
    let flag = Arc::clone(&stopped);
    // The commands get Ctrl-C from the terminal, too, and end by themselves.
    let mut work = tokio::task::spawn_blocking(move || {
        let mut dialogue = Terminal { asks: !arguments.yes, stopped: &flag };
        dialogue.require()?;
        let machine = RunningMachine { user: user.clone() };
        Setup {
            machine: &machine,
            dialogue: &mut dialogue,
            stopped: &flag,
            user,
            changed: Vec::new(),
        }
        .run(&arguments)
    });
    let done = tokio::select! {
        done = &mut work => done,
        () = stop.raised() => {
            stopped.store(true, Ordering::Relaxed);
            work.await
        }
    };
    done.map_err(io::Error::other)?
}

/// The exit code of a command of this program, from its number.
fn exit_code(number: u8) -> ExitCode {
    let known = ExitCode::ALL.iter().find(|code| code.number() == number);
    known.copied().unwrap_or(ExitCode::Failed)
}

/// A setup in progress.
struct Setup<'a> {
    machine: &'a dyn SetupMachine,
    dialogue: &'a mut dyn Dialogue,
    /// Raised by Ctrl-C.
    stopped: &'a AtomicBool,
    user: UserName,
    /// Services that this run changed.
    changed: Vec<String>,
}

impl Setup<'_> {
    fn run(&mut self, arguments: &SetupArgs) -> Result<ExitCode, Error> {
        let steps: Vec<SetupStep> = SetupStep::ALL
            .into_iter()
            .filter(|step| !arguments.skip.contains(step))
            .filter(|step| arguments.only.is_empty() || arguments.only.contains(step))
            .collect();
        let mut services: Vec<String> =
            arguments.services.iter().map(|name| name.as_str().to_owned()).collect();
        if services.is_empty() {
            let known = self.machine.services()?;
            let proposed = PROPOSED.iter().map(|name| (*name).to_owned());
            services.extend(proposed.filter(|name| known.contains(name)));
        }
        for (index, step) in steps.iter().enumerate() {
            say(format_args!("\n[{}/{}] {}", index + 1, steps.len(), title(*step)))?;
            say(self.after_restart()?)?;
            let code = self.step(*step, &mut services, !arguments.services.is_empty())?;
            if code != ExitCode::Done {
                self.say_where_it_stopped()?;
                return Ok(code);
            }
        }
        say("")?;
        say(self.after_restart()?)?;
        Ok(ExitCode::Done)
    }

    /// Makes a step until it succeeds, is skipped, or the administrator stops.
    fn step(
        &mut self,
        step: SetupStep,
        services: &mut Vec<String>,
        are_given: bool,
    ) -> Result<ExitCode, Error> {
        let question = told!("Continue? [Enter] yes, [s] skip, [q] quit");
        let answers = &[Answer::Yes, Answer::Skip, Answer::Stop];
        match self.dialogue.choose(question.as_str(), answers)? {
            Answer::Skip => return Ok(ExitCode::Done),
            Answer::Stop => return Ok(ExitCode::Interrupted),
            Answer::Yes | Answer::Repeat | Answer::No => {}
        }
        loop {
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(ExitCode::Interrupted);
            }
            let code = self.perform(step, services, are_given)?;
            if self.stopped.load(Ordering::Relaxed) {
                return Ok(ExitCode::Interrupted);
            }
            if code == 0 {
                return Ok(ExitCode::Done);
            }
            tell!("This step did not succeed.")?;
            let question = told!("[Enter] try again, [s] skip, [q] quit");
            let answers = &[Answer::Repeat, Answer::Skip, Answer::Stop];
            match self.dialogue.choose(question.as_str(), answers)? {
                Answer::Skip => return Ok(ExitCode::Done),
                // Without questions the first failure ends the setup.
                Answer::Yes | Answer::No => return Ok(exit_code(code)),
                Answer::Stop => return Ok(ExitCode::Interrupted),
                Answer::Repeat => {}
            }
        }
    }

    /// Makes a step. Returns the exit code of its command.
    fn perform(
        &mut self,
        step: SetupStep,
        services: &mut Vec<String>,
        are_given: bool,
    ) -> Result<u8, Error> {
        let user = self.user.clone();
        let own = |words: &[&str]| -> Vec<String> {
            let given = ["--user", user.as_str()];
            words.iter().chain(&given).map(|word| (*word).to_owned()).collect()
        };
        match step {
            SetupStep::Models => match self.machine.models("verify")? {
                0 => Ok(0),
                _ => self.machine.models("install"),
            },
            SetupStep::Camera => self.machine.command(&["cameras".to_owned()]),
            SetupStep::Enrol if self.machine.holdings()?.is_enrolled => {
                tell!("{user} has an F-pass already.", user = user)?;
                Ok(0)
            }
            SetupStep::Enrol => self.machine.command(&own(&["add"])),
            SetupStep::Test => self.machine.command(&own(&["verify"])),
            SetupStep::Codes => match self.machine.holdings()?.codes {
                0 => self.machine.command(&own(&["recovery-codes"])),
                left => {
                    tell!(
                        "{user} has {left} recovery codes left; make new ones with: fpass-enroll \
                         recovery-codes",
                        user = user,
                        left = left,
                    )?;
                    Ok(0)
                }
            },
            SetupStep::Services => {
                if !are_given {
                    self.choose_services(services)?;
                }
                tell!(
                    "Services that will ask for the face: {services}",
                    services = services.join(" "),
                )?;
                Ok(0)
            }
            SetupStep::Proof => {
                let new = self.unprotected(services)?;
                self.protect(&new, &["--dry-run"])
            }
            SetupStep::Enable => self.enable(services),
            SetupStep::Try => self.try_services(services),
        }
    }

    fn choose_services(&mut self, services: &mut Vec<String>) -> Result<(), Error> {
        let question = told!(
            "Which services? Press Enter for {services}, or type names separated by spaces",
            services = services.join(" "),
        );
        loop {
            let line = self.dialogue.line(question.as_str())?;
            let names: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            if names.is_empty() {
                return Ok(());
            }
            match names.iter().find(|name| ServiceName::parse(name).is_err()) {
                Some(wrong) => {
                    tell!("{name} is not the name of a service.", name = Printable(wrong))?;
                }
                None => {
                    *services = names;
                    return Ok(());
                }
            }
        }
    }

    /// The services that do not ask for the face yet.
    fn unprotected(&self, services: &[String]) -> Result<Vec<String>, Error> {
        let asking = self.machine.asking()?;
        Ok(services.iter().filter(|name| !asking.contains(name)).cloned().collect())
    }

    /// Runs `pam enable` for these services.
    fn protect(&self, services: &[String], options: &[&str]) -> Result<u8, Error> {
        if services.is_empty() {
            tell!("These services ask for the face already.")?;
            return Ok(0);
        }
        let words = ["pam", "enable", "--recovery"].iter().chain(options);
        let words = words.map(|word| (*word).to_owned()).chain(services.iter().cloned());
        self.machine.command(&words.collect::<Vec<_>>())
    }

    /// Lets the services ask for the face, if the user can get in there afterwards.
    fn enable(&mut self, services: &[String]) -> Result<u8, Error> {
        let holdings = self.machine.holdings()?;
        if !holdings.is_enrolled || holdings.codes == 0 {
            tell!(
                "{user} needs an F-pass and recovery codes first: the steps enrol and codes.",
                user = self.user,
            )?;
            return Ok(ExitCode::NotEnrolled.number());
        }
        let new = self.unprotected(services)?;
        let code = self.protect(&new, &[])?;
        if code == 0 {
            self.changed.extend(new);
        }
        Ok(code)
    }

    /// Lets the administrator try the services elsewhere, and undoes the change if they fail.
    fn try_services(&mut self, services: &[String]) -> Result<u8, Error> {
        let checked = [vec!["check-pam".to_owned()], services.to_vec()].concat();
        let code = self.machine.command(&checked)?;
        if code != 0 {
            return Ok(code);
        }
        tell!(
            "Keep this terminal open. In another one, log in as {user} and try: {services}",
            user = self.user,
            services = services.join(" "),
        )?;
        let question =
            told!("Did each ask for the face and let you in? [Enter] yes, [n] no: undo the change");
        match self.dialogue.choose(question.as_str(), &[Answer::Yes, Answer::No])? {
            Answer::No if self.changed.is_empty() => {
                tell!(
                    "This run changed no service; fpass-enroll pam disable undoes earlier changes."
                )?;
                Ok(0)
            }
            Answer::No => {
                let words = ["pam", "disable"].map(str::to_owned).to_vec();
                self.machine.command(&[words, std::mem::take(&mut self.changed)].concat())
            }
            Answer::Yes | Answer::Repeat | Answer::Skip | Answer::Stop => Ok(0),
        }
    }

    /// What a restart of the machine would find.
    fn after_restart(&self) -> Result<Wording, Error> {
        let asking = self.machine.asking()?;
        let asking: Vec<&str> = asking.iter().map(String::as_str).collect();
        let sentence = if asking.is_empty() {
            told!("If the machine restarted now: every login would work as before.")
        } else if self.machine.holdings()?.is_enrolled {
            told!(
                "If the machine restarted now: {services} would ask for the face. {user} has an \
                 F-pass; users without one would be refused there. Other logins would work as \
                 before.",
                services = asking.join(", "),
                user = self.user,
            )
        } else {
            told!(
                "If the machine restarted now: {services} would ask for the face, but {user} has \
                 no F-pass yet and could not get in there.",
                services = asking.join(", "),
                user = self.user,
            )
        };
        Ok(sentence)
    }

    fn say_where_it_stopped(&self) -> Result<(), Error> {
        tell!("\nStopped. Steps that were made stay; run this command again to go on.")?;
        Ok(say(self.after_restart()?)?)
    }
}

fn title(step: SetupStep) -> Wording {
    match step {
        SetupStep::Models => told!("Face models: check them, and fetch them if they are missing"),
        SetupStep::Camera => told!("Cameras: which one F-pass uses"),
        SetupStep::Enrol => told!("F-pass: look at the camera and follow the hints"),
        SetupStep::Test => told!("Test: does the camera recognise you?"),
        SetupStep::Codes => told!("Recovery codes: for the day when the camera fails"),
        SetupStep::Services => told!("Services: which ones ask for the face after the password"),
        SetupStep::Proof => {
            told!(
                "Proof: shows the change, and proves that password and face, or a recovery code, \
                 are needed"
            )
        }
        SetupStep::Enable => told!("Change: the services ask for the face from now on"),
        SetupStep::Try => told!("Try it: the services themselves"),
    }
}

#[cfg(test)]
mod tests;
