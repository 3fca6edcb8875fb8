//! The mapped buffers of a device, with a time limit on each wait.

use std::{io, time::Duration};

use nix::{
    poll::PollFlags,
    time::{ClockId, clock_gettime},
};
use v4l::{
    buffer::{Flags, Metadata, Type},
    io::{
        mmap,
        traits::{CaptureStream, Stream as _},
    },
};

/// Requested buffers: one that is read, and three that the driver fills meanwhile.
const BUFFERS: u32 = 4;
/// Longest time for taking a buffer that the device has reported as filled.
const READY: Duration = Duration::from_secs(1);

/// The metadata of a frame, given by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameMetadata {
    /// Bytes that the driver wrote.
    pub(super) used: u32,
    /// Whether the driver reports the bytes as incomplete or damaged.
    pub(super) is_damaged: bool,
    /// The frame counter, which may wrap.
    pub(super) sequence: u32,
    /// Time of the capture by the monotonic clock; `None` when the driver uses another clock.
    pub(super) taken: Option<Duration>,
}

impl From<&Metadata> for FrameMetadata {
    fn from(meta: &Metadata) -> Self {
        let clock = meta.flags & Flags::TIMESTAMP_MASK;
        let since_boot = || {
            let seconds = u64::try_from(meta.timestamp.sec).unwrap_or(0);
            let micros = u64::try_from(meta.timestamp.usec).unwrap_or(0);
            Duration::from_secs(seconds).saturating_add(Duration::from_micros(micros))
        };
        Self {
            used: meta.bytesused,
            is_damaged: meta.flags.contains(Flags::ERROR),
            sequence: meta.sequence,
            taken: (clock == Flags::TIMESTAMP_MONOTONIC).then(since_boot),
        }
    }
}

/// The time of the monotonic clock, which most drivers use for their frames.
pub(super) fn monotonic() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}

/// A device with allocated buffers, which fix its format. Dropping it stops the stream.
pub(super) struct Stream(mmap::Stream<'static>);

impl Stream {
    /// Requests buffers from the driver and maps them.
    pub(super) fn of(device: &v4l::Device) -> io::Result<Self> {
        let mut stream = mmap::Stream::with_buffers(device, Type::VideoCapture, BUFFERS)?;
        stream.set_timeout(READY);
        Ok(Self(stream))
    }

    /// Starts the stream with all buffers queued except the first: [`next`](Self::next) queues one
    /// before it takes another.
    pub(super) fn start(&mut self) -> io::Result<()> {
        let mut queued = 0;
        for index in (1..BUFFERS).filter_map(|index| usize::try_from(index).ok()) {
            match CaptureStream::queue(&mut self.0, index) {
                Ok(()) => queued += 1,
                // A driver may give fewer buffers than requested.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        if queued == 0 {
            return Err(io::Error::other("the camera driver gives too few buffers"));
        }
        self.0.start()
    }

    /// The buffer and the metadata of the next frame; `None` when no frame comes within `patience`.
    pub(super) fn next(
        &mut self,
        patience: Duration,
    ) -> io::Result<Option<(&[u8], FrameMetadata)>> {
        let limit = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
        match self.0.handle().poll(PollFlags::POLLIN.bits(), limit) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(None),
            Err(error) => return Err(error),
        }
        let (bytes, meta) = CaptureStream::next(&mut self.0)?;
        Ok(Some((bytes, meta.into())))
    }
}

#[cfg(test)]
mod tests {
    use v4l::timestamp::Timestamp;

    use super::*;

    #[test]
    fn timestamps_of_another_clock_are_ignored() {
        let mut meta = Metadata {
            bytesused: 7,
            flags: Flags::from(0x40),
            timestamp: Timestamp::new(3, 250_000),
            sequence: 9,
            ..Metadata::default()
        };
        let wanted = FrameMetadata { used: 7, is_damaged: true, sequence: 9, taken: None };
        assert_eq!(FrameMetadata::from(&meta), wanted);
        meta.flags = Flags::from(0x4000);
        assert_eq!(FrameMetadata::from(&meta), FrameMetadata { is_damaged: false, ..wanted });
        meta.flags = Flags::from(0x2000);
        let taken = Some(Duration::from_millis(3250));
        assert_eq!(
            FrameMetadata::from(&meta),
            FrameMetadata { is_damaged: false, taken, ..wanted }
        );
        meta.timestamp = Timestamp::new(-3, -1);
        assert_eq!(FrameMetadata::from(&meta).taken, Some(Duration::ZERO));
    }
}
