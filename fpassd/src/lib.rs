//! System daemon that owns the camera, the face models and the templates.
//!
//! The program is [`run`]; the rest is private.

#![forbid(unsafe_code)]

mod adapt;
mod allowed_cameras;
mod audit;
mod authorizer;
mod bus;
mod calls;
mod camera_check;
mod cancel;
mod command_line;
mod compared;
mod config;
mod decide;
mod engine;
mod enroll;
mod fleet;
mod grounds;
mod journal;
mod maintenance;
mod memory;
mod pending_setups;
mod qualify;
mod queue;
mod recovery;
#[cfg(test)]
mod scripted;
mod seat;
mod service;
mod sight;
mod start;
mod startup_failure;
mod store;
mod strength;
mod throttle;
mod users;
mod verify;

pub use self::command_line::run;
