//! The screen of a task that may ask for a password and for the face.

use adw::prelude::*;

use super::Intents;
use super::parts::{SPACE, button, live_region, text};
use crate::language::told;
use crate::model::{Intent, Running};
use crate::phrases;

/// The screen.
pub(super) struct Working {
    /// The widget.
    pub(super) root: gtk::Box,
    instruction: gtk::Label,
    without_turn: gtk::Label,
    stop: gtk::Button,
}

impl Working {
    /// The screen before anything runs.
    pub(super) fn new(intents: &Intents) -> Self {
        let spinner =
            gtk::Spinner::builder().spinning(true).width_request(48).height_request(48).build();
        let (instruction, without_turn) = (text("title-2"), text("body"));
        let told = live_region(gtk::AccessibleRole::Status);
        told.append(&instruction);
        told.append(&without_turn);
        let stop = button(&told!("Stop"), intents, || Intent::Stop);
        stop.set_halign(gtk::Align::Center);
        let root = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(2 * SPACE)
            .valign(gtk::Align::Center)
            .margin_start(SPACE)
            .margin_end(SPACE)
            .build();
        root.append(&spinner);
        root.append(&told);
        root.append(&stop);
        Self { root, instruction, without_turn, stop }
    }

    /// Shows what to do.
    pub(super) fn show(&self, running: &Running) {
        self.instruction.set_text(phrases::instruction(running).as_str());
        let without = phrases::way_without_turn(running);
        self.without_turn.set_visible(without.is_some());
        self.without_turn.set_text(without.map(String::from).unwrap_or_default().as_str());
    }

    /// Puts the keyboard onto the button.
    pub(super) fn focus(&self) {
        self.stop.grab_focus();
    }
}
