// The CPU levels of this build, and which of them this machine can run.
#pragma once

#include <string>
#include <vector>

#include "kernels.hpp"

namespace clearprop {

// The smallest multiple that is not below n.
inline std::size_t up_to(std::size_t multiple, std::size_t n) { return (n + multiple - 1) / multiple * multiple; }

// The names of the levels that this build and this CPU have, the widest first.
const std::vector<std::string>& levels();

// The kernels of a level by name. Throws std::invalid_argument where it is not one of levels().
template <class T> const Kernels<T>& kernels_at(const std::string& level);

}  // namespace clearprop
