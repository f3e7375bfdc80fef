// The software mathematics of core/src/math.rs on the device: the operations of the libm crate (FreeBSD's msun, by Sun
// Microsystems), in their order, so that the bits are those of every other target. CUDA's own expf, tanhf, log, sin
// and cos have other last bits.
#pragma once
#include "common.cuh"

__device__ __forceinline__ float f32_of(u32 bits) { return __int_as_float((int)bits); }
__device__ __forceinline__ u32 bits_of(float x) { return (u32)__float_as_int(x); }
__device__ __forceinline__ double f64_of(u64 bits) { return __longlong_as_double((long long)bits); }
__device__ __forceinline__ u64 bits_of(double x) { return (u64)__double_as_longlong(x); }

// x times 2 to the power n, for n of -180 to 128: in two steps where one factor does not do. Not rounded twice, since the
// first step keeps a small result normal.
__device__ __forceinline__ float scale_f32(float x, int n) {
    if (n > 127) {
        x *= f32_of(0x7F000000);
        n -= 127;
    } else if (n < -126) {
        x *= f32_of(0x0C800000);  // 2^-102
        n += 102;
    }
    return x * f32_of((u32)(0x7F + n) << 23);
}

// e to the power x: libm's expf.
__device__ __forceinline__ float exp_f32(float x) {
    const u32 magnitude = bits_of(x) & 0x7FFFFFFF;
    const bool is_negative = bits_of(x) >> 31;
    if (magnitude > 0x7F800000) return x;
    if (magnitude >= 0x42B17218 && !is_negative) return x * f32_of(0x7F000000);
    if (magnitude >= 0x42CFF1B5 && is_negative) return 0.0f;

    int k = 0;
    float high = x, low = 0.0f;
    if (magnitude > 0x3EB17218) {
        k = is_negative ? -1 : 1;
        if (magnitude > 0x3F851592) k = (int)(1.4426950216e+00f * x + (is_negative ? -0.5f : 0.5f));
        high = x - (float)k * 6.9314575195e-01f;
        low = (float)k * 1.4286067653e-06f;
        x = high - low;
    } else if (magnitude <= 0x39000000) {
        return 1.0f + x;
    }
    const float square = x * x;
    const float c = x - square * (1.6666625440e-1f + square * -2.7667332906e-3f);
    const float y = 1.0f + (x * c / (2.0f - c) - low + high);
    return k == 0 ? y : scale_f32(y, k);
}

// e^x - 1, exact near zero: libm's expm1f.
__device__ __forceinline__ float exp_m1_f32(float x) {
    const u32 magnitude = bits_of(x) & 0x7FFFFFFF;
    const bool is_negative = bits_of(x) >> 31;
    if (magnitude >= 0x4195B844) {
        if (magnitude > 0x7F800000) return x;
        if (is_negative) return -1.0f;
        if (magnitude > 0x42B17217) return x * f32_of(0x7F000000);
    }
    int k = 0;
    float c = 0.0f;
    if (magnitude > 0x3EB17218) {
        float high, low;
        if (magnitude < 0x3F851592) {
            k = is_negative ? -1 : 1;
            high = is_negative ? x + 6.9313812256e-01f : x - 6.9313812256e-01f;
            low = is_negative ? -9.0580006145e-06f : 9.0580006145e-06f;
        } else {
            k = (int)(1.4426950216e+00f * x + (is_negative ? -0.5f : 0.5f));
            high = x - (float)k * 6.9313812256e-01f;
            low = (float)k * 9.0580006145e-06f;
        }
        x = high - low;
        c = (high - x) - low;
    } else if (magnitude < 0x33000000) {
        return x;
    }
    const float half = 0.5f * x;
    const float product = x * half;
    const float r = 1.0f + product * (-3.3333212137e-2f + product * 1.5807170421e-3f);
    const float t = 3.0f - r * half;
    float e = product * ((r - t) / (6.0f - x * t));
    if (k == 0) return x - (x * e - product);
    e = x * (e - c) - c;
    e -= product;
    if (k == -1) return 0.5f * (x - e) - 0.5f;
    if (k == 1) return x < -0.25f ? -2.0f * (e - (x + 0.5f)) : 1.0f + 2.0f * (x - e);
    const float power = f32_of((u32)(0x7F + k) << 23);
    if (k < 0 || k > 56) {
        const float y = x - e + 1.0f;
        return (k == 128 ? y * 2.0f * f32_of(0x7F000000) : y * power) - 1.0f;
    }
    const float inverse = f32_of((u32)(0x7F - k) << 23);
    return k < 23 ? (x - e + (1.0f - inverse)) * power : (x - (e + inverse) + 1.0f) * power;
}

// Hyperbolic tangent: libm's tanhf.
__device__ __forceinline__ float tanh_f32(float x) {
    const u32 magnitude = bits_of(x) & 0x7FFFFFFF;
    const bool is_negative = bits_of(x) >> 31;
    x = f32_of(magnitude);
    float y = x;
    if (magnitude > 0x3F0C9F54) {
        y = magnitude > 0x41200000 ? 1.0f + 0.0f / x : 1.0f - 2.0f / (exp_m1_f32(2.0f * x) + 2.0f);
    } else if (magnitude > 0x3E82C578) {
        const float t = exp_m1_f32(2.0f * x);
        y = t / (t + 2.0f);
    } else if (magnitude >= 0x00800000) {
        const float t = exp_m1_f32(-2.0f * x);
        y = -t / (t + 2.0f);
    }
    return is_negative ? -y : y;
}

// Natural logarithm: libm's log.
__device__ __forceinline__ double ln(double x) {
    u64 bits = bits_of(x);
    u32 high = (u32)(bits >> 32);
    int k = 0;
    if (high < 0x00100000 || high >> 31) {
        if (bits << 1 == 0) return -1.0 / (x * x);
        if (high >> 31) return f64_of(0x7FF8000000000000);
        k = -54;
        bits = bits_of(x * f64_of(0x4350000000000000));
        high = (u32)(bits >> 32);
    } else if (high >= 0x7FF00000) {
        return x;
    } else if (high == 0x3FF00000 && bits << 32 == 0) {
        return 0.0;
    }
    high += 0x3FF00000 - 0x3FE6A09E;
    k += (int)(high >> 20) - 0x3FF;
    high = (high & 0x000FFFFF) + 0x3FE6A09E;
    x = f64_of((u64)high << 32 | (bits & 0xFFFFFFFF));

    const double f = x - 1.0;
    const double half_square = 0.5 * f * f;
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double w = z * z;
    const double t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double t2 = z * (6.666666666666735130e-01 +
                           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double r = t2 + t1;
    const double dk = k;
    return s * (half_square + r) + dk * 1.90821492927058770002e-10 - half_square + f + dk * 6.93147180369123816490e-01;
}

// Rust's clamp: a NaN stays one.
__device__ __forceinline__ double clamped(double x, double low, double high) { return x < low ? low : x > high ? high : x; }
