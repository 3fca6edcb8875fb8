//! A small packed network for tests, with all that is folded in it.

use prost::Message;

use super::onnx::*;

/// A node of the standard set, named after its first output.
pub(super) fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Node {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    Node {
        inputs: owned(inputs),
        outputs: owned(outputs),
        name: outputs.first().copied().unwrap_or_default().to_owned(),
        operator: operator.to_owned(),
        ..Node::default()
    }
}

impl Node {
    /// The node with another whole-number attribute.
    pub(super) fn with(mut self, name: &str, int: i64) -> Self {
        self.attributes.retain(|attribute| attribute.name != name);
        let (name, int) = (name.to_owned(), Some(int));
        self.attributes.push(Attribute { name, int, kind: 2, ..Attribute::default() });
        self
    }

    /// The node with another floating-point attribute.
    pub(super) fn with_float(mut self, name: &str, float: f32) -> Self {
        let (name, float) = (name.to_owned(), Some(float));
        self.attributes.push(Attribute { name, float, kind: 1, ..Attribute::default() });
        self
    }
}

pub(super) fn floats(name: &str, dims: &[i64], values: &[f32]) -> Tensor {
    Tensor::of_floats(name.to_owned(), dims.to_vec(), values)
}

pub(super) fn signed_bytes(name: &str, dims: &[i64], values: &[i8]) -> Tensor {
    let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (name, dims) = (name.to_owned(), dims.to_vec());
    Tensor { name, dims, data_type: INT8, raw_data, ..Tensor::default() }
}

fn integers(name: &str, values: &[i64]) -> Tensor {
    let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (name, dims) = (name.to_owned(), vec![values.len() as i64]);
    Tensor { name, dims, data_type: INT64, raw_data, ..Tensor::default() }
}

fn value(name: &str, dims: &[i64]) -> ValueInfo {
    let dims = dims.iter().map(|dim| Dimension { value: Some(*dim), open: None }).collect();
    let tensor = Some(TensorType { element: FLOAT, shape: Some(Shape { dims }) });
    ValueInfo { name: name.to_owned(), kind: Some(Type { tensor }) }
}

/// A convolution with packed weights, its normalisation, a dropout and a reshaping.
pub(super) fn packed() -> Model {
    let nodes = vec![
        node("DequantizeLinear", &["w_q", "w_s", "w_z"], &["w_flat"])
            .with("axis", 1)
            .with("block_size", 2),
        node("Reshape", &["w_flat", "w_shape"], &["w"]),
        node("Conv", &["picture", "w", "b"], &["conv"]),
        node("BatchNormalization", &["conv", "gamma", "beta", "mean", "variance"], &["norm"])
            .with_float("epsilon", 1.0),
        node("Constant", &[], &["ratio"]),
        node("Dropout", &["norm", "ratio"], &["dropped"]),
        node("Reshape", &["dropped", "lines"], &["result"]),
    ];
    let initialisers = vec![
        signed_bytes("w_q", &[2, 3], &[1, 2, 3, -4, -5, -6]),
        floats("w_s", &[2, 2], &[0.5, 2.0, 1.0, 4.0]),
        signed_bytes("w_z", &[2, 2], &[0, 1, -1, 0]),
        integers("w_shape", &[2, 3, 1, 1]),
        floats("b", &[2], &[1.0, 2.0]),
        floats("gamma", &[2], &[4.0, 1.0]),
        floats("beta", &[2], &[0.5, 0.25]),
        floats("mean", &[2], &[3.0, -1.0]),
        floats("variance", &[2], &[3.0, 0.0]),
        integers("lines", &[1, -1, 2]),
    ];
    // Weights as inputs, under the names before and after packing.
    let inputs = [value("picture", &[1, 3, 8, 8]), value("w", &[2, 3, 1, 1]), value("b", &[2])];
    let graph = Graph {
        nodes,
        initialisers,
        inputs: inputs.to_vec(),
        outputs: vec![value("result", &[1, 64, 2])],
        name: "sample".to_owned(),
    };
    let opset_import = vec![OperatorSet { domain: String::new(), version: 21 }];
    Model { ir_version: 6, graph: Some(graph), opset_import, ..Model::default() }
}

/// The network as a file.
#[must_use]
pub fn packed_bytes() -> Vec<u8> {
    packed().encode_to_vec()
}
