use super::*;
use crate::root::Memory;

/// The shipped line.
const OURS: &str = "auth [success=ok ignore=ignore default=die] pam_fpass.so";

fn memory(text: &str) -> Memory {
    let common = "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n\
                  auth required pam_permit.so\n";
    Memory::default().with("sudo", &text.replace("OURS", OURS)).with("common", common)
}

fn verdict(text: &str) -> Verdict {
    judge(&crate::resolve(&memory(text), "sudo")).verdict
}

/// The missing factor, and the modules on the path with their answers.
fn broken(text: &str) -> (MissingFactor, Vec<String>) {
    match verdict(text) {
        Verdict::Broken { missing, path, .. } => {
            let line = |line: &PathLine| format!("{}={}", line.module, line.answer.name());
            (missing, path.iter().map(line).collect())
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_path_without_the_face_is_found() {
    for (text, way) in [
        ("auth sufficient pam_unix.so\nOURS", &["pam_unix.so=success"][..]),
        (
            "auth required pam_unix.so\nauth optional pam_fpass.so",
            &["pam_unix.so=success", "pam_fpass.so=auth_err"],
        ),
        (
            "auth [success=1 default=die] pam_unix.so\nOURS\nauth required pam_permit.so",
            &["pam_unix.so=success", "pam_permit.so=success"],
        ),
        (
            "auth sufficient pam_permit.so\nauth required pam_unix.so\nOURS",
            &["pam_permit.so=success"],
        ),
        (
            "auth sufficient pam_fprintd.so\nauth required pam_unix.so\nOURS",
            &["pam_fprintd.so=success"],
        ),
        (
            "auth include common\nauth sufficient pam_localuser.so\nOURS",
            &["pam_unix.so=success", "pam_permit.so=success", "pam_localuser.so=success"],
        ),
        (
            "auth required pam_unix.so\nauth [success=ok ignore=ignore default=ignore] pam_fpass.so",
            &["pam_unix.so=success", "pam_fpass.so=auth_err"],
        ),
        (
            "auth substack common\nauth [success=ok default=reset] pam_fpass.so\nauth optional pam_permit.so",
            &[
                "pam_unix.so=success",
                "pam_permit.so=success",
                "pam_fpass.so=auth_err",
                "pam_permit.so=success",
            ],
        ),
        (
            "auth sufficient pam_mystery.so\nauth required pam_unix.so\nOURS",
            &["pam_mystery.so=success"],
        ),
    ] {
        let (missing, path) = broken(text);
        assert_eq!(
            (missing, path.as_slice()),
            (MissingFactor::Face, &way.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()[..]),
            "{text}"
        );
    }
}

#[test]
fn a_path_without_the_password_is_found() {
    for text in [
        "auth sufficient pam_fpass.so sole_factor\nauth required pam_unix.so",
        "auth required pam_fpass.so sole_factor",
        "auth optional pam_unix.so\nOURS",
        "auth optional pam_mount.so\nOURS",
        "auth required pam_google_authenticator.so\nOURS",
    ] {
        assert_eq!(broken(text).0, MissingFactor::Password, "{text}");
    }
}

#[test]
fn a_line_ahead_of_the_password_or_with_wrong_arguments_refuses_everybody() {
    for text in [
        "OURS\nauth required pam_unix.so",
        "auth required pam_unix.so\nOURS nullock",
        "auth required pam_deny.so\nauth required pam_unix.so\nOURS",
        "auth required pam_unix.so\nOURS\nauth required pam_deny.so",
        "auth required pam_unix.so\nOURS\nauth [success=ok default=die] pam_fprintd.so",
    ] {
        assert_eq!(verdict(text), Verdict::NobodyGetsIn, "{text}");
    }
    let judgement =
        judge(&crate::resolve(&memory("auth required pam_unix.so\nOURS nullock"), "sudo"));
    assert_eq!(judgement.arguments.len(), 1);
}

#[test]
fn wrong_arguments_on_an_account_line_are_no_proof() {
    let text = "auth required pam_unix.so\nOURS\naccount required pam_fpass.so ";
    assert_eq!(verdict(&format!("{text}enroll=perhaps")), Verdict::Unsure);
    assert_eq!(verdict(&format!("{text}enroll=required")), Verdict::Proven);
}

#[test]
fn a_service_that_the_line_does_not_serve_has_its_own_verdict() {
    assert_eq!(verdict("auth required pam_unix.so\nOURS service_ok=su"), Verdict::NotServed);
    let text = format!("auth required pam_unix.so\n{OURS}\n");
    let files = Memory::default()
        .with("sshd", &text)
        .with("vsftpd", &text.replace("required", "sufficient"));
    assert_eq!(judge(&crate::resolve(&files, "sshd")).verdict, Verdict::NotServed);
    assert!(matches!(judge(&crate::resolve(&files, "vsftpd")).verdict, Verdict::Broken { .. }));
}

#[test]
fn a_stack_with_faults_is_never_proven() {
    let proven = "auth include common\nOURS\n";
    for fault in [
        "auth include nowhere\n",
        "@include nowhere\n",
        "auth include sudo\n",
        "auth include\n",
        "auth\n",
        "autx required pam_unix.so\n",
        "auth [success=okay] pam_permit.so\n",
        "auth [success=4294967297] pam_permit.so\n",
        "auth required pam_warn.so \\\n# comment\ndebug\n",
        "session required .so\n",
        "auth required \\",
    ] {
        assert_eq!(verdict(&format!("{proven}{fault}")), Verdict::Unsure, "{fault:?}");
    }
    let mut files = memory(proven);
    files.missing_modules.insert("pam_permit.so".to_owned());
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure);
}

#[test]
fn a_path_is_shown_even_if_there_are_faults() {
    let text = "auth sufficient pam_unix.so\nOURS\nauth include nowhere\n";
    assert!(matches!(verdict(text), Verdict::Broken { .. }));
}

#[test]
fn a_stack_without_a_face_check_is_not_protected() {
    for text in
        ["auth include common", "auth include common\nauth optional pam_fpass.so prewarm", ""]
    {
        assert_eq!(verdict(text), Verdict::NotProtected, "{text}");
    }
}

#[test]
fn password_then_face_is_proven() {
    for text in [
        "auth required pam_unix.so\nOURS",
        "auth requisite pam_unix.so\nOURS nullok timeout=5",
        "@include common\nOURS",
        "auth substack common\nOURS recovery",
        "auth required pam_unix.so\nauth required pam_fpass.so",
        "auth optional pam_fpass.so prewarm\nauth include common\nOURS",
        "auth required pam_faildelay.so\nauth required pam_unix.so\nOURS\n-auth optional pam_kwallet5.so",
        "auth include common\nauth [success=1 default=ignore] pam_succeed_if.so quiet uid = 0 tty in tty1\nOURS",
        "auth required pam_mystery.so\nauth required pam_unix.so\nOURS",
        // A fingerprint stores no password, and the face check refuses without one.
        "auth [success=1 default=ignore] pam_fprintd.so\nauth required pam_unix.so\nOURS",
    ] {
        assert_eq!(verdict(text), Verdict::Proven, "{text}");
    }
}

#[test]
fn rootok_holds_for_everybody_if_root_starts_the_program() {
    let text = format!("auth sufficient pam_rootok.so\nauth required pam_unix.so\n{OURS}\n");
    let files = Memory::default().with("login", &text).with("su", &text);
    let files = files.with("sudo", &text).with("polkit-1", &text);
    // sudo asks with the real uid of root, and so does polkit's helper if a socket starts it.
    for name in ["login", "sudo", "polkit-1"] {
        let verdict = judge(&crate::resolve(&files, name)).verdict;
        assert!(matches!(verdict, Verdict::Broken { .. }), "{name}");
    }
    assert_eq!(judge(&crate::resolve(&files, "su")).verdict, Verdict::Proven);
}

#[test]
fn a_way_in_as_root_alone_is_found() {
    for text in [
        "auth sufficient pam_succeed_if.so uid = 0\n@include common\nOURS",
        "auth sufficient pam_succeed_if.so user = root\n@include common\nOURS",
        "auth [success=2 default=ignore] pam_succeed_if.so user = root\n\
         auth required pam_unix.so\nOURS\nauth required pam_permit.so",
        // Root with the password is exempt only by the line that is made for it.
        "auth required pam_unix.so\nauth sufficient pam_succeed_if.so uid = 0\nOURS",
    ] {
        let Verdict::Broken { target, .. } = verdict(text) else { panic!("{text}") };
        assert_eq!(target, Target::Root, "{text}");
    }
}

fn exempt_from(text: &str) -> Vec<Exempt> {
    let judgement = judge(&crate::resolve(&memory(text), "sudo"));
    assert_eq!(judgement.verdict, Verdict::Proven, "{text}");
    judgement.exempt
}

#[test]
fn who_gets_in_without_a_face_is_named() {
    let base = "auth required pam_unix.so\nOURS";
    let account = "account required pam_unix.so\naccount required pam_fpass.so enroll=required";
    let password = "password [success=done ignore=ignore default=die] pam_fpass.so enroll=required";
    let console = "auth required pam_unix.so\n\
        auth [success=1 default=ignore] pam_succeed_if.so uid = 0 tty in tty1\nOURS";
    for (text, expected) in [
        (base.to_owned(), &[][..]),
        (format!("{base} nullok"), &[Exempt::NeverEnrolled]),
        (format!("{base} recovery"), &[Exempt::RecoveryCode]),
        (format!("{base} enroll=required"), &[Exempt::NeverEnrolled]),
        (format!("{base} enroll=required\n{account}"), &[Exempt::NeverEnrolled]),
        (format!("{base} enroll=required\n{password}"), &[Exempt::NeverEnrolled]),
        (format!("{base} enroll=required\n{account}\n{password}"), &[Exempt::SettingUp]),
        (
            format!(
                "{base} enroll=required\naccount sufficient pam_unix.so\n{account}\n{password}"
            ),
            &[Exempt::NeverEnrolled],
        ),
        (
            format!(
                "{base} enroll=required\n{account}\n{}",
                password.replace("default=die", "default=ignore")
            ) + "\npassword required pam_unix.so",
            &[Exempt::NeverEnrolled],
        ),
        (
            format!("{base} enroll=required\n{account}\n{password}")
                .replace("account required pam_fpass", "account [success=ok new_authtok_reqd=ok module_unknown=ignore default=die] pam_fpass"),
            &[Exempt::NeverEnrolled],
        ),
        (console.to_owned(), &[Exempt::Root { console: true }]),
        (console.replace(" tty in tty1", ""), &[Exempt::Root { console: false }]),
        (
            format!("{console} nullok recovery"),
            &[Exempt::NeverEnrolled, Exempt::Root { console: true }, Exempt::RecoveryCode],
        ),
    ] {
        assert_eq!(exempt_from(&text), expected, "{text}");
    }
}

#[test]
fn what_users_with_an_empty_password_need_is_named() {
    use Exempt::{EmptyPassword, NeverEnrolled, RecoveryCode, Root};
    let unix = "auth required pam_unix.so";
    let console = "auth [success=1 default=ignore] pam_succeed_if.so uid = 0 tty in tty1";
    let (face, nothing) = (EmptyPassword { face: true }, EmptyPassword { face: false });
    for (text, expected) in [
        (format!("{unix} nullok\nOURS sole_factor"), &[face][..]),
        (format!("{unix} nullok_secure\nOURS sole_factor"), &[face]),
        (format!("{unix} nullresetok\nOURS sole_factor"), &[face]),
        ("auth [success=ok default=die] pam_ldap.so nullok\nOURS".to_owned(), &[face]),
        // It stores what is typed, and compares nothing.
        (format!("auth optional pam_gnome_keyring.so\n{unix} nullok\nOURS"), &[face]),
        (format!("{unix} nullok\nOURS sole_factor nullok"), &[NeverEnrolled, face, nothing]),
        (format!("{unix} nullok\n{console}\nOURS"), &[Root { console: true }, nothing]),
        // pam_unix does not ask them, and without a password the face is not looked at.
        (format!("{unix} nullok\nOURS recovery"), &[RecoveryCode]),
        (format!("{unix} nullok\nOURS nullok"), &[NeverEnrolled]),
        (format!("{unix}\nOURS sole_factor"), &[]),
        (format!("{unix}\n{console}\nOURS"), &[Root { console: true }]),
    ] {
        assert_eq!(exempt_from(&text), expected, "{text}");
    }
}

#[test]
fn a_stored_password_that_nobody_checked_lets_a_face_in_without_the_password() {
    for module in [
        "pam_kwallet5",
        "pam_systemd_loadkey",
        "pam_gdm",
        "pam_gnome_keyring",
        "pam_mount",
        "pam_zfs_key",
        "pam_howdy",
    ] {
        let text = format!(
            "auth optional {module}.so\nauth [success=1 default=ignore] pam_fprintd.so\n\
             auth required pam_unix.so\nOURS"
        );
        assert_eq!(broken(&text).0, MissingFactor::Password, "{module}");
    }
}

#[test]
fn a_missing_module_may_be_installed_any_day() {
    for line in [
        "-auth sufficient pam_x.so",
        "auth sufficient pam_x.so",
        "-auth [success=done default=ignore] pam_permit.so",
        "auth [success=done module_unknown=ignore default=ignore] pam_x.so",
    ] {
        let mut files = memory(&format!("{line}\nauth required pam_unix.so\nOURS"));
        files.missing_modules.extend(["pam_x.so".to_owned(), "pam_permit.so".to_owned()]);
        let verdict = judge(&crate::resolve(&files, "sudo")).verdict;
        assert!(matches!(verdict, Verdict::Broken { .. }), "{line}: {verdict:?}");
    }
    // One that opens nothing stays without harm, installed or not.
    for line in ["-auth optional pam_kwallet5.so", "-auth [success=ok default=ignore] pam_cap.so"] {
        let mut files = memory(&format!("auth required pam_unix.so\nOURS\n{line}"));
        files.missing_modules.extend(["pam_kwallet5.so".to_owned(), "pam_cap.so".to_owned()]);
        assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Proven, "{line}");
    }
}

#[test]
fn nothing_is_proven_about_files_that_others_may_write() {
    for path in ["/etc/pam.d/sudo", "/etc/pam.d/common", "/etc/pam.d", "/etc"] {
        let mut files = memory("@include common\nOURS");
        files.writable.insert(path.into());
        let judgement = judge(&crate::resolve(&files, "sudo"));
        assert_eq!(judgement.verdict, Verdict::Unsure, "{path}");
        assert_eq!(judgement.faults[0].problem, Problem::WritableByOthers(path.into()), "{path}");
    }
    let mut files = memory("@include common\nauth requisite /opt/x/pam_fpass.so");
    files.writable.insert("/opt/x".into());
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure);
    // Without our line there is nothing to prove.
    let mut files = memory("@include common");
    files.writable.insert("/etc/pam.d".into());
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::NotProtected);
}

#[test]
fn nothing_is_proven_about_modules_whose_files_others_may_write() {
    for (line, writable) in [
        ("auth required pam_userdb.so db=/srv/users", "/srv/users.db"),
        ("auth required pam_userdb.so db=/srv/users", "/srv/users.dir"),
        ("auth required pam_userdb.so db=/srv/users", "/srv"),
        ("auth required pam_listfile.so item=user sense=allow file=/srv/users", "/srv/users"),
        ("auth required pam_pwdfile.so pwdfile /srv/passwords", "/srv/passwords"),
        ("auth required pam_exec.so quiet /usr/bin/python3 /srv/check", "/srv/check"),
        ("auth required pam_access.so accessfile=/srv/access.conf", "/srv/access.conf"),
        ("auth required pam_access.so", "/etc/security/access.conf"),
        ("auth required pam_time.so conffile=/srv/time.conf", "/srv/time.conf"),
        ("auth required pam_env.so envfile=/srv/environment", "/srv/environment"),
        ("auth required pam_mystery.so anything=/srv/table", "/srv/table"),
        ("auth required pam_krb5.so keytab=FILE:/srv/keytab", "/srv/keytab"),
        ("", "/etc/shadow"),
        ("", "/etc/passwd"),
        ("", "/etc/nsswitch.conf"),
    ] {
        let text = format!("{line}\n@include common\nOURS");
        let mut files = memory(&text);
        assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Proven, "{line}");
        files.writable.insert(writable.into());
        let judgement = judge(&crate::resolve(&files, "sudo"));
        assert_eq!(judgement.verdict, Verdict::Unsure, "{line} {writable}");
        let problem = Problem::WritableByOthers(writable.into());
        assert_eq!(judgement.faults[0].problem, problem, "{line}");
        // It says nothing about who gets in at another line.
        let other = text.replacen("auth required pam", "session required pam", 1);
        let mut files = memory(&other);
        files.writable.insert(writable.into());
        let verdict = judge(&crate::resolve(&files, "sudo")).verdict;
        let expected = if line.is_empty() { Verdict::Unsure } else { Verdict::Proven };
        assert_eq!(verdict, expected, "{other}");
    }
    let mut files = memory("auth required pam_access.so\n@include common\nOURS");
    files.files.insert("/etc/security/access.d/10-own.conf".into(), String::new());
    files.writable.insert("/etc/security/access.d/10-own.conf".into());
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure);
}

#[test]
fn a_directory_of_a_module_that_cannot_be_listed_is_a_doubt() {
    let mut files = memory("auth required pam_access.so\n@include common\nOURS");
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Proven);
    files.hidden.insert("/etc/security/access.d".into());
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure);
}

#[test]
fn nothing_is_proven_about_files_in_the_directory_of_the_caller() {
    for line in [
        "auth required pam_userdb.so db=users",
        "auth required pam_listfile.so item=user file=users",
        "auth required pam_exec.so check.sh",
    ] {
        assert_eq!(verdict(&format!("{line}\n@include common\nOURS")), Verdict::Unsure, "{line}");
        // Without our line there is nothing to prove.
        assert_eq!(verdict(&format!("{line}\n@include common")), Verdict::NotProtected, "{line}");
    }
}

#[test]
fn our_module_counts_by_whatever_path() {
    for path in ["/opt/fpass/pam_fpass.so", "/nix/store/a-fpass/lib/security/pam_fpass.so"] {
        let ours = OURS.replace("pam_fpass.so", path);
        let verdict = verdict(&format!("auth required pam_unix.so\n{ours}"));
        assert_eq!(verdict, Verdict::Proven, "{path}");
        let mut files = memory(&format!("auth required pam_unix.so\n{ours}"));
        files.missing_modules.insert(path.to_owned());
        assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure, "{path}");
    }
}

#[test]
fn a_service_that_the_daemon_refuses_is_not_proven() {
    let text = format!("auth required pam_unix.so\n{OURS}\n");
    let judged = |files: &Memory, name: &str| judge(&crate::resolve(files, name)).verdict;
    for (name, expected) in [
        ("ly", Verdict::NotAdmitted(SeatRefusal::WithoutSession)),
        ("lxdm", Verdict::NotAdmitted(SeatRefusal::WithoutSession)),
        ("gdm-fingerprint", Verdict::NotAdmitted(SeatRefusal::NotListed("login_screen_services"))),
        ("sshd", Verdict::NotServed),
        ("plasmalogin", Verdict::Proven),
        ("cosmic-greeter", Verdict::Proven),
        ("swaylock", Verdict::Proven),
        ("own-program", Verdict::Proven),
    ] {
        assert_eq!(judged(&Memory::default().with(name, &text), name), expected, "{name}");
    }
    let mut files = Memory::default().with("sddm", &text).with(
        "sshd",
        &text
            .replace(".so\n", ".so service_ok=sshd\n")
            .replace("pam_unix.so service_ok=sshd", "pam_unix.so"),
    );
    assert_eq!(judged(&files, "sshd"), Verdict::NotAdmitted(SeatRefusal::Away));
    let drop_in = "/etc/fpass/fpassd.toml.d/50-own.toml";
    files
        .files
        .insert(drop_in.into(), "[seat]\nlogin_screen_services = [\"lightdm\"]\n".to_owned());
    let unlisted = Verdict::NotAdmitted(SeatRefusal::NotListed("login_screen_services"));
    assert_eq!(judged(&files, "sddm"), unlisted);
    files.files.insert(drop_in.into(), "[seat\n".to_owned());
    assert_eq!(judged(&files, "sddm"), Verdict::Unsure);
}

#[test]
fn an_exemption_for_other_users_than_root_is_a_path_without_the_face() {
    for condition in ["uid >= 1000", "user ingroup wheel", "uid = 0 use_uid", "tty in tty1"] {
        let text = format!(
            "auth required pam_unix.so\nauth [success=1 default=ignore] pam_succeed_if.so {condition}\nOURS"
        );
        assert!(matches!(verdict(&text), Verdict::Broken { .. }), "{condition}");
    }
}

#[test]
fn a_module_that_a_caller_keeps_from_loading_is_a_path() {
    for (text, missing) in [
        (
            "auth required pam_unix.so\n\
             auth [success=ok ignore=ignore module_unknown=ignore default=die] pam_fpass.so",
            MissingFactor::Face,
        ),
        (
            "auth required pam_unix.so\nauth [success=1 module_unknown=1 default=die] pam_fpass.so\n\
             auth requisite pam_deny.so\nauth required pam_permit.so",
            MissingFactor::Face,
        ),
        (
            "auth [success=1 default=ignore] pam_unix.so\n\
             auth [module_unknown=ignore default=die] pam_deny.so\nOURS",
            MissingFactor::Password,
        ),
    ] {
        assert_eq!(broken(text).0, missing, "{text}");
    }
    assert_eq!(verdict("auth required pam_unix.so\nOURS"), Verdict::Proven);
}

#[test]
fn what_may_hide_a_line_of_ours_is_never_its_absence() {
    let many = "auth optional pam_env.so\n".repeat(crate::resolve::STEPS_MAX) + OURS;
    for text in [
        many.as_str(),
        "auth required pam_unix.so\nauth [success=ok default=die pam_fpass.so",
        "auth required pam_unix.so\n@include sudo\nOURS",
        "auth required pam_unix.so\nOURS \\\n",
        "auth required pam_unix.so\n@include\nOURS",
    ] {
        let judged = verdict(text);
        assert_eq!(judged, Verdict::Unsure, "{}", &text[text.len().saturating_sub(80)..]);
    }
    let mut files = memory("auth required pam_unix.so\n@include l1");
    for depth in 1..20 {
        files = files.with(&format!("l{depth}"), &format!("@include l{}\n", depth + 1));
    }
    let files = files.with("l20", OURS);
    assert_eq!(judge(&crate::resolve(&files, "sudo")).verdict, Verdict::Unsure);
}

#[test]
fn an_exemption_for_another_service_exempts_nobody() {
    let text = "auth required pam_unix.so\n\
                auth [success=1 default=ignore] pam_succeed_if.so uid = 0 service = SERVICE\nOURS";
    assert_eq!(exempt_from(&text.replace("SERVICE", "login")), []);
    assert_eq!(exempt_from(&text.replace("SERVICE", "sudo")), [Exempt::Root { console: false }]);
}

#[test]
fn a_root_who_never_enrolled_is_named_with_an_exemption() {
    // Root at the console skips the first line of ours, and elsewhere meets one with nullok.
    let text = "auth required pam_unix.so\n\
                auth [success=3 default=ignore] pam_succeed_if.so uid != 0\n\
                auth [success=1 default=ignore] pam_succeed_if.so uid = 0 tty in tty1\n\
                OURS nullok\nauth [default=1] pam_permit.so\nOURS\nauth required pam_permit.so";
    assert_eq!(exempt_from(text), [Exempt::NeverEnrolled, Exempt::Root { console: true }]);
}
