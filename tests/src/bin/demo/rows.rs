//! The logins of the demo and their expected ends.

use fpass_proto::Refusal;
use fpass_tests::{
    ALICE, Account, CAROL, Scene,
    scene::{BIDEN, OBAMA, OBAMA_SPEAKING},
};

/// One login.
pub(crate) struct Row {
    /// What it shows.
    pub(crate) case: &'static str,
    /// The instruction for a person in front of a real camera.
    pub(crate) instruction: &'static str,
    /// What the recorded camera shows.
    pub(crate) scene: fn() -> Scene,
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
    /// The expected last sentence for the user; empty for none.
    pub(crate) sentence: &'static str,
}

/// A row in which everything is right.
const RIGHT: Row = Row {
    case: "right password, right face",
    instruction: "Look at the camera.",
    scene: || Scene::person(OBAMA_SPEAKING),
    service: "fpass-test",
    account: ALICE,
    password: ALICE.password,
    daemon: true,
    code: "PAM_SUCCESS",
    sentence: "Look at the camera.",
};

/// Every row of the demo.
pub(crate) const ROWS: [Row; 9] = [
    RIGHT,
    Row {
        case: "right password, another person",
        instruction: "Let another person take your place.",
        scene: || Scene::person(BIDEN),
        code: "PAM_AUTH_ERR",
        sentence: "Your face was not recognised; look straight at the camera and try again.",
        ..RIGHT
    },
    Row {
        case: "right password, nobody there",
        instruction: "Leave the picture.",
        scene: Scene::nobody,
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Refusal::NoFace.sentence(),
        ..RIGHT
    },
    Row {
        case: "right password, too dark",
        instruction: "Make the room dark.",
        scene: || Scene::person(OBAMA_SPEAKING).in_the_dark(),
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Refusal::TooDark.sentence(),
        ..RIGHT
    },
    Row {
        case: "right password, two people",
        instruction: "Let another person sit next to you.",
        scene: || Scene::two_people(OBAMA, BIDEN),
        code: "PAM_AUTH_ERR",
        sentence: Refusal::SeveralFaces.sentence(),
        ..RIGHT
    },
    Row {
        case: "wrong password, right face",
        password: "guess",
        code: "PAM_AUTH_ERR",
        sentence: "",
        ..RIGHT
    },
    Row {
        case: "right password, daemon stopped",
        daemon: false,
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: "The face check is not running; ask an administrator to run fpass-enroll doctor.",
        ..RIGHT
    },
    Row {
        case: "right password, not enrolled",
        account: CAROL,
        password: CAROL.password,
        code: "PAM_AUTHINFO_UNAVAIL",
        sentence: Refusal::NeverEnrolled.sentence(),
        ..RIGHT
    },
    Row {
        case: "the same, line with nullok",
        service: "fpass-nullok",
        account: CAROL,
        password: CAROL.password,
        ..RIGHT
    },
];
