//! System daemon that owns the camera, the face models and the templates.
//!
//! The program is `run`; the rest is private. With `--cfg fuzzing` the crate exports what the fuzz
//! targets need instead, and needs no network of `fpass-face`.

#![forbid(unsafe_code)]
#![cfg_attr(
    fuzzing,
    allow(dead_code, unused_imports, reason = "fuzz targets use the parsers alone")
)]

mod adapt;
mod admission;
mod allowed_cameras;
mod audit;
mod authorizer;
mod blocking;
mod bus;
mod calibrations;
mod calls;
mod camera_check;
mod cancel;
mod checked_file;
#[cfg(not(fuzzing))]
mod command_line;
mod comparison_flag;
mod config;
mod cue;
mod decide;
mod decision;
mod drawn_prompts;
#[cfg(not(fuzzing))]
mod embedding_speed;
mod engine;
mod enroll;
mod examine;
mod face_guide;
mod face_recogniser;
mod feedback;
mod fleet;
mod folder;
mod frame_rotation;
mod frames;
mod fresh_look;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hints;
mod history;
mod infrared;
mod kept_numbers;
mod keyed_counter;
mod live;
mod liveness_check;
mod logging;
mod look_memory;
mod machine_id;
mod maintenance;
mod match_basis;
mod memory;
mod pending_setups;
mod preview;
mod qualify;
mod queue;
mod recovery;
#[cfg(test)]
mod scripted;
mod seat;
mod service;
mod service_manager;
#[cfg(not(fuzzing))]
mod start;
mod start_error;
mod startup_failure;
mod store;
mod strength;
mod throttle;
mod trace;
mod turn;
mod upright;
mod uptime;
mod users;
mod verify;
mod viewfinder;

#[cfg(not(fuzzing))]
pub use self::command_line::run;
