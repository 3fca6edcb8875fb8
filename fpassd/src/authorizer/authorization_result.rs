//! The answers of polkit.

use std::collections::HashMap;

use fpass_proto::Refusal;
use zbus::Message;

/// D-Bus signature of an `AuthorizationResult`: whether it is authorised, whether a password would
/// authorise it, and details.
const SIGNATURE: &str = "(bba{ss})";

/// The answer of polkit to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AuthorizationResult {
    /// Allowed.
    Yes,
    /// Not allowed.
    No,
    /// Allowed with a password, which was not asked for.
    Challenge,
}

impl AuthorizationResult {
    /// Reads the message; `None` when it is malformed.
    pub(super) fn read(message: &Message) -> Option<Self> {
        let body = message.body();
        if body.signature() != SIGNATURE {
            return None;
        }
        let ((authorised, challenge, _),): ((bool, bool, HashMap<String, String>),) =
            body.deserialize().ok()?;
        Self::of(authorised, challenge)
    }

    /// The table. A grant that asks for a password contradicts itself.
    const fn of(authorised: bool, challenge: bool) -> Option<Self> {
        match (authorised, challenge) {
            (true, false) => Some(Self::Yes),
            (false, false) => Some(Self::No),
            (false, true) => Some(Self::Challenge),
            (true, true) => None,
        }
    }

    /// What the caller is told.
    pub(super) const fn outcome(self) -> Result<(), Refusal> {
        match self {
            Self::Yes => Ok(()),
            Self::No => Err(Refusal::NotAuthorized),
            Self::Challenge => Err(Refusal::AuthenticationNeeded),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use zbus::zvariant::DynamicType;

    use super::*;

    fn read<B: Serialize + DynamicType>(body: &B) -> Option<AuthorizationResult> {
        let call = Message::method_call("/", "CheckAuthorization").build(&()).unwrap();
        AuthorizationResult::read(&Message::method_return(&call.header()).build(body).unwrap())
    }

    #[test]
    fn a_malformed_answer_is_refused() {
        let details = HashMap::<&str, &str>::new;
        assert_eq!(read(&()), None);
        assert_eq!(read(&(true,)), None);
        assert_eq!(read(&(true, false)), None);
        assert_eq!(read(&((true, false),)), None);
        assert_eq!(read(&((1_u32, 0_u32, details()),)), None);
        assert_eq!(read(&((true, false, vec!["a"]),)), None);
        assert_eq!(read(&((true, false, details()), true)), None);
        assert_eq!(read(&"yes"), None);
        assert_eq!(read(&((true, true, details()),)), None, "a contradiction");
    }

    #[test]
    fn only_one_row_grants() {
        let details = HashMap::from([("polkit.dismissed", "true")]);
        let rows = [
            ((false, false), AuthorizationResult::No, Err(Refusal::NotAuthorized)),
            ((false, true), AuthorizationResult::Challenge, Err(Refusal::AuthenticationNeeded)),
            ((true, false), AuthorizationResult::Yes, Ok(())),
        ];
        for ((authorised, challenge), reply, outcome) in rows {
            assert_eq!(read(&((authorised, challenge, details.clone()),)), Some(reply));
            assert_eq!(reply.outcome(), outcome);
        }
    }
}
