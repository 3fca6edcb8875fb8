//! Presentation attacks, made from clips of people: pictures of a face on paper or on a screen.
//!
//! ```text
//! clip of a person → Source (a neutral frame and its place in it) → Texture
//! Species, Random → AttackPlan → SheetState at a time → Scene → SimulatedCamera → JPEG pictures
//! ```

mod camera;
mod make;
mod numbers;
mod plan;
mod random;
mod scene;
mod sheet;
mod source;
mod species;
mod texture;

pub(crate) use make::{AttackInputs, make_attacks};
