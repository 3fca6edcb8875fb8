//! Who has which calls in progress: a pure table.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use fpass_proto::Uid;
use zbus::Message;

use crate::admission::allowance::{Allowance, Rate};

/// Most calls in progress of one user other than root: enough for everything that a user can do at
/// once.
const PER_USER_MAX: usize = 12;
/// Most calls in progress of all users other than root.
const OTHERS_MAX: usize = 64;
/// Most calls in progress of root. Logins are among them, so others have no part in it.
const ROOT_MAX: usize = 256;
/// Calls of one user other than root.
const PER_USER: Rate = Rate { burst: 100, per_second: 20 };
/// Calls of all users other than root.
const OTHERS: Rate = Rate { burst: 1000, per_second: 400 };
/// Refusals that are sent to one user, and to all.
const ANSWERS_PER_USER: Rate = Rate { burst: 100, per_second: 20 };
const ANSWERS: Rate = Rate { burst: 1000, per_second: 400 };
/// Largest call of a user other than root, in bytes. Only root sends bundles.
const SMALL: usize = 4 << 10;
/// Most calls of one connection that wait until its user is known.
const WAITING_PER_CALLER_MAX: usize = 2;
/// Most small calls that wait, and most others. A bus has at most some 2,000 connections.
const WAITING_SMALL_MAX: usize = 4096;
const WAITING_LARGE_MAX: usize = 4;
/// After this time a call without an answer no longer counts. The longest one waits for a password
/// and then for a face.
const CALL_MAX: Duration = Duration::from_secs(15 * 60);
/// How often such calls are looked for.
const SWEEP: Duration = Duration::from_secs(60);
/// From this number of users on, those with a full allowance are forgotten.
const USERS_KEPT: usize = 256;

/// A call that has arrived.
pub(super) struct ArrivedCall {
    pub(super) serial: u32,
    /// Whether it ends other calls. Then it needs no place among them.
    pub(super) ends_others: bool,
    pub(super) message: Message,
}

/// What becomes of a call.
pub(super) enum Ruling {
    /// It is in progress now.
    Admitted(Message),
    /// It waits until its caller is known. `first` if nobody looks the caller up yet.
    Waiting { first: bool },
    /// It is refused; with its user, if known.
    Refused(Message, Option<Uid>),
}

/// One connection.
#[derive(Default)]
struct Caller {
    user: Option<Uid>,
    has_left: bool,
    /// Calls in progress, with the time of their arrival.
    calls: Vec<(u32, Instant)>,
    waiting: Vec<ArrivedCall>,
}

/// What is left to one user.
#[derive(Default)]
struct Share {
    in_progress: usize,
    calls: Allowance,
    answers: Allowance,
}

/// The calls of everybody.
#[derive(Default)]
pub(super) struct Ledger {
    /// By unique name. A caller stays until its last call has ended.
    callers: HashMap<String, Caller>,
    shares: HashMap<Uid, Share>,
    others: Share,
    root: usize,
    waiting_small: usize,
    waiting_large: usize,
    /// Refusals that are still to be sent, by caller and number.
    refusals: HashMap<(String, u32), u32>,
    /// When overdue calls were last looked for.
    swept: Option<Instant>,
}

impl Ledger {
    /// Decides about a call of a connection.
    pub(super) fn judge(&mut self, name: &str, call: ArrivedCall, now: Instant) -> Ruling {
        match self.user(name) {
            Some(user) => self.admit(name, user, call, now),
            None => self.wait(name, call),
        }
    }

    /// Notes the user of a caller, and decides about its waiting calls.
    pub(super) fn identified(
        &mut self,
        name: &str,
        user: Option<Uid>,
        now: Instant,
    ) -> Vec<Ruling> {
        let Some(caller) = self.callers.get_mut(name) else { return Vec::new() };
        caller.user = user;
        let waiting = std::mem::take(&mut caller.waiting);
        if user.is_none() {
            self.callers.remove(name);
        }
        waiting
            .into_iter()
            .map(|call| {
                *self.waiting(&call.message) -= 1;
                match user {
                    Some(user) => self.admit(name, user, call, now),
                    None => Ruling::Refused(call.message, None),
                }
            })
            .collect()
    }

    /// Notes that a caller has left. Returns how many of its calls were waiting.
    pub(super) fn left(&mut self, name: &str) -> usize {
        let Some(caller) = self.callers.get_mut(name) else { return 0 };
        caller.has_left = true;
        let waiting = std::mem::take(&mut caller.waiting);
        if caller.calls.is_empty() {
            self.callers.remove(name);
        }
        for call in &waiting {
            *self.waiting(&call.message) -= 1;
        }
        waiting.len()
    }

    /// Notes that a refusal of this call will be sent.
    pub(super) fn expect_refusal(&mut self, name: &str, serial: u32) {
        *self.refusals.entry((name.to_owned(), serial)).or_default() += 1;
    }

    /// Notes that a reply to a call was sent, which ends the call unless it is an expected refusal.
    pub(super) fn answered(&mut self, name: &str, serial: u32) {
        if self.was_refusal(name, serial) {
            return;
        }
        let Some(caller) = self.callers.get_mut(name) else { return };
        let Some(place) = caller.calls.iter().position(|(call, _)| *call == serial) else { return };
        caller.calls.swap_remove(place);
        let (user, is_over) = (caller.user, caller.has_left && caller.calls.is_empty());
        if is_over {
            self.callers.remove(name);
        }
        self.release(user);
    }

    fn was_refusal(&mut self, name: &str, serial: u32) -> bool {
        let key = (name.to_owned(), serial);
        let Some(left) = self.refusals.get_mut(&key) else { return false };
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.refusals.remove(&key);
        }
        true
    }

    /// The user of a connection, if known.
    pub(super) fn user(&self, name: &str) -> Option<Uid> {
        self.callers.get(name)?.user
    }

    /// The user of a connection that has not left.
    pub(super) fn present(&self, name: &str) -> Option<Uid> {
        self.callers.get(name).filter(|caller| !caller.has_left)?.user
    }

    /// Calls in progress of others and of root.
    #[cfg(test)]
    pub(super) fn in_progress(&self) -> (usize, usize) {
        (self.others.in_progress, self.root)
    }

    /// Whether one more refusal is sent to this user.
    pub(super) fn may_answer(&mut self, user: Option<Uid>, now: Instant) -> bool {
        let own = user.is_none_or(|user| {
            user.is_root() || self.share(user, now).answers.take(ANSWERS_PER_USER, now)
        });
        own && self.others.answers.take(ANSWERS, now)
    }

    fn admit(&mut self, name: &str, user: Uid, call: ArrivedCall, now: Instant) -> Ruling {
        self.drop_overdue(now);
        let ArrivedCall { serial, ends_others, message } = call;
        let size = message.data().len();
        let is_known = self
            .callers
            .get(name)
            .is_some_and(|caller| caller.calls.iter().any(|(known, _)| *known == serial));
        if is_known || !self.has_place(user, ends_others, size, now) {
            return Ruling::Refused(message, Some(user));
        }
        if let Some(caller) = self.callers.get_mut(name) {
            caller.calls.push((serial, now));
        }
        if user.is_root() {
            self.root += 1;
        } else {
            self.others.in_progress += 1;
            self.share(user, now).in_progress += 1;
        }
        Ruling::Admitted(message)
    }

    /// Whether a user may have one more call in progress.
    fn has_place(&mut self, user: Uid, ends_others: bool, size: usize, now: Instant) -> bool {
        if user.is_root() {
            return self.root < ROOT_MAX;
        }
        let is_over = self.others.in_progress >= OTHERS_MAX;
        let share = self.share(user, now);
        let is_over = is_over || share.in_progress >= PER_USER_MAX;
        size <= SMALL
            && (ends_others || !is_over)
            && share.calls.take(PER_USER, now)
            && self.others.calls.take(OTHERS, now)
    }

    fn wait(&mut self, name: &str, call: ArrivedCall) -> Ruling {
        let max = if is_small(&call.message) { WAITING_SMALL_MAX } else { WAITING_LARGE_MAX };
        let has_room = *self.waiting(&call.message) < max;
        let waiting = self.callers.get(name).map_or(0, |caller| caller.waiting.len());
        if !has_room || waiting >= WAITING_PER_CALLER_MAX {
            return Ruling::Refused(call.message, None);
        }
        *self.waiting(&call.message) += 1;
        let first = !self.callers.contains_key(name);
        self.callers.entry(name.to_owned()).or_default().waiting.push(call);
        Ruling::Waiting { first }
    }

    /// The number of waiting calls of the size of this one.
    fn waiting(&mut self, call: &Message) -> &mut usize {
        if is_small(call) { &mut self.waiting_small } else { &mut self.waiting_large }
    }

    /// Gives back the place of a call.
    fn release(&mut self, user: Option<Uid>) {
        let Some(user) = user else { return };
        if user.is_root() {
            self.root = self.root.saturating_sub(1);
            return;
        }
        self.others.in_progress = self.others.in_progress.saturating_sub(1);
        if let Some(share) = self.shares.get_mut(&user) {
            share.in_progress = share.in_progress.saturating_sub(1);
        }
    }

    /// Drops calls that never got an answer: their task has failed.
    fn drop_overdue(&mut self, now: Instant) {
        let last = *self.swept.get_or_insert(now);
        if now.saturating_duration_since(last) < SWEEP {
            return;
        }
        self.swept = Some(now);
        let mut dropped = Vec::new();
        self.callers.retain(|_, caller| {
            let user = caller.user;
            let is_recent = |since: Instant| now.saturating_duration_since(since) < CALL_MAX;
            dropped
                .extend(caller.calls.extract_if(.., |(_, since)| !is_recent(*since)).map(|_| user));
            !(caller.has_left && caller.calls.is_empty())
        });
        dropped.into_iter().for_each(|user| self.release(user));
    }

    fn share(&mut self, user: Uid, now: Instant) -> &mut Share {
        if self.shares.len() >= USERS_KEPT && !self.shares.contains_key(&user) {
            self.shares.retain(|_, share| {
                share.in_progress > 0 || !share.calls.is_full(now) || !share.answers.is_full(now)
            });
        }
        self.shares.entry(user).or_default()
    }
}

fn is_small(call: &Message) -> bool {
    call.data().len() <= SMALL
}
