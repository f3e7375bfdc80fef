// Adam. Twin: core/src/nn/optimiser/adam.rs.
//
//   m = m + (1 - beta1) (g - m)                      c1 = 1 - beta1^t
//   v = beta2 v + (1 - beta2) g g                    c2 = 1 - beta2^t
//   p = p - rate' m / (sqrt(v) + epsilon')           rate' = rate sqrt(c2) / c1,  epsilon' = epsilon sqrt(c2)
#include "optimiser.cuh"

// The numbers of one step, which stay on the device: steps that are replayed as a graph have no arguments that change.
struct AdamStep {
    float first, second_kept, second, rate, epsilon;
};

// Takes `powers` = (beta1^t, beta2^t) one step on, and writes what the step needs. Launch: one thread.
extern "C" __global__ void adam_correct(double* __restrict__ powers, AdamStep* __restrict__ step, double rate, double beta1,
                                        double beta2, double epsilon) {
    if (thread_in_grid() != 0) return;
    powers[0] *= beta1;
    powers[1] *= beta2;
    const double c1 = 1.0 - powers[0], c2 = 1.0 - powers[1];
    const double root = sqrt(c2);
    *step = {(float)(1.0 - beta1), (float)beta2, (float)(1.0 - beta2), (float)(rate * root / c1), (float)(epsilon * root)};
}

// `moments` is all m, then all v. Launch: a thread a parameter, any block; the grid covers `count`.
extern "C" __global__ void adam_step(const AdamStep* __restrict__ step, float* __restrict__ parameters,
                                     const float* __restrict__ gradients, float* __restrict__ moments, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float g = gradients[i];
    const float m = flush(moments[i] + step->first * (g - moments[i]));
    const float v = flush(step->second_kept * moments[count + i] + step->second * (g * g));
    moments[i] = m;
    moments[count + i] = v;
    parameters[i] -= step->rate * m / (sqrtf(v) + step->epsilon);
}
