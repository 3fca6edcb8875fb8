//! Networks in ONNX form, run by rten.

use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::NdTensorView;
use zeroize::Zeroizing;

use crate::error::FaceError;
use crate::model::role::Role;

/// A network with one picture as its input, a tensor of 1 × 3 × height × width values.
pub(crate) struct OnnxNetwork {
    role: Role,
    model: Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    options: RunOptions,
}

impl OnnxNetwork {
    /// Builds the network from the bytes of a folded ONNX file. Only the named outputs are
    /// computed, on `threads` threads.
    ///
    /// # Errors
    /// [`FaceError::NetworkUnreadable`] when the bytes are no network with one input and these
    /// outputs.
    pub(crate) fn load(
        role: Role,
        bytes: Vec<u8>,
        outputs: &[&str],
        threads: usize,
    ) -> Result<Self, FaceError> {
        let unreadable = || FaceError::NetworkUnreadable(role);
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(bytes).map_err(|_| unreadable())?;
        let &[input] = model.input_ids() else {
            return Err(unreadable());
        };
        let outputs = outputs
            .iter()
            .map(|name| model.node_id(name).map_err(|_| unreadable()))
            .collect::<Result<_, _>>()?;
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        let options = RunOptions::default().with_thread_pool(Some(pool));
        Ok(Self { role, model, input, outputs, options })
    }

    /// Runs the network over `3 · height · width` values and passes the number and the flat values
    /// of each output to `receive`.
    ///
    /// # Errors
    /// [`FaceError::NetworkFailed`] when it does not take this picture.
    pub(crate) fn run(
        &self,
        values: &[f32],
        height: usize,
        width: usize,
        mut receive: impl FnMut(usize, &[f32]),
    ) -> Result<(), FaceError> {
        let failed = || FaceError::NetworkFailed(self.role);
        let view = NdTensorView::try_from_data([1, 3, height, width], values);
        let input = ValueOrView::from(view.map_err(|_| failed())?);
        let outcome =
            self.model.run(vec![(self.input, input)], &self.outputs, Some(self.options.clone()));
        for (number, value) in outcome.map_err(|_| failed())?.into_iter().enumerate() {
            let tensor: rten_tensor::Tensor<f32> = value.try_into().map_err(|_| failed())?;
            // The values may be an embedding, so they are overwritten when freed.
            let values = Zeroizing::new(tensor.into_data());
            receive(number, &values);
        }
        Ok(())
    }
}
