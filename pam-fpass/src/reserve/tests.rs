//! The allocator over a system that can be told to refuse.

use std::sync::atomic::AtomicBool;

use super::*;

/// Allocates only while the flag is set.
struct Switchable(AtomicBool);

// SAFETY: passes on to the system, or returns null.
unsafe impl GlobalAlloc for Switchable {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !self.0.load(Ordering::Relaxed) {
            return ptr::null_mut();
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(piece, layout) }
    }
}

fn allocator(available: bool) -> Box<ReserveAllocator<Switchable>> {
    Box::new(ReserveAllocator::over(Switchable(AtomicBool::new(available))))
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

#[test]
fn what_does_not_fit_is_refused_and_counted() {
    let allocator = allocator(false);
    // SAFETY: the layouts have at least one byte, and every piece is freed.
    unsafe {
        assert!(allocator.alloc(layout(SIZE + 1, 1)).is_null());
        let most = allocator.alloc(layout(SIZE - 4096, 1));
        assert!(!most.is_null());
        assert!(allocator.alloc(layout(8192, 1)).is_null());
        allocator.dealloc(most, layout(SIZE - 4096, 1));
        let again = allocator.alloc(layout(8192, 1));
        assert!(!again.is_null(), "freed bytes are handed out again");
        allocator.dealloc(again, layout(8192, 1));
    }
    assert_eq!(allocator.failures.load(Ordering::Relaxed), 4);
}

#[test]
fn only_the_last_piece_is_reused_alone() {
    let allocator = allocator(false);
    let (small, half) = (layout(64, 8), layout(SIZE / 2, 8));
    // SAFETY: the layouts have at least one byte, and every piece is freed.
    unsafe {
        let kept = allocator.alloc(small);
        ptr::write_bytes(kept, 0x5a, 64);
        for _ in 0..100 {
            let last = allocator.alloc(half);
            assert!(!last.is_null(), "the last piece is reused");
            ptr::write_bytes(last, 0xff, SIZE / 2);
            allocator.dealloc(last, half);
        }
        let (first, last) = (allocator.alloc(half), allocator.alloc(small));
        ptr::write_bytes(last, 0x5a, 64);
        allocator.dealloc(first, half);
        assert!(allocator.alloc(half).is_null(), "a piece in use follows the freed one");
        for piece in [kept, last] {
            assert!((0..64).all(|at| *piece.add(at) == 0x5a));
            allocator.dealloc(piece, small);
        }
    }
    assert_eq!(allocator.reserve.state.load(Ordering::Relaxed) >> 32, 0, "every piece is freed");
}

#[test]
fn pieces_are_aligned_disjoint_and_zeroed_when_asked() {
    let allocator = allocator(false);
    let mut pieces = Vec::new();
    for (index, align) in [1, 2, 8, 16, 64, 4096, 1, 128].into_iter().enumerate() {
        let layout = layout(100 + index, align);
        // SAFETY: the layout has at least one byte, and the piece is written within it.
        let piece = unsafe {
            let piece = allocator.alloc_zeroed(layout);
            assert!((0..layout.size()).all(|at| *piece.add(at) == 0));
            ptr::write_bytes(piece, 0xff, layout.size());
            piece
        };
        assert!(piece.addr().is_multiple_of(align) && allocator.reserve.contains(piece));
        pieces.push((piece, layout));
    }
    for (index, (piece, layout)) in pieces.iter().enumerate() {
        for (other, _) in &pieces[..index] {
            assert!(!(piece.addr()..piece.addr() + layout.size()).contains(&other.addr()));
        }
    }
    for (piece, layout) in pieces {
        // SAFETY: from `allocator`, with this layout.
        unsafe { allocator.dealloc(piece, layout) };
    }
    // SAFETY: as above; these bytes have been written to.
    unsafe {
        let used = allocator.alloc_zeroed(layout(512, 1));
        assert!((0..512).all(|at| *used.add(at) == 0));
        allocator.dealloc(used, layout(512, 1));
    }
}

#[test]
fn growing_moves_between_system_and_reserve_and_keeps_the_bytes() {
    let allocator = allocator(true);
    // SAFETY: each piece has the size and layout passed.
    unsafe {
        let piece = allocator.alloc(layout(64, 8));
        ptr::write_bytes(piece, 0x5a, 64);
        assert!(!allocator.reserve.contains(piece));
        allocator.system.0.store(false, Ordering::Relaxed);
        let piece = allocator.realloc(piece, layout(64, 8), 256);
        assert!(allocator.reserve.contains(piece));
        assert!((0..64).all(|at| *piece.add(at) == 0x5a));
        allocator.system.0.store(true, Ordering::Relaxed);
        let piece = allocator.realloc(piece, layout(256, 8), 32);
        assert!(!allocator.reserve.contains(piece));
        assert!((0..32).all(|at| *piece.add(at) == 0x5a));
        allocator.dealloc(piece, layout(32, 8));
    }
    assert_eq!(allocator.reserve.state.load(Ordering::Relaxed) >> 32, 0, "every piece is freed");
}

#[test]
fn a_failure_counts_for_every_running_call_and_for_no_later_one() {
    let allocator = allocator(false);
    let fails = || {
        // SAFETY: the layout has at least one byte; the result is null.
        assert!(unsafe { allocator.alloc(layout(SIZE + 1, 1)) }.is_null());
    };
    let first = allocator.marker();
    assert!(!allocator.has_failed_since(first));
    fails();
    let second = allocator.marker();
    assert!(allocator.has_failed_since(first) && !allocator.has_failed_since(second));
    // The second call ends without a failure; the first still sees its own.
    assert!(allocator.has_failed_since(first));
    let third = allocator.marker();
    fails();
    for running in [first, second, third] {
        assert!(allocator.has_failed_since(running));
    }
    assert!(!allocator.has_failed_since(allocator.marker()));
}

#[test]
fn the_allocator_of_this_program_has_not_failed() {
    let marker = OomMarker::set();
    assert!(can_begin() && !marker.is_tripped());
    assert!(OomMarker::tripped().is_tripped());
}
