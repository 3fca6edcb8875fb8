//! The page of recovery codes: how many are left, new ones, none.

use adw::prelude::*;

use super::Intents;
use super::dialogues::{confirm_new_codes, confirm_no_codes};
use super::parts::{Rows, SPACE, group, page, row};
use crate::language::told;
use crate::phrases;
use crate::snapshot::Snapshot;

/// The page.
pub(super) struct CodesPage {
    /// The widget.
    pub(super) page: adw::PreferencesPage,
    rows: Rows,
    make: gtk::Button,
    void: gtk::Button,
}

impl CodesPage {
    /// An empty page.
    pub(super) fn new(window: &adw::ApplicationWindow, intents: &Intents) -> Self {
        let description = told!(
            "With a recovery code you log in when the camera cannot decide. Each one works once."
        );
        let codes = group(&told!("Recovery codes"), Some(&description));
        let make = gtk::Button::with_label(told!("Make new codes").as_str());
        make.connect_clicked({
            let (window, intents) = (window.clone(), intents.clone());
            move |_| confirm_new_codes(&window, &intents)
        });
        let void = gtk::Button::with_label(told!("Make all codes void").as_str());
        void.add_css_class("destructive-action");
        void.connect_clicked({
            let (window, intents) = (window.clone(), intents.clone());
            move |_| confirm_no_codes(&window, &intents)
        });
        let buttons = gtk::Box::new(gtk::Orientation::Horizontal, SPACE);
        buttons.append(&make);
        buttons.append(&void);
        let below = adw::PreferencesGroup::new();
        below.add(&buttons);
        Self { page: page(&[&codes, &below]), rows: Rows::of(&codes), make, void }
    }

    /// Shows how many codes are left.
    pub(super) fn fill(&self, snapshot: &Snapshot) {
        self.make.set_visible(snapshot.is_enrolled());
        self.void.set_visible(snapshot.codes != Ok(0));
        self.rows.replace(vec![row(phrases::codes_left(&snapshot.codes).as_str(), "")]);
    }
}
