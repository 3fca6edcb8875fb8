//! Pools of buffers, which are erased when dropped and then reused.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use zeroize::optimization_barrier;

/// A pool of buffers. A buffer that is dropped anywhere returns to its pool.
pub(crate) struct BufferPool {
    spare: Mutex<Vec<Vec<u8>>>,
    kept: usize,
}

impl BufferPool {
    /// A pool of up to `kept` unused buffers. None is allocated before the first one is taken.
    pub(crate) fn new(kept: usize) -> Arc<Self> {
        Arc::new(Self { spare: Mutex::new(Vec::new()), kept })
    }

    /// A buffer of `length` zeros. With the first one, all others are allocated, so a stream of
    /// equal frames allocates nothing later. The kernel backs only memory that is written to.
    pub(crate) fn take(self: &Arc<Self>, length: usize) -> Buffer {
        let mut bytes = self.spare(length);
        bytes.resize(length, 0);
        Buffer { bytes, pool: Arc::downgrade(self) }
    }

    /// A buffer that holds a copy of `bytes`.
    pub(crate) fn copy_of(self: &Arc<Self>, bytes: &[u8]) -> Buffer {
        let mut copy = self.spare(bytes.len());
        copy.clear();
        copy.extend_from_slice(bytes);
        Buffer { bytes: copy, pool: Arc::downgrade(self) }
    }

    fn spare(&self, length: usize) -> Vec<u8> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.capacity() == 0 {
            spare.reserve_exact(self.kept);
            spare.extend((0..self.kept).map(|_| vec![0; length]));
        }
        spare.pop().unwrap_or_default()
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < self.kept {
            spare.push(bytes);
        }
    }
}

/// Bytes that are overwritten when dropped and then returned to their [`BufferPool`], if any. The
/// length never changes, so all bytes are overwritten.
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    pool: Weak<BufferPool>,
}

impl Buffer {
    /// Wraps bytes that belong to no [`BufferPool`].
    pub(crate) fn owning(bytes: Vec<u8>) -> Self {
        Self { bytes, pool: Weak::new() }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.bytes.len())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        erase(&mut self.bytes);
        if let Some(pool) = self.pool.upgrade() {
            pool.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

/// Overwrites `bytes` with zeros. The barrier keeps the compiler from removing the write. This is
/// as fast as a fill, while `Zeroize` writes byte by byte.
pub(crate) fn erase(bytes: &mut [u8]) {
    bytes.fill(0);
    optimization_barrier(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_returned_buffer_is_erased() {
        let buffers = BufferPool::new(1);
        let mut buffer = buffers.take(4);
        buffer.copy_from_slice(&[1, 2, 3, 4]);
        drop(buffer);
        drop(buffers.copy_of(&[5, 6, 7, 8, 9]));
        let spare = buffers.spare.lock().unwrap();
        assert_eq!(*spare, [[0; 5]]);
    }

    #[test]
    fn a_pool_keeps_no_more_buffers_than_its_size() {
        let buffers = BufferPool::new(2);
        let many: Vec<_> = (0..5).map(|_| buffers.take(3)).collect();
        drop(many);
        assert_eq!(buffers.spare.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_reused_buffer_has_the_length_that_is_asked_for() {
        let buffers = BufferPool::new(1);
        for length in [3, 9, 2, 0, 5] {
            let mut buffer = buffers.take(length);
            assert_eq!(*buffer, *vec![0; length]);
            buffer.fill(7);
            drop(buffer);
            assert_eq!(*buffers.copy_of(&vec![8; length]), *vec![8; length]);
        }
    }

    #[test]
    fn a_buffer_outlives_its_pool() {
        let buffers = BufferPool::new(1);
        let buffer = buffers.copy_of(&[1]);
        drop(buffers);
        assert_eq!(*buffer, [1]);
    }
}
