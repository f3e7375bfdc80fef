// The end of a dueling network: a value and advantages become values of actions. Twin: core/src/nn/dueling.rs.
//
//   W numbers for the value and for each of A actions; x = (V[W], A[0][W], .., A[n-1][W])
//   dueling_forward    q[a][w]  = V[w] + A[a][w] - baseline[w]   baseline: the mean of A[.][w], or the largest
//   dueling_backward   dV[w]    = sum over a of dq[a][w]
//                      dA[a][w] = dq[a][w] - share[a][w] dV[w]   share: 1/n each, or 1 for the first of the largest and 0 else
//
// input and d_input are [rows][1 + actions][width], output and d_output [rows][actions][width]; `is_max` chooses the
// baseline. Launch: a thread a row and number w, any block; the grid covers rows * width. Sums run over the actions.
#include "dueling.cuh"

extern "C" __global__ void dueling_forward(const float* __restrict__ input, float* __restrict__ output, u32 is_max,
                                           u32 actions, u32 width, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * width) return;
    const u32 row = i / width, w = i % width;
    const float* const value = input + row * (1 + actions) * width + w;
    const float* const advantages = value + width;
    float* const q = output + row * actions * width + w;
    const float baseline = dueling_baseline(advantages, is_max, actions, width);
    for (u32 a = 0; a < actions; ++a) q[a * width] = *value + (advantages[a * width] - baseline);
}

extern "C" __global__ void dueling_backward(const float* __restrict__ input, const float* __restrict__ d_output,
                                            float* __restrict__ d_input, u32 is_max, u32 actions, u32 width, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * width) return;
    const u32 row = i / width, w = i % width;
    const float* const advantages = input + (row * (1 + actions) + 1) * width + w;
    const float* const dq = d_output + row * actions * width + w;
    float* const d_value = d_input + row * (1 + actions) * width + w;
    float* const d_advantages = d_value + width;
    float sum = 0.0f;
    for (u32 a = 0; a < actions; ++a) sum += dq[a * width];
    *d_value = sum;
    const float share = is_max ? 0.0f : sum / (float)actions;
    for (u32 a = 0; a < actions; ++a) d_advantages[a * width] = dq[a * width] - share;
    if (is_max) d_advantages[first_of_largest(advantages, actions, width) * width] -= sum;
}
