//! Entry point of `fpass-settings`.

use fpass_language::Language;
use fpass_settings::language::speak;

fn main() -> gtk::glib::ExitCode {
    speak(Language::of_environment(|name| std::env::var(name).ok()));
    fpass_settings::run()
}
