//! Questions before a task starts.

use adw::prelude::*;
use fpass_language::Wording;
use fpass_proto::Label;

use super::Intents;
use super::parts::named;
use crate::language::told;
use crate::messages::Task;
use crate::model::Intent;
use crate::phrases::plain;

/// The answer that starts the task.
const YES: &str = "yes";
/// The answer that does nothing.
const NO: &str = "no";

/// A question with two answers.
struct Question {
    heading: Wording,
    body: Wording,
    /// The word on the button that starts the task.
    yes: Wording,
    look: adw::ResponseAppearance,
}

impl Question {
    fn dialogue(&self, window: &adw::ApplicationWindow) -> adw::MessageDialog {
        let dialogue = adw::MessageDialog::new(
            Some(window),
            Some(self.heading.as_str()),
            Some(self.body.as_str()),
        );
        dialogue.add_response(NO, told!("Cancel").as_str());
        dialogue.add_response(YES, self.yes.as_str());
        dialogue.set_response_appearance(YES, self.look);
        dialogue.set_close_response(NO);
        dialogue
    }

    /// Asks, and starts the task on a yes.
    fn ask(&self, window: &adw::ApplicationWindow, intents: &Intents, task: Task) {
        let dialogue = self.dialogue(window);
        // What cannot be undone is not what Enter does.
        dialogue.set_default_response(Some(NO));
        let intents = intents.clone();
        dialogue.connect_response(Some(YES), move |_, _| {
            intents.send(Intent::Start(task.clone()));
        });
        dialogue.present();
    }

    /// Asks for a label, and starts the task with it. The answer is possible while it is a label.
    fn ask_label(
        &self,
        window: &adw::ApplicationWindow,
        intents: &Intents,
        first: &str,
        task: impl Fn(Label) -> Task + 'static,
    ) {
        let dialogue = self.dialogue(window);
        let entry: gtk::Entry = named("GtkEntry", told!("Name of the look").as_str());
        entry.set_text(first);
        entry.set_activates_default(true);
        entry.connect_changed({
            let dialogue = dialogue.clone();
            move |entry| {
                dialogue.set_response_enabled(YES, Label::parse(entry.text().as_str()).is_ok());
            }
        });
        dialogue.set_extra_child(Some(&entry));
        dialogue.set_default_response(Some(YES));
        let intents = intents.clone();
        dialogue.connect_response(Some(YES), move |_, _| {
            if let Ok(label) = Label::parse(entry.text().as_str()) {
                intents.send(Intent::Start(task(label)));
            }
        });
        dialogue.present();
    }
}

/// Asks what a new look is called, and enrols it.
pub(super) fn ask_for_label(window: &adw::ApplicationWindow, intents: &Intents) {
    let question = Question {
        heading: told!("Name this look"),
        body: told!(
            "Then confirm with your password, look at the camera and follow the hints. Nobody \
             else should be in the picture."
        ),
        yes: told!("Start"),
        look: adw::ResponseAppearance::Suggested,
    };
    question.ask_label(window, intents, Label::default().as_str(), Task::Enrol);
}

/// Asks what a look is called from now on.
pub(super) fn ask_for_new_label(window: &adw::ApplicationWindow, intents: &Intents, old: &str) {
    let question = Question {
        heading: told!("Rename \"{label}\"", label = plain(old)),
        body: told!(
            "Confirm with your password when you are asked for it, then look at the camera."
        ),
        yes: told!("Rename"),
        look: adw::ResponseAppearance::Suggested,
    };
    let kept = old.to_owned();
    question.ask_label(window, intents, old, move |new| Task::Rename { old: kept.clone(), new });
}

/// Asks before a look is removed.
pub(super) fn confirm_removal(
    window: &adw::ApplicationWindow,
    intents: &Intents,
    label: &str,
    is_last: bool,
) {
    let body = if is_last {
        told!("It is your last look. Services that ask for your face will then refuse you.")
    } else {
        told!("You will no longer be recognised by this look.")
    };
    let question = Question {
        heading: told!("Remove \"{label}\"?", label = plain(label)),
        body,
        yes: told!("Remove"),
        look: adw::ResponseAppearance::Destructive,
    };
    question.ask(window, intents, Task::Remove(label.to_owned()));
}

/// Asks before the codes are replaced.
pub(super) fn confirm_new_codes(window: &adw::ApplicationWindow, intents: &Intents) {
    let question = Question {
        heading: told!("Make new recovery codes?"),
        body: told!("Earlier codes become void. The new ones are shown once."),
        yes: told!("Make codes"),
        look: adw::ResponseAppearance::Suggested,
    };
    question.ask(window, intents, Task::MakeCodes);
}

/// Asks before there are no codes any more.
pub(super) fn confirm_no_codes(window: &adw::ApplicationWindow, intents: &Intents) {
    let question = Question {
        heading: told!("Make all recovery codes void?"),
        body: told!("You then cannot log in with a code when the camera cannot decide."),
        yes: told!("Make void"),
        look: adw::ResponseAppearance::Destructive,
    };
    question.ask(window, intents, Task::VoidCodes);
}
