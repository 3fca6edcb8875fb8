//! Templates on their way from one machine of an owner to another: encrypted for the one, signed by the
//! other. No input or output here.

mod bundle;
mod identity;

pub(crate) use self::{
    bundle::{Bundle, Refused, open, seal},
    identity::{Peer, Secret},
};
