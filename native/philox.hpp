// Random numbers from a counter: Philox4x64 with 10 rounds (Salmon, Moraes, Dror, Shaw 2011), as NumPy has it. Every
// number can be computed by itself, so a dropout mask does not depend on who draws which part of it, or when.
//
// Belongs to the sources that are compiled once, not to the kernels.
#pragma once

#include <cstddef>
#include <cstdint>

namespace clearprop {

__extension__ using Product64 = unsigned __int128;

constexpr std::size_t numbers_a_block = 8;

// The 8 numbers of 32 bits that counter (c, layer, step, 0) gives, the low half of each word first. Blocks do not wait
// for each other, so the CPU works on several at a time.
inline void philox(std::uint64_t key0, std::uint64_t key1, std::uint64_t c, std::uint64_t layer, std::uint64_t step,
                   std::uint32_t* numbers) {
    std::uint64_t x[4] = {c, layer, step, 0};
    for (int round = 0; round < 10; ++round) {
        const Product64 a = Product64{0xD2E7470EE14C6C93} * x[0], b = Product64{0xCA5A826395121157} * x[2];
        x[0] = static_cast<std::uint64_t>(b >> 64) ^ x[1] ^ key0;
        x[1] = static_cast<std::uint64_t>(b);
        x[2] = static_cast<std::uint64_t>(a >> 64) ^ x[3] ^ key1;
        x[3] = static_cast<std::uint64_t>(a);
        key0 += 0x9E3779B97F4A7C15;  // the golden ratio − 1, times 2^64
        key1 += 0xBB67AE8584CAA73B;  // √3 − 1, times 2^64
    }
    for (std::size_t k = 0; k < numbers_a_block; ++k) numbers[k] = static_cast<std::uint32_t>(x[k / 2] >> (k % 2 * 32));
}

// Replaces Stepper.draw_masks for one layer and one step of the epoch: M (n, out) is 1/(1 − p) where a unit stays and
// 0 where it is silenced. Unit j of sample i takes number i·out + j, as in NumPy:
//
//     words = np.random.Philox(key=[key0, key1], counter=[0, layer, step, 0]).random_raw((n * out + 1) // 2)
//     numbers = words.astype("<u8").view("<u4")[: n * out].reshape(n, out)
//     M = ((numbers >= int(p * 2**32)) / (1 - p)).astype(dtype)
template <class T>
void dropout_mask(std::uint64_t key0, std::uint64_t key1, std::uint64_t layer, std::uint64_t step, double p,
                  std::size_t n, std::size_t out, T* M, std::size_t ld) {
    const auto threshold = static_cast<std::uint32_t>(p * 4294967296.0);
    const T scale = static_cast<T>(1 / (1 - p));
    constexpr std::size_t ahead = 16 * numbers_a_block;
    std::uint32_t numbers[ahead];
    std::uint64_t counter = 0;
    std::size_t next = ahead, left = n * out;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < out;) {
            if (next == ahead) {
                next = 0;
                for (std::size_t k = 0; k < ahead && k < left; k += numbers_a_block)
                    philox(key0, key1, ++counter, layer, step, numbers + k);  // NumPy, too, counts up first
            }
            const std::size_t count = out - j < ahead - next ? out - j : ahead - next;
            for (std::size_t k = 0; k < count; ++k) M[i * ld + j + k] = numbers[next + k] >= threshold ? scale : T{0};
            next += count;
            left -= count;
            j += count;
        }
}

}  // namespace clearprop
