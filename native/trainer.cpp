#include "trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>

namespace clearprop {

namespace {

constexpr double seconds_between_questions = 0.05;

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T> void copy_row(const T* from, T* to, std::size_t count) {
    if (count > 16) {
        std::memcpy(to, from, count * sizeof(T));
        return;
    }
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];  // less than a call costs
}

}  // namespace

template <class T> Trainer<T>::Trainer(const Settings& settings) : stepper(settings) {
    candidate.resize(settings.parameters());
    for (std::size_t l = 0; l + 1 < settings.sizes.size(); ++l)
        multiply_adds += 3.0 * static_cast<double>(settings.sizes[l] * settings.sizes[l + 1]);
}

template <class T>
Outcome Trainer<T>::run(const Samples<T>& samples, State<T>& state, const Epochs& epochs, const Look<T>* look,
                        const std::function<bool()>& interrupted) {
    const FlushToZero small_numbers;
    Pool workers(stepper.settings.threads);
    stepper.work_with(workers);
    asked = now();
    stepper.load(state.theta, state.first, state.second);
    Outcome outcome = advance(samples, epochs, state, {epochs.count, 0}, true, look, interrupted);
    if (outcome.end == End::diverged) {  // the same steps once more, up to the last good ones: they have the same bits
        stepper.load(state.theta, state.first, state.second);
        const Outcome again =
            advance(samples, epochs, state, {outcome.epoch, outcome.step}, false, nullptr, interrupted);
        if (again.end == End::interrupted) outcome = again;
    }
    stepper.save(state.theta, state.first, state.second);
    return outcome;
}

template <class T>
Outcome Trainer<T>::advance(const Samples<T>& samples, const Epochs& epochs, const State<T>& state, Position until,
                            bool recording, const Look<T>* look, const std::function<bool()>& interrupted) {
    const std::size_t size = std::min(stepper.settings.batch_size, samples.n);
    const std::size_t per_epoch = (samples.n + size - 1) / size;
    const bool masked = epochs.keys != nullptr;
    double weight = 0;  // of the batch
    std::size_t t = state.steps, gathered = 0;
    Position last{};  // the last step that was made
    for (std::size_t epoch = 0; epoch < epochs.count; ++epoch) {
        const double began = recording ? now() : 0;
        for (std::size_t k = epoch == 0 ? epochs.first_step : 0; k < per_epoch; ++k) {
            if (epoch == until.epoch && k == until.step) return {End::finished, epoch, k};
            if (asked_to_stop(multiply_adds * static_cast<double>(size), interrupted)) {
                if (!gathered || last_loss_is_finite(last.n)) return {End::interrupted, epoch, k};
                return {End::diverged, last.epoch, last.step};
            }
            const std::size_t first = k * size, n = std::min(size, samples.n - first);
            const bool ends_epoch = k + 1 == per_epoch;
            const bool final = epoch + ends_epoch == until.epoch && (ends_epoch ? 0 : k + 1) == until.step;
            if (final) stepper.save(candidate.data(), nullptr, nullptr);
            const std::int64_t* rows = epochs.orders ? epochs.orders + epoch * samples.n + first : nullptr;
            if (rows && first + n < samples.n) fetch_ahead(samples, rows + n, std::min(size, samples.n - first - n));
            if (rows || per_epoch > 1 || gathered == 0) {  // else the one batch is still there
                weight = gather(samples, first, rows, n);
                ++gathered;
            }
            if (masked) stepper.draw_masks(epochs.keys + 2 * epoch, k, n);
            const Step done = stepper.step(n, epochs.rates[epoch * per_epoch + k], ++t, masked);
            if (final && std::isfinite(done.L) && std::isfinite(done.P))
                std::copy(candidate.begin(), candidate.end(), state.last_good);
            if (!done.finite) return {End::diverged, epoch, k};
            last = {epoch, k, n};
            if (recording) {
                double* sums = epochs.sums + 4 * epoch;
                sums[0] += done.L * weight;
                sums[1] += done.P * weight;
                sums[2] += done.norm * weight;
                sums[3] += weight;
            }
        }
        if (look) {
            double* seen = look->seen + epoch * (1 + stepper.settings.sizes.back());
            if (!look_at(*look, seen, interrupted)) return {End::interrupted, epoch, per_epoch};
            gathered = 0;  // the batch has been overwritten
        }
        if (recording) epochs.seconds[epoch] += now() - began;
    }
    return {End::finished, epochs.count, 0};
}

// Asks for the rows of the next batch, so that they are in the cache when it is gathered.
template <class T> void Trainer<T>::fetch_ahead(const Samples<T>& samples, const std::int64_t* rows, std::size_t n) const {
    if (n * stepper.settings.sizes[0] > one_sweep) return;  // the batch alone would fill the cache
    for (std::size_t i = 0; i < n; ++i) fetch_row(samples, static_cast<std::size_t>(rows[i]));
}

template <class T> void Trainer<T>::fetch_row(const Samples<T>& samples, std::size_t row) const {
    const std::size_t in = stepper.settings.sizes[0], out = stepper.settings.sizes.back();
    const T* x = samples.X + row * in;
    for (std::size_t k = 0; k < in; k += alignment / sizeof(T)) __builtin_prefetch(x + k);
    __builtin_prefetch(samples.Y + row * out);
}

// Whether to stop: after so much more work the question is asked, but not more often than every 50 ms.
template <class T> bool Trainer<T>::asked_to_stop(double more, const std::function<bool()>& interrupted) {
    work += more;
    if (work < 1e6) return false;  // asking for the time costs as much as a small step
    work = 0;
    if (now() - asked < seconds_between_questions) return false;
    asked = now();
    return interrupted();
}

// Returns false where it was asked to stop.
template <class T>
bool Trainer<T>::look_at(const Look<T>& look, double* seen, const std::function<bool()>& interrupted) {
    const Samples<T>& all = look.samples;
    double total = static_cast<double>(all.n);
    if (all.weights) total = std::accumulate(all.weights, all.weights + all.n, 0.0);
    for (std::size_t first = 0; first < all.n; first += stepper.settings.batch_size) {
        const std::size_t n = std::min(stepper.settings.batch_size, all.n - first);
        const double weight = gather(all, first, nullptr, n);
        stepper.forward(n, false);
        seen[0] += stepper.data_loss(n) * (weight / total);
        count(look, first, n, seen + 1);
        if (asked_to_stop(multiply_adds * static_cast<double>(n), interrupted)) return false;
    }
    return true;
}

// Replaces the counting of `metric`.
template <class T>
void Trainer<T>::count(const Look<T>& look, std::size_t first, std::size_t n, double* counts) const {
    const std::size_t out = stepper.output().out, ld = stepper.output().ld;
    for (std::size_t i = 0; i < n; ++i) {
        const T *a = stepper.output().A + i * ld, *y = stepper.Y + i * ld;
        const double weight = look.samples.weights ? static_cast<double>(look.samples.weights[first + i]) : 1;
        if (look.tally == Tally::classes) {
            counts[0] += std::max_element(a, a + out) - a == std::max_element(y, y + out) - y ? weight : 0;
        } else if (look.tally == Tally::probabilities) {
            std::size_t right = 0;
            for (std::size_t j = 0; j < out; ++j) right += (a[j] > T(0.5)) == (y[j] > T(0.5));
            counts[0] += weight * static_cast<double>(right) / static_cast<double>(out);
        } else if (look.tally == Tally::numbers) {
            for (std::size_t j = 0; j < out; ++j) {
                const double error = static_cast<double>(y[j]) - static_cast<double>(a[j]);
                counts[j] += weight * error * error;
            }
        }
    }
}

// Copies a batch into X, Y and w: the given rows, or n from the first; returns the batch's weight. w is the share of each sample in the mean.
template <class T>
double Trainer<T>::gather(const Samples<T>& samples, std::size_t first, const std::int64_t* rows, std::size_t n) {
    const std::size_t in = stepper.settings.sizes[0], out = stepper.settings.sizes.back();
    const auto row = [&](std::size_t i) { return rows ? static_cast<std::size_t>(rows[i]) : first + i; };
    const auto copy = [&](std::size_t i) {
        copy_row(samples.X + row(i) * in, stepper.X + i * stepper.ldx, in);
        copy_row(samples.Y + row(i) * out, stepper.Y + i * stepper.ldy, out);
    };
    if (n * in > one_sweep) {
        constexpr std::size_t block = 16;
        stepper.workers().run((n + block - 1) / block, [&](std::size_t task) {
            const std::size_t end = std::min(n, (task + 1) * block);
            for (std::size_t i = task * block; i < end; ++i) {
                if (i + 2 < end) fetch_row(samples, row(i + 2));
                copy(i);
            }
        });
    } else {
        for (std::size_t i = 0; i < n; ++i) copy(i);
    }
    T* w = stepper.w;
    if (!samples.weights) {
        if (shares_of != n) std::fill_n(w, n, static_cast<T>(1.0 / static_cast<double>(n)));
        shares_of = n;
        return static_cast<double>(n);
    }
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) total += static_cast<double>(w[i] = samples.weights[row(i)]);
    for (std::size_t i = 0; i < n; ++i) w[i] = static_cast<T>(static_cast<double>(w[i]) / total);
    shares_of = 0;
    return total;
}

// Whether the batch that is still there has a finite loss at the present weights.
template <class T> bool Trainer<T>::last_loss_is_finite(std::size_t n) {
    stepper.forward(n, false);
    return std::isfinite(stepper.data_loss(n));
}

template <class T> double Trainer<T>::loss(const Samples<T>& samples) {
    const FlushToZero small_numbers;
    Pool workers(stepper.settings.threads);
    stepper.work_with(workers);
    gather(samples, 0, nullptr, samples.n);
    stepper.forward(samples.n, false);
    return stepper.data_loss(samples.n);
}

template <class T> void Trainer<T>::outputs(const Samples<T>& samples, const T* theta, T* Z, T* A) {
    const FlushToZero small_numbers;  // as in the workers
    Pool workers(stepper.settings.threads);
    stepper.work_with(workers);
    stepper.load(theta, nullptr, nullptr);
    const LayerState<T>& out = stepper.output();
    const std::size_t in = stepper.settings.sizes[0];
    for (std::size_t i = 0; i < samples.n; i += stepper.settings.batch_size) {
        const std::size_t n = std::min(stepper.settings.batch_size, samples.n - i);
        for (std::size_t r = 0; r < n; ++r) std::copy_n(samples.X + (i + r) * in, in, stepper.X + r * stepper.ldx);
        stepper.forward(n, false);
        for (std::size_t r = 0; r < n; ++r) {
            if (Z) std::copy_n(out.Z + r * out.ld, out.out, Z + (i + r) * out.out);
            if (A) std::copy_n(out.A + r * out.ld, out.out, A + (i + r) * out.out);
        }
    }
}

template <class T>
void Trainer<T>::differentiate(const Samples<T>& samples, const T* theta, T* g, double& L, double& P) {
    const FlushToZero small_numbers;
    Pool workers(stepper.settings.threads);
    stepper.work_with(workers);
    stepper.load(theta, nullptr, nullptr);
    gather(samples, 0, nullptr, samples.n);
    const Step done = stepper.step(samples.n, 0, 1, false);
    stepper.save_gradients(g);
    L = done.L;
    P = done.P;
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace clearprop
