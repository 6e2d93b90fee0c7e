// A fixed pool of workers for loops whose turns do not depend on each other.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace clearprop {

// While it lives, this thread takes numbers below the smallest normal one (1e-38 in float32) for zero. An optimiser's
// memory of a unit that is silent decays down there, where each operation costs a hundred times as much. With false, it
// takes them as they are, as Python expects it.
class FlushToZero {
public:
    explicit FlushToZero(bool flush = true);
    ~FlushToZero();
    FlushToZero(const FlushToZero&) = delete;
    FlushToZero& operator=(const FlushToZero&) = delete;

private:
    std::uint64_t before;
};

// Lives as long as one call of the module. Between two loops the workers wait in a short spin, since a step has a dozen of them; when
// nothing comes they sleep. Each thread has its own share of a loop's turns, the same in each step, so that what it wrote
// last time is still in its cache; who is done helps the others. A worker that comes too late, since something else has
// its CPU, is not waited for. Turns write to places of their own.
class Pool {
public:
    explicit Pool(std::size_t threads);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    std::size_t threads() const { return workers.size() + 1; }

    // Calls turn(0) … turn(count − 1), and returns when all are done.
    template <class Turn> void run(std::size_t count, const Turn& turn) {
        if (workers.empty() || count < 2) {
            for (std::size_t i = 0; i < count; ++i) turn(i);
        } else {
            start(count, &turn, [](const void* context, std::size_t i) { (*static_cast<const Turn*>(context))(i); });
        }
    }

private:
    using Call = void (*)(const void*, std::size_t);

    void start(std::size_t count, const void* context, Call call);
    void work(std::size_t me);
    bool enter(std::uint64_t& seen);
    void take_turns(std::size_t me);

    // The turns [next, end) of one thread; each on a cache line of its own.
    struct alignas(64) Share {
        std::atomic<std::size_t> next{0};
        std::size_t end = 0;
    };

    std::vector<std::thread> workers;
    const void* context = nullptr;
    Call call = nullptr;
    std::vector<Share> shares;  // one a thread, the caller's first
    // The loop under way: its number, whether all of its turns are taken, and how many workers have entered it.
    static constexpr std::uint64_t one_loop = std::uint64_t{1} << 33, closed = std::uint64_t{1} << 32;
    alignas(64) std::atomic<std::uint64_t> gate{closed};
    alignas(64) std::atomic<std::uint64_t> left{0};  // how many workers have left it again
    std::atomic<std::size_t> asleep{0};
    std::atomic<bool> over{false};
    std::mutex mutex;
    std::condition_variable wake;
};

}  // namespace clearprop
