// Which action is taken, for a batch. Twins: core/src/policy/greedy.rs and epsilon_greedy.rs.
//
// q is [batch][actions]. Launch: a thread a row, any block; the grid covers `batch`.
#include "greedy.cuh"
#include "random.cuh"

// The action of the largest value, the first of equals; a NaN never wins.
extern "C" __global__ void greedy_actions(const float* __restrict__ q, u32* __restrict__ taken, u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    taken[b] = greedy(q + b * actions, actions);
}

// With probability `epsilon` any action, else the greedy one. One draw of the row's generator decides, a second one chooses
// if it explores.
extern "C" __global__ void epsilon_greedy(const float* __restrict__ q, Generator* __restrict__ generators,
                                          u32* __restrict__ taken, double epsilon, u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    Generator generator = generators[b];
    const bool explores = random(generator) < epsilon;
    taken[b] = explores ? integer_below(generator, actions) : greedy(q + b * actions, actions);
    generators[b] = generator;
}
