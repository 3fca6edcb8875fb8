//! The bytes and descriptors of a connection to the bus.

use std::{
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{BorrowedFd, OwnedFd},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, Shutdown, recvmsg, sendmsg, shutdown,
};
use tokio::{io::Interest, net::UnixStream};

/// Most descriptors that are taken at once. The kernel closes further ones.
const DESCRIPTORS_MAX: usize = 16;
/// Most descriptors in a message that is sent: the picture of an enrolment.
const SENT_DESCRIPTORS_MAX: usize = 1;

/// A connected socket.
#[derive(Debug)]
pub(super) struct Stream(UnixStream);

impl Stream {
    /// Connects.
    ///
    /// # Errors
    /// Those of `connect(2)`.
    pub(super) async fn connect(path: &str) -> io::Result<Self> {
        UnixStream::connect(path).await.map(Self)
    }

    /// A stream for tests.
    #[cfg(test)]
    pub(super) fn of(stream: std::os::unix::net::UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        UnixStream::from_std(stream).map(Self)
    }

    /// Reads bytes, and the descriptors that come with them.
    pub(super) async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        loop {
            self.0.readable().await?;
            match self.0.try_io(Interest::READABLE, || self.receive_now(buffer)) {
                Err(error) if would_block(&error) => {}
                received => return received,
            }
        }
    }

    fn receive_now(&self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC;
        let mut parts = [IoSliceMut::new(buffer)];
        let received = recvmsg(&self.0, &mut parts, &mut control, flags)?;
        let mut descriptors = Vec::new();
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                descriptors.extend(rights);
            }
        }
        Ok((received.bytes, descriptors))
    }

    /// Ends both directions.
    pub(super) fn close(&self) -> io::Result<()> {
        Ok(shutdown(&self.0, Shutdown::Both)?)
    }

    /// Writes bytes, the first of them with descriptors, and returns how many.
    ///
    /// # Errors
    /// Those of `sendmsg(2)`, or more descriptors than [`SENT_DESCRIPTORS_MAX`].
    pub(super) async fn send(
        &self,
        buffer: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<usize> {
        loop {
            self.0.writable().await?;
            let sent = self.0.try_io(Interest::WRITABLE, || {
                let mut space =
                    [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SENT_DESCRIPTORS_MAX))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                if !descriptors.is_empty()
                    && !control.push(SendAncillaryMessage::ScmRights(descriptors))
                {
                    return Err(io::ErrorKind::InvalidInput.into());
                }
                let parts = [IoSlice::new(buffer)];
                Ok(sendmsg(&self.0, &parts, &mut control, SendFlags::NOSIGNAL)?)
            });
            match sent {
                Err(error) if would_block(&error) => {}
                sent => return sent,
            }
        }
    }
}

fn would_block(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
