//! Owns the daemon's name on the system bus and answers `Verify` with the reply in the file `reply`
//! of the given directory. Writes `ready` there when it owns the name, and a line to `asked` for
//! each call.

use std::{
    error::Error,
    fs::{self, File},
    io::Write,
    time::Duration,
};

use fpass_proto::{Refusal, names};
use fpass_tests::fake_daemon::{Codes, Delivery, FakeReply, ReplyBody};
use futures_util::StreamExt;
use tokio::time::sleep;
use zbus::{
    Connection, Message, MessageStream, connection,
    fdo::{DBusProxy, RequestNameFlags},
    message::Type,
    names::{BusName, UniqueName, WellKnownName},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let directory = std::env::args().nth(1).ok_or("the directory is missing")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(&directory))
}

async fn serve(directory: &str) -> Outcome<()> {
    let bus = connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await?;
    let mut messages = MessageStream::from(&bus);
    let flags = RequestNameFlags::ALLOW_REPLACEMENT
        | RequestNameFlags::REPLACE_EXISTING
        | RequestNameFlags::DO_NOT_QUEUE;
    DBusProxy::new(&bus).await?.request_name(name(), flags).await?;
    File::create(format!("{directory}/ready"))?;
    while let Some(message) = messages.next().await {
        let message = message?;
        if message.message_type() != Type::MethodCall {
            continue;
        }
        let header = message.header();
        if let Some(reply) = recovery(directory, &message)? {
            bus.send(&reply).await?;
            continue;
        }
        if header.member().is_none_or(|member| member.as_str() != "Verify") {
            let unknown = "org.freedesktop.DBus.Error.UnknownMethod";
            bus.send(&Message::error(&header, unknown).build(&())?).await?;
            continue;
        }
        let asked: (u32, String, String, String, u32) = message.body().deserialize()?;
        let mut log =
            File::options().create(true).append(true).open(format!("{directory}/asked"))?;
        writeln!(log, "{} {} {} {:?} {}", asked.0, asked.1, asked.2, asked.3, asked.4)?;
        let script: FakeReply = serde_json::from_slice(&fs::read(format!("{directory}/reply"))?)?;
        let caller = header.sender().ok_or("a caller without a name")?.to_owned();
        prompt(&bus, &caller, &script.prompts).await?;
        if matches!(script.delivery, Delivery::Leaving) {
            return Ok(());
        }
        let bus = bus.clone();
        drop(header);
        tokio::task::spawn(async move {
            // The caller may have left.
            let _ = answer(&bus, &message, asked.0, &script).await;
            let _ = prompt(&bus, &caller, &script.late_prompts).await;
        });
    }
    Ok(())
}

/// Sends prompts to a caller.
async fn prompt(bus: &Connection, caller: &UniqueName<'_>, words: &[String]) -> zbus::Result<()> {
    for word in words {
        let prompted =
            Message::signal(names::OBJECT_PATH, names::VERIFICATION_INTERFACE, "Prompted")
                .destination(caller.as_str())
                .build(&(word,))?;
        bus.send(&prompted).await?;
    }
    Ok(())
}

/// The reply to a call about recovery codes, if it is one and codes are set.
fn recovery(directory: &str, call: &Message) -> Outcome<Option<Message>> {
    let Ok(text) = fs::read(format!("{directory}/codes")) else { return Ok(None) };
    let (header, codes) = (call.header(), serde_json::from_slice::<Codes>(&text)?);
    let genuine = || Message::method_return(&header);
    Ok(match header.member().map(|member| member.as_str()) {
        Some("Count") => Some(genuine().build(&(codes.left,))?),
        Some("Recover") => {
            let (_, _, _, _, code): (u32, String, String, String, String) =
                call.body().deserialize()?;
            let file = format!("{directory}/redeemed");
            writeln!(File::options().create(true).append(true).open(file)?, "{code}")?;
            let refused = Refusal::RecoveryRefused.error_name();
            Some(if code == codes.right {
                genuine().build(&())?
            } else {
                Message::error(&header, refused).build(&("text",))?
            })
        }
        _ => None,
    })
}

async fn answer(
    bus: &Connection,
    call: &Message,
    uid: u32,
    script: &FakeReply,
) -> zbus::Result<()> {
    match script.delivery {
        Delivery::AtOnce | Delivery::Leaving => {}
        Delivery::After(milliseconds) => sleep(Duration::from_millis(milliseconds)).await,
        Delivery::Never => return Ok(()),
        Delivery::OnceReplaced => replaced(bus).await?,
        Delivery::OnceNameless => {
            DBusProxy::new(bus).await?.release_name(name()).await?;
        }
    }
    bus.send(&reply(call, uid, &script.answer)?).await
}

/// Waits until another connection owns the name.
async fn replaced(bus: &Connection) -> zbus::Result<()> {
    let driver = DBusProxy::new(bus).await?;
    let own = bus.unique_name().map(ToString::to_string).unwrap_or_default();
    loop {
        let owner = driver.get_name_owner(BusName::WellKnown(name())).await;
        if owner.is_ok_and(|owner| owner.as_str() != own) {
            return Ok(());
        }
        sleep(Duration::from_millis(2)).await;
    }
}

fn reply(call: &Message, uid: u32, answer: &ReplyBody) -> zbus::Result<Message> {
    let header = call.header();
    let genuine = || Message::method_return(&header);
    match answer {
        ReplyBody::Word(word) => genuine().build(&(word,)),
        ReplyBody::Error(name) => Message::error(&header, name.as_str()).build(&("text",)),
        ReplyBody::Enrolled(enrolled) if *enrolled == uid => genuine().build(&("match",)),
        ReplyBody::Enrolled(_) => {
            Message::error(&header, Refusal::NeverEnrolled.error_name()).build(&("text",))
        }
        ReplyBody::Number(number) => genuine().build(&(number,)),
        ReplyBody::TwoWords => genuine().build(&("match", "match")),
        ReplyBody::Nothing => genuine().build(&()),
        ReplyBody::Long(bytes) => genuine().build(&("m".repeat(*bytes),)),
        ReplyBody::Many(count) => genuine().build(&(vec!["match"; *count],)),
    }
}

fn name() -> WellKnownName<'static> {
    WellKnownName::from_static_str_unchecked(names::BUS_NAME)
}
