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
        Verdict::Broken { missing, path } => {
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
        "auth sufficient pam_rootok.so\nauth include common\nOURS",
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
    assert!(matches!(judge(&crate::resolve(&files, "login")).verdict, Verdict::Broken { .. }));
    assert_eq!(judge(&crate::resolve(&files, "su")).verdict, Verdict::Proven);
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
