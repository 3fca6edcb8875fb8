use super::{rule::Permission, *};
use crate::{cancel::CancelFlag, scripted::FakeAuthority};

const ALICE: Uid = Uid(1000);
const BOB: Uid = Uid(1001);
const ACTIONS: [Action; 5] =
    [Action::Verify, Action::Prewarm, Action::Enrol, Action::Inspect, Action::Maintain];

async fn check(
    answer: Result<(), Refusal>,
    caller: Uid,
    action: Action,
    owner: Uid,
) -> (Result<Role, Refusal>, Vec<Permission>) {
    let oracle = FakeAuthority::answering(answer);
    let authorizer = Authorizer::new(oracle.clone());
    let cancel = CancelFlag::default();
    let caller =
        Subject { name: ":1.5", uid: caller, interactive: true, request: 1, cancel: &cancel };
    (authorizer.check(caller, action, owner).await, oracle.asked())
}

#[tokio::test]
async fn a_refusal_of_the_authority_is_passed_on() {
    for refusal in Refusal::ALL {
        for action in [Action::Verify, Action::Enrol, Action::Maintain] {
            let (outcome, _) = check(Err(*refusal), ALICE, action, ALICE).await;
            assert_eq!(outcome, Err(*refusal), "{action:?}");
        }
        for action in [Action::Enrol, Action::Inspect, Action::Maintain] {
            let (outcome, _) = check(Err(*refusal), BOB, action, ALICE).await;
            assert_eq!(outcome, Err(*refusal), "{action:?}");
        }
    }
}

#[tokio::test]
async fn actions_of_root_alone_are_refused_without_asking() {
    for (caller, action) in
        [(ALICE, Action::Prewarm), (BOB, Action::Prewarm), (BOB, Action::Verify)]
    {
        let (outcome, asked) = check(Ok(()), caller, action, ALICE).await;
        assert_eq!(outcome, Err(Refusal::NotAuthorized), "{action:?}");
        assert!(asked.is_empty(), "{action:?}");
    }
}

#[tokio::test]
async fn root_is_allowed_without_asking() {
    for action in ACTIONS {
        for owner in [ALICE, Uid::ROOT] {
            let refused = Err(Refusal::AuthorityUnavailable);
            let (outcome, asked) = check(refused, Uid::ROOT, action, owner).await;
            assert_eq!(outcome, Ok(Role::Administrator), "{action:?}");
            assert!(asked.is_empty(), "{action:?}");
        }
    }
}

#[tokio::test]
async fn a_grant_gives_the_user_the_role_of_owner_and_others_that_of_administrator() {
    for action in [Action::Verify, Action::Enrol, Action::Inspect, Action::Maintain] {
        let (outcome, asked) = check(Ok(()), ALICE, action, ALICE).await;
        assert_eq!(outcome, Ok(Role::Owner), "{action:?}");
        assert!(!asked.contains(&Permission::ManageOthers), "{action:?}");
    }
    for action in [Action::Enrol, Action::Inspect, Action::Maintain] {
        let (outcome, asked) = check(Ok(()), BOB, action, ALICE).await;
        assert_eq!(outcome, Ok(Role::Administrator), "{action:?}");
        assert_eq!(asked, [Permission::ManageOthers], "{action:?}");
    }
}
