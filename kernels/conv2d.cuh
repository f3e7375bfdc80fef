// The shape of a convolution, and what lies under its kernel. Twin: core/src/nn/conv2d.rs, which conv2d.cu describes.
#pragma once
#include "common.cuh"

// One layer. Pairs are (vertical, horizontal), as in core's Conv2d.
struct Conv2d {
    u32 channels, height, width, channels_last, filters;
    u32 kernel_height, kernel_width, down, right, above, before;
    u32 output_height, output_width;
};

__device__ __forceinline__ u32 inner_of(const Conv2d& conv) { return conv.channels * conv.kernel_height * conv.kernel_width; }
__device__ __forceinline__ u32 positions_of(const Conv2d& conv) { return conv.output_height * conv.output_width; }
__device__ __forceinline__ u32 count_of(const Conv2d& conv) { return conv.channels * conv.height * conv.width; }

// Where a pixel's channel stands in its image.
__device__ __forceinline__ u32 place_of(const Conv2d& conv, u32 channel, u32 y, u32 x) {
    return conv.channels_last ? (y * conv.width + x) * conv.channels + channel
                              : (channel * conv.height + y) * conv.width + x;
}

// Channel, row and column of the kernel, of its number k.
struct Tap {
    u32 channel, row, column;
};

__device__ __forceinline__ Tap tap_of(const Conv2d& conv, u32 k) {
    if (conv.channels_last) {
        const u32 pixel = k / conv.channels;
        return {k % conv.channels, pixel / conv.kernel_width, pixel % conv.kernel_width};
    }
    const u32 line = k / conv.kernel_width;
    return {line / conv.kernel_height, line % conv.kernel_height, k % conv.kernel_width};
}

// What lies in the padding has no place.
constexpr u64 NOWHERE = ~(u64)0;

// Where x[row / P][row % P][k] stands among the images.
__device__ __forceinline__ u64 place_under_kernel(const Conv2d& conv, u32 row, u32 k) {
    const u32 position = row % positions_of(conv);
    const Tap tap = tap_of(conv, k);
    // Wraps to a large number above and before the image.
    const u32 y = position / conv.output_width * conv.down + tap.row - conv.above;
    const u32 x = position % conv.output_width * conv.right + tap.column - conv.before;
    if (y >= conv.height || x >= conv.width) return NOWHERE;
    return (u64)(row / positions_of(conv)) * count_of(conv) + place_of(conv, tap.channel, y, x);
}

// x[row / P][row % P][k]
template <class Element>
__device__ __forceinline__ float under_kernel(const Conv2d& conv, const Element* images, float divisor, u32 row, u32 k) {
    const u64 place = place_under_kernel(conv, row, k);
    if (place == NOWHERE) return 0.0f;
    const float value = (float)images[place];
    return sizeof(Element) == 1 ? value / divisor : value;
}
