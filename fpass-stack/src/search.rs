//! The search for a path through a stack: can a principal who lacks a factor log in?
//!
//! The search tries every answer that the modules may give. Positions with the same possible
//! outcomes are merged: they differ only in the code of a failure, or in a state that no step
//! restores. The search is therefore exact, and its cost grows with the stack, not with the number
//! of answers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use thiserror::Error;

use crate::answers::{Answer, Principal, leaves_typed, possible_answers};
use crate::code::Code;
use crate::dispatch::{self, INITIAL, Impression, Position, StackState};
use crate::stack::{Step, StepKind};

/// Largest number of positions that the search visits.
const POSITIONS_MAX: usize = 50_000;

/// The stack has more positions than the search visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the stack is too complex to be analysed; simplify it")]
pub struct TooComplex;

/// One step of a path through a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// Index of the step in the stack.
    pub step: usize,
    /// The assumed answer of its module.
    pub answer: Code,
}

/// A path through a stack that ends with success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackPath {
    /// Sum of the costs of its answers.
    pub cost: u32,
    /// The steps that call a module, in order.
    pub steps: Vec<PathStep>,
}

/// A position that represents all with the same outcomes, and whether a password may be stored.
type Node = (Position, bool);

/// Finds the successful path of lowest cost, and of those the shortest; `None` if no path succeeds.
///
/// # Errors
/// [`TooComplex`] if there are more than 50,000 positions.
pub fn find_path(
    steps: &[Step],
    service: &str,
    principal: &Principal,
) -> Result<Option<StackPath>, TooComplex> {
    find_path_of(
        steps,
        |step, typed| possible_answers(step, service, principal, typed),
        |step| leaves_typed(step, principal),
    )
}

/// The same for any answers: `answers` returns those of a step, given whether an earlier module may
/// have stored what the user typed, and `leaves_typed` whether a step may store it.
///
/// # Errors
/// [`TooComplex`] if there are more than 50,000 positions.
pub fn find_path_of(
    steps: &[Step],
    answers: impl Fn(&Step, bool) -> Vec<Answer>,
    leaves_typed: impl Fn(&Step) -> bool,
) -> Result<Option<StackPath>, TooComplex> {
    let levels = levels_with_reset(steps);
    let start: Node = (Position::default(), false);
    let mut nodes = vec![start.clone()];
    let mut numbers = HashMap::from([(start, 0_usize)]);
    let mut arrived: HashMap<usize, (usize, PathStep)> = HashMap::new();
    let mut best: HashMap<usize, (u32, usize)> = HashMap::from([(0, (0, 0))]);
    let mut open = BinaryHeap::from([Reverse(((0_u32, 0_usize), 0_usize))]);
    while let Some(Reverse((cost, number))) = open.pop() {
        if best.get(&number).is_some_and(|known| *known < cost) {
            continue;
        }
        let Some((position, typed)) = nodes.get(number).cloned() else { continue };
        let Some(step) = steps.get(position.at) else {
            if dispatch::final_code(position.state) == Code::Success {
                let path = trace(&nodes, &arrived, number);
                let path = path.into_iter().filter(|taken| calls_module(steps.get(taken.step)));
                return Ok(Some(StackPath { cost: cost.0, steps: path.collect() }));
            }
            continue;
        };
        for answer in answers(step, typed) {
            let Ok(next) = position.after(steps, Some(answer.code)) else { continue };
            let node = (representative(next, &levels), typed || leaves_typed(step));
            let to = match numbers.get(&node) {
                Some(known) => *known,
                None => {
                    if nodes.len() >= POSITIONS_MAX {
                        return Err(TooComplex);
                    }
                    nodes.push(node.clone());
                    numbers.insert(node, nodes.len() - 1);
                    nodes.len() - 1
                }
            };
            let reached = (cost.0 + answer.cost, cost.1 + usize::from(calls_module(Some(step))));
            if best.get(&to).is_none_or(|known| reached < *known) {
                best.insert(to, reached);
                arrived.insert(to, (number, PathStep { step: position.at, answer: answer.code }));
                open.push(Reverse((reached, to)));
            }
        }
    }
    Ok(None)
}

fn calls_module(step: Option<&Step>) -> bool {
    matches!(step.map(|step| &step.kind), Some(StepKind::Module { .. }))
}

/// The steps from the start to a node.
fn trace(nodes: &[Node], arrived: &HashMap<usize, (usize, PathStep)>, end: usize) -> Vec<PathStep> {
    let mut path = Vec::new();
    let mut at = end;
    // A path visits each node at most once.
    for _ in nodes {
        let Some((from, taken)) = arrived.get(&at) else { break };
        path.push(*taken);
        at = *from;
    }
    path.reverse();
    path
}

/// The levels at which some step restores the first state.
fn levels_with_reset(steps: &[Step]) -> BTreeSet<usize> {
    let resetting = steps.iter().filter(|step| step.control.resets());
    resetting.map(|step| usize::from(step.level)).collect()
}

/// The position that represents all with the same outcomes.
fn representative(mut position: Position, levels: &BTreeSet<usize>) -> Position {
    position.state = without_failure_code(position.state);
    for (level, state) in position.saved.iter_mut().enumerate() {
        *state = if levels.contains(&level) { without_failure_code(*state) } else { INITIAL };
    }
    position
}

/// The state with one code for all failures, because no step tells them apart.
fn without_failure_code(state: StackState) -> StackState {
    match state {
        (Impression::Positive, Code::Success) => state,
        (impression, _) => (impression, Code::PermDenied),
    }
}
