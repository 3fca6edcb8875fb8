//! The threads that extract features and compare them.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use indicatif::ProgressBar;

use super::error::Error;

/// Threads that share pieces of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workers<'a> {
    /// Worker threads.
    pub(crate) jobs: NonZeroUsize,
    /// Set when the user asks to stop.
    pub(crate) stop: &'a AtomicBool,
    /// Advances by one for each piece of work.
    pub(crate) progress: &'a ProgressBar,
}

impl Workers<'_> {
    /// Hands the numbers from 0 to below `pieces` to the threads. Each thread makes one `T` of its
    /// share.
    ///
    /// # Errors
    /// The first error of a worker, [`Error::Interrupted`], [`Error::Worker`].
    pub(crate) fn run<T: Send>(
        &self,
        pieces: usize,
        worker: impl Fn(&mut dyn Iterator<Item = usize>) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let next = AtomicUsize::new(0);
        let failed = AtomicBool::new(false);
        let take = || {
            if self.stop.load(Ordering::Relaxed) || failed.load(Ordering::Relaxed) {
                return None;
            }
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|&piece| piece < pieces)
        };
        let run = || {
            let mut share = std::iter::from_fn(take).inspect(|_| self.progress.inc(1));
            worker(&mut share).inspect_err(|_| failed.store(true, Ordering::Relaxed))
        };
        let results: Vec<Result<T, Error>> = thread::scope(|scope| {
            let workers: Vec<_> = (0..self.jobs.get()).map(|_| scope.spawn(run)).collect();
            let ended = workers.into_iter().map(thread::ScopedJoinHandle::join);
            ended.map(|result| result.unwrap_or(Err(Error::Worker))).collect()
        });
        let results = results.into_iter().collect::<Result<_, _>>()?;
        if self.stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        Ok(results)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workers<'a>(stop: &'a AtomicBool, progress: &'a ProgressBar) -> Workers<'a> {
        Workers { jobs: NonZeroUsize::new(3).unwrap(), stop, progress }
    }

    #[test]
    fn a_stop_ends_the_work() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let result = workers(&stop, &progress).run(1_000_000_000, |share| {
            for piece in share {
                stop.fetch_or(piece >= 10, Ordering::Relaxed);
            }
            Ok(())
        });
        assert!(matches!(result, Err(Error::Interrupted)));
    }

    #[test]
    fn an_error_and_a_panic_of_one_worker_end_the_work() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let result = workers(&stop, &progress).run(10, |share| match share.next() {
            Some(0) => Err(Error::TooFewFaces(0)),
            _ => Ok(()),
        });
        assert!(matches!(result, Err(Error::TooFewFaces(0))));
        let result = workers(&stop, &progress).run(10, |share| {
            assert_ne!(share.next(), Some(0));
            Ok(())
        });
        assert!(matches!(result, Err(Error::Worker)));
    }

    #[test]
    fn every_piece_is_done_once() {
        let (stop, progress) = (AtomicBool::new(false), ProgressBar::hidden());
        let parts = workers(&stop, &progress).run(1000, |share| Ok(share.collect::<Vec<_>>()));
        let mut pieces: Vec<usize> = parts.unwrap().concat();
        pieces.sort_unstable();
        assert!(pieces.iter().copied().eq(0..1000));
    }
}
