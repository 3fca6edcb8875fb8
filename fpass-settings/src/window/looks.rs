//! The page of looks: add, rename, remove.

use adw::prelude::*;
use fpass_proto::TemplateReport;
use fpass_proto::limits::TEMPLATES_MAX;

use super::Intents;
use super::dialogues::{ask_for_label, ask_for_new_label, confirm_removal};
use super::parts::{Rows, group, named_button, page, row};
use crate::language::told;
use crate::phrases;
use crate::snapshot::Snapshot;

/// The page.
pub(super) struct Looks {
    /// The widget.
    pub(super) page: adw::PreferencesPage,
    rows: Rows,
    add: gtk::Button,
    window: adw::ApplicationWindow,
    intents: Intents,
}

impl Looks {
    /// An empty page.
    pub(super) fn new(window: &adw::ApplicationWindow, intents: &Intents) -> Self {
        let description = told!(
            "Each look is a set of pictures of you, for example with glasses. They are kept as \
             numbers, not as pictures."
        );
        let looks = group(&told!("Looks"), Some(&description));
        let add = gtk::Button::with_label(told!("Add another look").as_str());
        add.connect_clicked({
            let (window, intents) = (window.clone(), intents.clone());
            move |_| ask_for_label(&window, &intents)
        });
        let below = adw::PreferencesGroup::new();
        below.add(&add);
        Self {
            page: page(&[&looks, &below]),
            rows: Rows::of(&looks),
            add,
            window: window.clone(),
            intents: intents.clone(),
        }
    }

    /// Shows the looks.
    pub(super) fn fill(&self, snapshot: &Snapshot) {
        let looks = snapshot.looks.as_deref().unwrap_or_default();
        self.add.set_visible(snapshot.is_enrolled() && looks.len() < TEMPLATES_MAX);
        self.rows.replace(match &snapshot.looks {
            Ok(looks) if looks.is_empty() => {
                vec![row(phrases::state(&snapshot.state).as_str(), "")]
            }
            Ok(looks) => looks.iter().map(|look| self.row(look, looks.len() == 1)).collect(),
            Err(refusal) => vec![row(phrases::told_refusal(*refusal).as_str(), "")],
        });
    }

    fn row(&self, look: &TemplateReport, is_last: bool) -> adw::ActionRow {
        let label = phrases::plain(&look.label);
        let row = row(&label, phrases::look(look, &day(look.created)).as_str());
        let rename = named_button(&told!("Rename"), &told!("Rename \"{label}\"", label = label));
        let remove = named_button(&told!("Remove"), &told!("Remove \"{label}\"", label = label));
        remove.add_css_class("destructive-action");
        rename.connect_clicked({
            let (window, intents) = (self.window.clone(), self.intents.clone());
            let label = look.label.clone();
            move |_| ask_for_new_label(&window, &intents, &label)
        });
        remove.connect_clicked({
            let (window, intents) = (self.window.clone(), self.intents.clone());
            let label = look.label.clone();
            move |_| confirm_removal(&window, &intents, &label, is_last)
        });
        for button in [&rename, &remove] {
            button.set_valign(gtk::Align::Center);
            row.add_suffix(button);
        }
        row
    }
}

/// The day of a time in seconds since the Unix epoch, where the person is.
fn day(seconds: u64) -> String {
    super::attempts::local(seconds, "%F")
}
