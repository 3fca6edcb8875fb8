//! Opening of sides: the network then takes pictures of other sizes than it was exported for.

use super::FoldError;
use super::onnx::{Dimension, ValueInfo};

/// Place of the height in batch × channels × height × width.
const HEIGHT: usize = 2;
/// Place of the width.
const WIDTH: usize = 3;
/// Place of the number of results in batch × results × values.
const RESULTS: usize = 1;

/// Opens height and width of the inputs, and the number of results of the outputs, which follows.
pub(super) fn open(inputs: &mut [ValueInfo], outputs: &mut [ValueInfo]) -> Result<(), FoldError> {
    for input in inputs {
        open_side(input, 4, HEIGHT, "height")?;
        open_side(input, 4, WIDTH, "width")?;
    }
    for output in outputs {
        let name = format!("results_{}", output.name);
        open_side(output, 3, RESULTS, &name)?;
    }
    Ok(())
}

fn open_side(
    value: &mut ValueInfo,
    rank: usize,
    place: usize,
    name: &str,
) -> Result<(), FoldError> {
    let tensor = value.kind.as_mut().and_then(|kind| kind.tensor.as_mut());
    let shape = tensor.and_then(|tensor| tensor.shape.as_mut());
    let dims = shape.map(|shape| shape.dims.as_mut_slice()).filter(|dims| dims.len() == rank);
    let Some(dimension) = dims.and_then(|dims| dims.get_mut(place)) else {
        return Err(FoldError::Sides(value.name.clone()));
    };
    *dimension = Dimension { value: None, open: Some(name.to_owned()) };
    Ok(())
}
