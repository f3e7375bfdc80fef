//! Changes of the text of the ladder and of the fast mode that change nothing, as `planted` has them of the kernels in use.

use crate::planted::WithoutEffect;

pub(crate) const WITHOUT_EFFECT_IN_LADDER: &[WithoutEffect] = &[
    (
        "warp_sum.cuh",
        "if (threadIdx.x >= 32) return 0.0f;",
        "threadIdx.x",
        "other warps add, too, what nobody reads",
    ),
    (
        "product_4_register_tiles.cu",
        "if (first + k < product.inner && column < product.columns) {",
        " < ",
        "the bias or the next line, which nobody multiplies or nobody stores",
    ),
    (
        "product_4_register_tiles.cu",
        "for (u32 first = 0; first < product.inner; first += STEP) {",
        " < ",
        "a last round without products",
    ),
    ("product_4_register_tiles.cu", "if (left >= STEP) {", " >= ", "both ways add the same"),
    ("slab.cuh", "if (count >= STEP) {", " >= ", "both ways add the same"),
    (
        "product_5_vector_loads.cu",
        "if (first + line >= product.inner) return;",
        " >= ",
        "the bias, which nobody multiplies",
    ),
    (
        "product_5_vector_loads.cu",
        "if (column < product.columns) store_four(&slab.w[line][n], load_four(weights));",
        " < ",
        "the next line, in columns that nobody stores",
    ),
    (
        "product_5_vector_loads.cu",
        "if (column + i < product.columns) slab.w[line][n + i] = weights[i];",
        " < ",
        "the next line, in a column that nobody stores",
    ),
    (
        "product_5_vector_loads.cu",
        "for (u32 first = 0; first < product.inner; first += STEP) {",
        " < ",
        "a last round without products",
    ),
    (
        "asynchronous.cuh",
        "const bool is_line = first + line < product.inner;",
        " < ",
        "the bias, which nobody multiplies, or with a zero",
    ),
    (
        "asynchronous.cuh",
        "const auto of_w = [&](u32 n) { return is_line && n < product.columns ? weights + n : nullptr; };",
        " < ",
        "the next line, in columns that nobody stores",
    ),
    (
        "asynchronous.cuh",
        "if (first + STEP < product.inner) start_slab(slabs[1 - now], product, a, row, first + STEP);",
        " < ",
        "a slab of zeros that nobody multiplies",
    ),
    (
        "reduction_6_order_of_core.cu",
        "} else if (threadIdx.x < PARTIAL_SUMS) {",
        " < ",
        "one more sum that nobody reads",
    ),
    (
        "reduction_6_order_of_core.cu",
        "} else if (threadIdx.x < PARTIAL_SUMS) {",
        "threadIdx.x",
        "more sums that nobody reads",
    ),
    (
        "reduction_6_order_of_core.cu",
        "for (u32 first = 0; first < count; first += CHUNK) {",
        " < ",
        "a last round without terms",
    ),
    (
        "reduction_6_order_of_core.cu",
        "if (threadIdx.x < PARTIAL_SUMS) squares[0][threadIdx.x] = sum;",
        " < ",
        "one more sum that nobody reads, in the thread's own place",
    ),
    (
        "reduction_6_order_of_core.cu",
        "if (threadIdx.x < PARTIAL_SUMS) squares[0][threadIdx.x] = sum;",
        "threadIdx.x",
        "more sums that nobody reads, in each thread's own place",
    ),
];

pub(crate) const WITHOUT_EFFECT_IN_FAST: &[WithoutEffect] = &[(
    "matrix_fast.cuh",
    "for (u32 first = 0; first < shape.inner; first += SLAB) {",
    " < ",
    "a last round without products",
)];
