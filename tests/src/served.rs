//! An object on the private bus, served by a thread of the test.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::GroundError;

/// How long it may take to appear on the bus.
const READY: Duration = Duration::from_secs(30);

/// What tells that the object is on the bus.
pub(crate) type Ready = Box<dyn FnOnce() + Send>;

/// A thread that serves until this value ends or the bus is gone.
#[derive(Debug)]
pub(crate) struct Served {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Starts `serve` and waits until it calls what it is given.
    ///
    /// # Errors
    /// Says why it does not get there, after 30 s that it is silent.
    pub(crate) fn start<F: Future<Output = zbus::Result<()>>>(
        program: &'static str,
        serve: impl FnOnce(Ready) -> F + Send + 'static,
    ) -> Result<Self, GroundError> {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let ready = tell.clone();
        let run = move || -> zbus::Result<()> {
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
                tokio::select! {
                    _ = stopped => Ok(()),
                    outcome = serve(Box::new(move || drop(ready.send(Ok(()))))) => outcome,
                }
            })
        };
        let thread = thread::Builder::new()
            .name(program.to_owned())
            // Nobody listens any more to one that was ready and has lost its bus.
            .spawn(move || run().unwrap_or_else(|error| drop(tell.send(Err(error.to_string())))))
            .map_err(GroundError::io(format!("starting the thread of {program}")))?;
        let served = Self { stop: Some(stop), thread: Some(thread) };
        match told.recv_timeout(READY).unwrap_or_else(|silence| Err(silence.to_string())) {
            Ok(()) => Ok(served),
            Err(output) => Err(GroundError::Answer { program, output }),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been printed.
            let _ = thread.join();
        }
    }
}
