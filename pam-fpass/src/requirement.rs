//! The duty to set up an F-pass, as `enroll=required` lays it on users who never had one.

/// How an `account` or `password` line ends when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetupRequirement {
    /// The user has an F-pass.
    Met,
    /// The user must set one up before they may go on.
    Unmet,
    /// There is nothing to do here; the modules beside this one say how it ends.
    NotApplicable,
}
