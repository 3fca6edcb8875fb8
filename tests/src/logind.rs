//! A scripted org.freedesktop.login1, with the part of org.freedesktop.systemd1 that F-pass calls.

mod answers;
mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fpass_proto::names;
use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::{MessageStream, connection, message::Type};

pub use self::script::{Event, Fault, LogindScript, Place, Session};
use crate::{
    TestbedError,
    served::{Ready, Served},
};

/// Names that it owns, as systemd does where it is installed.
pub(crate) const NAMES: [&str; 2] = ["org.freedesktop.login1", "org.freedesktop.systemd1"];
/// Its script, and the sessions that it has reported.
#[derive(Debug, Default)]
struct LogindState {
    script: LogindScript,
    spoken: script::Spoken,
}

/// The fake logind. By default it reports that every caller is in a session at seat0. It ends with
/// this value.
#[derive(Debug, Default)]
pub struct Logind {
    state: Arc<Mutex<LogindState>>,
    running: Option<BusThread>,
}

#[derive(Debug)]
struct BusThread {
    orders: UnboundedSender<Order>,
    _served: Served,
}

/// A command to the thread on the bus.
#[derive(Clone, Copy, Debug)]
enum Order {
    Announce(Event),
    Leave,
}

/// Sends events of the seat.
#[derive(Clone, Debug)]
pub struct Announcer(Option<UnboundedSender<Order>>);

impl Announcer {
    /// Announces an event about the session that was reported last.
    pub fn announces(&self, event: Event) {
        self.order(Order::Announce(event));
    }

    /// Takes the fake from the bus.
    pub fn leaves(&self) {
        self.order(Order::Leave);
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.0 {
            // After the bus has ended, nothing is announced.
            let _ = orders.send(order);
        }
    }
}

impl Logind {
    /// Changes the script from now on.
    pub fn says(&self, change: impl FnOnce(&mut LogindScript)) {
        change(&mut lock(&self.state).script);
    }

    /// A handle for another thread to send events.
    #[must_use]
    pub fn announcer(&self) -> Announcer {
        Announcer(self.running.as_ref().map(|running| running.orders.clone()))
    }

    /// How often a session was requested.
    #[must_use]
    pub fn times_asked(&self) -> usize {
        lock(&self.state).spoken.times
    }

    /// Takes it from the bus.
    pub fn stop(&mut self) {
        self.running = None;
    }

    /// Puts it on the bus.
    ///
    /// # Errors
    /// Says why it cannot join the bus.
    pub fn start(&mut self) -> Result<(), TestbedError> {
        self.stop();
        let (orders, receiver) = unbounded_channel();
        let state = Arc::clone(&self.state);
        let served = Served::start("the fake logind", |ready| serve(receiver, state, ready))?;
        self.running = Some(BusThread { orders, _served: served });
        Ok(())
    }
}

fn lock(state: &Mutex<LogindState>) -> MutexGuard<'_, LogindState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers and announces until it must end or the bus is gone.
async fn serve(
    mut orders: UnboundedReceiver<Order>,
    state: Arc<Mutex<LogindState>>,
    ready: Ready,
) -> zbus::Result<()> {
    let connection = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let mut calls = MessageStream::from(&connection);
    for name in NAMES {
        connection.request_name(name).await?;
    }
    ready();
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(Order::Announce(event)) = order else { return Ok(()) };
                let path = lock(&state).spoken.last.clone();
                for signal in answers::signals(event, &path) {
                    let _ = match signal {
                        Ok(signal) => connection.send(&signal).await,
                        Err(error) => Err(error),
                    };
                }
            }
            call = calls.next() => {
                let Some(call) = call else { return Ok(()) };
                let Ok(call) = call else { continue };
                if call.message_type() != Type::MethodCall {
                    continue;
                }
                let reply = answers::reply(&call, &mut lock(&state));
                if let Ok(Some(reply)) = reply {
                    let _ = connection.send(&reply).await;
                }
            }
        }
    }
}
