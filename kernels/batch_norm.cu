// Batch normalisation. Twin: core/src/nn/batch_norm.rs.
//
//   R rows, F features; gamma, beta, running mean, running variance, [F] each, are the layer's part of the flat parameters;
//   statistics are all means [F], then all variances [F]: of the batch in training, the running ones in inference
//
//   batch_norm_statistics           mean[f] = 1/R sum over r of x[r][f]     variance[f] = 1/R sum over r of (x[r][f] - mean[f])^2
//   batch_norm_forward              y[r][f] = gamma[f] h[r][f] + beta[f]    h = (x - mean) / sqrt(variance + epsilon)
//   batch_norm_parameter_gradient   dbeta[f] += sum over r of dy[r][f]      dgamma[f] += sum over r of dy[r][f] h[r][f]
//   batch_norm_input_gradient       dx = gamma / sqrt(variance + epsilon) (dy - 1/R sum of dy - h 1/R sum of dy h)
//   batch_norm_follow               running = running + momentum (statistic of the batch - running)
//
// Sums run in the order of the rows. Launch, where a feature is the result: a thread a feature; where a matrix is: a thread an
// element, x [rows][features]. Any block; the grid covers them.
#include "common.cuh"

extern "C" __global__ void batch_norm_statistics(const float* __restrict__ input, float* __restrict__ statistics, u32 features,
                                                 u32 rows) {
    const u32 f = thread_in_grid();
    if (f >= features) return;
    const float share = 1.0f / (float)rows;
    float sum = 0.0f;
    for (u32 r = 0; r < rows; ++r) sum += input[r * features + f];
    const float mean = sum * share;
    float squares = 0.0f;
    for (u32 r = 0; r < rows; ++r) {
        const float distance = input[r * features + f] - mean;
        squares += distance * distance;
    }
    statistics[f] = mean;
    statistics[features + f] = squares * share;
}

// 1 / sqrt(variance + epsilon) of a feature.
__device__ __forceinline__ float scale_of(const float* statistics, float epsilon, u32 features, u32 f) {
    return 1.0f / sqrtf(statistics[features + f] + epsilon);
}

extern "C" __global__ void batch_norm_forward(const float* __restrict__ parameters, const float* __restrict__ statistics,
                                              const float* __restrict__ input, float* __restrict__ output, float epsilon,
                                              u32 features, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * features) return;
    const u32 f = i % features;
    const float h = (input[i] - statistics[f]) * scale_of(statistics, epsilon, features, f);
    output[i] = parameters[f] * h + parameters[features + f];
}

// Adds to d_parameters, and leaves both sums, [2][features], for the gradient of the input.
extern "C" __global__ void batch_norm_parameter_gradient(const float* __restrict__ statistics, const float* __restrict__ input,
                                                         const float* __restrict__ d_output, float* __restrict__ d_parameters,
                                                         float* __restrict__ sums, float epsilon, u32 features, u32 rows) {
    const u32 f = thread_in_grid();
    if (f >= features) return;
    const float mean = statistics[f], scale = scale_of(statistics, epsilon, features, f);
    float slopes = 0.0f, products = 0.0f;
    for (u32 r = 0; r < rows; ++r) {
        const float dy = d_output[r * features + f];
        slopes += dy;
        products += dy * ((input[r * features + f] - mean) * scale);
    }
    d_parameters[f] += products;
    d_parameters[features + f] += slopes;
    sums[f] = slopes;
    sums[features + f] = products;
}

extern "C" __global__ void batch_norm_input_gradient(const float* __restrict__ parameters, const float* __restrict__ statistics,
                                                     const float* __restrict__ input, const float* __restrict__ d_output,
                                                     const float* __restrict__ sums, float* __restrict__ d_input, float epsilon,
                                                     u32 features, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * features) return;
    const u32 f = i % features;
    const float share = 1.0f / (float)rows;
    const float scale = scale_of(statistics, epsilon, features, f);
    const float along = (input[i] - statistics[f]) * scale * (sums[features + f] * share);
    d_input[i] = parameters[f] * scale * (d_output[i] - sums[f] * share - along);
}

// Moves the running statistics among the parameters; the variance by the unbiased one. A single row has no variance.
extern "C" __global__ void batch_norm_follow(const float* __restrict__ statistics, float* __restrict__ parameters,
                                             float momentum, u32 features, u32 rows) {
    const u32 f = thread_in_grid();
    if (f >= features) return;
    const float unbiased = rows > 1 ? (float)rows / (float)(rows - 1) : 1.0f;
    float* const mean = parameters + 2 * features + f;
    float* const variance = mean + features;
    *mean += momentum * (statistics[f] - *mean);
    *variance += momentum * (statistics[features + f] * unbiased - *variance);
}
