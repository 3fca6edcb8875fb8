//! Frames from a V4L2 camera or from a recording.
