// The training loop: epochs of mini-batch steps on one network, in one call. The counterpart of clearprop.native.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "stepper.hpp"

namespace clearprop {

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

template <class T> class Trainer {
public:
    explicit Trainer(const Settings& settings);

    // Runs the epochs, and looks at the network after each where `look` is not null. The state changes only at the end;
    // where a number is not finite, to what it was before that step. `interrupted` is asked about every 50 ms.
    Outcome run(const Samples<T>& samples, State<T>& state, const Epochs& epochs, const Look<T>* look,
                const std::function<bool()>& interrupted);

    // Data loss of a batch, without dropout, at the parameters that the last run has left.
    double loss(const Samples<T>& samples);

    // Z and A (n, out) of the last layer, without dropout; either may be null.
    void outputs(const Samples<T>& samples, const T* theta, T* Z, T* A);

    // Data loss and penalty of all samples at once, without dropout; g (p,) receives the gradients.
    void differentiate(const Samples<T>& samples, const T* theta, T* g, double& L, double& P);

private:
    struct Position {
        std::size_t epoch, step;
        std::size_t n = 0;  // samples of the step
    };

    Outcome advance(const Samples<T>& samples, const Epochs& epochs, const State<T>& state, Position until, bool recording,
                    const Look<T>* look, const std::function<bool()>& interrupted);
    double gather(const Samples<T>& samples, std::size_t first, const std::int64_t* rows, std::size_t n);
    void fetch_ahead(const Samples<T>& samples, const std::int64_t* rows, std::size_t n) const;
    void fetch_row(const Samples<T>& samples, std::size_t row) const;
    bool last_loss_is_finite(std::size_t n);
    bool look_at(const Look<T>& look, double* seen, const std::function<bool()>& interrupted);
    bool asked_to_stop(double work, const std::function<bool()>& interrupted);
    void count(const Look<T>& look, std::size_t first, std::size_t n, double* counts) const;

    Stepper<T> stepper;
    std::vector<T> candidate;   // θ before a step that may turn out to be good
    double multiply_adds = 0;   // of one sample, forwards and backwards
    double asked = 0, work = 0;  // when the last question was, and the multiply-adds since the clock was looked at
    std::size_t shares_of = 0;  // for so many samples w holds equal shares; 0 for others
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace clearprop
