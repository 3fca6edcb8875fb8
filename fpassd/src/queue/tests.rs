use proptest::prelude::*;

use super::*;

fn own(caller: u32) -> Priority {
    Priority::OwnTest { caller: Uid(caller) }
}

fn login(subject: u32) -> Priority {
    Priority::Login { subject: Uid(subject) }
}

#[test]
fn a_full_queue_and_a_greedy_caller_are_refused() {
    let queue = Queue::new();
    assert_eq!(queue.push(own(1), 1), Ok(()));
    assert_eq!(queue.push(own(1), 2), Ok(()));
    assert_eq!(queue.push(own(1), 3), Err(Full::User));
    for caller in 2..5 {
        assert_eq!(queue.push(own(caller), 0), Ok(()));
    }
    assert_eq!(queue.push(own(9), 0), Err(Full::Queue));
    for subject in 1..=3 {
        assert_eq!(queue.push(login(subject), 0), Ok(()), "three places are reserved for logins");
    }
    assert_eq!(queue.push(login(4), 0), Err(Full::Queue));
}

#[test]
fn the_logins_of_one_user_leave_places_for_others() {
    let queue = Queue::new();
    assert_eq!(queue.push(login(1), 1), Ok(()));
    assert_eq!(queue.push(login(1), 2), Ok(()));
    assert_eq!(queue.push(login(1), 3), Err(Full::User));
    assert_eq!(queue.push(login(2), 4), Ok(()));
}

#[test]
fn logins_come_before_tests_and_each_in_order() {
    let queue = Queue::new();
    queue.push(own(1), 3).unwrap();
    queue.push(own(2), 4).unwrap();
    queue.push(login(1), 1).unwrap();
    queue.push(login(2), 2).unwrap();
    for expected in 1..=4 {
        assert_eq!(queue.login_waits(), expected <= 2);
        assert_eq!(queue.pop(None), Popped::Task(expected));
    }
    assert_eq!(queue.pop(Some(Instant::now())), Popped::Nothing);
}

#[test]
fn users_take_turns() {
    for place in [own, login] {
        let queue = Queue::new();
        for (user, task) in [(1, 1), (1, 4), (2, 2), (2, 5), (3, 3)] {
            queue.push(place(user), task).unwrap();
        }
        for expected in 1..=5 {
            assert_eq!(queue.pop(None), Popped::Task(expected));
        }
    }
}

#[test]
fn an_extracted_task_frees_its_place() {
    let queue = Queue::new();
    for (place, task) in [(own(1), 1), (own(1), 2), (login(1), 3), (login(1), 4), (own(2), 5)] {
        queue.push(place, task).unwrap();
    }
    let mut gone = queue.extract_if(|task| [1, 3, 5].contains(task));
    gone.sort_unstable();
    assert_eq!(gone, [1, 3, 5]);
    assert_eq!(queue.push(own(1), 6), Ok(()));
    assert_eq!(queue.push(own(1), 7), Err(Full::User));
    for expected in [4, 2, 6] {
        assert_eq!(queue.pop(None), Popped::Task(expected));
    }
    assert_eq!(queue.pop(Some(Instant::now())), Popped::Nothing);
}

#[test]
fn a_closed_queue_hands_out_waiting_tasks_and_refuses_new_ones() {
    let queue = Queue::new();
    queue.push(own(1), 1).unwrap();
    queue.close();
    assert_eq!(queue.push(own(1), 2), Err(Full::Queue));
    assert_eq!(queue.push(login(1), 2), Err(Full::Queue));
    assert_eq!(queue.pop(None), Popped::Task(1));
    assert_eq!(queue.pop(None), Popped::Closed);
}

/// An event from outside: a request, or the engine is free.
#[derive(Clone, Copy, Debug)]
enum Step {
    Put(Priority),
    Take,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..8u32).prop_map(|user| Step::Put(own(user))),
        (0..8u32).prop_map(|user| Step::Put(login(user))),
        Just(Step::Take),
    ]
}

/// The waiting tasks in the order of their arrival.
type Waiting = Vec<(Priority, usize)>;

fn count(waiting: &Waiting, of: impl Fn(Priority) -> bool) -> usize {
    waiting.iter().filter(|(priority, _)| of(*priority)).count()
}

proptest! {
    /// The limits hold. No task is lost or handed out twice. A login never waits for a test. The
    /// tasks of each user keep their order. No user is served twice while another user who came
    /// earlier waits.
    #[test]
    fn limits_and_turns_hold_for_every_sequence(steps in prop::collection::vec(step(), 0..200)) {
        let queue = Queue::new();
        let mut waiting = Waiting::new();
        // The users served since each user began to wait, by kind.
        let mut served: Vec<(Priority, Vec<Priority>)> = Vec::new();
        for (task, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put(priority) => {
                    let own_tests = count(&waiting, |other| !other.is_login());
                    let same = count(&waiting, |other| other == priority);
                    let place = waiting.len() < WAITING_MAX
                        && (priority.is_login() || own_tests < WAITING_MAX - LOGIN_PLACES);
                    let taken = queue.push(priority, task).is_ok();
                    prop_assert_eq!(taken, place && same < PER_USER_MAX);
                    if taken {
                        if same == 0 {
                            served.push((priority, Vec::new()));
                        }
                        waiting.push((priority, task));
                    }
                }
                Step::Take => match queue.pop(Some(Instant::now())) {
                    Popped::Task(task) => {
                        let place = waiting.iter().position(|(_, other)| *other == task);
                        prop_assert!(place.is_some(), "handed out twice, or never put");
                        let (priority, _) = waiting.remove(place.unwrap());
                        let logins = count(&waiting, Priority::is_login);
                        prop_assert!(priority.is_login() || logins == 0, "a login waits");
                        let earlier = waiting.iter().take(place.unwrap());
                        prop_assert!(earlier.clone().all(|(other, _)| *other != priority), "order");
                        served.retain(|(user, _)| *user != priority);
                        let same_kind = |user: Priority| user.is_login() == priority.is_login();
                        for (_, others) in served.iter_mut().filter(|(user, _)| same_kind(*user)) {
                            prop_assert!(!others.contains(&priority), "twice before another");
                            others.push(priority);
                        }
                        if count(&waiting, |other| other == priority) > 0 {
                            served.push((priority, Vec::new()));
                        }
                    }
                    Popped::Nothing => prop_assert!(waiting.is_empty(), "a task is lost"),
                    Popped::Closed => prop_assert!(false, "nobody closed it"),
                },
            }
        }
    }
}
