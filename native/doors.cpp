// Doors to the single kernels, for the tests. Each takes the operands of the rules that it replaces, as plain matrices
// by the rules' names, lays them out as the trainer does, and gives results by the rules' names.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "levels.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace clearprop {

void bind_doors(nb::module_& m);

namespace {

using Names = std::vector<std::string>;

const Names activation_names{"identity", "sigmoid", "tanh", "relu",     "leaky_relu", "elu", "selu",
                             "gelu",     "silu",    "mish", "softplus", "softmax",    "exp"};
const Names loss_names{"squared_error", "mean_squared_error", "absolute_error",       "huber",
                       "quantile",      "poisson",            "binary_cross_entropy", "cross_entropy"};
const Names optimizer_names{"sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"};
const Names memory_of[]{{}, {"v"}, {"v"}, {"s"}, {"s"}, {"m", "v"}, {"m", "v"}, {}};  // by optimizer

template <class T> using Plain = nb::ndarray<const T, nb::c_contig, nb::device::cpu>;

// Rows of `ld` numbers, of which `columns` are real and `cols` a whole number of vectors.
template <class T> struct Matrix {
    std::size_t rows, columns, cols, ld;
    std::vector<T> numbers;

    T* data() { return numbers.data(); }
    T& at(std::size_t i, std::size_t j) { return numbers[i * ld + j]; }
    void pad_with(T padding) {
        for (std::size_t i = 0; i < rows; ++i)
            for (std::size_t j = columns; j < ld; ++j) at(i, j) = padding;
    }
};

// The operands of one call, and the kernels of the level.
template <class T> struct Call {
    using Number = T;
    const Kernels<T>& kernels;
    const nb::dict& given;
    bool apart;  // whether rows are stored with a gap between them, and Z apart from A

    double number(const char* name) const { return nb::cast<double>(given[name]); }
    Plain<T> plain(const char* name) const { return nb::cast<Plain<T>>(given[name], false); }

    Matrix<T> empty(std::size_t rows, std::size_t columns) const {
        const std::size_t cols = up_to(kernels.lanes, columns), ld = apart ? cols + kernels.lanes : cols;
        return {rows, columns, cols, ld, std::vector<T>(rows * ld)};
    }
    Matrix<T> matrix(const char* name) const {
        const Plain<T> from = plain(name);
        Matrix<T> M = empty(from.shape(0), from.shape(1));
        for (std::size_t i = 0; i < M.rows; ++i) std::copy_n(from.data() + i * M.columns, M.columns, &M.at(i, 0));
        return M;
    }
    std::vector<T> vector(const char* name) const {  // any shape in one row, padded
        const Plain<T> from = plain(name);
        std::vector<T> v(up_to(kernels.lanes, from.size()));
        std::copy_n(from.data(), from.size(), v.begin());
        return v;
    }
    // Calls copy(place in the panels, row, column, how many) for each row of each panel of a matrix (rows, columns).
    template <class Copy> void for_each_row(std::size_t rows, std::size_t columns, const Copy& copy) const {
        const std::size_t cols = up_to(kernels.lanes, columns);
        for (std::size_t j = 0; j < cols; j += kernels.panel) {
            const std::size_t width = std::min(kernels.panel, cols - j);
            for (std::size_t i = 0; i < rows; ++i) copy(j * rows + i * width, i, j, std::min(width, columns - j));
        }
    }
    std::vector<T> panels(const char* name) const {
        const Plain<T> W = plain(name);
        std::vector<T> packed(W.shape(0) * up_to(kernels.lanes, W.shape(1)));
        for_each_row(W.shape(0), W.shape(1), [&](std::size_t place, std::size_t i, std::size_t j, std::size_t count) {
            std::copy_n(W.data() + i * W.shape(1) + j, count, &packed[place]);
        });
        return packed;
    }
    Matrix<T> from_panels(const std::vector<T>& packed, std::size_t rows, std::size_t columns) const {
        Matrix<T> W = empty(rows, columns);
        for_each_row(rows, columns, [&](std::size_t place, std::size_t i, std::size_t j, std::size_t count) {
            std::copy_n(&packed[place], count, &W.at(i, j));
        });
        return W;
    }
    Matrix<T> from_vector(const std::vector<T>& v, const char* like) const {
        const Plain<T> shape = plain(like);
        return {shape.shape(0), shape.shape(1), shape.shape(1), shape.shape(1), v};
    }
};

template <class T> nb::object array(Matrix<T> M) {
    T* numbers = new T[M.rows * M.columns];
    const nb::capsule owner(numbers, [](void* p) noexcept { delete[] static_cast<T*>(p); });
    for (std::size_t i = 0; i < M.rows; ++i) std::copy_n(&M.at(i, 0), M.columns, numbers + i * M.columns);
    return nb::cast(nb::ndarray<nb::numpy, T>(numbers, {M.rows, M.columns}, owner));
}

// The same of what goes into further products: its padding must be zero.
template <class T> nb::object zero_padded(Matrix<T> M) {
    for (std::size_t i = 0; i < M.rows; ++i)
        for (std::size_t j = M.columns; j < M.cols; ++j)
            if (M.at(i, j) != 0) throw std::runtime_error("the padding is not zero");
    return array(std::move(M));
}

template <class T> nb::dict one(const char* name, nb::object value) {
    nb::dict results;
    results[name] = value;
    return results;
}

// ---- dense layers

struct Product {
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto X = call.matrix("X");
        auto Z = call.empty(X.rows, call.plain("b").size());
        const auto W = call.panels("W"), b = call.vector("b");
        call.kernels.product(X.data(), X.ld, X.rows, X.columns, W.data(), b.data(), Z.data(), Z.ld, Z.cols);
        return one<T>("Z", array(Z));
    }
};

struct DenseRow {
    template <class T> nb::dict operator()(const Call<T>& call) const {
        const auto X = call.plain("X"), W = call.plain("W"), b = call.plain("b");
        Matrix<T> Z{X.shape(0), b.size(), b.size(), b.size(), std::vector<T>(X.shape(0) * b.size())};
        for (std::size_t i = 0; i < Z.rows; ++i)
            call.kernels.dense_row(X.data() + i * X.shape(1), X.shape(1), W.data(), b.data(), &Z.at(i, 0), Z.columns);
        return one<T>("Z", array(Z));
    }
};

struct BackInput {
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto dZ = call.matrix("dZ");
        const auto W = call.panels("W");
        const std::size_t in = call.plain("W").shape(0), panel = call.kernels.panel;
        auto dX = call.empty(dZ.rows, in);
        std::vector<T> Wt(dX.cols * dZ.columns);
        if (call.apart)  // in tasks, as for large layers
            for (std::size_t j = 0; j < in; j += panel)
                call.kernels.transpose(W.data(), in, dZ.columns, j, std::min(j + panel, in), Wt.data());
        else
            call.kernels.transpose(W.data(), in, dZ.columns, 0, in, Wt.data());
        call.kernels.product(dZ.data(), dZ.ld, dZ.rows, dZ.columns, Wt.data(), nullptr, dX.data(), dX.ld, dX.cols);
        return one<T>("dX", zero_padded(dX));
    }
};

struct ColumnSums {
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto dZ = call.matrix("dZ"), db = call.empty(1, dZ.columns);
        call.kernels.column_sums(dZ.data(), dZ.ld, dZ.rows, dZ.cols, db.data());
        return one<T>("db", zero_padded(db));
    }
};

// ---- updates

template <class T> Update<T> update_of(const Call<T>& call, Optimizer optimizer) {
    const auto set = [&](T& field, const char* name, double otherwise = 0) {
        field = static_cast<T>(call.given.contains(name) ? call.number(name) : otherwise);
    };
    Update<T> u{};
    set(u.eta, "eta");
    set(u.epsilon, "epsilon");
    set(u.weight_decay, "decay");
    set(u.l1, "l1");
    set(u.l2, "l2");
    for (const char* name : {"mu", "rho", "beta1"})
        if (call.given.contains(name)) set(u.decay_1, name), u.gain_1 = static_cast<T>(1 - call.number(name));
    if (optimizer == adam || optimizer == adamw) {
        set(u.decay_2, "beta2");
        u.gain_2 = static_cast<T>(1 - call.number("beta2"));
        u.correction_1 = static_cast<T>(1 / (1 - std::pow(call.number("beta1"), call.number("t"))));
        u.correction_2 = static_cast<T>(1 / (1 - std::pow(call.number("beta2"), call.number("t"))));
    }
    return u;
}

template <class T> double penalty_of(const Update<T>& u, const Totals<T>& totals) {
    double P = 0;
    for (std::size_t l = 0; l < Totals<T>::width; ++l) P += u.l1 * totals.sizes[l] + u.l2 * totals.weight_squares[l] / 2;
    return P;
}

// What an update is made on: W and what belongs to it, in panels or in one row.
template <class T> struct Parameters {
    std::vector<T> W, first, second, g;

    Run<T> run() {
        const auto place = [](std::vector<T>& v) { return v.empty() ? nullptr : v.data(); };
        return {W.data(), place(first), place(second), place(g)};
    }
    template <class Unpack> nb::dict results(Optimizer optimizer, double P, const Unpack& unpack) const {
        nb::dict results = one<T>("P", nb::float_(P));
        const Names& memory = memory_of[optimizer];
        if (optimizer == gradient) {
            results["dW"] = array(unpack(g));
            return results;
        }
        results["theta_new"] = array(unpack(W));
        if (memory.size() > 0) results[(memory[0] + "_new").c_str()] = array(unpack(first));
        if (memory.size() > 1) results[(memory[1] + "_new").c_str()] = array(unpack(second));
        return results;
    }
};

template <class T, class Pack> Parameters<T> parameters_of(Optimizer optimizer, const Pack& pack) {
    const Names& memory = memory_of[optimizer];
    const auto remembered = [&](std::size_t k) { return k < memory.size() ? pack(memory[k].c_str()) : std::vector<T>{}; };
    return {pack("W"), remembered(0), remembered(1), optimizer == gradient ? pack("W") : std::vector<T>{}};
}

struct UpdateDoor {
    Optimizer optimizer;
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto all = parameters_of<T>(optimizer, [&](const char* name) { return call.vector(name); });
        const auto g = call.vector("dW");
        const Update<T> settings = update_of(call, optimizer);
        Totals<T> totals{};
        call.kernels.update[optimizer](settings, all.run(), g.data(), g.size(), totals);
        return all.results(optimizer, penalty_of(settings, totals),
                           [&](const std::vector<T>& v) { return call.from_vector(v, "W"); });
    }
};

struct DenseBack {
    Optimizer optimizer;
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto X = call.matrix("X"), dZ = call.matrix("dZ");
        auto all = parameters_of<T>(optimizer, [&](const char* name) { return call.panels(name); });
        const Update<T> settings = update_of(call, optimizer);
        Totals<T> totals{};
        const auto move = [](T* p, std::size_t by) { return p ? p + by : nullptr; };
        for (std::size_t j = 0; j < dZ.cols; j += call.kernels.panel) {
            const Run<T> run = all.run();
            const std::size_t by = j * X.columns;
            call.kernels.dense_back(X.data(), X.ld, dZ.data() + j, dZ.ld, X.rows, X.columns,
                                    std::min(call.kernels.panel, dZ.cols - j),
                                    {run.theta + by, move(run.first, by), move(run.second, by), move(run.g, by)}, optimizer,
                                    settings, totals);
        }
        return all.results(optimizer, penalty_of(settings, totals),
                           [&](const std::vector<T>& v) { return call.from_panels(v, X.columns, dZ.columns); });
    }
};

// ---- activations and losses

template <class T> Matrix<T> activated(const Call<T>& call, Activation activation, Matrix<T>& Z) {
    Matrix<T> A = Z;
    const bool in_place = !call.apart && !call.kernels.needs_Z[activation];
    call.kernels.activate[activation](in_place ? A.data() : Z.data(), A.data(), Z.rows, Z.columns, Z.cols, Z.ld);
    return A;
}

struct ActivateDoor {
    Activation activation;
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto Z = call.matrix("Z");
        return one<T>("A", array(activated(call, activation, Z)));
    }
};

struct ActivateBackDoor {
    Activation activation;
    template <class T> nb::dict operator()(const Call<T>& call) const {
        auto Z = call.matrix("Z"), dA = call.matrix("dA");
        auto A = activated(call, activation, Z);
        if (!call.kernels.needs_Z[activation]) std::fill(Z.numbers.begin(), Z.numbers.end(), std::numeric_limits<T>::quiet_NaN());
        call.kernels.activate_back[activation](dA.data(), Z.data(), A.data(), Z.rows, Z.columns, Z.cols, Z.ld);
        return one<T>("dZ", zero_padded(dA));
    }
};

struct LossDoor {
    Loss loss;
    Activation natural_output;  // identity for the losses that look at A
    template <class T> nb::dict operator()(const Call<T>& call) const {
        const bool natural = natural_output != identity;
        auto Z = call.matrix(natural ? "Z" : "A"), Y = call.matrix("Y");
        auto A = activated(call, natural_output, Z), dQ = call.empty(Z.rows, Z.columns);
        Z.pad_with(std::numeric_limits<T>::quiet_NaN());
        A.pad_with(std::numeric_limits<T>::quiet_NaN());
        dQ.pad_with(1);
        const auto w = call.plain("w");
        double option = 0, total = 0;
        for (const char* name : {"delta", "q", "smoothing"})
            if (call.given.contains(name)) option = call.number(name);
        std::vector<double> L(Z.rows);
        call.kernels.loss[loss]({Z.data(), A.data(), Y.data(), w.data(), Z.rows, Z.columns, Z.cols, Z.ld,
                                 static_cast<T>(option), dQ.data(), L.data()});
        for (const double each : L) total += each;
        nb::dict results = one<T>("L", nb::float_(total));
        results[natural ? "dZ" : "dA"] = zero_padded(dQ);
        return results;
    }
};

// ---- the table

struct Door {
    std::string name;
    Names replaces;
    std::function<nb::dict(const Call<float>&)> on_floats;
    std::function<nb::dict(const Call<double>&)> on_doubles;

    template <class Kernel>
    Door(std::string name, Names replaces, Kernel kernel)
        : name(std::move(name)), replaces(std::move(replaces)), on_floats(kernel), on_doubles(kernel) {}

    nb::dict operator()(const std::string& level, const nb::dict& given, bool apart) const {
        for (const auto& [_, operand] : given)
            if (Plain<float> floats; nb::try_cast(operand, floats, false))
                return on_floats({kernels_at<float>(level), given, apart});
        return on_doubles({kernels_at<double>(level), given, apart});
    }
};

std::vector<Door> doors() {
    std::vector<Door> all{
        {"product", {"dense"}, Product{}},
        {"dense_row", {"dense"}, DenseRow{}},
        {"transpose, product", {"dense_back_input"}, BackInput{}},
        {"column_sums", {"dense_back"}, ColumnSums{}},
        {"update gradient", {"penalty", "penalty_back"}, UpdateDoor{gradient}},
        {"dense_back gradient", {"dense_back", "penalty", "penalty_back"}, DenseBack{gradient}},
    };
    for (std::size_t o = 0; o < optimizer_names.size(); ++o) {
        const auto& name = optimizer_names[o];
        const auto optimizer = static_cast<Optimizer>(o);
        all.emplace_back("update " + name, Names{"penalty", "penalty_back", name}, UpdateDoor{optimizer});
        all.emplace_back("dense_back " + name, Names{"dense_back", "penalty", "penalty_back", name}, DenseBack{optimizer});
    }
    for (std::size_t a = 0; a < activation_names.size(); ++a) {
        const auto& name = activation_names[a];
        const auto activation = static_cast<Activation>(a);
        all.emplace_back("activate " + name, Names{name}, ActivateDoor{activation});
        all.emplace_back("activate_back " + name, Names{name, name + "_back"}, ActivateBackDoor{activation});
    }
    for (std::size_t l = 0; l < loss_names.size(); ++l) {
        const auto& name = loss_names[l];
        const auto loss = static_cast<Loss>(l);
        if (loss == poisson)
            all.emplace_back("loss " + name, Names{"exp", name, "natural_back"}, LossDoor{loss, exp_});
        else if (loss == binary_cross_entropy)
            all.emplace_back("loss " + name, Names{"sigmoid", name, "natural_back"}, LossDoor{loss, sigmoid});
        else if (loss == cross_entropy)
            all.emplace_back("loss " + name, Names{"softmax", "label_smoothing", name, "natural_back"}, LossDoor{loss, softmax});
        else
            all.emplace_back("loss " + name, Names{name, name + "_back"}, LossDoor{loss, identity});
    }
    return all;
}

}  // namespace

void bind_doors(nb::module_& m) {
    nb::class_<Door>(m, "Kernel")
        .def_ro("name", &Door::name)
        .def_ro("replaces", &Door::replaces)
        .def("__call__", &Door::operator(), "level"_a, "given"_a, "apart"_a = false);
    m.def("kernels", &doors);
}

}  // namespace clearprop
