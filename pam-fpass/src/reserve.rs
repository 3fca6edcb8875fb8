//! A memory reserve, so that a failed allocation does not abort the host process.
//!
//! Rust aborts the process when an allocation fails, and here the process is sudo, a greeter or a
//! screen locker. So what the system refuses comes from a small reserve in this object, which takes
//! no memory until it is touched. The call runs to its end and is then refused as out of memory,
//! whatever its result. ADR 0036 has the reasons and the measurement.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::hint::black_box;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Size of the reserve in bytes; `tests/tests/matrix/process.rs` runs whole attempts on it.
const SIZE: usize = 1 << 20;

#[global_allocator]
static ALLOCATOR: ReserveAllocator<System> = ReserveAllocator::over(System);

/// Whether the system has enough memory for a call to begin.
///
/// The standard library allocates the handle of a thread outside the global allocator, and aborts
/// if that fails. So the handle is made here, right after a larger allocation succeeded and was
/// freed.
pub(crate) fn can_begin() -> bool {
    const PROBE: Layout = Layout::new::<[u64; 512]>();
    // SAFETY: the layout has at least one byte; the piece is freed with the same layout.
    let succeeded = unsafe {
        // Without `black_box` the compiler may remove the unused allocation.
        let piece = black_box(System.alloc(PROBE));
        if !piece.is_null() {
            System.dealloc(piece, PROBE);
        }
        !piece.is_null()
    };
    if succeeded {
        let _handle = std::thread::current();
    }
    succeeded
}

/// The number of failed allocations when a call began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OomMarker(usize);

impl OomMarker {
    /// Marks the beginning of a call.
    pub(crate) fn set() -> Self {
        ALLOCATOR.marker()
    }

    /// Whether an allocation of this object has failed since, in any thread.
    pub(crate) fn is_tripped(self) -> bool {
        ALLOCATOR.has_failed_since(self)
    }

    /// A marker that is tripped.
    #[cfg(test)]
    pub(crate) fn tripped() -> Self {
        Self(ALLOCATOR.marker().0.wrapping_sub(1))
    }
}

/// The allocator `system`, with a reserve for what it refuses.
struct ReserveAllocator<A> {
    system: A,
    reserve: Reserve,
    /// Allocations that `system` has refused. Never reset, because calls in other threads compare
    /// it.
    failures: AtomicUsize,
}

/// Bytes that are handed out one piece after the other. The last piece can be reused once it is
/// freed, and all bytes once every piece is.
struct Reserve {
    bytes: UnsafeCell<[u8; SIZE]>,
    /// Upper half: number of pieces in use. Lower half: number of bytes handed out.
    state: AtomicU64,
}

// SAFETY: `bytes` is accessed only through pointers from `allocate`. Each points behind the bytes
// handed out so far, and no piece in use reaches behind them: they grow by each piece, and shrink
// only by the last one, behind which no other starts.
unsafe impl Sync for Reserve {}

impl Reserve {
    const fn new() -> Self {
        Self { bytes: UnsafeCell::new([0; SIZE]), state: AtomicU64::new(0) }
    }

    /// A piece of the reserve, or null if it does not fit.
    fn allocate(&self, layout: Layout) -> *mut u8 {
        let base = self.bytes.get().cast::<u8>();
        let piece = |state: u64| {
            let live = state >> 32;
            let used = if live == 0 { 0 } else { state & u64::from(u32::MAX) };
            let used = usize::try_from(used).ok()?;
            let aligned = (base.addr() + used).checked_next_multiple_of(layout.align())?;
            let start = aligned - base.addr();
            let end = start.checked_add(layout.size()).filter(|&end| end <= SIZE)?;
            let next = ((live + 1) << 32) | u64::try_from(end).ok()?;
            Some((start, next))
        };
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            let Some((start, next)) = piece(state) else {
                return ptr::null_mut();
            };
            match self.state.compare_exchange_weak(state, next, Ordering::AcqRel, Ordering::Acquire)
            {
                // SAFETY: `start` plus the size is at most `SIZE`, so the piece is within `bytes`.
                Ok(_) => return unsafe { base.add(start) },
                Err(present) => state = present,
            }
        }
    }

    fn contains(&self, piece: *const u8) -> bool {
        let base = self.bytes.get().addr();
        (base..base + SIZE).contains(&piece.addr())
    }

    /// Frees a piece of `size` bytes. Its bytes are reused at once if it is the last piece.
    fn free(&self, piece: *const u8, size: usize) {
        let start = (piece.addr() - self.bytes.get().addr()) as u64;
        let end = start + size as u64;
        let without = |state: u64| {
            let used = state & u64::from(u32::MAX);
            let used = if used == end { start } else { used };
            (((state >> 32) - 1) << 32) | used
        };
        let mut state = self.state.load(Ordering::Acquire);
        while let Err(present) = self.state.compare_exchange_weak(
            state,
            without(state),
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            state = present;
        }
    }
}

impl<A> ReserveAllocator<A> {
    const fn over(system: A) -> Self {
        Self { system, reserve: Reserve::new(), failures: AtomicUsize::new(0) }
    }

    fn marker(&self) -> OomMarker {
        OomMarker(self.failures.load(Ordering::Acquire))
    }

    fn has_failed_since(&self, marker: OomMarker) -> bool {
        self.failures.load(Ordering::Acquire) != marker.0
    }
}

// `alloc_zeroed` and `realloc` are those of the trait, which call these two: less unsafe code, and
// nothing here is large enough for the difference to show.
// SAFETY: every piece comes either from `system`, under the same contract, or from the reserve,
// whose pieces are aligned, large enough and disjoint. `dealloc` tells the two apart by address.
// Nothing here unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ReserveAllocator<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout` is passed on.
        let piece = unsafe { self.system.alloc(layout) };
        if !piece.is_null() {
            return piece;
        }
        self.failures.fetch_add(1, Ordering::AcqRel);
        self.reserve.allocate(layout)
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        if self.reserve.contains(piece) {
            self.reserve.free(piece, layout.size());
        } else {
            // SAFETY: the piece is not from the reserve, so it is from `system`, with this layout.
            unsafe { self.system.dealloc(piece, layout) };
        }
    }
}

#[cfg(test)]
mod tests;
