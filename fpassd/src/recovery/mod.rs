//! Recovery codes: each allows one login when the camera cannot decide.

mod code;
mod file;
mod hash;

pub(crate) use self::{
    code::Code,
    file::{Codes, HASH, SALT, name},
    hash::{HashError, hash},
};
