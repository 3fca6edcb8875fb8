//! The exit codes. `fpass-enroll evaluate` ends with them too.

fpass_terminal::exit_codes! {
    /// Done.
    Done = 0, "done";
    /// The command line is wrong. `clap` uses this code too.
    Usage = 2, "the command line is wrong";
    /// The face models are missing or altered.
    Models = 7, "the face models are missing or wrong";
    /// A worker failed.
    Failed = 10, "this program failed";
    /// The output, the report, the cache or another file could not be written.
    Output = 11, "the output could not be written";
    /// Pictures, pairs, groups or clips that cannot be evaluated.
    Dataset = 12, "the pictures, pairs, groups or clips cannot be read or are too few";
    /// Ctrl-C or a signal.
    Interrupted = 130, "interrupted";
}
