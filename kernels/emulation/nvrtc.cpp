// Compiles texts with NVIDIA's run-time compiler, which needs no driver and no card.
//
//   nvrtc LIBRARY ARCHITECTURE OPTION.. -- FILE..
//
// For a real architecture (sm_90) the machine code is made and what the assembler says of it printed; for a virtual one
// (compute_90) the PTX. Each file's answer stands behind a line "== FILE". Status 0: all compiled.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Program = void*;

template <class F>
F* symbol(void* library, const char* name) {
    void* found = dlsym(library, name);
    if (!found) {
        std::fprintf(stderr, "nvrtc: the library has no %s\n", name);
        std::_Exit(2);
    }
    return reinterpret_cast<F*>(found);
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 3) return 2;
    void* library = dlopen(arguments[1], RTLD_NOW);
    if (!library) {
        std::fprintf(stderr, "nvrtc: %s\n", dlerror());
        return 2;
    }
    using Text = const char*;
    const auto create = symbol<int(Program*, Text, Text, int, Text*, Text*)>(library, "nvrtcCreateProgram");
    const auto compile = symbol<int(Program, int, Text*)>(library, "nvrtcCompileProgram");
    const auto log_size = symbol<int(Program, std::size_t*)>(library, "nvrtcGetProgramLogSize");
    const auto log = symbol<int(Program, char*)>(library, "nvrtcGetProgramLog");
    const auto ptx_size = symbol<int(Program, std::size_t*)>(library, "nvrtcGetPTXSize");
    const auto ptx = symbol<int(Program, char*)>(library, "nvrtcGetPTX");

    const std::string architecture = arguments[2];
    const std::string target = "--gpu-architecture=" + architecture;
    std::vector<Text> options{target.c_str()};
    int next = 3;
    for (; next < count && std::strcmp(arguments[next], "--"); ++next) options.push_back(arguments[next]);
    const bool is_real = architecture.rfind("sm_", 0) == 0;
    if (is_real) options.push_back("--ptxas-options=-v");

    bool is_good = true;
    for (++next; next < count; ++next) {
        std::ifstream stream(arguments[next]);
        std::stringstream text;
        text << stream.rdbuf();
        Program program;
        if (create(&program, text.str().c_str(), arguments[next], 0, nullptr, nullptr)) return 2;
        is_good &= compile(program, int(options.size()), options.data()) == 0;
        std::size_t size = 0;
        log_size(program, &size);
        std::string answer(size, 0);
        log(program, answer.data());
        std::printf("== %s\n%s\n", arguments[next], answer.c_str());
        if (is_real || !is_good || ptx_size(program, &size)) continue;
        answer.assign(size, 0);
        ptx(program, answer.data());
        std::printf("%s\n", answer.c_str());
    }
    return is_good ? 0 : 1;
}
