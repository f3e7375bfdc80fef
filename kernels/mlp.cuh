// A network of dense layers as the fused kernels see it: a table of its layers, and where each one's numbers lie.
#pragma once
#include "activation.cuh"
#include "dueling.cuh"

constexpr u32 MOST_LAYERS = 8;

// What stands between the last dense layer and the values of the actions: nothing, or the end of a dueling network.
enum class Baseline : u32 { None, Mean, Max };

// `layers` dense layers, each with an activation behind it. Written by src/mlp.rs.
struct Mlp {
    u32 inputs, actions, layers;
    Baseline baseline;
    u32 outputs[MOST_LAYERS];
    Activation activations[MOST_LAYERS];
};

// One layer. A row of values is the network's input and then the outputs of one layer after the other, so that a layer's
// outputs lie behind its inputs; a row of deltas has one for each of these outputs. Parameters are the flat slice's.
struct Dense {
    u32 inputs, outputs, values, deltas, parameters;
};

__device__ __forceinline__ Dense layer_of(const Mlp& network, u32 index) {
    Dense layer = {network.inputs, network.outputs[0], 0, 0, 0};
    for (u32 i = 0; i < index; ++i) {
        layer.values += layer.inputs;
        layer.deltas += layer.outputs;
        layer.parameters += (layer.inputs + 1) * layer.outputs;
        layer.inputs = layer.outputs;
        layer.outputs = network.outputs[i + 1];
    }
    return layer;
}

// Runs a row through the network: `values` holds the input, the outputs of the layers are written behind it, and the values of
// the actions to q [actions]. Threads along x share a layer's outputs, each sum in the order of the inputs. Every thread of
// the block has to call it; all that was written can be read afterwards. A row that is not `is_inside` is left alone.
__device__ __forceinline__ void run_row(const Mlp& network, const float* parameters, float* values, float* q, bool is_inside) {
    const float* input = values;
    u32 inputs = network.inputs;
    for (u32 layer = 0; layer < network.layers; ++layer) {
        const u32 outputs = network.outputs[layer];
        const float* const bias = parameters + inputs * outputs;
        float* const output = values += inputs;
        for (u32 o = threadIdx.x; is_inside && o < outputs; o += blockDim.x) {
            float sum = bias[o];
            for (u32 i = 0; i < inputs; ++i) sum += input[i] * parameters[i * outputs + o];
            output[o] = activated(network.activations[layer], sum);
        }
        __syncthreads();
        parameters = bias + outputs;
        input = output;
        inputs = outputs;
    }
    for (u32 a = threadIdx.x; is_inside && a < network.actions; a += blockDim.x) {
        const float* const advantages = input + 1;
        const bool is_max = network.baseline == Baseline::Max;
        q[a] = network.baseline == Baseline::None
                   ? input[a]
                   : input[0] + (advantages[a] - dueling_baseline(advantages, is_max, network.actions, 1));
    }
    __syncthreads();
}
