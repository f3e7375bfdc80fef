//! The ladder: dense layer, convolution and sum of squares from the naive version up, one idea a version. To be read,
//! measured and proven; what trains is in [`KERNELS`](crate::KERNELS), and a program that trains carries none of this.

use crate::list::{Kernel, Parameter, of};
use Parameter::{Pointer as P, U32 as U};

/// `struct Conv2d` of conv2d.cuh.
const C: Parameter = Parameter::Struct(52);
const DENSE: &[Parameter] = &[P, P, P, U, U, U];
const CONV2D: &[Parameter] = &[P, P, P, C, U];

/// Rows and columns of the results of a block from version 4 of the product on: SIDE in `slab.cuh`.
pub const SIDE: u32 = 64;

/// The versions of the product, from the naive one up: the ends of the kernels' names, and the files.
pub const PRODUCTS: [(&str, &str); 7] = [
    ("naive", "product_1_naive.cu"),
    ("coalesced", "product_2_coalesced.cu"),
    ("shared_tiles", "product_3_shared_tiles.cu"),
    ("register_tiles", "product_4_register_tiles.cu"),
    ("vector_loads", "product_5_vector_loads.cu"),
    ("asynchronous_copies", "product_6_asynchronous_copies.cu"),
    ("tensor_cores", "product_7_tensor_cores.cu"),
];

/// All kernels of the ladder.
pub const LADDER: &[Kernel] = &[
    of(PRODUCTS[0].1, "dense_naive", DENSE),
    of(PRODUCTS[0].1, "conv2d_naive", CONV2D),
    of(PRODUCTS[1].1, "dense_coalesced", DENSE),
    of(PRODUCTS[1].1, "conv2d_coalesced", CONV2D),
    of(PRODUCTS[2].1, "dense_shared_tiles", DENSE),
    of(PRODUCTS[2].1, "conv2d_shared_tiles", CONV2D),
    of(PRODUCTS[3].1, "dense_register_tiles", DENSE),
    of(PRODUCTS[3].1, "conv2d_register_tiles", CONV2D),
    of(PRODUCTS[4].1, "dense_vector_loads", DENSE),
    of(PRODUCTS[4].1, "conv2d_vector_loads", CONV2D),
    of(PRODUCTS[5].1, "dense_asynchronous_copies", DENSE),
    of(PRODUCTS[5].1, "conv2d_asynchronous_copies", CONV2D),
    of(PRODUCTS[6].1, "dense_tensor_cores", DENSE),
    of(PRODUCTS[6].1, "conv2d_tensor_cores", CONV2D),
    of("reduction_1_atomics.cu", "square_sum_atomics", &[P, P, U]),
    of("reduction_2_shared_tree.cu", "square_sum_shared_tree", &[P, P, U, U]),
    of("reduction_3_warp_shuffles.cu", "square_sum_warp_shuffles", &[P, P, U, U]),
    of("reduction_4_several_elements.cu", "square_sum_several_elements", &[P, P, U, U]),
    of("reduction_5_one_pass.cu", "square_sum_one_pass", &[P, P, P, P, U]),
    of("reduction_6_order_of_core.cu", "square_sum_order_of_core", &[P, P, U]),
];

/// The ladder's own files, by name. What else they include is among [`FILES`](crate::FILES).
pub const LADDER_FILES: &[(&str, &str)] = &[
    ("product.cuh", include_str!("../ladder/product.cuh")),
    ("slab.cuh", include_str!("../ladder/slab.cuh")),
    ("asynchronous.cuh", include_str!("../ladder/asynchronous.cuh")),
    ("warp_sum.cuh", include_str!("../ladder/warp_sum.cuh")),
    (PRODUCTS[0].1, include_str!("../ladder/product_1_naive.cu")),
    (PRODUCTS[1].1, include_str!("../ladder/product_2_coalesced.cu")),
    (PRODUCTS[2].1, include_str!("../ladder/product_3_shared_tiles.cu")),
    (PRODUCTS[3].1, include_str!("../ladder/product_4_register_tiles.cu")),
    (PRODUCTS[4].1, include_str!("../ladder/product_5_vector_loads.cu")),
    (PRODUCTS[5].1, include_str!("../ladder/product_6_asynchronous_copies.cu")),
    (PRODUCTS[6].1, include_str!("../ladder/product_7_tensor_cores.cu")),
    ("reduction_1_atomics.cu", include_str!("../ladder/reduction_1_atomics.cu")),
    ("reduction_2_shared_tree.cu", include_str!("../ladder/reduction_2_shared_tree.cu")),
    ("reduction_3_warp_shuffles.cu", include_str!("../ladder/reduction_3_warp_shuffles.cu")),
    ("reduction_4_several_elements.cu", include_str!("../ladder/reduction_4_several_elements.cu")),
    ("reduction_5_one_pass.cu", include_str!("../ladder/reduction_5_one_pass.cu")),
    ("reduction_6_order_of_core.cu", include_str!("../ladder/reduction_6_order_of_core.cu")),
];
