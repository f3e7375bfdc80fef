// A stand-in for libcuda.so: the functions of the driver that the host calls, over the emulated kernels. A program that
// knows nothing of it finds it by LD_LIBRARY_PATH and trains on a device that is not there.
//
// What a card would do later happens later here too: launches and copies wait in a queue until somebody waits for them, so
// memory that is written too early or read too early is seen. Only what CUDA copies before it returns, memory that is not
// pinned, is copied at once. A capture records and does nothing. A kernel is looked up in the image that was loaded, as
// machine code or as PTX, and its parameters there have to be as long as those of the emulated one; every address that a
// launch passes has to lie in memory that is allocated, and every allocation has a margin that has to stay as it was.
//
// Here are the calls. `card.h` has the device, its memory and the failures that are played on request, `streams.h` what waits.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "card.h"
#include "image.h"
#include "runtime.h"
#include "streams.h"

#define EXPORTED extern "C" __attribute__((visibility("default")))

using namespace stand_in;

namespace {

// Threads of the host call at the same time, and the emulation runs one thing at a time.
std::recursive_mutex in_turn;
using Turn = std::lock_guard<std::recursive_mutex>;

struct Module {
    image::Kernels kernels;
};
struct Function {
    const emulation::Kernel* kernel;
};

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
