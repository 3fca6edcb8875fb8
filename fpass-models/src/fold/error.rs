//! Why a network could not be folded.

use prost::DecodeError;
use thiserror::Error;

/// Why a network cannot be folded. The sentence of [`Error::Fold`](crate::Error::Fold) quotes it in
/// brackets and says what to do.
#[derive(Debug, Error)]
pub enum FoldError {
    /// The bytes are not an ONNX model.
    #[error("not an ONNX model: {0}")]
    Malformed(#[from] DecodeError),
    /// The model is larger than any that is folded.
    #[error("{0} bytes are more than a network has")]
    TooLarge(usize),
    /// The model holds no graph.
    #[error("the model holds no graph")]
    NoGraph,
    /// A node has a graph of its own, which could use values unseen.
    #[error("the node {0:?} holds a graph of its own")]
    Subgraph(String),
    /// Two values have one name.
    #[error("the name {0:?} is given twice")]
    NameTwice(String),
    /// A constant has a shape that its data do not fill, or data of another kind than is needed.
    #[error("the constant {0:?} has other data than its shape and use ask for")]
    Constant(String),
    /// Inputs of a node do not fit each other.
    #[error("the inputs of the node {0:?} do not fit each other")]
    Shapes(String),
    /// A node that must be folded is of a form that is not known.
    #[error("the node {0:?} is of a form that cannot be folded")]
    Unsupported(String),
    /// Folding gave a weight that is not a finite number.
    #[error("folding the node {0:?} gives weights that are not finite")]
    NotFinite(String),
    /// The sides to open belong to neither a picture nor a list of results.
    #[error("{0:?} is not of the shape whose sides can be opened")]
    Sides(String),
}
