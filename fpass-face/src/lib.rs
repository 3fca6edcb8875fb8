//! Faces in pictures: detection, landmarks, quality, embedding and comparison.
