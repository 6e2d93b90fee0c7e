// The elementary functions that activations and losses need, on vectors: no tables, no branches, at most 4 ulp off.
//
// One reduction and three polynomials serve them all; the coefficients come from tools/fit_polynomials.py. The errors
// below are the largest seen in sweeps over the whole range, down to the subnormal numbers, in units in the last place
// of the right result (ulp), with FMA and without. NaN gives NaN everywhere. Everything is inlined by attribute, as GCC
// would call the longer ones, and load their constants anew for each vector.
#pragma once

#include "simd.hpp"

namespace clearprop {
namespace CLEARPROP_LEVEL {

template <class V> struct Constants;

template <> struct Constants<F> {
    static constexpr int mantissa_bits = 23;
    // 1.5·2²³ + 127: a number of at most 2²² added to it is rounded to a whole number k, and its lowest bits are
    // k + 127, which is the exponent of 2^k as it stands in memory.
    static constexpr float to_exponent = 12583039.0f;
    static constexpr float least_normal = 1.17549435e-38f;  // its bits: 1 in the exponent, 0 elsewhere
    static constexpr float log2_e = 1.44269504f;
    // ln 2 in two parts; the first has so few digits that its product with k is exact (Cody, Waite 1980).
    static constexpr float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;

    static constexpr float exp_zero = -104.0f, exp_infinite = 89.0f;              // where exp is 0, and ∞
    static constexpr float normal_exp_zero = -88.05f, normal_exp_infinite = 88.73f;  // beyond −127 ln 2, 128 ln 2
    static constexpr float erf_one = 4.25f;                                       // from where on erf is 1

    static constexpr float exp_rest[] = {0.499999981f, 0.166665438f, 0.0416672045f, 0.0083665008f, 0.00138821635f};
    static constexpr float log1p_rest[] = {-0.499999328f,  0.333305123f, -0.249585973f,  0.196954495f, -0.153555341f,
                                           0.106807859f, -0.0576667049f, 0.0202057866f, -0.00331873951f};
    static constexpr float erf_slope = 1.12837914f;
    static constexpr float erf_rest[] = {-0.999996502f, 0.752177769f,  -0.499370614f,
                                         0.298168696f,  -0.159614643f, 0.0742185237f, -0.0282793113f,
                                         0.00818787777f, -0.00164352087f, 0.00019997118f, -1.09760504e-5f};
};

template <> struct Constants<D> {
    static constexpr int mantissa_bits = 52;
    static constexpr double to_exponent = 6755399441056767.0;  // 1.5·2⁵² + 1023
    static constexpr double least_normal = 2.2250738585072014e-308;
    static constexpr double log2_e = 1.4426950408889634;
    static constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

    static constexpr double exp_zero = -746.0, exp_infinite = 710.0;
    static constexpr double normal_exp_zero = -709.1, normal_exp_infinite = 709.8;  // beyond −1023 ln 2, 1024 ln 2
    static constexpr double erf_one = 6.25;

    static constexpr double exp_rest[] = {0.50000000000000052,   0.16666666666666589,   0.04166666666657686,
                                          0.0083333333333896454, 0.0013888888931529501, 0.00019841269718649203,
                                          2.4801505317772359e-5, 2.7557407986730953e-6, 2.762601985132839e-7,
                                          2.5053598559822919e-8};
    static constexpr double log1p_rest[] = {
        -0.4999999999999946,    0.33333333333235075,   -0.24999999993678166,   0.19999999791365104,
        -0.16666662499176372,   0.14285658904288189,   -0.12499479664803313,   0.11107506277649375,
        -0.099810160820686698,  0.090131573757533902,  -0.080812209868200391,  0.070355614329042708,
        -0.057502325614100132,  0.042300500509081975,  -0.026744323210429114,  0.013838839530284145,
        -0.0055432343502861826, 0.0015957843578409991, -0.00029177039001231809, 2.5330841072110974e-5};
    static constexpr double erf_slope = 1.1283791670955124;
    static constexpr double erf_rest[] = {
        -0.99999999999993466,   0.7522527780592748,     -0.49999999988211925,
        0.30090110954915198,    -0.16666665201932367,   0.085971660166952898,   -0.041666308145593646,
        0.019103722211311684,   -0.008330702681907962,  0.0034687230281695784,  -0.0013816561096453525,
        0.00052572213856248486, -0.00018987063125754496, 6.4281497788941315e-5, -2.003468420463292e-5,
        5.6242862654880979e-6,  -1.3891908594678893e-6, 2.9478274183985564e-7,  -5.2437594217926672e-8,
        7.6130956106210392e-9,  -8.7358306406077181e-10, 7.588354253570192e-11, -4.6729450601143194e-12,
        1.8129003699678288e-13, -3.3242984604229923e-15};
};

// c[0] + c[1] x + c[2] x² + … : neighbours are joined in pairs, the pairs are coefficients in x², and so on (Estrin
// 1960), so that no operation waits for a long row of others, as it would in Horner's scheme.
template <class V, class Coefficient, std::size_t n>
[[gnu::always_inline]] inline V polynomial(V x, const Coefficient (&c)[n]) {
    if constexpr (n == 2) {
        return c[0] + c[1] * x;
    } else if constexpr (n == 3) {
        return c[0] + (c[1] + c[2] * x) * x;
    } else {
        V pairs[(n + 1) / 2];
        for (std::size_t i = 0; i < n / 2; ++i) pairs[i] = c[2 * i] + c[2 * i + 1] * x;
        if constexpr (n % 2 == 1) pairs[n / 2] = c[n - 1] - V{};
        return polynomial(x * x, pairs);
    }
}

// The size of `size`, which is not negative, with the sign of `x`.
template <class V> [[gnu::always_inline]] inline V with_sign_of(V x, V size) {
    return (V)((Int<V>)size | ((Int<V>)x & (Int<V>)all<V>(Scalar<V>(-0.0))));
}

// x = k ln 2 + r with k whole and |r| ≤ ½ ln 2, for x of no more than a few thousand.
template <class V> struct Reduced {
    V k;
    V r;
    V two_to_k;  // 0 for the k below the exponents of normal numbers, ∞ for the one above; nonsense beyond

    [[gnu::always_inline]] explicit Reduced(V x) {
        using C = Constants<V>;
        const V rounded = x * C::log2_e + C::to_exponent;
        k = rounded - C::to_exponent;
        r = (x - k * C::ln2_high) - k * C::ln2_low;
        two_to_k = (V)((Int<V>)rounded << C::mantissa_bits);
    }
};

// exp(r) − 1 for |r| ≤ ½ ln 2: r + r² q(r).
template <class V> [[gnu::always_inline]] inline V expm1_near_zero(V r) {
    return r + r * r * polynomial(r, Constants<V>::exp_rest);
}

#if defined(__AVX512F__)
// x·2^k, rounded once. The masks keep all lanes; GCC 12 warns of the plain forms.
inline F scale(F x, F k) { return (F)_mm512_maskz_scalef_ps(0xffff, (__m512)x, (__m512)k); }
inline D scale(D x, D k) { return (D)_mm512_maskz_scalef_pd(0xff, (__m512d)x, (__m512d)k); }
#else
// x·2^k for a k so small that 2^k alone may not be a number: in two steps, of which only the second can round.
template <class V> [[gnu::always_inline]] inline V scale(V x, V k) {
    using C = Constants<V>;
    const V half = k * Scalar<V>(0.5) + C::to_exponent;
    const V rest = k - (half - C::to_exponent) + C::to_exponent;
    return x * (V)((Int<V>)half << C::mantissa_bits) * (V)((Int<V>)rest << C::mantissa_bits);
}
#endif

// exp(x), down to the last subnormal number. Error: float 1.1 ulp, double 1.1; without FMA alike.
template <class V> [[gnu::always_inline]] inline V exp(V x) {
    using C = Constants<V>;
    const Reduced<V> part(minimum<V>(maximum<V>(x, all<V>(C::exp_zero)), all<V>(C::exp_infinite)));
    return scale(expm1_near_zero(part.r) + 1, part.k);
}

// exp(x) as it goes into sums: below about the smallest normal number 0, above half the largest ∞.
template <class V> [[gnu::always_inline]] inline V normal_exp(V x) {
#if defined(__AVX512F__)
    return exp(x);
#else
    using C = Constants<V>;
    const Reduced<V> part(minimum<V>(maximum<V>(x, all<V>(C::normal_exp_zero)), all<V>(C::normal_exp_infinite)));
    return (expm1_near_zero(part.r) + 1) * part.two_to_k;
#endif
}

// exp(x) − 1 for |x| ≤ 80.
template <class V> [[gnu::always_inline]] inline V small_expm1(V x) {
    const Reduced<V> part(x);
    return expm1_near_zero(part.r) * part.two_to_k + (part.two_to_k - 1);
}

// exp(x) − 1; 0 for −0. Error: float 1.7 ulp, double 2.3; without FMA 1.8, 2.4.
template <class V> [[gnu::always_inline]] inline V expm1(V x) {
    using C = Constants<V>;
    const Reduced<V> part(minimum<V>(maximum<V>(x, all<V>(-50)), all<V>(C::exp_infinite)));
    // By halves, as 2^k is not a number any more for the last k.
    const V half_of_two_to_k = (V)((Int<V>)part.two_to_k - (Int<V>)all<V>(C::least_normal));
    return (expm1_near_zero(part.r) * half_of_two_to_k + (half_of_two_to_k - Scalar<V>(0.5))) * 2;
}

// ln(1 + u) for u in [0, 1] only, a polynomial. Error: float 1.5 ulp, double 1.7; without FMA 1.9, 2.1.
template <class V> [[gnu::always_inline]] inline V log1p(V u) {
    return u + u * u * polynomial(u, Constants<V>::log1p_rest);
}

// (e − 1)/(e + 1) with e = exp(2|x|), from expm1, so that nothing cancels near 0; 1 for |x| ≥ 20. Error: float 2.5 ulp,
// double 2.7; without FMA alike.
template <class V> [[gnu::always_inline]] inline V tanh(V x) {
    const V y = minimum<V>(abs(x), all<V>(20));
    const V e_minus_1 = small_expm1(y + y);
    return with_sign_of(x, e_minus_1 / (e_minus_1 + 2));
}

// erf(x), and on the way exp(−x²) (to the absolute accuracy of a sum with 1).
//
// erf(x) = (1 − exp(−x²)) + exp(−x²)·x·q(x) for x ≥ 0, where q(x) = (1 − exp(x²) erfc(x))/x is smooth, so that
// a polynomial serves, and neither part is negative, so that nothing cancels. It is added up as x·q +
// (exp(−x²) − 1)·(x·q − 1), where near 0 only the first term can round. Error: float 2.1 ulp, double 3.0; without FMA
// 3.0, 3.6.
template <class V> struct Erf {
    V erf;
    V exp_of_minus_square;

    [[gnu::always_inline]] explicit Erf(V x) {
        using C = Constants<V>;
        const V y = minimum<V>(abs(x), all<V>(C::erf_one));
        const V square = y * y;
        const V e_minus_1 = small_expm1(-square);
        const V y_q = y * C::erf_slope + square * polynomial(y, C::erf_rest);
        exp_of_minus_square = e_minus_1 + 1;
        erf = with_sign_of(x, e_minus_1 * (y_q - 1) + y_q);
    }
};

template <class V> [[gnu::always_inline]] inline V erf(V x) { return Erf<V>(x).erf; }

}  // namespace CLEARPROP_LEVEL
}  // namespace clearprop
