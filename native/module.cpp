// clearprop._native: the compiled engine as Python sees it.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "levels.hpp"
#include "predictor.hpp"
#include "trainer.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace clearprop {
void bind_doors(nb::module_& m);  // doors.cpp
}

namespace {

using namespace clearprop;

template <class T, int dimensions> using In = nb::ndarray<const T, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;
template <class T, int dimensions> using Out = nb::ndarray<T, nb::ndim<dimensions>, nb::c_contig, nb::device::cpu>;

constexpr std::size_t release_from = 1000000;  // multiply-adds for which giving up the interpreter's lock pays

void expect(bool holds, const char* what) {
    if (!holds) throw std::invalid_argument(what);
}

template <class T> Settings checked(const nb::dict& given) {
    Settings s;
    const auto take = [&](const char* name, auto& field) { field = nb::cast<std::decay_t<decltype(field)>>(given[name]); };
    take("level", s.level);
    take("threads", s.threads);
    take("batch_size", s.batch_size);
    take("sizes", s.sizes);
    take("activations", s.activations);
    take("dropout", s.dropout);
    take("loss", s.loss);
    take("option", s.option);
    take("l1", s.l1);
    take("l2", s.l2);
    take("optimizer", s.optimizer);
    take("beta1", s.beta1);
    take("beta2", s.beta2);
    take("epsilon", s.epsilon);
    take("decay", s.decay);
    take("sequential", s.sequential);
    take("clip_norm", s.clip_norm);
    take("rate_factors", s.rate_factors);
    const std::size_t depth = s.activations.size();
    expect(depth > 0 && s.sizes.size() == depth + 1 && s.dropout.size() == depth, "one activation and one dropout a layer");
    for (const std::size_t size : s.sizes) expect(size > 0, "sizes are positive");
    for (const int activation : s.activations) expect(activation >= 0 && activation < activations, "unknown activation");
    expect(s.loss >= 0 && s.loss < losses && s.optimizer >= 0 && s.optimizer < optimizers, "unknown loss or optimizer");
    expect(s.rate_factors.empty() || s.rate_factors.size() == 2 * depth, "two rate factors a layer");
    expect(s.batch_size > 0 && s.threads > 0, "batch_size and threads are positive");
    kernels_at<T>(s.level);
    return s;
}

template <class T> class BoundTrainer {
public:
    explicit BoundTrainer(const nb::dict& given) : settings(checked<T>(given)), trainer(settings) {}

    nb::tuple run(In<T, 2> X, In<T, 2> Y, std::optional<In<T, 1>> weights, Out<T, 1> theta, Out<T, 2> memory,
                  Out<T, 1> last_good, std::size_t steps, std::optional<In<std::int64_t, 2>> orders, In<double, 2> rates,
                  std::optional<In<std::uint64_t, 2>> keys, std::size_t first_step, Out<double, 2> sums,
                  Out<double, 1> seconds, const nb::callable& interrupted,
                  std::optional<In<T, 2>> look_X, std::optional<In<T, 2>> look_Y, std::optional<In<T, 1>> look_weights,
                  int tally, std::optional<Out<double, 2>> seen) {
        const Samples<T> samples = samples_of(X, Y, weights);
        const std::size_t p = settings.parameters(), n = samples.n, count = rates.shape(0);
        const std::size_t per_epoch = (n + settings.batch_size - 1) / settings.batch_size;
        const std::size_t remembered = settings.remembered();
        expect(theta.shape(0) == p && last_good.shape(0) == p, "theta has one number for each parameter");
        expect(memory.shape(0) == remembered && (memory.shape(1) == p || !remembered), "memory does not fit the optimizer");
        expect(rates.shape(1) == per_epoch && first_step <= per_epoch, "one rate for each step");
        expect(sums.shape(0) == count && sums.shape(1) == 4 && seconds.shape(0) == count, "one record an epoch");
        expect(!orders || (orders->shape(0) == count && orders->shape(1) == n), "orders have one row an epoch");
        expect(!keys || (keys->shape(0) == count && keys->shape(1) == 2), "two keys an epoch");
        if (orders)
            for (std::size_t i = 0; i < count * n; ++i)
                expect(orders->data()[i] >= 0 && static_cast<std::size_t>(orders->data()[i]) < n, "row numbers are rows");
        State<T> state{theta.data(), remembered > 0 ? memory.data() : nullptr, remembered > 1 ? memory.data() + p : nullptr,
                       last_good.data(), steps};
        const Epochs epochs{count, orders ? orders->data() : nullptr, rates.data(), keys ? keys->data() : nullptr,
                            first_step, sums.data(), seconds.data()};
        expect(!look_X == !seen && !look_X == !look_Y, "what to look at, and where to write what is seen");
        expect(!seen || (seen->shape(0) == count && seen->shape(1) == 1 + settings.sizes.back()), "one look an epoch");
        expect(tally >= 0 && tally <= static_cast<int>(Tally::numbers), "unknown tally");
        Look<T> look{};
        if (seen) look = {samples_of(*look_X, *look_Y, look_weights), static_cast<Tally>(tally), seen->data()};
        const auto ask = [&interrupted] {
            const FlushToZero as_python_expects(false);
            nb::gil_scoped_acquire with_interpreter;  // which also runs the handlers of signals that are waiting
            return nb::cast<bool>(interrupted());
        };
        Outcome outcome{};
        {
            nb::gil_scoped_release without_interpreter;
            outcome = trainer.run(samples, state, epochs, seen ? &look : nullptr, ask);
        }
        const char* ends[] = {"finished", "interrupted", "diverged"};
        return nb::make_tuple(ends[static_cast<int>(outcome.end)], outcome.epoch, outcome.step);
    }

    double loss(In<T, 2> X, In<T, 2> Y, std::optional<In<T, 1>> weights) {
        const Samples<T> samples = samples_of(X, Y, weights);
        expect(samples.n <= settings.batch_size, "a batch has no more samples than those of training");
        nb::gil_scoped_release without_interpreter;
        return trainer.loss(samples);
    }

    nb::tuple differentiate(In<T, 2> X, In<T, 2> Y, std::optional<In<T, 1>> weights, In<T, 1> theta, Out<T, 1> g) {
        const Samples<T> samples = samples_of(X, Y, weights);
        expect(settings.optimizer == gradient && samples.n <= settings.batch_size, "made for gradients of so many samples");
        expect(theta.shape(0) == settings.parameters() && g.shape(0) == theta.shape(0), "theta and g are one vector each");
        double L = 0, P = 0;
        {
            nb::gil_scoped_release without_interpreter;
            trainer.differentiate(samples, theta.data(), g.data(), L, P);
        }
        return nb::make_tuple(L, P);
    }

private:
    Samples<T> samples_of(const In<T, 2>& X, const In<T, 2>& Y, const std::optional<In<T, 1>>& weights) const {
        expect(X.shape(0) > 0 && X.shape(0) == Y.shape(0), "X and Y have as many rows");
        expect(X.shape(1) == settings.sizes.front() && Y.shape(1) == settings.sizes.back(), "X or Y does not fit the sizes");
        expect(!weights || weights->shape(0) == X.shape(0), "one weight a sample");
        return {X.data(), Y.data(), weights ? weights->data() : nullptr, X.shape(0)};
    }

    Settings settings;
    Trainer<T> trainer;
};

template <class T> class BoundPredictor {
public:
    BoundPredictor(const nb::dict& given, In<T, 1> parameters)
        : settings(checked<T>(given)), predictor(settings), theta(parameters) {
        expect(theta.shape(0) == settings.parameters(), "theta has one number for each parameter");
    }

    bool outputs(const In<T, 2>& X, std::optional<Out<T, 2>> Z, std::optional<Out<T, 2>> A) {
        const std::size_t n = X.shape(0), out = settings.sizes.back();
        expect(X.shape(1) == settings.sizes.front(), "X does not fit the sizes");
        for (const auto& each : {&Z, &A})
            expect(!*each || ((*each)->shape(0) == n && (*each)->shape(1) == out), "one row of outputs a sample");
        T *z = Z ? Z->data() : nullptr, *a = A ? A->data() : nullptr;
        if (n * settings.parameters() < release_from) return predictor.outputs(theta.data(), X.data(), n, z, a);
        nb::gil_scoped_release without_interpreter;
        return predictor.outputs(theta.data(), X.data(), n, z, a);
    }

private:
    Settings settings;
    Predictor<T> predictor;
    In<T, 1> theta;  // a window into the network's own vector, so that its present numbers count
};

template <class T> void bind(nb::module_& m, const char* trainer, const char* predictor) {
    nb::class_<BoundTrainer<T>>(m, trainer)
        .def(nb::init<const nb::dict&>())
        .def("run", &BoundTrainer<T>::run, "X"_a.noconvert(), "Y"_a.noconvert(), "weights"_a.noconvert().none(),
             "theta"_a.noconvert(), "memory"_a.noconvert(), "last_good"_a.noconvert(), "steps"_a, "orders"_a.noconvert().none(),
             "rates"_a.noconvert(), "keys"_a.noconvert().none(), "first_step"_a, "sums"_a.noconvert(),
             "seconds"_a.noconvert(), "interrupted"_a, "look_X"_a.noconvert().none() = nb::none(),
             "look_Y"_a.noconvert().none() = nb::none(), "look_weights"_a.noconvert().none() = nb::none(), "tally"_a = 0,
             "seen"_a.noconvert().none() = nb::none())
        .def("loss", &BoundTrainer<T>::loss, "X"_a.noconvert(), "Y"_a.noconvert(), "weights"_a.noconvert().none())
        .def("differentiate", &BoundTrainer<T>::differentiate, "X"_a.noconvert(), "Y"_a.noconvert(),
             "weights"_a.noconvert().none(), "theta"_a.noconvert(), "g"_a.noconvert());
    nb::class_<BoundPredictor<T>>(m, predictor)
        .def(nb::init<const nb::dict&, In<T, 1>>(), "settings"_a, "theta"_a.noconvert())
        .def("outputs", &BoundPredictor<T>::outputs, "X"_a.noconvert(), "Z"_a.noconvert().none(), "A"_a.noconvert().none());
}

// One of the elementwise functions at a level, on x (n,) into y (n,).
template <class T> void function(const std::string& level, const std::string& name, In<T, 1> x, Out<T, 1> y) {
    const std::vector<std::string> names{"exp", "expm1", "log1p", "tanh", "erf"};
    const auto found = std::find(names.begin(), names.end(), name);
    expect(found != names.end(), "no such function");
    expect(x.shape(0) == y.shape(0) && x.shape(0) % 64 == 0, "as many numbers in as out, a multiple of 64");
    kernels_at<T>(level).function[found - names.begin()](x.data(), y.data(), x.shape(0));
}

// Multiply-adds a second, in GFLOP/s, of so many threads at once: the best of a few short runs.
template <class T> double peak(const std::string& level, std::size_t threads) {
    const Kernels<T>& kernels = kernels_at<T>(level);
    Pool pool(threads);
    double best = 0;
    for (int i = 0; i < 20; ++i) {
        std::vector<double> operations(threads);
        const auto began = std::chrono::steady_clock::now();
        pool.run(threads, [&](std::size_t thread) { operations[thread] = kernels.multiply_add(500000); });
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        double total = 0;
        for (const double each : operations) total += each;
        best = std::max(best, total / took.count() / 1e9);
    }
    return best;
}

}  // namespace

NB_MODULE(_native, m) {
    bind<float>(m, "Trainer32", "Predictor32");
    bind<double>(m, "Trainer64", "Predictor64");
    bind_doors(m);
    m.def("levels", &levels);
    m.def("function", &function<float>, "level"_a, "name"_a, "x"_a.noconvert(), "y"_a.noconvert());
    m.def("function", &function<double>, "level"_a, "name"_a, "x"_a.noconvert(), "y"_a.noconvert());
    m.def(
        "peak_gflops",
        [](const std::string& dtype, std::size_t threads, const std::string& level) {
            expect(dtype == "float32" || dtype == "float64", "dtype is float32 or float64");
            nb::gil_scoped_release without_interpreter;
            return dtype == "float32" ? peak<float>(level, threads) : peak<double>(level, threads);
        },
        "dtype"_a, "threads"_a, "level"_a);
}
