//! The boundary to C++, whose types `cxx` compares on both sides.

#![allow(unsafe_code, unreachable_pub, reason = "what the macro makes of the module")]

#[cxx::bridge(namespace = "fpass")]
pub(crate) mod ffi {
    /// A pixel by its column and row; outside the picture where negative or beyond its sides.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Spot {
        /// Column.
        pub x: i64,
        /// Row.
        pub y: i64,
    }

    /// A box of pixels, which may reach out of the picture; all four are inside the box.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Area {
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

        type Picture;
        type Detector;
        type Predictor;
        type Network;

        fn picture(width: u32, height: u32, pixels: &[u8]) -> Result<UniquePtr<Picture>>;
        fn detector() -> Result<UniquePtr<Detector>>;
        fn predictor(path: &str) -> Result<UniquePtr<Predictor>>;
        fn network(path: &str) -> Result<UniquePtr<Network>>;
        fn version() -> u32;

        fn faces(self: &Detector, picture: &Picture) -> Result<Vec<Area>>;
        fn landmarks(self: &Predictor, picture: &Picture, face: &Area) -> Result<Vec<Spot>>;
        fn embed(
            self: Pin<&mut Network>,
            picture: &Picture,
            landmarks: &[Spot],
            values: &mut [f32],
        ) -> Result<()>;
    }
}

// SAFETY: the object owns its pixels and shares nothing with another one.
unsafe impl Send for ffi::Picture {}
// SAFETY: the object owns its filters; it is used by one thread at a time, because it is not `Sync`.
unsafe impl Send for ffi::Detector {}
// SAFETY: the object owns its trees, which it reads only.
unsafe impl Send for ffi::Predictor {}
// SAFETY: the object owns its layers. dlib keeps one BLAS for all, which may be called from any thread.
unsafe impl Send for ffi::Network {}
