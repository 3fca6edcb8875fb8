//! How often each statement of the program may log. Users can cause some lines as often as they
//! call, and the journal drops records of a service that logs too much.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tracing::{Event, Metadata, subscriber::Interest};
use tracing_subscriber::layer::{Context, Filter};

use crate::admission::{Allowance, Rate};

/// Lines of one statement.
const RATE: Rate = Rate { burst: 100, per_second: 2 };

/// Lines that were left out since the last time that they were counted.
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);

/// File and line of a statement that logs.
type StatementPlace = (Option<&'static str>, Option<u32>);

/// Limits the lines of each statement, except those with one target.
#[derive(Debug)]
pub(super) struct LineLimit {
    exempt: &'static str,
    statements: Mutex<HashMap<StatementPlace, Allowance>>,
}

impl LineLimit {
    /// A limit for every target but `exempt`.
    pub(super) fn new(exempt: &'static str) -> Self {
        Self { exempt, statements: Mutex::default() }
    }
}

impl<S> Filter<S> for LineLimit {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        if metadata.target() == self.exempt {
            return true;
        }
        let statement = (metadata.file(), metadata.line());
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        let allowed = statements.entry(statement).or_default().take(RATE, Instant::now());
        if !allowed {
            LEFT_OUT.fetch_add(1, Ordering::Relaxed);
        }
        allowed
    }
}

/// The number of lines that were left out since the last call.
pub(crate) fn take_left_out() -> u64 {
    LEFT_OUT.swap(0, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicUsize};

    use tracing_subscriber::{Layer, layer::SubscriberExt};

    use super::*;

    /// Counts lines.
    #[derive(Clone, Default)]
    struct Counter(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Counter {
        fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn one_statement_leaves_lines_to_others_and_the_exempt_target_has_no_limit() {
        let counter = Counter::default();
        let layer = counter.clone().with_filter(LineLimit::new("exempt"));
        let subscriber = tracing_subscriber::registry().with(layer);
        let lines = || counter.0.swap(0, Ordering::Relaxed);
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..1000 {
                tracing::info!("often");
            }
            // The clock may allow a few more on a slow machine.
            let often = lines();
            assert!((100..500).contains(&often), "{often}");
            assert!(take_left_out() >= 500);
            tracing::info!("once");
            assert_eq!(lines(), 1);
            for _ in 0..1000 {
                tracing::info!(target: "exempt", "a record");
            }
            assert_eq!(lines(), 1000);
        });
    }
}
