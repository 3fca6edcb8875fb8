//! System daemon that owns the camera, the face models and the templates.

fn main() {}
