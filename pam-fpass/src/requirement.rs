//! The requirement to set up an F-pass: `enroll=required` puts it on users who never had one.

/// How an `account` or `password` line ends when no error occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetupRequirement {
    /// The user has an F-pass.
    Met,
    /// The user must set one up before the login may continue.
    Unmet,
    /// There is nothing to do; the other modules of the stack decide.
    NotApplicable,
}
