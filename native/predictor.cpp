#include "predictor.hpp"

#include <algorithm>
#include <cmath>

#include "levels.hpp"

namespace clearprop {

namespace {

constexpr std::size_t row_by_row = 8;  // at most; for more, it pays to lay W out in panels
constexpr std::size_t block = 256;
constexpr std::size_t worth_sharing = std::size_t{1} << 25;  // multiply-adds for which starting threads pays

// Sums 0·x, which is 0 or NaN, in several sums that do not wait for each other.
template <class T> bool all_finite(const T* x, std::size_t count) {
    T probes[16] = {};
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16)
        for (std::size_t l = 0; l < 16; ++l) probes[l] += x[i + l] * T(0);
    for (; i < count; ++i) probes[0] += x[i] * T(0);
    T sum = 0;
    for (const T probe : probes) sum += probe;
    return sum == 0;
}

}  // namespace

template <class T>
Predictor<T>::Predictor(const Settings& given) : settings(given), kernels(kernels_at<T>(given.level)) {
    const std::size_t widest = *std::max_element(settings.sizes.begin(), settings.sizes.end());
    width = up_to(kernels.lanes, widest);
    buffers.resize(2 * width);
    threads = settings.threads;
    settings.threads = 1;  // a pool that outlives the call would not survive a fork of the process
    settings.batch_size = block;
    for (std::size_t l = 0; l + 1 < settings.sizes.size(); ++l) products += settings.sizes[l] * settings.sizes[l + 1];
    settings.dropout.assign(settings.activations.size(), 0.0);
}

template <class T> bool Predictor<T>::outputs(const T* theta, const T* X, std::size_t n, T* Z, T* A) {
    const std::size_t in = settings.sizes[0], out = settings.sizes.back();
    if (!all_finite(X, n * in)) return false;
    const std::lock_guard<std::mutex> lock(in_use);
    if (n > row_by_row) {
        const Samples<T> samples{X, nullptr, nullptr, n};
        if (n * products > worth_sharing && threads > 1) {
            Settings shared = settings;
            shared.threads = threads;
            Trainer<T>(shared).outputs(samples, theta, Z, A);
        } else {
            if (!blocks) blocks = std::make_unique<Trainer<T>>(settings);
            blocks->outputs(samples, theta, Z, A);
        }
        return true;
    }
    for (std::size_t i = 0; i < n; ++i) row(theta, X + i * in, Z ? Z + i * out : nullptr, A ? A + i * out : nullptr);
    return true;
}

template <class T> void Predictor<T>::row(const T* theta, const T* x, T* Z, T* A) {
    T* z = buffers.data();
    T* a = z + width;
    for (std::size_t l = 0; l + 1 < settings.sizes.size(); ++l) {
        const std::size_t in = settings.sizes[l], out = settings.sizes[l + 1];
        kernels.dense_row(x, in, theta, theta + in * out, z, out);
        const std::size_t cols = up_to(kernels.lanes, out);
        kernels.activate[settings.activations[l]](z, a, 1, out, cols, width);
        theta += in * out + out;
        x = a;
    }
    const std::size_t out = settings.sizes.back();
    if (Z) std::copy_n(z, out, Z);
    if (A) std::copy_n(a, out, A);
}

template class Predictor<float>;
template class Predictor<double>;

}  // namespace clearprop
