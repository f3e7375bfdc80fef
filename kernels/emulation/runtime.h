// Launching an emulated kernel; the caller's side of emulation.h.
#pragma once
#include "emulation.h"

namespace emulation {

// In which order the threads of a block run between two barriers, and the blocks of a grid one after the other.
enum class Order { Ascending, Descending, Random };

// Of the first copy, unless it is said which.
const Kernel* find(const char* name, unsigned group = 0);

// Runs every block of the grid. Ends the process with a sentence and status 3 when threads wait for each other for ever
// or at different barriers.
void launch(const Kernel& kernel, dim3 blocks, dim3 threads, std::size_t dynamic_bytes, Order order, std::uint64_t seed,
            void** parameters);

}  // namespace emulation
