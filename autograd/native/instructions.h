/* All kernels of one instruction set, KERNELS_NAME, whose vectors are VECTOR_BYTES wide. Included by
   kernels_*.c, each of which is compiled for its own. */

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__AVX__)
#include <immintrin.h>
#endif
#include "elementary.h"
#define exp(x) lane_exp(x)
#define log(x) lane_log(x)
#define tanh(x) lane_tanh(x)
#define erf(x) lane_erf(x)
#define erfc(x) lane_erfc(x)
#define expm1(x) lane_expm1(x)
#define log1p(x) lane_log1p(x)
#define sigmoid(x) lane_sigmoid(x)
#define KERNEL LANE /* inlined always, or no loop over them runs in vectors */
#include "kernels.h"
#include "program.h"

/* ONE ROW OF NUMBERS: a layer's weights that lie side by side */

typedef struct { double parts[8]; } Eight;

static inline double sum_of_eight(const Eight *x) {
    const double *p = x->parts;
    return ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
}

/* Σ w·x in eight partial sums, so that they need not wait for each other. */
static inline double product_of(int n, const double *restrict w, const double *restrict x) {
    Eight sums = {{0}};
    int i = 0;
    for (; i + 8 <= n; i += 8)
        for (int k = 0; k < 8; k++) sums.parts[k] = MADD(w[i + k], x[i + k], sums.parts[k]);
    double sum = sum_of_eight(&sums);
    for (; i < n; i++) sum = MADD(w[i], x[i], sum);
    return sum;
}

static void row_layer_forward(const Run *run, const double *v, const double *x, double *out) {
    for (int o = 0; o < run->count; o++)
        if (run->w_first[o] >= 0) out[o] += product_of(run->n, v + run->w_first[o], x);
}

static inline void add_multiple(int n, double *restrict to, double h, const double *restrict x) {
    for (int i = 0; i < n; i++) to[i] = MADD(h, x[i], to[i]);
}

static void row_layer_backward(const Run *run, const double *v, double *g, const double *x, double *gx, const double *gout) {
    for (int o = 0; o < run->count; o++) {
        if (run->w_first[o] < 0 || gout[o] == 0) continue;
        if (run->wanted & 1) add_multiple(run->n, g + run->w_first[o], gout[o], x);
        if (run->wanted & 2) add_multiple(run->n, gx, gout[o], v + run->w_first[o]);
    }
}

/* MANY ROWS */

#define REAL double
#define DOUBLE_LANES
#define NAME(x) x##_double
#include "lanes.h"
#undef REAL
#undef DOUBLE_LANES
#undef NAME
#define REAL float
#define NAME(x) x##_single
#include "lanes.h"

#define JOINED(a, b) a##b
#define KERNELS_OF(name) JOINED(kernels_, name)
#define QUOTED(x) #x
#define TEXT_OF(x) QUOTED(x)

const Kernels KERNELS_OF(KERNELS_NAME) = {
    TEXT_OF(KERNELS_NAME), VECTOR_BYTES / 4 > 8 ? VECTOR_BYTES / 4 : 8,
    row_layer_forward, row_layer_backward, forward_double, backward_double, forward_single, backward_single,
};
