//! Memory for the rest of a call when the system has none left.
//!
//! A failed allocation ends a Rust program, and here the program is sudo or a greeter. So what the
//! system refuses comes from a small reserve, which lies in this object and costs nothing until it
//! is touched; the call goes on to its end, and ends as out of memory whatever it has found.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::hint::black_box;
use std::ptr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Size of the reserve in bytes; `tests/tests/matrix/process.rs` runs whole attempts on it.
const SIZE: usize = 1 << 20;

#[global_allocator]
static MEMORY: Reserved<System> = Reserved::over(System);

/// Whether a call may begin: the system has some memory left.
///
/// The standard library allocates the handle of a thread past every global allocator, and ends the
/// process when it cannot. So it is made here, right after a larger piece was to be had and given
/// back.
pub(crate) fn is_ready() -> bool {
    const PROBE: Layout = Layout::new::<[u64; 512]>();
    // SAFETY: the layout is of at least one byte; what is given is given back with it.
    let given = unsafe {
        // A piece that nobody looks at need not be allocated, as the compiler sees it.
        let piece = black_box(System.alloc(PROBE));
        if !piece.is_null() {
            System.dealloc(piece, PROBE);
        }
        !piece.is_null()
    };
    if given {
        let _handle = std::thread::current();
    }
    given
}

/// Times that the system had refused memory when a call began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OomMarker(usize);

impl OomMarker {
    /// A call begins.
    pub(crate) fn now() -> Self {
        MEMORY.beginning()
    }

    /// Whether the system has refused this object memory since, in whichever thread.
    pub(crate) fn is_tripped(self) -> bool {
        MEMORY.has_failed_since(self)
    }

    /// One since which memory was refused.
    #[cfg(test)]
    pub(crate) fn tripped() -> Self {
        Self(MEMORY.beginning().0.wrapping_sub(1))
    }
}

/// An allocator with a reserve behind it.
struct Reserved<A> {
    system: A,
    reserve: Reserve,
    /// Times that the system refused so far. They only grow: calls of several threads compare.
    shortages: AtomicUsize,
}

/// Bytes that are handed out one after the other. The last piece can be handed out anew when it has
/// come back, and all of them once all have.
struct Reserve {
    bytes: UnsafeCell<[u8; SIZE]>,
    /// Allocations that have not come back in the upper half, bytes handed out in the lower.
    state: AtomicU64,
}

// SAFETY: `bytes` is touched only through pointers from `draw`, which gives out what lies beyond the
// bytes in use, and no piece that is out reaches beyond them: they grow with each piece and shrink by
// the last one alone, whose start no other passes.
unsafe impl Sync for Reserve {}

impl Reserve {
    /// A piece of the reserve, or null when it does not fit.
    fn draw(&self, layout: Layout) -> *mut u8 {
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
                // SAFETY: `start` plus the size is at most `SIZE`, so it lies within `bytes`.
                Ok(_) => return unsafe { base.add(start) },
                Err(present) => state = present,
            }
        }
    }

    fn holds(&self, piece: *const u8) -> bool {
        let base = self.bytes.get().addr();
        (base..base + SIZE).contains(&piece.addr())
    }

    /// Takes back a piece of this size, in bytes. What comes after the last piece is free, so the last
    /// one can come back alone.
    fn give_back(&self, piece: *const u8, size: usize) {
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

impl<A> Reserved<A> {
    const fn over(system: A) -> Self {
        Self {
            system,
            reserve: Reserve { bytes: UnsafeCell::new([0; SIZE]), state: AtomicU64::new(0) },
            shortages: AtomicUsize::new(0),
        }
    }

    fn draw(&self, layout: Layout) -> *mut u8 {
        self.count();
        self.reserve.draw(layout)
    }

    fn count(&self) {
        self.shortages.fetch_add(1, Ordering::AcqRel);
    }

    fn beginning(&self) -> OomMarker {
        OomMarker(self.shortages.load(Ordering::Acquire))
    }

    fn has_failed_since(&self, marker: OomMarker) -> bool {
        self.shortages.load(Ordering::Acquire) != beginning.0
    }
}

// SAFETY: every piece comes either from `system`, under the same contract, or from the reserve,
// whose pieces are aligned, large enough and disjoint; `dealloc` and `realloc` tell the two apart by
// address. Nothing here unwinds.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Reserved<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise about `layout` is passed on.
        let piece = unsafe { self.system.alloc(layout) };
        if piece.is_null() { self.draw(layout) } else { piece }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let piece = unsafe { self.system.alloc_zeroed(layout) };
        if !piece.is_null() {
            return piece;
        }
        let piece = self.draw(layout);
        if !piece.is_null() {
            // SAFETY: the piece is of at least this size and nobody else's; it may be a used one.
            unsafe { ptr::write_bytes(piece, 0, layout.size()) };
        }
        piece
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        if self.reserve.holds(piece) {
            self.reserve.give_back(piece, layout.size());
        } else {
            // SAFETY: it is not from the reserve, so it is from `system`, with this layout.
            unsafe { self.system.dealloc(piece, layout) };
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !self.reserve.holds(piece) {
            // SAFETY: from `system`, with this layout; the caller vouches for `size`.
            let moved = unsafe { self.system.realloc(piece, layout, size) };
            if !moved.is_null() {
                return moved;
            }
            self.count();
        }
        // SAFETY: `size` is not 0 and does not overflow when rounded up: the caller's promise.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: `wanted` is a layout of at least one byte.
        let moved = unsafe { self.alloc(wanted) };
        if !moved.is_null() {
            // SAFETY: both are valid for the smaller size and are different pieces; the old one is
            // then given up, with the layout that it has.
            unsafe {
                ptr::copy_nonoverlapping(piece, moved, layout.size().min(size));
                self.dealloc(piece, layout);
            }
        }
        moved
    }
}

#[cfg(test)]
mod tests;
