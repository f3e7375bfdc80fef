// Learning targets of a batch. Twins: core/src/bellman.rs, core/src/bellman/munchausen.rs.
//
//   B transitions, A actions; next_q [B][A]; the discount is zero where a task ended, and is the product over the steps
//   where a transition spans several
//
// Launch: a thread a transition, any block; the grid covers `batch`.
#include "bellman.cuh"

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

// y[b] = reward + bonus of the action taken + discount times the soft value of next_q[b]: the target network's values `q` of
// what was seen and `next_q` of what follows, both [B][A].
extern "C" __global__ void munchausen(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                      const u32* __restrict__ taken, const float* __restrict__ q,
                                      const float* __restrict__ next_q, float* __restrict__ targets, Munchausen munchausen,
                                      u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    const float reward = rewards[b] + munchausen_bonus(munchausen, q + b * actions, taken[b], actions);
    targets[b] = reward + discounts[b] * soft_value(munchausen, next_q + b * actions, actions);
}
