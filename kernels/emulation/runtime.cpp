// Blocks of fibers: every CUDA thread has a stack of its own, and one operating-system thread switches between them.
//
//   a pass     every thread that can run does so, in the chosen order, until it waits or ends
//   a barrier  opens when all threads of the block wait at the same line of the text
//   a warp     goes on when all lanes that an exchange names have come to it
//
// If a pass ends and nothing opens, the threads wait for each other for ever: that is reported and ends the process, as
// do a barrier that not all threads come to and an exchange that a lane is missing from. Blocks run one at a time, so
// races between blocks are not seen; each order runs the blocks in another sequence, which shows results that depend on it.
//
// With FOR_ADDRESS_SANITIZER or FOR_THREAD_SANITIZER it tells that one about the stacks, and for the second that only barriers
// order what threads do; exchanges between lanes do not, as in CUDA. The file itself is compiled without either, and has
// no templates of the library's, which would come from a file with them.
#include "runtime.h"

#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#if defined(FOR_ADDRESS_SANITIZER)
extern "C" void __sanitizer_start_switch_fiber(void** fake_stack, const void* bottom, std::size_t size);
extern "C" void __sanitizer_finish_switch_fiber(void* fake_stack, const void** bottom, std::size_t* size);
#endif
#if defined(FOR_THREAD_SANITIZER)
extern "C" void* __tsan_get_current_fiber();
extern "C" void* __tsan_create_fiber(unsigned flags);
extern "C" void __tsan_switch_to_fiber(void* fiber, unsigned flags);
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);
#endif

// Where the linker puts everything that is __shared__; there at least because of this.
__attribute__((section("emulated_shared"), used)) static char shared_exists[8];
extern "C" char __start_emulated_shared[], __stop_emulated_shared[];

namespace emulation {

const Place* place;
unsigned char* dynamic_shared;
Kernel* kernels;

namespace {

constexpr std::size_t STACK = 256 * 1024;
constexpr unsigned MOST_THREADS = 1024;
constexpr std::size_t MOST_DYNAMIC = 227 * 1024;
constexpr unsigned MOST_COPIES = 256;

enum class State { Ready, AtBarrier, InWarp, Ended };

struct Fiber {
    Place place;
    State state;
    const char* file;
    int line;
    unsigned mask, source;
    std::uint64_t value;
    // Of a whole-warp operation; `received` is on the fiber's own stack, or null in an exchange.
    std::uint64_t words[3];
    Brought* received;
    // A ring: copies that were started and not yet waited for.
    Copy copies[MOST_COPIES];
    unsigned first_copy, copy_count, group;
    char* stack;
#if defined(__x86_64__)
    void* pointer;
#else
    ucontext_t context;
#endif
#if defined(FOR_ADDRESS_SANITIZER)
    void* fake_stack;
#endif
#if defined(FOR_THREAD_SANITIZER)
    void* sanitizer;
#endif
};

Fiber fibers[MOST_THREADS];
unsigned running, in_block;
const Kernel* current;
void** arguments;
#if defined(__x86_64__)
void* caller;
#else
ucontext_t caller;
#endif
#if defined(FOR_ADDRESS_SANITIZER)
void* caller_fake_stack;
const void* caller_bottom;
std::size_t caller_size;
#endif
#if defined(FOR_THREAD_SANITIZER)
void* caller_fiber;
// Two, by turns: a thread that is late at one barrier must not see what others release at the next one.
char barrier_marks[2], start_mark, end_mark;
unsigned barriers;
#endif

[[noreturn]] void fail(const char* what) {
    const Place& p = fibers[running].place;
    std::fprintf(stderr, "emulation: %s: %s: block (%u, %u, %u), thread (%u, %u, %u)\n", current->name, what, p.block.x,
                 p.block.y, p.block.z, p.thread.x, p.thread.y, p.thread.z);
    std::fflush(stderr);
    std::_Exit(3);
}

}  // namespace
}  // namespace emulation

#if defined(__x86_64__)
// Keeps what a call has to keep on the own stack, and takes up the other one where it was left.
extern "C" void emulation_switch(void** from, void* to);
asm(R"(
.text
.globl emulation_switch
.type emulation_switch, @function
emulation_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulation_switch, .-emulation_switch
)");
#endif

namespace emulation {
namespace {

void to_caller(bool for_good) {
    Fiber& fiber = fibers[running];
#if defined(FOR_ADDRESS_SANITIZER)
    __sanitizer_start_switch_fiber(for_good ? nullptr : &fiber.fake_stack, caller_bottom, caller_size);
#endif
    (void)for_good;
#if defined(FOR_THREAD_SANITIZER)
    __tsan_switch_to_fiber(caller_fiber, 1);
#endif
#if defined(__x86_64__)
    emulation_switch(&fiber.pointer, caller);
#else
    swapcontext(&fiber.context, &caller);
#endif
#if defined(FOR_ADDRESS_SANITIZER)
    __sanitizer_finish_switch_fiber(fiber.fake_stack, nullptr, nullptr);
#endif
}

void to_fiber(unsigned index) {
    Fiber& fiber = fibers[index];
    running = index;
    place = &fiber.place;
#if defined(FOR_ADDRESS_SANITIZER)
    __sanitizer_start_switch_fiber(&caller_fake_stack, fiber.stack, STACK);
#endif
#if defined(FOR_THREAD_SANITIZER)
    __tsan_switch_to_fiber(fiber.sanitizer, 1);
#endif
#if defined(__x86_64__)
    emulation_switch(&caller, fiber.pointer);
#else
    swapcontext(&caller, &fiber.context);
#endif
#if defined(FOR_ADDRESS_SANITIZER)
    __sanitizer_finish_switch_fiber(caller_fake_stack, nullptr, nullptr);
#endif
}

void begin() {
#if defined(FOR_ADDRESS_SANITIZER)
    __sanitizer_finish_switch_fiber(nullptr, &caller_bottom, &caller_size);
#endif
#if defined(FOR_THREAD_SANITIZER)
    __tsan_acquire(&start_mark);
#endif
    current->call(arguments);
#if defined(FOR_THREAD_SANITIZER)
    __tsan_release(&end_mark);
#endif
    fibers[running].state = State::Ended;
    to_caller(true);
    std::abort();
}

void prepare(Fiber& fiber) {
    if (!fiber.stack) {
        void* stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (stack == MAP_FAILED) std::abort();
        fiber.stack = static_cast<char*>(stack);
#if defined(FOR_THREAD_SANITIZER)
        fiber.sanitizer = __tsan_create_fiber(0);
#endif
    }
    fiber.state = State::Ready;
    fiber.first_copy = fiber.copy_count = fiber.group = 0;
#if defined(FOR_ADDRESS_SANITIZER)
    fiber.fake_stack = nullptr;
#endif
#if defined(__x86_64__)
    void** top = reinterpret_cast<void**>(fiber.stack + STACK);
    // As behind a call of begin: its return address, below that six registers.
    top[-2] = reinterpret_cast<void*>(&begin);
    fiber.pointer = top - 8;
#else
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack;
    fiber.context.uc_stack.ss_size = STACK;
    makecontext(&fiber.context, begin, 0);
#endif
}

std::uint64_t random_bits(std::uint64_t& state) {
    std::uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void arrange(unsigned* order, std::size_t count, Order kind, std::uint64_t& state) {
    for (std::size_t i = 0; i < count; ++i) order[i] = kind == Order::Descending ? count - 1 - i : i;
    if (kind != Order::Random) return;
    for (std::size_t i = count; i > 1; --i) {
        const std::size_t other = random_bits(state) % i;
        const unsigned kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

// Lets go the warps whose exchange is complete; says whether there was one.
bool open_warps() {
    bool opened = false;
    for (unsigned first = 0; first < in_block; first += 32) {
        const unsigned lanes = in_block - first < 32 ? in_block - first : 32;
        for (unsigned l = 0; l < lanes; ++l) {
            if (fibers[first + l].state != State::InWarp) continue;
            const unsigned mask = fibers[first + l].mask;
            bool complete = mask >> l & 1;
            for (unsigned other = 0; other < lanes; ++other) {
                if (!(mask >> other & 1)) continue;
                complete &= fibers[first + other].state == State::InWarp && fibers[first + other].mask == mask &&
                            !fibers[first + other].received == !fibers[first + l].received;
            }
            if (!complete) continue;
            std::uint64_t values[32] = {};
            for (unsigned other = 0; other < lanes; ++other) values[other] = fibers[first + other].value;
            for (unsigned other = 0; other < lanes; ++other) {
                if (!(mask >> other & 1)) continue;
                Fiber& fiber = fibers[first + other];
                if (fiber.received) {
                    for (unsigned from = 0; from < lanes; ++from) {
                        for (unsigned word = 0; word < 3; ++word) {
                            fiber.received->words[from][word] = fibers[first + from].words[word];
                        }
                    }
                }
                fiber.value = values[fiber.source];
                fiber.state = State::Ready;
            }
            opened = true;
        }
    }
    return opened;
}

void open_barrier() {
    unsigned ended = 0, waiting = 0;
    for (unsigned t = 0; t < in_block; ++t) {
        ended += fibers[t].state == State::Ended;
        waiting += fibers[t].state == State::AtBarrier;
    }
    if (ended == in_block) return;
    for (unsigned t = 0; t < in_block; ++t) {
        if (fibers[t].state == State::Ended) continue;
        running = t;
        if (fibers[t].state == State::InWarp) fail("waits for lanes that do not come");
        if (ended) fail("waits at a barrier, and other threads have ended");
        if (waiting < in_block) fail("waits at a barrier that not all threads come to");
        if (fibers[t].line != fibers[0].line || std::strcmp(fibers[t].file, fibers[0].file)) {
            fail("waits at another barrier than the first thread");
        }
    }
    for (unsigned t = 0; t < in_block; ++t) fibers[t].state = State::Ready;
#if defined(FOR_THREAD_SANITIZER)
    ++barriers;
#endif
}

void run_block(Order kind, std::uint64_t& state) {
    unsigned order[MOST_THREADS];
    for (unsigned ended = 0; ended < in_block;) {
        arrange(order, in_block, kind, state);
        bool again = true;
        while (again) {
            for (unsigned i = 0; i < in_block; ++i) {
                const unsigned t = order[i];
                if (fibers[t].state != State::Ready) continue;
                to_fiber(t);
                ended += fibers[t].state == State::Ended;
            }
            again = open_warps();
        }
        open_barrier();
    }
}

}  // namespace

const Kernel* find(const char* name, unsigned group) {
    for (const Kernel* kernel = kernels; kernel; kernel = kernel->next) {
        if (kernel->group == group && !std::strcmp(kernel->name, name)) return kernel;
    }
    return nullptr;
}

unsigned lane() { return running % 32; }

void wait_for_block(const char* file, int line) {
    Fiber& fiber = fibers[running];
    fiber.state = State::AtBarrier;
    fiber.file = file;
    fiber.line = line;
#if defined(FOR_THREAD_SANITIZER)
    char* const mark = &barrier_marks[barriers % 2];
    __tsan_release(mark);
#endif
    to_caller(false);
#if defined(FOR_THREAD_SANITIZER)
    __tsan_acquire(mark);
#endif
}

std::uint64_t exchange(unsigned mask, std::uint64_t value, unsigned source) {
    Fiber& fiber = fibers[running];
    fiber.state = State::InWarp;
    fiber.mask = mask;
    fiber.value = value;
    fiber.source = source;
    fiber.received = nullptr;
    to_caller(false);
    return fibers[running].value;
}

Brought bring_together(const std::uint64_t (&words)[3]) {
    Fiber& fiber = fibers[running];
    Brought brought;
    fiber.state = State::InWarp;
    fiber.mask = 0xFFFFFFFF;
    fiber.source = 0;
    fiber.received = &brought;
    for (unsigned word = 0; word < 3; ++word) fiber.words[word] = words[word];
    to_caller(false);
    return brought;
}

void start_copy(void* to, const void* from, unsigned bytes) {
    Fiber& fiber = fibers[running];
    if (fiber.copy_count == MOST_COPIES) fail("starts more copies than are waited for");
    fiber.copies[(fiber.first_copy + fiber.copy_count++) % MOST_COPIES] = {to, from, bytes, fiber.group};
}

void close_group() { ++fibers[running].group; }

bool take_copy(unsigned left, Copy& copy) {
    Fiber& fiber = fibers[running];
    const Copy& oldest = fiber.copies[fiber.first_copy];
    // The group that is still open is not waited for.
    if (fiber.copy_count == 0 || oldest.group + left >= fiber.group) return false;
    copy = oldest;
    fiber.first_copy = (fiber.first_copy + 1) % MOST_COPIES;
    --fiber.copy_count;
    return true;
}

void launch(const Kernel& kernel, dim3 blocks, dim3 threads, std::size_t dynamic_bytes, Order order,
                   std::uint64_t seed, void** parameters) {
    in_block = threads.x * threads.y * threads.z;
    if (in_block == 0 || in_block > MOST_THREADS || dynamic_bytes > MOST_DYNAMIC || blocks.x * blocks.y * blocks.z == 0) {
        std::fprintf(stderr, "emulation: %s: no graphics card takes this launch\n", kernel.name);
        std::_Exit(3);
    }
    current = &kernel;
    arguments = parameters;
#if defined(FOR_THREAD_SANITIZER)
    caller_fiber = __tsan_get_current_fiber();
#endif
    const std::size_t grid = std::size_t(blocks.x) * blocks.y * blocks.z;
    unsigned* const block_order = static_cast<unsigned*>(std::malloc(grid * sizeof(unsigned)));
    arrange(block_order, grid, order, seed);
    for (std::size_t b = 0; b < grid; ++b) {
        const unsigned block = block_order[b];
        // Exactly as long as it was asked for, so that the address sanitizer sees its end.
        dynamic_shared = static_cast<unsigned char*>(std::malloc(dynamic_bytes ? dynamic_bytes : 1));
        std::memset(dynamic_shared, 0xFF, dynamic_bytes);
        // Volatile, or the compiler makes it one call of memset, which the address sanitizer looks at: it would see the zones
        // between the variables.
        for (volatile char* byte = __start_emulated_shared; byte != __stop_emulated_shared; ++byte) *byte = char(0xFF);
        const uint3 at{block % blocks.x, block / blocks.x % blocks.y, block / blocks.x / blocks.y};
        for (unsigned t = 0; t < in_block; ++t) {
            const uint3 thread{t % threads.x, t / threads.x % threads.y, t / threads.x / threads.y};
            fibers[t].place = {thread, at, threads, blocks};
            prepare(fibers[t]);
        }
#if defined(FOR_THREAD_SANITIZER)
        __tsan_release(&start_mark);
#endif
        run_block(order, seed);
#if defined(FOR_THREAD_SANITIZER)
        __tsan_acquire(&end_mark);
#endif
        std::free(dynamic_shared);
    }
    std::free(block_order);
}

}  // namespace emulation
