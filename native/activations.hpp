// The activations of a layer and their way back, each a struct with the rule's two formulas on one vector of numbers,
// and the loops that apply it to a matrix.
//
// `back` gets dA, Z and A; where `needs_Z` is false, Z has been overwritten by A and must not be looked at.
#pragma once

#include "kernels.hpp"
#include "math.hpp"
#include "simd.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

constexpr double leak = 0.01;  // the rules' LEAK
constexpr double selu_scale = 1.0507009873554805;
constexpr double selu_alpha = 1.6732632423543772;

template <class V> inline V all_of(double x) { return all<V>(static_cast<Scalar<V>>(x)); }

// Replaces `sigmoid` and `sigmoid_back`.
struct Sigmoid {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return 1 / (1 + normal_exp(-Z)); }
    template <class V> static V back(V dA, V, V A) { return dA * A * (1 - A); }
};

// Replaces `tanh` and `tanh_back`.
struct Tanh {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return tanh(Z); }
    template <class V> static V back(V dA, V, V A) { return dA * (1 - A * A); }
};

// Replaces `relu` and `relu_back`; A > 0 exactly where Z > 0.
struct Relu {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return maximum<V>(Z, V{}); }
    template <class V> static V back(V dA, V, V A) { return dA * keep<V>(A > V{}, all<V>(1)); }
};

// Replaces `leaky_relu` and `leaky_relu_back`.
struct LeakyRelu {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return Z * slope(Z); }
    template <class V> static V back(V dA, V, V A) { return dA * slope(A); }
    template <class V> static V slope(V Z) { return choose<V>(Z > V{}, all<V>(1), all_of<V>(leak)); }
};

// Replaces `elu` and `elu_back`; on the left exp(Z) is A + 1.
struct Elu {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return choose<V>(Z > V{}, Z, expm1(Z)); }
    template <class V> static V back(V dA, V, V A) { return dA * choose<V>(A > V{}, all<V>(1), A + 1); }
};

// Replaces `selu` and `selu_back`; on the left scale·α·exp(Z) is A + scale·α.
struct Selu {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) {
        return choose<V>(Z > V{}, all_of<V>(selu_scale) * Z, all_of<V>(selu_scale * selu_alpha) * expm1(Z));
    }
    template <class V> static V back(V dA, V, V A) {
        return dA * choose<V>(A > V{}, all_of<V>(selu_scale), A + all_of<V>(selu_scale * selu_alpha));
    }
};

// Replaces `gelu` and `gelu_back`; the density comes with erf, without an exponential of its own.
struct Gelu {
    static constexpr bool needs_Z = true;
    static constexpr double root_half = 0.70710678118654752, root_2_pi = 2.5066282746310005;
    template <class V> static V forward(V Z) { return Z * Phi(Erf<V>(Z * all_of<V>(root_half))); }
    template <class V> static V back(V dA, V Z, V) {
        const Erf<V> part(Z * all_of<V>(root_half));
        const V phi = part.exp_of_minus_square * all_of<V>(1 / root_2_pi);
        return dA * (Phi(part) + Z * phi);
    }
    template <class V> static V Phi(const Erf<V>& part) { return part.erf * Scalar<V>(0.5) + Scalar<V>(0.5); }
};

// Replaces `silu` and `silu_back`.
struct Silu {
    static constexpr bool needs_Z = true;
    template <class V> static V forward(V Z) { return Z / (1 + normal_exp(-Z)); }
    template <class V> static V back(V dA, V Z, V) {
        const V S = Sigmoid::forward(Z);
        return dA * S * (1 + Z * (1 - S));
    }
};

// Replaces `mish` and `mish_back`: with e = exp(Z) and n = e (e + 2), tanh(softplus(Z)) is n/(n + 2), and its slope
// 4 e (1 + e)/(n + 2)². From 20 on the one is 1 and the other nothing beside it, in both precisions.
struct Mish {
    static constexpr bool needs_Z = true;
    template <class V> static V forward(V Z) {
        const V e = normal_exp(minimum<V>(Z, all<V>(20)));
        const V n = e * (e + 2);
        return Z * (n / (n + 2));
    }
    template <class V> static V back(V dA, V Z, V) {
        const V bounded = minimum<V>(Z, all<V>(20));
        const V e = normal_exp(bounded);
        const V n = e * (e + 2);
        const V m = n + 2;
        return dA * ((n * m + 4 * bounded * e * (1 + e)) / (m * m));
    }
};

// Replaces `softplus` and `softplus_back`: ln(1 + exp Z) = max(Z, 0) + ln(1 + exp(−|Z|)).
struct Softplus {
    static constexpr bool needs_Z = true;
    template <class V> static V forward(V Z) { return maximum<V>(Z, V{}) + log1p(normal_exp(-abs(Z))); }
    template <class V> static V back(V dA, V Z, V) { return dA / (1 + normal_exp(-Z)); }
};

// Replaces `exp` and `exp_back`.
struct Exp {
    static constexpr bool needs_Z = false;
    template <class V> static V forward(V Z) { return exp(Z); }
    template <class V> static V back(V dA, V, V A) { return dA * A; }
};

template <class Rule, class T>
[[gnu::flatten]] void activate(const T* Z, T* A, std::size_t n, std::size_t, std::size_t cols, std::size_t ld) {
    if (ld == cols) cols *= n, n = 1;  // no gaps: one long row
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i * ld; j < i * ld + cols; j += lanes<T>) store(A + j, Rule::forward(load(Z + j)));
}

template <class Rule, class T>
[[gnu::flatten]] void activate_back(T* dA, const T* Z, const T* A, std::size_t n, std::size_t, std::size_t cols,
                                    std::size_t ld) {
    if (ld == cols) cols *= n, n = 1;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i * ld; j < i * ld + cols; j += lanes<T>)
            store(dA + j, Rule::back(load(dA + j), Rule::needs_Z ? load(Z + j) : Vec<T>{}, load(A + j)));
}

// Replaces `identity`.
template <class T>
void copy(const T* Z, T* A, std::size_t n, std::size_t, std::size_t cols, std::size_t ld) {
    if (A == Z) return;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = i * ld; j < i * ld + cols; j += lanes<T>) store(A + j, load(Z + j));
}

// Replaces `identity_back`: dZ is dA.
template <class T> void pass(T*, const T*, const T*, std::size_t, std::size_t, std::size_t, std::size_t) {}

// Replaces `softmax`. The padding of Z is not looked at, that of A becomes 0.
template <class T>
[[gnu::flatten]] void softmax_rows(const T* Z, T* A, std::size_t n, std::size_t outputs, std::size_t cols,
                                   std::size_t ld) {
    using V = Vec<T>;
    const std::size_t last = (outputs - 1) / lanes<T> * lanes<T>;  // where the row's last vector starts
    const Int<V> real = first<V>(outputs - last);
    const V nothing = all<V>(-static_cast<T>(__builtin_inf()));
    for (; n-- > 0; Z += ld, A += ld) {
        V top = choose<V>(real, load(Z + last), nothing);
        for (std::size_t j = 0; j < last; j += lanes<T>) top = maximum<V>(top, load(Z + j));
        const V top_of_row = all<V>(largest(top));
        const V E_last = keep<V>(real, normal_exp(load(Z + last) - top_of_row));
        V total = E_last;
        for (std::size_t j = 0; j < last; j += lanes<T>) {
            const V E = normal_exp(load(Z + j) - top_of_row);
            total += E;
            store(A + j, E);
        }
        const V share = 1 / all<V>(sum(total));
        for (std::size_t j = 0; j < last; j += lanes<T>) store(A + j, load(A + j) * share);
        store(A + last, E_last * share);
        for (std::size_t j = last + lanes<T>; j < cols; j += lanes<T>) store(A + j, V{});
    }
}

// Replaces `softmax_back`.
template <class T>
void softmax_rows_back(T* dA, const T*, const T* A, std::size_t n, std::size_t, std::size_t cols, std::size_t ld) {
    using V = Vec<T>;
    for (; n-- > 0; dA += ld, A += ld) {
        V products{};
        for (std::size_t j = 0; j < cols; j += lanes<T>) products += load(dA + j) * load(A + j);
        const V average = all<V>(sum(products));
        for (std::size_t j = 0; j < cols; j += lanes<T>) store(dA + j, load(A + j) * (load(dA + j) - average));
    }
}

template <class Rule, class T> void fill_activation(Kernels<T>& kernels, Activation name) {
    kernels.activate[name] = activate<Rule, T>;
    kernels.activate_back[name] = activate_back<Rule, T>;
    kernels.needs_Z[name] = Rule::needs_Z;
}

template <class T> void fill_activations(Kernels<T>& kernels) {
    fill_activation<Sigmoid>(kernels, sigmoid);
    fill_activation<Tanh>(kernels, tanh_);
    fill_activation<Relu>(kernels, relu);
    fill_activation<LeakyRelu>(kernels, leaky_relu);
    fill_activation<Elu>(kernels, elu);
    fill_activation<Selu>(kernels, selu);
    fill_activation<Gelu>(kernels, gelu);
    fill_activation<Silu>(kernels, silu);
    fill_activation<Mish>(kernels, mish);
    fill_activation<Softplus>(kernels, softplus);
    fill_activation<Exp>(kernels, exp_);
    kernels.activate[identity] = copy<T>;
    kernels.activate_back[identity] = pass<T>;
    kernels.activate[softmax] = softmax_rows<T>;
    kernels.activate_back[softmax] = softmax_rows_back<T>;
    kernels.needs_Z[identity] = kernels.needs_Z[softmax] = false;
}

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
