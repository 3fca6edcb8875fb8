//! Where the user of a PAM service is: the one table that the module, the daemon and the proof of
//! PAM stacks read.
//!
//! A service without a row is taken for a program in a session, such as `sudo`.

use crate::ServiceName;

/// A place at which a PAM service asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A virtual console, before a session exists. Root asks.
    Console,
    /// A login screen with a session of its own. Root asks. It may unlock sessions, too.
    LoginScreen,
    /// A lock screen in a session, which asks as the user of that session.
    UserLocker,
    /// A program in a session. Root or the user of the session asks.
    Session,
    /// A helper of an agent in a session. Root asks, in the session or in a service of its own.
    Agent,
    /// A screen of this computer for which logind has no session. Nothing shows that its user is
    /// in front of the camera, so the daemon refuses.
    WithoutSession,
    /// Not at this computer's seat, or unattended.
    Away,
}

/// The services by place. A service that asks at two places is in two rows.
const TABLE: &[(Place, &[&str])] = &[
    (Place::Console, &["login"]),
    (
        Place::LoginScreen,
        &[
            "cosmic-greeter",
            "gdm-password",
            "gdm-switchable-auth",
            "greetd",
            "lightdm",
            "plasmalogin",
            "sddm",
        ],
    ),
    (
        Place::UserLocker,
        &[
            "budgie-screensaver",
            "cinnamon-screensaver",
            "cosmic-greeter",
            "gnome-screensaver",
            "gtklock",
            "hyprlock",
            "i3lock",
            "kde",
            "kde-fingerprint",
            "kde-smartcard",
            "kscreensaver",
            "mate-screensaver",
            "swaylock",
            "vlock",
            "waylock",
            "xfce4-screensaver",
            "xlock",
            "xscreensaver",
            "xsecurelock",
        ],
    ),
    (Place::Session, &["doas", "pkexec", "runuser", "runuser-l", "su", "su-l", "sudo", "sudo-i"]),
    (Place::Agent, &["polkit-1"]),
    // Login screens without the session of a greeter, and a lock screen on a console of its own.
    (
        Place::WithoutSession,
        &["emptty", "lemurs", "lxdm", "ly", "physlock", "slim", "wdm", "xdm", "xdm-np"],
    ),
    // Sessions of greeters and logins without a person.
    (
        Place::Away,
        &[
            "gdm-autologin",
            "gdm-launch-environment",
            "greetd-greeter",
            "lightdm-autologin",
            "lightdm-greeter",
            "ly-autologin",
            "plasmalogin-autologin",
            "plasmalogin-greeter",
            "sddm-autologin",
            "sddm-greeter",
        ],
    ),
    // Services on the network, and services that run unattended.
    (
        Place::Away,
        &[
            "apache2",
            "atd",
            "cockpit",
            "courier",
            "cron",
            "crond",
            "cups",
            "cyrus",
            "dovecot",
            "dropbear",
            "ejabberd",
            "exim",
            "exim4",
            "ftp",
            "ftpd",
            "httpd",
            "imap",
            "lighttpd",
            "mariadb",
            "mysql",
            "nginx",
            "openvpn",
            "php",
            "pop",
            "pop3",
            "postfix",
            "postgresql",
            "ppp",
            "proftpd",
            "pure-ftpd",
            "radiusd",
            "remote",
            "rexec",
            "rlogin",
            "rsh",
            "samba",
            "sftp",
            "smtp",
            "squid",
            "sshd",
            "systemd-user",
            "telnet",
            "telnetd",
            "usermin",
            "vncserver",
            "vsftpd",
            "webmin",
            "xrdp",
            "xrdp-sesman",
        ],
    ),
];

/// How the services of one program begin, and the place of those without a row, such as
/// `gdm-fingerprint`. They are not in the daemon's lists unless an administrator adds them.
const FAMILIES: &[(&str, Place)] = &[
    ("gdm-", Place::LoginScreen),
    ("kde-", Place::UserLocker),
    ("lightdm-", Place::LoginScreen),
    ("plasmalogin-", Place::LoginScreen),
    ("sddm-", Place::LoginScreen),
];

/// Services of [`Place::WithoutSession`] that lock a screen and log nobody in.
const CONSOLE_LOCKERS: &[&str] = &["physlock"];

impl Place {
    /// The services with which users log in at this place, in the order of the table.
    pub fn logins(self) -> impl Iterator<Item = &'static str> {
        self.services().filter(|name| !CONSOLE_LOCKERS.contains(name))
    }

    /// The services that have a row for this place, in the order of the table.
    pub fn services(self) -> impl Iterator<Item = &'static str> {
        let rows = TABLE.iter().filter(move |(place, _)| *place == self);
        rows.flat_map(|(_, names)| names.iter().copied())
    }
}

impl ServiceName {
    /// The places at which the service asks: by its rows, else by its family. Empty for a service
    /// that is not known.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let rows = TABLE.iter().filter(|(_, names)| names.contains(&self.as_str()));
        let places: Vec<Place> = rows.map(|(place, _)| *place).collect();
        if !places.is_empty() {
            return places;
        }
        let family = FAMILIES.iter().find(|(start, _)| self.as_str().starts_with(start));
        family.map(|(_, place)| *place).into_iter().collect()
    }

    /// Whether the service asks at this place.
    #[must_use]
    pub fn is_at(&self, place: Place) -> bool {
        self.places().contains(&place)
    }

    /// Whether the service is a lock screen that asks as its user.
    #[must_use]
    pub fn is_user_locker(&self) -> bool {
        self.is_at(Place::UserLocker)
    }

    /// Whether a user of the service may be in front of this computer's camera. A line of
    /// `pam_fpass` serves any other service only if `service_ok=` names it.
    #[must_use]
    pub fn has_seat(&self) -> bool {
        !self.is_at(Place::Away)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str) -> ServiceName {
        ServiceName::parse(name).unwrap()
    }

    #[test]
    fn the_table_holds_valid_names_each_once_for_a_place() {
        let all: Vec<(Place, &str)> = TABLE
            .iter()
            .flat_map(|(place, names)| names.iter().map(|name| (*place, *name)))
            .collect();
        for (index, (place, name)) in all.iter().enumerate() {
            assert!(ServiceName::parse(name).is_ok(), "{name}");
            assert!(!all[..index].contains(&(*place, name)), "{name}");
        }
    }

    #[test]
    fn a_service_that_is_not_at_the_seat_is_at_no_other_place() {
        for name in Place::Away.services().chain(Place::WithoutSession.services()) {
            assert_eq!(service(name).places().len(), 1, "{name}");
        }
    }

    #[test]
    fn services_have_their_places() {
        for (name, places) in [
            ("login", &[Place::Console][..]),
            ("gdm-password", &[Place::LoginScreen]),
            ("gdm-switchable-auth", &[Place::LoginScreen]),
            ("plasmalogin", &[Place::LoginScreen]),
            ("cosmic-greeter", &[Place::LoginScreen, Place::UserLocker]),
            ("kde-fingerprint", &[Place::UserLocker]),
            ("xfce4-screensaver", &[Place::UserLocker]),
            ("sudo", &[Place::Session]),
            ("polkit-1", &[Place::Agent]),
            ("ly", &[Place::WithoutSession]),
            ("physlock", &[Place::WithoutSession]),
            ("sddm-greeter", &[Place::Away]),
            ("sshd", &[Place::Away]),
            // By their families.
            ("gdm-fingerprint", &[Place::LoginScreen]),
            ("kde-passkey", &[Place::UserLocker]),
            ("plasmalogin-passkey", &[Place::LoginScreen]),
            // Not known.
            ("own-service", &[]),
            ("gdm", &[]),
        ] {
            assert_eq!(service(name).places(), places, "{name}");
        }
    }

    #[test]
    fn only_services_away_from_the_seat_have_none() {
        for (name, expected) in
            [("sshd", false), ("gdm-autologin", false), ("sudo", true), ("own", true), ("ly", true)]
        {
            assert_eq!(service(name).has_seat(), expected, "{name}");
        }
    }
}
