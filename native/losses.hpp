// The losses of a batch and their way back, in one pass: the loss of each sample, and dA or dZ of the output layer.
#pragma once

#include "kernels.hpp"
#include "math.hpp"
#include "simd.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

// One vector's part of a sample's loss, and of dA or (`natural_back`) dZ.
template <class V> struct Terms {
    V L, dQ;
};

// Each loss is called with a vector of Z, A and the targets Y, of which it takes what its rule takes, and the sample's
// share w. What it makes of the padding is masked by who calls it.

// Replaces `squared_error` and `squared_error_back`.
template <class V> struct SquaredError {
    explicit SquaredError(const LossArguments<Scalar<V>>&) {}

    Terms<V> operator()(V, V A, V Y, V w) const {
        const V R = A - Y;
        return {w * (R * R) * Scalar<V>(0.5), w * R};
    }
};

// Replaces `mean_squared_error` and `mean_squared_error_back`.
template <class V> struct MeanSquaredError {
    V outputs;
    explicit MeanSquaredError(const LossArguments<Scalar<V>>& a) : outputs(all<V>(static_cast<Scalar<V>>(a.outputs))) {}

    Terms<V> operator()(V, V A, V Y, V w) const {
        const V R = A - Y, w_mean = w / outputs;
        return {w_mean * (R * R), 2 * w_mean * R};
    }
};

// Replaces `absolute_error` and `absolute_error_back`.
template <class V> struct AbsoluteError {
    explicit AbsoluteError(const LossArguments<Scalar<V>>&) {}

    Terms<V> operator()(V, V A, V Y, V w) const {
        const V R = A - Y;
        return {w * abs(R), w * sign(R)};
    }
};

// Replaces `huber` and `huber_back`.
template <class V> struct Huber {
    V delta;
    explicit Huber(const LossArguments<Scalar<V>>& a) : delta(all<V>(a.option)) {}

    Terms<V> operator()(V, V A, V Y, V w) const {
        const V R = A - Y, Q = minimum(abs(R), delta);
        return {w * Q * (abs(R) - Scalar<V>(0.5) * Q), w * minimum(maximum(R, -delta), delta)};
    }
};

// Replaces `quantile` and `quantile_back`.
template <class V> struct Quantile {
    V q;
    explicit Quantile(const LossArguments<Scalar<V>>& a) : q(all<V>(a.option)) {}

    Terms<V> operator()(V, V A, V Y, V w) const {
        const V R = A - Y, half = all<V>(Scalar<V>(0.5));
        return {w * maximum(-q * R, (1 - q) * R), w * (half * sign(R) + (half - q))};
    }
};

// Replaces `poisson` and its `natural_back`; exp(Z) is there already, as A.
template <class V> struct Poisson {
    explicit Poisson(const LossArguments<Scalar<V>>&) {}

    Terms<V> operator()(V Z, V A, V Y, V w) const { return {w * (A - Y * Z), w * (A - Y)}; }
};

// Replaces `binary_cross_entropy` and its `natural_back`.
template <class V> struct BinaryCrossEntropy {
    explicit BinaryCrossEntropy(const LossArguments<Scalar<V>>&) {}

    Terms<V> operator()(V Z, V A, V Y, V w) const {
        const V log_1_plus_exp = maximum(Z, V{}) + log1p(normal_exp(-abs(Z)));
        return {w * (log_1_plus_exp - Y * Z), w * (A - Y)};
    }
};

// The vectors of a row, [0, cols) in steps of lanes.
template <class T> struct Row {
    std::size_t last;  // where the vector starts that has the last output
    Int<Vec<T>> real;  // −1 in the lanes of that vector that are outputs
    std::size_t cols;
    explicit Row(const LossArguments<T>& a)
        : last((a.outputs - 1) / lanes<T> * lanes<T>), real(first<Vec<T>>(a.outputs - last)), cols(a.cols) {}

    // Calls step(j, mask) for each vector; the mask is −1 where there is an output.
    template <class Step> void for_each_vector(const Step& step) const {
        std::size_t j = 0;
        for (; j < last; j += lanes<T>) step(j, ~Int<Vec<T>>{});
        for (Int<Vec<T>> mask = real; j < cols; j += lanes<T>, mask = Int<Vec<T>>{}) step(j, mask);
    }
};

template <class T, template <class> class Rule> [[gnu::flatten]] void loss(const LossArguments<T>& a) {
    using V = Vec<T>;
    const Rule<V> rule(a);
    const Row<T> row(a);
    for (std::size_t i = 0; i < a.n; ++i) {
        const V w = all<V>(a.w[i]);
        V L{};
        row.for_each_vector([&](std::size_t j, Int<V> mask) {
            const std::size_t at = i * a.ld + j;
            const Terms<V> terms = rule(load(a.Z + at), load(a.A + at), load(a.Y + at), w);
            L += keep<V>(mask, terms.L);
            store(a.dQ + at, keep<V>(mask, terms.dQ));
        });
        a.L[i] = static_cast<double>(sum(L));
    }
}

// ln x for finite x ≥ 1: x = 2^k·m with m in [1, 2), so ln x = k·ln 2 + ln(1 + (m − 1)): nothing cancels.
template <class V> inline V log_from_1(V x) {
    constexpr bool single = sizeof(Scalar<V>) == 4;
    constexpr int digits = single ? 23 : 52;
    using N = typename Simd<V>::Integer;
    constexpr Scalar<V> shift = single ? Scalar<V>(1 << 23) : Scalar<V>(4503599627370496.0);
    constexpr Scalar<V> bias = single ? 127 : 1023;
    const Int<V> bits = (Int<V>)x;
    // k + bias, as the last digits of 2^digits + k + bias.
    const V k = (V)((bits >> digits) | (Int<V>)all<V>(shift)) - (shift + bias);
    const V m = (V)((bits & ((N(1) << digits) - 1)) | (Int<V>)all<V>(1));
    return k * Scalar<V>(0.6931471805599453) + log1p(m - 1);
}

// Replaces `cross_entropy`, `label_smoothing` and `natural_back`. With S = Z − max Z, Σ exp S need not be added up
// again: softmax has divided by it, and exp S is 1 at the maximum, so it is 1 / max A. As many samples as a vector has
// lanes are done together, so that one vector of logarithms serves them all.
template <class T> [[gnu::flatten]] void cross_entropy_loss(const LossArguments<T>& a) {
    using V = Vec<T>;
    const V kept = all<V>(1 - a.option), spread = all<V>(a.option / static_cast<T>(a.outputs));
    const V lowest = all<V>(-static_cast<T>(__builtin_inf()));
    const Row<T> row(a);
    for (std::size_t from = 0; from < a.n; from += lanes<T>) {
        const std::size_t samples = a.n - from < lanes<T> ? a.n - from : lanes<T>;
        alignas(vector_bytes) T max_Z[lanes<T>], max_A[lanes<T>], log_sum[lanes<T>];
        store(max_A, all<V>(1));
        for (std::size_t r = 0; r < samples; ++r) {
            V highest_Z = lowest, highest_A{};
            row.for_each_vector([&](std::size_t j, Int<V> mask) {
                const std::size_t at = (from + r) * a.ld + j;
                highest_Z = maximum(highest_Z, choose<V>(mask, load(a.Z + at), lowest));
                highest_A = maximum(highest_A, keep<V>(mask, load(a.A + at)));
            });
            max_Z[r] = largest(highest_Z);
            max_A[r] = largest(highest_A);
        }
        store(log_sum, log_from_1(1 / load(max_A)));
        for (std::size_t r = 0; r < samples; ++r) {
            const V w = all<V>(a.w[from + r]);
            V L{};
            row.for_each_vector([&](std::size_t j, Int<V> mask) {
                const std::size_t at = (from + r) * a.ld + j;
                const V target = kept * load(a.Y + at) + spread;
                const V S = load(a.Z + at) - max_Z[r];  // NaN somewhere in a row that has NaN or +∞
                L += keep<V>(mask, w * target * (S - log_sum[r]));
                store(a.dQ + at, keep<V>(mask, w * (load(a.A + at) - target)));
            });
            a.L[from + r] = -static_cast<double>(sum(L));
        }
    }
}

template <class T> void fill_losses(Kernels<T>& kernels) {
    kernels.loss[squared_error] = loss<T, SquaredError>;
    kernels.loss[mean_squared_error] = loss<T, MeanSquaredError>;
    kernels.loss[absolute_error] = loss<T, AbsoluteError>;
    kernels.loss[huber] = loss<T, Huber>;
    kernels.loss[quantile] = loss<T, Quantile>;
    kernels.loss[poisson] = loss<T, Poisson>;
    kernels.loss[binary_cross_entropy] = loss<T, BinaryCrossEntropy>;
    kernels.loss[cross_entropy] = cross_entropy_loss<T>;
}

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
