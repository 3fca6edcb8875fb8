//! How the applications behind PAM services show the messages of a module.

use crate::ServiceName;
use crate::seat::Place;

/// Services whose applications call modules with `PAM_SILENT` although a person waits at a
/// terminal: sudo, unless `Defaults !pam_silent` is set.
const SILENT: &[&str] = &["sudo", "sudo-i"];

impl ServiceName {
    /// Whether the application asks modules for silence although a person waits for them.
    #[must_use]
    pub fn asks_for_silence(&self) -> bool {
        SILENT.contains(&self.as_str())
    }

    /// Whether the application has a screen of its own, such as a login screen, a lock screen or
    /// the dialogue of an agent. Such a screen shows one text at a time.
    #[must_use]
    pub fn has_own_screen(&self) -> bool {
        self.places().iter().any(|place| match place {
            Place::LoginScreen | Place::UserLocker | Place::Agent | Place::WithoutSession => true,
            Place::Console | Place::Session | Place::Away => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_screens_and_lockers_have_a_screen_and_terminals_do_not() {
        for (name, own_screen, silent) in [
            ("gdm-password", true, false),
            ("gdm-fingerprint", true, false),
            ("lightdm", true, false),
            ("sddm", true, false),
            ("greetd", true, false),
            ("plasmalogin", true, false),
            ("cosmic-greeter", true, false),
            ("ly", true, false),
            ("kde", true, false),
            ("swaylock", true, false),
            ("polkit-1", true, false),
            ("login", false, false),
            ("su", false, false),
            ("sudo", false, true),
            ("sudo-i", false, true),
            ("sshd", false, false),
            ("own-service", false, false),
        ] {
            let service = ServiceName::parse(name).unwrap();
            assert_eq!(service.has_own_screen(), own_screen, "{name}");
            assert_eq!(service.asks_for_silence(), silent, "{name}");
        }
    }
}
