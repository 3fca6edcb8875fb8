//! Quantised weights become plain ones: block-wise `DequantizeLinear` of constants, and the
//! `Reshape` behind it.

use super::FoldError;
use super::constants::Constants;
use super::onnx::{Node, Tensor};

/// Replaces such nodes by constants and returns the others.
pub(super) fn fold(nodes: Vec<Node>, constants: &mut Constants) -> Result<Vec<Node>, FoldError> {
    let mut kept = Vec::with_capacity(nodes.len());
    for node in nodes {
        if node.is("DequantizeLinear") {
            constants.add(dequantised(&node, constants)?)?;
        } else if let Some(tensor) = reshaped(&node, constants)? {
            constants.add(tensor)?;
        } else {
            kept.push(node);
        }
    }
    Ok(kept)
}

/// `(q - zero) * scale` with one scale and zero for each block along one axis (ONNX
/// `DequantizeLinear`, opset 21), in single precision.
fn dequantised(node: &Node, constants: &Constants) -> Result<Tensor, FoldError> {
    let unsupported = || FoldError::Unsupported(node.name.clone());
    let constant = |index| node.input(index).and_then(|name| constants.find(name));
    let quantised = constant(0).ok_or_else(unsupported)?;
    let scales = constant(1).ok_or_else(unsupported)?;
    let zeros = constant(2).ok_or_else(unsupported)?;
    let name = node.only_output().ok_or_else(unsupported)?;

    let layout = Blocks::new(node, &quantised.sides()?).ok_or_else(unsupported)?;
    if scales.sides()? != layout.scale_sides || zeros.dims != scales.dims {
        return Err(FoldError::Shapes(node.name.clone()));
    }
    let values = layout
        .dequantise(&quantised.signed_bytes()?, &scales.floats()?, &zeros.signed_bytes()?)
        .ok_or_else(|| FoldError::Shapes(node.name.clone()))?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(FoldError::NotFinite(node.name.clone()));
    }
    Ok(Tensor::of_floats(name.to_owned(), quantised.dims.clone(), &values))
}

/// How a quantised tensor is divided into blocks along one axis.
struct Blocks {
    /// Elements of one block along the axis.
    size: usize,
    /// Length of the axis.
    along: usize,
    /// Blocks along the axis; the last may be shorter.
    count: usize,
    /// Elements behind one position of the axis.
    inner: usize,
    /// Sides of the tensor of scales.
    scale_sides: Vec<usize>,
}

impl Blocks {
    fn new(node: &Node, sides: &[usize]) -> Option<Self> {
        let axis = node.int("axis", 1);
        let rank = i64::try_from(sides.len()).ok()?;
        let axis = usize::try_from(if axis < 0 { axis.checked_add(rank)? } else { axis }).ok()?;
        let size = usize::try_from(node.int("block_size", 0)).ok().filter(|size| *size > 0)?;
        let along = *sides.get(axis)?;
        let count = along.div_ceil(size);
        let behind = sides.get(axis.checked_add(1)?..)?;
        let inner = behind.iter().try_fold(1usize, |product, side| product.checked_mul(*side))?;
        let mut scale_sides = sides.to_vec();
        *scale_sides.get_mut(axis)? = count;
        Some(Self { size, along, count, inner, scale_sides })
    }

    fn dequantise(&self, quantised: &[i8], scales: &[f32], zeros: &[i8]) -> Option<Vec<f32>> {
        let mut values = Vec::with_capacity(quantised.len());
        for (row, quantised) in quantised.chunks(self.inner).enumerate() {
            let (outer, position) = (row / self.along, row % self.along);
            let block = outer.checked_mul(self.count)?.checked_add(position / self.size)?;
            let first = block.checked_mul(self.inner)?;
            let range = first..first.checked_add(self.inner)?;
            let scaled = quantised.iter().zip(scales.get(range.clone())?).zip(zeros.get(range)?);
            values.extend(scaled.map(|((quantised, scale), zero)| {
                f32::from(i16::from(*quantised) - i16::from(*zero)) * scale
            }));
        }
        Some(values)
    }
}

/// The value of a `Reshape` of plain weights to a shape that is written out.
fn reshaped(node: &Node, constants: &Constants) -> Result<Option<Tensor>, FoldError> {
    let constant = |index| node.input(index).and_then(|name| constants.find(name));
    let (true, Some(data), Some(shape)) = (node.is("Reshape"), constant(0), constant(1)) else {
        return Ok(None);
    };
    let name = node.only_output().ok_or_else(|| FoldError::Unsupported(node.name.clone()))?;
    let values = data.floats()?;
    let tensor = Tensor::of_floats(name.to_owned(), shape.integers()?, &values);
    // Data that do not fill the shape show themselves here.
    tensor.floats().map_err(|_| FoldError::Shapes(node.name.clone()))?;
    Ok(Some(tensor))
}
