// The table of kernels of one CPU level. This file is compiled once per level, with CLEARPROP_LEVEL its name.
#include "kernels.hpp"

#include "activations.hpp"
#include "losses.hpp"
#include "math.hpp"
#include "product.hpp"
#include "simd.hpp"
#include "updates.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

template <class T> const Kernels<T>& table();

// Replaces `dense_back`'s dW = X.T @ dZ, `penalty_back` and the optimiser's rule.
template <class T>
void dense_back(const T* X, std::size_t ldx, const T* dZ, std::size_t ldz, std::size_t n, std::size_t in,
                std::size_t cols, Run<T> W, Optimizer optimizer, const Update<T>& settings, Totals<T>& totals) {
    const auto update = table<T>().update[optimizer];
    if (cols > lanes<T>)
        dense_back_panel<T, 2>(X, ldx, dZ, ldz, n, in, W, update, settings, totals);
    else
        dense_back_panel<T, 1>(X, ldx, dZ, ldz, n, in, W, update, settings, totals);
}

template <class T, Vec<T> (*f)(Vec<T>)> void each(const T* x, T* y, std::size_t count) {
    for (std::size_t i = 0; i < count; i += lanes<T>) store<T>(y + i, f(load<T>(x + i)));
}

template <class T> Kernels<T> make_table() {
    Kernels<T> kernels{};
    kernels.lanes = lanes<T>;
    kernels.panel = 2 * lanes<T>;
    kernels.tile_rows = tile_rows;
    kernels.product = product<T>;
    kernels.dense_back = dense_back<T>;
    kernels.column_sums = column_sums<T>;
    kernels.transpose = transpose<T>;
    kernels.dense_row = dense_row<T>;
    kernels.multiply_add = multiply_add<T>;
    kernels.function[f_exp] = each<T, exp<Vec<T>>>;
    kernels.function[f_expm1] = each<T, expm1<Vec<T>>>;
    kernels.function[f_log1p] = each<T, log1p<Vec<T>>>;
    kernels.function[f_tanh] = each<T, tanh<Vec<T>>>;
    kernels.function[f_erf] = each<T, erf<Vec<T>>>;
    fill_activations(kernels);
    fill_losses(kernels);
    fill_updates(kernels);
    return kernels;
}

template <class T> const Kernels<T>& table() {
    static const Kernels<T> kernels = make_table<T>();
    return kernels;
}

const Kernels<float>* kernels_of_floats() { return &table<float>(); }
const Kernels<double>* kernels_of_doubles() { return &table<double>(); }

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
