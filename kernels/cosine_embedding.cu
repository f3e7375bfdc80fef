// A network that is asked about fractions. Twin: core/src/nn/cosine_embedding.rs.
//
//   R rows, N fractions of each, n cosines, H numbers of a row
//   write_cosines               c[r][k][i] = cos(pi i t[r][k]), i = 0 .. n - 1
//   (dense_forward, relu_forward: e [R][N][H] from c)
//   cosine_embedding_forward    y[r][k][h] = e[r][k][h] x[r][h]
//   cosine_embedding_backward   dx[r][h] = sum over k of dy[r][k][h] e[r][k][h]; then dy becomes that of e before its relu,
//                               dy[r][k][h] x[r][h] where e > 0
//   (dense_parameter_gradient: of weights and bias, from c and that)
//   mean_of_fractions           q[r][a] = (sum over k of y[r][k][a]) / N
//
// Launch: a thread a fraction, a number of y, of dx, of q; any block. Sums run in the order of their index.
#include "activation.cuh"
#include "trigonometry.cuh"

// cosines [count][cosines_each]: each from the two before it, in double precision.
extern "C" __global__ void write_cosines(const float* __restrict__ fractions, float* __restrict__ cosines, u32 cosines_each,
                                         u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const double first = cosine(3.14159265358979323846 * (double)fractions[i]);
    double before = first, here = 1.0;
    float* const c = cosines + (u64)i * cosines_each;
    for (u32 k = 0; k < cosines_each; ++k) {
        c[k] = (float)here;
        const double next = 2.0 * first * here - before;
        before = here;
        here = next;
    }
}

// output [rows][fractions][width]. `embedded` is as long or, where every row is asked about the same, [fractions][width]:
// `embedded_count` numbers, from which on it begins anew.
extern "C" __global__ void cosine_embedding_forward(const float* __restrict__ embedded, const float* __restrict__ input,
                                                    float* __restrict__ output, u32 embedded_count, u32 width, u32 fractions,
                                                    u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * fractions * width) return;
    const u32 r = i / (fractions * width), h = i % width;
    output[i] = embedded[i % embedded_count] * input[r * width + h];
}

// embedded and d_output [rows][fractions][width], input and d_input [rows][width].
extern "C" __global__ void cosine_embedding_backward(const float* __restrict__ embedded, const float* __restrict__ input,
                                                     float* __restrict__ d_output, float* __restrict__ d_input, u32 width,
                                                     u32 fractions, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * width) return;
    const u32 r = i / width, h = i % width;
    const float x = input[i];
    float sum = 0.0f;
    for (u32 k = 0; k < fractions; ++k) {
        const u32 at = (r * fractions + k) * width + h;
        const float e = embedded[at], d = d_output[at];
        sum += d * e;
        d_output[at] = d * x * relu_slope(e);
    }
    d_input[i] = sum;
}

// input [rows][fractions][values], output [rows][values].
extern "C" __global__ void mean_of_fractions(const float* __restrict__ input, float* __restrict__ output, u32 fractions,
                                             u32 values, u32 rows) {
    const u32 i = thread_in_grid();
    if (i >= rows * values) return;
    const u32 r = i / values, a = i % values;
    float sum = 0.0f;
    for (u32 k = 0; k < fractions; ++k) sum += input[(r * fractions + k) * values + a];
    output[i] = sum / (float)fractions;
}
