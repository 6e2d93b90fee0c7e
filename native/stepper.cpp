#include "stepper.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "levels.hpp"
#include "philox.hpp"

namespace clearprop {

namespace {

// Products of fewer multiply-adds are done in one piece, larger ones in tasks for cache and workers.
constexpr std::size_t one_piece = std::size_t{1} << 18;

std::size_t parts(std::size_t n, std::size_t size) { return (n + size - 1) / size; }

// The rows of a task: about `most`, in whole tiles; the last task may have fewer.
std::size_t even_block(std::size_t n, std::size_t most, std::size_t tile_rows) {
    return up_to(tile_rows, parts(n, parts(n, most)));
}

}  // namespace

template <class T>
Stepper<T>::Stepper(const Settings& given)
    : settings(given),
      kernels(kernels_at<T>(given.level)),
      rule(given.clip_norm > 0 ? gradient : static_cast<Optimizer>(given.optimizer)) {
    const std::size_t lanes = kernels.lanes, n = settings.batch_size;
    // Rows that lie a multiple of 1024 bytes apart would all fall into the same few sets of the cache.
    const auto stride = [&](std::size_t cols) {
        const std::size_t padded = up_to(lanes, cols);
        return padded * sizeof(T) % 1024 == 0 ? padded + alignment / sizeof(T) : padded;
    };
    const std::size_t depth = settings.sizes.size() - 1;
    std::size_t largest_transpose = 0, largest_cols = 0, totals_count = 1;
    for (std::size_t l = 0; l < depth; ++l) {
        LayerState<T> layer{};
        layer.number = l + 1;
        layer.in = settings.sizes[l];
        layer.out = settings.sizes[l + 1];
        layer.cols = up_to(lanes, layer.out);
        layer.ld = stride(layer.out);
        layer.activation = static_cast<Activation>(settings.activations[l]);
        layer.dropout = settings.dropout[l];
        const std::size_t count = layer.in * layer.cols;
        const std::size_t remembered = settings.remembered();
        for (const bool weights : {true, false}) {
            const std::size_t size = weights ? count : layer.cols;
            (weights ? layer.W : layer.b) =
                Run<T>{allocate(size), remembered > 0 ? allocate(size) : nullptr,
                       remembered > 1 ? allocate(size) : nullptr, rule == gradient ? allocate(size) : nullptr};
        }
        layer.A = allocate(n * layer.ld);
        const bool apart = kernels.needs_Z[layer.activation] || l + 1 == depth;
        layer.Z = apart ? allocate(n * layer.ld) : layer.A;
        layer.D = layer.dropout > 0 ? allocate(n * layer.ld) : layer.A;
        layer.M = layer.dropout > 0 ? allocate(n * layer.ld) : nullptr;
        layer.dZ = allocate(n * layer.ld);
        layer.in_tasks = n * layer.in * layer.cols >= one_piece;
        if (layer.in_tasks) {
            layer.totals = totals_count;
            totals_count += parts(layer.cols, kernels.panel) * parts(layer.in, even_block(layer.in, 64, kernels.tile_rows));
        }
        if (l > 0) largest_transpose = std::max(largest_transpose, layer.out * up_to(lanes, layer.in));
        largest_cols = std::max(largest_cols, layer.cols);
        layers.push_back(layer);
    }
    ldx = stride(settings.sizes[0]);
    X = allocate(n * ldx);
    ldy = layers.back().ld;
    Y = allocate(n * ldy);
    w = allocate(n);
    Wt = allocate(largest_transpose);
    db = allocate(largest_cols);
    L.resize(n);
    totals.resize(totals_count);
    for (std::size_t window = 0; window < 2 * depth; ++window) updates.push_back(update_of(window));
}

// ---- between Python's vectors and the panels

// Calls copy(run, in_panels, in_theta, count) for each row of each panel, and for each b: `count` numbers of the run's
// vectors, from in_panels on, are those of θ from in_theta on.
template <class T> template <class Copy> void Stepper<T>::for_each_row(const Copy& copy) const {
    std::size_t at = 0;
    for (const LayerState<T>& layer : layers) {
        const auto panel = [&](std::size_t number) {
            const std::size_t j = number * kernels.panel;
            const std::size_t width = std::min(kernels.panel, layer.cols - j), real = std::min(width, layer.out - j);
            for (std::size_t i = 0; i < layer.in; ++i)
                copy(layer.W, j * layer.in + i * width, at + i * layer.out + j, real);
        };
        const std::size_t panels = parts(layer.cols, kernels.panel);
        if (layer.in_tasks)
            pool->run(panels, panel);
        else
            for (std::size_t number = 0; number < panels; ++number) panel(number);
        copy(layer.b, 0, at + layer.in * layer.out, layer.out);
        at += layer.in * layer.out + layer.out;
    }
}

template <class T> void Stepper<T>::load(const T* theta, const T* first, const T* second) {
    if (!loaded_once) {
        loaded_once = true;  // all padding is zero still
    } else {
        for (const LayerState<T>& layer : layers)  // the padding may hold what is left of a step that was broken
            for (const bool weights : {true, false})
                for (T* each : {(weights ? layer.W : layer.b).theta, (weights ? layer.W : layer.b).first,
                                (weights ? layer.W : layer.b).second})
                    if (each) std::fill_n(each, weights ? layer.in * layer.cols : layer.cols, T(0));
    }
    for_each_row([&](const Run<T>& run, std::size_t in_panels, std::size_t in_theta, std::size_t count) {
        std::copy_n(theta + in_theta, count, run.theta + in_panels);
        if (first) std::copy_n(first + in_theta, count, run.first + in_panels);
        if (second) std::copy_n(second + in_theta, count, run.second + in_panels);
    });
}

template <class T> void Stepper<T>::save(T* theta, T* first, T* second) const {
    for_each_row([&](const Run<T>& run, std::size_t in_panels, std::size_t in_theta, std::size_t count) {
        std::copy_n(run.theta + in_panels, count, theta + in_theta);
        if (first) std::copy_n(run.first + in_panels, count, first + in_theta);
        if (second) std::copy_n(run.second + in_panels, count, second + in_theta);
    });
}

template <class T> void Stepper<T>::save_gradients(T* g) const {
    for_each_row([&](const Run<T>& run, std::size_t in_panels, std::size_t in_theta, std::size_t count) {
        std::copy_n(run.g + in_panels, count, g + in_theta);
    });
}

// ---- one step

template <class T> void Stepper<T>::draw_masks(const std::uint64_t* key, std::size_t step, std::size_t n) {
    for (LayerState<T>& layer : layers)
        if (layer.M) dropout_mask(key[0], key[1], layer.number, step, layer.dropout, n, layer.out, layer.M, layer.ld);
}

template <class T> Step Stepper<T>::step(std::size_t n, double rate, std::size_t t, bool masked) {
    forward(n, masked);
    Step result{data_loss(n), 0, 0, false};
    if (!std::isfinite(result.L)) return result;
    backward(n, rate, t, masked);
    sum_totals(result);
    if (settings.clip_norm > 0 && result.finite) {
        clipped_update(result.norm);
        Step second{};
        sum_totals(second);
        result.finite = second.finite;
    }
    return result;
}

template <class T> void Stepper<T>::forward(std::size_t n, bool masked) {
    const T* input = X;
    std::size_t ld = ldx;
    for (LayerState<T>& layer : layers) {
        dense(layer, input, ld, n, masked);
        input = masked ? layer.D : layer.A;
        ld = layer.ld;
    }
}

// Replaces `dense`, the activation and `dropout`.
template <class T> void Stepper<T>::dense(LayerState<T>& layer, const T* input, std::size_t ld, std::size_t n, bool masked) {
    const auto activate = kernels.activate[layer.activation];
    const bool rowwise = layer.activation == softmax;
    const auto finish = [&](std::size_t i, std::size_t rows, std::size_t j, std::size_t cols) {
        const std::size_t at = i * layer.ld + j;
        if (!rowwise) activate(layer.Z + at, layer.A + at, rows, layer.out - std::min(j, layer.out), cols, layer.ld);
        if (!masked || !layer.M) return;
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = at + r * layer.ld; c < at + r * layer.ld + cols; ++c) layer.D[c] = layer.A[c] * layer.M[c];
    };
    if (!layer.in_tasks) {
        kernels.product(input, ld, n, layer.in, layer.W.theta, layer.b.theta, layer.Z, layer.ld, layer.cols);
        finish(0, n, 0, layer.cols);
    } else {
        const std::size_t block = even_block(n, 32, kernels.tile_rows), blocks = parts(n, block);
        pool->run(blocks * parts(layer.cols, kernels.panel), [&](std::size_t task) {
            const std::size_t i = task % blocks * block, rows = std::min(block, n - i);
            const std::size_t j = task / blocks * kernels.panel, cols = std::min(kernels.panel, layer.cols - j);
            kernels.product(input + i * ld, ld, rows, layer.in, layer.W.theta + j * layer.in, layer.b.theta + j,
                            layer.Z + i * layer.ld + j, layer.ld, cols);
            finish(i, rows, j, cols);
        });
    }
    if (!rowwise) return;
    const std::size_t block = std::max<std::size_t>(1, one_sweep / layer.cols);
    pool->run(parts(n, block), [&](std::size_t task) {
        const std::size_t i = task * block, at = i * layer.ld;
        activate(layer.Z + at, layer.A + at, std::min(block, n - i), layer.out, layer.cols, layer.ld);
    });
}

// The loss of the batch, and dZ of the output layer.
template <class T> double Stepper<T>::data_loss(std::size_t n) {
    LayerState<T>& out = layers.back();
    const auto loss = kernels.loss[settings.loss];
    const bool natural = settings.loss == poisson || settings.loss == binary_cross_entropy ||
                         settings.loss == cross_entropy;  // replaces `natural_back`, else dA is still to become dZ
    const std::size_t block = std::max<std::size_t>(1, one_sweep / out.cols);
    pool->run(parts(n, block), [&](std::size_t task) {
        const std::size_t i = task * block, rows = std::min(block, n - i), at = i * out.ld;
        loss({out.Z + at, out.A + at, Y + at, w + i, rows, out.out, out.cols, out.ld, static_cast<T>(settings.option),
              out.dZ + at, L.data() + i});
        if (!natural)
            kernels.activate_back[out.activation](out.dZ + at, out.Z + at, out.A + at, rows, out.out, out.cols, out.ld);
    });
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) total += L[i];
    return total;
}

template <class T> void Stepper<T>::backward(std::size_t n, double rate, std::size_t t, bool masked) {
    set_moment(rate, t);
    std::memset(static_cast<void*>(totals.data()), 0, sizeof(Totals<T>) * totals.size());
    for (std::size_t l = layers.size(); l-- > 0;) {
        const T* input = l == 0 ? X : masked ? layers[l - 1].D : layers[l - 1].A;
        const std::size_t ld = l == 0 ? ldx : layers[l - 1].ld;
        if (l > 0 && !settings.sequential) back_input(l, n, masked);
        back_weights(l, input, ld, n);
        if (l > 0 && settings.sequential) back_input(l, n, masked);
    }
}

// Replaces `dense_back_input`, `dropout_back` and the way back through the activation below.
template <class T> void Stepper<T>::back_input(std::size_t l, std::size_t n, bool masked) {
    const LayerState<T>& layer = layers[l];
    LayerState<T>& below = layers[l - 1];
    const auto activate_back = kernels.activate_back[below.activation];
    const auto finish = [&](std::size_t i, std::size_t rows, std::size_t j, std::size_t cols) {
        const std::size_t at = i * below.ld + j;
        if (masked && below.M)
            for (std::size_t r = 0; r < rows; ++r)
                for (std::size_t c = at + r * below.ld; c < at + r * below.ld + cols; ++c) below.dZ[c] *= below.M[c];
        activate_back(below.dZ + at, below.Z + at, below.A + at, rows, below.out - std::min(j, below.out), cols, below.ld);
    };
    if (!layer.in_tasks) {
        kernels.transpose(layer.W.theta, layer.in, layer.out, 0, layer.in, Wt);
        kernels.product(layer.dZ, layer.ld, n, layer.out, Wt, nullptr, below.dZ, below.ld, below.cols);
        finish(0, n, 0, below.cols);
        return;
    }
    const std::size_t block = even_block(n, 32, kernels.tile_rows);
    pool->run(parts(below.cols, kernels.panel), [&](std::size_t task) {
        const std::size_t j = task * kernels.panel, cols = std::min(kernels.panel, below.cols - j);
        kernels.transpose(layer.W.theta, layer.in, layer.out, j, std::min(j + kernels.panel, layer.in), Wt);
        for (std::size_t i = 0; i < n; i += block) {
            const std::size_t rows = std::min(block, n - i);
            kernels.product(layer.dZ + i * layer.ld, layer.ld, rows, layer.out, Wt + j * layer.out, nullptr,
                            below.dZ + i * below.ld + j, below.ld, cols);
            finish(i, rows, j, cols);
        }
    });
}

// Replaces `dense_back`, `penalty_back` and the optimiser's rule for one layer.
template <class T> void Stepper<T>::back_weights(std::size_t l, const T* input, std::size_t ld, std::size_t n) {
    LayerState<T>& layer = layers[l];
    const auto at = [](const Run<T>& run, std::size_t i) {
        const auto move = [i](T* p) { return p ? p + i : nullptr; };
        return Run<T>{move(run.theta), move(run.first), move(run.second), move(run.g)};
    };
    const auto panel_of_W = [&](std::size_t j, std::size_t i, std::size_t rows, Totals<T>& sums) {
        const std::size_t width = std::min(kernels.panel, layer.cols - j);
        kernels.dense_back(input + i, ld, layer.dZ + j, layer.ld, n, rows, width, at(layer.W, j * layer.in + i * width),
                           rule, updates[2 * l], sums);
    };
    const auto part_of_b = [&](std::size_t j, std::size_t cols, Totals<T>& sums) {
        kernels.column_sums(layer.dZ + j, layer.ld, n, cols, db + j);
        kernels.update[rule](updates[2 * l + 1], at(layer.b, j), db + j, cols, sums);
    };
    if (!layer.in_tasks) {
        for (std::size_t j = 0; j < layer.cols; j += kernels.panel) panel_of_W(j, 0, layer.in, totals[0]);
        part_of_b(0, layer.cols, totals[0]);
        return;
    }
    const std::size_t block = even_block(layer.in, 64, kernels.tile_rows), blocks = parts(layer.in, block);
    pool->run(blocks * parts(layer.cols, kernels.panel), [&](std::size_t task) {
        const std::size_t i = task % blocks * block, j = task / blocks * kernels.panel;
        Totals<T>& sums = totals[layer.totals + task];
        panel_of_W(j, i, std::min(block, layer.in - i), sums);
        if (i == 0) part_of_b(j, std::min(kernels.panel, layer.cols - j), sums);
    });
}

template <class T> Update<T> Stepper<T>::update_of(std::size_t window) const {
    const Settings& s = settings;
    const bool biases = window % 2;
    Update<T> u{};
    u.frozen = factor_of(window) == 0;
    u.decay_1 = static_cast<T>(s.beta1);
    u.gain_1 = static_cast<T>(1 - s.beta1);
    u.decay_2 = static_cast<T>(s.beta2);
    u.gain_2 = static_cast<T>(1 - s.beta2);
    u.epsilon = std::max(static_cast<T>(s.epsilon), std::numeric_limits<T>::min());  // or padding would be 0/0
    u.weight_decay = static_cast<T>(s.decay);
    u.l1 = static_cast<T>(biases ? 0 : s.l1);
    u.l2 = static_cast<T>(biases ? 0 : s.l2);
    return u;
}

template <class T> double Stepper<T>::factor_of(std::size_t window) const {
    return settings.rate_factors.empty() ? 1 : settings.rate_factors[window];
}

// What changes from step to step: the rate, and Adam's corrections.
template <class T> void Stepper<T>::set_moment(double rate, std::size_t t) {
    double correction_1 = 1, correction_2 = 1;
    if (settings.optimizer == adam || settings.optimizer == adamw) {
        correction_1 = 1 / (1 - std::pow(settings.beta1, static_cast<double>(t)));
        correction_2 = 1 / (1 - std::pow(settings.beta2, static_cast<double>(t)));
    }
    for (std::size_t window = 0; window < updates.size(); ++window) {
        updates[window].eta = static_cast<T>(rate * factor_of(window));
        updates[window].correction_1 = static_cast<T>(correction_1);
        updates[window].correction_2 = static_cast<T>(correction_2);
    }
}

// Replaces `clip_by_norm`, then the optimiser's rule on all parameters.
template <class T> void Stepper<T>::clipped_update(double norm) {
    const T scale = static_cast<T>(settings.clip_norm / std::max(norm, settings.clip_norm));
    const auto update = kernels.update[settings.optimizer];
    std::memset(static_cast<void*>(totals.data()), 0, sizeof(Totals<T>) * totals.size());
    for (std::size_t l = 0; l < layers.size(); ++l)
        for (const bool weights : {true, false}) {
            const Run<T>& run = weights ? layers[l].W : layers[l].b;
            const std::size_t count = weights ? layers[l].in * layers[l].cols : layers[l].cols;
            for (std::size_t i = 0; i < count; ++i) run.g[i] *= scale;
            Update<T> u = updates[2 * l + !weights];
            u.l1 = u.l2 = 0;  // the gradient has the penalty's part already
            update(u, run, run.g, count, totals[layers[l].totals]);
        }
}

// Adds up what the tasks have summed, task after task, so that it does not matter who did them.
// Replaces `penalty`.
template <class T> void Stepper<T>::sum_totals(Step& step) const {
    double squares = 0, sizes = 0, weight_squares = 0, broken = 0;
    for (const Totals<T>& each : totals)
        for (std::size_t l = 0; l < kernels.lanes; ++l) {
            squares += static_cast<double>(each.squares[l]);
            sizes += static_cast<double>(each.sizes[l]);
            weight_squares += static_cast<double>(each.weight_squares[l]);
            broken += static_cast<double>(each.broken[l]);
        }
    step.P = settings.l1 * sizes + 0.5 * settings.l2 * weight_squares;
    step.norm = std::sqrt(squares);
    step.finite = std::isfinite(step.P) && std::isfinite(squares) && broken == 0;
}

template class Stepper<float>;
template class Stepper<double>;

}  // namespace clearprop
