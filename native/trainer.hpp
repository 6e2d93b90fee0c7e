// The training loop: epochs of mini-batch steps on one network, in one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels.hpp"
#include "pool.hpp"

namespace clearprop {

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
};

// The parameters as Python has them: θ and the optimiser's memory, each one vector without padding.
template <class T> struct State {
    T* theta;
    T* first;
    T* second;
    T* last_good;       // θ as it was before the last step that was made
    std::size_t steps;  // how many the optimiser has made
};

template <class T> struct Samples {
    const T* X;        // (n, in)
    const T* Y;        // (n, out)
    const T* weights;  // (n,), or null
    std::size_t n;
};

// What is counted of the outputs (n, out) at the end of an epoch, each sample by its weight: for classes where the
// largest output is the target's, for probabilities the share of outputs on the right side of ½, for numbers the
// squared error of each output.
enum class Tally { none, classes, probabilities, numbers };

// The samples that are looked at when an epoch has ended, and what is seen.
template <class T> struct Look {
    Samples<T> samples;
    Tally tally;
    double* seen;  // (count, 1 + out): the data loss, then what is counted
};

// What the epochs of one call are drawn from, and where their records go.
struct Epochs {
    std::size_t count;
    const std::int64_t* orders;  // (count, n) row numbers; null for the rows as they stand
    const double* rates;         // (count, steps) learning rates
    const std::uint64_t* keys;   // (count, 2) of the dropout masks; null without dropout
    std::size_t first_step;      // of the first epoch: the ones before it are done already
    double* sums;                // (count, 4) += loss, penalty and gradient norm, each times the weight; weight
    double* seconds;             // (count,) += the time that each took
};

enum class End { finished, interrupted, diverged };

struct Outcome {
    End end;
    std::size_t epoch, step;  // the first step that was not made
};

template <class T> struct LayerState;

template <class T> class Trainer {
public:
    explicit Trainer(const Settings& settings);
    ~Trainer();

    // Runs the epochs, and looks at the network after each where `look` is not null. State is changed only at the end; where a number is not finite it is that of before that step.
    // `interrupted` is asked every 50 ms, between two steps.
    Outcome run(const Samples<T>& samples, State<T>& state, const Epochs& epochs, const Look<T>* look,
                const std::function<bool()>& interrupted);

    // Z and A (n, out) of the last layer, without dropout; either may be null.
    void outputs(const Samples<T>& samples, const T* theta, T* Z, T* A);

    // One step's data loss and penalty without dropout; g (p,) receives the gradients.
    void differentiate(const Samples<T>& samples, const T* theta, T* g, double& L, double& P);

private:
    struct Position {
        std::size_t epoch, step;
        std::size_t n = 0;  // samples of the step
    };
    struct Step {
        double L, P, norm, weight;
        bool finite;
    };

    void load(const State<T>& state);
    void save(State<T>& state) const;
    void save_theta(T* theta) const;
    Outcome advance(const Samples<T>& samples, const Epochs& epochs, const State<T>& state, Position until, bool recording,
                    const Look<T>* look, const std::function<bool()>& interrupted);
    void look_at(const Look<T>& look, double* seen);
    void count(const Look<T>& look, std::size_t first, std::size_t n, double* counts) const;
    void fetch_ahead(const Samples<T>& samples, const std::int64_t* rows, std::size_t n) const;
    double gather(const Samples<T>& samples, const std::int64_t* rows, std::size_t n);
    void draw_masks(const std::uint64_t* key, std::size_t step, std::size_t n);
    Step step(std::size_t n, double rate, std::size_t t, bool masked);
    bool last_loss_is_finite(std::size_t n);
    void forward(std::size_t n, bool masked);
    double data_loss(std::size_t n);
    void backward(std::size_t n, double rate, std::size_t t, bool masked);
    void dense(LayerState<T>& layer, const T* X, std::size_t ldx, std::size_t n, bool masked);
    void back_input(std::size_t l, std::size_t n, bool masked);
    void back_weights(std::size_t l, const T* X, std::size_t ldx, std::size_t n);
    Update<T> update_of(std::size_t window) const;
    double factor_of(std::size_t window) const;
    void set_moment(double rate, std::size_t t);
    void clipped_update(double norm);
    void sum_totals(Step& step);

    Settings settings;
    const Kernels<T>& kernels;
    Optimizer rule;  // applied as a gradient tile is stored; `gradient` where clipping stands between
    std::unique_ptr<Pool> pool;
    std::vector<LayerState<T>> layers;
    std::vector<std::shared_ptr<T>> memory;  // every buffer, zero at first
    T *X = nullptr, *Y = nullptr, *w = nullptr, *Wt = nullptr, *db = nullptr;
    std::size_t ldx = 0, shares_of = 0;
    std::vector<double> L;
    std::vector<T> candidate;  // θ before a step that may turn out to be good
    std::vector<Totals<T>> totals;
    std::vector<Update<T>> updates;  // of W1, b1, W2, … in this step

    T* allocate(std::size_t count);
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace clearprop
