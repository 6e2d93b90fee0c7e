#include "levels.hpp"

#include <stdexcept>

#define CLEARPROP_DECLARE(level)                 \
    namespace level {                            \
    const Kernels<float>* kernels_of_floats();   \
    const Kernels<double>* kernels_of_doubles(); \
    }

namespace clearprop {

#if defined(__x86_64__) || defined(_M_X64)
CLEARPROP_DECLARE(baseline)
CLEARPROP_DECLARE(avx2)
CLEARPROP_DECLARE(avx512)
#else
CLEARPROP_DECLARE(neon)
#endif

namespace {

struct Choice {
    std::string name;
    const Kernels<float>* (*floats)();
    const Kernels<double>* (*doubles)();
};

std::vector<Choice> choices() {
    std::vector<Choice> found;
#if defined(__x86_64__) || defined(_M_X64)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw"))
        found.push_back({"avx512", avx512::kernels_of_floats, avx512::kernels_of_doubles});
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found.push_back({"avx2", avx2::kernels_of_floats, avx2::kernels_of_doubles});
    found.push_back({"baseline", baseline::kernels_of_floats, baseline::kernels_of_doubles});
#else
    found.push_back({"neon", neon::kernels_of_floats, neon::kernels_of_doubles});
#endif
    return found;
}

const Choice& choice(const std::string& level) {
    static const std::vector<Choice> all = choices();
    for (const Choice& each : all)
        if (each.name == level) return each;
    throw std::invalid_argument("no such CPU level here: " + level);
}

}  // namespace

const std::vector<std::string>& levels() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> result;
        for (const Choice& each : choices()) result.push_back(each.name);
        return result;
    }();
    return names;
}

template <> const Kernels<float>& kernels_at<float>(const std::string& level) { return *choice(level).floats(); }
template <> const Kernels<double>& kernels_at<double>(const std::string& level) { return *choice(level).doubles(); }

}  // namespace clearprop
