// One vector of numbers, as wide as the CPU level that this file is compiled for.
//
// The kernels are written once, over GNU vector extensions (GCC, Clang), and compiled once per level. Each level
// has a namespace of its own (CLEARPROP_LEVEL), so that no inline function compiled for AVX-512 can be the one
// that the linker keeps for a CPU without it. For the same reason nothing of the standard library that has a
// body may be used in kernels.cpp and what it includes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace clearprop {
namespace CLEARPROP_LEVEL {

#if defined(__AVX512F__)
constexpr std::size_t vector_bytes = 64;
constexpr std::size_t tile_rows = 12;  // of 32 registers, 24 hold the tile
#elif defined(__AVX2__)
constexpr std::size_t vector_bytes = 32;
constexpr std::size_t tile_rows = 6;  // of 16 registers, 12 hold the tile
#elif defined(__aarch64__)
constexpr std::size_t vector_bytes = 16;
constexpr std::size_t tile_rows = 8;
#else
constexpr std::size_t vector_bytes = 16;
constexpr std::size_t tile_rows = 4;
#endif

using F = float __attribute__((vector_size(vector_bytes)));
using D = double __attribute__((vector_size(vector_bytes)));
using I32 = std::int32_t __attribute__((vector_size(vector_bytes)));
using I64 = std::int64_t __attribute__((vector_size(vector_bytes)));

template <class T> struct Simd;
template <> struct Simd<float> {
    using V = F;
    using I = I32;  // what a comparison gives: −1 where it holds, 0 elsewhere
    using Scalar = float;
    using Integer = std::int32_t;
};
template <> struct Simd<double> {
    using V = D;
    using I = I64;
    using Scalar = double;
    using Integer = std::int64_t;
};
template <> struct Simd<F> : Simd<float> {};
template <> struct Simd<D> : Simd<double> {};

template <class T> using Vec = typename Simd<T>::V;       // Vec<float>: the vector of floats
template <class V> using Int = typename Simd<V>::I;       // Int<V>: the integers as wide as V's numbers
template <class V> using Scalar = typename Simd<V>::Scalar;

template <class T> constexpr std::size_t lanes = vector_bytes / sizeof(T);

template <class T> inline Vec<T> load(const T* p) {
    Vec<T> x;
    __builtin_memcpy(&x, p, sizeof x);  // p need not be aligned
    return x;
}

template <class T> inline void store(T* p, Vec<T> x) { __builtin_memcpy(p, &x, sizeof x); }

// All lanes hold x.
template <class V> inline V all(Scalar<V> x) { return x - V{}; }  // not V{} + x, which would lose the sign of −0

// The lanes of a where the mask is −1, those of b where it is 0.
template <class V> inline V choose(Int<V> mask, V a, V b) {
    return mask ? a : b;
}

// a where the mask is −1, zero elsewhere.
template <class V> inline V keep(Int<V> mask, V a) { return (V)((Int<V>)a & mask); }

template <class V> inline V abs(V x) {
    constexpr auto sign = static_cast<typename Simd<V>::Integer>(1ULL << (sizeof(Scalar<V>) * 8 - 1));
    return (V)((Int<V>)x & ~(Int<V>{} + sign));
}

// The masked intrinsics are those with which GCC 12 does not warn of an uninitialised register.
#if defined(__AVX512F__)
inline F larger(F a, F b) { return (F)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b); }
inline D larger(D a, D b) { return (D)_mm512_maskz_max_pd(0xff, (__m512d)a, (__m512d)b); }
inline F smaller(F a, F b) { return (F)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b); }
inline D smaller(D a, D b) { return (D)_mm512_maskz_min_pd(0xff, (__m512d)a, (__m512d)b); }
#elif defined(__AVX2__)
inline F larger(F a, F b) { return (F)_mm256_max_ps((__m256)a, (__m256)b); }
inline D larger(D a, D b) { return (D)_mm256_max_pd((__m256d)a, (__m256d)b); }
inline F smaller(F a, F b) { return (F)_mm256_min_ps((__m256)a, (__m256)b); }
inline D smaller(D a, D b) { return (D)_mm256_min_pd((__m256d)a, (__m256d)b); }
#elif defined(__x86_64__) || defined(_M_X64)
inline F larger(F a, F b) { return (F)_mm_max_ps((__m128)a, (__m128)b); }
inline D larger(D a, D b) { return (D)_mm_max_pd((__m128d)a, (__m128d)b); }
inline F smaller(F a, F b) { return (F)_mm_min_ps((__m128)a, (__m128)b); }
inline D smaller(D a, D b) { return (D)_mm_min_pd((__m128d)a, (__m128d)b); }
#else
template <class V> inline V larger(V a, V b) { return a > b ? a : b; }
template <class V> inline V smaller(V a, V b) { return a < b ? a : b; }
#endif

// NaN stays NaN, as in np.maximum and np.minimum with a number: where x is NaN, the comparison gives its second operand.
template <class V> inline V maximum(V x, V bound) { return larger(bound, x); }
template <class V> inline V minimum(V x, V bound) { return smaller(bound, x); }

// −1, 0 or 1.
template <class V> inline V sign(V x) {
    return keep<V>(x > V{}, all<V>(1)) - keep<V>(x < V{}, all<V>(1));
}

inline F sqrt(F x) {
#if defined(__AVX512F__)
    return (F)_mm512_maskz_sqrt_ps(0xffff, (__m512)x);
#elif defined(__AVX2__)
    return (F)_mm256_sqrt_ps((__m256)x);
#elif defined(__aarch64__)
    return (F)vsqrtq_f32((float32x4_t)x);
#else
    return (F)_mm_sqrt_ps((__m128)x);
#endif
}

inline D sqrt(D x) {
#if defined(__AVX512F__)
    return (D)_mm512_maskz_sqrt_pd(0xff, (__m512d)x);
#elif defined(__AVX2__)
    return (D)_mm256_sqrt_pd((__m256d)x);
#elif defined(__aarch64__)
    return (D)vsqrtq_f64((float64x2_t)x);
#else
    return (D)_mm_sqrt_pd((__m128d)x);
#endif
}

// −1 in the first k lanes, 0 in the others; all lanes for k ≥ their number.
template <class V> inline Int<V> first(std::size_t k) {
    using N = typename Simd<V>::Integer;
    Int<V> number{};
    for (std::size_t l = 0; l < lanes<Scalar<V>>; ++l) number[l] = static_cast<N>(l);
    return number < static_cast<N>(k < lanes<Scalar<V>> ? k : lanes<Scalar<V>>);
}

// Adds, or whatever `join` does, the upper half of the lanes to the lower one, and so on until one number is left. The
// order never changes.
template <class T, std::size_t bytes, class Join> inline T fold(const T* x, Join join) {
    if constexpr (bytes == sizeof(T)) {
        return *x;
    } else {
        typedef T Half __attribute__((vector_size(bytes / 2)));
        Half low, high;
        __builtin_memcpy(&low, x, sizeof low);
        __builtin_memcpy(&high, x + bytes / 2 / sizeof(T), sizeof high);
        const Half joined = join(low, high);
        return fold<T, bytes / 2>(reinterpret_cast<const T*>(&joined), join);
    }
}

// The sum of all lanes, pairwise.
template <class V> inline Scalar<V> sum(V x) {
    return fold<Scalar<V>, sizeof(V)>(reinterpret_cast<const Scalar<V>*>(&x), [](auto a, auto b) { return a + b; });
}

template <class V> inline Scalar<V> largest(V x) {
    return fold<Scalar<V>, sizeof(V)>(reinterpret_cast<const Scalar<V>*>(&x), [](auto a, auto b) { return b > a ? b : a; });
}

// Numbers of a and of b in turn, from number `from` of each on.
template <std::size_t from, class V, std::size_t... l> inline V zip(V a, V b, std::index_sequence<l...>) {
#if defined(__clang__) || __GNUC__ >= 12
    return __builtin_shufflevector(a, b, static_cast<int>(from + l / 2 + l % 2 * sizeof...(l))...);
#else
    return V{(l % 2 ? b : a)[from + l / 2]...};
#endif
}

// Turns the rows of a square into its columns. A zip of the upper rows with the lower ones moves the highest bit of an
// entry's row number to the end of its column number, and the bits of the column number up; as many zips as a row
// number has bits change the two numbers for each other.
template <class V, std::size_t L> inline void turn(V (&rows)[L]) {
    constexpr auto each = std::make_index_sequence<L>{};
#pragma GCC unroll 4
    for (std::size_t bit = 1; bit < L; bit *= 2) {
        V next[L];
#pragma GCC unroll 16
        for (std::size_t r = 0; r < L / 2; ++r) {
            next[2 * r] = zip<0>(rows[r], rows[r + L / 2], each);
            next[2 * r + 1] = zip<L / 2>(rows[r], rows[r + L / 2], each);
        }
#pragma GCC unroll 16
        for (std::size_t r = 0; r < L; ++r) rows[r] = next[r];
    }
}

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
