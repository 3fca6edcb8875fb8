//! The search through a stack: can somebody get in who lacks something?
//!
//! The stack is run with every answer that its modules may give. Positions in which it has the same
//! future are one: what differs only in the code of a refusal, or in what is remembered for a reset
//! that no step makes. So the search is exact, and as long as the stack, not as its answers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use thiserror::Error;

use crate::answers::{self, Person};
use crate::chain::{Step, Work};
use crate::code::Code;
use crate::dispatch::{self, INITIAL, Impression, Position, Standing};

/// Positions that are looked at before the search gives up.
const POSITIONS_MAX: usize = 50_000;

/// The stack has more positions than are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the stack is too tangled to be searched through; write it more plainly")]
pub struct TooTangled;

/// One step of a way through a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Index of the step in the stack.
    pub step: usize,
    /// What its module is assumed to answer.
    pub answer: Code,
}

/// A way through a stack that ends with success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How unusual its answers are, in sum.
    pub surprise: u32,
    /// The steps that ask a module, in order.
    pub passes: Vec<Pass>,
}

/// A position that stands for all with the same future, and whether something was typed.
type Node = (Position, bool);

/// The way in that surprises least, and of those the shortest; `None` when there is none.
///
/// # Errors
/// When there are too many positions.
pub fn way_in(steps: &[Step], service: &str, person: &Person) -> Result<Option<Way>, TooTangled> {
    let levels = resetting_levels(steps);
    let start: Node = (Position::default(), false);
    let mut nodes = vec![start.clone()];
    let mut numbers = HashMap::from([(start, 0_usize)]);
    let mut arrived: HashMap<usize, (usize, Pass)> = HashMap::new();
    let mut best: HashMap<usize, (u32, usize)> = HashMap::from([(0, (0, 0))]);
    let mut open = BinaryHeap::from([Reverse(((0_u32, 0_usize), 0_usize))]);
    while let Some(Reverse((cost, number))) = open.pop() {
        if best.get(&number).is_some_and(|known| *known < cost) {
            continue;
        }
        let Some((position, typed)) = nodes.get(number).cloned() else { continue };
        let Some(step) = steps.get(position.at) else {
            if dispatch::verdict(position.standing) == Code::Success {
                return Ok(Some(trace(steps, &nodes, &arrived, number, cost.0)));
            }
            continue;
        };
        for answer in answers::possible(step, service, person, typed) {
            let Ok(next) = position.after(steps, Some(answer.code)) else { continue };
            let node = (coarse(next, &levels), typed || answers::leaves_typed(step));
            let to = match numbers.get(&node) {
                Some(known) => *known,
                None => {
                    if nodes.len() >= POSITIONS_MAX {
                        return Err(TooTangled);
                    }
                    nodes.push(node.clone());
                    numbers.insert(node, nodes.len() - 1);
                    nodes.len() - 1
                }
            };
            let asks = matches!(step.work, Work::Module { .. });
            let reached = (cost.0 + answer.surprise, cost.1 + usize::from(asks));
            if best.get(&to).is_none_or(|known| reached < *known) {
                best.insert(to, reached);
                arrived.insert(to, (number, Pass { step: position.at, answer: answer.code }));
                open.push(Reverse((reached, to)));
            }
        }
    }
    Ok(None)
}

fn trace(
    steps: &[Step],
    nodes: &[Node],
    arrived: &HashMap<usize, (usize, Pass)>,
    end: usize,
    surprise: u32,
) -> Way {
    let mut passes = Vec::new();
    let mut at = end;
    // A way is no longer than there are nodes.
    for _ in nodes {
        let Some((from, pass)) = arrived.get(&at) else { break };
        if matches!(steps.get(pass.step).map(|step| &step.work), Some(Work::Module { .. })) {
            passes.push(*pass);
        }
        at = *from;
    }
    passes.reverse();
    Way { surprise, passes }
}

/// The levels of which some step goes back to the beginning.
fn resetting_levels(steps: &[Step]) -> BTreeSet<usize> {
    let resetting = steps.iter().filter(|step| step.control.resets());
    resetting.map(|step| usize::from(step.level)).collect()
}

/// The position that stands for all with the same future.
fn coarse(mut position: Position, levels: &BTreeSet<usize>) -> Position {
    position.standing = plain(position.standing);
    for (level, standing) in position.remembered.iter_mut().enumerate() {
        *standing = if levels.contains(&level) { plain(*standing) } else { INITIAL };
    }
    position
}

/// Codes other than success are alike.
fn plain(standing: Standing) -> Standing {
    match standing {
        (Impression::Positive, Code::Success) => standing,
        (impression, _) => (impression, Code::PermDenied),
    }
}
