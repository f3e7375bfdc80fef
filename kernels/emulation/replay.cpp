// Replays recorded cases on the emulated kernels and compares every bit of every buffer with what core made of it.
//
//   replay CASES [ORDERS [GROUPS [LAUNCHES]]]
//
//   ORDERS     how many of ascending, descending, random; 3 if not given
//   GROUPS     how many copies of the kernels there are, each of which is tried in a process of its own; a line for each tells
//              its number and status; 0 if not given: the kernels themselves
//   LAUNCHES   a file that is written: of every launch, of each of its buffers as arguments name them, what it held before,
//              and after
//
// A case is a list of buffers, each with its content before and after, and a list of launches over them. The file is
// written by tests/proof/case.rs, which describes it. Buffers are exactly as long as they say, in memory of their own,
// with a margin behind that has to stay as it was where no sanitizer looks. A NaN equals any NaN. Where a case has bounds
// instead of bits, the largest difference in units of its bound is told, for each name of a buffer.
//
// Status 0: all equal, and a line with the counts. 1: the first difference is told. 2: the file cannot be read.
// 3: threads wait for each other for ever. A kernel that does not end is ended by a signal after five minutes, a copy
// after one.
#include <cstdio>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "runtime.h"

namespace {

std::FILE* file;
std::FILE* of_launches;

[[noreturn]] void unreadable(const char* what) {
    std::fprintf(stderr, "replay: %s\n", what);
    std::_Exit(2);
}

std::uint32_t number() {
    std::uint32_t value;
    if (std::fread(&value, 4, 1, file) != 1) unreadable("the file of cases ends early");
    return value;
}

std::vector<unsigned char> bytes(std::size_t length) {
    std::vector<unsigned char> content(length);
    if (length && std::fread(content.data(), 1, length, file) != length) unreadable("the file of cases ends early");
    return content;
}

std::string text() {
    const auto content = bytes(number());
    return std::string(content.begin(), content.end());
}

enum Element { F32, F64, Other, Uncompared, Within, WithinF64 };

struct Buffer {
    std::string name;
    Element element;
    std::vector<unsigned char> before, after;
};

// The buffer of a null pointer.
constexpr std::uint32_t NONE = 0xFFFFFFFF;

struct Argument {
    bool is_pointer;
    std::uint32_t buffer, offset;
    std::vector<unsigned char> value;
};

struct Launch {
    std::string kernel;
    dim3 blocks, threads;
    std::uint32_t dynamic_bytes;
    std::vector<Argument> arguments;
};

struct Case {
    std::string name;
    std::vector<Buffer> buffers;
    std::vector<Launch> launches;
};

Case read_case() {
    Case c;
    c.name = text();
    c.buffers.resize(number());
    for (Buffer& buffer : c.buffers) {
        buffer.name = text();
        buffer.element = Element(number());
        const std::uint32_t length = number();
        buffer.before = bytes(length);
        // Numbers and bounds in double precision.
        buffer.after = bytes(buffer.element == Within ? 4 * length : buffer.element == WithinF64 ? 2 * length : length);
    }
    c.launches.resize(number());
    for (Launch& launch : c.launches) {
        launch.kernel = text();
        launch.blocks = {number(), number(), number()};
        launch.threads = {number(), number(), number()};
        launch.dynamic_bytes = number();
        launch.arguments.resize(number());
        for (Argument& argument : launch.arguments) {
            argument.is_pointer = number() == 0;
            if (argument.is_pointer) {
                argument.buffer = number();
                argument.offset = number();
                if (argument.buffer >= c.buffers.size() && argument.buffer != NONE) unreadable("a launch names a buffer that is not there");
            } else {
                argument.value = bytes(number());
            }
        }
    }
    return c;
}

template <class T, class Bits>
bool same(const unsigned char* got, const unsigned char* want, std::size_t index, double& shown_got, double& shown_want) {
    T a, b;
    Bits bits_a, bits_b;
    std::memcpy(&a, got + index * sizeof(T), sizeof(T));
    std::memcpy(&b, want + index * sizeof(T), sizeof(T));
    std::memcpy(&bits_a, &a, sizeof(T));
    std::memcpy(&bits_b, &b, sizeof(T));
    shown_got = double(a);
    shown_want = double(b);
    return bits_a == bits_b || (a != a && b != b);
}

struct Largest {
    double share = 0.0, difference = 0.0;
};
std::map<std::string, Largest> largest;

bool within(const Buffer& buffer, const unsigned char* got, std::size_t index, double& shown_got, double& shown_want) {
    float number;
    double bound;
    if (buffer.element == Within) {
        std::memcpy(&number, got + index * 4, 4);
        shown_got = double(number);
    } else {
        std::memcpy(&shown_got, got + index * 8, 8);
    }
    std::memcpy(&shown_want, buffer.after.data() + index * 8, 8);
    std::memcpy(&bound, buffer.after.data() + buffer.after.size() / 2 + index * 8, 8);
    const double difference = std::fabs(shown_got - shown_want);
    Largest& so_far = largest[buffer.name];
    if (difference == 0.0 || (shown_got != shown_got && shown_want != shown_want) || shown_got == shown_want) return true;
    if (!(difference <= bound)) return false;
    if (difference / bound > so_far.share) so_far.share = difference / bound;
    if (difference > so_far.difference) so_far.difference = difference;
    return true;
}

bool same(Element element, const unsigned char* got, const unsigned char* want, std::size_t index, double& a, double& b) {
    switch (element) {
        case F32: return same<float, std::uint32_t>(got, want, index, a, b);
        case F64: return same<double, std::uint64_t>(got, want, index, a, b);
        default: return same<unsigned char, unsigned char>(got, want, index, a, b);
    }
}

constexpr std::size_t MARGIN =
#if defined(__SANITIZE_ADDRESS__)
    0;
#else
    512;
#endif
constexpr unsigned char UNTOUCHED = 0xA5;

unsigned long long compared, launched;
unsigned group;

void write_buffers(const Launch& launch, const Case& c, const std::vector<unsigned char*>& memory) {
    if (!of_launches) return;
    for (const Argument& argument : launch.arguments) {
        if (!argument.is_pointer || argument.buffer == NONE) continue;
        const std::size_t length = c.buffers[argument.buffer].before.size();
        if (std::fwrite(memory[argument.buffer], 1, length, of_launches) != length) unreadable("a file cannot be written");
    }
}

void play(const Case& c, emulation::Order order, std::uint64_t seed) {
    std::vector<unsigned char*> memory;
    for (const Buffer& buffer : c.buffers) {
        auto* place = static_cast<unsigned char*>(std::malloc(buffer.before.size() + MARGIN));
        if (!buffer.before.empty()) std::memcpy(place, buffer.before.data(), buffer.before.size());
        std::memset(place + buffer.before.size(), UNTOUCHED, MARGIN);
        memory.push_back(place);
    }
    for (const Launch& launch : c.launches) {
        const emulation::Kernel* kernel = emulation::find(launch.kernel.c_str(), group);
        if (!kernel) {
            std::fprintf(stderr, "replay: there is no kernel %s\n", launch.kernel.c_str());
            std::_Exit(2);
        }
        if (std::strlen(kernel->signature) != launch.arguments.size()) unreadable("a launch has too few or too many arguments");
        std::vector<void*> pointers(launch.arguments.size());
        std::vector<void*> parameters;
        for (std::size_t i = 0; i < launch.arguments.size(); ++i) {
            const Argument& argument = launch.arguments[i];
            if (argument.is_pointer && argument.buffer != NONE) pointers[i] = memory[argument.buffer] + argument.offset;
            parameters.push_back(argument.is_pointer ? static_cast<void*>(&pointers[i])
                                                     : const_cast<unsigned char*>(argument.value.data()));
        }
        write_buffers(launch, c, memory);
        emulation::launch(*kernel, launch.blocks, launch.threads, launch.dynamic_bytes, order, seed + launched,
                          parameters.data());
        write_buffers(launch, c, memory);
        ++launched;
    }
    static const char* const names[] = {"ascending", "descending", "random"};
    for (std::size_t b = 0; b < c.buffers.size(); ++b) {
        const Buffer& buffer = c.buffers[b];
        const std::size_t size = buffer.element == F32 || buffer.element == Within ? 4 : buffer.element == F64 || buffer.element == WithinF64 ? 8 : 1;
        const std::size_t count = buffer.element == Uncompared ? 0 : buffer.before.size() / size;
        unsigned wrong = 0;
        for (std::size_t i = 0; i < count; ++i) {
            double got, want;
            if (buffer.element >= Within ? within(buffer, memory[b], i, got, want)
                                         : same(buffer.element, memory[b], buffer.after.data(), i, got, want)) {
                continue;
            }
            if (++wrong <= 3) {
                std::fprintf(stderr, "replay: %s, %s threads: %s[%zu] is %.9g and core has %.9g\n", c.name.c_str(),
                             names[int(order)], buffer.name.c_str(), i, got, want);
            }
        }
        for (std::size_t i = 0; i < MARGIN; ++i) {
            if (memory[b][buffer.before.size() + i] == UNTOUCHED) continue;
            std::fprintf(stderr, "replay: %s, %s threads: %s is written %zu bytes behind its end\n", c.name.c_str(),
                         names[int(order)], buffer.name.c_str(), i);
            ++wrong;
            break;
        }
        if (wrong) std::_Exit(1);
        // What a launch must leave alone is looked at too, and does not count.
        if (buffer.element < Within && buffer.before != buffer.after) compared += 8 * buffer.before.size();
        std::free(memory[b]);
    }
}

// Of its own time, not of a busy machine's.
void limit_seconds(rlim_t seconds) {
    const rlimit limit{seconds, seconds};
    setrlimit(RLIMIT_CPU, &limit);
}

void play_all(const std::vector<Case>& cases, int orders) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
        for (int order = 0; order < orders; ++order) play(cases[i], emulation::Order(order), i);
    }
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 2 || !(file = std::fopen(arguments[1], "rb"))) unreadable("a file of cases is needed");
    const int orders = count > 2 ? std::atoi(arguments[2]) : 3;
    const unsigned groups = count > 3 ? unsigned(std::atoi(arguments[3])) : 0;
    std::vector<Case> cases(number());
    for (Case& c : cases) c = read_case();
    for (; group < groups; ++group) {
        const pid_t child = fork();
        if (child == 0) {
            limit_seconds(60);
            play_all(cases, orders);
            std::_Exit(0);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child) unreadable("no process for a copy");
        std::printf("%u %d\n", group, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    if (groups) return 0;
    limit_seconds(300);
    if (count > 4 && !(of_launches = std::fopen(arguments[4], "wb"))) unreadable("a file cannot be written");
    play_all(cases, orders);
    if (of_launches) std::fclose(of_launches);
    std::printf("%zu cases, %llu launches, %llu bits of results compared\n", cases.size(), launched, compared);
    for (const auto& [name, of] : largest) {
        std::printf("%s: %.4f of its bound, largest difference %.3e\n", name.c_str(), of.share, of.difference);
    }
}
