// Clipping of gradients, all together by their norm or each by its value. Twin: core/src/nn/optimiser/clip.rs.
//
//   norm     norm = sqrt(sum of g g)          g = g min(1, maximum / (norm + 1e-6))
//   value    g = max(-maximum, min(maximum, g))
//
// The order of the norm's sum is core's: sixteen partial sums, element i going to sum i mod 16, added from first to last.
#include "common.cuh"

constexpr u32 PARTIAL_SUMS = 16;

// Writes the norm of the gradients to norm[0]. Launch: one block, its threads along x a multiple of PARTIAL_SUMS.
// Dynamic shared memory: a float a thread. All threads square, the first sixteen add.
extern "C" __global__ void clip_norm_measure(const float* __restrict__ gradients, float* __restrict__ norm, u32 count) {
    DYN_SHARED(float, squares);
    float sum = 0.0f;
    for (u32 first = 0; first < count; first += blockDim.x) {
        const u32 i = first + threadIdx.x;
        if (i < count) squares[threadIdx.x] = gradients[i] * gradients[i];
        __syncthreads();
        if (threadIdx.x < PARTIAL_SUMS) {
            for (u32 j = threadIdx.x; j < blockDim.x && first + j < count; j += PARTIAL_SUMS) sum += squares[j];
        }
        __syncthreads();
    }
    if (threadIdx.x < PARTIAL_SUMS) squares[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    float total = 0.0f;
    for (u32 i = 0; i < PARTIAL_SUMS; ++i) total += squares[i];
    norm[0] = sqrtf(total);
}

// Scales the gradients down to the norm `maximum` if `norm[0]` is larger. Launch: a thread an element, any block.
extern "C" __global__ void clip_norm_scale(float* __restrict__ gradients, const float* __restrict__ norm, float maximum,
                                           u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float factor = maximum / (norm[0] + 1e-6f);
    if (factor < 1.0f) gradients[i] *= factor;
}

// Launch: a thread an element, any block; the grid covers `count`. A NaN stays one.
extern "C" __global__ void clip_value(float* __restrict__ gradients, float maximum, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float below = maximum < gradients[i] ? maximum : gradients[i];
    gradients[i] = below < -maximum ? -maximum : below;
}
