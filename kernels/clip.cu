// Clipping of gradients, all together by their norm or each by its value. Twin: core/src/nn/optimiser/clip.rs.
//
//   norm     norm = sqrt(sum of g g)          g = g min(1, maximum / (norm + 1e-6))
//   value    g = max(-maximum, min(maximum, g))
//
// The optimisers clip by a norm as they go, so that clip_norm_scale is for what has none.
#include "clip.cuh"

// Writes the norm of the gradients to norm[0]. Launch: one block, its threads along x a multiple of PARTIAL_SUMS.
// Dynamic shared memory: a float a thread.
extern "C" __global__ void clip_norm_measure(const float* __restrict__ gradients, float* __restrict__ norm, u32 count) {
    DYN_SHARED(float, squares);
    measure_norm(gradients, norm, squares, count);
}

// Scales the gradients down to the norm `maximum` if `norm[0]` is larger. Launch: a thread an element, any block.
extern "C" __global__ void clip_norm_scale(float* __restrict__ gradients, const float* __restrict__ norm, float maximum,
                                           u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    gradients[i] = clipped(gradients[i], norm[0], maximum);
}

// Launch: a thread an element, any block; the grid covers `count`. A NaN stays one.
extern "C" __global__ void clip_value(float* __restrict__ gradients, float maximum, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float below = maximum < gradients[i] ? maximum : gradients[i];
    gradients[i] = below < -maximum ? -maximum : below;
}
