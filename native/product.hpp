// Matrix products in register tiles: tile_rows rows by up to 2 vectors of columns stay in registers over the whole
// sum. The products of a layer differ only in how A is read and in what happens as a tile is stored.
#pragma once

#include <utility>

#include "kernels.hpp"
#include "simd.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

// C (R, N vectors) += A (R, k) @ B (k, N vectors). A is read down its columns where it is transposed.
template <class T, std::size_t R, std::size_t N, bool transposed>
[[gnu::always_inline]] inline void multiply(const T* A, std::size_t lda, const T* B, std::size_t ldb, std::size_t k,
                                            Vec<T> (&C)[R][N]) {
    for (std::size_t p = 0; p < k; ++p) {
        Vec<T> b[N];
        for (std::size_t v = 0; v < N; ++v) b[v] = load<T>(B + p * ldb + v * lanes<T>);
#pragma GCC unroll 16
        for (std::size_t r = 0; r < R; ++r) {
            const Vec<T> a = all<Vec<T>>(transposed ? A[p * lda + r] : A[r * lda + p]);
            for (std::size_t v = 0; v < N; ++v) C[r][v] += a * b[v];
        }
    }
}

template <class T, std::size_t R, std::size_t N>
void product_tile(const T* A, std::size_t lda, std::size_t k, const T* B, const T* b, T* C, std::size_t ldc) {
    Vec<T> tile[R][N];
    for (std::size_t v = 0; v < N; ++v) {
        const Vec<T> bias = b ? load<T>(b + v * lanes<T>) : Vec<T>{};
#pragma GCC unroll 16
        for (std::size_t r = 0; r < R; ++r) tile[r][v] = bias;
    }
    multiply<T, R, N, false>(A, lda, B, N * lanes<T>, k, tile);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t v = 0; v < N; ++v) store<T>(C + r * ldc + v * lanes<T>, tile[r][v]);
}

template <class T, std::size_t R, std::size_t N>
void gradient_tile(const T* X, std::size_t ldx, const T* dZ, std::size_t ldz, std::size_t n, T* dW) {
    Vec<T> tile[R][N] = {};
    multiply<T, R, N, true>(X, ldx, dZ, ldz, n, tile);
#pragma GCC unroll 16
    for (std::size_t r = 0; r < R; ++r)
        for (std::size_t v = 0; v < N; ++v) store<T>(dW + (r * N + v) * lanes<T>, tile[r][v]);
}

// The tile functions by their number of rows, [1, tile_rows].
template <class T, std::size_t N, class Rows = std::make_index_sequence<tile_rows>> struct Tiles;
template <class T, std::size_t N, std::size_t... r> struct Tiles<T, N, std::index_sequence<r...>> {
    static constexpr void (*product[])(const T*, std::size_t, std::size_t, const T*, const T*, T*, std::size_t) = {
        nullptr, product_tile<T, r + 1, N>...};
    static constexpr void (*gradient[])(const T*, std::size_t, const T*, std::size_t, std::size_t, T*) = {
        nullptr, gradient_tile<T, r + 1, N>...};
};

template <class T, std::size_t N>
void product_panel(const T* A, std::size_t lda, std::size_t n, std::size_t k, const T* B, const T* b, T* C,
                   std::size_t ldc) {
    std::size_t i = 0;
    for (; i + tile_rows <= n; i += tile_rows)
        product_tile<T, tile_rows, N>(A + i * lda, lda, k, B, b, C + i * ldc, ldc);
    if (i < n) Tiles<T, N>::product[n - i](A + i * lda, lda, k, B, b, C + i * ldc, ldc);
}

// Replaces `dense`, and `dense_back_input` where B holds the panels of Wᵀ.
template <class T>
void product(const T* A, std::size_t lda, std::size_t n, std::size_t k, const T* B, const T* b, T* C, std::size_t ldc,
             std::size_t cols) {
    std::size_t j = 0;
    for (; j + 2 * lanes<T> <= cols; j += 2 * lanes<T>)
        product_panel<T, 2>(A, lda, n, k, B + j * k, b ? b + j : nullptr, C + j, ldc);
    if (j < cols) product_panel<T, 1>(A, lda, n, k, B + j * k, b ? b + j : nullptr, C + j, ldc);
}

// Of so many samples a tile's sum takes long enough that what its update needs is asked for before.
constexpr std::size_t long_sum = 256;

template <class T> inline void fetch_ahead(const T* p, std::size_t count) {
    if (!p) return;
    for (std::size_t i = 0; i < count; i += alignment / sizeof(T)) __builtin_prefetch(p + i, 1);
}

template <class T, std::size_t N>
void dense_back_panel(const T* X, std::size_t ldx, const T* dZ, std::size_t ldz, std::size_t n, std::size_t in, Run<T> W,
                      void (*update)(const Update<T>&, Run<T>, const T*, std::size_t, Totals<T>&),
                      const Update<T>& settings, Totals<T>& totals) {
    constexpr std::size_t width = N * lanes<T>;
    alignas(alignment) T dW[tile_rows * width];
    for (std::size_t i = 0; i < in; i += tile_rows) {
        const std::size_t rows = in - i < tile_rows ? in - i : tile_rows;
        const std::size_t at = i * width;
        const Run<T> run{W.theta + at, W.first ? W.first + at : nullptr, W.second ? W.second + at : nullptr,
                         W.g ? W.g + at : nullptr};
        if (n >= long_sum) {
            fetch_ahead(run.theta, rows * width);
            fetch_ahead(run.first, rows * width);
            fetch_ahead(run.second, rows * width);
        }
        if (rows == tile_rows)
            gradient_tile<T, tile_rows, N>(X + i, ldx, dZ, ldz, n, dW);
        else
            Tiles<T, N>::gradient[rows](X + i, ldx, dZ, ldz, n, dW);
        update(settings, run, dW, rows * width, totals);
    }
}

// Replaces `dense_back`'s db = dZ.sum(axis=0), sample after sample.
template <class T> void column_sums(const T* dZ, std::size_t ldz, std::size_t n, std::size_t cols, T* db) {
    for (std::size_t j = 0; j < cols; j += lanes<T>) {
        Vec<T> total{};
        for (std::size_t i = 0; i < n; ++i) total += load<T>(dZ + i * ldz + j);
        store<T>(db + j, total);
    }
}

// One square of W, `lanes` inputs by `lanes` outputs, turned around; entries beyond those that W has become zero.
template <class T>
void transpose_square(const T* W, std::size_t ld, std::size_t inputs, std::size_t outputs, T* Wt, std::size_t ldt) {
    if (inputs >= lanes<T> && outputs >= lanes<T>) {
        Vec<T> rows[lanes<T>];
#pragma GCC unroll 16
        for (std::size_t a = 0; a < lanes<T>; ++a) rows[a] = load<T>(W + a * ld);
        turn(rows);
#pragma GCC unroll 16
        for (std::size_t b = 0; b < lanes<T>; ++b) store<T>(Wt + b * ldt, rows[b]);
        return;
    }
    for (std::size_t b = 0; b < outputs && b < lanes<T>; ++b)
        for (std::size_t a = 0; a < lanes<T>; ++a) Wt[b * ldt + a] = a < inputs ? W[a * ld + b] : 0;
}

// The panels of Wᵀ for inputs [from, to), square by square.
template <class T> void transpose(const T* W, std::size_t in, std::size_t out, std::size_t from, std::size_t to, T* Wt) {
    constexpr std::size_t L = lanes<T>, panel = 2 * L;
    const std::size_t in_cols = (in + L - 1) / L * L, out_cols = (out + L - 1) / L * L;
    for (std::size_t i = from; i < to; i += panel) {
        const std::size_t width_t = in_cols - i < panel ? in_cols - i : panel;
        for (std::size_t j = 0; j < out; j += panel) {
            const std::size_t width = out_cols - j < panel ? out_cols - j : panel;
            for (std::size_t b = j; b < j + width && b < out; b += L)
                for (std::size_t a = i; a < i + width_t; a += L)
                    transpose_square(W + j * in + a * width + (b - j), width, in - a, out - b,
                                     Wt + i * out + b * width_t + (a - i), width_t);
        }
    }
}

// Replaces `dense` for one sample, with W as it stands in θ. The sum runs over the inputs in the order of `product`,
// so both give the same bits
// (but for numbers below the smallest normal one, which only `product` is run with as zero).
template <class T> void dense_row(const T* x, std::size_t in, const T* W, const T* b, T* z, std::size_t out) {
    for (std::size_t j = 0; j < out; ++j) z[j] = b[j];
    for (std::size_t k = 0; k < in; ++k) {
        const T xk = x[k];
        for (std::size_t j = 0; j < out; ++j) z[j] += xk * W[k * out + j];
    }
}

#if defined(__AVX512F__)
#define CLEARPROP_REGISTER(x) "+v"(x)
#elif defined(__aarch64__)
#define CLEARPROP_REGISTER(x) "+w"(x)
#else
#define CLEARPROP_REGISTER(x) "+x"(x)
#endif

// Enough independent sums to keep every multiply-add unit busy.
template <class T> double multiply_add(std::size_t rounds) {
    constexpr std::size_t sums = 12;
    Vec<T> total[sums];
    for (std::size_t s = 0; s < sums; ++s) total[s] = all<Vec<T>>(T(s));  // all different, or one would stand for all
    Vec<T> a = all<Vec<T>>(T(0.5)), b = all<Vec<T>>(T(0.25));
    for (std::size_t i = 0; i < rounds; ++i) {
        asm volatile("" : CLEARPROP_REGISTER(a), CLEARPROP_REGISTER(b));  // the compiler must not know them
#pragma GCC unroll 12
        for (std::size_t s = 0; s < sums; ++s) total[s] = total[s] * a + b;
    }
    Vec<T> all_sums{};
    for (std::size_t s = 0; s < sums; ++s) all_sums += total[s];
    volatile T sink = sum(all_sums);
    (void)sink;
    return 2.0 * static_cast<double>(rounds * sums * lanes<T>);
}

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
