//! An ordinary client of the system bus that waits for other connections and sends them forged
//! messages: `forger KIND READY`. Prints the number of messages that it sent.
//!
//! KIND is `replies` (every serial that a call of the module may have, with a verdict and with the
//! error that `nullok` ignores), `signals` (the daemon's name changed its owner), `prompts` (two of
//! the daemon's, and a text) or `flood` (signals of many MiB).

use std::{
    error::Error,
    fs::File,
    io::{self, Write},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use fpass_proto::{Refusal, names};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep};
use zbus::{Connection, Message, connection, fdo::DBusProxy, names::OwnedUniqueName};

/// How long each new connection is attacked.
const SPAN: Duration = Duration::from_millis(1500);
/// Highest serial that is tried.
const SERIALS: u32 = 24;
/// Size of one message of a flood, in bytes; the bus passes on at most 32 MiB.
const FLOOD: usize = 16 << 20;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(kind), Some(ready)) = (arguments.next(), arguments.next()) else {
        return Err("forger KIND READY".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(forge(&kind, &ready))
}

async fn forge(kind: &str, ready: &str) -> Outcome<()> {
    let bus = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let driver = DBusProxy::new(&bus).await?;
    let mut changes = driver.receive_name_owner_changed().await?;
    File::create(ready)?;
    let sent = Arc::new(AtomicUsize::new(0));
    while let Some(change) = changes.next().await {
        let change = change.args()?;
        let (Some(target), None) = (change.new_owner().as_ref(), change.old_owner().as_ref())
        else {
            continue;
        };
        if !change.name().as_str().starts_with(':') {
            continue;
        }
        let (bus, kind, sent) = (bus.clone(), kind.to_owned(), sent.clone());
        let target = target.to_owned().into();
        tokio::task::spawn(async move { pester(&bus, &kind, &target, &sent).await });
    }
    Ok(())
}

async fn pester(bus: &Connection, kind: &str, target: &OwnedUniqueName, sent: &AtomicUsize) {
    let end = Instant::now() + SPAN;
    while Instant::now() < end {
        for message in forgeries(bus, kind, target).unwrap_or_default() {
            // The bus may drop it, or the connection may have ended.
            let _ = bus.send(&message).await;
            sent.fetch_add(1, Ordering::Relaxed);
        }
        let _ = writeln!(io::stdout(), "{}", sent.load(Ordering::Relaxed));
        sleep(Duration::from_millis(5)).await;
    }
}

fn forgeries(bus: &Connection, kind: &str, target: &OwnedUniqueName) -> zbus::Result<Vec<Message>> {
    let own = bus.unique_name().map(ToString::to_string).unwrap_or_default();
    let mut messages = Vec::new();
    match kind {
        "replies" => {
            for serial in (1..=SERIALS).filter_map(NonZeroU32::new) {
                let call =
                    Message::method_call("/", "Verify").serial(serial).sender(target).build(&())?;
                let header = call.header();
                messages.push(Message::method_return(&header).build(&("match",))?);
                let never = Refusal::NeverEnrolled.error_name();
                messages.push(Message::error(&header, never).build(&("text",))?);
            }
        }
        "signals" => {
            let changed = |old: &str, new: &str| {
                Message::signal("/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged")
                    .destination(target.as_str())
                    .build(&(names::BUS_NAME, old, new))
            };
            messages.push(changed(&own, "")?);
            messages.push(changed("", &own)?);
        }
        "prompts" => {
            for word in ["turn-left", "hold-still", "Type your password again: "] {
                let forged =
                    Message::signal(names::OBJECT_PATH, names::VERIFICATION_INTERFACE, "Prompted")
                        .destination(target.as_str());
                messages.push(forged.build(&(word,))?);
            }
        }
        _ => messages.push(
            Message::signal(names::OBJECT_PATH, names::ENROLMENT_INTERFACE, "EnrollProgress")
                .destination(target.as_str())
                .build(&("m".repeat(FLOOD),))?,
        ),
    }
    Ok(messages)
}
