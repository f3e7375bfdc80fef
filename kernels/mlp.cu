// An update of a network of dense layers in two launches, with `update_sums` and an optimiser behind them. Twin:
// core/src/dqn/cpu_learner.rs, learn, from the gathered batch to the gradients.
//
//   mlp_rows                 of each transition: both networks on what follows, the target, the online network on what was
//                            seen, the error, and dL/d of every layer back to the first
//   mlp_parameter_gradient   dW[i][o] = sum over b of x[b][i] dy[b][o]        db[o] = sum over b of dy[b][o]
//
//   B transitions, V numbers of a row of values but for the last layer's, D deltas of a row (mlp.cuh)
//
// All arguments stay the same from update to update, so that a graph of launches can be replayed: what changes is in buffers.
#include "bellman.cuh"
#include "loss.cuh"
#include "matrix.cuh"
#include "mlp.cuh"

// What is learned: the loss, and what follows a step.
struct Rule {
    u32 is_huber, is_soft;
    Munchausen munchausen;
};

// dL/d of one output of the last layer, before its activation, from dq [actions] and the advantages that were there.
__device__ __forceinline__ float last_gradient(const Mlp& network, const float* dq, const float* advantages, u32 output) {
    if (network.baseline == Baseline::None) return dq[output];
    float sum = 0.0f;
    for (u32 a = 0; a < network.actions; ++a) sum += dq[a];
    if (output == 0) return sum;
    const u32 action = output - 1;
    if (network.baseline == Baseline::Mean) return dq[action] - sum / (float)network.actions;
    return action == first_of_largest(advantages, network.actions, 1) ? dq[action] - sum : dq[action];
}

// The transitions of a storage at `slots` [B], weighted by `weights` [B] or by 1 if that is null. `target_parameters` value
// what follows, `chooser_parameters` choose the action unless that is null, `parameters` are learned.
// Results: values [B][V], deltas [B][D], and [B] each: errors, terms of the loss, values of the actions taken.
// Launch: threads (any, rows of a block), blocks along x that cover `batch`. Dynamic shared memory, of each row: floats for
// the input and the outputs of all layers, and twice as many as the last layer has. A slot that does not exist leaves its
// places as they are.
extern "C" __global__ void mlp_rows(const float* __restrict__ observations, const u32* __restrict__ actions,
                                    const float* __restrict__ rewards, const float* __restrict__ discounts,
                                    const float* __restrict__ next_observations, const u32* __restrict__ slots,
                                    const float* __restrict__ weights, const float* __restrict__ target_parameters,
                                    const float* __restrict__ chooser_parameters, const float* __restrict__ parameters,
                                    float* __restrict__ values, float* __restrict__ deltas, float* __restrict__ errors,
                                    float* __restrict__ terms, float* __restrict__ taken_values,
                                    const __grid_constant__ Mlp network, Rule rule, u32 capacity, u32 batch) {
    DYN_SHARED(float, shared);
    const Dense last = layer_of(network, network.layers - 1);
    const u32 kept = last.values + last.inputs;
    float* const row = shared + threadIdx.y * (kept + 3 * last.outputs);
    float* const next_q = row + kept + last.outputs;
    float* const q = next_q + last.outputs;
    const u32 b = blockIdx.x * blockDim.y + threadIdx.y;
    const u32 slot = b < batch ? slots[b] : capacity;
    const bool is_inside = slot < capacity, is_first = is_inside && threadIdx.x == 0;
    const u32 width = network.inputs, count = network.actions;

    // What follows, and what it is worth.
    for (u32 i = threadIdx.x; is_inside && i < width; i += blockDim.x) row[i] = next_observations[(u64)slot * width + i];
    __syncthreads();
    run_row(network, target_parameters, row, next_q, is_inside);
    if (chooser_parameters) run_row(network, chooser_parameters, row, q, is_inside);
    float next_value = 0.0f;
    if (is_first && rule.is_soft) next_value = soft_value(rule.munchausen, next_q, count);
    if (is_first && !rule.is_soft) next_value = next_q[greedy(chooser_parameters ? q : next_q, count)];

    // What was seen and done.
    for (u32 i = threadIdx.x; is_inside && i < width; i += blockDim.x) row[i] = observations[(u64)slot * width + i];
    __syncthreads();
    if (rule.is_soft) run_row(network, target_parameters, row, q, is_inside);
    float target = 0.0f;
    if (is_first) {
        const float bonus = rule.is_soft ? munchausen_bonus(rule.munchausen, q, actions[slot], count) : 0.0f;
        target = (rule.is_soft ? rewards[slot] + bonus : rewards[slot]) + discounts[slot] * next_value;
    }
    run_row(network, parameters, row, q, is_inside);
    for (u32 i = threadIdx.x; is_inside && i < kept; i += blockDim.x) values[(u64)b * kept + i] = row[i];

    // The error, and dL/dq in place of q.
    if (is_first) {
        const u32 action = actions[slot];
        const float error = target - q[action], weight = weights ? weights[b] : 1.0f, scale = 1.0f / (float)batch;
        const Term term = rule.is_huber ? huber_term(error) : squared_term(error);
        errors[b] = error;
        terms[b] = weight * term.value;
        taken_values[b] = q[action];
        for (u32 a = 0; a < count; ++a) q[a] = a == action ? weight * scale * term.slope : 0.0f;
    }
    __syncthreads();

    // Deltas from the last layer back to the first: the last one's where next_q was, each other one's in place of the outputs
    // whose slope it needs.
    float* delta = next_q;
    float* output = row + kept;
    float* const kept_deltas = deltas + (u64)b * (last.deltas + last.outputs);
    for (u32 o = threadIdx.x; is_inside && o < last.outputs; o += blockDim.x) {
        const float d = last_gradient(network, q, output + 1, o);
        kept_deltas[last.deltas + o] = delta[o] = d * slope(network.activations[network.layers - 1], output[o]);
    }
    for (u32 index = network.layers - 1; index > 0; --index) {
        const Dense layer = layer_of(network, index);
        output = row + layer.values;
        __syncthreads();
        for (u32 i = threadIdx.x; is_inside && i < layer.inputs; i += blockDim.x) {
            const float* const of_input = parameters + layer.parameters + i * layer.outputs;
            float sum = 0.0f;
            for (u32 o = 0; o < layer.outputs; ++o) sum += delta[o] * of_input[o];
            const float d = sum * slope(network.activations[index - 1], output[i]);
            kept_deltas[layer.deltas - layer.inputs + i] = output[i] = d;
        }
        delta = output;
    }
}

// Results: gradients, one a parameter; what was there is lost. Launch: blocks of TILE x TILE threads, one after the other the
// tiles of each layer's [inputs + 1][outputs]. Shared memory: Tiles, static.
extern "C" __global__ void mlp_parameter_gradient(const float* __restrict__ values, const float* __restrict__ deltas,
                                                  float* __restrict__ gradients, const __grid_constant__ Mlp network,
                                                  u32 batch) {
    __shared__ Tiles tiles;
    const Dense last = layer_of(network, network.layers - 1);
    const u32 kept = last.values + last.inputs, width = last.deltas + last.outputs;
    Dense layer = layer_of(network, 0);
    u32 index = 0, number = blockIdx.x;
    // Which layer this block's tile is of.
    for (;;) {
        const u32 count = tiles_over(layer.inputs + 1) * tiles_over(layer.outputs);
        if (number < count) break;
        number -= count;
        if (++index == network.layers) return;
        layer = layer_of(network, index);
    }
    const u32 across = tiles_over(layer.outputs);
    const Tile tile = {number / across, number % across};
    const float* const x = values + layer.values;
    const float* const dy = deltas + layer.deltas;
    const float sum = add_products<Along::First, Along::Second>(
        tiles, 0.0f, {layer.inputs + 1, batch, layer.outputs},
        [=](u32 i, u32 b) { return i < layer.inputs ? x[(u64)b * kept + i] : 1.0f; },
        [=](u32 b, u32 o) { return dy[(u64)b * width + o]; }, tile);
    const u32 row = row_of_thread(tile), column = column_of_thread(tile);
    if (row <= layer.inputs && column < layer.outputs) gradients[layer.parameters + row * layer.outputs + column] = sum;
}
