//! A fake PAM transaction, user database and daemon for the tests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use fpass_language::{Language, Wording};
use fpass_proto::{EnrolmentState, Prompt, Strength, Uid, UserName, Verdict};
use nix::errno::Errno;

use crate::daemon::{Daemon, Hint};
use crate::ffi::{MessageStyle, Secret};
use crate::outcome::Outcome;
use crate::preflight::Subject;
use crate::transaction::{Delivery, Level, Transaction};
use crate::users::{LookupError, UserDatabase};

/// By default a local `sudo` by alice after a password.
pub(crate) struct FakePam {
    pub(crate) user: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) remote_host: Option<String>,
    pub(crate) terminal: Option<String>,
    pub(crate) password: Option<&'static str>,
    /// The method that panics.
    pub(crate) panic_in: Option<&'static str>,
    pub(crate) display: Option<String>,
    pub(crate) language: Language,
    /// What `say` returns.
    pub(crate) conversation: Result<Delivery, Outcome>,
    /// The reply to a question.
    pub(crate) typed: Result<&'static [u8], Outcome>,
    pub(crate) asked: RefCell<Vec<String>>,
    pub(crate) said: RefCell<Vec<(MessageStyle, String)>>,
    pub(crate) logged: RefCell<Vec<(Level, String)>>,
}

impl Default for FakePam {
    fn default() -> Self {
        Self {
            user: Some("alice".to_owned()),
            service: Some("sudo".to_owned()),
            remote_host: None,
            terminal: Some("pts/3".to_owned()),
            password: Some("a password"),
            panic_in: None,
            display: None,
            language: Language::English,
            conversation: Ok(Delivery::Shown),
            typed: Err(Outcome::ConversationFailed),
            asked: RefCell::default(),
            said: RefCell::default(),
            logged: RefCell::default(),
        }
    }
}

impl FakePam {
    pub(crate) fn said(&self) -> Vec<(MessageStyle, String)> {
        self.said.borrow().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.logged.borrow().iter().map(|(_, line)| line.clone()).collect()
    }

    fn maybe_panic(&self, name: &str) {
        assert!(self.panic_in != Some(name), "injected in {name}");
    }
}

impl Transaction for FakePam {
    fn user(&self) -> Result<String, Outcome> {
        self.maybe_panic("user");
        self.user.clone().ok_or(Outcome::UnknownUser)
    }

    fn known_user(&self) -> Result<Option<String>, Outcome> {
        Ok(self.user.clone())
    }

    fn service(&self) -> Result<Option<String>, Outcome> {
        self.maybe_panic("service");
        Ok(self.service.clone())
    }

    fn remote_host(&self) -> Result<Option<String>, Outcome> {
        self.maybe_panic("remote_host");
        Ok(self.remote_host.clone())
    }

    fn terminal(&self) -> Option<String> {
        self.maybe_panic("terminal");
        self.terminal.clone()
    }

    fn password_typed(&self) -> Result<bool, Outcome> {
        self.maybe_panic("password_typed");
        Ok(self.password.is_some_and(|password| !password.is_empty()))
    }

    fn display(&self) -> Option<String> {
        self.display.clone()
    }

    fn language(&self) -> Language {
        self.language
    }

    fn say(&self, style: MessageStyle, sentence: &Wording) -> Result<Delivery, Outcome> {
        self.maybe_panic("say");
        self.said.borrow_mut().push((style, sentence.to_string()));
        self.conversation
    }

    fn ask(&self, question: &Wording) -> Result<Secret, Outcome> {
        self.maybe_panic("ask");
        self.asked.borrow_mut().push(question.to_string());
        self.typed.map(Secret::copy_of)
    }

    fn log(&self, level: Level, line: &str) {
        self.maybe_panic("log");
        self.logged.borrow_mut().push((level, line.to_owned()));
    }
}

/// Knows alice, root, and users with unusual names.
pub(crate) struct FakeUsers;

impl UserDatabase for FakeUsers {
    fn uid(&self, name: &str) -> Result<Uid, LookupError> {
        match name {
            "alice" => Ok(Uid(1000)),
            "DOM\\user name" | "-dash" | "DOM/user" | " blank" | "col:on" => Ok(Uid(1001)),
            "root" => Ok(Uid::ROOT),
            "broken" => Err(LookupError::Failed(Errno::EIO)),
            "short" => Err(LookupError::OutOfMemory),
            "panic" => panic!("injected in uid"),
            _ => Err(LookupError::NotFound),
        }
    }

    /// Only root's password has expired.
    fn password_expired(&self, user: &UserName) -> Result<bool, Outcome> {
        Ok(user.as_str() == "root")
    }
}

/// Gives the configured answers and records the calls. A call without an answer panics.
pub(crate) struct FakeDaemon {
    pub(crate) answer: Option<Result<Verdict, Outcome>>,
    /// State of every user.
    pub(crate) state: Option<Result<EnrolmentState, Outcome>>,
    /// Results of set-ups, in order; one call more panics.
    pub(crate) set_ups: RefCell<VecDeque<Result<Strength, Outcome>>>,
    /// Prompts before each answer.
    pub(crate) prompts: Vec<Prompt>,
    /// Hints during each set-up.
    pub(crate) hints: Vec<Hint>,
    pub(crate) verified: RefCell<Vec<(Subject, Duration)>>,
    pub(crate) prewarmed: RefCell<Vec<Uid>>,
    pub(crate) codes: Option<Result<u32, Outcome>>,
    pub(crate) redeems: Option<Result<(), Outcome>>,
    pub(crate) redeemed: RefCell<Vec<String>>,
}

impl FakeDaemon {
    /// Gives this answer, and before a verdict the prompt to look at the camera.
    pub(crate) fn answering(answer: Result<Verdict, Outcome>) -> Self {
        let prompts = answer.iter().map(|_| Prompt::Look).collect();
        Self { answer: Some(answer), prompts, ..Self::never_called() }
    }

    /// Panics at every call: it must not be called, or the panic is what is tested.
    pub(crate) fn never_called() -> Self {
        Self {
            answer: None,
            state: None,
            set_ups: RefCell::default(),
            prompts: Vec::new(),
            hints: Vec::new(),
            verified: RefCell::default(),
            prewarmed: RefCell::default(),
            codes: None,
            redeems: None,
            redeemed: RefCell::default(),
        }
    }

    /// Every user has this state, and set-ups have these results.
    pub(crate) fn with_state(
        state: Result<EnrolmentState, Outcome>,
        set_ups: &[Result<Strength, Outcome>],
    ) -> Self {
        let set_ups = RefCell::new(set_ups.iter().copied().collect());
        Self { state: Some(state), set_ups, ..Self::never_called() }
    }

    /// The same, with this number of recovery codes.
    pub(crate) fn with_codes(self, codes: Result<u32, Outcome>) -> Self {
        Self { codes: Some(codes), ..self }
    }

    /// The same, with this answer to any code.
    pub(crate) fn with_redemption(self, answer: Result<(), Outcome>) -> Self {
        Self { redeems: Some(answer), ..self }
    }
}

impl Daemon for FakeDaemon {
    fn verify(
        &self,
        subject: &Subject,
        limit: Duration,
        show: &mut dyn FnMut(Prompt) -> Result<(), Outcome>,
    ) -> Result<Verdict, Outcome> {
        self.verified.borrow_mut().push((subject.clone(), limit));
        self.prompts.iter().try_for_each(|prompt| show(*prompt))?;
        self.answer.expect("the daemon must not be asked")
    }

    fn prewarm(&self, uid: Uid, _: Duration) -> Result<(), Outcome> {
        self.prewarmed.borrow_mut().push(uid);
        self.answer.expect("the daemon must not be asked").map(|_| ())
    }

    fn state(&self, _: Uid, _: Duration) -> Result<EnrolmentState, Outcome> {
        self.state.expect("the daemon must not be asked")
    }

    fn set_up(
        &self,
        _: &Subject,
        _: Duration,
        report: &mut dyn FnMut(Hint) -> Result<(), Outcome>,
    ) -> Result<Strength, Outcome> {
        let end = self.set_ups.borrow_mut().pop_front().expect("the daemon must not be asked");
        self.hints.iter().try_for_each(|hint| report(*hint))?;
        end
    }

    fn recovery_codes(&self, subject: &Subject, _: Duration) -> Result<u32, Outcome> {
        assert_eq!(subject.uid, Uid(1000));
        self.codes.expect("the daemon must not be asked for codes")
    }

    fn recover(&self, subject: &Subject, code: &str, _: Duration) -> Result<(), Outcome> {
        assert_eq!(subject.uid, Uid(1000));
        self.redeemed.borrow_mut().push(code.to_owned());
        self.redeems.expect("no code must be redeemed")
    }
}
