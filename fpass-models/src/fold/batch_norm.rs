//! `BatchNormalization` behind a `Conv` or `Gemm` becomes part of its weights and bias.
//!
//! With `a = gamma / sqrt(variance + epsilon)`, normalising `w·x + b` gives
//! `(a·w)·x + (a·b + beta - a·mean)`, for each output channel. It is computed in double precision
//! from additions, multiplications, divisions and square roots alone, which IEEE 754 rounds the
//! same way on every machine, and stored in single precision.

use std::collections::HashMap;

use super::FoldError;
use super::constants::Constants;
use super::onnx::{Node, Tensor};

/// Folds each `BatchNormalization` that has the value of a `Conv` or `Gemm` to itself, and returns
/// the nodes that are left. `uses` counts how often each value is used.
pub(super) fn fold(
    nodes: Vec<Node>,
    uses: &HashMap<String, usize>,
    constants: &mut Constants,
) -> Result<Vec<Node>, FoldError> {
    let mut kept: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut producers = HashMap::<String, usize>::new();
    for node in nodes {
        let producer = node.input(0).and_then(|value| {
            let is_its_own = uses.get(value) == Some(&1);
            producers.get(value).filter(|_| is_its_own).and_then(|place| kept.get_mut(*place))
        });
        match (producer, node.only_output()) {
            (Some(linear), Some(output)) if is_inference(&node) && is_foldable(linear) => {
                absorb(linear, &node, output, constants)?;
                if let Some(place) = node.input(0).and_then(|value| producers.remove(value)) {
                    producers.insert(output.to_owned(), place);
                }
            }
            _ => {
                producers.extend(node.outputs.iter().map(|name| (name.clone(), kept.len())));
                kept.push(node);
            }
        }
    }
    Ok(kept)
}

fn is_inference(node: &Node) -> bool {
    node.is("BatchNormalization") && node.int("training_mode", 0) == 0
}

/// Whether the first side of the node's weights is that of its output channels.
fn is_foldable(node: &Node) -> bool {
    let is_plain_product = node.int("transA", 0) == 0
        && node.int("transB", 0) == 1
        && node.float("alpha", 1.0).to_bits() == 1f32.to_bits()
        && node.float("beta", 1.0).to_bits() == 1f32.to_bits();
    node.only_output().is_some() && (node.is("Conv") || (node.is("Gemm") && is_plain_product))
}

/// Gives a `Conv` or `Gemm` the weights, bias and output that it has with the normalisation.
fn absorb(
    linear: &mut Node,
    norm: &Node,
    output: &str,
    constants: &mut Constants,
) -> Result<(), FoldError> {
    let shapes = || FoldError::Shapes(norm.name.clone());
    let affine = Affine::new(norm, constants)?;
    let channels = affine.factors.len();
    let weights = constant(linear, 1, constants)?;
    let bias = match linear.input(2) {
        Some(_) => constant(linear, 2, constants)?.floats()?,
        None => vec![0.0; channels],
    };
    if weights.sides()?.first() != Some(&channels) || bias.len() != channels {
        return Err(shapes());
    }
    let (values, dims) = (weights.floats()?, weights.dims.clone());
    let per_channel = values.len() / channels;
    let scaled = values
        .chunks(per_channel)
        .zip(&affine.factors)
        .flat_map(|(row, factor)| row.iter().map(move |weight| f64::from(*weight) * factor));
    let shifted = bias
        .iter()
        .zip(affine.factors.iter().zip(&affine.offsets))
        .map(|(bias, (factor, offset))| f64::from(*bias) * factor + offset);
    let scaled = single(scaled, norm)?;
    let shifted = single(shifted, norm)?;

    let input = linear.input(0).ok_or_else(shapes)?.to_owned();
    let channel_dims = dims.first().map(|dim| vec![*dim]).ok_or_else(shapes)?;
    let (weight_name, bias_name) = (format!("{output}_weight"), format!("{output}_bias"));
    linear.inputs = vec![input, weight_name.clone(), bias_name.clone()];
    linear.outputs = vec![output.to_owned()];
    constants.add(Tensor::of_floats(weight_name, dims, &scaled))?;
    constants.add(Tensor::of_floats(bias_name, channel_dims, &shifted))
}

/// What a normalisation does to each channel: multiply, then add.
struct Affine {
    factors: Vec<f64>,
    offsets: Vec<f64>,
}

impl Affine {
    fn new(norm: &Node, constants: &Constants) -> Result<Self, FoldError> {
        let vector = |index| constant(norm, index, constants)?.floats();
        let (gamma, beta, mean, variance) = (vector(1)?, vector(2)?, vector(3)?, vector(4)?);
        if [&beta, &mean, &variance].iter().any(|other| other.len() != gamma.len()) {
            return Err(FoldError::Shapes(norm.name.clone()));
        }
        let epsilon = f64::from(norm.float("epsilon", 1e-5));
        let factors: Vec<f64> = gamma
            .iter()
            .zip(&variance)
            .map(|(gamma, variance)| f64::from(*gamma) / (f64::from(*variance) + epsilon).sqrt())
            .collect();
        let offsets = beta
            .iter()
            .zip(mean.iter().zip(&factors))
            .map(|(beta, (mean, factor))| f64::from(*beta) - f64::from(*mean) * factor)
            .collect();
        Ok(Self { factors, offsets })
    }
}

fn constant<'a>(
    node: &Node,
    index: usize,
    constants: &'a Constants,
) -> Result<&'a Tensor, FoldError> {
    node.input(index)
        .and_then(|name| constants.find(name))
        .ok_or_else(|| FoldError::Unsupported(node.name.clone()))
}

/// Rounds to single precision; what does not fit there is refused.
// Rounding is the purpose.
#[allow(clippy::cast_possible_truncation)]
fn single(values: impl Iterator<Item = f64>, norm: &Node) -> Result<Vec<f32>, FoldError> {
    values
        .map(|value| Some(value as f32).filter(|value| value.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(|| FoldError::NotFinite(norm.name.clone()))
}
