//! Runs one PAM transaction: a request as JSON on standard input, a transcript on standard output.
//!
//! The transcript follows a record separator (U+001E), so that anything a module prints shows.

mod ffi;
mod host_fault;

use std::{
    fs,
    io::{self, Write},
    time::Instant,
};

use fpass_tests::pam::{Call, CallResult, Request, Transcript};

fn main() -> io::Result<()> {
    let request: Request = serde_json::from_reader(io::stdin())?;
    let before = (entries("/proc/self/task"), entries("/proc/self/fd"));
    let mut transcript = transact(&request)?;
    let after = (entries("/proc/self/task"), entries("/proc/self/fd"));
    transcript.threads = (before.0, after.0);
    transcript.descriptors = (before.1, after.1);

    let mut stdout = io::stdout().lock();
    write!(stdout, "\u{1e}")?;
    serde_json::to_writer(&mut stdout, &transcript)?;
    stdout.flush()
}

fn transact(request: &Request) -> io::Result<Transcript> {
    let mut transaction = ffi::Transaction::start(request)?;
    let mut answers = Vec::new();
    for call in &request.calls {
        let started = Instant::now();
        let code = transaction.call(*call, request.silent);
        let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
        answers.push(CallResult { call: *call, code, milliseconds });
        // An expired token does not end the transaction: the application must change it.
        if code != 0 && !(*call == Call::AcctMgmt && code == 12) {
            break;
        }
    }
    let environment = transaction.environment();
    let messages = transaction.end();
    Ok(Transcript {
        answers,
        messages,
        environment,
        threads: (0, 0),
        descriptors: (0, 0),
        stray_output: String::new(),
    })
}

fn entries(directory: &str) -> usize {
    fs::read_dir(directory).map_or(0, Iterator::count)
}
