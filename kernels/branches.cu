// Actions of several components, each with values of its own. Twins: core/src/branches.rs, core/src/nn/joint_values.rs.
//
//   B transitions, K branches; q [B][values]: of each transition the values of branch 0, then those of branch 1, ..
//   place_k(number)       where the choice of branch k in the combination of this number stands, the last choice fastest
//   joint_values_forward  q[r][number] = sum over k of x[r][place_k(number)] / K
//   branched_targets      y[b] = reward + discount 1/K sum over k of next_q[b][argmax of the chooser's branch k]
//   branched_*            L = 1/B sum over b of w 1/K sum over k of loss(e_k), e_k = y[b] - q[b][place_k(taken[b])], w 1 where
//                         `weights` is null; dL/dq; errors[b] = 1/K sum over k of |e_k|
//
// Sums run in the order of the branches. Launch: a thread a value, a transition; any block. Losses as in loss.cu: one block,
// dynamic shared memory of a float a thread.
#include "greedy.cuh"
#include "loss.cuh"

constexpr u32 MOST_BRANCHES = 8;

// `counts` is how many choices each of the first `count` branches has, `values` their sum, `combinations` their product.
struct Branches {
    u32 count, values, combinations;
    u32 counts[MOST_BRANCHES];
};

// Calls visit(place) for each branch.
template <class Visit>
__device__ __forceinline__ void for_each_place(const Branches& branches, u32 number, Visit visit) {
    u32 start = 0, later = branches.combinations;
    for (u32 k = 0; k < branches.count; ++k) {
        later /= branches.counts[k];
        visit(start + number / later % branches.counts[k]);
        start += branches.counts[k];
    }
}

__device__ __forceinline__ float value_of(const Branches& branches, const float* q, u32 number) {
    float sum = 0.0f;
    for_each_place(branches, number, [&](u32 place) { sum += q[place]; });
    return sum / (float)branches.count;
}

// input [rows][values], output [rows][combinations].
extern "C" __global__ void joint_values_forward(const float* __restrict__ input, float* __restrict__ output, Branches branches,
                                                u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * branches.combinations) return;
    output[i] = value_of(branches, input + i / branches.combinations * branches.values, i % branches.combinations);
}

extern "C" __global__ void branched_targets(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                            const float* __restrict__ next_q_chooser, const float* __restrict__ next_q,
                                            float* __restrict__ targets, Branches branches, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    u32 start = b * branches.values;
    float sum = 0.0f;
    for (u32 k = 0; k < branches.count; ++k) {
        sum += next_q[start + greedy(next_q_chooser + start, branches.counts[k])];
        start += branches.counts[k];
    }
    targets[b] = rewards[b] + discounts[b] * (sum / (float)branches.count);
}

template <class TermOf>
__device__ __forceinline__ void evaluate(const float* q, const u32* taken, const float* targets, const float* weights,
                                         float* d_q, float* errors, float* total, float* terms, const Branches& branches,
                                         u32 batch, TermOf term_of) {
    const float scale = 1.0f / (float)batch, count = (float)branches.count;
    float sum = 0.0f;
    for (u32 first = 0; first < batch; first += blockDim.x) {
        const u32 b = first + threadIdx.x;
        if (b < batch) {
            const float weight = weights ? weights[b] : 1.0f;
            const float* const row = q + b * branches.values;
            float* const d = d_q + b * branches.values;
            float values = 0.0f, sizes = 0.0f;
            for (u32 i = 0; i < branches.values; ++i) d[i] = 0.0f;
            for_each_place(branches, taken[b], [&](u32 place) {
                const float error = targets[b] - row[place];
                const Term term = term_of(error);
                d[place] = weight * scale * term.slope / count;
                values += term.value;
                sizes += fabsf(error);
            });
            errors[b] = sizes / count;
            terms[threadIdx.x] = weight * (values / count);
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            for (u32 i = 0; i < blockDim.x && first + i < batch; ++i) sum += terms[i];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) total[0] = sum * scale;
}

extern "C" __global__ void branched_squared_error(const float* __restrict__ q, const u32* __restrict__ taken,
                                                  const float* __restrict__ targets, const float* __restrict__ weights,
                                                  float* __restrict__ d_q, float* __restrict__ errors,
                                                  float* __restrict__ total, Branches branches, u32 batch) {
    DYN_SHARED(float, terms);
    evaluate(q, taken, targets, weights, d_q, errors, total, terms, branches, batch, squared_term);
}

extern "C" __global__ void branched_huber(const float* __restrict__ q, const u32* __restrict__ taken,
                                          const float* __restrict__ targets, const float* __restrict__ weights,
                                          float* __restrict__ d_q, float* __restrict__ errors, float* __restrict__ total,
                                          Branches branches, u32 batch) {
    DYN_SHARED(float, terms);
    evaluate(q, taken, targets, weights, d_q, errors, total, terms, branches, batch, huber_term);
}

// The mean of the values of the combinations taken. Launch: one thread.
extern "C" __global__ void branched_mean_of_taken(const float* __restrict__ q, const u32* __restrict__ taken,
                                                  float* __restrict__ mean, Branches branches, u32 batch) {
    if (thread_in_grid() != 0) return;
    float sum = 0.0f;
    for (u32 b = 0; b < batch; ++b) sum += value_of(branches, q + b * branches.values, taken[b]);
    mean[0] = sum / (float)batch;
}
