// The forward pass of a network that is not being trained, at its fastest for a single sample.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "trainer.hpp"

namespace clearprop {

template <class T> class Predictor {
public:
    // Reads level, threads, sizes and activations.
    explicit Predictor(const Settings& settings);

    // Writes Z or A (n, out), or both, of the last layer; false where X holds a number that is not finite.
    bool outputs(const T* theta, const T* X, std::size_t n, T* Z, T* A);

private:
    void row(const T* theta, const T* x, T* Z, T* A);

    Settings settings;
    const Kernels<T>& kernels;
    std::vector<T> buffers;  // two rows of the widest layer, the second for activations
    std::size_t width = 0, threads = 1, products = 0;
    std::unique_ptr<Trainer<T>> blocks;  // for many rows at once, made when first asked for
    std::mutex in_use;                   // of what is written: large inputs go without the interpreter's lock
};

extern template class Predictor<float>;
extern template class Predictor<double>;

}  // namespace clearprop
