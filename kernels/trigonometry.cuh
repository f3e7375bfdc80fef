// Sine and cosine of core/src/math.rs on the device: the operations of the libm crate (FreeBSD's msun), in their order.
//
// For angles below 2^20 quarter turns; of larger ones, whose reduction needs tables, both are a NaN, which core's are not.
#pragma once
#include "math.cuh"

// x = quarters * pi / 2 + high + low, and high within an eighth of a turn.
struct Reduced {
    int quarters;
    double high, low;
};

__device__ __forceinline__ Reduced reduce(double x) {
    // pi / 2 in parts of 33 bits, each with what is left behind it.
    const double first = 1.57079632673412561417e+00, after_first = 6.07710050650619224932e-11;
    const double second = 6.07710050630396597660e-11, after_second = 2.02226624879595063154e-21;
    const double third = 2.02226624871116645580e-21, after_third = 8.47842766036889956997e-32;
    const u32 high = (u32)(bits_of(x) >> 32) & 0x7FFFFFFF;
    // Near a multiple of a quarter turn too much cancels for the short way.
    const bool is_near = (high & 0xFFFFF) == 0x921FB || high == 0x4012D97C;
    if (high <= 0x401C463B && !is_near) {
        const int count = high <= 0x4002D97C ? 1 : high <= 0x400F6A7A ? 2 : high <= 0x4015FDBC ? 3 : 4;
        const int quarters = bits_of(x) >> 63 ? -count : count;
        const double z = x - quarters * first;
        const double y = z - quarters * after_first;
        return {quarters, y, (z - y) - quarters * after_first};
    }
    if (high >= 0x413921FB) return {0, f64_of(0x7FF8000000000000), 0.0};
    // Adding and taking away 1.5 / 2^-52 rounds to the nearest whole number.
    const double shift = 6755399441055744.0;
    const double count = (x * 6.36619772367581382433e-01 + shift) - shift;
    double rest = x - count * first, less = count * after_first;
    double y = rest - less;
    const int exponent = (int)(high >> 20);
    if (exponent - (int)(bits_of(y) >> 52 & 0x7FF) > 16) {
        double before = rest;
        less = count * second;
        rest = before - less;
        less = count * after_second - ((before - rest) - less);
        y = rest - less;
        if (exponent - (int)(bits_of(y) >> 52 & 0x7FF) > 49) {
            before = rest;
            less = count * third;
            rest = before - less;
            less = count * after_third - ((before - rest) - less);
            y = rest - less;
        }
    }
    return {(int)count, y, (rest - y) - less};
}

// The sine of x + y within an eighth of a turn.
__device__ __forceinline__ double sin_within(double x, double y, bool is_whole) {
    const double z = x * x, w = z * z;
    const double r = 8.33333333332248946124e-03 + z * (-1.98412698298579493134e-04 + z * 2.75573137070700676789e-06) +
                     z * w * (-2.50507602534068634195e-08 + z * 1.58969099521155010221e-10);
    const double v = z * x;
    if (is_whole) return x + v * (-1.66666666666666324348e-01 + z * r);
    return x - ((z * (0.5 * y - v * r) - y) - v * -1.66666666666666324348e-01);
}

__device__ __forceinline__ double cos_within(double x, double y) {
    const double z = x * x, square = z * z;
    const double r =
        z * (4.16666666666666019037e-02 + z * (-1.38888888888741095749e-03 + z * 2.48015872894767294178e-05)) +
        square * square * (-2.75573143513906633035e-07 + z * (2.08757232129817482790e-09 + z * -1.13596475577881948265e-11));
    const double half = 0.5 * z;
    const double w = 1.0 - half;
    return w + (((1.0 - w) - half) + (z * r - x * y));
}

__device__ __forceinline__ double sine(double x) {
    const u32 high = (u32)(bits_of(x) >> 32) & 0x7FFFFFFF;
    if (high <= 0x3FE921FB) return high < 0x3E500000 ? x : sin_within(x, 0.0, true);
    if (high >= 0x7FF00000) return x - x;
    const Reduced of_x = reduce(x);
    const double value = of_x.quarters & 1 ? cos_within(of_x.high, of_x.low) : sin_within(of_x.high, of_x.low, false);
    return of_x.quarters & 2 ? -value : value;
}

__device__ __forceinline__ double cosine(double x) {
    const u32 high = (u32)(bits_of(x) >> 32) & 0x7FFFFFFF;
    if (high <= 0x3FE921FB) return high < 0x3E46A09E ? 1.0 : cos_within(x, 0.0);
    if (high >= 0x7FF00000) return x - x;
    const Reduced of_x = reduce(x);
    const double value = of_x.quarters & 1 ? sin_within(of_x.high, of_x.low, false) : cos_within(of_x.high, of_x.low);
    return (of_x.quarters + 1) & 2 ? -value : value;
}

// numpy's single-precision sine and cosine within an eighth of a turn, on processors with a fused multiply-add: one rounding a
// term is part of what they are.
__device__ __forceinline__ float numpy_sin_f32(float x) {
    const float square = x * x;
    float sum = fmaf(f32_of(0x363E9DDE), square, f32_of(0xB95035DD));
    sum = fmaf(sum, square, f32_of(0x3C0888CD));
    sum = fmaf(sum, square, f32_of(0xBE2AAAAB));
    return fmaf(sum * square, x, x);
}

__device__ __forceinline__ float numpy_cos_f32(float x) {
    const float square = x * x;
    float sum = fmaf(f32_of(0x37CC730B), square, f32_of(0xBAB6036E));
    sum = fmaf(sum, square, f32_of(0x3D2AAA9E));
    sum = fmaf(sum, square, f32_of(0xBF000000));
    return fmaf(sum, square, f32_of(0x3F800000));
}
