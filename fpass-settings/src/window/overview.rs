//! The first page: whether there is an F-pass, and the state of everything that it needs.

use adw::prelude::*;
use fpass_proto::{EnrolmentState, MachineStatus};

use super::Intents;
use super::dialogues::ask_for_label;
use super::parts::{Rows, button, group, page, row};
use crate::language::told;
use crate::messages::Task;
use crate::model::Intent;
use crate::phrases;
use crate::snapshot::Snapshot;

/// The page.
pub(super) struct Overview {
    /// The widget.
    pub(super) page: adw::PreferencesPage,
    state: adw::PreferencesGroup,
    set_up: gtk::Button,
    test: gtk::Button,
    counts: Rows,
    machine: Rows,
}

impl Overview {
    /// An empty page.
    pub(super) fn new(window: &adw::ApplicationWindow, intents: &Intents) -> Self {
        let set_up = gtk::Button::with_label(told!("Set up").as_str());
        set_up.add_css_class("suggested-action");
        set_up.connect_clicked({
            let (window, intents) = (window.clone(), intents.clone());
            move |_| ask_for_label(&window, &intents)
        });
        let test = button(&told!("Test"), intents, || Intent::Start(Task::Test));
        let buttons = gtk::Box::new(gtk::Orientation::Horizontal, super::parts::SPACE);
        buttons.append(&set_up);
        buttons.append(&test);
        let state = group(&told!("Your F-pass"), None);
        state.add(&buttons);
        let counts = group(&told!("Your attempts"), None);
        let machine = group(&told!("This computer"), None);
        Self {
            page: page(&[&state, &counts, &machine]),
            set_up,
            test,
            counts: Rows::of(&counts),
            machine: Rows::of(&machine),
            state,
        }
    }

    /// Shows the state.
    pub(super) fn fill(&self, snapshot: &Snapshot) {
        self.state.set_description(Some(phrases::state(&snapshot.state).as_str()));
        self.set_up.set_visible(matches!(
            snapshot.state,
            Ok(EnrolmentState::NeverEnrolled | EnrolmentState::Removed)
        ));
        self.test.set_visible(snapshot.is_enrolled());
        let counts = snapshot.attempts.as_ref().ok();
        let told = |counter| phrases::counter(counter);
        self.counts.replace(vec![
            row(told!("Logins").as_str(), told(counts.map(|all| &all.logins)).as_str()),
            row(told!("Tests").as_str(), told(counts.map(|all| &all.self_tests)).as_str()),
            row(told!("Lock screen").as_str(), told(counts.map(|all| &all.lock_screen)).as_str()),
            row(told!("Recovery codes").as_str(), phrases::codes_left(&snapshot.codes).as_str()),
        ]);
        self.machine.replace(match &snapshot.machine {
            Ok(machine) => rows_of(machine),
            Err(refusal) => {
                vec![row(told!("Service").as_str(), phrases::told_refusal(*refusal).as_str())]
            }
        });
    }
}

fn rows_of(machine: &MachineStatus) -> Vec<adw::ActionRow> {
    let version = told!("version {version}", version = phrases::plain(&machine.version));
    let mut rows = vec![
        row(told!("Camera").as_str(), &phrases::plain(&machine.camera)),
        row(told!("Liveness check").as_str(), &phrases::plain(&machine.liveness)),
        row(told!("Service").as_str(), version.as_str()),
    ];
    if !machine.advice.is_empty() {
        rows.push(row(told!("Advice").as_str(), &phrases::plain(&machine.advice)));
    }
    rows
}
