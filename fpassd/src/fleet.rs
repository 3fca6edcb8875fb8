//! Templates for another machine of the same owner: encrypted for the recipient, signed by the
//! sender. This module does no input or output.

mod bundle;
mod identity;

pub(crate) use self::{
    bundle::{Bundle, BundleError, open, seal},
    identity::{MachineKeys, Peer},
};
