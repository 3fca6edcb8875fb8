//! The window: one screen at a time, as the model says.

mod attempts;
mod cameras;
mod codes;
mod dialogues;
mod enrolling;
mod keeping;
mod looks;
mod overview;
mod parts;
mod working;

use std::cell::RefCell;
use std::rc::Rc;

use adw::prelude::*;
use gtk::glib;
use tokio::sync::mpsc::UnboundedSender;

use self::parts::{Notice, away, button};
use crate::language::told;
use crate::messages::{Event, Request};
use crate::model::{Intent, Model, Screen};
use crate::{phrases, worker};

/// Size of the window at the start, in pixels.
const SIZE: (i32, i32) = (780, 660);

/// Sends what the person wants to the model. Copies share the window.
#[derive(Clone)]
pub(crate) struct Intents(Rc<dyn Fn(Intent)>);

impl Intents {
    /// The person wants this.
    pub(crate) fn send(&self, intent: Intent) {
        (self.0)(intent);
    }
}

/// The widgets that change.
struct Widgets {
    window: adw::ApplicationWindow,
    /// Only the present one is visible. A stack would show screen readers the others, too.
    screens: [(Screen, gtk::Widget); 6],
    switcher: adw::ViewSwitcherTitle,
    bar: adw::ViewSwitcherBar,
    reload: gtk::Button,
    notice: Notice,
    away: adw::StatusPage,
    overview: overview::Overview,
    looks: looks::Looks,
    codes: codes::CodesPage,
    cameras: cameras::Cameras,
    attempts: attempts::Attempts,
    enrolling: enrolling::Enrolling,
    working: working::Working,
    keeping: keeping::Keeping,
}

/// Opens the window.
pub(crate) fn open(application: &adw::Application) {
    let window = adw::ApplicationWindow::builder()
        .application(application)
        .title(told!("F-pass").as_str())
        .icon_name(crate::APPLICATION_ID)
        .default_width(SIZE.0)
        .default_height(SIZE.1)
        .build();
    let (requests, mut events) = match worker::start() {
        Ok(channels) => channels,
        Err(cause) => {
            let reason = told!("This window cannot work ({cause}).", cause = cause);
            window.set_content(Some(&away(&reason)));
            window.present();
            return;
        }
    };
    let model = Rc::new(RefCell::new(Model::default()));
    let shown: Rc<RefCell<Option<Widgets>>> = Rc::default();
    let intents = {
        let (model, shown, requests) = (Rc::clone(&model), Rc::clone(&shown), requests.clone());
        Intents(Rc::new(move |intent| {
            let request = model.borrow_mut().intend(intent);
            pass_on(&requests, request);
            if let Some(widgets) = shown.borrow().as_ref() {
                widgets.show(&model.borrow());
            }
        }))
    };
    let widgets = Widgets::build(window, &intents);
    widgets.show(&model.borrow());
    widgets.window.present();
    shown.replace(Some(widgets));
    pass_on(&requests, Some(Request::Read));
    glib::spawn_future_local(async move {
        while let Some(event) = events.recv().await {
            let is_new_state = matches!(event, Event::Read(_));
            let request = model.borrow_mut().hear(event);
            pass_on(&requests, request);
            if let Some(widgets) = shown.borrow().as_ref() {
                if is_new_state {
                    widgets.fill(&model.borrow());
                }
                widgets.show(&model.borrow());
            }
        }
    });
}

/// Sends a request, if there is one.
fn pass_on(requests: &UnboundedSender<Request>, request: Option<Request>) {
    if let Some(request) = request {
        // The thread ends with the window alone.
        let _ = requests.send(request);
    }
}

impl Widgets {
    fn build(window: adw::ApplicationWindow, intents: &Intents) -> Self {
        let pages = adw::ViewStack::new();
        let overview = overview::Overview::new(&window, intents);
        let looks = looks::Looks::new(&window, intents);
        let codes = codes::CodesPage::new(&window, intents);
        let cameras = cameras::Cameras::new();
        let attempts = attempts::Attempts::new();
        for (page, name, title, icon) in [
            (&overview.page, "overview", told!("Overview"), "user-home-symbolic"),
            (&looks.page, "looks", told!("Looks"), "avatar-default-symbolic"),
            (&codes.page, "codes", told!("Recovery codes"), "dialog-password-symbolic"),
            (&cameras.page, "cameras", told!("Cameras"), "camera-web-symbolic"),
            (&attempts.page, "attempts", told!("Past attempts"), "document-open-recent-symbolic"),
        ] {
            pages.add_titled(page, Some(name), title.as_str()).set_icon_name(Some(icon));
        }
        let switcher =
            adw::ViewSwitcherTitle::builder().stack(&pages).title(told!("F-pass").as_str()).build();
        let bar = adw::ViewSwitcherBar::builder().stack(&pages).build();
        switcher.connect_title_visible_notify({
            let bar = bar.clone();
            move |switcher| reveal(&bar, switcher)
        });
        let reload = button(&told!("Reload"), intents, || Intent::Reload);
        let header = adw::HeaderBar::builder()
            .title_widget(&switcher)
            .centering_policy(adw::CenteringPolicy::Strict)
            .build();
        header.pack_start(&reload);
        let (enrolling, working) =
            (enrolling::Enrolling::new(intents), working::Working::new(intents));
        let keeping = keeping::Keeping::new(&window, intents);
        let away = parts::away_with(&button(&told!("Try again"), intents, || Intent::Reload));
        let screens: [(Screen, gtk::Widget); 6] = [
            (Screen::Asking, parts::asking().upcast()),
            (Screen::Away, away.clone().upcast()),
            (Screen::Pages, pages.upcast()),
            (Screen::Enrolling, enrolling.root.clone().upcast()),
            (Screen::Working, working.root.clone().upcast()),
            (Screen::Codes, keeping.root.clone().upcast()),
        ];
        let notice = Notice::new(intents);
        let content = gtk::Box::new(gtk::Orientation::Vertical, 0);
        content.append(&header);
        content.append(&notice.root);
        for (_, screen) in &screens {
            screen.set_vexpand(true);
            screen.set_visible(false);
            content.append(screen);
        }
        content.append(&bar);
        window.set_content(Some(&content));
        Self {
            window,
            screens,
            switcher,
            bar,
            reload,
            notice,
            away,
            overview,
            looks,
            codes,
            cameras,
            attempts,
            enrolling,
            working,
            keeping,
        }
    }

    /// Puts what the daemon said onto the pages.
    fn fill(&self, model: &Model) {
        if let Some(snapshot) = model.snapshot() {
            self.overview.fill(snapshot);
            self.looks.fill(snapshot);
            self.codes.fill(snapshot);
            self.cameras.fill(snapshot);
            self.attempts.fill(snapshot);
        }
        if let Some(failure) = model.absence() {
            self.away.set_description(Some(failure.sentence().as_str()));
        }
    }

    /// Shows the screen of the model, and what changes on it.
    fn show(&self, model: &Model) {
        let screen = model.screen();
        if let Some(failure) = model.absence() {
            self.away.set_description(Some(failure.sentence().as_str()));
        }
        self.notice.show(model.notice().map(phrases::outcome));
        if let Some(running) = model.running() {
            self.enrolling.show(running);
            self.working.show(running);
        }
        self.keeping.show(model.codes());
        let is_at_pages = screen == Screen::Pages;
        self.switcher.set_view_switcher_enabled(is_at_pages);
        reveal(&self.bar, &self.switcher);
        self.reload.set_sensitive(is_at_pages);
        let is_other =
            |(shown, widget): &(Screen, gtk::Widget)| (*shown == screen) != widget.get_visible();
        if self.screens.iter().any(is_other) {
            for (shown, widget) in &self.screens {
                widget.set_visible(*shown == screen);
            }
            self.focus(screen);
        }
    }

    /// Puts the keyboard where the person goes on.
    fn focus(&self, screen: Screen) {
        match screen {
            Screen::Enrolling => self.enrolling.focus(),
            Screen::Working => self.working.focus(),
            Screen::Codes => self.keeping.focus(),
            Screen::Asking | Screen::Away | Screen::Pages => {
                for (_, widget) in self.screens.iter().filter(|(shown, _)| *shown == screen) {
                    widget.child_focus(gtk::DirectionType::TabForward);
                }
            }
        }
    }
}

/// Shows the switcher at the bottom where the window is too narrow for the one at the top.
fn reveal(bar: &adw::ViewSwitcherBar, switcher: &adw::ViewSwitcherTitle) {
    bar.set_reveal(switcher.is_title_visible() && switcher.is_view_switcher_enabled());
}
