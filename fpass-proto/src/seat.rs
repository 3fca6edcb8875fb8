//! PAM services that are not used at this computer's seat.

use crate::ServiceName;

/// Services whose user is not at this computer's seat, or that run unattended. A line of
/// `pam_fpass` serves one of them only if `service_ok=` names it.
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

impl ServiceName {
    /// Whether a user of the service may be in front of this computer's camera.
    #[must_use]
    pub fn has_seat(&self) -> bool {
        !WITHOUT_A_SEAT.contains(&self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_distinct_valid_names() {
        for (index, name) in WITHOUT_A_SEAT.iter().enumerate() {
            assert!(ServiceName::parse(name).is_ok(), "{name}");
            assert!(!WITHOUT_A_SEAT[..index].contains(name), "{name}");
        }
    }
}
