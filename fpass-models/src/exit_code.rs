//! The exit codes. `fpass-enroll models` ends with them too.

fpass_terminal::exit_codes! {
    /// Done.
    Done = 0, "done";
    /// The command line is wrong. `clap` uses this code too.
    Usage = 2, "the command line is wrong";
    /// The face models are missing, altered, or could not be fetched.
    Models = 7, "the face models are missing, wrong or could not be fetched";
    /// Standard output does not take what is written.
    Output = 11, "the output could not be written";
    /// Ctrl-C or a signal.
    Interrupted = 130, "interrupted";
}
