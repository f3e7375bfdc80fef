// How the target network follows the online network. Twin: core/src/dqn/target_network.rs.
//
// Launch: a thread a parameter, any block; the grid covers `count`.
#include "common.cuh"

// target = online
extern "C" __global__ void hard_copy(const float* __restrict__ online, float* __restrict__ target, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    target[i] = online[i];
}

// target = tau online + (1 - tau) target
extern "C" __global__ void soft_update(const float* __restrict__ online, float* __restrict__ target, float tau, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    target[i] = tau * online[i] + (1.0f - tau) * target[i];
}

// Every element becomes `value`: gradients before they are added to.
extern "C" __global__ void fill(float* __restrict__ values, float value, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = value;
}
