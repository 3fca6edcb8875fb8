//! System daemon that owns the camera, the face models and the templates.
//!
//! The program is [`run`]; the rest is private.

#![forbid(unsafe_code)]

mod adapt;
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
mod command_line;
mod comparison_flag;
mod config;
mod decide;
mod embedding_speed;
mod engine;
mod enroll;
mod examine;
mod face_recogniser;
mod fleet;
mod folder;
mod frames;
mod keyed_counter;
mod logging;
mod machine_id;
mod maintenance;
mod match_basis;
mod memory;
mod pending_setups;
mod qualify;
mod queue;
mod recovery;
#[cfg(test)]
mod scripted;
mod seat;
mod service;
mod service_manager;
mod start;
mod start_error;
mod startup_failure;
mod store;
mod strength;
mod throttle;
mod trace;
mod users;
mod verify;

pub use self::command_line::run;
