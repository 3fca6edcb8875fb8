//! The logins of the demo and their expected ends.

use fpass_language::{Sentence, sentence};
use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, Account, CAROL, Scene,
    scene::{BIDEN, Course, OBAMA, Side},
};

/// One login.
pub(crate) struct Row {
    /// What it shows.
    pub(crate) case: &'static str,
    /// The instruction for a person in front of a real camera.
    pub(crate) instruction: &'static str,
    /// What the recorded camera shows once a turn to a side was asked for.
    pub(crate) scene: fn(Side) -> Scene,
    /// PAM service.
    pub(crate) service: &'static str,
    /// Who logs in.
    pub(crate) account: Account,
    /// What is typed.
    pub(crate) password: &'static str,
    /// Whether the daemon runs.
    pub(crate) daemon: bool,
    /// The expected PAM code.
    pub(crate) code: &'static str,
    /// The expected last sentence for the user.
    pub(crate) sentence: Said,
}

/// What the user is told last.
#[derive(Clone, Copy)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// The prompt to turn the head, whose side is random.
    Prompt,
    /// This sentence, in the user's language.
    Sentence(Sentence),
}

/// A face that is not the user's, or a picture of it.
const NOT_RECOGNISED: Said = Said::Sentence(sentence!(
    "Your face was not recognised; look at the camera, follow each request and try again."
));

/// A row in which everything is right.
const RIGHT: Row = Row {
    case: "right password, right face",
    instruction: "Look at the camera, and turn your head when you are asked to.",
    scene: |side| Scene::course(OBAMA, Course::Turn(side)),
    service: "fpass-test",
    account: ALICE,
    password: ALICE.password,
    daemon: true,
    code: "PAM_SUCCESS",
    sentence: Said::Prompt,
};

/// Every row of the demo.
pub(crate) const ROWS: [Row; 11] = [
    RIGHT,
    Row {
        case: "right password, another person",
        instruction: "Let another person take your place.",
        scene: |side| Scene::course(BIDEN, Course::Turn(side)),
        code: "PAM_AUTH_ERR",
        sentence: NOT_RECOGNISED,
        ..RIGHT
    },
    Row {
        case: "right password, a picture",
        instruction: "Hold up a picture of your face.",
        scene: |_| Scene::course(OBAMA, Course::Still),
        code: "PAM_AUTH_ERR",
        sentence: NOT_RECOGNISED,
        ..RIGHT
    },
    Row {
        case: "right password, wrong turn",
        instruction: "Turn your head to the other side.",
        scene: |side| Scene::course(OBAMA, Course::Turn(side.opposite())),
        code: "PAM_AUTH_ERR",
        sentence: NOT_RECOGNISED,
        ..RIGHT
    },
    Row {
        case: "right password, nobody there",
        instruction: "Leave the picture.",
        scene: |_| Scene::nobody(),
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Said::Sentence(Refusal::NoFace.text()),
        ..RIGHT
    },
    Row {
        case: "right password, too dark",
        instruction: "Make the room dark.",
        scene: |_| Scene::person(OBAMA).in_the_dark(),
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Said::Sentence(Refusal::TooDark.text()),
        ..RIGHT
    },
    Row {
        case: "right password, two people",
        instruction: "Let another person sit next to you.",
        scene: |_| Scene::two_people(OBAMA, BIDEN),
        code: "PAM_AUTH_ERR",
        sentence: Said::Sentence(Refusal::SeveralFaces.text()),
        ..RIGHT
    },
    Row {
        case: "wrong password, right face",
        password: "guess",
        code: "PAM_AUTH_ERR",
        sentence: Said::Nothing,
        ..RIGHT
    },
    Row {
        case: "right password, daemon stopped",
        daemon: false,
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Said::Sentence(Refusal::NotReady.text()),
        ..RIGHT
    },
    Row {
        case: "right password, not enrolled",
        account: CAROL,
        password: CAROL.password,
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Said::Sentence(Refusal::NeverEnrolled.text()),
        ..RIGHT
    },
    Row {
        case: "the same, line with nullok",
        service: "fpass-nullok",
        account: CAROL,
        password: CAROL.password,
        sentence: Said::Nothing,
        ..RIGHT
    },
];
