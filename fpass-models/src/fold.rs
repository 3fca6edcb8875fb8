//! Folding of a network: what can be computed without a picture is computed once, at the
//! installation.
//!
//! Networks whose weights are packed as blocks of signed bytes, with the unpacking as part of the
//! graph, become plain ones in single precision. The result is the same byte for byte on every
//! machine, so that it can be pinned: nothing depends on the order of a hash map, and arithmetic is
//! that of IEEE 754 alone.

mod batch_norm;
mod constants;
mod dequantise;
mod dropout;
mod error;
mod onnx;
#[cfg(any(test, fuzzing))]
pub mod sample;
mod sides;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::mem;

use prost::Message;

use self::constants::Constants;
pub use self::error::FoldError;
use self::onnx::{Graph, Model};

/// Most bytes of a network that is folded: several times the largest in use.
const SOURCE_MAX: usize = 64 << 20;

/// Folds an ONNX model; with `open_sides` it then takes pictures of any size.
///
/// # Errors
/// A [`FoldError`] when the model is malformed or of a form that cannot be folded.
pub fn fold(source: &[u8], open_sides: bool) -> Result<Vec<u8>, FoldError> {
    if source.len() > SOURCE_MAX {
        return Err(FoldError::TooLarge(source.len()));
    }
    let mut model = Model::decode(source)?;
    let graph = model.graph.as_mut().ok_or(FoldError::NoGraph)?;
    fold_graph(graph)?;
    if open_sides {
        sides::open(&mut graph.inputs, &mut graph.outputs)?;
    }
    Ok(model.encode_to_vec())
}

fn fold_graph(graph: &mut Graph) -> Result<(), FoldError> {
    refuse_subgraphs(graph)?;
    let mut constants = Constants::new(mem::take(&mut graph.initialisers))?;
    refuse_names_twice(graph, &constants)?;
    graph.nodes = dequantise::fold(mem::take(&mut graph.nodes), &mut constants)?;
    graph.nodes = dropout::remove(mem::take(&mut graph.nodes), &graph.outputs)?;
    let uses = uses(graph);
    graph.nodes = batch_norm::fold(mem::take(&mut graph.nodes), &uses, &mut constants)?;

    let uses = self::uses(graph);
    let is_used = |name: &String| uses.contains_key(name);
    graph.nodes.retain(|node| !node.is("Constant") || node.outputs.iter().any(is_used));
    // Some writers list their weights as inputs too, under the names that they had before packing.
    graph.inputs.retain(|input| is_used(&input.name) && constants.find(&input.name).is_none());
    graph.initialisers = constants.used(&uses);
    Ok(())
}

/// A graph within a node can use values of the outer one, which is not looked for.
fn refuse_subgraphs(graph: &Graph) -> Result<(), FoldError> {
    let holder = graph.nodes.iter().find(|node| {
        node.attributes.iter().any(|held| held.graph.is_some() || !held.graphs.is_empty())
    });
    holder.map_or(Ok(()), |node| Err(FoldError::Subgraph(node.name.clone())))
}

/// A value that is computed has a name of its own: otherwise it would not be known which of two is
/// meant.
fn refuse_names_twice(graph: &Graph, constants: &Constants) -> Result<(), FoldError> {
    let mut computed = HashSet::new();
    // An output that is left out has no name.
    let mut names = graph.nodes.iter().flat_map(|node| &node.outputs).filter(|n| !n.is_empty());
    let twice = names.find(|name| constants.find(name).is_some() || !computed.insert(*name));
    twice.map_or(Ok(()), |name| Err(FoldError::NameTwice(name.clone())))
}

/// How often each value is used, by nodes and as a result.
fn uses(graph: &Graph) -> HashMap<String, usize> {
    let mut uses = HashMap::new();
    let by_nodes = graph.nodes.iter().flat_map(|node| &node.inputs);
    let results = graph.outputs.iter().map(|output| &output.name);
    for name in by_nodes.chain(results) {
        *uses.entry(name.clone()).or_default() += 1;
    }
    uses
}
