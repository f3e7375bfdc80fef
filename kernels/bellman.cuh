// What follows a step where several actions could. Twins: core/src/bellman.rs and core/src/bellman/munchausen.rs.
#pragma once
#include "greedy.cuh"
#include "softmax.cuh"

// Share of the scaled log-probability that becomes reward, how soft the policy is, where that log-probability is cut off.
struct Munchausen {
    float alpha, temperature, lowest;
};

// The softmax of values over a temperature, asked one value at a time.
struct SoftPolicy {
    float temperature, largest, sum, scaled_logarithm_of_sum;

    __device__ __forceinline__ SoftPolicy(const float* q, u32 actions, float temperature)
        : temperature(temperature), largest(largest_of(q, actions)), sum(0.0f) {
        for (u32 a = 0; a < actions; ++a) sum += exp_f32((q[a] - largest) / temperature);
        scaled_logarithm_of_sum = temperature * (float)ln((double)sum);
    }
    __device__ __forceinline__ float probability(float q) const { return exp_f32((q - largest) / temperature) / sum; }
    // The temperature times the logarithm of the probability.
    __device__ __forceinline__ float scaled_logarithm(float q) const { return (q - largest) - scaled_logarithm_of_sum; }
};

// What is added to the reward for an action where the target network gives the values q [actions].
__device__ __forceinline__ float munchausen_bonus(const Munchausen& munchausen, const float* q, u32 action, u32 actions) {
    const float logarithm = SoftPolicy(q, actions, munchausen.temperature).scaled_logarithm(q[action]);
    return munchausen.alpha * fminf(fmaxf(logarithm, munchausen.lowest), 0.0f);
}

// The value of a state whose actions have the values q [actions], under their own soft policy.
__device__ __forceinline__ float soft_value(const Munchausen& munchausen, const float* q, u32 actions) {
    const SoftPolicy policy(q, actions, munchausen.temperature);
    float sum = 0.0f;
    for (u32 a = 0; a < actions; ++a) sum += policy.probability(q[a]) * (q[a] - policy.scaled_logarithm(q[a]));
    return sum;
}
