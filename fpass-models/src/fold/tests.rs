use proptest::prelude::*;
use prost::Message;

use super::onnx::{Attribute, Node, Tensor};
use super::sample::{floats, node, packed, packed_bytes, signed_bytes};
use super::*;

/// Folds the sample after a change to its graph.
fn folded(change: impl FnOnce(&mut Graph)) -> Result<Graph, FoldError> {
    let mut model = packed();
    change(model.graph.as_mut().unwrap());
    let bytes = fold(&model.encode_to_vec(), false)?;
    Ok(Model::decode(bytes.as_slice()).unwrap().graph.unwrap())
}

fn refusal(change: impl FnOnce(&mut Graph)) -> FoldError {
    folded(change).unwrap_err()
}

fn at<'a>(graph: &'a mut Graph, name: &str) -> &'a mut Node {
    graph.nodes.iter_mut().find(|node| node.name == name).unwrap()
}

fn put(graph: &mut Graph, tensor: Tensor) {
    graph.initialisers.retain(|other| other.name != tensor.name);
    graph.initialisers.push(tensor);
}

fn operators(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.operator.as_str()).collect()
}

fn values(graph: &Graph, name: &str) -> Vec<f32> {
    let tensor = graph.initialisers.iter().find(|tensor| tensor.name == name);
    tensor.unwrap().floats().unwrap()
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        for open_sides in [false, true] {
            let _ = fold(&bytes, open_sides);
        }
    }

    #[test]
    fn no_altered_model_makes_it_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let mut bytes = packed_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        for open_sides in [false, true] {
            let _ = fold(&bytes, open_sides);
        }
    }
}

#[test]
fn no_truncated_model_gives_the_network() {
    let bytes = packed_bytes();
    let whole = fold(&bytes, false).unwrap();
    for length in 0..bytes.len() {
        if let Ok(other) = fold(&bytes[..length], false) {
            assert_ne!(other, whole, "{length}");
        }
    }
}

#[test]
fn what_is_no_model_is_refused() {
    assert!(matches!(fold(b"not ONNX", false), Err(FoldError::Malformed(_))));
    assert!(matches!(fold(b"", false), Err(FoldError::NoGraph)));
    let large = vec![0; SOURCE_MAX + 1];
    assert!(matches!(fold(&large, false), Err(FoldError::TooLarge(_))));
}

#[test]
fn a_graph_within_a_node_is_refused() {
    for (graph, graphs) in [(Some(Vec::new()), Vec::new()), (None, vec![Vec::new()])] {
        let attribute = Attribute { graph, graphs, ..Attribute::default() };
        let error = refusal(|graph| at(graph, "conv").attributes.push(attribute));
        assert!(matches!(error, FoldError::Subgraph(_)), "{error}");
    }
}

#[test]
fn a_name_that_is_given_twice_is_refused() {
    let again = refusal(|graph| graph.initialisers.push(floats("b", &[1], &[0.0])));
    let by_unpacking = refusal(|graph| graph.initialisers.push(floats("w", &[1], &[0.0])));
    let by_norm = refusal(|graph| graph.initialisers.push(floats("norm_bias", &[1], &[0.0])));
    for error in [again, by_unpacking, by_norm] {
        assert!(matches!(error, FoldError::NameTwice(_)), "{error}");
    }
}

#[test]
fn a_value_that_is_computed_has_its_name_for_itself() {
    let output = |graph: &Graph, at: usize| graph.nodes[at].outputs[0].clone();
    let as_a_constant = refusal(|graph| {
        let name = output(graph, graph.nodes.len() - 1);
        put(graph, floats(&name, &[1], &[1.0]));
    });
    let of_two_nodes = refusal(|graph| {
        let name = output(graph, 0);
        graph.nodes.last_mut().unwrap().outputs = vec![name];
    });
    for error in [as_a_constant, of_two_nodes] {
        assert!(matches!(error, FoldError::NameTwice(_)), "{error}");
    }
}

#[test]
fn constants_that_do_not_fill_their_shape_are_refused() {
    for dims in [&[2, 4][..], &[6, 0], &[-2, -3], &[i64::MAX, 3], &[1 << 40, 1 << 40], &[6, -1]] {
        let error = refusal(|graph| put(graph, signed_bytes("w_q", dims, &[0; 6])));
        assert!(
            matches!(error, FoldError::Constant(_) | FoldError::Shapes(_)),
            "{dims:?}: {error}"
        );
    }
    let elsewhere = refusal(|graph| graph.initialisers[0].data_location = 1);
    let other_kind = refusal(|graph| graph.initialisers[0].data_type = 2);
    let cut = refusal(|graph| graph.initialisers[1].raw_data.truncate(7));
    for error in [elsewhere, other_kind, cut] {
        assert!(matches!(error, FoldError::Constant(_)), "{error}");
    }
}

#[test]
fn packings_of_other_forms_are_refused() {
    let other_layouts = [
        ("block_size", 0),
        ("block_size", -1),
        ("axis", 2),
        ("axis", -3),
        ("axis", i64::MIN),
        ("axis", i64::MAX),
    ];
    for (name, value) in other_layouts {
        let error = refusal(|graph| {
            let node = at(graph, "w_flat");
            *node = node.clone().with(name, value);
        });
        assert!(matches!(error, FoldError::Unsupported(_)), "{name} {value}: {error}");
    }
    for input in 0..3 {
        let error = refusal(|graph| at(graph, "w_flat").inputs[input] = "picture".to_owned());
        assert!(matches!(error, FoldError::Unsupported(_)), "{input}: {error}");
    }
    for dims in [&[4][..], &[4, 1], &[2, 2, 1]] {
        let scales = refusal(|graph| put(graph, floats("w_s", dims, &[1.0; 4])));
        let zeros = refusal(|graph| put(graph, signed_bytes("w_z", dims, &[0; 4])));
        for error in [scales, zeros] {
            assert!(matches!(error, FoldError::Shapes(_)), "{dims:?}: {error}");
        }
    }
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    for scale in [f32::NAN, f32::INFINITY, f32::MAX] {
        let error = refusal(|graph| put(graph, floats("w_s", &[2, 2], &[1.0, scale, 1.0, 1.0])));
        assert!(matches!(error, FoldError::NotFinite(_)), "{scale}: {error}");
    }
    for variance in [-1.0, -2.0, f32::NAN] {
        let error = refusal(|graph| put(graph, floats("variance", &[2], &[1.0, variance])));
        assert!(matches!(error, FoldError::NotFinite(_)), "{variance}: {error}");
    }
}

#[test]
fn normalisations_that_do_not_fit_are_refused() {
    for name in ["gamma", "beta", "mean", "variance", "b"] {
        let error = refusal(|graph| put(graph, floats(name, &[3], &[1.0; 3])));
        assert!(matches!(error, FoldError::Shapes(_)), "{name}: {error}");
        let error = refusal(|graph| graph.initialisers.retain(|tensor| tensor.name != name));
        assert!(matches!(error, FoldError::Unsupported(_)), "{name}: {error}");
    }
}

#[test]
fn a_dropout_of_training_or_as_the_result_is_refused() {
    let training = refusal(|graph| at(graph, "dropped").inputs.push("flag".to_owned()));
    let masked = refusal(|graph| at(graph, "dropped").outputs.push("mask".to_owned()));
    let result = refusal(|graph| graph.outputs[0].name = "dropped".to_owned());
    for error in [training, masked, result] {
        assert!(matches!(error, FoldError::Unsupported(_)), "{error}");
    }
}

#[test]
fn sides_of_other_shapes_are_not_opened() {
    for change in [
        |graph: &mut Graph| drop(graph.inputs[0].kind.take()),
        |graph: &mut Graph| graph.inputs[0].kind = graph.outputs[0].kind.clone(),
        |graph: &mut Graph| graph.outputs[0].kind = graph.inputs[0].kind.clone(),
    ] {
        let mut model = packed();
        change(model.graph.as_mut().unwrap());
        let error = fold(&model.encode_to_vec(), true).unwrap_err();
        assert!(matches!(error, FoldError::Sides(_)), "{error}");
    }
}

#[test]
fn unpacked_weights_are_scaled_block_by_block() {
    let graph = folded(|graph| graph.nodes.retain(|node| node.operator != "BatchNormalization"));
    // Each is (quantised - zero) * scale; the second block of each row is one long.
    assert_eq!(values(&graph.unwrap(), "w"), [0.5, 1.0, 4.0, -3.0, -4.0, -24.0]);

    let along_the_first_axis = folded(|graph| {
        graph.nodes.retain(|node| node.operator != "BatchNormalization");
        let node = at(graph, "w_flat");
        *node = node.clone().with("axis", -2);
        put(graph, floats("w_s", &[1, 3], &[1.0, 10.0, 100.0]));
        put(graph, signed_bytes("w_z", &[1, 3], &[0, 0, -128]));
    });
    let expected = [1.0, 20.0, 13100.0, -4.0, -50.0, 12200.0];
    assert_eq!(values(&along_the_first_axis.unwrap(), "w"), expected);
}

#[test]
fn a_normalisation_goes_into_weights_and_bias() {
    let graph = folded(|_| {}).unwrap();
    // Factors: 4 / sqrt(3 + 1) = 2 and 1 / sqrt(0 + 1) = 1.
    assert_eq!(values(&graph, "norm_weight"), [1.0, 2.0, 8.0, -3.0, -4.0, -24.0]);
    assert_eq!(values(&graph, "norm_bias"), [1.0 * 2.0 + 0.5 - 3.0 * 2.0, 2.0 + 0.25 + 1.0]);

    let without_bias = folded(|graph| drop(at(graph, "conv").inputs.pop())).unwrap();
    assert_eq!(values(&without_bias, "norm_bias"), [0.5 - 3.0 * 2.0, 0.25 + 1.0]);
}

#[test]
fn only_what_the_result_needs_is_left() {
    let graph = folded(|_| {}).unwrap();
    assert_eq!(operators(&graph), ["Conv", "Reshape"]);
    assert_eq!(graph.nodes[0].inputs, ["picture", "norm_weight", "norm_bias"]);
    assert_eq!(graph.nodes[1].inputs, ["norm", "lines"]);
    let names = |tensors: &[Tensor]| tensors.iter().map(|t| t.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&graph.initialisers), ["lines", "norm_weight", "norm_bias"]);
    assert_eq!(graph.inputs.iter().map(|input| &input.name).collect::<Vec<_>>(), ["picture"]);
}

#[test]
fn a_normalisation_whose_source_is_used_elsewhere_stays() {
    let by_a_node = folded(|graph| {
        graph.nodes.push(node("Relu", &["conv"], &["other"]));
    });
    let as_a_result = folded(|graph| {
        let mut output = graph.outputs[0].clone();
        output.name = "conv".to_owned();
        graph.outputs.push(output);
    });
    let training = folded(|graph| {
        let node = at(graph, "norm");
        *node = node.clone().with("training_mode", 1);
    });
    let of_another_set = folded(|graph| at(graph, "conv").domain = "other".to_owned());
    let transposed = folded(|graph| {
        let node = at(graph, "conv");
        node.operator = "Gemm".to_owned();
        *node = node.clone().with("transB", 0);
    });
    for graph in [by_a_node, as_a_result, training, of_another_set, transposed] {
        let graph = graph.unwrap();
        assert!(operators(&graph).contains(&"BatchNormalization"), "{:?}", operators(&graph));
        assert_eq!(values(&graph, "w"), [0.5, 1.0, 4.0, -3.0, -4.0, -24.0]);
    }
}

#[test]
fn sides_are_opened_on_request_alone() {
    for open_sides in [false, true] {
        let bytes = fold(&packed_bytes(), open_sides).unwrap();
        let graph = Model::decode(bytes.as_slice()).unwrap().graph.unwrap();
        let open = |value: &onnx::ValueInfo| -> Vec<Option<String>> {
            let shape = value.kind.clone().unwrap().tensor.unwrap().shape.unwrap();
            shape.dims.into_iter().map(|dim| dim.open.filter(|_| dim.value.is_none())).collect()
        };
        let named = |name: &str| open_sides.then(|| name.to_owned());
        assert_eq!(open(&graph.inputs[0]), [None, None, named("height"), named("width")]);
        assert_eq!(open(&graph.outputs[0]), [None, named("results_result"), None]);
    }
}

#[test]
fn a_folded_network_folds_to_itself() {
    let once = fold(&packed_bytes(), false).unwrap();
    assert_eq!(fold(&packed_bytes(), false).unwrap(), once);
    assert_eq!(fold(&once, false).unwrap(), once);
}
