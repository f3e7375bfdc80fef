// Transitions that stay on the device, and the batches gathered from them. Twin: core/src/replay/storage.rs.
//
//   [capacity] slots, W elements of an observation; what is drawn is decided elsewhere
#include "common.cuh"

// Twin: Storage::gather. Launch: a block a transition of the batch, any number of threads along x, which share the
// elements. A slot that is not below `capacity` is a mistake of the caller's and leaves its place as it is.
extern "C" __global__ void gather(const float* __restrict__ observations, const u32* __restrict__ actions,
                                  const float* __restrict__ rewards, const float* __restrict__ discounts,
                                  const float* __restrict__ next_observations, const u32* __restrict__ slots,
                                  float* __restrict__ batch_observations, u32* __restrict__ batch_actions,
                                  float* __restrict__ batch_rewards, float* __restrict__ batch_discounts,
                                  float* __restrict__ batch_next_observations, u32 width, u32 capacity, u32 batch) {
    const u32 b = blockIdx.x;
    if (b >= batch || slots[b] >= capacity) return;
    const u32 slot = slots[b];
    // A storage may hold more than 2^32 elements.
    const u64 from = (u64)slot * width, to = (u64)b * width;
    for (u32 i = threadIdx.x; i < width; i += blockDim.x) {
        batch_observations[to + i] = observations[from + i];
        batch_next_observations[to + i] = next_observations[from + i];
    }
    if (threadIdx.x != 0) return;
    batch_actions[b] = actions[slot];
    batch_rewards[b] = rewards[slot];
    batch_discounts[b] = discounts[slot];
}
