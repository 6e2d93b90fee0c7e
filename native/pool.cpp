#include "pool.hpp"

#include <system_error>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace clearprop {

namespace {

constexpr int spins = 20000;  // some 100 µs

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

#if defined(__x86_64__) || defined(_M_X64)
FlushToZero::FlushToZero(bool flush) : before(_mm_getcsr()) {
    constexpr unsigned bits = 0x8040;  // of the MXCSR register: results and operands
    _mm_setcsr(flush ? _mm_getcsr() | bits : _mm_getcsr() & ~bits);
}
FlushToZero::~FlushToZero() { _mm_setcsr(static_cast<unsigned>(before)); }
#elif defined(__aarch64__)
FlushToZero::FlushToZero(bool flush) {
    constexpr std::uint64_t bit = 1u << 24;  // of the FPCR register
    asm volatile("mrs %0, fpcr" : "=r"(before));
    asm volatile("msr fpcr, %0" : : "r"(flush ? before | bit : before & ~bit));
}
FlushToZero::~FlushToZero() { asm volatile("msr fpcr, %0" : : "r"(before)); }
#endif

Pool::Pool(std::size_t threads) {
    workers.reserve(threads);
    try {
        for (std::size_t i = 1; i < threads; ++i) workers.emplace_back([this, i] { work(i); });
    } catch (const std::system_error&) {
        // The system gives no more threads: those that are there do it, with the same bits.
    }
    shares = std::vector<Share>(workers.size() + 1);
}

Pool::~Pool() {
    {
        std::lock_guard<std::mutex> lock(mutex);
        over = true;
    }
    wake.notify_all();
    for (std::thread& worker : workers) worker.join();
}

void Pool::start(std::size_t count, const void* new_context, Call new_call) {
    context = new_context;
    call = new_call;
    left.store(0, std::memory_order_relaxed);
    for (std::size_t k = 0; k < shares.size(); ++k) {
        shares[k].next.store(count * k / shares.size(), std::memory_order_relaxed);
        shares[k].end = count * (k + 1) / shares.size();
    }
    gate.store((gate.load() / one_loop + 1) * one_loop);  // open, and nobody in it
    if (asleep.load()) {
        std::lock_guard<std::mutex> lock(mutex);
        wake.notify_all();
    }
    take_turns(0);
    // Who has entered must have left before the loop's description may change.
    const std::uint64_t entered = gate.fetch_or(closed) % closed;
    for (int i = 0; left.load(std::memory_order_acquire) < entered; ++i) {
        relax();
        if (i > spins) std::this_thread::yield();  // a worker may have lost its CPU to someone else
    }
}

void Pool::take_turns(std::size_t me) {
    for (std::size_t k = 0; k < shares.size(); ++k) {
        Share& share = shares[(me + k) % shares.size()];
        for (std::size_t i; (i = share.next.fetch_add(1, std::memory_order_relaxed)) < share.end;) call(context, i);
    }
}

// Returns whether a loop that this worker has not seen is open, and enters it.
bool Pool::enter(std::uint64_t& seen) {
    std::uint64_t now = gate.load();
    while (now / one_loop != seen) {
        if (now & closed) {
            seen = now / one_loop;
        } else if (gate.compare_exchange_weak(now, now + 1)) {
            seen = now / one_loop;
            return true;
        }
    }
    return false;
}

void Pool::work(std::size_t me) {
    const FlushToZero small_numbers;
    for (std::uint64_t seen = 0;;) {
        for (int i = 0; !over && !enter(seen); ++i) {
            relax();
            if (i < spins) continue;
            std::unique_lock<std::mutex> lock(mutex);
            ++asleep;
            wake.wait(lock, [&] { return gate.load() / one_loop != seen || over; });
            --asleep;
            i = 0;
        }
        if (over) return;
        take_turns(me);
        left.fetch_add(1, std::memory_order_release);
    }
}

}  // namespace clearprop
