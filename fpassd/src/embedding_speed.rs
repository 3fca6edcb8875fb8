//! The speed of the linear algebra library, measured at the start.

use std::time::Duration;

use fpass_face::{FaceError, Recogniser};

use crate::service::RecogniserFacts;

/// Median duration of an embedding above which the reference BLAS is in use instead of OpenBLAS.
/// Measured: 15 ms with OpenBLAS, 216 ms with the reference BLAS.
const SLOW_EMBEDDING: Duration = Duration::from_millis(80);
/// What to do then.
const SLOW_ADVICE: &str =
    "face embeddings are slow; install libopenblas0-pthread and restart fpassd";

/// Measures the duration of an embedding, and logs the advice when it is slow.
pub(crate) fn measure(recogniser: &mut Recogniser) -> Result<RecogniserFacts, FaceError> {
    let embedding = recogniser.self_test_time()?;
    let advice = if embedding > SLOW_EMBEDDING { SLOW_ADVICE } else { "" };
    if !advice.is_empty() {
        tracing::warn!(embedding_ms = embedding.as_secs_f64() * 1e3, "{advice}");
    }
    Ok(RecogniserFacts { embedding, advice })
}
