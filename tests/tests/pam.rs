//! Logins: the real module in real stacks, against the real daemon.

use fpass_tests::{
    ALICE, CAROL, Login, Scene, Testbed, TestbedError, Transcript,
    pam::{Call, Conversation},
    scene::{BIDEN, OBAMA_SPEAKING},
    stack,
};

/// A machine on which alice is enrolled and in front of the camera.
fn with_alice() -> Result<Testbed, TestbedError> {
    let mut testbed = Testbed::with_alice()?;
    testbed.camera_shows(&Scene::person(OBAMA_SPEAKING))?;
    Ok(testbed)
}

/// A module must leave no trace in an application that continues.
fn left_no_trace(transcript: &Transcript) {
    assert_eq!(transcript.threads, (1, 1), "{transcript:?}");
    assert_eq!(transcript.descriptors.0, transcript.descriptors.1, "{transcript:?}");
    assert_eq!(transcript.stray_output, "");
}

#[test]
fn each_shipped_example_refuses_another_face_and_admits_the_right_one() -> Result<(), TestbedError>
{
    let mut testbed = with_alice()?;
    for service in stack::SHIPPED {
        testbed.camera_shows(&Scene::person(BIDEN))?;
        let refused = testbed.transact(&Login::of(service, ALICE))?;
        assert_eq!(refused.code_name(), "PAM_AUTH_ERR", "{service}: {refused:?}");
        left_no_trace(&refused);

        testbed.camera_shows(&Scene::person(OBAMA_SPEAKING))?;
        let admitted = testbed.transact(&Login::of(service, ALICE))?;
        assert!(admitted.admitted(), "{service}: {admitted:?}");
        left_no_trace(&admitted);
    }
    Ok(())
}

#[test]
fn the_right_face_does_not_make_up_for_a_wrong_password() -> Result<(), TestbedError> {
    let testbed = with_alice()?;
    for service in stack::SHIPPED {
        let refused = testbed.login(service, "alice", "guess")?;
        assert_eq!(refused.code_name(), "PAM_AUTH_ERR", "{service}: {refused:?}");
        assert_eq!(refused.sentence(), "", "{service}: nobody is looked at");
    }
    Ok(())
}

#[test]
fn a_face_without_a_password_is_refused() -> Result<(), TestbedError> {
    let mut testbed = with_alice()?;
    testbed.service("face-only", stack::FACE_LINE)?;
    let login = Login::of("face-only", ALICE).with(|request| {
        request.calls = vec![Call::Authenticate];
    });
    let refused = testbed.transact(&login)?;
    assert_eq!(refused.code_name(), "PAM_AUTH_ERR", "{refused:?}");
    Ok(())
}

#[test]
fn a_stopped_daemon_is_no_way_in() -> Result<(), TestbedError> {
    let mut testbed = with_alice()?;
    testbed.stop_daemon()?;
    for service in ["fpass-test", "fpass-nullok", "fpass-debian"] {
        let refused = testbed.transact(&Login::of(service, ALICE))?;
        assert_eq!(refused.code_name(), "PAM_AUTHINFO_UNAVAIL", "{service}: {refused:?}");
        assert!(refused.sentence().contains("; "), "{service}: {refused:?}");
        left_no_trace(&refused);
    }
    Ok(())
}

#[test]
fn a_user_without_an_f_pass_gets_in_only_where_nullok_says_so() -> Result<(), TestbedError> {
    let testbed = with_alice()?;
    let refused = testbed.transact(&Login::of("fpass-test", CAROL))?;
    assert_eq!(refused.code_name(), "PAM_AUTHINFO_UNAVAIL", "{refused:?}");
    let admitted = testbed.transact(&Login::of("fpass-nullok", CAROL))?;
    assert!(admitted.admitted(), "{admitted:?}");
    let wrong = testbed.login("fpass-nullok", CAROL.name, "guess")?;
    assert_eq!(wrong.code_name(), "PAM_AUTH_ERR", "{wrong:?}");
    Ok(())
}

#[test]
fn a_hostile_environment_changes_nothing() -> Result<(), TestbedError> {
    let mut testbed = with_alice()?;
    let hostile = |scene: &Scene, testbed: &mut Testbed| {
        testbed.camera_shows(scene)?;
        let login = Login::of("fpass-test", ALICE)
            .env("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .env("DBUS_STARTER_ADDRESS", "unix:path=/nowhere/bus")
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("TMPDIR", "/nowhere")
            .env("HOME", "/nowhere")
            .env("LANG", "tlh_KX.UTF-8");
        testbed.transact(&login)
    };
    let refused = hostile(&Scene::person(BIDEN), &mut testbed)?;
    assert_eq!(refused.code_name(), "PAM_AUTH_ERR", "{refused:?}");
    let admitted = hostile(&Scene::person(OBAMA_SPEAKING), &mut testbed)?;
    assert!(admitted.admitted(), "{admitted:?}");
    left_no_trace(&admitted);
    Ok(())
}

#[test]
fn a_conversation_that_fails_is_no_way_in() -> Result<(), TestbedError> {
    let testbed = with_alice()?;
    let login =
        Login::of("fpass-test", ALICE).with(|request| request.conversation = Conversation::Broken);
    assert!(!testbed.transact(&login)?.admitted());
    Ok(())
}

#[test]
fn the_user_is_invited_unless_the_application_wants_silence() -> Result<(), TestbedError> {
    let testbed = with_alice()?;
    let spoken = testbed.transact(&Login::of("fpass-test", ALICE))?;
    assert!(spoken.messages.iter().any(|m| m.text == "Look at the camera."), "{spoken:?}");
    let silent =
        testbed.transact(&Login::of("fpass-test", ALICE).with(|request| request.silent = true))?;
    assert!(silent.admitted(), "{silent:?}");
    assert_eq!(silent.sentence(), "");
    Ok(())
}

#[test]
fn the_password_reaches_the_modules_after_ours_unaltered() -> Result<(), TestbedError> {
    let mut testbed = with_alice()?;
    let items =
        format!("{}auth required {}\n", stack::own(""), pam_wrapper(&testbed, "pam_get_items")?);
    testbed.service("items", &items)?;
    let admitted = testbed.transact(&Login::of("items", ALICE))?;
    assert!(admitted.admitted(), "{admitted:?}");
    let token = format!("PAM_AUTHTOK={}", ALICE.password);
    assert!(admitted.environment.contains(&token), "{admitted:?}");
    Ok(())
}

/// pam_matrix checks the password without keeping it in the transaction, as password modules do.
/// pam_set_items then sets it from the variable PAM_AUTHTOK.
#[test]
fn pamtester_gets_in_through_pam_wrapper_only_with_password_and_face() -> Result<(), TestbedError> {
    let mut testbed = with_alice()?;
    let matrix = pam_wrapper(&testbed, "pam_matrix")? + " passdb=/run/wrapped/passdb";
    let keeper = pam_wrapper(&testbed, "pam_set_items")?;
    let face = stack::FACE_LINE;
    let stack = format!(
        "auth requisite {matrix}\nauth required {keeper}\n{face}\naccount required {matrix}\n"
    );
    testbed.run("root", "mkdir", &["/run/wrapped"])?;
    testbed.run_with_input("root", "tee", &["/run/wrapped/passdb"], "alice:secret:wrapped\n")?;
    testbed.run_with_input("root", "tee", &["/run/wrapped/wrapped"], &stack)?;
    let pamtester = |testbed: &Testbed, password: &str, kept: &str| {
        let kept = format!("PAM_AUTHTOK={kept}");
        let wrapper = ["LD_PRELOAD=libpam_wrapper.so", "PAM_WRAPPER=1"];
        let words = [
            "PAM_WRAPPER_SERVICE_DIR=/run/wrapped",
            &kept,
            "pamtester",
            "wrapped",
            "alice",
            "authenticate",
            "acct_mgmt",
        ];
        let words: Vec<&str> = wrapper.into_iter().chain(words).collect();
        testbed.run_with_input("root", "env", &words, &format!("{password}\n"))
    };

    let wrong = pamtester(&testbed, "guess", "guess")?;
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    let none_kept = pamtester(&testbed, "secret", "")?;
    assert_eq!(none_kept.code, Some(1), "{none_kept:?}");
    let admitted = pamtester(&testbed, "secret", "secret")?;
    assert_eq!(admitted.code, Some(0), "{admitted:?}");

    testbed.camera_shows(&Scene::person(BIDEN))?;
    let refused = pamtester(&testbed, "secret", "secret")?;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("Authentication failure"), "{refused:?}");
    Ok(())
}

/// Path of a module of pam_wrapper, wherever this distribution keeps it.
fn pam_wrapper(testbed: &Testbed, module: &str) -> Result<String, TestbedError> {
    let file = format!("{module}.so");
    let run = testbed.run("root", "find", &["/usr/lib", "/usr/lib64", "-name", &file])?;
    Ok(run.stdout.lines().next().unwrap_or_default().to_owned())
}
