//! Removal of `Dropout`, whose output is its input outside training.

use std::collections::HashMap;

use super::FoldError;
use super::onnx::{Node, ValueInfo};

/// Leads around each `Dropout` and returns the other nodes.
pub(super) fn remove(nodes: Vec<Node>, outputs: &[ValueInfo]) -> Result<Vec<Node>, FoldError> {
    let mut bridges = HashMap::<String, String>::new();
    let mut kept = Vec::with_capacity(nodes.len());
    for mut node in nodes {
        for input in &mut node.inputs {
            if let Some(origin) = bridges.get(input) {
                origin.clone_into(input);
            }
        }
        if !node.is("Dropout") {
            kept.push(node);
            continue;
        }
        // A third input would say that this is training; a second output would be the mask.
        let (Some(input), Some(output), None) = (node.input(0), node.only_output(), node.input(2))
        else {
            return Err(FoldError::Unsupported(node.name));
        };
        if outputs.iter().any(|value| value.name == output) {
            return Err(FoldError::Unsupported(node.name));
        }
        if bridges.insert(output.to_owned(), input.to_owned()).is_some() {
            return Err(FoldError::NameTwice(output.to_owned()));
        }
    }
    Ok(kept)
}
