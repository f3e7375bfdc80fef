// The numbers of a step that are the same for all parameters. Twin: core/src/nn/optimiser/mod.rs, scaled and step.
#include "optimiser.cuh"

// Takes `powers` one step on (null unless the optimiser is Adam) and writes the numbers of a step whose rate is multiplied by
// factor[0]: what a schedule asks for. Launch: one thread.
extern "C" __global__ void prepare_step(double* __restrict__ powers, Step* __restrict__ step, const float* __restrict__ factor,
                                        Rates rates) {
    if (thread_in_grid() != 0) return;
    prepare(powers, step, factor[0], rates);
}
