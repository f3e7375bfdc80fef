// All that an update adds up in one order, each sum a block: they run side by side. Twin: core/src/dqn/cpu_learner.rs, learn.
//
//   block 0   norm of the gradients, not if `norm` is null                          clip_norm of nn/optimiser/clip.rs
//   block 1   loss = 1/B sum of terms [B]                                           evaluate of nn/loss.rs
//   block 2   mean_q = sum of taken_values [B] / B                                  mean_of_taken of dqn/returns.rs
//   block 3   the numbers of the optimiser's step, `powers` null but for Adam       step of nn/optimiser/mod.rs
//
// Launch: 4 blocks, their threads along x a multiple of PARTIAL_SUMS. Dynamic shared memory: a float a thread.
#include "optimiser.cuh"

// The sum of values [count] from first to last, for the first thread; every thread of the block has to call it. All threads
// load, the first one adds.
__device__ __forceinline__ float sum_in_order(const float* values, float* loaded, u32 count) {
    float sum = 0.0f;
    for (u32 first = 0; first < count; first += blockDim.x) {
        const u32 i = first + threadIdx.x;
        if (i < count) loaded[threadIdx.x] = values[i];
        __syncthreads();
        if (threadIdx.x == 0) {
            for (u32 j = 0; j < blockDim.x && first + j < count; ++j) sum += loaded[j];
        }
        __syncthreads();
    }
    return sum;
}

extern "C" __global__ void update_sums(const float* __restrict__ gradients, float* __restrict__ norm,
                                       const float* __restrict__ terms, const float* __restrict__ taken_values,
                                       float* __restrict__ loss, float* __restrict__ mean_q, double* __restrict__ powers,
                                       Step* __restrict__ step, const float* __restrict__ factor, Rates rates, u32 count,
                                       u32 batch) {
    DYN_SHARED(float, shared);
    if (blockIdx.x == 0 && norm) measure_norm(gradients, norm, shared, count);
    if (blockIdx.x == 1 || blockIdx.x == 2) {
        const float sum = sum_in_order(blockIdx.x == 1 ? terms : taken_values, shared, batch);
        if (threadIdx.x != 0) return;
        if (blockIdx.x == 1) {
            loss[0] = sum * (1.0f / (float)batch);
        } else {
            mean_q[0] = sum / (float)batch;
        }
    }
    if (blockIdx.x == 3 && threadIdx.x == 0) prepare(powers, step, factor[0], rates);
}
