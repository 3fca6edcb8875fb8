//! A scripted org.freedesktop.login1, with the part of org.freedesktop.systemd1 that F-pass asks.

mod answers;
mod script;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fpass_proto::names;
use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::{MessageStream, connection, message::Type};

pub use self::script::{Event, Fault, Place, Script, Session};
use crate::{
    GroundError,
    served::{Ready, Served},
};

/// Names that it owns, as systemd does where it is installed.
pub(crate) const NAMES: [&str; 2] = ["org.freedesktop.login1", "org.freedesktop.systemd1"];
/// What it says, and which sessions it has spoken of.
#[derive(Debug, Default)]
struct State {
    script: Script,
    spoken: script::Spoken,
}

/// The fake. It says that whoever asks sits in a session of their own at seat0, until it is told
/// to say something else. It ends with this value.
#[derive(Debug, Default)]
pub struct Logind {
    state: Arc<Mutex<State>>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    orders: UnboundedSender<Order>,
    _served: Served,
}

/// What the thread on the bus is told.
#[derive(Clone, Copy, Debug)]
enum Order {
    Announce(Event),
    Leave,
}

/// Lets something happen at the seat.
#[derive(Clone, Debug)]
pub struct Announcer(Option<UnboundedSender<Order>>);

impl Announcer {
    /// Announces an event about the session that was spoken of last.
    pub fn announces(&self, event: Event) {
        self.order(Order::Announce(event));
    }

    /// Takes the fake from the bus.
    pub fn leaves(&self) {
        self.order(Order::Leave);
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.0 {
            // One that has ended with its bus does nothing more.
            let _ = orders.send(order);
        }
    }
}

impl Logind {
    /// Changes what it says from here on.
    pub fn says(&self, change: impl FnOnce(&mut Script)) {
        change(&mut lock(&self.state).script);
    }

    /// A handle with which another thread lets something happen.
    #[must_use]
    pub fn announcer(&self) -> Announcer {
        Announcer(self.running.as_ref().map(|running| running.orders.clone()))
    }

    /// How often a session has been asked for.
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
    /// Says why it did not get there.
    pub fn start(&mut self) -> Result<(), GroundError> {
        self.stop();
        let (orders, receiver) = unbounded_channel();
        let state = Arc::clone(&self.state);
        let served = Served::start("the fake logind", |ready| serve(receiver, state, ready))?;
        self.running = Some(Running { orders, _served: served });
        Ok(())
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers and announces until it is told to end or the bus is gone.
async fn serve(
    mut orders: UnboundedReceiver<Order>,
    state: Arc<Mutex<State>>,
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
