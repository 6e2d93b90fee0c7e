// Memory for the buffers of one network.
#pragma once

#include <cstddef>
#include <vector>

namespace clearprop {

// Buffers of zeros, one behind another in a few blocks that grow with the network, all freed together. Blocks from
// `huge_page` on ask the system for pages of that size: a network of 2 million parameters would otherwise take 10,000
// page faults at the start of each fit, and its products more misses of the address cache.
class Arena {
public:
    Arena() = default;
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Returns `bytes` zeros that begin on a cache line. Throws std::bad_alloc.
    void* take(std::size_t bytes);

private:
    struct Block {
        void* start;
        std::size_t alignment;
    };

    void add_block(std::size_t bytes);

    std::vector<Block> blocks;
    char* next = nullptr;   // free memory of the last block
    std::size_t room = 0;   // how much of it there is
    std::size_t total = 0;  // bytes of all blocks
};

}  // namespace clearprop
