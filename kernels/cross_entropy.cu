// Losses between probabilities: value and gradient in one pass. Twin: core/src/nn/cross_entropy.rs.
//
//   B batch; w[b] a weight, 1 where `weights` is null
//   binary        L = -1/B sum over b of w (y ln p + (1 - y) ln(1 - p))        p in [0, 1]
//                 dL/dp = w/B (p - y) / (p (1 - p))
//   categorical   L = -1/B sum over b of w sum over i of t[i] ln s[i]          s the softmax of the logits x
//                 dL/dx[i] = w/B (s[i] sum of t - t[i])
//   of_taken      the same where each of A actions has logits and the one that was taken has a target
//
// Launch: one block, any number of threads along x. Dynamic shared memory: a float a thread. A thread a row; the terms are
// added in the order of the batch by the first thread, while the others compute the next ones.
#include "softmax.cuh"

// The loss: `term_of(b)` writes the gradient of a row and gives its part of the sum.
template <class TermOf>
__device__ __forceinline__ void add_terms(float* total, float* terms, u32 batch, TermOf term_of) {
    const float scale = 1.0f / (float)batch;
    float sum = 0.0f;
    for (u32 first = 0; first < batch; first += blockDim.x) {
        if (first + threadIdx.x < batch) terms[threadIdx.x] = term_of(first + threadIdx.x, scale);
        __syncthreads();
        if (threadIdx.x == 0) {
            for (u32 i = 0; i < blockDim.x && first + i < batch; ++i) sum += terms[i];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) total[0] = sum * scale;
}

__device__ __forceinline__ float cut_logarithm(float x) { return fmaxf((float)ln((double)x), -100.0f); }

extern "C" __global__ void binary_cross_entropy(const float* __restrict__ probabilities, const float* __restrict__ targets,
                                                const float* __restrict__ weights, float* __restrict__ d_probabilities,
                                                float* __restrict__ total, u32 batch) {
    DYN_SHARED(float, terms);
    add_terms(total, terms, batch, [=](u32 b, float scale) {
        const float p = probabilities[b], y = targets[b], weight = weights ? weights[b] : 1.0f;
        const float value = y * cut_logarithm(p) + (1.0f - y) * cut_logarithm(1.0f - p);
        const float variance = fmaxf(p * (1.0f - p), 1e-12f);
        d_probabilities[b] = weight * scale * ((p - y) / variance);
        return -(weight * value);
    });
}

// The sum of e^(x - m), which are written, and what each logit is reduced by to become the logarithm of its probability.
__device__ __forceinline__ float exponentials_and_logarithm(const float* x, float* d, u32 classes, float& shift) {
    const float sum = add_exponentials(x, d, classes, shift);
    shift += (float)ln((double)sum);
    return sum;
}

// One class a row: targets [batch]. logits and d_logits are [batch][classes].
extern "C" __global__ void cross_entropy_of_classes(const float* __restrict__ logits, const u32* __restrict__ targets,
                                                    const float* __restrict__ weights, float* __restrict__ d_logits,
                                                    float* __restrict__ total, u32 classes, u32 batch) {
    DYN_SHARED(float, terms);
    add_terms(total, terms, batch, [=](u32 b, float scale) {
        const float weight = weights ? weights[b] : 1.0f, factor = weight * scale;
        const float* const x = logits + b * classes;
        float* const d = d_logits + b * classes;
        float shift;
        const float sum = exponentials_and_logarithm(x, d, classes, shift);
        for (u32 i = 0; i < classes; ++i) d[i] = factor * (d[i] / sum);
        d[targets[b]] -= factor;
        return weight * (shift - x[targets[b]]);
    });
}

// The loss of one row against a distribution; writes `factor` times its gradient. A class that is out of the question on both
// sides adds nothing.
__device__ __forceinline__ float cross_entropy_of_row(const float* x, const float* t, float factor, float* d, u32 classes) {
    float shift;
    const float sum = exponentials_and_logarithm(x, d, classes, shift);
    float value = 0.0f, of_targets = 0.0f;
    for (u32 i = 0; i < classes; ++i) {
        if (t[i] != 0.0f) value += t[i] * (x[i] - shift);
        of_targets += t[i];
    }
    for (u32 i = 0; i < classes; ++i) d[i] = factor * (d[i] / sum * of_targets) - factor * t[i];
    return -value;
}

// A distribution a row: targets [batch][classes].
extern "C" __global__ void cross_entropy_of_distributions(const float* __restrict__ logits, const float* __restrict__ targets,
                                                          const float* __restrict__ weights, float* __restrict__ d_logits,
                                                          float* __restrict__ total, u32 classes, u32 batch) {
    DYN_SHARED(float, terms);
    add_terms(total, terms, batch, [=](u32 b, float scale) {
        const float weight = weights ? weights[b] : 1.0f;
        const u32 row = b * classes;
        return weight * cross_entropy_of_row(logits + row, targets + row, weight * scale, d_logits + row, classes);
    });
}

// The same of the action that was taken: logits and d_logits are [batch][actions][classes], errors [batch] the rows' losses
// before their weights. Of the other actions the gradient is zero. Twin: core/src/dqn/returns.rs, evaluate.
extern "C" __global__ void cross_entropy_of_taken(const float* __restrict__ logits, const u32* __restrict__ taken,
                                                  const float* __restrict__ targets, const float* __restrict__ weights,
                                                  float* __restrict__ d_logits, float* __restrict__ errors,
                                                  float* __restrict__ total, u32 classes, u32 actions, u32 batch) {
    DYN_SHARED(float, terms);
    add_terms(total, terms, batch, [=](u32 b, float scale) {
        const float weight = weights ? weights[b] : 1.0f;
        const u64 first = (u64)b * actions * classes, row = first + taken[b] * classes;
        for (u64 i = first; i < first + actions * classes; ++i) d_logits[i] = 0.0f;
        const float* const target = targets + (u64)b * classes;
        errors[b] = cross_entropy_of_row(logits + row, target, weight * scale, d_logits + row, classes);
        return weight * errors[b];
    });
}
