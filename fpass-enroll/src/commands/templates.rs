//! `fpass-enroll list`, `rename`, `remove` and `clear`.

use std::io::{self, BufRead, IsTerminal, Write};

use fpass_language::{Wording, columns};
use fpass_proto::TemplateReport;
use fpass_terminal::{Printable, say, say_json};

use super::confirmation::{self, Change};
use crate::cli::{ClearArgs, ListArgs, RemoveArgs, RenameArgs};
use crate::daemon::{CONFIRMED, Daemon, answer, within};
use crate::error::Error;
use crate::exit_code::ExitCode;
use crate::language::{is_yes, pad, tell, told};
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
        tell!(
            "{subject} has no templates; set up an F-pass with: fpass-enroll add",
            subject = subject
        )?;
    } else {
        table(&templates)?;
    }
    Ok(ExitCode::Done)
}

fn table(templates: &[TemplateReport]) -> Result<(), Error> {
    let heads = [told!("LABEL"), told!("CREATED"), told!("SAMPLES"), told!("ADAPTED")];
    let [label, created, samples, adapted] = heads.each_ref().map(Wording::as_str);
    let labels = templates.iter().map(|template| Printable(&template.label).to_string());
    let width = labels.map(|label| columns(&label)).fold(columns(label), usize::max);
    say(format_args!("{}  {}  {samples}  {adapted}", pad(label, width), pad(created, 20)))?;
    for template in templates {
        let label = pad(&Printable(&template.label).to_string(), width);
        let created = Timestamp(template.created).to_string();
        // Numbers end where their head ends.
        let (samples, adapted) = (columns(samples).max(7), columns(adapted).max(7));
        let counts = (template.samples, template.adapted);
        say(format_args!("{label}  {created:20}  {:samples$}  {:adapted$}", counts.0, counts.1))?;
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
    tell!("\"{old}\" is now \"{new}\".", old = Printable(old), new = Printable(new))?;
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
    tell!("Removed \"{label}\".", label = Printable(label))?;
    Ok(ExitCode::Done)
}

/// Removes every template, after a question.
pub(super) async fn clear(arguments: &ClearArgs) -> Result<ExitCode, Error> {
    if arguments.forget {
        return forget(arguments).await;
    }
    let subject = Subject::resolve_for_change(&arguments.subject)?;
    let question = told!("Remove every template of {subject}?", subject = subject);
    confirm(arguments, &question)?;
    let daemon = Daemon::connect().await?;
    let enrolment = daemon.enrolment().await?;
    let change = enrolment.clear(subject.uid.0);
    confirmation::confirmed(&daemon, &subject, change).await?;
    tell!("Removed every template of {subject}.", subject = subject)?;
    Ok(ExitCode::Done)
}

/// Removes every record of a user id, after a question. The account need not exist.
async fn forget(arguments: &ClearArgs) -> Result<ExitCode, Error> {
    let (uid, whose) = match arguments.uid {
        Some(uid) => (uid, told!("user id {uid}", uid = uid).to_string()),
        None => {
            let subject = Subject::resolve_for_change(&arguments.subject)?;
            (subject.uid.0, subject.to_string())
        }
    };
    let question = told!("Forget that {whose} ever had an F-pass?", whose = whose);
    confirm(arguments, &question)?;
    let daemon = Daemon::connect().await?;
    answer(daemon.administration().await?.forget(uid)).await?;
    tell!("Forgot that {whose} ever had an F-pass.", whose = whose)?;
    Ok(ExitCode::Done)
}

fn confirm(arguments: &ClearArgs, question: &Wording) -> Result<(), Error> {
    if arguments.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Error::ConfirmationNeeded);
    }
    let mut stdout = io::stdout();
    write!(stdout, "{question} {} ", told!("[y/N]"))?;
    stdout.flush()?;
    let mut reply = String::new();
    io::stdin().lock().read_line(&mut reply)?;
    if is_yes(&reply) { Ok(()) } else { Err(Error::Declined) }
}
