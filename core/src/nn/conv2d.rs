//! The convolution of images (as in all networks, a correlation: the kernel is not flipped).
//!
//! ```text
//! B batch, P positions of the kernel (output pixels, row by row), K numbers under the kernel, F filters
//! x[b][p][k]   what lies under the kernel at p, zero where that is padding; k runs over
//!              [C][kernel rows][kernel columns] of a channels-first image, [kernel rows][kernel columns][C] of a
//!              channels-last one, so that runs of k are runs of the image
//! W [K][F] and bias [F] are the layer's part of the flat parameters
//!
//! forward    y[b][p][f] = bias[f] + sum over k of x[b][p][k] W[k][f]               an image with channels last
//! backward   db[f]     += sum over b, then p, of dy[b][p][f]
//!            dW[k][f]  += sum over b, then p, of x[b][p][k] dy[b][p][f]
//!            dx[pixel]  = sum over the p whose kernel covers the pixel of (sum over f of dy[b][p][f] W[k][f])
//! ```
//!
//! Every sum runs in the order of its index and starts from what stands left of it. These are the products of a dense
//! layer with a row a position: the numbers under the kernel are gathered block by block into the caller's scratch,
//! and `matrix.rs` does the rest. How long a block is changes no bit, because sums go on where they stood.

use super::dense::add_rows;
use super::image::Image;
use super::matrix::{self, Left, Shape, Start};
use core::ops::Range;
use pulp::Simd;

/// A block of gathered numbers has about this many: 128 KiB, which stay in a processor's second cache beside the
/// weights.
const BLOCK: usize = 32_768;

/// A convolution. Pairs are (vertical, horizontal).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// What it sees.
    pub input: Image,
    /// Channels of what it makes.
    pub filters: u16,
    /// Rows and columns of the kernel.
    pub kernel: [u16; 2],
    /// Pixels from one position to the next.
    pub stride: [u16; 2],
    /// Rows and columns of zeros on each side of the image.
    pub padding: [u16; 2],
}

impl Conv2d {
    /// The shape of what it makes, channels last; `None` where a size is zero, the kernel is larger than the padded
    /// image, or the output has sizes beyond `u16`.
    pub const fn try_output(&self) -> Option<Image> {
        let Image { channels, height, width, .. } = self.input;
        let height = positions(height, self.kernel[0], self.stride[0], self.padding[0]);
        let width = positions(width, self.kernel[1], self.stride[1], self.padding[1]);
        if channels == 0 || self.filters == 0 || height == 0 || width == 0 {
            return None;
        }
        if height > u16::MAX as usize || width > u16::MAX as usize {
            return None;
        }
        Some(Image::channels_last(height as u16, width as u16, self.filters))
    }

    /// The shape of what it makes, channels last.
    ///
    /// # Panics
    /// If the sizes do not fit each other; a [`NetworkSpec`](super::NetworkSpec) has none of those.
    pub const fn output(&self) -> Image {
        match self.try_output() {
            Some(image) => image,
            None => panic!("a convolution whose kernel does not fit the image, or a size of zero"),
        }
    }

    /// P: how many pixels it makes.
    pub const fn positions(&self) -> usize {
        let output = self.output();
        output.height as usize * output.width as usize
    }

    /// K: how many numbers lie under the kernel.
    pub const fn inner(&self) -> usize {
        self.input.channels as usize * self.kernel[0] as usize * self.kernel[1] as usize
    }

    /// How many weights it has.
    pub const fn weight_count(&self) -> usize {
        self.inner() * self.filters as usize
    }

    /// Length of the scratch that a batch needs.
    pub const fn scratch_count(&self, batch: usize) -> usize {
        self.block_rows(batch) * self.inner()
    }

    /// How many positions a block has: a multiple of 16, which is the height of the tallest tile.
    const fn block_rows(&self, batch: usize) -> usize {
        let (all, fitting) = (batch * self.positions(), BLOCK / self.inner() / 16 * 16);
        let fitting = if fitting < 16 { 16 } else { fitting };
        if all < fitting { all } else { fitting }
    }

    /// Calls `visit` for each run of numbers that lies under the kernel and in the image, at the positions `rows` of
    /// a batch: where the run starts among the gathered numbers, where in the images, and how long it is.
    #[inline(always)]
    fn runs(&self, rows: Range<usize>, mut visit: impl FnMut(usize, usize, usize)) {
        let image = self.input;
        let (height, width) = (usize::from(image.height), usize::from(image.width));
        let [kernel_height, kernel_width] = self.kernel.map(usize::from);
        let [down, right] = self.stride.map(usize::from);
        let [above, before] = self.padding.map(usize::from);
        let columns = usize::from(self.output().width);
        let positions = self.positions();
        let (planes, depth) = image.planes();

        let mut gathered = 0;
        let mut position = rows.start % positions;
        let mut start = rows.start / positions * image.count();
        let (mut row, mut column) = (position / columns, position % columns);
        for _ in rows {
            // Of the kernel's columns, these lie in the image; rows are looked at one by one.
            let left = column * right;
            let from = before.saturating_sub(left).min(kernel_width);
            let to = (width + before).saturating_sub(left).min(kernel_width).max(from);
            for plane in 0..planes {
                for kernel_row in 0..kernel_height {
                    let y = (row * down + kernel_row).wrapping_sub(above);
                    if y < height && from < to {
                        let x = left + from - before;
                        let place = start + ((plane * height + y) * width + x) * depth;
                        visit(gathered + from * depth, place, (to - from) * depth);
                    }
                    gathered += kernel_width * depth;
                }
            }
            position += 1;
            column += 1;
            if column == columns {
                (row, column) = (row + 1, 0);
            }
            if position == positions {
                (position, row, start) = (0, 0, start + image.count());
            }
        }
    }

    /// Writes what lies under the kernel at the positions `rows` of a batch to `gathered`, `[rows][K]`.
    #[inline(always)]
    fn gather(&self, rows: Range<usize>, images: &[f32], gathered: &mut [f32]) {
        if self.padding == [0, 0] {
            // A copy of a known length is a few instructions, any other one a call.
            match usize::from(self.kernel[1]) * self.input.planes().1 {
                3 => return self.gather_runs_of::<3>(rows, images, gathered),
                4 => return self.gather_runs_of::<4>(rows, images, gathered),
                8 => return self.gather_runs_of::<8>(rows, images, gathered),
                _ => {}
            }
        } else {
            gathered.fill(0.0);
        }
        self.runs(rows, |to, from, length| {
            gathered[to..to + length].copy_from_slice(&images[from..from + length]);
        });
    }

    /// [`gather`](Self::gather) without padding, where the kernel's rows are `RUN` numbers long.
    #[inline(always)]
    fn gather_runs_of<const RUN: usize>(
        &self,
        rows: Range<usize>,
        images: &[f32],
        gathered: &mut [f32],
    ) {
        let image = self.input;
        let (planes, depth) = image.planes();
        let line = usize::from(image.width) * depth;
        let plane = usize::from(image.height) * line;
        let [down, right] = self.stride.map(usize::from);
        let columns = usize::from(self.output().width);
        let (positions, kernel_rows) = (self.positions(), usize::from(self.kernel[0]));
        let blocks = gathered.as_chunks_mut::<RUN>().0.chunks_exact_mut(planes * kernel_rows);
        let (mut input, mut position) = (rows.start / positions, rows.start % positions);
        let (mut row, mut column) = (position / columns, position % columns);
        for block in blocks {
            let under = &images[input * image.count()..][..image.count()];
            let under = &under[row * down * line + column * right * depth..];
            for (index, runs) in block.chunks_exact_mut(kernel_rows).enumerate() {
                let mut rest = &under[index * plane..];
                for run in runs {
                    // Always there: the kernel lies in the image. Without a panic the copies need no branch between.
                    if let Some(from) = rest.first_chunk::<RUN>() {
                        *run = *from;
                    }
                    rest = rest.get(line..).unwrap_or_default();
                }
            }
            (position, column) = (position + 1, column + 1);
            if column == columns {
                (row, column) = (row + 1, 0);
            }
            if position == positions {
                (input, position, row) = (input + 1, 0, 0);
            }
        }
    }

    /// Adds `gathered`, `[rows][K]`, to the places it would have been gathered from.
    #[inline(always)]
    fn scatter<S: Simd>(&self, simd: S, rows: Range<usize>, gathered: &[f32], images: &mut [f32]) {
        self.runs(rows, |from, to, length| {
            add(simd, &gathered[from..from + length], &mut images[to..to + length]);
        });
    }
}

/// How many places a kernel has along an axis; 0 if it does not fit.
const fn positions(size: u16, kernel: u16, stride: u16, padding: u16) -> usize {
    let padded = size as usize + 2 * padding as usize;
    if size == 0 || kernel == 0 || stride == 0 || kernel as usize > padded {
        return 0;
    }
    (padded - kernel as usize) / stride as usize + 1
}

#[inline(always)]
fn add<S: Simd>(simd: S, values: &[f32], sums: &mut [f32]) {
    let (heads, tail) = S::as_mut_simd_f32s(sums);
    let (value_heads, value_tail) = S::as_simd_f32s(values);
    for (sum, &value) in heads.iter_mut().zip(value_heads) {
        *sum = simd.add_f32s(*sum, value);
    }
    for (sum, &value) in tail.iter_mut().zip(value_tail) {
        *sum += value;
    }
}

/// `input` is `[batch]` images of `conv.input`, `output` `[batch]` images of `conv.output()`; `scratch` has
/// `conv.scratch_count(batch)` places, and what it held is lost.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn forward<S: Simd>(
    simd: S,
    conv: &Conv2d,
    batch: usize,
    parameters: &[f32],
    input: &[f32],
    output: &mut [f32],
    scratch: &mut [f32],
) {
    let (inner, filters) = (conv.inner(), usize::from(conv.filters));
    let (weights, bias) = parameters.split_at(conv.weight_count());
    assert_eq!(input.len(), batch * conv.input.count(), "the input is images of this shape");
    assert_eq!(
        output.len(),
        batch * conv.positions() * filters,
        "the output is [batch][positions][filters]"
    );
    let mut first = 0;
    for output in output.chunks_mut(conv.block_rows(batch) * filters) {
        let rows = output.len() / filters;
        let gathered = &mut scratch[..rows * inner];
        conv.gather(first..first + rows, input, gathered);
        let shape = Shape { rows, inner, columns: filters };
        matrix::multiply(simd, shape, Left::Rows(gathered), weights, Start::Row(bias), output);
        first += rows;
    }
}

/// The gradients of a forward pass with this `input`, given `d_output`: ADDS to `d_parameters`, and writes `d_input`
/// where one is wanted. If `d_parameters` has no places for the bias, its gradient is left out. `scratch` is as in
/// [`forward`], `workspace` has a place a weight; what they held is lost.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    conv: &Conv2d,
    batch: usize,
    parameters: &[f32],
    input: &[f32],
    d_output: &[f32],
    mut d_input: Option<&mut [f32]>,
    d_parameters: &mut [f32],
    scratch: &mut [f32],
    workspace: &mut [f32],
) {
    let (inner, filters) = (conv.inner(), usize::from(conv.filters));
    let (d_weights, d_bias) = d_parameters.split_at_mut(conv.weight_count());
    let transposed = &mut workspace[..conv.weight_count()];
    assert_eq!(input.len(), batch * conv.input.count(), "the input is images of this shape");
    assert_eq!(
        d_output.len(),
        batch * conv.positions() * filters,
        "the output's gradient is [batch][positions][filters]"
    );
    if !d_bias.is_empty() {
        add_rows(simd, d_output, d_bias);
    }
    if let Some(d_input) = &mut d_input {
        assert_eq!(d_input.len(), input.len(), "a gradient a number of the input");
        d_input.fill(0.0);
        matrix::transpose(inner, filters, &parameters[..conv.weight_count()], transposed);
    }
    let mut first = 0;
    for d_output in d_output.chunks(conv.block_rows(batch) * filters) {
        let rows = d_output.len() / filters;
        let gathered = &mut scratch[..rows * inner];
        conv.gather(first..first + rows, input, gathered);
        let shape = Shape { rows: inner, inner: rows, columns: filters };
        matrix::multiply(simd, shape, Left::Columns(gathered), d_output, Start::Kept, d_weights);
        if let Some(d_input) = &mut d_input {
            let shape = Shape { rows, inner: filters, columns: inner };
            matrix::multiply(simd, shape, Left::Rows(d_output), transposed, Start::Zero, gathered);
            conv.scatter(simd, first..first + rows, gathered, d_input);
        }
        first += rows;
    }
}
