//! The socket of a connection to the bus, with a door for the messages that arrive.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::Arc,
};

use zbus::{
    Message,
    connection::socket::{ReadHalf, Socket, Split, WriteHalf},
    export::async_trait::async_trait,
};

use super::{door::Door, message::Incoming, stream::Stream};

/// A stream to the bus and the door for what arrives there.
#[derive(Debug)]
pub(super) struct BusSocket {
    stream: Arc<Stream>,
    door: Arc<Door>,
}

impl BusSocket {
    /// Connects.
    ///
    /// # Errors
    /// Those of `connect(2)`.
    pub(super) async fn connect(path: &str, door: Door) -> io::Result<Self> {
        let stream = Arc::new(Stream::connect(path).await?);
        Ok(Self { stream, door: Arc::new(door) })
    }
}

impl Socket for BusSocket {
    type ReadHalf = Reader;
    type WriteHalf = Writer;

    fn split(self) -> Split<Reader, Writer> {
        let Self { stream, door } = self;
        let reader = Reader {
            stream: Arc::clone(&stream),
            door: Arc::clone(&door),
            incoming: Incoming::default(),
        };
        Split::new(reader, Writer { stream, door })
    }
}

/// Passes on the messages that the door lets in.
#[derive(Debug)]
pub(super) struct Reader {
    stream: Arc<Stream>,
    door: Arc<Door>,
    incoming: Incoming,
}

#[async_trait]
impl ReadHalf for Reader {
    async fn receive_message(
        &mut self,
        number: u64,
        bytes: &mut Vec<u8>,
        descriptors: &mut Vec<OwnedFd>,
    ) -> zbus::Result<Message> {
        self.incoming.start_with(bytes, descriptors);
        loop {
            tokio::select! {
                biased;
                admitted = self.door.next_admitted() => return Ok(admitted),
                arrived = self.incoming.next(&self.stream) => {
                    // A message that cannot be parsed ends nothing: the start of the next one
                    // is known. The same holds if its descriptors did not fit into this process.
                    if let Ok(message) = arrived?.parse(number).await
                        && let Some(message) = self.door.let_in(message)
                    {
                        return Ok(message);
                    }
                }
            }
        }
    }

    async fn recvmsg(&mut self, buffer: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        self.stream.receive(buffer).await
    }

    /// Needed for the bus's answer about the process of a caller.
    fn can_pass_unix_fd(&self) -> bool {
        true
    }
}

/// Sends messages, and tells the door of the replies among them.
#[derive(Debug)]
pub(super) struct Writer {
    stream: Arc<Stream>,
    door: Arc<Door>,
}

#[async_trait]
impl WriteHalf for Writer {
    async fn send_message(&mut self, message: &Message) -> zbus::Result<()> {
        // Even if it cannot be sent, the call has ended.
        self.door.answered(message);
        let data = message.data();
        let descriptors: Vec<BorrowedFd<'_>> = data.fds().iter().map(AsFd::as_fd).collect();
        let bytes: &[u8] = data;
        let mut sent = self.stream.send(bytes, &descriptors).await?;
        while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
            sent += self.stream.send(rest, &[]).await?;
        }
        Ok(())
    }

    /// For the handshake, which sends no descriptors.
    async fn sendmsg(&mut self, buffer: &[u8], _: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.stream.send(buffer, &[]).await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.stream.close()
    }

    fn can_pass_unix_fd(&self) -> bool {
        true
    }
}
