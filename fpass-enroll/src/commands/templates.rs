//! `fpass-enroll list`, `rename`, `remove` and `clear`.

use std::io::{self, BufRead, IsTerminal, Write};

use fpass_proto::TemplateReport;
use fpass_terminal::{Printable, say, say_json};

use super::confirmation::{self, Change};
use crate::cli::{ClearArgs, ListArgs, RemoveArgs, RenameArgs};
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::subject::Subject;
use crate::timestamp::Timestamp;

/// Lists templates.
pub(super) async fn list(arguments: &ListArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let agent = confirmation::expect(&subject, Change::None)?;
    let templates = within(CONFIRMED, daemon.enrolment().await?.list(subject.uid.0)).await?;
    drop(agent);
    if arguments.json {
        say_json(&templates)?;
    } else if templates.is_empty() {
        say(format_args!("{subject} has no templates; set up an F-pass with: fpass-enroll add"))?;
    } else {
        table(&templates)?;
    }
    Ok(ExitCode::Done)
}

fn table(templates: &[TemplateReport]) -> Result<(), Error> {
    let labels = templates.iter().map(|template| Printable(&template.label).to_string());
    let width = labels.map(|label| label.chars().count()).fold("LABEL".len(), usize::max);
    say(format_args!("{:width$}  {:20}  SAMPLES  ADAPTED", "LABEL", "CREATED"))?;
    for template in templates {
        let label = Printable(&template.label);
        let created = Timestamp(template.created).to_string();
        let TemplateReport { samples, adapted, .. } = template;
        say(format_args!("{label:width$}  {created:20}  {samples:7}  {adapted:7}"))?;
    }
    Ok(())
}

/// Gives a template another label.
pub(super) async fn rename(arguments: &RenameArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let (old, new) = (arguments.old.as_str(), arguments.new.as_str());
    let enrolment = daemon.enrolment().await?;
    let change = enrolment.rename(subject.uid.0, old, new);
    confirmation::confirmed(&daemon, &subject, change).await?;
    say(format_args!("\"{}\" is now \"{}\".", Printable(old), Printable(new)))?;
    Ok(ExitCode::Done)
}

/// Removes one template.
pub(super) async fn remove(arguments: &RemoveArgs) -> Result<ExitCode, Error> {
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let daemon = Daemon::connect().await?;
    let label = arguments.label.as_str();
    let enrolment = daemon.enrolment().await?;
    let change = enrolment.remove(subject.uid.0, label);
    confirmation::confirmed(&daemon, &subject, change).await?;
    say(format_args!("Removed \"{}\".", Printable(label)))?;
    Ok(ExitCode::Done)
}

/// Removes every template, after a question.
pub(super) async fn clear(arguments: &ClearArgs) -> Result<ExitCode, Error> {
    if arguments.forget {
        return forget(arguments).await;
    }
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let question = format!("Remove every template of {subject}?");
    confirm(arguments, &question)?;
    let daemon = Daemon::connect().await?;
    let enrolment = daemon.enrolment().await?;
    let change = enrolment.clear(subject.uid.0);
    confirmation::confirmed(&daemon, &subject, change).await?;
    say(format_args!("Removed every template of {subject}."))?;
    Ok(ExitCode::Done)
}

/// Removes every record of a user id, after a question. The account need not exist.
async fn forget(arguments: &ClearArgs) -> Result<ExitCode, Error> {
    let (uid, whose) = match arguments.uid {
        Some(uid) => (uid, format!("user id {uid}")),
        None => {
            let subject = Subject::resolve_for_change(&arguments.subject)?;
            (subject.uid.0, subject.to_string())
        }
    };
    let question = format!("Forget that {whose} ever had an F-pass?");
    confirm(arguments, &question)?;
    let daemon = Daemon::connect().await?;
    answer(daemon.administration().await?.forget(uid)).await?;
    say(format_args!("Forgot that {whose} ever had an F-pass."))?;
    Ok(ExitCode::Done)
}

fn confirm(arguments: &ClearArgs, question: &str) -> Result<(), Error> {
    if arguments.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::ConfirmationNeeded);
    }
    let mut stdout = io::stdout();
    write!(stdout, "{question} [y/N] ")?;
    stdout.flush()?;
    let mut reply = String::new();
    io::stdin().lock().read_line(&mut reply)?;
    if matches!(reply.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Error::Declined) }
}
