//! The boundary to C++. `cxx` checks that both sides have the same types.

#![allow(unsafe_code, unreachable_pub, reason = "the macro generates such code")]

#[cxx::bridge(namespace = "fpass")]
pub(crate) mod ffi {
    /// A pixel by its column and row. It may be outside the picture.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Point {
        /// Column.
        pub x: i64,
        /// Row.
        pub y: i64,
    }

    /// A rectangle of pixels that may reach beyond the picture. All four sides belong to it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Rectangle {
        /// First column.
        pub left: i64,
        /// First row.
        pub top: i64,
        /// Last column.
        pub right: i64,
        /// Last row.
        pub bottom: i64,
    }

    unsafe extern "C++" {
        include!("faces.h");

        type Image;
        type ShapePredictor;
        type FaceNetwork;

        fn image(width: u32, height: u32, pixels: &[u8]) -> Result<UniquePtr<Image>>;
        fn predictor(path: &str) -> Result<UniquePtr<ShapePredictor>>;
        fn network(path: &str) -> Result<UniquePtr<FaceNetwork>>;
        fn version() -> u32;

        fn landmarks(self: &ShapePredictor, image: &Image, face: &Rectangle) -> Result<Vec<Point>>;
        fn embed(
            self: Pin<&mut FaceNetwork>,
            image: &Image,
            landmarks: &[Point],
            values: &mut [f32],
        ) -> Result<()>;
    }
}

// SAFETY: the object owns its pixels and shares no state with another one.
unsafe impl Send for ffi::Image {}
// SAFETY: the object owns its trees and only reads them.
unsafe impl Send for ffi::ShapePredictor {}
// SAFETY: the object owns its layers. They share the BLAS, which any thread may call.
unsafe impl Send for ffi::FaceNetwork {}
