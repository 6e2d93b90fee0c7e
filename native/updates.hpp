// The optimisers' rules on a run of parameters, in one pass with penalty and freezing: everything that a parameter
// needs is read once and written once.
#pragma once

#include "kernels.hpp"
#include "simd.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

// Each rule takes θ, the gradient g and its memory, renews the memory and returns the new θ. `memory` says how many
// numbers a parameter remembers.

// Replaces `sgd`.
template <class V> struct Sgd {
    static constexpr int memory = 0;
    V eta;
    explicit Sgd(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)) {}

    V operator()(V theta, V g, V&, V&) const { return theta - eta * g; }
};

// Replaces `momentum`.
template <class V> struct Momentum {
    static constexpr int memory = 1;
    V eta, mu;
    explicit Momentum(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)), mu(all<V>(u.decay_1)) {}

    V operator()(V theta, V g, V& v, V&) const {
        v = mu * v + g;
        return theta - eta * v;
    }
};

// Replaces `nesterov`.
template <class V> struct Nesterov {
    static constexpr int memory = 1;
    V eta, mu;
    explicit Nesterov(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)), mu(all<V>(u.decay_1)) {}

    V operator()(V theta, V g, V& v, V&) const {
        v = mu * v + g;
        return theta - eta * (g + mu * v);
    }
};

// Replaces `adagrad`.
template <class V> struct Adagrad {
    static constexpr int memory = 1;
    V eta, epsilon;
    explicit Adagrad(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)), epsilon(all<V>(u.epsilon)) {}

    V operator()(V theta, V g, V& s, V&) const {
        s = s + g * g;
        return theta - eta * g / (sqrt(s) + epsilon);
    }
};

// Replaces `rmsprop`.
template <class V> struct RmsProp {
    static constexpr int memory = 1;
    V eta, rho, one_minus_rho, epsilon;
    explicit RmsProp(const Update<Scalar<V>>& u)
        : eta(all<V>(u.eta)), rho(all<V>(u.decay_1)), one_minus_rho(all<V>(u.gain_1)), epsilon(all<V>(u.epsilon)) {}

    V operator()(V theta, V g, V& s, V&) const {
        s = rho * s + one_minus_rho * g * g;
        return theta - eta * g / (sqrt(s) + epsilon);
    }
};

// What `adam` and `adamw` share: the step's direction m̂ / (√v̂ + ε).
template <class V> struct Moments {
    V beta1, one_minus_beta1, beta2, one_minus_beta2, correction_1, correction_2, epsilon;
    explicit Moments(const Update<Scalar<V>>& u)
        : beta1(all<V>(u.decay_1)), one_minus_beta1(all<V>(u.gain_1)), beta2(all<V>(u.decay_2)),
          one_minus_beta2(all<V>(u.gain_2)), correction_1(all<V>(u.correction_1)), correction_2(all<V>(u.correction_2)),
          epsilon(all<V>(u.epsilon)) {}

    V direction(V g, V& m, V& v) const {
        m = beta1 * m + one_minus_beta1 * g;
        v = beta2 * v + one_minus_beta2 * g * g;
        const V m_hat = m * correction_1, v_hat = v * correction_2;
        return m_hat / (sqrt(v_hat) + epsilon);
    }
};

// Replaces `adam`.
template <class V> struct Adam {
    static constexpr int memory = 2;
    V eta;
    Moments<V> moments;
    explicit Adam(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)), moments(u) {}

    V operator()(V theta, V g, V& m, V& v) const { return theta - eta * moments.direction(g, m, v); }
};

// Replaces `adamw`.
template <class V> struct AdamW {
    static constexpr int memory = 2;
    V eta, decay;
    Moments<V> moments;
    explicit AdamW(const Update<Scalar<V>>& u) : eta(all<V>(u.eta)), decay(all<V>(u.weight_decay)), moments(u) {}

    V operator()(V theta, V g, V& m, V& v) const {
        return theta - eta * (moments.direction(g, m, v) + decay * theta);
    }
};

// Totals in registers.
template <class V> struct Sums {
    V squares{}, sizes{}, weight_squares{}, broken{};
};

template <class T> inline void add(Totals<T>& totals, const Sums<Vec<T>>& even, const Sums<Vec<T>>& odd) {
    store(totals.squares, load(totals.squares) + (even.squares + odd.squares));
    store(totals.sizes, load(totals.sizes) + (even.sizes + odd.sizes));
    store(totals.weight_squares, load(totals.weight_squares) + (even.weight_squares + odd.weight_squares));
    store(totals.broken, load(totals.broken) + (even.broken + odd.broken));
}

// Calls step(i, sums) for each vector of a run. Two sets of sums take turns, so that no addition waits for the one
// before it.
template <class T, class Function>
inline void for_each_vector(std::size_t count, Totals<T>& totals, const Function& step) {
    Sums<Vec<T>> even, odd;
    std::size_t i = 0;
    for (; i + 2 * lanes<T> <= count; i += 2 * lanes<T>) {
        step(i, even);
        step(i + lanes<T>, odd);
    }
    if (i < count) step(i, even);
    add<T>(totals, even, odd);
}

enum class Penalty { none, l2, l1_and_l2 };

// The gradient that the optimiser sees: replaces `penalty_back`, then zero where the parameters are frozen.
template <class V, Penalty penalty> struct Gradient {
    V l1, l2;
    Int<V> moving;
    explicit Gradient(const Update<Scalar<V>>& u)
        : l1(all<V>(u.l1)), l2(all<V>(u.l2)), moving(first<V>(u.frozen ? 0 : lanes<Scalar<V>>)) {}

    V operator()(V theta, V g, Sums<V>& sums) const {
        if constexpr (penalty == Penalty::l1_and_l2) {
            g += l1 * sign(theta);
            sums.sizes += abs(theta);
        }
        if constexpr (penalty != Penalty::none) {
            g += l2 * theta;
            sums.weight_squares += theta * theta;
        }
        g = keep<V>(moving, g);
        sums.squares += g * g;
        return g;
    }
};

// One step of a rule. `flatten` has everything inlined, whatever the compiler thinks of its size.
template <class T, template <class> class Rule> struct Step {
    template <Penalty penalty>
    [[gnu::flatten]] static void run(const Update<T>& u, Run<T> run, const T* g, std::size_t count, Totals<T>& totals) {
        using V = Vec<T>;
        const Gradient<V, penalty> gradient_of(u);
        const Rule<V> rule(u);
        for_each_vector<T>(count, totals, [&](std::size_t i, Sums<V>& sums) {
            const V theta = load(run.theta + i);
            V first{}, second{};
            if constexpr (Rule<V>::memory > 0) first = load(run.first + i);
            if constexpr (Rule<V>::memory > 1) second = load(run.second + i);
            const V theta_new = rule(theta, gradient_of(theta, load(g + i), sums), first, second);
            store(run.theta + i, theta_new);
            if constexpr (Rule<V>::memory > 0) store(run.first + i, first);
            if constexpr (Rule<V>::memory > 1) store(run.second + i, second);
            sums.broken += theta_new * 0;
        });
    }
};

// No step: writes the gradient, with penalty and freezing, and leaves the parameters alone.
template <class T> struct WriteGradient {
    template <Penalty penalty>
    [[gnu::flatten]] static void run(const Update<T>& u, Run<T> run, const T* g, std::size_t count, Totals<T>& totals) {
        using V = Vec<T>;
        const Gradient<V, penalty> gradient_of(u);
        for_each_vector<T>(count, totals, [&](std::size_t i, Sums<V>& sums) {
            store(run.g + i, gradient_of(load(run.theta + i), load(g + i), sums));
        });
    }
};

template <class T, class What>
void update(const Update<T>& u, Run<T> run, const T* g, std::size_t count, Totals<T>& totals) {
    if (u.l1 != 0)
        What::template run<Penalty::l1_and_l2>(u, run, g, count, totals);
    else if (u.l2 != 0)
        What::template run<Penalty::l2>(u, run, g, count, totals);
    else
        What::template run<Penalty::none>(u, run, g, count, totals);
}

template <class T> void fill_updates(Kernels<T>& kernels) {
    kernels.update[sgd] = update<T, Step<T, Sgd>>;
    kernels.update[momentum] = update<T, Step<T, Momentum>>;
    kernels.update[nesterov] = update<T, Step<T, Nesterov>>;
    kernels.update[adagrad] = update<T, Step<T, Adagrad>>;
    kernels.update[rmsprop] = update<T, Step<T, RmsProp>>;
    kernels.update[adam] = update<T, Step<T, Adam>>;
    kernels.update[adamw] = update<T, Step<T, AdamW>>;
    kernels.update[gradient] = update<T, WriteGradient<T>>;
}

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
