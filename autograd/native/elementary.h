/* Elementary functions for many numbers at once: straight lines of arithmetic, without a branch, a table
   or a call, so that a compiler makes vector instructions of a loop over them.

   Each is within 2 units in the last place over all doubles, and right at signed zeros, infinities and nan;
   tests/test_elementary.py measures it. Compile with -O3 -ffp-contract=off -fno-math-errno
   -fno-trapping-math: both sides of a choice are computed and one is taken.

   The polynomials are minimax, by Remez' exchange with mpmath in 40 digits. The coefficients stand four and
   four, each four lowest power first and the low powers last; above them is what they approximate, where,
   and how large the error becomes. */

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Inlined however large the loop's function is, or the loop would call. */
#if defined(_MSC_VER)
#define LANE static __forceinline
#else
#define LANE static inline __attribute__((always_inline))
#endif

/* a * b + c: rounded once where the processor can; the accuracy does not depend on it. */
#ifndef MADD
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
#define MADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif
#endif

/* a + b x + c x^2 + d x^3 */
#define CUBIC(x, x2, a, b, c, d) MADD(x2, MADD(x, d, c), MADD(x, b, a))

#define ROUNDER 0x1.8p52 /* x + ROUNDER is x to the nearest whole number, in the low bits */
#define LN2_HIGH 0x1.62e42feep-1 /* 32 bits: its products with exponents are exact */
#define LN2_LOW 0x1.a39ef35793c76p-33

LANE uint64_t bits_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

LANE double double_of(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The upper half of the digits: the product of two such is exact. */
LANE double upper_half(double x) { return double_of(bits_of(x) & 0xfffffffff8000000u); }

/* EXPONENTIALS */

/* e^x = (1 + r + tail) * 2^n, with |r| <= ln(2)/2 and tail about r^2/2. */
typedef struct {
    double r, tail;
    uint64_t shifted; /* n + 2046 in the low 12 bits */
} Exponential;

/* e^(x - less), for |x| <= 800 and a tiny `less`. */
LANE Exponential exponential(double x, double less) {
    Exponential e;
    double whole = MADD(x, 0x1.71547652b82fep+0, ROUNDER + 2046.0); /* x / ln 2 */
    double n = whole - (ROUNDER + 2046.0);
    double high = MADD(n, -LN2_HIGH, x), low = MADD(n, LN2_LOW, less);
    double r = high - low, r2 = r * r, r4 = r2 * r2;
    /* (e^r - 1 - r)/r^2 for r within +-0.3475: 2^-55 of e^r - 1 */
    double q = MADD(r4 * r4, MADD(r, 0x1.af781db8b6233p-26, 0x1.28a3876094182p-22),
        MADD(r4, CUBIC(r, r2, 0x1.6c16c17f7547cp-10, 0x1.a01a01b632f9cp-13,
                              0x1.a019a5b8644f9p-16, 0x1.71dde929fe3dap-19),
                 CUBIC(r, r2, 0x1.0000000000005p-1, 0x1.555555555555dp-3,
                              0x1.5555555552025p-5, 0x1.111111110e5e3p-7)));
    e.r = r;
    e.tail = MADD(r2, q, (high - r) - low);
    e.shifted = bits_of(whole);
    return e;
}

LANE double fraction(Exponential e) { return 1.0 + (e.r + e.tail); }

/* The fraction as its double, and what that lost. */
LANE double fraction_and_rest(Exponential e, double *rest) {
    double one = 1.0 + e.r, others = (e.r - (one - 1.0)) + e.tail, head = one + others;
    *rest = others - (head - one);
    return head;
}

/* 2^(n - less), n from the low bits, where that is a normal number. */
LANE double power_of_two(uint64_t shifted, uint64_t less) {
    return double_of((shifted - 1023u - less) << 52);
}

/* 2^(n/2), n/2 rounded down and up: times the one and the other, a subnormal result is rounded once. */
LANE double first_half(uint64_t shifted) { return double_of((shifted >> 1) << 52); }
LANE double other_half(uint64_t shifted) {
    return double_of((shifted - (shifted >> 1)) << 52);
}

LANE double lane_exp(double x) {
    Exponential e = exponential(x, 0.0);
    double out = fraction(e) * first_half(e.shifted) * other_half(e.shifted);
    out = x > 710.0 ? INFINITY : out;
    return x < -746.0 ? 0.0 : out; /* nan stays */
}

LANE double lane_expm1(double x) {
    Exponential e = exponential(x, 0.0);
    double half = power_of_two(e.shifted, 1); /* 2^n overflows a step before the result */
    double base = half - 0.5, step = half * e.r;
    double sum = base + step, lost = (base - sum) + step;
    double out = 2.0 * (sum + MADD(half, e.tail, lost));
    out = x > 710.0 ? INFINITY : out;
    out = x < -40.0 ? -1.0 : out;
    return fabs(x) < 0x1p-54 ? x : out;
}

/* 1/(1 + e^-x), and e^x/(1 + e^x) below 0: divided, then corrected by what the rounded divisor lost. */
LANE double lane_sigmoid(double x) {
    double a = fabs(x);
    Exponential e = exponential(a > 746.0 ? -746.0 : -a, 0.0);
    double rest, head = fraction_and_rest(e, &rest);
    double first = first_half(e.shifted), other = other_half(e.shifted), power = first * other;
    double scaled = head * power, divisor = 1.0 + scaled;
    double lost = ((1.0 - divisor) + scaled) + rest * power;
    int below = x < 0.0;
    double out = (below ? head : 1.0) / divisor;
    double inverse = below ? 1.0 - out * power : out; /* 1 - e/(1 + e) = 1/(1 + e) */
    out = MADD(inverse, (below ? rest : 0.0) - out * lost, out);
    return out * (below ? first : 1.0) * (below ? other : 1.0);
}

LANE double lane_tanh(double x) {
    double a = fabs(x);
    double z = x * x, z2 = z * z, z4 = z2 * z2;
    /* (tanh(x) - x)/x^3 in z = x^2, x below 0.55: 2^-60 of tanh */
    double p = MADD(z4 * z4, MADD(z2, -0x1.477001f3f108cp-16,
                                  MADD(z, 0x1.5d9c1c091c8eep-14, -0x1.e97e21b76db84p-13)),
        MADD(z4, CUBIC(z, z2, -0x1.226e2f2dcc908p-7, 0x1.d6d29f6a403f8p-9,
                              -0x1.7d9002fa1642cp-10, 0x1.3485251e036a4p-11),
                 CUBIC(z, z2, -0x1.555555555554fp-2, 0x1.11111111107e6p-3,
                              -0x1.ba1ba1b981598p-5, 0x1.664f485a3ffdbp-6)));
    double near = MADD(a * z, p, a);
    Exponential e = exponential(2.0 * a, 0.0);
    double power = power_of_two(e.shifted, 0);
    double far = 1.0 - 2.0 / MADD(fraction(e), power, 1.0);
    far = a > 22.0 ? 1.0 : far;
    return copysign(a < 0.55 ? near : far, x);
}

/* LOGARITHMS */

/* log((1 + f - less) * 2^k), for 1 + f from sqrt(1/2) to sqrt(2) and a tiny `less`. */
LANE double logarithm(double f, double less, double k) {
    double s = f / (2.0 + f), z = s * s, z2 = z * z; /* log(1 + f) = 2 artanh(s) */
    /* (2 artanh(s) - 2s)/s^3 in z = s^2, s within +-0.1717: 2^-58 of the logarithm */
    double p = MADD(z2 * z2, MADD(z2, 0x1.2f0e41d0fb902p-3,
                                  MADD(z, 0x1.39a0ee8ee8b4fp-3, 0x1.746645ee14d52p-3)),
        CUBIC(z, z2, 0x1.5555555555592p-1, 0x1.999999997fc33p-2,
                     0x1.249249420eaa9p-2, 0x1.c71c51ebed921p-3));
    double half_square = 0.5 * f * f;
    double low = MADD(s, MADD(z, p, half_square), k * LN2_LOW - less);
    return MADD(k, LN2_HIGH, -((half_square - low) - f));
}

/* x = m * 2^k, with m from sqrt(1/2) to sqrt(2): k + 1023 stands in the upper bits of what comes back. */
#define ROOT_HALF 0x3fe6a09e667f3bcdu
LANE uint64_t split(double x) { return bits_of(x) + (0x3ff0000000000000u - ROOT_HALF); }
LANE double mantissa(uint64_t parts) {
    return double_of((parts & 0x000fffffffffffffu) + ROOT_HALF);
}
LANE double exponent(uint64_t parts, double bias) {
    return double_of((parts >> 52) | 0x4330000000000000u) - (0x1p52 + bias);
}

/* The value of a logarithm at y, or what it is at its edges. */
LANE double at_edges(double out, double y) {
    out = y < INFINITY ? out : y; /* infinity and nan */
    out = y == 0.0 ? -INFINITY : out;
    return y < 0.0 ? NAN : out;
}

LANE double lane_log(double x) {
    int subnormal = x < 0x1p-1022;
    uint64_t parts = split(subnormal ? x * 0x1p54 : x);
    double k = exponent(parts, subnormal ? 1077.0 : 1023.0);
    return at_edges(logarithm(mantissa(parts) - 1.0, 0.0, k), x);
}

LANE double lane_log1p(double x) {
    double y = 1.0 + x, back = y - 1.0;
    double lost = (1.0 - (y - back)) + (x - back); /* 1 + x = y + lost */
    uint64_t parts = split(y);
    double m = mantissa(parts), k = exponent(parts, 1023.0);
    double scale = double_of(bits_of(m) - bits_of(y) + 0x3ff0000000000000u); /* 2^-k */
    double more = y < 0x1p60 ? lost * scale : 0.0;
    double high = m - 1.0, f = high + more;
    double out = at_edges(logarithm(f, (f - high) - more, k), y);
    return fabs(x) < 0x1p-54 ? x : out;
}

/* THE NORMAL DISTRIBUTION */

/* erf(x)/x - 1 in z = x^2, x below 1: 2^-56 */
LANE double erf_ratio(double z) {
    double z2 = z * z, z4 = z2 * z2;
    return MADD(z4 * z4, CUBIC(z, z2, 0x1.b98279a6a1fb2p-20, -0x1.5c16db93af087p-23,
                                      0x1.d7846791ac316p-27, -0x1.acdf8a53098ffp-31),
        MADD(z4, CUBIC(z, z2, 0x1.565bccfa991ddp-8, -0x1.c02db072c7df3p-11,
                              0x1.f9a2bf707fd7fp-14, -0x1.f4ca946c9fec6p-17),
                 CUBIC(z, z2, 0x1.06eba8214db68p-3, -0x1.812746b0379c2p-2,
                              0x1.ce2f21a041014p-4, -0x1.b82ce312061e6p-6)));
}

LANE double lane_erf(double x) {
    double a = fabs(x), t = a - 1.0;
    double t2 = t * t, t4 = t2 * t2, t8 = t4 * t4;
    /* -log(erfc(1 + t)), t from 0 to 4.9375: 2^-57 of erf */
    double h = MADD(t8, MADD(t8, MADD(t, 0x1.56445d1c195acp-38, -0x1.0659be8115699p-33),
                    MADD(t4, CUBIC(t, t2, -0x1.f23acda135016p-25, 0x1.1ecb5bf76c11fp-25,
                                          -0x1.24aa159ea73f5p-27, 0x1.6a8913d098e9cp-30),
                             CUBIC(t, t2, 0x1.c852c6631d209p-16, -0x1.4484b3d235e93p-17,
                                          0x1.1e25ba306748bp-19, -0x1.b7de8872f1ee0p-23))),
        MADD(t4, CUBIC(t, t2, -0x1.48c9d37fa686bp-7, 0x1.033f5a10533c9p-9,
                              -0x1.f1b049e4a5dffp-13, -0x1.b92de813e02bbp-16),
                 CUBIC(t, t2, 0x1.d97fbf27aa2a1p+0, 0x1.51c9b0006c21ap+1,
                              0x1.afabc11a2afe1p-1, 0x1.5477f099b6200p-5)));
    Exponential e = exponential(-h, 0.0);
    double far = 1.0 - fraction(e) * power_of_two(e.shifted, 0);
    double near = MADD(a, erf_ratio(a * a), a);
    far = a > 5.9375 ? 1.0 : far;
    return copysign(a < 1.0 ? near : far, x);
}

/* e^-x^2 / (x + 11/16) times a slowly changing w; halves of the digits keep what a rounding would lose. */
LANE double lane_erfc(double x) {
    double a = fabs(x), within = a > 28.0 ? 28.0 : a;
    double upper = upper_half(within), square = upper * upper;
    double others = (within - upper) * (within + upper), sum = square + others;
    Exponential e = exponential(-sum, (square - sum) + others);
    double rest, head = fraction_and_rest(e, &rest);

    double divisor = within + 0.6875, lost = (within - divisor) + 0.6875;
    double wide = within + 4.0, inverse = 1.0 / (divisor * wide);
    double y = upper_half(wide * inverse), left = upper_half(divisor);
    double error = ((1.0 - y * left) - y * (divisor - left)) - y * lost;
    double y_rest = y * MADD(error, error, error); /* 1 / (divisor + lost) = y + y_rest */

    double t = (within - 4.0) * (divisor * inverse), t2 = t * t, t4 = t2 * t2, t8 = t4 * t4;
    /* (x + 11/16) e^x^2 erfc(x) - 0.642578125 in t = (x - 4)/(x + 4), x from 15/32 to 28: 2^-58 */
    double v = MADD(t8, MADD(t8, MADD(t4, MADD(t, -0x1.4d78dd7976cd0p-28, -0x1.b5b00df19881dp-28),
                                      CUBIC(t, t2, 0x1.9fe8bc4fb7424p-24, -0x1.a5dfca50364f4p-22,
                                                   0x1.45d7a5fa33a99p-25, 0x1.ab6c4e02fca14p-25)),
                    MADD(t4, CUBIC(t, t2, 0x1.2a23c7932e9eap-14, -0x1.a55115cc1d893p-17,
                                          -0x1.5399e85a3d7cep-18, 0x1.74c73e14e59d9p-19),
                             CUBIC(t, t2, -0x1.e0dff4d20d77bp-8, 0x1.3622c6b756e68p-9,
                                          -0x1.9191f023f8d65p-12, -0x1.63c1c248d9e45p-14))),
        MADD(t4, CUBIC(t, t2, -0x1.ecfa265f0cf0fp-6, 0x1.1efeff944d912p-5,
                              -0x1.bf3a479b29dd0p-6, 0x1.09050a14a1172p-6),
                 CUBIC(t, t2, -0x1.9c4410cbf89f6p-12, -0x1.e4e886ebe14e2p-4,
                              0x1.8ef2cfb48c0e8p-5, 0x1.aa02296ae7d4dp-9)));
    double all = 0.642578125 + v, w = upper_half(all), w_rest = v - (w - 0.642578125);

    double ratio = y * w, ratio_rest = MADD(y, w_rest, y_rest * all);
    double product = MADD(head, ratio, MADD(rest, ratio, head * ratio_rest));
    double far = product * first_half(e.shifted) * other_half(e.shifted);
    double near = 1.0 - MADD(x, erf_ratio(x * x), x);
    return a < 0.46875 ? near : x < 0.0 ? 2.0 - far : far;
}

/* SINE AND COSINE: for |x| up to LANE_REACH; what comes back beyond it is no sine. */

#define LANE_REACH 1e5 /* so far the products with the first two parts of pi/2 are exact */

/* sin(x + quarters * pi/2) */
LANE double sine(double x, uint64_t quarters) {
    double whole = MADD(x, 0x1.45f306dc9c883p-1, ROUNDER), n = whole - ROUNDER; /* x / (pi/2) */
    /* pi/2 in three parts: r + rest = x - n pi/2 */
    double first = MADD(n, -0x1.921fb5444p+0, x), second = n * 0x1.68c234c4cp-39;
    double both = first - second, back = both - first;
    double lost = (first - (both - back)) - (second + back);
    double low = n * 0x1.98a2e03707345p-77 - lost;
    double r = both - low, rest = (both - r) - low;
    double z = r * r, z2 = z * z, half = 0.5 * z;
    /* (sin(r) - r)/r^3 and (cos(r) - 1 + z/2)/z^2 in z = r^2, r within +-0.7855: 2^-58 and 2^-64 */
    double p = MADD(z2 * z2, MADD(z, 0x1.5d9303a386784p-33, -0x1.ae5e664f4163ap-26),
        CUBIC(z, z2, -0x1.5555555555549p-3, 0x1.111111110f87dp-7,
                     -0x1.a01a019c11da3p-13, 0x1.71de3577e0552p-19));
    double q = MADD(z2 * z2, MADD(z, -0x1.8fae94941474bp-37, 0x1.1ee9ebe3e59f0p-29),
        CUBIC(z, z2, 0x1.555555555554cp-5, -0x1.6c16c16c15181p-10,
                     0x1.a01a019cb1e96p-16, -0x1.27e4f809fa9d1p-22));
    double odd = r + MADD(z * r, p, MADD(-half, rest, rest));
    double one = 1.0 - half;
    double even = one + (((1.0 - one) - half) + MADD(z2, q, -r * rest));
    uint64_t turn = bits_of(whole) + quarters, swap = 0u - (turn & 1u);
    return double_of(((bits_of(odd) & ~swap) | (bits_of(even) & swap)) ^ ((turn & 2u) << 62));
}

LANE double lane_sin(double x) { return x == 0.0 ? x : sine(x, 0); }
LANE double lane_cos(double x) { return sine(x, 1); }
