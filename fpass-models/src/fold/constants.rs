//! The values of a graph that do not depend on its input.

use std::collections::HashMap;

use super::FoldError;
use super::onnx::{FLOAT, INT8, INT64, Tensor};

/// Constants by name, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Constants {
    tensors: Vec<Tensor>,
    by_name: HashMap<String, usize>,
}

impl Constants {
    /// Takes the initialisers of a graph.
    pub(super) fn new(initialisers: Vec<Tensor>) -> Result<Self, FoldError> {
        let mut constants = Self::default();
        initialisers.into_iter().try_for_each(|tensor| constants.add(tensor))?;
        Ok(constants)
    }

    /// Adds a constant, whose name must be new.
    pub(super) fn add(&mut self, tensor: Tensor) -> Result<(), FoldError> {
        let earlier = self.by_name.insert(tensor.name.clone(), self.tensors.len());
        if earlier.is_some() {
            return Err(FoldError::NameTwice(tensor.name));
        }
        self.tensors.push(tensor);
        Ok(())
    }

    /// The constant of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(*self.by_name.get(name)?)
    }

    /// The constants that are used, in their order.
    pub(super) fn used(self, uses: &HashMap<String, usize>) -> Vec<Tensor> {
        self.tensors.into_iter().filter(|tensor| uses.contains_key(&tensor.name)).collect()
    }
}

impl Tensor {
    /// A tensor of single precision numbers.
    pub(super) fn of_floats(name: String, dims: Vec<i64>, values: &[f32]) -> Self {
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { name, dims, data_type: FLOAT, raw_data, ..Self::default() }
    }

    /// The sides, none of which is 0. Their product is the number of elements.
    pub(super) fn sides(&self) -> Result<Vec<usize>, FoldError> {
        let side = |&dim| usize::try_from(dim).ok().filter(|side| *side > 0);
        self.dims.iter().map(side).collect::<Option<_>>().ok_or_else(|| self.unfit())
    }

    /// The values of a tensor of single precision numbers.
    pub(super) fn floats(&self) -> Result<Vec<f32>, FoldError> {
        if self.raw_data.is_empty() && self.data_type == FLOAT {
            return self.filled(self.float_data.clone());
        }
        self.filled(self.raw(FLOAT)?.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The values of a tensor of signed bytes.
    pub(super) fn signed_bytes(&self) -> Result<Vec<i8>, FoldError> {
        self.filled(self.raw(INT8)?.iter().map(|bytes| i8::from_le_bytes(*bytes)).collect())
    }

    /// The values of a tensor of signed 64-bit numbers.
    pub(super) fn integers(&self) -> Result<Vec<i64>, FoldError> {
        self.filled(self.raw(INT64)?.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect())
    }

    /// The bytes of elements of this type, each of `N` bytes.
    fn raw<const N: usize>(&self, data_type: i32) -> Result<&[[u8; N]], FoldError> {
        let (elements, rest) = self.raw_data.as_chunks();
        let is_whole = rest.is_empty() && self.data_type == data_type && self.data_location == 0;
        if is_whole { Ok(elements) } else { Err(self.unfit()) }
    }

    /// The values, when there are as many as the shape says.
    fn filled<T>(&self, values: Vec<T>) -> Result<Vec<T>, FoldError> {
        let sides = self.sides()?;
        let elements = sides.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
        if elements == Some(values.len()) { Ok(values) } else { Err(self.unfit()) }
    }

    fn unfit(&self) -> FoldError {
        FoldError::Constant(self.name.clone())
    }
}
