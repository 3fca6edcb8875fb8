//! A queue in which users take turns. The tasks of one user keep their order.

use std::collections::VecDeque;

use fpass_proto::Uid;

/// Waiting tasks by user.
#[derive(Debug)]
pub(super) struct FairQueue<T> {
    /// Users in the order of their turns, each with at least one task.
    users: VecDeque<(Uid, VecDeque<T>)>,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { users: VecDeque::new() }
    }
}

impl<T> FairQueue<T> {
    /// Number of tasks.
    pub(super) fn len(&self) -> usize {
        self.users.iter().map(|(_, tasks)| tasks.len()).sum()
    }

    /// Number of tasks of one user.
    pub(super) fn of(&self, user: Uid) -> usize {
        self.users.iter().find(|(other, _)| *other == user).map_or(0, |(_, tasks)| tasks.len())
    }

    /// Adds a task after those of the same user. A user without tasks gets the last turn.
    pub(super) fn push(&mut self, user: Uid, task: T) {
        match self.users.iter_mut().find(|(other, _)| *other == user) {
            Some((_, tasks)) => tasks.push_back(task),
            None => self.users.push_back((user, VecDeque::from([task]))),
        }
    }

    /// Takes the oldest task of the next user. A further task of that user gets the last turn.
    pub(super) fn pop(&mut self) -> Option<T> {
        let (user, mut tasks) = self.users.pop_front()?;
        let task = tasks.pop_front();
        if !tasks.is_empty() {
            self.users.push_back((user, tasks));
        }
        task
    }

    /// Moves every task for which `go` holds to `into`.
    pub(super) fn extract_if(&mut self, go: impl Fn(&T) -> bool, into: &mut Vec<T>) {
        for (_, tasks) in &mut self.users {
            let (gone, kept) = std::mem::take(tasks).into_iter().partition::<Vec<T>, _>(&go);
            into.extend(gone);
            *tasks = kept.into();
        }
        self.users.retain(|(_, tasks)| !tasks.is_empty());
    }
}
