//! Parts that several screens share.

use std::cell::RefCell;

use adw::prelude::*;
use fpass_language::Wording;
use gtk::glib;

use super::Intents;
use crate::language::told;
use crate::model::Intent;

/// Space around parts, in pixels.
pub(super) const SPACE: i32 = 12;

/// A button that sends an intent.
pub(super) fn button(
    label: &Wording,
    intents: &Intents,
    intent: impl Fn() -> Intent + 'static,
) -> gtk::Button {
    let button = gtk::Button::with_label(label.as_str());
    button.set_valign(gtk::Align::Center);
    let intents = intents.clone();
    button.connect_clicked(move |_| intents.send(intent()));
    button
}

/// A row of a title and a text below it. What the daemon says is no markup.
pub(super) fn row(title: &str, text: &str) -> adw::ActionRow {
    adw::ActionRow::builder().use_markup(false).title(title).subtitle(text).build()
}

/// A label for longer text.
pub(super) fn text(class: &str) -> gtk::Label {
    let label = gtk::Label::builder()
        .wrap(true)
        .justify(gtk::Justification::Center)
        .max_width_chars(60)
        .build();
    label.add_css_class(class);
    label
}

/// A box whose changes a screen reader tells.
pub(super) fn live_region(role: gtk::AccessibleRole) -> gtk::Box {
    gtk::Box::builder()
        .accessible_role(role)
        .orientation(gtk::Orientation::Vertical)
        .spacing(SPACE)
        .build()
}

/// A widget of a class with a name for screen readers. The bindings set names only with GTK 4.10
/// and later, GTK's own XML with every version.
pub(super) fn named<T: IsA<glib::Object> + Default>(class: &str, name: &str) -> T {
    build(class, "", name)
}

/// A button whose name for screen readers says more than its label.
pub(super) fn named_button(label: &Wording, name: &Wording) -> gtk::Button {
    let label = glib::markup_escape_text(label.as_str());
    // A label that is set later would replace the name.
    build("GtkButton", &format!("<property name=\"label\">{label}</property>"), name.as_str())
}

fn build<T: IsA<glib::Object> + Default>(class: &str, properties: &str, name: &str) -> T {
    let name = glib::markup_escape_text(name);
    let label = format!("<property name=\"label\">{name}</property>");
    let xml = format!(
        "<interface><object class=\"{class}\" id=\"named\">{properties}\
         <accessibility>{label}</accessibility></object></interface>"
    );
    gtk::Builder::from_string(&xml).object("named").unwrap_or_default()
}

/// The screen before the first answer.
pub(super) fn asking() -> adw::StatusPage {
    let spinner =
        gtk::Spinner::builder().spinning(true).width_request(32).height_request(32).build();
    adw::StatusPage::builder()
        .title(told!("F-pass is asked for its state.").as_str())
        .child(&spinner)
        .build()
}

/// The screen without a daemon.
pub(super) fn away(reason: &Wording) -> adw::StatusPage {
    adw::StatusPage::builder()
        .icon_name("dialog-warning-symbolic")
        .title(told!("F-pass is not available").as_str())
        .description(reason.as_str())
        .build()
}

/// The same with a button; its reason comes later.
pub(super) fn away_with(button: &gtk::Button) -> adw::StatusPage {
    let page = away(&told!("F-pass is asked for its state."));
    button.set_halign(gtk::Align::Center);
    button.add_css_class("pill");
    page.set_child(Some(button));
    page
}

/// The outcome of the last task, above the pages.
pub(super) struct Notice {
    /// The widget.
    pub(super) root: gtk::Box,
    label: gtk::Label,
}

impl Notice {
    /// An empty one, which is not shown.
    pub(super) fn new(intents: &Intents) -> Self {
        let label = gtk::Label::builder().wrap(true).xalign(0.0).hexpand(true).build();
        let close = named_button(&told!("Close"), &told!("Close this message"));
        close.set_valign(gtk::Align::Center);
        close.connect_clicked({
            let intents = intents.clone();
            move |_| intents.send(Intent::NoticeRead)
        });
        let root = gtk::Box::builder()
            .accessible_role(gtk::AccessibleRole::Alert)
            .orientation(gtk::Orientation::Horizontal)
            .spacing(SPACE)
            .margin_top(SPACE)
            .margin_bottom(SPACE)
            .margin_start(SPACE)
            .margin_end(SPACE)
            .visible(false)
            .build();
        root.append(&label);
        root.append(&close);
        Self { root, label }
    }

    /// Shows a sentence, or nothing.
    pub(super) fn show(&self, sentence: Option<Wording>) {
        self.root.set_visible(sentence.is_some());
        let sentence = sentence.map(String::from).unwrap_or_default();
        if self.label.text() != sentence {
            self.label.set_text(&sentence);
        }
    }
}

/// Rows of a group that are replaced when the state is new.
pub(super) struct Rows {
    group: adw::PreferencesGroup,
    rows: RefCell<Vec<adw::ActionRow>>,
}

impl Rows {
    /// The rows of a group; none yet.
    pub(super) fn of(group: &adw::PreferencesGroup) -> Self {
        Self { group: group.clone(), rows: RefCell::default() }
    }

    /// Shows these rows instead of the earlier ones.
    pub(super) fn replace(&self, rows: Vec<adw::ActionRow>) {
        for row in &rows {
            self.group.add(row);
        }
        for row in self.rows.replace(rows) {
            self.group.remove(&row);
        }
    }
}

/// A page of groups.
pub(super) fn page(groups: &[&adw::PreferencesGroup]) -> adw::PreferencesPage {
    let page = adw::PreferencesPage::new();
    for group in groups {
        page.add(*group);
    }
    page
}

/// A group with a title.
pub(super) fn group(title: &Wording, description: Option<&Wording>) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder().title(title.as_str()).build();
    group.set_description(description.map(Wording::as_str));
    group
}
