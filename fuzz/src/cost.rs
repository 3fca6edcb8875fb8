//! Limits on the memory and the time for one input.
//!
//! Every target links this allocator, which measures the peak of allocated bytes. libFuzzer's own
//! limits are for the whole process and too wide to notice 60 MiB for an input of 20 bytes.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};

/// Bytes in a kibibyte.
pub const KIB: usize = 1 << 10;
/// Bytes in a mebibyte.
pub const MIB: usize = 1 << 20;

/// Factor by which code may be slower here than in a release build, for AddressSanitizer, coverage
/// and overflow checks. It is several times the factor of `docs/adr/0021`, because the machine may
/// be busy.
const SLOWER: u32 = 20;

thread_local! {
    /// Bytes allocated and not freed since the last [`bounded`], and their peak.
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator with a count of each thread's bytes.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count(bytes: isize) {
    // A thread that ends frees memory after its counters.
    let _ = LIVE.try_with(|live| {
        live.set(live.get().saturating_add(bytes));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(live.get())));
    });
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}

// SAFETY: every call goes unchanged to the system's allocator; counting uses cells that need no
// allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        // SAFETY: `place` was allocated by `System` with this layout.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(signed(size) - signed(layout.size()));
        // SAFETY: `place` was allocated by `System`; the caller keeps the contract for layout and
        // size.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// The limits for one input.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes allocated at the same time.
    pub bytes: usize,
    /// Most processor time in a release build.
    pub time: Duration,
}

/// Runs `work` and returns its result.
///
/// # Panics
/// When it exceeds `bounds`.
pub fn bounded<T>(bounds: Bounds, work: impl FnOnce() -> T) -> T {
    LIVE.set(0);
    PEAK.set(0);
    let before = processor_time();
    let result = work();
    let took = processor_time().saturating_sub(before);
    let peak = PEAK.get();
    assert!(peak <= signed(bounds.bytes), "{peak} bytes were allocated, {} allowed", bounds.bytes);
    assert!(took <= bounds.time * SLOWER, "took {took:?}, {:?} allowed", bounds.time * SLOWER);
    result
}

/// Processor time of this thread.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}
