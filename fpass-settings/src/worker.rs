//! The thread that speaks to the bus, so that the window always answers.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use fpass_proto::{Prompt, Verdict, limits};
use futures_util::StreamExt;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel};

use crate::account::Account;
use crate::connection::{ANSWER, CONSENTED, Daemon, within};
use crate::enrolment::{enrol, tell};
use crate::failure::Failure;
use crate::messages::{Codes, Done, Event, Request, Task};
use crate::snapshot::Snapshot;

/// Events that may wait for the window; then the thread waits.
const WAITING: usize = 16;
/// Longest wait for a verdict, with another user's attempt ahead of it.
const VERDICT: Duration = limits::DEADLINE_CAP.saturating_mul(2);

/// Starts the thread. It ends when the window drops the sender of requests.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start() -> io::Result<(UnboundedSender<Request>, Receiver<Event>)> {
    let (requests, heard) = unbounded_channel();
    let (told, events) = channel(WAITING);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new()
        .name("bus".to_owned())
        .spawn(move || runtime.block_on(serve(heard, told)))?;
    Ok((requests, events))
}

/// Answers one request after the other.
async fn serve(mut requests: UnboundedReceiver<Request>, events: Sender<Event>) {
    while let Some(request) = requests.recv().await {
        let event = match request {
            Request::Read => Event::Read(read().await.map(Box::new)),
            Request::Do(task) => Event::Ended(perform(&task, &mut requests, &events).await),
            // What it should have stopped has ended.
            Request::Stop => continue,
        };
        if events.send(event).await.is_err() {
            return;
        }
    }
}

async fn read() -> Result<Snapshot, Failure> {
    let account = Account::of_caller()?;
    Snapshot::read(&Daemon::connect().await?, &account).await
}

/// Performs a task, unless the window stops it or is closed.
async fn perform(
    task: &Task,
    requests: &mut UnboundedReceiver<Request>,
    events: &Sender<Event>,
) -> Result<Done, Failure> {
    let account = Account::of_caller()?;
    let daemon = Daemon::connect().await?;
    tokio::select! {
        done = carry_out(task, &daemon, &account, events) => done,
        () = stopped(requests) => {
            daemon.cancel().await;
            Err(Failure::Stopped)
        }
    }
}

/// Waits until the window stops the task, or is closed.
async fn stopped(requests: &mut UnboundedReceiver<Request>) {
    while let Some(request) = requests.recv().await {
        match request {
            Request::Stop => return,
            // The model sends none while a task runs.
            Request::Read | Request::Do(_) => {}
        }
    }
}

async fn carry_out(
    task: &Task,
    daemon: &Daemon,
    account: &Account,
    events: &Sender<Event>,
) -> Result<Done, Failure> {
    let uid = account.uid.0;
    let enrolment = daemon.enrolment().await?;
    let recovery = daemon.recovery().await?;
    match task {
        Task::Enrol(label) => enrol(daemon, account, label, events).await.map(Done::Enrolled),
        Task::Test => prompted(daemon, events, verdict(daemon, account)).await.map(Done::Tested),
        Task::Rename { old, new } => {
            let call = within(CONSENTED, enrolment.rename(uid, old, new.as_str()));
            prompted(daemon, events, call).await?;
            Ok(Done::Renamed { old: old.clone(), new: new.clone() })
        }
        Task::Remove(label) => {
            let call = within(CONSENTED, enrolment.remove(uid, label));
            prompted(daemon, events, call).await?;
            Ok(Done::Removed(label.clone()))
        }
        Task::MakeCodes => {
            let call = within(CONSENTED, recovery.create_codes(uid, account.name.as_str()));
            prompted(daemon, events, call).await.map(Codes::of).map(Done::Codes)
        }
        Task::VoidCodes => {
            let call = within(CONSENTED, recovery.remove_codes(uid));
            prompted(daemon, events, call).await?;
            Ok(Done::CodesVoid)
        }
    }
}

async fn verdict(daemon: &Daemon, account: &Account) -> Result<Verdict, Failure> {
    let verification = daemon.verification().await?;
    let attempt = u32::try_from(limits::DEADLINE_CAP.as_millis()).unwrap_or(u32::MAX);
    let call = verification.verify(account.uid.0, account.name.as_str(), "", "", attempt);
    Verdict::parse(&within(VERDICT, call).await?).ok_or(Failure::VersionSkew)
}

/// Waits for `work`, which may use the camera, and passes its prompts on.
async fn prompted<T>(
    daemon: &Daemon,
    events: &Sender<Event>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let verification = daemon.verification().await?;
    // Subscribed before the call, so that no signal is missed.
    let mut prompts = within(ANSWER, verification.receive_prompted()).await?;
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            Some(signal) = prompts.next() => {
                let seen = signal.args()?;
                if let Some(prompt) = Prompt::parse(seen.prompt) {
                    tell(events, Event::Prompted(prompt)).await?;
                }
            }
            result = &mut work => return result,
        }
    }
}
