//! The proof and the module accept the same arguments.

use fpass_stack::{Facility, arguments};
use fpass_tests::{CAROL, Login, Testbed, pam::Call};

/// `PAM_SERVICE_ERR`, the module's answer to wrong arguments.
const SERVICE_ERR: i32 = 3;

const LINES: &[&str] = &[
    "",
    "nullok",
    "nullok nullok",
    "NULLOK",
    "quiet",
    "quiet recovery",
    "announce",
    "announce announce",
    "announce quiet",
    "announce recovery nullok",
    "announce=yes",
    "enroll=required announce",
    "prewarm announce",
    "recovery",
    "recovery nullok debug",
    "recovery=yes",
    "enroll",
    "enroll=required",
    "enroll=optional",
    "enroll=required nullok",
    "enroll=required recovery",
    "enroll=required quiet debug service_ok=arguments",
    "enroll=required timeout=5",
    "enroll=required timeout=10",
    "enroll=required sole_factor",
    "prewarm",
    "prewarm quiet debug",
    "prewarm timeout=5",
    "prewarm enroll=required",
    "prewarm recovery",
    "timeout=0",
    "timeout=41",
    "timeout=+5",
    "timeout=40",
    "service_ok=arguments",
    "service_ok=arguments,arguments",
    "service_ok=arguments,",
    "service_ok=",
    "sole_factor debug",
    "alwaysok",
];

#[test]
fn the_module_and_the_proof_refuse_the_same_lines() {
    let mut testbed = Testbed::new().unwrap();
    testbed.start_daemon().unwrap();
    let mut refused = 0;
    for (facility, word, call) in [
        (Facility::Auth, "auth", Call::Authenticate),
        (Facility::Account, "account", Call::AcctMgmt),
        (Facility::Password, "password", Call::ChAuthTok),
    ] {
        for line in LINES {
            testbed
                .service("arguments", &format!("{word} required pam_fpass.so {line}\n"))
                .unwrap();
            let login = Login::of("arguments", CAROL).with(|request| request.calls = vec![call]);
            let by_module = testbed.transact(&login).unwrap().code() == SERVICE_ERR;
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let by_proof = arguments::read(facility, &words);
            assert_eq!(by_proof.is_err(), by_module, "{word} {line}: {by_proof:?}");
            refused += usize::from(by_module);
        }
    }
    let lines = 3 * LINES.len();
    println!("arguments: {lines} lines, {refused} refused by the module and by the proof alike");
    assert!(refused > 0 && refused < lines);
}
