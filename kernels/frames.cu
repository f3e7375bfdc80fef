// Frames that stay on the device, each stored once as bytes; stacks are put together as they are gathered. Twin:
// core/src/replay/frames.rs, FrameStorage::gather.
//
//   frames [places][frame], ages [places]: how many frames of its episode are before one, as far as a stack reaches
//   of each slot: the places of the last frame of both observations, action, reward, discount
#include "common.cuh"

// What a storage is.
struct FrameShape {
    u32 frame, stack, places, capacity;
};

// Observations are [batch][stack][frame], every byte divided by `divisor`; the oldest frame is first, and before the start of
// an episode its first frame stands again. Launch: blocks (batch, 2), the second index 0 for the observation and 1 for
// the next one, any number of threads along x, which share the bytes. A slot that does not exist leaves its place as it is.
extern "C" __global__ void gather_frames(const u8* __restrict__ frames, const u8* __restrict__ ages,
                                         const u32* __restrict__ last_places, const u32* __restrict__ next_places,
                                         const u32* __restrict__ actions, const float* __restrict__ rewards,
                                         const float* __restrict__ discounts, const u32* __restrict__ slots,
                                         float* __restrict__ batch_observations, u32* __restrict__ batch_actions,
                                         float* __restrict__ batch_rewards, float* __restrict__ batch_discounts,
                                         float* __restrict__ batch_next_observations, float divisor, FrameShape shape,
                                         u32 batch) {
    const u32 b = blockIdx.x;
    if (b >= batch || slots[b] >= shape.capacity) return;
    const u32 slot = slots[b];
    const u32 last = blockIdx.y == 0 ? last_places[slot] : next_places[slot];
    float* const observation = blockIdx.y == 0 ? batch_observations : batch_next_observations;
    const u32 width = shape.stack * shape.frame, age = ages[last];
    for (u32 i = threadIdx.x; i < width; i += blockDim.x) {
        const u32 back = shape.stack - 1 - i / shape.frame;
        const u32 place = (last + shape.places - (back < age ? back : age)) % shape.places;
        const u8 byte = frames[(u64)place * shape.frame + i % shape.frame];
        observation[(u64)b * width + i] = (float)byte / divisor;
    }
    if (threadIdx.x != 0 || blockIdx.y != 0) return;
    batch_actions[b] = actions[slot];
    batch_rewards[b] = rewards[slot];
    batch_discounts[b] = discounts[slot];
}
