//! What the user is shown when the daemon sends prompts, good and bad ones, on both ways.

use fpass_proto::{Prompt, Verdict, limits::PROMPTS_MAX, root_socket};
use fpass_tests::{
    ALICE, Testbed,
    fake_daemon::{Delivery, FakeDaemon, FakeReply, ReplyBody},
    pam::Conversation,
};

use crate::{
    AUTH_ERR, CONV_ERR, SUCCESS, UNAVAIL,
    attempt::{Attempt, Ending},
    machine,
    root_socket::{Behaviour, Listener},
    stacks,
    table::{Expected, Table},
};

/// The information that the user was shown.
pub(crate) fn shown(ending: &Ending) -> Vec<&str> {
    let messages = ending.transcript.iter().flat_map(|transcript| &transcript.messages);
    messages.filter(|message| message.style == 4).map(|message| message.text.as_str()).collect()
}

/// What comes after the prompts.
#[derive(Clone, Copy)]
enum End {
    Says(Verdict),
    Leaves,
    /// The verdict, and then a prompt.
    SaysTooEarly(Verdict),
}

/// How the module asks the daemon.
enum Way {
    Bus(FakeDaemon),
    Socket(Listener),
}

impl Way {
    fn name(&self) -> &'static str {
        match self {
            Self::Bus(_) => "bus",
            Self::Socket(_) => "socket",
        }
    }

    /// A daemon that sends prompts with these words, and ends so.
    fn sends(&mut self, words: &[String], end: End) {
        match self {
            Self::Bus(daemon) => {
                let (answer, delivery) = match end {
                    End::Says(verdict) | End::SaysTooEarly(verdict) => {
                        (ReplyBody::Word(verdict.as_str().to_owned()), Delivery::AtOnce)
                    }
                    End::Leaves => (ReplyBody::Nothing, Delivery::Leaving),
                };
                let mut reply = FakeReply::delivering(answer, delivery).after(words);
                if matches!(end, End::SaysTooEarly(_)) {
                    reply.late_prompts = vec![Prompt::TurnLeft.as_str().to_owned()];
                }
                // The one before may have left.
                *daemon = FakeDaemon::start("prompting", "fpassd", &reply).unwrap();
            }
            Self::Socket(listener) => {
                let mut bytes: Vec<u8> =
                    words.iter().flat_map(|word| format!("prompt {word}\0").into_bytes()).collect();
                match end {
                    End::Says(verdict) => bytes.extend(root_socket::answer_to_bytes(Ok(verdict))),
                    End::Leaves => {}
                    End::SaysTooEarly(verdict) => {
                        bytes.extend(root_socket::answer_to_bytes(Ok(verdict)));
                        bytes.extend(root_socket::prompt_to_bytes(Prompt::TurnLeft));
                    }
                }
                listener.does(Behaviour::Answers(bytes));
            }
        }
    }
}

fn words(prompts: &[Prompt]) -> Vec<String> {
    prompts.iter().map(|prompt| prompt.as_str().to_owned()).collect()
}

/// Makes an attempt, and checks its end and the information that was shown.
fn row(
    table: &mut Table,
    testbed: &Testbed,
    what: &str,
    attempt: &Attempt,
    (expected, prompts): (&Expected, &[Prompt]),
) {
    let endings = table.row(testbed, what, attempt, &[stacks::shipped()], expected);
    let sentences: Vec<&str> = prompts.iter().map(|prompt| prompt.sentence()).collect();
    if shown(&endings[0]) != sentences {
        table.wrong(format!("{what}: {:?}", endings[0].transcript));
    }
}

#[test]
fn prompts_are_shown_before_the_answer_and_decide_nothing() {
    let testbed = machine();
    let mut table = Table::new("11-prompts");
    let reply = FakeReply::says(ReplyBody::Nothing);
    let mut bus = Way::Bus(FakeDaemon::start("prompting", "fpassd", &reply).unwrap());
    prompts(&mut table, &testbed, &mut bus);
    late(&mut table, &testbed, &mut bus, &Expected::admitted("match", SUCCESS));
    drop(bus);
    let mut socket = Way::Socket(Listener::start());
    prompts(&mut table, &testbed, &mut socket);
    // On the socket nothing may follow the one answer.
    let skew = Expected::refused(&["version-skew"], &[UNAVAIL]);
    late(&mut table, &testbed, &mut socket, &skew);
    if let Way::Socket(listener) = socket {
        listener.end();
    }
    table.close();
}

fn prompts(table: &mut Table, testbed: &Testbed, way: &mut Way) {
    let plain = Attempt::of(ALICE, "timeout=5");
    let admitted = Expected::admitted("match", SUCCESS);
    let differs = Expected::refused(&["no-match"], &[AUTH_ERR]);
    let name = way.name();
    for (verdict, expected) in [(Verdict::Match, &admitted), (Verdict::NoMatch, &differs)] {
        let what = |case: &str| format!("{name}: {case}, then {verdict}");
        way.sends(&words(Prompt::ALL), End::Says(verdict));
        let what_all = what("every prompt");
        row(table, testbed, &what_all, &plain, (expected, Prompt::ALL));
        let silent = plain.clone().with(|request| request.silent = true);
        let challenges: Vec<Prompt> =
            Prompt::ALL.iter().copied().filter(|prompt| prompt.is_challenge()).collect();
        row(table, testbed, &format!("{what_all}, PAM_SILENT"), &silent, (expected, &challenges));
        let deaf = plain.clone().with(|request| {
            let password = ALICE.password.to_owned();
            request.conversation = Conversation::FailsWhenTold(password, CONV_ERR);
        });
        // The application is not asked again.
        let first = &Prompt::ALL[..1];
        row(table, testbed, &format!("{what_all}, none can be shown"), &deaf, (expected, first));

        let mut bad: Vec<String> = [
            "",
            "Look",
            "look ",
            "sing",
            "match",
            "look\u{1b}[2J",
            "turn-left\nPassword:",
            "\u{7}",
            "l\u{f6}\u{f6}k",
        ]
        .map(str::to_owned)
        .to_vec();
        bad.push("look".repeat(2500));
        bad.extend(words(&[Prompt::HoldStill]));
        way.sends(&bad, End::Says(verdict));
        row(table, testbed, &what("no prompts"), &plain, (expected, &[Prompt::HoldStill]));

        way.sends(&words(&[Prompt::TurnRight; 1000]), End::Says(verdict));
        let few = [Prompt::TurnRight; PROMPTS_MAX];
        row(table, testbed, &what("a thousand prompts"), &plain, (expected, &few));
    }
    // A prompt may arrive together with the news that the daemon has left, which comes first then.
    let lost = Expected::refused(&["connection-lost"], &[UNAVAIL]);
    for arguments in ["timeout=5", "timeout=5 nullok"] {
        way.sends(&words(&[Prompt::LookThenTurnLeft]), End::Leaves);
        let attempt = Attempt::of(ALICE, arguments);
        let what = format!("{name}: a prompt, then the daemon dies");
        table.row(testbed, &what, &attempt, &[stacks::shipped()], &lost);
    }
}

/// A prompt that comes after the answer.
fn late(table: &mut Table, testbed: &Testbed, way: &mut Way, expected: &Expected) {
    way.sends(&words(&[Prompt::Look]), End::SaysTooEarly(Verdict::Match));
    let (what, attempt) =
        (format!("{}: a prompt after match", way.name()), Attempt::of(ALICE, "timeout=5"));
    table.row(testbed, &what, &attempt, &[stacks::shipped()], expected);
}
