// What is in a module that a driver loads: the names of its kernels, and how long each of their parameters is. Reads machine
// code, which is an ELF file, and PTX, which is text.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace image {

// Each kernel with the bytes of its parameters.
using Kernels = std::map<std::string, std::vector<std::size_t>>;

template <class T>
T read(const unsigned char* at) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return value;
}

// The sections .nv.info.KERNEL of machine code have a record for each parameter: its ordinal, and in the upper bits of
// its last word how many bytes it has.
inline void read_machine_code(const unsigned char* image, Kernels& kernels) {
    const auto sections = read<std::uint64_t>(image + 0x28);
    const auto size = read<std::uint16_t>(image + 0x3A), count = read<std::uint16_t>(image + 0x3C);
    const auto of_names = read<std::uint16_t>(image + 0x3E);
    const auto offset_of = [=](unsigned index) { return read<std::uint64_t>(image + sections + index * size + 0x18); };
    for (unsigned i = 0; i < count; ++i) {
        const auto name = reinterpret_cast<const char*>(image + offset_of(of_names) + read<std::uint32_t>(image + sections + i * size));
        if (std::strncmp(name, ".nv.info.", 9)) continue;
        std::map<unsigned, std::size_t> parameters;
        const unsigned char* record = image + offset_of(i);
        const unsigned char* const end = record + read<std::uint64_t>(image + sections + i * size + 0x20);
        while (record + 4 <= end) {
            const bool has_content = record[0] == 4;
            if (has_content && record[1] == 0x17) parameters[read<std::uint16_t>(record + 8)] = read<std::uint32_t>(record + 12) >> 18;
            record += 4 + (has_content ? read<std::uint16_t>(record + 2) : 0);
        }
        auto& sizes = kernels[name + 9];
        for (const auto& [ordinal, bytes] : parameters) sizes.push_back(bytes);
    }
}

inline std::size_t bytes_of_type(const std::string& text) {
    // .param .u64 name   or   .param .align 4 .b8 name[52]
    const auto bracket = text.find('[');
    if (bracket != std::string::npos) return std::strtoull(text.c_str() + bracket + 1, nullptr, 10);
    return text.find("64 ") != std::string::npos ? 8 : 4;
}

inline void read_ptx(const std::string& text, Kernels& kernels) {
    const std::string entry = ".entry ";
    for (auto at = text.find(entry); at != std::string::npos; at = text.find(entry, at + 1)) {
        const auto open = text.find('(', at), close = text.find(')', at);
        auto& sizes = kernels[text.substr(at + entry.size(), open - at - entry.size())];
        std::string parameters = text.substr(open + 1, close - open - 1) + ",";
        for (auto comma = parameters.find(','); comma != std::string::npos; comma = parameters.find(',')) {
            sizes.push_back(bytes_of_type(parameters.substr(0, comma)));
            parameters.erase(0, comma + 1);
        }
    }
}

inline Kernels kernels_in(const unsigned char* image) {
    Kernels kernels;
    if (!std::memcmp(image, "\x7f" "ELF", 4)) {
        read_machine_code(image, kernels);
    } else {
        read_ptx(reinterpret_cast<const char*>(image), kernels);
    }
    return kernels;
}

}  // namespace image
