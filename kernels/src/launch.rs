//! How many threads a kernel is started with. Which of these a kernel needs is said at the head of its file.

/// Rows and columns of a tile of a product: TILE in `matrix.cuh`.
pub const TILE: u32 = 16;

/// Threads of a block where any number would do.
const THREADS: u32 = 256;

/// A grid of blocks of threads, and the dynamic shared memory of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Blocks along x, y and z.
    pub blocks: [u32; 3],
    /// Threads of a block along x, y and z.
    pub threads: [u32; 3],
    /// Bytes of dynamic shared memory a block.
    pub shared_bytes: u32,
}

impl Launch {
    /// A thread an element.
    pub const fn elements(count: u32) -> Self {
        Self::blocks(count.div_ceil(THREADS))
    }

    /// This many blocks, whose threads share a block's work.
    pub const fn blocks(count: u32) -> Self {
        Self { blocks: [count, 1, 1], threads: [THREADS, 1, 1], shared_bytes: 0 }
    }

    /// A thread an element of a matrix, in tiles.
    pub const fn tiles(rows: u32, columns: u32) -> Self {
        let blocks = [columns.div_ceil(TILE), rows.div_ceil(TILE), 1];
        Self { blocks, threads: [TILE, TILE, 1], shared_bytes: 0 }
    }

    /// One block, with a float of shared memory a thread: what adds up in one order.
    pub const fn one_block() -> Self {
        Self { blocks: [1; 3], threads: [THREADS, 1, 1], shared_bytes: 4 * THREADS }
    }

    /// The blocks of `update_sums`, with a float of shared memory a thread.
    pub const fn sums() -> Self {
        Self { blocks: [4, 1, 1], ..Self::one_block() }
    }

    /// One thread.
    pub const fn one_thread() -> Self {
        Self { blocks: [1; 3], threads: [1; 3], shared_bytes: 0 }
    }

    /// The same with this many threads a block along x, and as many blocks as cover what these did.
    ///
    /// # Panics
    /// If `threads` is zero.
    pub const fn with_threads(self, threads: u32) -> Self {
        let covered = self.blocks[0] * self.threads[0];
        let blocks = if self.shared_bytes > 0 { 1 } else { covered.div_ceil(threads) };
        Self {
            blocks: [blocks, self.blocks[1], self.blocks[2]],
            threads: [threads, self.threads[1], self.threads[2]],
            shared_bytes: self.shared_bytes / self.threads[0] * threads,
        }
    }
}
