//! What becomes of a message that arrives on a connection, by its type and sender.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use zbus::{Message, message::Type};

use super::{
    allowance::{Allowance, Rate},
    gate::Gate,
    message::{is_plain, wants_reply},
};

/// Sender of the messages of the bus itself.
const BUS: &str = "org.freedesktop.DBus";
/// Its signal that a connection arrives or leaves.
const NAME_OWNER_CHANGED: &str = "NameOwnerChanged";
/// Calls of anybody that are answered while the daemon cannot start.
const LIMITED: Rate = Rate { burst: 400, per_second: 200 };

/// The calls that a connection takes. Replies always pass. Signals pass unless another connection
/// sent them to this one alone.
#[derive(Debug)]
pub(super) enum Door {
    /// Those that the gate admits.
    Guarded(Arc<Gate>),
    /// None.
    Shut,
    /// A number in each second, from all callers together.
    Limited(Mutex<Allowance>),
}

impl Door {
    /// A door for a number of calls in each second.
    pub(super) fn limited() -> Self {
        Self::Limited(Mutex::default())
    }

    /// The next call that had to wait until its caller was known.
    pub(super) async fn next_admitted(&self) -> Message {
        match self {
            Self::Guarded(gate) => gate.next_admitted().await,
            Self::Shut | Self::Limited(_) => std::future::pending().await,
        }
    }

    /// Returns a message that has arrived, if it may pass. Otherwise its descriptors are closed.
    pub(super) fn let_in(&self, message: Message) -> Option<Message> {
        let now = Instant::now();
        match message.message_type() {
            Type::MethodReturn | Type::Error => Some(message),
            Type::Signal => self.is_wanted(&message).then_some(message),
            Type::MethodCall => match self {
                Self::Guarded(gate) => gate.judge(message, now),
                Self::Shut => None,
                Self::Limited(allowance) => {
                    let mut allowance = allowance.lock().unwrap_or_else(PoisonError::into_inner);
                    let wanted = is_plain(&message) && wants_reply(&message);
                    (wanted && allowance.take(LIMITED, now)).then_some(message)
                }
            },
        }
    }

    /// Whether a signal is of use: one of the bus, or one that was sent to everybody who wants it.
    fn is_wanted(&self, signal: &Message) -> bool {
        let header = signal.header();
        let from_the_bus = header.sender().is_some_and(|sender| sender.as_str() == BUS);
        if let Self::Guarded(gate) = self
            && from_the_bus
            && header.member().is_some_and(|member| member.as_str() == NAME_OWNER_CHANGED)
            && let Ok((name, _, "")) = signal.body().deserialize::<(&str, &str, &str)>()
        {
            gate.left(name);
        }
        is_plain(signal) && (from_the_bus || header.destination().is_none())
    }

    /// Notes that a call was answered.
    pub(super) fn answered(&self, message: &Message) {
        let (Self::Guarded(gate), Type::MethodReturn | Type::Error) =
            (self, message.message_type())
        else {
            return;
        };
        let header = message.header();
        if let (Some(caller), Some(call)) = (header.destination(), header.reply_serial()) {
            gate.answered(caller.as_str(), call.get());
        }
    }
}
