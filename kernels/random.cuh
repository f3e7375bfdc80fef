// The default generator and its draws, each row of a batch with a generator of its own. Twins: core/src/rng, whose
// Generator is xoshiro256++ (Blackman and Vigna, 2018) and whose draws are numpy's.
#pragma once
#include "common.cuh"

struct Generator {
    u64 state[4];
};

__device__ __forceinline__ u64 rotate_left(u64 x, u32 bits) { return x << bits | x >> (64 - bits); }

__device__ __forceinline__ u64 next_u64(Generator& generator) {
    u64(&s)[4] = generator.state;
    const u64 result = rotate_left(s[0] + s[3], 23) + s[0];
    const u64 shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

// A number in [0, 1) with 53 random bits.
__device__ __forceinline__ double random(Generator& generator) {
    return (double)(next_u64(generator) >> 11) * (1.0 / 9007199254740992.0);
}

// A whole number below `count`, each as likely: Lemire's multiply and reject. One value draws nothing.
__device__ __forceinline__ u32 integer_below(Generator& generator, u32 count) {
    if (count == 1) return 0;
    u64 product = (next_u64(generator) >> 32) * count;
    if ((u32)product < count) {
        const u32 threshold = (0u - count) % count;
        while ((u32)product < threshold) product = (next_u64(generator) >> 32) * count;
    }
    return (u32)(product >> 32);
}
