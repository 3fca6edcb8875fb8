//! `fpass-settings`: the window in which users set up and look after their own F-pass.
//!
//! `model.rs` decides what is shown, `worker.rs` speaks to the bus on a thread of its own, and
//! `window.rs` draws. Values go from the person to the model, from there to the bus, and back.

mod account;
mod connection;
mod enrolment;
mod failure;
pub mod language;
mod messages;
mod model;
mod phrases;
mod picture;
mod snapshot;
mod window;
mod worker;

use adw::prelude::*;
use gtk::glib;

/// The name of the program on the session bus, of its `.desktop` file and of its icon.
pub const APPLICATION_ID: &str = "org.fpass.Settings";

/// Shows the window until it is closed.
#[must_use]
pub fn run() -> glib::ExitCode {
    let application = adw::Application::builder().application_id(APPLICATION_ID).build();
    application.connect_activate(|application| {
        // A second start shows the window that is there.
        match application.active_window() {
            Some(window) => window.present(),
            None => window::open(application),
        }
    });
    application.run()
}
