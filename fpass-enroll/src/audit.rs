//! The audit trail, read back: journal entries in, records and what is wrong with their chain out.

pub(crate) mod chain;
pub(crate) mod entry;
mod json;
pub(crate) mod order;
pub(crate) mod reader;
