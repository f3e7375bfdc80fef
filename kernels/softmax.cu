// Rows of numbers into rows of probabilities, in place, and the gradient from those. Twin: core/src/nn/softmax.rs.
//
//   softmax_forward    p[i]  = e^(x[i] - m) / sum over j of e^(x[j] - m)       m the largest x
//   softmax_backward   dx[i] = p[i] (dp[i] - sum over j of dp[j] p[j])
//
// Values are [rows][width]. Launch: a thread a row, any block; the grid covers `rows`. Sums run in the order of the row.
#include "softmax.cuh"

extern "C" __global__ void softmax_forward(float* __restrict__ values, u32 width, u32 rows) {
    const u32 r = thread_in_grid();
    if (r >= rows) return;
    float* const row = values + r * width;
    float largest;
    const float total = add_exponentials(row, row, width, largest);
    for (u32 i = 0; i < width; ++i) row[i] /= total;
}

extern "C" __global__ void softmax_backward(const float* __restrict__ probabilities, float* __restrict__ d, u32 width,
                                            u32 rows) {
    const u32 r = thread_in_grid();
    if (r >= rows) return;
    const float* const p = probabilities + r * width;
    float* const row = d + r * width;
    float mean = 0.0f;
    for (u32 i = 0; i < width; ++i) mean += row[i] * p[i];
    for (u32 i = 0; i < width; ++i) row[i] = p[i] * (row[i] - mean);
}
