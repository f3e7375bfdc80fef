// What a network is trained to lower: value, gradient and errors in one pass. Twin: core/src/nn/loss.rs.
//
//   B batch; error[b] = target[b] - q[b][action[b]]; w[b] a weight, 1 where `weights` is null
//   squared_error   L = 1/B sum over b of w e^2                                dL/dq = w * 2/B * -e
//   huber           L = 1/B sum over b of w (|e| <= 1 ? e^2 / 2 : |e| - 1/2)   dL/dq = w * 1/B * -clamp(e, -1, 1)
//
// q and d_q are [batch][actions], errors [batch], total [1]; d_q is written everywhere.
// Launch: one block, any number of threads along x. Dynamic shared memory: a float a thread. The terms are added in the
// order of the batch by the first thread, while the others compute the next ones.
#include "loss.cuh"

template <class TermOf>
__device__ __forceinline__ void evaluate(const float* q, const u32* taken, const float* targets, const float* weights,
                                         float* d_q, float* errors, float* total, float* terms, u32 actions, u32 batch,
                                         TermOf term_of) {
    const float scale = 1.0f / (float)batch;
    float sum = 0.0f;
    for (u32 first = 0; first < batch; first += blockDim.x) {
        const u32 b = first + threadIdx.x;
        if (b < batch) {
            const u32 action = taken[b];
            const float error = targets[b] - q[b * actions + action];
            const float weight = weights ? weights[b] : 1.0f;
            const Term term = term_of(error);
            errors[b] = error;
            for (u32 a = 0; a < actions; ++a) d_q[b * actions + a] = a == action ? weight * scale * term.slope : 0.0f;
            terms[threadIdx.x] = weight * term.value;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            for (u32 i = 0; i < blockDim.x && first + i < batch; ++i) sum += terms[i];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) total[0] = sum * scale;
}

extern "C" __global__ void squared_error(const float* __restrict__ q, const u32* __restrict__ taken,
                                         const float* __restrict__ targets, const float* __restrict__ weights,
                                         float* __restrict__ d_q, float* __restrict__ errors, float* __restrict__ total,
                                         u32 actions, u32 batch) {
    DYN_SHARED(float, terms);
    evaluate(q, taken, targets, weights, d_q, errors, total, terms, actions, batch, squared_term);
}

extern "C" __global__ void huber(const float* __restrict__ q, const u32* __restrict__ taken,
                                 const float* __restrict__ targets, const float* __restrict__ weights,
                                 float* __restrict__ d_q, float* __restrict__ errors, float* __restrict__ total, u32 actions,
                                 u32 batch) {
    DYN_SHARED(float, terms);
    evaluate(q, taken, targets, weights, d_q, errors, total, terms, actions, batch, huber_term);
}

// The mean value of the actions taken: what a training curve shows. Twin: core/src/dqn/returns.rs mean_of_taken.
// Launch: one thread.
extern "C" __global__ void mean_of_taken(const float* __restrict__ q, const u32* __restrict__ taken,
                                         float* __restrict__ mean, u32 actions, u32 batch) {
    if (thread_in_grid() != 0) return;
    float sum = 0.0f;
    for (u32 b = 0; b < batch; ++b) sum += q[b * actions + taken[b]];
    mean[0] = sum / (float)batch;
}
