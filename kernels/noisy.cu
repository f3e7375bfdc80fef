// Noise in the weights of dense layers. Twin: core/src/nn/noisy.rs, which also draws it: its numbers f(e) are given here.
//
//   noise       of every dense layer its numbers of the inputs, then those of the outputs
//   places      [P][2]: where in the noise a parameter's two factors stand; NONE for the first is 1, a bias', and NONE for the
//               second is a parameter without noise. They follow from the network and stay the same
//   parameters  [2][P]: all means, then all deviations; gradients alike
//
// Launch: a thread a parameter, any block; the grid covers `count`, P.
#include "common.cuh"

constexpr u32 NONE = 0xFFFFFFFF;

struct Places {
    u32 input, output;
};

__device__ __forceinline__ float noise_at(const float* noise, Places places) {
    return (places.input == NONE ? 1.0f : noise[places.input]) * noise[places.output];
}

// effective[i] = mean + deviation * noise
extern "C" __global__ void noisy_perturb(const float* __restrict__ parameters, const Places* __restrict__ places,
                                         const float* __restrict__ noise, float* __restrict__ effective, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const bool is_noisy = places[i].output != NONE;
    effective[i] = is_noisy ? parameters[i] + parameters[count + i] * noise_at(noise, places[i]) : parameters[i];
}

// The second half of `gradients`, those of the deviations, from the first, those of the parameters with this noise in them.
extern "C" __global__ void noisy_deviation_gradient(float* __restrict__ gradients, const Places* __restrict__ places,
                                                    const float* __restrict__ noise, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    // A sum that starts from zero, as core's: of -0 it makes 0.
    gradients[count + i] = places[i].output == NONE ? 0.0f : 0.0f + gradients[i] * noise_at(noise, places[i]);
}
