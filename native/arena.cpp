#include "arena.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "levels.hpp"

namespace clearprop {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t most_ahead = std::size_t{1} << 25;  // that a block is larger than what it is made for

// With the address sanitizer each buffer is a block of its own, or it could not see one run over into the next.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool shared = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool shared = false;
#else
constexpr bool shared = true;
#endif
#else
constexpr bool shared = true;
#endif

}  // namespace

Arena::~Arena() {
    for (const Block& block : blocks) ::operator delete(block.start, std::align_val_t{block.alignment});
}

void* Arena::take(std::size_t bytes) {
    bytes = up_to(alignment, std::max<std::size_t>(bytes, 1));
    if (bytes > room) add_block(shared ? std::max(bytes, std::min(total, most_ahead)) : bytes);
    void* const taken = std::memset(next, 0, bytes);
    next += bytes;
    room -= bytes;
    return taken;
}

void Arena::add_block(std::size_t bytes) {
    const bool huge = shared && bytes >= huge_page;
    const std::size_t unit = huge ? huge_page : alignment;
    bytes = up_to(unit, bytes);
    blocks.reserve(blocks.size() + 1);  // so that no block is lost where there is no memory for its entry
    blocks.push_back({::operator new(bytes, std::align_val_t{unit}), unit});
    next = static_cast<char*>(blocks.back().start);
    room = bytes;
    total += bytes;
#if defined(__linux__)
    if (huge) madvise(next, bytes, MADV_HUGEPAGE);  // where the system has none, it stays as it is
#endif
}

}  // namespace clearprop
