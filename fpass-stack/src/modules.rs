//! The PAM modules that are known, in one table.
//!
//! A module without a row may give any answer to any user, and leave any `PAM_AUTHTOK`.
//!
//! Two questions are asked about each module: what does its success prove, and may it leave a
//! `PAM_AUTHTOK` that nobody has checked? Our line only sees that there is one. Two things answer
//! the second question: the source, or the module of a package that calls none of the functions
//! that store one (`pam_set_item`, `pam_get_authtok`; `nm -D --undefined-only`).
//!
//! | modules | read in | `PAM_AUTHTOK` |
//! |---|---|---|
//! | `pam_kwallet5` | kwallet-pam, `pam_kwallet.c` | asks for a password and stores it |
//! | `pam_systemd_loadkey` | systemd, `src/login/pam_systemd_loadkey.c` | stores the key of the disk |
//! | `pam_gdm` | GDM, `pam_gdm/pam_gdm.c` | stores the key of the disk |
//! | `pam_gnome_keyring` | gnome-keyring, `pam/gkr-pam-module.c` | older versions ask and store |
//! | `pam_zfs_key` | OpenZFS, `contrib/pam_zfs_key/pam_zfs_key.c` | asks by `pam_get_authtok` |
//! | `pam_howdy` | Howdy 3, `howdy/src/pam/main.cc` | asks next to the camera |
//! | `pam_mount` | Debian's 2.19, by its calls | asks and stores |
//! | `pam_pkcs11`, `pam_p11`, `pam_poldi`, `pam_yubico`, `pam_google_authenticator`, `pam_oath`, `pam_otpw`, `pam_sss`, `pam_krb5` | Debian 12's packages, by their calls | store what is typed |
//! | `pam_fprintd`, `pam_u2f`, `pam_ssh_agent_auth`, `pam_sss_gss` | Debian 12's packages, by their calls | none |
//! | `pam_apparmor`, `pam_cgfs`, `pam_elogind`, `pam_cap`, `pam_systemd` | Debian 12's packages, by their calls | none |
//! | the modules of Linux-PAM | 1.5.2, by their calls; those that call `pam_set_item` (`pam_access`, `pam_group`, `pam_issue`, `pam_permit`, `pam_time`) set the user, the terminal or the prompt | only `pam_unix` and `pam_userdb`, which compare it |
//! | `pam_cracklib`, `pam_passwdqc`, `pam_pwhistory`, `pam_pwquality` | by their calls | only where a password is changed |
//!
//! A module that was not examined is in a class that may leave a `PAM_AUTHTOK`, or in no row.

use crate::code::Code;
use crate::stack::{Step, StepKind};

/// What the success of a module proves about the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleClass {
    /// F-pass: the face of an enrolled user, or a recovery code.
    Fpass,
    /// The user typed the right password.
    Password,
    /// The user has another factor than password and face: a fingerprint, a card, a security key.
    Credential,
    /// As `Credential`, and later modules may take what was typed for it as a password.
    TypedCredential,
    /// Root started the program.
    Rootok,
    /// A condition about user, terminal, host, group or time holds.
    Condition,
    /// Nothing: the module prepares, waits, informs, counts or refuses.
    Neutral,
    /// Nothing, and the module may leave a `PAM_AUTHTOK` that it has not checked: it asks for the
    /// password without comparing it, or takes one from elsewhere.
    UncheckedToken,
    /// Nothing: the module always succeeds.
    Permit,
    /// Nothing: the module always refuses.
    Deny,
    /// The module is not in the table.
    Unknown,
}

/// The known modules by class.
const TABLE: &[(ModuleClass, &[&str])] = &[
    (ModuleClass::Fpass, &["pam_fpass"]),
    // Compare a password, locally or on a server.
    (
        ModuleClass::Password,
        &[
            "pam_unix",
            "pam_unix2",
            "pam_sss",
            "pam_ldap",
            "pam_winbind",
            "pam_krb5",
            "pam_userdb",
            "pam_pwdb",
            "pam_mysql",
            "pam_pgsql",
            "pam_radius_auth",
            "pam_tacplus",
            "pam_ldapd",
            "pam_himmelblau",
            "pam_aad",
            "pam_tcb",
        ],
    ),
    // Opens a home directory with its password.
    (ModuleClass::Password, &["pam_systemd_home"]),
    // Accept a fingerprint, a security key, another face or a trusted host.
    (
        ModuleClass::Credential,
        &["pam_fprintd", "pam_u2f", "pam_ssh_agent_auth", "pam_sss_gss", "pam_rhosts"],
    ),
    // Accept a card, a key, a code or another face, and let the user type something for it.
    (
        ModuleClass::TypedCredential,
        &[
            "pam_pkcs11",
            "pam_p11",
            "pam_poldi",
            "pam_yubico",
            "pam_google_authenticator",
            "pam_oath",
            "pam_ssh",
            "pam_duo",
            "pam_kanidm",
            "pam_otpw",
            "pam_authramp",
            "pam_biometrics",
            "pam_facelock",
            "pam_howdy",
            "pam_rssh",
            "pam_usb",
        ],
    ),
    // Accepts an earlier login.
    (ModuleClass::Credential, &["pam_timestamp"]),
    (ModuleClass::Rootok, &["pam_rootok"]),
    (
        ModuleClass::Condition,
        &[
            "pam_succeed_if",
            "pam_localuser",
            "pam_usertype",
            "pam_listfile",
            "pam_wheel",
            "pam_access",
            "pam_time",
            "pam_sepermit",
            "pam_selinux_permit",
        ],
    ),
    (
        ModuleClass::Neutral,
        &[
            "pam_faildelay",
            "pam_env",
            "pam_nologin",
            "pam_securetty",
            "pam_faillock",
            "pam_shells",
            "pam_cap",
            "pam_echo",
            "pam_warn",
            "pam_group",
            "pam_keyinit",
            "pam_limits",
            "pam_selinux",
            "pam_loginuid",
            "pam_motd",
            "pam_issue",
            "pam_lastlog",
            "pam_mail",
            "pam_umask",
            "pam_namespace",
            "pam_tty_audit",
            "pam_xauth",
            "pam_systemd",
            "pam_setquota",
            "pam_mkhomedir",
            "pam_pwhistory",
            "pam_pwquality",
            "pam_cracklib",
            "pam_passwdqc",
            "pam_apparmor",
            "pam_cgfs",
            "pam_elogind",
        ],
    ),
    // Open something with the password, and may ask for it.
    (
        ModuleClass::UncheckedToken,
        &[
            "pam_ecryptfs",
            "pam_fscrypt",
            "pam_gnome_keyring",
            "pam_kwallet",
            "pam_kwallet5",
            "pam_kwallet6",
            "pam_mount",
            "pam_zfs_key",
        ],
    ),
    // Not examined.
    (
        ModuleClass::UncheckedToken,
        &[
            "pam_canonicalize_user",
            "pam_ck_connector",
            "pam_lastlog2",
            "pam_lxcfs",
            "pam_oddjob_mkhomedir",
            "pam_rundir",
            "pam_tally2",
            "pam_turnstile",
        ],
    ),
    // Take the password that opened the disk at boot.
    (ModuleClass::UncheckedToken, &["pam_fde_boot_pw", "pam_gdm", "pam_systemd_loadkey"]),
    (ModuleClass::Permit, &["pam_permit"]),
    (ModuleClass::Deny, &["pam_deny"]),
];

/// The class of a module, by its name without path and `.so`.
#[must_use]
pub fn class(name: &str) -> ModuleClass {
    let row = TABLE.iter().find(|(_, names)| names.contains(&name));
    row.map_or(ModuleClass::Unknown, |(class, _)| *class)
}

/// The class of the module that a step calls; `None` if it calls no module or the module is
/// missing.
#[must_use]
pub fn class_of(step: &Step) -> Option<ModuleClass> {
    match &step.kind {
        StepKind::Module { present: true, .. } => step.module_name().map(class),
        _ => None,
    }
}

/// Modules that never answer `PAM_IGNORE`. Password modules of directory services may: for users
/// whom they do not know, if so configured, or when their server cannot be reached.
pub const NEVER_IGNORE: [&str; 5] =
    ["pam_unix", "pam_unix2", "pam_tcb", "pam_succeed_if", "pam_rootok"];

/// Codes with which `pam_fpass` refuses (`pam_fpass(8)`).
pub const FPASS_REFUSALS: [Code; 8] = [
    Code::AuthErr,
    Code::AuthinfoUnavail,
    Code::Maxtries,
    Code::UserUnknown,
    Code::ServiceErr,
    Code::BufErr,
    Code::Abort,
    Code::ConvErr,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_without_a_row_is_unknown() {
        for name in ["", "pam_evil", "pam_unix.so", "PAM_UNIX", "unix", "pam_exec", "pam_python"] {
            assert_eq!(class(name), ModuleClass::Unknown, "{name}");
        }
    }

    #[test]
    fn no_module_has_two_rows() {
        let mut names: Vec<_> = TABLE.iter().flat_map(|(_, names)| *names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn modules_that_decide_have_the_right_class() {
        for (name, expected) in [
            ("pam_fpass", ModuleClass::Fpass),
            ("pam_unix", ModuleClass::Password),
            ("pam_systemd_home", ModuleClass::Password),
            ("pam_fprintd", ModuleClass::Credential),
            ("pam_timestamp", ModuleClass::Credential),
            ("pam_rootok", ModuleClass::Rootok),
            ("pam_succeed_if", ModuleClass::Condition),
            ("pam_faillock", ModuleClass::Neutral),
            ("pam_kwallet5", ModuleClass::UncheckedToken),
            ("pam_systemd_loadkey", ModuleClass::UncheckedToken),
            ("pam_gdm", ModuleClass::UncheckedToken),
            ("pam_howdy", ModuleClass::TypedCredential),
            ("pam_permit", ModuleClass::Permit),
            ("pam_deny", ModuleClass::Deny),
        ] {
            assert_eq!(class(name), expected, "{name}");
        }
    }
}
