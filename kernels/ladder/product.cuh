// What every version of the product multiplies: C = bias + A W, of a dense layer or of a convolution. Twins:
// core/src/nn/dense.rs forward, core/src/nn/conv2d.rs forward.
//
//   dense    A [batch][inputs], the input as it is
//   conv2d   A [batch * positions][numbers under the kernel], which is never written out: `at` finds each of its numbers
//            in the images
//
// Versions differ in how the numbers travel, and not in what they are: that is here.
#pragma once
#include "../conv2d.cuh"

// W [inner][columns], bias [columns] and results [rows][columns].
struct Product {
    const float* weights;
    const float* bias;
    float* results;
    u32 rows, inner, columns;
};

__device__ __forceinline__ Product product_of_dense(const float* parameters, float* output, u32 inputs, u32 outputs,
                                                    u32 batch) {
    return {parameters, parameters + inputs * outputs, output, batch, inputs, outputs};
}

__device__ __forceinline__ Product product_of_conv2d(const float* parameters, float* output, const Conv2d& conv, u32 batch) {
    const u32 inner = inner_of(conv);
    return {parameters, parameters + inner * conv.filters, output, batch * positions_of(conv), inner, conv.filters};
}

// A load of sixteen bytes needs an address that sixteen divides.
__device__ __forceinline__ bool is_aligned(const float* address) { return (u64)address % 16 == 0; }

// A of a dense layer.
struct Rows {
    const float* input;
    u32 inner;

    struct Row {
        const float* start;
    };
    __device__ __forceinline__ Row row(u32 m) const { return {input + (u64)m * inner}; }

    // Where A(m, k) stands in memory.
    __device__ __forceinline__ const float* at(const Row& row, u32 k) const { return row.start + k; }

    // Whether four neighbours in k, the first a multiple of four, are sixteen bytes that one load takes.
    __device__ __forceinline__ bool comes_in_fours() const { return inner % 4 == 0 && is_aligned(input); }
};

// A of a convolution: a row is what lies under the kernel at one position.
struct Windows {
    const float* images;
    const Conv2d& conv;

    // The window's first pixel; above and before the image it has wrapped to large numbers.
    struct Row {
        const float* image;
        u32 y, x;
    };
    __device__ __forceinline__ Row row(u32 m) const {
        const u32 position = m % positions_of(conv);
        return {images + (u64)(m / positions_of(conv)) * count_of(conv),
                position / conv.output_width * conv.down - conv.above,
                position % conv.output_width * conv.right - conv.before};
    }

    // Null in the padding, where A(m, k) is zero.
    __device__ __forceinline__ const float* at(const Row& row, u32 k) const {
        const Tap tap = tap_of(conv, k);
        const u32 y = row.y + tap.row, x = row.x + tap.column;
        if (y >= conv.height || x >= conv.width) return nullptr;
        return row.image + place_of(conv, tap.channel, y, x);
    }

    // Four pixels of a line, or four channels of a pixel: all in the image, or all in the padding.
    __device__ __forceinline__ bool comes_in_fours() const {
        if (!is_aligned(images)) return false;
        if (conv.channels_last) return conv.channels % 4 == 0;
        return conv.kernel_width % 4 == 0 && conv.width % 4 == 0 && conv.right % 4 == 0 && conv.before % 4 == 0;
    }
};

template <class A>
__device__ __forceinline__ float value_of(const A& a, const typename A::Row& row, u32 k) {
    const float* const place = a.at(row, k);
    return place ? *place : 0.0f;
}
