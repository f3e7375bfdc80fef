// Learning targets of a batch. Twin: core/src/bellman.rs.
//
//   B transitions, A actions; next_q [B][A]; the discount is zero where a task ended, and is the product over the steps
//   where a transition spans several
//
// Launch: a thread a transition, any block; the grid covers `batch`.
#include "greedy.cuh"

// y[b] = reward + discount max_a next_q[b][a]
extern "C" __global__ void q_learning(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                      const float* __restrict__ next_q, float* __restrict__ targets, u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    const float* const q = next_q + b * actions;
    targets[b] = rewards[b] + discounts[b] * q[greedy(q, actions)];
}

// y[b] = reward + discount next_q[b][argmax_a next_q_chooser[b][a]]: the chooser is the online network.
extern "C" __global__ void double_q_learning(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                             const float* __restrict__ next_q_chooser, const float* __restrict__ next_q,
                                             float* __restrict__ targets, u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    const u32 chosen = greedy(next_q_chooser + b * actions, actions);
    targets[b] = rewards[b] + discounts[b] * next_q[b * actions + chosen];
}
