//! Recovery codes: another way in for whom the camera cannot judge, each good for one login.

mod code;
mod file;
mod hash;

pub(crate) use self::{
    code::Code,
    file::{Codes, HASH, SALT, name},
    hash::{HashError, hash},
};
