// A stand-in for libcuda.so: the functions of the driver that the host calls, over the emulated kernels. A program that
// knows nothing of it finds it by LD_LIBRARY_PATH and trains on a device that is not there.
//
// What a card would do later happens later here too: launches and copies wait in a queue until somebody waits for them, so
// memory that is written too early or read too early is seen. Only what CUDA copies before it returns, memory that is not
// pinned, is copied at once. A capture records and does nothing. A kernel is looked up in the image that was loaded, as
// machine code or as PTX, and its parameters there have to be as long as those of the emulated one; every address that a
// launch passes has to lie in memory that is allocated, and every allocation has a margin that has to stay as it was.
//
// Failures are played on request, by variables of the environment:
//
//   EMULATION_DRIVER=11040        the CUDA version that the driver knows          EMULATION_DEVICES=0    how many devices
//   EMULATION_CAPABILITY=90       what they can do, 90 for 9.0                    EMULATION_MEMORY=N     bytes on each
//   EMULATION_REFUSES_AT=N        the N-th launch (of a kernel or a graph, counted from 1) is not taken
//   EMULATION_FAILS_AT=N          the N-th kernel that runs does not end well: the next wait says so
//   EMULATION_LOST_AT=N           before the N-th kernel runs, the device is gone for good
//   EMULATION_REPORT=FILE         what was counted is written there at the end
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "image.h"
#include "runtime.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

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

// Threads of the host call at the same time, and the emulation runs one thing at a time.
std::recursive_mutex in_turn;
using Turn = std::lock_guard<std::recursive_mutex>;

long long setting(const char* name, long long otherwise) {
    const char* const text = std::getenv(name);
    return text ? std::atoll(text) : otherwise;
}

const long long driver = setting("EMULATION_DRIVER", 12090);
const long long devices = setting("EMULATION_DEVICES", 1);
const long long capability = setting("EMULATION_CAPABILITY", 90);
const long long memory = setting("EMULATION_MEMORY", 1ll << 30);
const long long refuses_at = setting("EMULATION_REFUSES_AT", 0);
const long long fails_at = setting("EMULATION_FAILS_AT", 0);
const long long lost_at = setting("EMULATION_LOST_AT", 0);

// What stays wrong once it went wrong.
Result broken = SUCCESS;

struct Counts {
    long long launches, graph_launches, kernels, copies, waits;
} counts;

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "stand-in driver: %s\n", what.c_str());
    std::_Exit(3);
}

constexpr std::size_t MARGIN = 256;
constexpr unsigned char UNTOUCHED = 0xA5;

struct Allocation {
    std::size_t bytes;
};
std::map<Pointer, Allocation> allocations;
std::map<Pointer, std::size_t> pinned;
std::size_t used;

template <class Ranges>
auto containing(Ranges& ranges, Pointer address) {
    auto after = ranges.upper_bound(address);
    return after == ranges.begin() ? ranges.end() : std::prev(after);
}

bool is_on_device(Pointer address, std::size_t bytes) {
    const auto found = containing(allocations, address);
    return found != allocations.end() && address + bytes <= found->first + found->second.bytes;
}

bool is_pinned(const void* address, std::size_t bytes) {
    const auto place = Pointer(address);
    const auto found = containing(pinned, place);
    return found != pinned.end() && place + bytes <= found->first + found->second;
}

void check_margin(Pointer start, const Allocation& allocation) {
    const auto* const behind = reinterpret_cast<unsigned char*>(start) + allocation.bytes;
    for (std::size_t i = 0; i < MARGIN; ++i) {
        if (behind[i] != UNTOUCHED) die("an allocation of " + std::to_string(allocation.bytes) + " bytes is written behind its end");
    }
}

using Time = std::chrono::steady_clock::time_point;

// When a stream came to it; never, if it did not.
struct Event {
    Time at{};
};
std::set<Event*> events;

// One thing that a stream does.
struct Operation {
    Event* event = nullptr;
    const emulation::Kernel* kernel = nullptr;
    dim3 blocks{}, threads{};
    unsigned shared = 0;
    std::vector<std::vector<unsigned char>> arguments;
    void* to = nullptr;
    const void* from = nullptr;
    // What was copied before the call returned, if it was.
    std::vector<unsigned char> content;
    int value = -1;
    std::size_t bytes = 0;

    void run() {
        if (broken) return;
        if (event) {
            event->at = std::chrono::steady_clock::now();
            return;
        }
        if (!kernel) {
            ++counts.copies;
            if (value >= 0) {
                std::memset(to, value, bytes);
            } else {
                std::memcpy(to, content.empty() ? from : content.data(), bytes);
            }
            return;
        }
        ++counts.kernels;
        if (counts.kernels == lost_at) {
            broken = UNKNOWN;
            return;
        }
        if (counts.kernels == fails_at) {
            broken = ILLEGAL_ADDRESS;
            return;
        }
        std::vector<void*> places;
        for (auto& argument : arguments) places.push_back(argument.data());
        emulation::launch(*kernel, blocks, threads, shared, emulation::Order::Ascending, counts.kernels, places.data());
    }
};

using Operations = std::vector<Operation>;

struct Stream {
    Operations waiting;
    // The operations of a capture; none if there is no capture.
    std::unique_ptr<Operations> captured;
};
std::set<Stream*> streams;
// Of this thread.
thread_local Stream* capturing;

struct Module {
    image::Kernels kernels;
};
struct Function {
    const emulation::Kernel* kernel;
};

void finish(Stream* stream) {
    Operations operations;
    operations.swap(stream->waiting);
    for (Operation& operation : operations) operation.run();
}

void finish_all() {
    for (Stream* stream : streams) finish(stream);
}

// What may not happen during a capture ends it.
Result outside_of_capture() {
    if (broken) return broken;
    return capturing ? CAPTURE_UNSUPPORTED : SUCCESS;
}

Result enqueue(Stream* stream, Operation operation) {
    if (broken) return broken;
    if (!streams.count(stream)) return INVALID_HANDLE;
    if (stream->captured) {
        stream->captured->push_back(std::move(operation));
    } else {
        stream->waiting.push_back(std::move(operation));
    }
    return SUCCESS;
}

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
} report;

}  // namespace

EXPORTED int cuInit(unsigned) {
    const Turn turn(in_turn);
    return devices > 0 ? SUCCESS : NO_DEVICE;
}

EXPORTED int cuDriverGetVersion(int* version) {
    const Turn turn(in_turn);
    *version = int(driver);
    return SUCCESS;
}

EXPORTED int cuDeviceGetCount(int* count) {
    const Turn turn(in_turn);
    *count = int(devices);
    return SUCCESS;
}

EXPORTED int cuDeviceGet(int* device, int ordinal) {
    const Turn turn(in_turn);
    *device = ordinal;
    return ordinal < devices ? SUCCESS : INVALID_DEVICE;
}

EXPORTED int cuDeviceGetName(char* name, int length, int) {
    const Turn turn(in_turn);
    std::snprintf(name, length, "Emulated Device");
    return SUCCESS;
}

EXPORTED int cuDeviceGetAttribute(int* value, int attribute, int) {
    const Turn turn(in_turn);
    // Clocks are in kHz, the memory's bus in bits.
    const std::map<int, long long> values{
        {13, 1000000}, {16, 4}, {36, 1000000}, {37, 64}, {75, capability / 10}, {76, capability % 10},
    };
    const auto found = values.find(attribute);
    if (found == values.end()) return INVALID_VALUE;
    *value = int(found->second);
    return SUCCESS;
}

EXPORTED int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    const Turn turn(in_turn);
    *bytes = memory;
    return SUCCESS;
}

EXPORTED int cuDevicePrimaryCtxRetain(void** context, int) {
    const Turn turn(in_turn);
    *context = &counts;
    return broken;
}

EXPORTED int cuDevicePrimaryCtxRelease_v2(int) {
    const Turn turn(in_turn);
    finish_all();
    return broken;
}

EXPORTED int cuCtxSetCurrent(void*) {
    const Turn turn(in_turn);
    return broken;
}

EXPORTED int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    const Turn turn(in_turn);
    *total = memory;
    *free = memory - used;
    return broken;
}

EXPORTED int cuMemAlloc_v2(Pointer* address, std::size_t bytes) {
    const Turn turn(in_turn);
    if (const Result result = outside_of_capture()) return result;
    if (!bytes) return INVALID_VALUE;
    if (used + bytes > std::size_t(memory)) return OUT_OF_MEMORY;
    auto* const place = static_cast<unsigned char*>(std::malloc(bytes + MARGIN));
    if (!place) return OUT_OF_MEMORY;
    std::memset(place, 0xFF, bytes);
    std::memset(place + bytes, UNTOUCHED, MARGIN);
    *address = Pointer(place);
    allocations[*address] = {bytes};
    used += bytes;
    return SUCCESS;
}

EXPORTED int cuMemFree_v2(Pointer address) {
    const Turn turn(in_turn);
    finish_all();
    const auto found = allocations.find(address);
    if (found == allocations.end()) die("memory is given back that was not allocated");
    check_margin(address, found->second);
    used -= found->second.bytes;
    std::free(reinterpret_cast<void*>(address));
    allocations.erase(found);
    return broken;
}

EXPORTED int cuMemHostAlloc(void** address, std::size_t bytes, unsigned) {
    const Turn turn(in_turn);
    if (const Result result = outside_of_capture()) return result;
    *address = std::malloc(bytes);
    pinned[Pointer(*address)] = bytes;
    return *address ? SUCCESS : OUT_OF_MEMORY;
}

EXPORTED int cuMemFreeHost(void* address) {
    const Turn turn(in_turn);
    if (!pinned.erase(Pointer(address))) die("pinned memory is given back that was not allocated");
    for (const Stream* stream : streams) {
        for (const Operation& operation : stream->waiting) {
            if (operation.to == address || operation.from == address) die("pinned memory is given back under a copy");
        }
    }
    std::free(address);
    return broken;
}

EXPORTED int cuMemsetD8Async(Pointer address, unsigned char value, std::size_t bytes, Stream* stream) {
    const Turn turn(in_turn);
    if (!is_on_device(address, bytes)) return INVALID_VALUE;
    Operation operation;
    operation.to = reinterpret_cast<void*>(address);
    operation.value = value;
    operation.bytes = bytes;
    return enqueue(stream, std::move(operation));
}

EXPORTED int cuMemcpyHtoDAsync_v2(Pointer to, const void* from, std::size_t bytes, Stream* stream) {
    const Turn turn(in_turn);
    if (!is_on_device(to, bytes)) return INVALID_VALUE;
    Operation operation;
    operation.to = reinterpret_cast<void*>(to);
    operation.from = from;
    operation.bytes = bytes;
    if (!is_pinned(from, bytes)) {
        if (capturing) return CAPTURE_UNSUPPORTED;
        const auto* const bytes_there = static_cast<const unsigned char*>(from);
        operation.content.assign(bytes_there, bytes_there + bytes);
    }
    return enqueue(stream, std::move(operation));
}

EXPORTED int cuMemcpyDtoHAsync_v2(void* to, Pointer from, std::size_t bytes, Stream* stream) {
    const Turn turn(in_turn);
    if (!is_on_device(from, bytes)) return INVALID_VALUE;
    Operation operation;
    operation.to = to;
    operation.from = reinterpret_cast<void*>(from);
    operation.bytes = bytes;
    const bool is_late = is_pinned(to, bytes);
    if (!is_late && capturing) return CAPTURE_UNSUPPORTED;
    const Result result = enqueue(stream, std::move(operation));
    if (!is_late && !result) finish(stream);
    return result ? result : broken;
}

EXPORTED int cuModuleLoadData(Module** module, const void* image) {
    const Turn turn(in_turn);
    if (const Result result = outside_of_capture()) return result;
    auto made = std::make_unique<Module>();
    made->kernels = image::kernels_in(static_cast<const unsigned char*>(image));
    if (made->kernels.empty()) return INVALID_IMAGE;
    *module = made.release();
    return SUCCESS;
}

EXPORTED int cuModuleUnload(Module* module) {
    const Turn turn(in_turn);
    finish_all();
    delete module;
    return broken;
}

EXPORTED int cuModuleGetFunction(const Function** function, Module* module, const char* name) {
    const Turn turn(in_turn);
    const auto found = module->kernels.find(name);
    const emulation::Kernel* const kernel = emulation::find(name);
    if (found == module->kernels.end() || !kernel) return NOT_FOUND;
    const std::vector<std::size_t> emulated(kernel->sizes, kernel->sizes + std::strlen(kernel->signature));
    if (found->second != emulated) die(std::string(name) + " has other parameters in the image than in the emulation");
    static std::map<std::string, Function> functions;
    *function = &(functions[name] = {kernel});
    return SUCCESS;
}

EXPORTED int cuLaunchKernel(const Function* function, unsigned blocks_x, unsigned blocks_y, unsigned blocks_z, unsigned threads_x,
                            unsigned threads_y, unsigned threads_z, unsigned shared, Stream* stream, void** parameters, void**) {
    const Turn turn(in_turn);
    if (broken) return broken;
    if (!capturing && ++counts.launches + counts.graph_launches == refuses_at) return LAUNCH_OUT_OF_RESOURCES;
    // As every card has them.
    const std::size_t threads = std::size_t(threads_x) * threads_y * threads_z;
    if (!threads || threads > 1024 || threads_z > 64 || shared > 48 * 1024) return INVALID_VALUE;
    if (!blocks_x || !blocks_y || !blocks_z || blocks_x > 0x7FFFFFFF || blocks_y > 65535 || blocks_z > 65535) return INVALID_VALUE;
    Operation operation;
    operation.kernel = function->kernel;
    operation.blocks = {blocks_x, blocks_y, blocks_z};
    operation.threads = {threads_x, threads_y, threads_z};
    operation.shared = shared;
    for (std::size_t i = 0; operation.kernel->signature[i]; ++i) {
        const auto* const bytes = static_cast<unsigned char*>(parameters[i]);
        if (operation.kernel->signature[i] == 'p') {
            const auto address = image::read<Pointer>(bytes);
            if (address && !is_on_device(address, 0)) die(std::string(operation.kernel->name) + " gets an address that is not allocated");
        }
        operation.arguments.emplace_back(bytes, bytes + operation.kernel->sizes[i]);
    }
    return enqueue(stream, std::move(operation));
}

EXPORTED int cuStreamCreate(Stream** stream, unsigned) {
    const Turn turn(in_turn);
    if (broken) return broken;
    streams.insert(*stream = new Stream);
    return SUCCESS;
}

EXPORTED int cuStreamDestroy_v2(Stream* stream) {
    const Turn turn(in_turn);
    finish(stream);
    streams.erase(stream);
    delete stream;
    return broken;
}

EXPORTED int cuStreamSynchronize(Stream* stream) {
    const Turn turn(in_turn);
    if (const Result result = outside_of_capture()) return result;
    ++counts.waits;
    finish(stream);
    return broken;
}

EXPORTED int cuEventCreate(Event** event, unsigned) {
    const Turn turn(in_turn);
    if (broken) return broken;
    events.insert(*event = new Event);
    return SUCCESS;
}

EXPORTED int cuEventDestroy_v2(Event* event) {
    const Turn turn(in_turn);
    finish_all();
    if (!events.erase(event)) die("an event is destroyed that does not exist");
    delete event;
    return broken;
}

EXPORTED int cuEventRecord(Event* event, Stream* stream) {
    const Turn turn(in_turn);
    if (!events.count(event)) return INVALID_HANDLE;
    Operation operation;
    operation.event = event;
    return enqueue(stream, std::move(operation));
}

EXPORTED int cuEventElapsedTime(float* milliseconds, const Event* start, const Event* end) {
    const Turn turn(in_turn);
    if (start->at == Time{} || end->at == Time{}) return INVALID_HANDLE;
    *milliseconds = std::chrono::duration<float, std::milli>(end->at - start->at).count();
    return SUCCESS;
}

EXPORTED int cuStreamBeginCapture_v2(Stream* stream, int) {
    const Turn turn(in_turn);
    if (const Result result = outside_of_capture()) return result;
    capturing = stream;
    stream->captured = std::make_unique<Operations>();
    return SUCCESS;
}

EXPORTED int cuStreamEndCapture(Stream* stream, Operations** graph) {
    const Turn turn(in_turn);
    if (capturing != stream) return CAPTURE_INVALIDATED;
    capturing = nullptr;
    *graph = stream->captured.release();
    return broken;
}

EXPORTED int cuGraphInstantiateWithFlags(Operations** executable, const Operations* graph, unsigned long long) {
    const Turn turn(in_turn);
    *executable = new Operations(*graph);
    return broken;
}

EXPORTED int cuGraphDestroy(Operations* graph) {
    const Turn turn(in_turn);
    delete graph;
    return broken;
}

EXPORTED int cuGraphExecDestroy(Operations* executable) {
    const Turn turn(in_turn);
    delete executable;
    return broken;
}

EXPORTED int cuGraphLaunch(const Operations* executable, Stream* stream) {
    const Turn turn(in_turn);
    if (broken) return broken;
    if (counts.launches + ++counts.graph_launches == refuses_at) return LAUNCH_OUT_OF_RESOURCES;
    if (capturing) return CAPTURE_UNSUPPORTED;
    for (const Operation& operation : *executable) {
        if (const Result result = enqueue(stream, operation)) return result;
    }
    return SUCCESS;
}
