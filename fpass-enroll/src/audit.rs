//! Verification of the audit log: from journal entries to records and the faults of their chain.

pub(crate) mod chain;
pub(crate) mod entry;
mod json;
pub(crate) mod order;
pub(crate) mod reader;
