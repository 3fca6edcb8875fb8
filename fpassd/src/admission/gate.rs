//! The gate for calls: bounds on what callers may have in progress and ask for in a time, by user
//! and in total, with a share of its own for root.

mod ledger;

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use fpass_proto::{Refusal, Uid};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use zbus::Message;

use self::ledger::{Ledger, Ruling};
use super::{
    message::{is_plain, wants_reply},
    refused_calls::RefusedCalls,
};

/// Most refusals that wait to be sent. Further callers get none.
const ANSWERS_MAX: usize = 256;

/// A call that is refused, for its answer.
pub(super) type RefusedCall = (Message, Refusal);

/// Bounds the calls of everybody. It decides without asking anybody.
pub(crate) struct Gate {
    ledger: Mutex<Ledger>,
    refused: RefusedCalls,
    /// Names of callers whose user is to be looked up.
    strangers: mpsc::UnboundedSender<String>,
    /// Calls that were admitted after their caller had been looked up.
    admit: mpsc::UnboundedSender<Message>,
    admitted: AsyncMutex<mpsc::UnboundedReceiver<Message>>,
    answers: mpsc::Sender<RefusedCall>,
}

/// What the gate leaves to others: callers to look up, and refusals to send.
pub(crate) struct Arrivals {
    pub(super) strangers: mpsc::UnboundedReceiver<String>,
    pub(super) answers: mpsc::Receiver<RefusedCall>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Gate {
    /// A gate that counts in `refused` the calls that it refuses.
    pub(crate) fn new(refused: RefusedCalls) -> (Self, Arrivals) {
        let (strangers, to_look_up) = mpsc::unbounded_channel();
        let (admit, admitted) = mpsc::unbounded_channel();
        let (answers, to_answer) = mpsc::channel(ANSWERS_MAX);
        let admitted = AsyncMutex::new(admitted);
        let ledger = Mutex::default();
        let gate = Self { ledger, refused, strangers, admit, admitted, answers };
        (gate, Arrivals { strangers: to_look_up, answers: to_answer })
    }

    /// Returns a call if it may be served now. A call whose caller is not known yet waits; any
    /// other is refused.
    pub(super) fn judge(&self, call: Message, now: Instant) -> Option<Message> {
        let header = call.header();
        // The bus names the sender of every message.
        let sender = header.sender()?.to_string();
        let serial = header.primary().serial_num().get();
        let ends_others = header.member().is_some_and(|member| member.as_str() == "Cancel");
        drop(header);
        if !wants_reply(&call) || !is_plain(&call) {
            let user = self.lock().user(&sender);
            self.refuse(call, Refusal::InvalidArgument, user, now);
            return None;
        }
        let call = ledger::ArrivedCall { serial, ends_others, message: call };
        let ruling = self.lock().judge(&sender, call, now);
        match ruling {
            Ruling::Admitted(message) => Some(message),
            Ruling::Waiting { first } => {
                if first {
                    // The receiver lives as long as the daemon.
                    let _ = self.strangers.send(sender);
                }
                None
            }
            Ruling::Refused(message, user) => {
                self.refuse(message, Refusal::QueueFull, user, now);
                None
            }
        }
    }

    /// Notes the user of a caller, and admits or refuses its waiting calls. `None` for a caller
    /// that has left or whose user the bus does not tell.
    pub(super) fn identified(&self, name: &str, user: Option<Uid>, now: Instant) {
        let rulings = self.lock().identified(name, user, now);
        for ruling in rulings {
            match ruling {
                Ruling::Admitted(message) => {
                    let _ = self.admit.send(message);
                }
                Ruling::Refused(message, user) => {
                    let reason = user.map_or(Refusal::NotAuthorized, |_| Refusal::QueueFull);
                    self.refuse(message, reason, user, now);
                }
                Ruling::Waiting { .. } => {}
            }
        }
    }

    /// Notes that a caller has left the bus.
    pub(super) fn left(&self, name: &str) {
        let waiting = self.lock().left(name);
        (0..waiting).for_each(|_| self.refused.add(None));
    }

    /// Notes that a call was answered.
    pub(super) fn answered(&self, caller: &str, serial: u32) {
        self.lock().answered(caller, serial);
    }

    /// The next call that was admitted after it had to wait.
    pub(super) async fn next_admitted(&self) -> Message {
        match self.admitted.lock().await.recv().await {
            Some(message) => message,
            // The sender lives in this gate.
            None => std::future::pending().await,
        }
    }

    /// The user of a caller that is still on the bus.
    pub(crate) fn caller(&self, name: &str) -> Option<Uid> {
        self.lock().present(name)
    }

    /// Counts a refused call, and answers it if the caller waits and there is room for the answer.
    fn refuse(&self, call: Message, refusal: Refusal, user: Option<Uid>, now: Instant) {
        self.refused.add(user);
        if !wants_reply(&call) || !self.lock().may_answer(user, now) {
            return;
        }
        let Ok(place) = self.answers.try_reserve() else { return };
        let header = call.header();
        if let Some(sender) = header.sender() {
            // Nobody can use the same number again to end another call by this refusal.
            let serial = header.primary().serial_num().get();
            self.lock().expect_refusal(sender.as_str(), serial);
        }
        drop(header);
        place.send((call, refusal));
    }

    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
