// One training step on a network in panels: forward, loss, backward, update. The counterpart of clearprop.stepping.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "arena.hpp"
#include "kernels.hpp"
#include "pool.hpp"

namespace clearprop {

// Elementwise work on at most this many numbers is done in one piece.
constexpr std::size_t one_sweep = std::size_t{1} << 15;

// What a fit is made with; the same words as in Python.
struct Settings {
    std::string level;
    std::size_t threads = 1;
    std::size_t batch_size = 1;  // the most samples of a step
    std::vector<std::size_t> sizes;
    std::vector<int> activations;  // one a layer, of enum Activation
    std::vector<double> dropout;   // one a layer, 0 for none
    int loss = 0;                  // of enum Loss
    double option = 0;             // delta, q or label_smoothing
    double l1 = 0, l2 = 0;
    int optimizer = 0;  // of enum Optimizer
    double beta1 = 0;   // mu of momentum and nesterov, rho of rmsprop
    double beta2 = 0, epsilon = 0, decay = 0;
    bool sequential = false;
    double clip_norm = 0;             // 0 for none
    std::vector<double> rate_factors;  // of W1, b1, W2, …; 0 for a frozen one

    // How many numbers the optimiser remembers of each parameter.
    std::size_t remembered() const {
        return optimizer == sgd || optimizer == gradient ? 0 : optimizer == adam || optimizer == adamw ? 2 : 1;
    }

    // How many parameters there are in all.
    std::size_t parameters() const {
        std::size_t count = 0;
        for (std::size_t l = 0; l + 1 < sizes.size(); ++l) count += (sizes[l] + 1) * sizes[l + 1];
        return count;
    }
};

// The parameters as Python has them: θ and the optimiser's memory, each one vector without padding.
template <class T> struct State {
    T* theta;
    T* first;
    T* second;
    T* last_good;       // θ as it was before the last step that was made
    std::size_t steps;  // how many the optimiser has made
};

// One layer: its parameters in panels, and its quantities, (n, cols) with `ld` numbers from one sample to the next.
template <class T> struct LayerState {
    std::size_t number, in, out, cols;  // cols: out, padded
    std::size_t ld;                     // from one sample to the next
    Activation activation;
    double dropout;
    Run<T> W, b;
    T *Z, *A, *D, *M, *dZ;  // Z is A where the way back does not need it; D is A without dropout
    bool in_tasks;          // whether its products are split, for the cache and the workers
    std::size_t totals;     // where the sums of its tasks begin; those of layers in one piece share the first
};

// What a step leaves: the data loss and penalty before it, the gradient's norm, and whether all of it and all new
// parameters are finite.
struct Step {
    double L, P, norm;
    bool finite;
};

template <class T> class Stepper {
public:
    explicit Stepper(const Settings& settings);
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;

    // Between the vectors of Python and the panels, by the workers; the memory's vectors may be null.
    void load(const T* theta, const T* first, const T* second);
    void save(T* theta, T* first, T* second) const;
    void save_gradients(T* g) const;

    // Who does the tasks of the following steps. A pool lives as long as one call: it would not survive a fork of the
    // process, which a callback may do.
    void work_with(Pool& workers) { pool = &workers; }

    // The batch of the next step: inputs (n, in), targets (n, out), and each sample's share in the mean.
    T *X = nullptr, *Y = nullptr, *w = nullptr;
    std::size_t ldx = 0, ldy = 0;

    void draw_masks(const std::uint64_t* key, std::size_t step, std::size_t n);
    Step step(std::size_t n, double rate, std::size_t t, bool masked);

    // The two halves of it that are of use alone. `data_loss` also leaves dZ of the output layer.
    void forward(std::size_t n, bool masked);
    double data_loss(std::size_t n);

    const Settings settings;
    const LayerState<T>& output() const { return layers.back(); }
    Pool& workers() const { return *pool; }

private:
    T* allocate(std::size_t count) { return static_cast<T*>(memory.take(count * sizeof(T))); }
    template <class Copy> void for_each_row(const Copy& copy) const;
    void dense(LayerState<T>& layer, const T* X, std::size_t ldx, std::size_t n, bool masked);
    void backward(std::size_t n, double rate, std::size_t t, bool masked);
    void back_input(std::size_t l, std::size_t n, bool masked);
    void back_weights(std::size_t l, const T* X, std::size_t ldx, std::size_t n);
    Update<T> update_of(std::size_t window) const;
    double factor_of(std::size_t window) const;
    void set_moment(double rate, std::size_t t);
    void clipped_update(double norm);
    void sum_totals(Step& step) const;

    const Kernels<T>& kernels;
    const Optimizer rule;  // applied as a gradient tile is stored; `gradient` where clipping stands between
    Pool* pool = nullptr;
    std::vector<LayerState<T>> layers;
    Arena memory;  // every buffer, zero at first
    bool loaded_once = false;
    T *Wt = nullptr, *db = nullptr;
    std::vector<double> L;  // the loss of each sample
    std::vector<Totals<T>> totals;
    std::vector<Update<T>> updates;  // of W1, b1, W2, … in this step
};

extern template class Stepper<float>;
extern template class Stepper<double>;

}  // namespace clearprop
