// The streams of the stand-in driver: what a card would do later waits here until somebody waits for it. A capture records and
// does nothing.
#pragma once
#include <chrono>
#include <cstring>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "card.h"
#include "runtime.h"

namespace stand_in {

using Time = std::chrono::steady_clock::time_point;

// When a stream came to it; never, if it did not.
struct Event {
    Time at{};
};
inline std::set<Event*> events;

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
inline std::set<Stream*> streams;
// Of this thread.
inline thread_local Stream* capturing;

inline void finish(Stream* stream) {
    Operations operations;
    operations.swap(stream->waiting);
    for (Operation& operation : operations) operation.run();
}

inline void finish_all() {
    for (Stream* stream : streams) finish(stream);
}

// What may not happen during a capture ends it.
inline Result outside_of_capture() {
    if (broken) return broken;
    return capturing ? CAPTURE_UNSUPPORTED : SUCCESS;
}

inline Result enqueue(Stream* stream, Operation operation) {
    if (broken) return broken;
    if (!streams.count(stream)) return INVALID_HANDLE;
    if (stream->captured) {
        stream->captured->push_back(std::move(operation));
    } else {
        stream->waiting.push_back(std::move(operation));
    }
    return SUCCESS;
}

}  // namespace stand_in
