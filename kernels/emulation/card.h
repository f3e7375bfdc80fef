// The card that the stand-in driver has: how it is set up, what went wrong with it, its memory, and what is counted. It knows no
// stream and no call of the driver.
//
// Failures are played on request, by variables of the environment:
//
//   EMULATION_DRIVER=11040        the CUDA version that the driver knows          EMULATION_DEVICES=0    how many devices
//   EMULATION_CAPABILITY=90       what they can do, 90 for 9.0                    EMULATION_MEMORY=N     bytes on each
//   EMULATION_REFUSES_AT=N        the N-th launch (of a kernel or a graph, counted from 1) is not taken
//   EMULATION_FAILS_AT=N          the N-th kernel that runs does not end well: the next wait says so
//   EMULATION_LOST_AT=N           before the N-th kernel runs, the device is gone for good
//   EMULATION_REPORT=FILE         what was counted is written there at the end
#pragma once
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string>

namespace stand_in {

// The values of CUresult that are used.
enum Result {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_IMAGE = 200,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    ILLEGAL_ADDRESS = 700,
    LAUNCH_OUT_OF_RESOURCES = 701,
    CAPTURE_UNSUPPORTED = 900,
    CAPTURE_INVALIDATED = 901,
    UNKNOWN = 999,
};

using Pointer = unsigned long long;

inline long long setting(const char* name, long long otherwise) {
    const char* const text = std::getenv(name);
    return text ? std::atoll(text) : otherwise;
}

inline const long long driver = setting("EMULATION_DRIVER", 12090);
inline const long long devices = setting("EMULATION_DEVICES", 1);
inline const long long capability = setting("EMULATION_CAPABILITY", 90);
inline const long long memory = setting("EMULATION_MEMORY", 1ll << 30);
inline const long long refuses_at = setting("EMULATION_REFUSES_AT", 0);
inline const long long fails_at = setting("EMULATION_FAILS_AT", 0);
inline const long long lost_at = setting("EMULATION_LOST_AT", 0);

// What stays wrong once it went wrong.
inline Result broken = SUCCESS;

struct Counts {
    long long launches, graph_launches, kernels, copies, waits;
};
inline Counts counts;

[[noreturn]] inline void die(const std::string& what) {
    std::fprintf(stderr, "stand-in driver: %s\n", what.c_str());
    std::_Exit(3);
}

constexpr std::size_t MARGIN = 256;
constexpr unsigned char UNTOUCHED = 0xA5;

struct Allocation {
    std::size_t bytes;
};
inline std::map<Pointer, Allocation> allocations;
inline std::map<Pointer, std::size_t> pinned;
inline std::size_t used;

template <class Ranges>
auto containing(Ranges& ranges, Pointer address) {
    auto after = ranges.upper_bound(address);
    return after == ranges.begin() ? ranges.end() : std::prev(after);
}

inline bool is_on_device(Pointer address, std::size_t bytes) {
    const auto found = containing(allocations, address);
    return found != allocations.end() && address + bytes <= found->first + found->second.bytes;
}

inline bool is_pinned(const void* address, std::size_t bytes) {
    const auto place = Pointer(address);
    const auto found = containing(pinned, place);
    return found != pinned.end() && place + bytes <= found->first + found->second;
}

inline void check_margin(Pointer start, const Allocation& allocation) {
    const auto* const behind = reinterpret_cast<unsigned char*>(start) + allocation.bytes;
    for (std::size_t i = 0; i < MARGIN; ++i) {
        if (behind[i] != UNTOUCHED) die("an allocation of " + std::to_string(allocation.bytes) + " bytes is written behind its end");
    }
}

// At the end: no margin was written, and what was counted.
struct Report {
    ~Report() {
        for (const auto& [start, allocation] : allocations) check_margin(start, allocation);
        const char* const path = std::getenv("EMULATION_REPORT");
        std::FILE* const file = path ? std::fopen(path, "w") : nullptr;
        if (!file) return;
        std::fprintf(file, "launches %lld\ngraph launches %lld\nkernels %lld\ncopies %lld\nwaits %lld\nleft allocated %zu\n",
                     counts.launches, counts.graph_launches, counts.kernels, counts.copies, counts.waits, used);
        std::fclose(file);
    }
};
inline Report report;

}  // namespace stand_in
