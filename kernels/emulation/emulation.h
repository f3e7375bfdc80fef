// What a CUDA kernel needs to be compiled by a C++17 compiler and executed by a processor. See runtime.cpp for how a
// block of threads runs. Knows no kernel, and only as much of CUDA as the kernels here use.
//
// Two things differ from CUDA's own text: dynamic shared memory is declared as DYN_SHARED(type, name), and shared memory
// is declared in kernels, never in a template or inline function that they call.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

namespace emulation {

// A thread of the block that runs now, as its kernel sees it.
struct Place {
    uint3 thread, block;
    dim3 threads, blocks;
};
extern const Place* place;
extern unsigned char* dynamic_shared;

// Waits for the whole block; every thread has to be at the same line.
void wait_for_block(const char* file, int line);
// Waits for the lanes in `mask`; every one of them has to come. Gives `value` of the lane `source` of the own warp.
std::uint64_t exchange(unsigned mask, std::uint64_t value, unsigned source);
unsigned lane();

// What the lanes of a warp bring to a whole-warp operation: three words each.
struct Brought {
    std::uint64_t words[32][3];
};
// The whole warp has to come. Gives what every lane brings.
Brought bring_together(const std::uint64_t (&words)[3]);

// A copy to shared memory that a thread has started.
struct Copy {
    void* to;
    const void* from;
    unsigned bytes, group;
};
// Copies of the own thread wait in groups until `take_copy` hands them out: those of all groups but the last `left`.
void start_copy(void* to, const void* from, unsigned bytes);
void close_group();
bool take_copy(unsigned left, Copy& copy);

// A kernel by its name, with its parameters as cuLaunchKernel takes them. Copies of a text are groups.
struct Kernel {
    const char* name;
    unsigned group;
    const char* signature;
    // How many bytes each parameter has.
    const std::size_t* sizes;
    void (*call)(void** parameters);
    Kernel* next;
};
extern Kernel* kernels;

// p pointer, u 32-bit whole number, f float, d double, s structure: what tests compare with the list in Rust.
template <class T>
constexpr char letter() {
    if (std::is_pointer_v<T>) return 'p';
    if (std::is_same_v<T, unsigned>) return 'u';
    if (std::is_same_v<T, float>) return 'f';
    if (std::is_same_v<T, double>) return 'd';
    static_assert(std::is_class_v<T> || std::is_pointer_v<T> || std::is_same_v<T, unsigned> ||
                      std::is_floating_point_v<T>,
                  "kernels take pointers, unsigned, float, double and structures");
    return 's';
}

template <auto kernel, class F>
struct Entry;
template <auto kernel, class... Parameters>
struct Entry<kernel, void (*)(Parameters...)> {
    static constexpr char signature[] = {letter<Parameters>()..., 0};
    static constexpr std::size_t sizes[] = {sizeof(Parameters)...};
    static void call(void** parameters) { call(parameters, std::index_sequence_for<Parameters...>()); }
    template <std::size_t... I>
    static void call(void** parameters, std::index_sequence<I...>) {
        kernel(*static_cast<Parameters*>(parameters[I])...);
    }
    static Kernel* add(const char* name, unsigned group) {
        static Kernel entry{name, group, signature, sizes, call, kernels};
        return kernels = &entry;
    }
};

}  // namespace emulation

// Which copy this is: each stands in a namespace of its own, with a number of its own that hides this one.
constexpr unsigned emulated_group = 0;

// In a file of its own behind the kernel's text: makes the kernel known by its name.
#define EMULATED(name) \
    static emulation::Kernel* const emulated_##name = emulation::Entry<&name, decltype(&name)>::add(#name, emulated_group);

#define __global__
#define __device__
#define __constant__
#define __grid_constant__
#define __forceinline__ inline
// All of it lies in one section, which is filled with NaNs before every block.
#define __shared__ static __attribute__((section("emulated_shared")))
#define DYN_SHARED(type, name) type* const name = reinterpret_cast<type*>(emulation::dynamic_shared)
#define threadIdx (emulation::place->thread)
#define blockIdx (emulation::place->block)
#define blockDim (emulation::place->threads)
#define gridDim (emulation::place->blocks)

#define __syncthreads() emulation::wait_for_block(__FILE__, __LINE__)

template <class T>
T emulated_shuffle(unsigned mask, T value, unsigned source) {
    static_assert(sizeof(T) <= 8, "a shuffle moves up to eight bytes");
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = emulation::exchange(mask, bits, source);
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}
template <class T>
T __shfl_sync(unsigned mask, T value, unsigned source) {
    return emulated_shuffle(mask, value, source & 31);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta) {
    const unsigned lane = emulation::lane();
    return emulated_shuffle(mask, value, lane + delta < 32 ? lane + delta : lane);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, unsigned lanes) {
    return emulated_shuffle(mask, value, emulation::lane() ^ lanes);
}

// One thread runs at a time, so that plain reads and writes are atomic; for the thread sanitizer they are made so.
inline float atomicAdd(float* address, float value) {
    std::uint32_t seen = __atomic_load_n(reinterpret_cast<std::uint32_t*>(address), __ATOMIC_RELAXED), sum;
    float before;
    do {
        std::memcpy(&before, &seen, 4);
        const float after = before + value;
        std::memcpy(&sum, &after, 4);
    } while (!__atomic_compare_exchange_n(reinterpret_cast<std::uint32_t*>(address), &seen, sum, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return before;
}
inline unsigned atomicAdd(unsigned* address, unsigned value) {
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

inline float __int_as_float(int bits) {
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
}
inline int __float_as_int(float value) {
    int bits;
    std::memcpy(&bits, &value, 4);
    return bits;
}
inline double __longlong_as_double(long long bits) {
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
}
inline long long __double_as_longlong(double value) {
    long long bits;
    std::memcpy(&bits, &value, 8);
    return bits;
}

// Copies that a thread starts and does not wait for, as cp.async makes them. Until they have been waited for, what they
// write is NaNs: a wait that is missing shows. `there` is how many of the bytes are copied; the rest becomes zeros.
inline void emulated_copy(void* to, const void* from, unsigned bytes, unsigned there) {
    std::memset(to, 0xFF, bytes);
    emulation::start_copy(to, there ? from : nullptr, bytes);
}
inline void emulated_wait(unsigned left) {
    emulation::Copy copy;
    while (emulation::take_copy(left, copy)) {
        if (copy.from) {
            std::memcpy(copy.to, copy.from, copy.bytes);
        } else {
            std::memset(copy.to, 0, copy.bytes);
        }
    }
}

// mma.sync.m16n8k8 of TF32: c [16][8] += a [16][8] b [8][8]. With g = lane / 4 and t = lane % 4 a lane holds
//   a   [g][t], [g + 8][t], [g][t + 4], [g + 8][t + 4]
//   b   [t][g], [t + 4][g]
//   c   [g][2 t], [g][2 t + 1], [g + 8][2 t], [g + 8][2 t + 1]
// Of a and b ten bits of the fraction are read. NVIDIA does not say how the nine numbers of a sum are added; measured on
// cards, the sum is cut off rather than rounded, and that is what happens here to the double that holds it.
inline void emulated_mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
    const emulation::Brought brought = emulation::bring_together(
        {a[0] | std::uint64_t(a[1]) << 32, a[2] | std::uint64_t(a[3]) << 32, b[0] | std::uint64_t(b[1]) << 32});
    // Word `word` of `lane`, its lower or upper half.
    const auto number = [&](unsigned lane, unsigned word, bool upper) {
        const std::uint32_t bits = std::uint32_t(brought.words[lane][word] >> (upper ? 32 : 0)) & 0xFFFFE000;
        float value;
        std::memcpy(&value, &bits, 4);
        return double(value);
    };
    const unsigned lane = emulation::lane();
    for (unsigned i = 0; i < 4; ++i) {
        const bool lower_rows = i >= 2;
        const unsigned column = lane % 4 * 2 + i % 2;
        double sum = c[i];
        for (unsigned k = 0; k < 8; ++k) {
            sum += number(lane / 4 * 4 + k % 4, k / 4, lower_rows) * number(column * 4 + k % 4, 2, k >= 4);
        }
        const float nearest = float(sum);
        const bool is_beyond = nearest > 0.0f ? double(nearest) > sum : double(nearest) < sum;
        c[i] = is_beyond ? std::nextafter(nearest, 0.0f) : nearest;
    }
}

inline void __threadfence() {}
