//! A scripted org.freedesktop.login1, with the part of org.freedesktop.systemd1 that F-pass asks.

mod answers;
mod script;

use std::{
    fs,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::{Connection, MessageStream, connection, message::Type};

pub use self::script::{Event, Fault, Place, Script, Session};
use crate::GroundError;

/// Names that it owns.
const NAMES: [&str; 2] = ["org.freedesktop.login1", "org.freedesktop.systemd1"];
/// How long it may take to appear on the bus.
const READY: Duration = Duration::from_secs(30);
/// What lets it own its names and be asked, as systemd's own files do where it is installed.
const POLICY: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy user="root">
    <allow own="org.freedesktop.login1"/>
    <allow own="org.freedesktop.systemd1"/>
  </policy>
  <policy context="default">
    <allow send_destination="org.freedesktop.login1"/>
    <allow send_destination="org.freedesktop.systemd1"/>
  </policy>
</busconfig>
"#;

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
    thread: JoinHandle<()>,
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
        if let Some(Running { orders, thread }) = self.running.take() {
            // One that has ended with its bus does nothing more.
            let _ = orders.send(Order::Leave);
            let _ = thread.join();
        }
    }

    /// Puts it on the bus.
    ///
    /// # Errors
    /// Says why it did not get there.
    pub fn start(&mut self) -> Result<(), GroundError> {
        self.stop();
        let (orders, receiver) = unbounded_channel();
        let (tell, told) = mpsc::channel();
        let state = Arc::clone(&self.state);
        let thread = thread::Builder::new()
            .name("logind".to_owned())
            .spawn(move || run(receiver, &state, &tell))
            .map_err(GroundError::io("starting the thread of the fake logind"))?;
        self.running = Some(Running { orders, thread });
        let outcome = told.recv_timeout(READY).unwrap_or_else(|_| Err("it is silent".to_owned()));
        outcome.map_err(|output| GroundError::Answer { program: "the fake logind", output })
    }
}

impl Drop for Logind {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Writes the bus policy; the bus reads it when it starts.
pub(crate) fn install() -> Result<(), GroundError> {
    const FOLDER: &str = "/etc/dbus-1/system.d";
    let path = format!("{FOLDER}/ground-logind.conf");
    fs::create_dir_all(FOLDER)
        .and_then(|()| fs::write(&path, POLICY))
        .map_err(GroundError::io(format!("writing {path}")))
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run(orders: UnboundedReceiver<Order>, state: &Mutex<State>, tell: &mpsc::Sender<Ready>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(async {
            match connect().await {
                Ok((connection, calls)) => {
                    let _ = tell.send(Ok(()));
                    serve(&connection, calls, orders, state).await;
                }
                Err(error) => {
                    let _ = tell.send(Err(error.to_string()));
                }
            }
        }),
        Err(error) => {
            let _ = tell.send(Err(error.to_string()));
        }
    }
}

/// Whether it is on the bus, or why not.
type Ready = Result<(), String>;

async fn connect() -> zbus::Result<(Connection, MessageStream)> {
    let address = fpass_proto::names::SYSTEM_BUS_ADDRESS;
    let connection = connection::Builder::address(address).build().await?;
    let calls = MessageStream::from(&connection);
    for name in NAMES {
        connection.request_name(name).await?;
    }
    Ok((connection, calls))
}

/// Answers and announces until it is told to end or the bus is gone.
async fn serve(
    connection: &Connection,
    mut calls: MessageStream,
    mut orders: UnboundedReceiver<Order>,
    state: &Mutex<State>,
) {
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(Order::Announce(event)) = order else { return };
                let path = lock(state).spoken.last.clone();
                for signal in answers::signals(event, &path) {
                    let _ = match signal {
                        Ok(signal) => connection.send(&signal).await,
                        Err(error) => Err(error),
                    };
                }
            }
            call = calls.next() => {
                let Some(call) = call else { return };
                let Ok(call) = call else { continue };
                if call.message_type() != Type::MethodCall {
                    continue;
                }
                let reply = answers::reply(&call, &mut lock(state));
                if let Ok(Some(reply)) = reply {
                    let _ = connection.send(&reply).await;
                }
            }
        }
    }
}
