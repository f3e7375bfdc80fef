// RMSProp in three forms. Twin: core/src/nn/optimiser/rms_prop.rs.
//
//   s = decay s + (1 - decay) g g          m = decay m + (1 - decay) g          p = p - rate g / root
//
//   rms_prop_plain                    root = sqrt(s) + epsilon
//   rms_prop_centred                  root = sqrt(s - m m) + epsilon
//   rms_prop_centred_epsilon_inside   root = sqrt(s - m m + epsilon), s starts at one
//
// `kept` is the decay and `share` is 1 - decay, rounded from double precision each. `moments` is all s, then all m where the
// form is centred. Launch: a thread a parameter, any block; the grid covers `count`.
#include "optimiser.cuh"

extern "C" __global__ void rms_prop_plain(float* __restrict__ parameters, const float* __restrict__ gradients,
                                          float* __restrict__ moments, float rate, float kept, float share, float epsilon,
                                          u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float g = gradients[i];
    const float s = flush(kept * moments[i] + share * (g * g));
    moments[i] = s;
    parameters[i] -= rate * g / (sqrtf(s) + epsilon);
}

// Moves both means on; gives s - m m, and zero where rounding made that negative.
__device__ __forceinline__ float centred_square(float* moments, float g, float kept, float share, u32 i, u32 count) {
    const float s = flush(kept * moments[i] + share * (g * g));
    const float m = flush(kept * moments[count + i] + share * g);
    moments[i] = s;
    moments[count + i] = m;
    const float variance = s - m * m;
    return variance < 0.0f ? 0.0f : variance;
}

extern "C" __global__ void rms_prop_centred(float* __restrict__ parameters, const float* __restrict__ gradients,
                                            float* __restrict__ moments, float rate, float kept, float share, float epsilon,
                                            u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float g = gradients[i];
    parameters[i] -= rate * g / (sqrtf(centred_square(moments, g, kept, share, i, count)) + epsilon);
}

extern "C" __global__ void rms_prop_centred_epsilon_inside(float* __restrict__ parameters, const float* __restrict__ gradients,
                                                           float* __restrict__ moments, float rate, float kept, float share,
                                                           float epsilon, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float g = gradients[i];
    parameters[i] -= rate * g / sqrtf(centred_square(moments, g, kept, share, i, count) + epsilon);
}
