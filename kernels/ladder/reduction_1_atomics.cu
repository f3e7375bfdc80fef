// The sum of squares, version 1, atomics: a thread an element, and all of them add to one number.
//
// Twin of all versions: what core/src/nn/optimiser/clip.rs takes the root of. Memory adds one number at a time to an
// address: the threads wait in a line that is as long as the array. In which order they add is left to chance, and with it
// the last bits of the sum.
//
// total[0], before a zero, becomes the sum. Launch: a thread an element, any block; the grid covers `count`.
#include "../common.cuh"

extern "C" __global__ void square_sum_atomics(const float* __restrict__ values, float* __restrict__ total, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    atomicAdd(total, values[i] * values[i]);
}
