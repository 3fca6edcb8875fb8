//! What is known about modules: one table, with the reason for each row.
//!
//! A module that has no row may answer anything, for anybody.

use crate::chain::{Step, Work};
use crate::code::Code;

/// What a module's success tells about the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nature {
    /// F-pass.
    Fpass,
    /// Success means that the person typed a password that is right.
    Password,
    /// Success means something other than a password or a face: a finger, a card, a key.
    Credential,
    /// The same, and what was typed for it may be left for later modules as if it were a password.
    TypedCredential,
    /// Success means that the program was started by root.
    Rootok,
    /// Success depends on which user, terminal, host, group or time it is.
    Condition,
    /// Success means nothing; it prepares, waits, tells, counts or refuses.
    Neutral,
    /// The same, and it may be the one that asks for the password, without comparing it.
    PromptingNeutral,
    /// Always success.
    Permit,
    /// Always a refusal.
    Deny,
    /// Not known.
    Unknown,
}

/// The modules that are known, and why each stands where it stands.
const TABLE: &[(Nature, &str, &[&str])] = &[
    (Nature::Fpass, "the face of an enrolled user", &["pam_fpass"]),
    (
        Nature::Password,
        "asks for a password and compares it, here or on a server",
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
    (Nature::Password, "opens a home with its password", &["pam_systemd_home"]),
    (
        Nature::Credential,
        "is content with a finger, a key, another face or the host that one comes from",
        &[
            "pam_fprintd",
            "pam_u2f",
            "pam_ssh_agent_auth",
            "pam_howdy",
            "pam_rssh",
            "pam_usb",
            "pam_sss_gss",
            "pam_biometrics",
            "pam_facelock",
            "pam_rhosts",
        ],
    ),
    (
        Nature::TypedCredential,
        "is content with a card, a key or a code, and has something typed for it",
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
        ],
    ),
    (Nature::Credential, "takes an earlier login for this one", &["pam_timestamp"]),
    (Nature::Rootok, "succeeds for a program that root started", &["pam_rootok"]),
    (
        Nature::Condition,
        "asks who, where or when",
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
            "pam_console",
            "pam_slurm_adopt",
        ],
    ),
    (
        Nature::Neutral,
        "prepares, waits, tells, counts or refuses",
        &[
            "pam_faildelay",
            "pam_env",
            "pam_nologin",
            "pam_securetty",
            "pam_faillock",
            "pam_tally2",
            "pam_shells",
            "pam_gnome_keyring",
            "pam_kwallet",
            "pam_kwallet5",
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
            "pam_lastlog2",
            "pam_mail",
            "pam_umask",
            "pam_namespace",
            "pam_tty_audit",
            "pam_xauth",
            "pam_systemd",
            "pam_setquota",
            "pam_mkhomedir",
            "pam_oddjob_mkhomedir",
            "pam_pwhistory",
            "pam_pwquality",
            "pam_cracklib",
            "pam_passwdqc",
            "pam_apparmor",
            "pam_systemd_loadkey",
            "pam_lxcfs",
            "pam_cgfs",
            "pam_rundir",
            "pam_turnstile",
            "pam_elogind",
            "pam_ck_connector",
            "pam_canonicalize_user",
        ],
    ),
    (
        Nature::PromptingNeutral,
        "opens something with the password and may ask for it",
        &["pam_mount", "pam_ecryptfs", "pam_fscrypt", "pam_zfs_key"],
    ),
    (Nature::Permit, "lets everybody in", &["pam_permit"]),
    (Nature::Deny, "lets nobody in", &["pam_deny"]),
];

/// What is known about a module, by its name without path and `.so`.
#[must_use]
pub fn nature(name: &str) -> Nature {
    row(name).map_or(Nature::Unknown, |(nature, _)| nature)
}

/// Why a module stands where it stands.
#[must_use]
pub fn reason(name: &str) -> &'static str {
    row(name).map_or("is not known to this program and may answer anything", |(_, why)| why)
}

fn row(name: &str) -> Option<(Nature, &'static str)> {
    let row = TABLE.iter().find(|(_, _, names)| names.contains(&name));
    row.map(|(nature, why, _)| (*nature, *why))
}

/// The nature of the module that a step asks; `None` when it asks none or the module is missing.
#[must_use]
pub fn of(step: &Step) -> Option<Nature> {
    match &step.work {
        Work::Module { present: true, .. } => step.module_name().map(nature),
        _ => None,
    }
}

/// Modules that never answer `PAM_IGNORE`. Password modules of directories do, when they are told
/// to leave users out whom they do not know, or when their server is away.
pub const NEVER_IGNORING: [&str; 5] =
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
    fn what_has_no_row_is_unknown() {
        for name in ["", "pam_evil", "pam_unix.so", "PAM_UNIX", "unix", "pam_exec", "pam_python"] {
            assert_eq!(nature(name), Nature::Unknown, "{name}");
        }
    }

    #[test]
    fn no_module_has_two_rows() {
        let mut names: Vec<_> = TABLE.iter().flat_map(|(_, _, names)| *names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn modules_that_decide_stand_where_they_belong() {
        for (name, expected) in [
            ("pam_fpass", Nature::Fpass),
            ("pam_unix", Nature::Password),
            ("pam_systemd_home", Nature::Password),
            ("pam_fprintd", Nature::Credential),
            ("pam_timestamp", Nature::Credential),
            ("pam_rootok", Nature::Rootok),
            ("pam_succeed_if", Nature::Condition),
            ("pam_faillock", Nature::Neutral),
            ("pam_permit", Nature::Permit),
            ("pam_deny", Nature::Deny),
        ] {
            assert_eq!(nature(name), expected, "{name}");
        }
    }
}
