// Whole distributions of returns: their means, their targets, and the quantiles' loss. Twins: core/src/nn/expectation.rs,
// core/src/distribution/categorical.rs and quantile.rs, and the batches of core/src/dqn/returns.rs.
//
//   B transitions, A actions, W numbers an action: logits of W atoms z[i] = lowest + i spacing, or W quantiles
//   next_outputs [B][A][W] and next_means [B][A] belong to what follows; a* is the action of the largest of next_means
//   quantiles of an implicit distribution, whose rows are fractions, are [B][W][A]
//
// Sums run in the order of their index, one thread a sum.
#include "bellman.cuh"
#include "softmax.cuh"

// The support: `spacing` is (highest - lowest) / (W - 1).
struct Atoms {
    float lowest, highest, spacing;
};

// Where a quantile is among those of all transitions.
__device__ __forceinline__ u64 place_of(u32 is_implicit, u32 b, u32 action, u32 quantile, u32 width, u32 actions) {
    const u32 within = is_implicit ? quantile * actions + action : action * width + quantile;
    return (u64)b * actions * width + within;
}

// means[g] = sum of e^(x - m) z / sum of e^(x - m). Launch: a thread a group of W logits, any block.
extern "C" __global__ void mean_of_atoms(const float* __restrict__ logits, float* __restrict__ means, Atoms atoms, u32 width,
                                         u32 groups) {
    const u32 g = thread_in_grid();
    if (g >= groups) return;
    const float* const x = logits + (u64)g * width;
    const float largest = largest_of(x, width);
    float sum = 0.0f, weighted = 0.0f;
    for (u32 i = 0; i < width; ++i) {
        const float e = exp_f32(x[i] - largest);
        sum += e;
        weighted += e * (atoms.lowest + (float)i * atoms.spacing);
    }
    means[g] = weighted / sum;
}

// means[g] = sum of the quantiles / W. Launch: a thread a group, any block.
extern "C" __global__ void mean_of_quantiles(const float* __restrict__ quantiles, float* __restrict__ means, u32 width,
                                             u32 groups) {
    const u32 g = thread_in_grid();
    if (g >= groups) return;
    const float* const x = quantiles + (u64)g * width;
    float sum = 0.0f;
    for (u32 i = 0; i < width; ++i) sum += x[i];
    means[g] = sum / (float)width;
}

// targets [B][W]: the softmax of a*'s logits, each probability moved to reward + discount z and shared by the two atoms
// beside. Launch: a thread a transition, any block; the grid covers `batch`.
extern "C" __global__ void categorical_project(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                               const float* __restrict__ next_means, const float* __restrict__ next_outputs,
                                               float* __restrict__ targets, Atoms atoms, u32 width, u32 actions, u32 batch) {
    const u32 b = thread_in_grid();
    if (b >= batch) return;
    const u32 chosen = greedy(next_means + b * actions, actions);
    const float* const x = next_outputs + (u64)(b * actions + chosen) * width;
    float* const target = targets + (u64)b * width;
    const float largest = largest_of(x, width);
    float total = 0.0f;
    for (u32 i = 0; i < width; ++i) {
        total += exp_f32(x[i] - largest);
        target[i] = 0.0f;
    }
    for (u32 i = 0; i < width; ++i) {
        const float probability = exp_f32(x[i] - largest) / total;
        float moved = rewards[b] + discounts[b] * (atoms.lowest + (float)i * atoms.spacing);
        if (moved < atoms.lowest) moved = atoms.lowest;
        if (moved > atoms.highest) moved = atoms.highest;
        // Rounding could lead past the last atom.
        const float place = fminf((moved - atoms.lowest) / atoms.spacing, (float)(width - 1));
        const float floor = floorf(place);
        const u32 left = (u32)floor;
        const float share = place - floor;
        target[left] += probability * (1.0f - share);
        if (share > 0.0f) target[left + 1] += probability * share;
    }
}

// targets [B][W]: reward + discount times each of a*'s quantiles. Launch: a thread a number of `targets`, any block.
extern "C" __global__ void quantile_targets(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                            const float* __restrict__ next_means, const float* __restrict__ next_outputs,
                                            float* __restrict__ targets, u32 is_implicit, u32 width, u32 actions,
                                            u32 batch) {
    const u32 i = thread_in_grid();
    if (i >= batch * width) return;
    const u32 b = i / width;
    const u32 chosen = greedy(next_means + b * actions, actions);
    targets[i] = rewards[b] + discounts[b] * next_outputs[place_of(is_implicit, b, chosen, i % width, width, actions)];
}

// The quantile Huber loss, each quantile against all T targets [B][T]: its part of the loss to losses [B][W], and the gradient
// to d_outputs, zero for the actions that were not taken. `fractions` [B][W] is where the quantiles are meant to lie; without
// them that is the middles of W equal parts. Launch: a thread a number of `losses`, any block.
extern "C" __global__ void quantile_huber(const float* __restrict__ outputs, const float* __restrict__ fractions,
                                          const u32* __restrict__ taken, const float* __restrict__ targets,
                                          const float* __restrict__ weights, float* __restrict__ d_outputs,
                                          float* __restrict__ losses, u32 is_implicit, u32 target_count, u32 width, u32 actions,
                                          u32 batch) {
    const u32 i = thread_in_grid();
    if (i >= batch * width) return;
    const u32 b = i / width, quantile = i % width;
    const float fraction = fractions ? fractions[i] : ((float)quantile + 0.5f) / (float)width, rest = 1.0f - fraction;
    const float value = outputs[place_of(is_implicit, b, taken[b], quantile, width, actions)];
    float sum = 0.0f, slopes = 0.0f;
    for (u32 j = 0; j < target_count; ++j) {
        const float u = targets[(u64)b * target_count + j] - value;
        const bool is_below = u < 0.0f;
        const float weight = is_below ? rest : fraction, magnitude = fabsf(u);
        // Asked this way round, a NaN stays one.
        const bool is_far = 1.0f < magnitude;
        sum += weight * (is_far ? magnitude - 0.5f : 0.5f * (u * u));
        slopes += weight * (is_far ? (is_below ? -1.0f : 1.0f) : u);
    }
    const float share = 1.0f / (float)target_count, scale = 1.0f / (float)batch;
    const float factor = (weights ? weights[b] : 1.0f) * scale;
    losses[i] = share * sum;
    for (u32 a = 0; a < actions; ++a) {
        const u64 place = place_of(is_implicit, b, a, quantile, width, actions);
        d_outputs[place] = a == taken[b] ? -(factor * share) * slopes : 0.0f;
    }
}

// errors[b] = sum of a transition's losses, total = mean of the weighted errors. Launch: one block, any number of threads
// along x. Dynamic shared memory: a float a thread.
extern "C" __global__ void add_losses(const float* __restrict__ losses, const float* __restrict__ weights,
                                      float* __restrict__ errors, float* __restrict__ total, u32 width, u32 batch) {
    DYN_SHARED(float, terms);
    float sum = 0.0f;
    for (u32 first = 0; first < batch; first += blockDim.x) {
        const u32 b = first + threadIdx.x;
        if (b < batch) {
            float error = 0.0f;
            for (u32 i = 0; i < width; ++i) error += losses[(u64)b * width + i];
            errors[b] = error;
            terms[threadIdx.x] = (weights ? weights[b] : 1.0f) * error;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            for (u32 i = 0; i < blockDim.x && first + i < batch; ++i) sum += terms[i];
        }
        __syncthreads();
    }
    if (threadIdx.x == 0) total[0] = sum * (1.0f / (float)batch);
}

// targets [B][W]: as quantile_targets, but reward and value are Munchausen's. `means_before` [B][A] are the target network's
// of what was seen. Launch: a thread a number of `targets`, any block.
extern "C" __global__ void munchausen_quantiles(const float* __restrict__ rewards, const float* __restrict__ discounts,
                                                const u32* __restrict__ taken, const float* __restrict__ means_before,
                                                const float* __restrict__ next_means,
                                                const float* __restrict__ next_outputs, float* __restrict__ targets,
                                                Munchausen munchausen, u32 is_implicit, u32 width, u32 actions,
                                                u32 batch) {
    const u32 i = thread_in_grid();
    if (i >= batch * width) return;
    const u32 b = i / width;
    const float reward = rewards[b] + munchausen_bonus(munchausen, means_before + b * actions, taken[b], actions);
    const float* const means = next_means + b * actions;
    const SoftPolicy policy(means, actions, munchausen.temperature);
    float value = 0.0f;
    for (u32 a = 0; a < actions; ++a) {
        const float quantile = next_outputs[place_of(is_implicit, b, a, i % width, width, actions)];
        value += policy.probability(means[a]) * (quantile - policy.scaled_logarithm(means[a]));
    }
    targets[i] = reward + discounts[b] * value;
}

// Gradients of the logits [groups][W] from those of their means [groups]: d[i] = dq p[i] (z[i] - q). Twin:
// core/src/nn/expectation.rs, backward. Launch: a thread a group, any block.
extern "C" __global__ void mean_of_atoms_backward(const float* __restrict__ logits, const float* __restrict__ d_means,
                                                  float* __restrict__ d_logits, Atoms atoms, u32 width, u32 groups) {
    const u32 g = thread_in_grid();
    if (g >= groups) return;
    const float* const x = logits + (u64)g * width;
    float* const d = d_logits + (u64)g * width;
    float largest, weighted = 0.0f;
    const float sum = add_exponentials(x, d, width, largest);
    for (u32 i = 0; i < width; ++i) weighted += d[i] * (atoms.lowest + (float)i * atoms.spacing);
    const float mean = weighted / sum;
    for (u32 i = 0; i < width; ++i) {
        d[i] = d_means[g] * (d[i] / sum) * (atoms.lowest + (float)i * atoms.spacing - mean);
    }
}

// d[i] = dq / W. Launch: a thread a quantile, any block; the grid covers groups * width.
extern "C" __global__ void mean_of_quantiles_backward(const float* __restrict__ d_means, float* __restrict__ d_quantiles,
                                                      u32 width, u32 groups) {
    const u32 i = thread_in_grid();
    if (i >= groups * width) return;
    d_quantiles[i] = d_means[i / width] / (float)width;
}
