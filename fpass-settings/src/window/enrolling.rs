//! The screen of an enrolment: the person as in a mirror, what to do, and how far it is.

use adw::prelude::*;
use fpass_proto::Guidance;
use gtk::{gdk, glib};

use super::Intents;
use super::parts::{SPACE, button, live_region, named, text};
use crate::language::told;
use crate::model::{Intent, Running};
use crate::phrases;
use crate::picture::{PIXEL, Picture};

/// Least size of the picture in pixels.
const LEAST: (i32, i32) = (320, 240);

/// The screen.
pub(super) struct Enrolling {
    /// The widget.
    pub(super) root: gtk::Box,
    picture: gtk::Picture,
    instruction: gtk::Label,
    without_turn: gtk::Label,
    progress: gtk::ProgressBar,
    frames: gtk::Label,
    stop: gtk::Button,
}

impl Enrolling {
    /// The screen before anything runs.
    pub(super) fn new(intents: &Intents) -> Self {
        let picture: gtk::Picture = named("GtkPicture", told!("You, as in a mirror").as_str());
        picture.set_size_request(LEAST.0, LEAST.1);
        picture.set_vexpand(true);
        let (instruction, without_turn) = (text("title-2"), text("body"));
        let told = live_region(gtk::AccessibleRole::Status);
        told.append(&instruction);
        told.append(&without_turn);
        let progress: gtk::ProgressBar = named("GtkProgressBar", told!("Progress").as_str());
        let frames = text("body");
        let stop = button(&told!("Stop"), intents, || Intent::Stop);
        stop.set_halign(gtk::Align::Center);
        let root = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(SPACE)
            .margin_top(SPACE)
            .margin_bottom(2 * SPACE)
            .margin_start(2 * SPACE)
            .margin_end(2 * SPACE)
            .build();
        root.append(&picture);
        root.append(&told);
        root.append(&progress);
        root.append(&frames);
        root.append(&stop);
        Self { root, picture, instruction, without_turn, progress, frames, stop }
    }

    /// Shows the picture, what to do, and how far it is.
    pub(super) fn show(&self, running: &Running) {
        let instruction = phrases::instruction(running);
        if self.instruction.text() != instruction.as_str() {
            self.instruction.set_text(instruction.as_str());
        }
        let without = phrases::way_without_turn(running);
        self.without_turn.set_visible(without.is_some());
        self.without_turn.set_text(without.map(String::from).unwrap_or_default().as_str());
        let (taken, wanted) = running.frames;
        let told = told!("{taken} of {wanted} pictures taken", taken = taken, wanted = wanted);
        self.progress.set_fraction(f64::from(taken) / f64::from(wanted.max(1)));
        if self.frames.text() != told.as_str() {
            self.frames.set_text(told.as_str());
        }
        let is_good = running.hint == Some(Guidance::Good);
        let shown = running.picture.as_ref().and_then(|picture| texture(picture, is_good));
        self.picture.set_paintable(shown.as_ref());
    }

    /// Puts the keyboard onto the button.
    pub(super) fn focus(&self) {
        self.stop.grab_focus();
    }
}

/// The picture as GTK draws it. Our copy of its pixels is overwritten when GTK drops it.
fn texture(picture: &Picture, is_good: bool) -> Option<gdk::MemoryTexture> {
    let (width, height) = (picture.width(), picture.height());
    let row = (width as usize).checked_mul(PIXEL)?;
    let pixels = glib::Bytes::from_owned(picture.mirrored(is_good));
    let (width, height) = (i32::try_from(width).ok()?, i32::try_from(height).ok()?);
    Some(gdk::MemoryTexture::new(width, height, gdk::MemoryFormat::R8g8b8, &pixels, row))
}
