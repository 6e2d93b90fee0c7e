// The kernels of one CPU level and one precision, as a table of functions.
//
// Conventions: n samples; a matrix (n, cols) is stored row by row, `ld` numbers from one row to the next, cols a
// multiple of `lanes`. Columns beyond the real ones are padding: zero in X, W, b, T, dA and dZ; anything in Z and A.
// A layer's weights W (in, out) are kept in *panels*: 2 vectors of columns side by side (the last panel may be 1
// vector wide), each panel stored row by row without gaps. So a tile of dW is one run of memory, and so are the
// parameters and the optimiser's memory that belong to it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace clearprop {

constexpr std::size_t alignment = 64;

// In the order of clearprop.rules.OUTPUT_ACTIVATIONS.
enum Activation { identity, sigmoid, tanh_, relu, leaky_relu, elu, selu, gelu, silu, mish, softplus, softmax, exp_, activations };

// In the order of clearprop.loss.LOSSES.
enum Loss {
    squared_error, mean_squared_error, absolute_error, huber, quantile, poisson, binary_cross_entropy, cross_entropy, losses
};

// In the order of clearprop.optimizers.OPTIMIZERS; `gradient` only writes g, for clipping and for L-BFGS.
enum Optimizer { sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw, gradient, optimizers };

// The elementwise functions that the activations are made of, for the test of their error bound.
enum Function { f_exp, f_expm1, f_log1p, f_tanh, f_erf, functions };

// Settings of one step for one window of the parameters (a W or a b).
template <class T> struct Update {
    T eta;                       // learning rate times the window's rate factor
    T decay_1, gain_1;           // momentum, nesterov: mu, –; rmsprop: rho, 1 − rho; adam(w): beta1, 1 − beta1
    T decay_2, gain_2;           // adam(w): beta2, 1 − beta2
    T correction_1, correction_2;  // adam(w): 1/(1 − beta1^t), 1/(1 − beta2^t)
    T epsilon, weight_decay;
    T l1, l2;                    // 0 for biases
    bool frozen;                 // its gradient is taken as zero
};

// Sums over a run of parameters, lane by lane, so that a step reduces them once.
template <class T> struct Totals {
    static constexpr std::size_t width = alignment / sizeof(T);
    alignas(alignment) T squares[width];         // Σ g², after penalty and freezing
    alignas(alignment) T sizes[width];           // Σ |W| before the update, where penalised
    alignas(alignment) T weight_squares[width];  // Σ W² before the update, where penalised
    alignas(alignment) T broken[width];          // Σ 0·theta_new: 0, or NaN where a new parameter is not finite
};

// A run of parameters and what belongs to it: the optimiser's memory (first: v, s or m; second: Adam's v), and
// where `gradient` writes g. Pointers that an optimiser does not use may be null.
template <class T> struct Run {
    T* theta;
    T* first;
    T* second;
    T* g;
};

template <class T> struct LossArguments {
    const T *Z, *A, *Y;    // (n, outputs) of the last layer, and targets; all with the same ld
    const T* w;            // (n,) share of each sample
    std::size_t n, outputs, cols, ld;
    T option;              // delta, q or label_smoothing
    T* dQ;                 // out: dA, or dZ for the losses with a natural output; zero in the padding
    double* L;             // out: (n,) the loss of each sample, times its share
};

template <class T> struct Kernels {
    std::size_t lanes;      // numbers in a vector
    std::size_t panel;      // columns of a full panel: 2 vectors
    std::size_t tile_rows;  // rows of a register tile

    // Replaces `dense`, and `dense_back_input` where B holds the panels of Wᵀ: C (n, cols) = A (n, k) @ B (k, cols) + b.
    // b null means no bias. B starts at a panel's first number.
    void (*product)(const T* A, std::size_t lda, std::size_t n, std::size_t k, const T* B, const T* b, T* C,
                    std::size_t ldc, std::size_t cols);

    // Replaces `dense_back`'s dW = X.T @ dZ for `in` inputs and one panel of `cols` columns, then `penalty_back` and
    // the optimiser's rule on each tile. X (n, in), dZ (n, cols).
    void (*dense_back)(const T* X, std::size_t ldx, const T* dZ, std::size_t ldz, std::size_t n, std::size_t in,
                       std::size_t cols, Run<T> W, Optimizer optimizer, const Update<T>& update, Totals<T>& totals);

    // Replaces `dense_back`'s db = dZ.sum(axis=0): db (cols,).
    void (*column_sums)(const T* dZ, std::size_t ldz, std::size_t n, std::size_t cols, T* db);

    // The panels of Wᵀ (out, in) for inputs [from, to), from the panels of W (in, out); `from` starts a panel.
    void (*transpose)(const T* W, std::size_t in, std::size_t out, std::size_t from, std::size_t to, T* Wt);

    // Z and A may be the same array where `needs_Z` is false.
    void (*activate[activations])(const T* Z, T* A, std::size_t n, std::size_t outputs, std::size_t cols, std::size_t ld);
    // Turns dA into dZ in place.
    void (*activate_back[activations])(T* dA, const T* Z, const T* A, std::size_t n, std::size_t outputs,
                                       std::size_t cols, std::size_t ld);
    bool needs_Z[activations];  // whether the way back looks at Z; the others look at A only

    void (*loss[losses])(const LossArguments<T>&);

    // Penalty, freezing and one optimiser step on `count` parameters (a multiple of lanes) with gradients g.
    void (*update[optimizers])(const Update<T>&, Run<T>, const T* g, std::size_t count, Totals<T>&);

    void (*function[functions])(const T* x, T* y, std::size_t count);  // count: a multiple of lanes

    // One row through a dense layer with W as it stands in θ, row by row: z (out,) = x (in,) @ W + b.
    void (*dense_row)(const T* x, std::size_t in, const T* W, const T* b, T* z, std::size_t out);

    // Does `rounds` rounds of independent multiply-adds and returns how many operations that were: the CPU's peak.
    double (*multiply_add)(std::size_t rounds);
};

// The kernels of a level; null where this build or this CPU does not have it.
template <class T> struct Level {
    const char* name;
    const Kernels<T>* kernels;
};

}  // namespace clearprop
