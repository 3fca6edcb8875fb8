//! The shared object as it is installed.

use std::{fs, process::Command};

use fpass_tests::Testbed;

/// Path at which `make install` put the module.
fn installed() -> String {
    let output =
        Command::new("find").args(["/usr/lib/", "-name", "pam_fpass.so"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let paths: Vec<&str> = text.lines().collect();
    assert_eq!(paths.len(), 1, "{paths:?}");
    paths[0].to_owned()
}

fn output_of(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_installed_object_is_what_a_host_may_be_asked_to_load() {
    let _ground = Testbed::new().unwrap();
    let module = installed();

    let symbols = output_of("nm", &["-D", "--defined-only", &module]);
    let mut exported: Vec<_> =
        symbols.lines().filter_map(|line| line.split_whitespace().next_back()).collect();
    exported.sort_unstable();
    assert_eq!(
        exported,
        [
            "pam_sm_acct_mgmt",
            "pam_sm_authenticate",
            "pam_sm_chauthtok",
            "pam_sm_close_session",
            "pam_sm_open_session",
            "pam_sm_setcred",
        ]
    );

    let undefined = output_of("nm", &["-D", "--undefined-only", &module]);
    for symbol in undefined.lines().filter_map(|line| line.split_whitespace().nth(1)) {
        let name = symbol.split('@').next().unwrap_or_default();
        for forbidden in [
            "environ",
            "__environ",
            "secure_getenv",
            "setenv",
            "putenv",
            "fork",
            "vfork",
            "execve",
            "posix_spawn",
            "system",
            "popen",
            "signal",
            "atexit",
            "pthread_atfork",
            "printf",
            "puts",
            "setlocale",
            "pam_set_item",
            "pam_set_data",
            "pam_putenv",
        ] {
            assert_ne!(name, forbidden, "the module can call {forbidden}");
        }
    }

    let dynamic = output_of("readelf", &["-dW", &module]);
    assert!(dynamic.contains("NODELETE") && dynamic.contains("BIND_NOW"), "{dynamic}");
    assert!(!dynamic.contains("TEXTREL") && !dynamic.contains("RPATH"), "{dynamic}");
    assert!(!dynamic.contains("RUNPATH"), "{dynamic}");
    for line in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        let known = ["[libpam.so", "[libc.so", "[libgcc_s.so", "[ld-linux", "[libm.so"];
        assert!(known.iter().any(|library| line.contains(library)), "{line}");
    }
    let segments = output_of("readelf", &["-lW", &module]);
    let stack = segments.lines().find(|line| line.contains("GNU_STACK")).unwrap();
    assert!(!stack.contains("RWE"), "{stack}");
    assert!(segments.contains("GNU_RELRO"), "{segments}");

    assert!(fs::metadata(&module).unwrap().len() <= 2 << 20, "{module} is larger than 2 MiB");
}
