//! The buffers that a device fills and this process maps, with a time limit on each wait.

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

/// Buffers that are asked for: one that is read, and enough for the driver to go on meanwhile.
const BUFFERS: u32 = 4;
/// What taking a buffer may last once the device has said that one is filled.
const READY: Duration = Duration::from_secs(1);

/// What the driver says about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    /// Bytes that it wrote.
    pub(super) used: u32,
    /// Whether it knows that something is missing or wrong in them.
    pub(super) is_damaged: bool,
    /// Its count of frames, which may wrap.
    pub(super) sequence: u32,
    /// When it took the frame, by the monotonic clock; `None` when it goes by another clock.
    pub(super) taken: Option<Duration>,
}

impl From<&Metadata> for Meta {
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

/// The time of the monotonic clock, by which drivers date their frames.
pub(super) fn monotonic() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_MONOTONIC)?.into())
}

/// A device whose format is fixed because it has buffers. Dropping it stops the stream.
pub(super) struct Stream(mmap::Stream<'static>);

impl Stream {
    /// Asks the driver for buffers and maps them.
    pub(super) fn of(device: &v4l::Device) -> io::Result<Self> {
        let mut stream = mmap::Stream::with_buffers(device, Type::VideoCapture, BUFFERS)?;
        stream.set_timeout(READY);
        Ok(Self(stream))
    }

    /// Starts the stream. The first buffer stays here: [`next`](Self::next) gives one back before it
    /// takes another.
    pub(super) fn start(&mut self) -> io::Result<()> {
        let mut queued = 0;
        for index in (1..BUFFERS).filter_map(|index| usize::try_from(index).ok()) {
            match CaptureStream::queue(&mut self.0, index) {
                Ok(()) => queued += 1,
                // A driver may give fewer buffers than it was asked for.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        if queued == 0 {
            return Err(io::Error::other("the camera driver gives too few buffers"));
        }
        self.0.start()
    }

    /// The buffer of the next frame and what the driver says about it; `None` when there is none
    /// within `patience`.
    pub(super) fn next(&mut self, patience: Duration) -> io::Result<Option<(&[u8], Meta)>> {
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
    fn times_by_another_clock_are_none() {
        let mut meta = Metadata {
            bytesused: 7,
            flags: Flags::from(0x40),
            timestamp: Timestamp::new(3, 250_000),
            sequence: 9,
            ..Metadata::default()
        };
        let wanted = Meta { used: 7, is_damaged: true, sequence: 9, taken: None };
        assert_eq!(Meta::from(&meta), wanted);
        meta.flags = Flags::from(0x4000);
        assert_eq!(Meta::from(&meta), Meta { is_damaged: false, ..wanted });
        meta.flags = Flags::from(0x2000);
        let taken = Some(Duration::from_millis(3250));
        assert_eq!(Meta::from(&meta), Meta { is_damaged: false, taken, ..wanted });
        meta.timestamp = Timestamp::new(-3, -1);
        assert_eq!(Meta::from(&meta).taken, Some(Duration::ZERO));
    }
}
