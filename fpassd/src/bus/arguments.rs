//! Method arguments, parsed.

use fpass_proto::{IdentifierError, Label, Refusal, ServiceName, Terminal};

use crate::audit::PamContext;

/// Parses the names that a PAM module passes; each may be empty. A malformed name is left out of
/// the context and refused by the result.
pub(super) fn pam_context(service: &str, tty: &str) -> (PamContext, Result<(), Refusal>) {
    let service = optional(service, ServiceName::parse);
    let tty = optional(tty, Terminal::parse);
    let outcome = service.as_ref().and(tty.as_ref()).map(drop).map_err(|refusal| *refusal);
    let context = PamContext { service: service.unwrap_or_default(), tty: tty.unwrap_or_default() };
    (context, outcome)
}

/// Parses a label.
pub(super) fn label(raw: &str) -> Result<Label, Refusal> {
    Label::parse(raw).map_err(|_| Refusal::InvalidArgument)
}

/// Parses an argument that may be empty.
fn optional<T>(
    raw: &str,
    parse: impl Fn(&str) -> Result<T, IdentifierError>,
) -> Result<Option<T>, Refusal> {
    if raw.is_empty() {
        return Ok(None);
    }
    parse(raw).map(Some).map_err(|_| Refusal::InvalidArgument)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_be_empty_and_a_malformed_one_is_refused_and_left_out() {
        let (context, outcome) = pam_context("", "");
        assert!(context.service.is_none() && context.tty.is_none() && outcome.is_ok());
        let (context, outcome) = pam_context("su do", "tty1");
        assert_eq!(outcome, Err(Refusal::InvalidArgument));
        assert!(context.service.is_none() && context.tty.is_some());
        let (context, outcome) = pam_context("sudo", "tty1\n");
        assert_eq!(outcome, Err(Refusal::InvalidArgument));
        assert!(context.service.is_some() && context.tty.is_none());
    }
}
