//! An object on the private bus, served by a thread of the test.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::TestbedError;

/// How long it may take to appear on the bus.
const READY: Duration = Duration::from_secs(30);

/// Reports that the object is on the bus.
pub(crate) type Ready = Box<dyn FnOnce() + Send>;

/// A thread that serves until this value is dropped or the bus is gone.
#[derive(Debug)]
pub(crate) struct Served {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Starts `serve` and waits until it reports readiness.
    ///
    /// # Errors
    /// Says why it failed, or after 30 s that it did not answer.
    pub(crate) fn start<F: Future<Output = zbus::Result<()>>>(
        program: &'static str,
        serve: impl FnOnce(Ready) -> F + Send + 'static,
    ) -> Result<Self, TestbedError> {
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
            // After readiness nobody receives the error of a lost bus.
            .spawn(move || run().unwrap_or_else(|error| drop(tell.send(Err(error.to_string())))))
            .map_err(TestbedError::io(format!("starting the thread of {program}")))?;
        let served = Self { stop: Some(stop), thread: Some(thread) };
        match told.recv_timeout(READY).unwrap_or_else(|silence| Err(silence.to_string())) {
            Ok(()) => Ok(served),
            Err(output) => Err(TestbedError::Answer { program, output }),
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
