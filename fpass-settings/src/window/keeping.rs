//! The screen of new recovery codes: shown once, to print or to save.

use std::cell::RefCell;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::rc::Rc;

use adw::prelude::*;
use fpass_language::Wording;
use gtk::cairo::{FontSlant, FontWeight};

use super::Intents;
use super::parts::{SPACE, button, live_region, text};
use crate::language::told;
use crate::messages::Codes;
use crate::model::Intent;
use crate::phrases::plain;

/// Size of the printed letters in points.
const LETTERS: f64 = 14.0;
/// Distance of the printed lines in points.
const LINE: f64 = 24.0;
/// Margin of the printed page in points.
const MARGIN: f64 = 36.0;

/// The screen.
pub(super) struct Keeping {
    /// The widget.
    pub(super) root: gtk::ScrolledWindow,
    list: gtk::Label,
    outcome: gtk::Label,
    print: gtk::Button,
    codes: Rc<RefCell<Option<Codes>>>,
}

impl Keeping {
    /// The screen without codes.
    pub(super) fn new(window: &adw::ApplicationWindow, intents: &Intents) -> Self {
        let codes: Rc<RefCell<Option<Codes>>> = Rc::default();
        let (title, advice, outcome) = (text("title-2"), text("body"), text("body"));
        title.set_text(told!("Your new recovery codes").as_str());
        advice.set_text(advice_about_codes().as_str());
        let list = gtk::Label::builder().selectable(true).build();
        list.add_css_class("monospace");
        list.add_css_class("title-3");
        let told = live_region(gtk::AccessibleRole::Status);
        told.append(&outcome);
        let print = gtk::Button::with_label(told!("Print").as_str());
        print.connect_clicked({
            let (window, codes, outcome) = (window.clone(), Rc::clone(&codes), outcome.clone());
            move |_| print_codes(&window, &codes, &outcome)
        });
        let save = gtk::Button::with_label(told!("Save").as_str());
        save.connect_clicked({
            let (window, codes, outcome) = (window.clone(), Rc::clone(&codes), outcome.clone());
            move |_| choose_file(&window, &codes, &outcome)
        });
        let done = button(&told!("Done"), intents, || Intent::CodesKept);
        done.add_css_class("suggested-action");
        let buttons = gtk::Box::builder().spacing(SPACE).halign(gtk::Align::Center).build();
        for button in [&print, &save, &done] {
            buttons.append(button);
        }
        let content = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(SPACE)
            .margin_top(2 * SPACE)
            .margin_bottom(2 * SPACE)
            .margin_start(2 * SPACE)
            .margin_end(2 * SPACE)
            .build();
        content.append(&title);
        content.append(&advice);
        content.append(&list);
        content.append(&buttons);
        content.append(&told);
        let root = gtk::ScrolledWindow::builder().child(&content).build();
        Self { root, list, outcome, print, codes }
    }

    /// Shows codes, or forgets them.
    pub(super) fn show(&self, codes: Option<&Codes>) {
        if self.codes.borrow().as_ref() == codes {
            return;
        }
        self.outcome.set_text("");
        match codes {
            Some(codes) => self.list.set_text(codes.text().trim_end()),
            None => self.list.set_text(""),
        }
        self.codes.replace(codes.cloned());
    }

    /// Puts the keyboard onto the first button.
    pub(super) fn focus(&self) {
        self.print.grab_focus();
    }
}

fn advice_about_codes() -> Wording {
    told!(
        "Each code is valid for one login. Print them or write them down now, and keep them away \
         from this computer: they are not shown again. Earlier codes are void."
    )
}

/// Lets the person choose a file and writes the codes into it.
fn choose_file(
    window: &adw::ApplicationWindow,
    codes: &Rc<RefCell<Option<Codes>>>,
    outcome: &gtk::Label,
) {
    let chooser = gtk::FileChooserNative::builder()
        .title(told!("Save the recovery codes").as_str())
        .transient_for(window)
        .modal(true)
        .action(gtk::FileChooserAction::Save)
        .build();
    chooser.set_current_name("F-pass.txt");
    let (codes, outcome) = (Rc::clone(codes), outcome.clone());
    // The dialogue lives as long as it is shown.
    let kept = RefCell::new(Some(chooser.clone()));
    chooser.connect_response(move |chooser, response| {
        kept.replace(None);
        let path = chooser.file().and_then(|file| file.path());
        let (gtk::ResponseType::Accept, Some(path)) = (response, path) else { return };
        let shown = codes.borrow();
        let Some(codes) = shown.as_ref() else { return };
        let told = match write(&path, codes.text().as_bytes()) {
            Ok(()) => told!(
                "The codes are in {file}. Keep that file away from this computer.",
                file = plain(&path.to_string_lossy())
            ),
            Err(cause) => told!("The codes cannot be saved ({cause}).", cause = cause),
        };
        outcome.set_text(told.as_str());
    });
    chooser.show();
}

/// Writes a file that nobody else may read, even if it was there before.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.set_len(0)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Lets the person choose a printer and prints the codes on one page.
fn print_codes(
    window: &adw::ApplicationWindow,
    codes: &Rc<RefCell<Option<Codes>>>,
    outcome: &gtk::Label,
) {
    let operation = gtk::PrintOperation::new();
    operation.set_n_pages(1);
    operation.set_unit(gtk::Unit::Points);
    operation.set_job_name("F-pass");
    let codes = Rc::clone(codes);
    operation.connect_draw_page(move |_, context, _| {
        let page = context.cairo_context();
        page.select_font_face("monospace", FontSlant::Normal, FontWeight::Normal);
        page.set_font_size(LETTERS);
        let mut line = MARGIN;
        for code in codes.borrow().iter().flat_map(Codes::iter) {
            line += LINE;
            page.move_to(MARGIN, line);
            // A page that takes no text comes out of the printer empty, which the person sees.
            let _ = page.show_text(code);
        }
    });
    if let Err(cause) = operation.run(gtk::PrintOperationAction::PrintDialog, Some(window)) {
        outcome.set_text(told!("The codes cannot be printed ({cause}).", cause = cause).as_str());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_owner_may_read_the_file_even_if_all_might_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("codes");
        fs::write(&path, "older and longer than the codes").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        write(&path, b"abcd-efgh\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "abcd-efgh\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
