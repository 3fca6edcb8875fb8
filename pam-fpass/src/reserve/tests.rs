//! The reserve behind a system that gives nothing, or gives until it is told to stop.

use std::sync::atomic::AtomicBool;

use super::*;

/// Gives memory while it is allowed to.
struct Stingy(AtomicBool);

// SAFETY: passes on to the system, or says that there is no memory.
unsafe impl GlobalAlloc for Stingy {
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

fn memory(gives: bool) -> Box<Reserved<Stingy>> {
    Box::new(Reserved::over(Stingy(AtomicBool::new(gives))))
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

#[test]
fn what_does_not_fit_is_refused_and_counted() {
    let memory = memory(false);
    // SAFETY: the layouts are of at least one byte, and what is given is given back.
    unsafe {
        assert!(memory.alloc(layout(SIZE + 1, 1)).is_null());
        let most = memory.alloc(layout(SIZE - 4096, 1));
        assert!(!most.is_null());
        assert!(memory.alloc(layout(8192, 1)).is_null());
        memory.dealloc(most, layout(SIZE - 4096, 1));
        let again = memory.alloc(layout(8192, 1));
        assert!(!again.is_null(), "what came back is handed out anew");
        memory.dealloc(again, layout(8192, 1));
    }
    assert_eq!(memory.shortages.load(Ordering::Relaxed), 4);
}

#[test]
fn the_last_piece_comes_back_alone_and_no_other_does() {
    let memory = memory(false);
    let (small, half) = (layout(64, 8), layout(SIZE / 2, 8));
    // SAFETY: the layouts are of at least one byte, and what is given is given back.
    unsafe {
        let kept = memory.alloc(small);
        ptr::write_bytes(kept, 0x5a, 64);
        for _ in 0..100 {
            let last = memory.alloc(half);
            assert!(!last.is_null(), "the last piece is handed out anew");
            ptr::write_bytes(last, 0xff, SIZE / 2);
            memory.dealloc(last, half);
        }
        let (first, last) = (memory.alloc(half), memory.alloc(small));
        ptr::write_bytes(last, 0x5a, 64);
        memory.dealloc(first, half);
        assert!(memory.alloc(half).is_null(), "a piece lies behind the one that came back");
        for piece in [kept, last] {
            assert!((0..64).all(|at| *piece.add(at) == 0x5a));
            memory.dealloc(piece, small);
        }
    }
    assert_eq!(memory.reserve.state.load(Ordering::Relaxed) >> 32, 0, "all has come back");
}

#[test]
fn pieces_are_aligned_disjoint_and_zeroed_when_asked() {
    let memory = memory(false);
    let mut pieces = Vec::new();
    for (index, align) in [1, 2, 8, 16, 64, 4096, 1, 128].into_iter().enumerate() {
        let layout = layout(100 + index, align);
        // SAFETY: the layout is of at least one byte, and the piece is written within it.
        let piece = unsafe {
            let piece = memory.alloc_zeroed(layout);
            assert!((0..layout.size()).all(|at| *piece.add(at) == 0));
            ptr::write_bytes(piece, 0xff, layout.size());
            piece
        };
        assert!(piece.addr().is_multiple_of(align) && memory.reserve.holds(piece));
        pieces.push((piece, layout));
    }
    for (index, (piece, layout)) in pieces.iter().enumerate() {
        for (other, _) in &pieces[..index] {
            assert!(!(piece.addr()..piece.addr() + layout.size()).contains(&other.addr()));
        }
    }
    for (piece, layout) in pieces {
        // SAFETY: given by `memory` with this layout.
        unsafe { memory.dealloc(piece, layout) };
    }
    // SAFETY: as above; the bytes that come now have been written to.
    unsafe {
        let used = memory.alloc_zeroed(layout(512, 1));
        assert!((0..512).all(|at| *used.add(at) == 0));
        memory.dealloc(used, layout(512, 1));
    }
}

#[test]
fn growing_moves_between_system_and_reserve_and_keeps_the_bytes() {
    let memory = memory(true);
    // SAFETY: sizes and layouts are those that the pieces have at each step.
    unsafe {
        let piece = memory.alloc(layout(64, 8));
        ptr::write_bytes(piece, 0x5a, 64);
        assert!(!memory.reserve.holds(piece));
        memory.system.0.store(false, Ordering::Relaxed);
        let piece = memory.realloc(piece, layout(64, 8), 256);
        assert!(memory.reserve.holds(piece));
        assert!((0..64).all(|at| *piece.add(at) == 0x5a));
        memory.system.0.store(true, Ordering::Relaxed);
        let piece = memory.realloc(piece, layout(256, 8), 32);
        assert!(!memory.reserve.holds(piece));
        assert!((0..32).all(|at| *piece.add(at) == 0x5a));
        memory.dealloc(piece, layout(32, 8));
    }
    assert_eq!(memory.reserve.state.load(Ordering::Relaxed) >> 32, 0, "all has come back");
}

#[test]
fn a_shortage_counts_for_every_call_under_way_and_for_none_that_begins_later() {
    let memory = memory(false);
    let fails = || {
        // SAFETY: the layout is of at least one byte; nothing is given.
        assert!(unsafe { memory.alloc(layout(SIZE + 1, 1)) }.is_null());
    };
    let first = memory.beginning();
    assert!(!memory.has_failed_since(first));
    fails();
    let second = memory.beginning();
    assert!(memory.has_failed_since(first) && !memory.has_failed_since(second));
    // The second call ends without a shortage, and takes nothing from the first.
    assert!(memory.has_failed_since(first));
    let third = memory.beginning();
    fails();
    for under_way in [first, second, third] {
        assert!(memory.has_failed_since(under_way));
    }
    assert!(!memory.has_failed_since(memory.beginning()));
}

#[test]
fn the_allocator_of_this_program_has_not_been_short() {
    let beginning = OomMarker::set();
    assert!(is_ready() && !marker.is_tripped());
    assert!(OomMarker::tripped().is_tripped());
}
