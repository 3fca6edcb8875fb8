//! Which services a line of `pam_fpass` serves.

use crate::arguments::Arguments;

/// Services that the module refuses unless `service_ok=` names them, as it has them in
/// `pam-fpass/src/preflight.rs`; a test compares both.
const WITHOUT_A_SEAT: &[&str] = &[
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
];

/// Whether a line with these arguments serves a service; it refuses everybody in others.
#[must_use]
pub fn serves(arguments: &Arguments, service: &str) -> bool {
    match &arguments.services {
        Some(services) => services.iter().any(|name| name == service),
        None => !WITHOUT_A_SEAT.contains(&service),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_modules() {
        let source = include_str!("../../pam-fpass/src/preflight.rs");
        let (_, list) = source.split_once("const WITHOUT_A_SEAT: &[&str] = &[").unwrap();
        let (list, _) = list.split_once("];").unwrap();
        let theirs: Vec<&str> = list
            .split(',')
            .map(|name| name.trim().trim_matches('"'))
            .filter(|name| !name.is_empty())
            .collect();
        assert_eq!(theirs, WITHOUT_A_SEAT);
    }

    #[test]
    fn a_list_on_the_line_stands_instead_of_the_modules() {
        let plain = Arguments::default();
        assert!(!serves(&plain, "sshd") && serves(&plain, "sudo"));
        let named = Arguments { services: Some(vec!["sshd".to_owned()]), ..Arguments::default() };
        assert!(serves(&named, "sshd") && !serves(&named, "sudo"));
    }
}
