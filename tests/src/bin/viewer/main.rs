//! A client that enrols its user, or starts a preview, and asks for pictures:
//! `viewer USER enrolment|preview`. Prints `request NUMBER`, then `own` and `twin`, which is what
//! this connection and another one of the same user get. After a line on standard input it ends the
//! request, and prints `late` and what it gets then.
//!
//! `viewer USER verification` makes a self-test instead. It prints `sees WORD` for each feedback,
//! `result` and the verdict or the name of an error, and `twin` and the number of signals that
//! another connection got, which had asked for all of them.
//!
//! What a connection gets is `WIDTH HEIGHT MEAN LEFT TOP WIDTH HEIGHT`, with the mean of all
//! bytes, or the name of an error.

use std::{
    error::Error,
    fmt::Arguments,
    fs::File,
    io::{self, BufRead, Write},
    os::{fd::OwnedFd, unix::fs::FileExt},
};

use fpass_proto::{
    PictureReport, names,
    proxy::{EnrolmentProxy, VerificationProxy},
};
use futures_util::{FutureExt, StreamExt};
use nix::unistd;
use zbus::{Connection, connection};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [user, kind] = arguments.as_slice() else { return Err("viewer USER KIND".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match kind.as_str() {
        "verification" => runtime.block_on(verify(user)),
        _ => runtime.block_on(view(user, kind == "preview")),
    }
}

async fn view(user: &str, is_preview: bool) -> Outcome<()> {
    let (own, twin) = (connect().await?, connect().await?);
    let enrolment = enrolment(&own).await?;
    let mut finished = enrolment.receive_enroll_finished().await?;
    let uid = unistd::geteuid().as_raw();
    let request = if is_preview {
        enrolment.preview_start(uid, user).await?
    } else {
        enrolment.enroll_start(uid, user, "seen").await?
    };
    tell(format_args!("request {request}"))?;
    let seen = loop {
        let seen = told(enrolment.picture(request).await)?;
        // The camera may need time.
        if !seen.ends_with(".DeadlinePassed") {
            break seen;
        }
    };
    tell(format_args!("own {seen}"))?;
    tell(format_args!("twin {}", told(self::enrolment(&twin).await?.picture(request).await)?))?;
    io::stdin().lock().read_line(&mut String::new())?;
    verification(&own).await?.cancel().await?;
    finished.next().await.ok_or("the daemon left")?;
    tell(format_args!("late {}", told(enrolment.picture(request).await)?))?;
    Ok(())
}

async fn verify(user: &str) -> Outcome<()> {
    let (own, twin) = (connect().await?, connect().await?);
    let verification = verification(&own).await?;
    let mut seen = verification.receive_face_feedback().await?;
    let other = self::verification(&twin).await?;
    let mut overheard = other.inner().receive_all_signals().await?;
    let answer = verification.verify(unistd::geteuid().as_raw(), user, "", "", 20_000);
    let mut answer = std::pin::pin!(answer);
    let result = loop {
        tokio::select! {
            biased;
            Some(signal) = seen.next() => tell(format_args!("sees {}", signal.args()?.seen))?,
            answer = &mut answer => break answer,
        }
    };
    let result = match result {
        Ok(word) => word,
        Err(zbus::Error::MethodError(name, _, _)) => name.to_string(),
        Err(error) => return Err(error.into()),
    };
    tell(format_args!("result {result}"))?;
    // The answer to this call comes after every signal that was sent before.
    other.cancel().await?;
    let mut heard = 0;
    while let Some(Some(_)) = overheard.next().now_or_never() {
        heard += 1;
    }
    tell(format_args!("twin {heard}"))?;
    Ok(())
}

fn tell(line: Arguments<'_>) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

async fn connect() -> zbus::Result<Connection> {
    connection::Builder::address(names::SYSTEM_BUS_ADDRESS).build().await
}

async fn verification(connection: &Connection) -> zbus::Result<VerificationProxy<'_>> {
    VerificationProxy::builder(connection).destination(names::BUS_NAME).build().await
}

async fn enrolment(connection: &Connection) -> zbus::Result<EnrolmentProxy<'_>> {
    EnrolmentProxy::builder(connection).destination(names::BUS_NAME).build().await
}

fn told(answer: zbus::Result<PictureReport>) -> Outcome<String> {
    let PictureReport { pixels, width, height, face: (left, top, across, down) } = match answer {
        Ok(report) => report,
        Err(zbus::Error::MethodError(name, _, _)) => return Ok(name.to_string()),
        Err(error) => return Err(error.into()),
    };
    let length = u64::from(width) * u64::from(height) * 3;
    let mut bytes = vec![0; usize::try_from(length)?];
    let file = File::from(OwnedFd::from(pixels));
    file.read_exact_at(&mut bytes, 0)?;
    if file.metadata()?.len() != length || file.write_at(b"x", 0).is_ok() {
        return Ok("a file that is not sealed".to_owned());
    }
    let mean = bytes.iter().copied().map(u64::from).sum::<u64>() / length.max(1);
    Ok(format!("{width} {height} {mean} {left} {top} {across} {down}"))
}
