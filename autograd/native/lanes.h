/* Lanes: a program over a block of rows, a lane each, forward and backward. Included once for each
   kind of number, with REAL, NAME and VECTOR_BYTES defined, by kernels_*.c.

   Gradients of 0 are passed on like all others here, so that 0 * inf is nan: whoever finds a nan in the
   result runs the rows again by runs.h, which knows the rule. */

#if defined(__GNUC__)
typedef REAL NAME(vec) __attribute__((vector_size(VECTOR_BYTES), aligned(VECTOR_BYTES)));
#define VEC NAME(vec)
#define ALL(x) ((x) - (VEC){0}) /* the number x in all places */
#else
#define VEC REAL
#define ALL(x) (x)
#endif
#define EACH for (int l = 0; l < count; l++)

#if !defined(LANES_ONCE)
#define LANES_ONCE
enum { ROWS_AT_ONCE = 4, VECTORS_AT_ONCE = 2 };
/* w * x + y in one step where there is one: everywhere else the build forbids it */
#if defined(__clang__)
#define FUSED
#define FUSE _Pragma("clang fp contract(fast)")
#elif defined(__GNUC__)
#define FUSED __attribute__((optimize("fp-contract=fast")))
#define FUSE
#else
#define FUSED
#define FUSE
#endif
#endif
#define VECTOR_LANES ((int)(sizeof(VEC) / sizeof(REAL)))

static FUSED inline REAL NAME(sum_of)(VEC x) {
    REAL parts[sizeof(VEC) / sizeof(REAL)], sum = 0;
    memcpy(parts, &x, sizeof x);
    for (int i = 0; i < VECTOR_LANES; i++) sum += parts[i];
    return sum;
}

/* LAYERS: m weighted sums of the same n numbers, with weights that are the same in all lanes */

/* `rows` results of `vectors` vectors at once: as many sums as there are registers for. */
#define TILE(rows, vectors)                                                               \
    for (; o + rows <= run->count; o += rows)                                             \
        for (int k = k0; k + vectors <= k1; k += vectors) {                               \
            VEC sums[rows][vectors];                                                      \
            for (int p = 0; p < rows; p++)                                                \
                for (int t = 0; t < vectors; t++)                                         \
                    sums[p][t] = biases ? ALL(biases[o + p]) : own ? in[(size_t)own[o + p] * across + k + t] : ALL((REAL)0); \
            for (int i = 0; i < n; i++) {                                                 \
                const VEC *x = in + (size_t)list[i] * across + k;                         \
                for (int p = 0; p < rows; p++) {                                          \
                    VEC weight = ALL(w[(size_t)(o + p) * n + i]);                         \
                    for (int t = 0; t < vectors; t++) sums[p][t] += weight * x[t];        \
                }                                                                         \
            }                                                                             \
            for (int p = 0; p < rows; p++)                                                \
                for (int t = 0; t < vectors; t++) out[(size_t)(o + p) * across + k + t] = sums[p][t]; \
        }

static FUSED void NAME(layer_forward)(const Program *program, const Run *run, int width, REAL *v, const REAL *packed) {
    FUSE
    const int n = run->n, across = width / VECTOR_LANES;
    const int32_t *list = program->items + run->list;
    const REAL *w = packed + run->packed;
    const VEC *in = (const VEC *)v;
    VEC *restrict out = (VEC *)(v + (size_t)run->out * width);
    const REAL *biases = run->packed_bias >= 0 ? packed + run->packed_bias : NULL;
    const int32_t *own = run->operand[2];
    const int in_two = across - across % VECTORS_AT_ONCE, in_eight = across - across % 8;
    int o = 0;
    { const int k0 = 0, k1 = in_two; TILE(ROWS_AT_ONCE, VECTORS_AT_ONCE) }
    o = 0;
    { const int k0 = in_two, k1 = across; TILE(ROWS_AT_ONCE, 1) }
    const int left = o; /* rows by themselves: as many sums of each */
    { const int k0 = 0, k1 = in_eight; TILE(1, 8) }
    o = left;
    { const int k0 = in_eight, k1 = across; TILE(1, 1) }
}
#undef TILE

/* The gradient by the inputs: the same with the weights turned. */
#define TILE(rows, vectors)                                                               \
    for (; i + rows <= n; i += rows)                                                      \
        for (int k = k0; k + vectors <= k1; k += vectors) {                               \
            VEC sums[rows][vectors];                                                      \
            for (int p = 0; p < rows; p++)                                                \
                for (int t = 0; t < vectors; t++) \
                    sums[p][t] = run->sets ? ALL((REAL)0) : in[(size_t)list[i + p] * across + k + t]; \
            for (int o = 0; o < run->count; o++) {                                        \
                const VEC *h = out + (size_t)o * across + k;                              \
                for (int p = 0; p < rows; p++) {                                          \
                    VEC weight = ALL(w[(size_t)o * n + i + p]);                           \
                    for (int t = 0; t < vectors; t++) sums[p][t] += weight * h[t];        \
                }                                                                         \
            }                                                                             \
            for (int p = 0; p < rows; p++)                                                \
                for (int t = 0; t < vectors; t++) in[(size_t)list[i + p] * across + k + t] = sums[p][t]; \
        }

static FUSED void NAME(layer_by_inputs)(const Program *program, const Run *run, int width, REAL *g, const REAL *packed) {
    FUSE
    const int n = run->n, across = width / VECTOR_LANES;
    const int32_t *list = program->items + run->list;
    const REAL *w = packed + run->packed;
    VEC *in = (VEC *)g;
    const VEC *out = (const VEC *)(g + (size_t)run->out * width);
    int even = across - across % VECTORS_AT_ONCE;
    for (int part = 0; part < 2; part++) {
        const int k0 = part ? even : 0, k1 = part ? across : even;
        int i = 0;
        if (run->repeats) { /* one after the other, as two of them may be the same */
            if (part) { TILE(1, 1) } else { TILE(1, VECTORS_AT_ONCE) }
        } else if (part) {
            TILE(ROWS_AT_ONCE, 1)
            TILE(1, 1)
        } else {
            TILE(ROWS_AT_ONCE, VECTORS_AT_ONCE)
            TILE(1, VECTORS_AT_ONCE)
        }
    }
}
#undef TILE

/* The gradient by the weights, summed over the lanes. */
#define TILE(rows, columns)                                                               \
    for (int i = i0; i + columns <= i1; i += columns) {                                   \
        VEC sums[rows][columns];                                                          \
        for (int p = 0; p < rows; p++)                                                    \
            for (int q = 0; q < columns; q++) sums[p][q] = ALL((REAL)0);                  \
        for (int k = 0; k < across; k++) {                                                \
            VEC x[columns];                                                               \
            for (int q = 0; q < columns; q++) x[q] = in[(size_t)list[i + q] * across + k]; \
            for (int p = 0; p < rows; p++) {                                              \
                VEC h = out[(size_t)(o + p) * across + k];                                \
                for (int q = 0; q < columns; q++) sums[p][q] += h * x[q];                 \
            }                                                                             \
        }                                                                                 \
        for (int p = 0; p < rows; p++) NAME(add_sums_##columns)(sums[p], gw + (size_t)(o + p) * n + i); \
    }

static FUSED inline void NAME(add_sums_1)(const VEC *sums, REAL *to) { to[0] += NAME(sum_of)(sums[0]); }

static FUSED inline void NAME(add_sums_2)(const VEC *sums, REAL *to) {
    for (int q = 0; q < 2; q++) to[q] += NAME(sum_of)(sums[q]);
}

/* Four sums at once, turned so that what belongs together stands side by side. */
static FUSED inline void NAME(add_sums_4)(const VEC *sums, REAL *to) {
#if defined(__AVX__) && defined(DOUBLE_LANES) && VECTOR_BYTES == 32
    __m256d first = _mm256_hadd_pd((__m256d)sums[0], (__m256d)sums[1]);
    __m256d second = _mm256_hadd_pd((__m256d)sums[2], (__m256d)sums[3]);
    __m256d low = _mm256_blend_pd(first, second, 12), high = _mm256_permute2f128_pd(first, second, 0x21);
    _mm256_storeu_pd(to, _mm256_add_pd(_mm256_loadu_pd(to), _mm256_add_pd(low, high)));
#else
    for (int q = 0; q < 4; q++) to[q] += NAME(sum_of)(sums[q]);
#endif
}

static FUSED void NAME(layer_by_weights)(const Program *program, const Run *run, int width, const REAL *v, const REAL *g,
                                   REAL *packed_g) {
    FUSE
    const int n = run->n, across = width / VECTOR_LANES;
    const int32_t *list = program->items + run->list;
    REAL *gw = packed_g + run->packed;
    const VEC *in = (const VEC *)v, *out = (const VEC *)(g + (size_t)run->out * width);
    const int even = n - n % 4;
    const int pairs = even + (n - even) / 2 * 2;
    int o = 0;
    for (; o + 2 <= run->count; o += 2) { const int i0 = 0, i1 = even; TILE(2, 4) }
    for (; o < run->count; o++) { const int i0 = 0, i1 = even; TILE(1, 4) }
    for (o = 0; o + 4 <= run->count; o += 4) {
        { const int i0 = even, i1 = pairs; TILE(4, 2) }
        { const int i0 = pairs, i1 = n; TILE(4, 1) }
    }
    for (; o < run->count; o++) { const int i0 = even, i1 = n; TILE(1, 1) }
}
#undef TILE

static void NAME(layer_backward)(const Program *program, const Run *run, int width, const REAL *v, REAL *g,
                                 const REAL *packed, REAL *packed_g) {
    const int across = width / VECTOR_LANES;
    VEC *all = (VEC *)g;
    const VEC *out = (const VEC *)(g + (size_t)run->out * width);
    for (int o = 0; o < run->count && run->wanted & 4; o++) {
        VEC sum = ALL((REAL)0);
        for (int k = 0; k < across; k++) {
            if (run->packed_bias >= 0) sum += out[(size_t)o * across + k];
            else all[(size_t)run->operand[2][o] * across + k] += out[(size_t)o * across + k];
        }
        if (run->packed_bias >= 0) packed_g[run->packed_bias + o] += NAME(sum_of)(sum);
    }
    if (run->wanted & 2) NAME(layer_by_inputs)(program, run, width, g, packed);
    if (run->wanted & 1) NAME(layer_by_weights)(program, run, width, v, g, packed_g);
}

/* LISTS of lanes */

#define SLOT_OF(base, slot) ((base) + (size_t)(slot) * (size_t)count)
#define LISTED const int count = width, n = run->lengths ? run->lengths[o] : run->n

static void NAME(dot_forward)(const Program *program, const Run *run, int o, int width, REAL *restrict v) {
    LISTED;
    const int32_t *ws = program->items + run->operand[0][o], *xs = program->items + run->operand[1][o];
    REAL *restrict out = SLOT_OF(v, run->out + o);
    if (run->operand[2]) memcpy(out, SLOT_OF(v, run->operand[2][o]), (size_t)count * sizeof *out);
    else memset(out, 0, (size_t)count * sizeof *out);
    for (int i = 0; i < n; i++) {
        const REAL *w = SLOT_OF(v, ws[i]), *x = SLOT_OF(v, xs[i]);
        EACH out[l] += w[l] * x[l];
    }
}

static void NAME(dot_backward)(const Program *program, const Run *run, int o, int width, const REAL *v, REAL *g) {
    LISTED;
    const int32_t *ws = program->items + run->operand[0][o], *xs = program->items + run->operand[1][o];
    const REAL *restrict h = SLOT_OF(g, run->out + o);
    for (int i = 0; i < n; i++) {
        const REAL *w = SLOT_OF(v, ws[i]), *x = SLOT_OF(v, xs[i]);
        REAL *restrict gw = SLOT_OF(g, ws[i]);
        EACH gw[l] += h[l] * x[l];
        REAL *restrict gx = SLOT_OF(g, xs[i]);
        EACH gx[l] += h[l] * w[l];
    }
    if (!run->operand[2]) return;
    REAL *restrict bias = SLOT_OF(g, run->operand[2][o]);
    EACH bias[l] += h[l];
}

static void NAME(sum_forward)(const Program *program, const Run *run, int o, int width, REAL *restrict v) {
    LISTED;
    const int32_t *list = program->items + run->operand[0][o];
    REAL *restrict out = SLOT_OF(v, run->out + o);
    EACH out[l] = 0;
    for (int i = 0; i < n; i++) {
        const REAL *x = SLOT_OF(v, list[i]);
        EACH out[l] += x[l];
    }
    if (run->code == ROW_mean) EACH out[l] /= (REAL)n;
}

static void NAME(sum_backward)(const Program *program, const Run *run, int o, int width, REAL *g) {
    LISTED;
    const int32_t *list = program->items + run->operand[0][o];
    const REAL *restrict h = SLOT_OF(g, run->out + o);
    REAL share = run->code == ROW_mean ? (REAL)1 / (REAL)n : (REAL)1;
    for (int i = 0; i < n; i++) {
        REAL *restrict gx = SLOT_OF(g, list[i]);
        EACH gx[l] += h[l] * share;
    }
}

/* Exponentials of a list, less the largest, in `extra`, and their sum in `sum`; the largest in `top`. */
static void NAME(exponentials)(const Program *program, const Run *run, const int32_t *list, int n, int width, REAL *v,
                               REAL *restrict top, REAL *restrict sum) {
    const int count = width;
    (void)program;
    EACH top[l] = n ? SLOT_OF(v, list[0])[l] : (REAL)0;
    for (int i = 1; i < n; i++) {
        const REAL *x = SLOT_OF(v, list[i]);
        EACH top[l] = x[l] > top[l] ? x[l] : top[l];
    }
    EACH top[l] = top[l] - top[l] == 0 ? top[l] : (REAL)0;
    EACH sum[l] = 0;
    for (int i = 0; i < n; i++) {
        const REAL *x = SLOT_OF(v, list[i]);
        REAL *restrict power = SLOT_OF(v, run->extra + i);
        EACH power[l] = (REAL)exp(x[l] - top[l]);
        EACH sum[l] += power[l];
    }
}

/* logsumexp, and all results of a softmax or log_softmax; the shares of the sum stay in `extra`. */
static void NAME(softmax_forward)(const Program *program, const Run *run, int width, REAL *v) {
    const int count = width, n = run->n;
    const int32_t *list = program->items + run->list;
    REAL *top = SLOT_OF(v, run->extra + n), *sum = SLOT_OF(v, run->extra + n + 1);
    NAME(exponentials)(program, run, list, n, width, v, top, sum);
    for (int i = 0; i < n; i++) {
        REAL *restrict share = SLOT_OF(v, run->extra + i);
        EACH share[l] /= sum[l];
    }
    if (run->code != ROW_softmax) EACH sum[l] = (REAL)log(sum[l]);
    for (int o = 0; o < run->count; o++) {
        REAL *restrict out = SLOT_OF(v, run->out + o);
        int k = run->code == ROW_logsumexp ? 0 : run->operand[1][o];
        const REAL *x = SLOT_OF(v, list[k]), *share = SLOT_OF(v, run->extra + k);
        if (run->code == ROW_logsumexp) EACH out[l] = top[l] + sum[l];
        else if (run->code == ROW_softmax) EACH out[l] = share[l];
        else EACH out[l] = x[l] - top[l] - sum[l];
    }
}

static void NAME(softmax_backward)(const Program *program, const Run *run, int width, REAL *v, REAL *g) {
    const int count = width, n = run->n;
    const int32_t *list = program->items + run->list;
    REAL *restrict all = SLOT_OF(v, run->extra + n); /* what every input gets, per share of the sum */
    EACH all[l] = 0;
    for (int o = 0; o < run->count; o++) {
        const REAL *h = SLOT_OF(g, run->out + o), *out = SLOT_OF(v, run->out + o);
        if (run->code == ROW_logsumexp) EACH all[l] += h[l];
        else if (run->code == ROW_softmax) EACH all[l] -= h[l] * out[l];
        else EACH all[l] -= h[l];
    }
    for (int i = 0; i < n; i++) {
        const REAL *share = SLOT_OF(v, run->extra + i);
        REAL *restrict gx = SLOT_OF(g, list[i]);
        EACH gx[l] += share[l] * all[l];
    }
    for (int o = 0; o < run->count && run->code != ROW_logsumexp; o++) {
        const REAL *h = SLOT_OF(g, run->out + o), *out = SLOT_OF(v, run->out + o);
        REAL *restrict gx = SLOT_OF(g, list[run->operand[1][o]]);
        if (run->code == ROW_softmax) EACH gx[l] += h[l] * out[l];
        else EACH gx[l] += h[l];
    }
}

/* Any other reduction, lane by lane. */
static void NAME(list_forward)(const Program *program, const Run *run, int o, int width, REAL *v) {
    LISTED;
    const int32_t *list = program->items + run->operand[0][o];
    double *x = (double *)(void *)SLOT_OF(v, program->slots), *w = x + program->longest;
    EACH {
        for (int i = 0; i < n; i++) x[i] = SLOT_OF(v, list[i])[l];
        SLOT_OF(v, run->out + o)[l] = (REAL)reduction_value(run->code, n, x, w, 0);
    }
}

static void NAME(list_backward)(const Program *program, const Run *run, int o, int width, REAL *v, REAL *g) {
    LISTED;
    const int32_t *list = program->items + run->operand[0][o];
    double *x = (double *)(void *)SLOT_OF(v, program->slots), *w = x + program->longest;
    EACH {
        double h = SLOT_OF(g, run->out + o)[l];
        for (int i = 0; i < n; i++) x[i] = SLOT_OF(v, list[i])[l];
        double out = reduction_value(run->code, n, x, w, 0);
        for (int i = 0; i < n; i++)
            SLOT_OF(g, list[i])[l] += (REAL)(reduction_by(run->code, n, x, w, 0, out, i) * h);
    }
}

/* The index was checked before. */
static void NAME(take_forward)(const Program *program, const Run *run, int o, int width, REAL *v) {
    const int count = width;
    const int32_t *list = program->items + run->operand[0][o];
    const REAL *index = SLOT_OF(v, run->operand[1][o]);
    const int n = run->lengths[o];
    EACH {
        int at = (int)index[l];
        SLOT_OF(v, run->out + o)[l] = at >= 0 && at < n ? SLOT_OF(v, list[at])[l] : (REAL)NAN;
    }
}

static void NAME(take_backward)(const Program *program, const Run *run, int o, int width, const REAL *v, REAL *g) {
    const int count = width;
    const int32_t *list = program->items + run->operand[0][o];
    const REAL *index = SLOT_OF(v, run->operand[1][o]);
    const int n = run->lengths[o];
    EACH {
        int at = (int)index[l];
        if (at >= 0 && at < n) SLOT_OF(g, list[at])[l] += SLOT_OF(g, run->out + o)[l];
    }
}

/* ROWS OF THE TABLE with one, two or three inputs: a loop over `count` numbers for each */

#define FORWARD_1(name, row, selects)                                                     \
    static void NAME(forward_##name)(int count, REAL *restrict y, const REAL *a, const REAL *b, const REAL *c) { \
        (void)b; (void)c;                                                                 \
        EACH y[l] = (REAL)value_##name(a[l]);                                             \
    }
#define FORWARD_2(name, row, selects)                                                     \
    static void NAME(forward_##name)(int count, REAL *restrict y, const REAL *a, const REAL *b, const REAL *c) { \
        (void)c;                                                                          \
        EACH y[l] = (REAL)value_##name(a[l], b[l]);                                       \
    }
#define FORWARD_3(name, row, selects)                                                     \
    static void NAME(forward_##name)(int count, REAL *restrict y, const REAL *a, const REAL *b, const REAL *c) { \
        EACH y[l] = (REAL)value_##name(a[l], b[l], c[l]);                                 \
    }
ROWS_OF_1(FORWARD_1) ROWS_OF_2(FORWARD_2) ROWS_OF_3(FORWARD_3)
#undef FORWARD_1
#undef FORWARD_2
#undef FORWARD_3

#define BACKWARD(name, i, derivative)                                                     \
    static void NAME(backward##i##_##name)(int count, REAL *restrict to, const REAL *restrict h, const REAL *y, \
                                           const REAL *a, const REAL *b, const REAL *c) { \
        (void)a; (void)b; (void)c; (void)y;                                               \
        EACH to[l] += (REAL)(derivative) * h[l];                                          \
    }
#define BACKWARD_1(name, row, selects) BACKWARD(name, 0, by0_##name(a[l], y[l]))
#define BACKWARD_2(name, row, selects)                                                    \
    BACKWARD(name, 0, by0_##name(a[l], b[l], y[l])) BACKWARD(name, 1, by1_##name(a[l], b[l], y[l]))
#define BACKWARD_3(name, row, selects)                                                    \
    BACKWARD(name, 0, by0_##name(a[l], b[l], c[l], y[l])) BACKWARD(name, 1, by1_##name(a[l], b[l], c[l], y[l])) \
    BACKWARD(name, 2, by2_##name(a[l], b[l], c[l], y[l]))
ROWS_OF_1(BACKWARD_1) ROWS_OF_2(BACKWARD_2) ROWS_OF_3(BACKWARD_3)
#undef BACKWARD
#undef BACKWARD_1
#undef BACKWARD_2
#undef BACKWARD_3

typedef void NAME(Forward)(int count, REAL *restrict y, const REAL *a, const REAL *b, const REAL *c);
typedef void NAME(Backward)(int count, REAL *restrict to, const REAL *restrict h, const REAL *y, const REAL *a,
                            const REAL *b, const REAL *c);

#define ENTRY(name, row, selects) [row] = NAME(forward_##name),
static NAME(Forward) *const NAME(forwards)[ROW_COUNT] = {ROWS_OF_1(ENTRY) ROWS_OF_2(ENTRY) ROWS_OF_3(ENTRY)};
#undef ENTRY
#define ENTRY_1(name, row, selects) [row] = {NAME(backward0_##name)},
#define ENTRY_2(name, row, selects) [row] = {NAME(backward0_##name), NAME(backward1_##name)},
#define ENTRY_3(name, row, selects) \
    [row] = {NAME(backward0_##name), NAME(backward1_##name), NAME(backward2_##name)},
static NAME(Backward) *const NAME(backwards)[ROW_COUNT][3] = {ROWS_OF_1(ENTRY_1) ROWS_OF_2(ENTRY_2) ROWS_OF_3(ENTRY_3)};
#undef ENTRY_1
#undef ENTRY_2
#undef ENTRY_3

/* How many operands a run has that are not there is no matter: they are given the first. */
#define OPERAND(base, k, o) SLOT_OF(base, run->operand[k] ? run->operand[k][o] : run->operand[0][o])
#define ALL_SIDE_BY_SIDE 7

static void NAME(rows_forward)(const Run *run, int width, REAL *v) {
    const int count = width;
    NAME(Forward) *forward = NAME(forwards)[run->code];
    if (run->contiguous == ALL_SIDE_BY_SIDE) {
        forward(count * run->count, SLOT_OF(v, run->out), OPERAND(v, 0, 0), OPERAND(v, 1, 0), OPERAND(v, 2, 0));
        return;
    }
    for (int o = 0; o < run->count; o++)
        forward(count, SLOT_OF(v, run->out + o), OPERAND(v, 0, o), OPERAND(v, 1, o), OPERAND(v, 2, o));
}

static void NAME(rows_backward)(const Run *run, int width, const REAL *v, REAL *g) {
    const int count = width;
    for (int k = 0; k < 3; k++) {
        if (!(run->wanted >> k & 1)) continue;
        NAME(Backward) *backward = NAME(backwards)[run->code][k];
        if (run->contiguous == ALL_SIDE_BY_SIDE) {
            backward(count * run->count, OPERAND(g, k, 0), SLOT_OF(g, run->out), SLOT_OF(v, run->out), OPERAND(v, 0, 0),
                     OPERAND(v, 1, 0), OPERAND(v, 2, 0));
            continue;
        }
        for (int o = 0; o < run->count; o++)
            backward(count, OPERAND(g, k, o), SLOT_OF(g, run->out + o), SLOT_OF(v, run->out + o), OPERAND(v, 0, o),
                     OPERAND(v, 1, o), OPERAND(v, 2, o));
    }
}

/* THE PROGRAM */

#define EACH_RESULT for (int o = 0; o < run->count; o++)

static void NAME(forward)(const Program *program, int width, REAL *v, const REAL *packed) {
    for (const Run *run = program->runs; run < program->runs + program->run_count; run++) {
        switch (run->code) {
        case ROW_dot:
            if (run->packed >= 0) NAME(layer_forward)(program, run, width, v, packed);
            else EACH_RESULT NAME(dot_forward)(program, run, o, width, v);
            break;
        case ROW_sum: case ROW_mean: EACH_RESULT NAME(sum_forward)(program, run, o, width, v); break;
        case ROW_logsumexp: case ROW_softmax: case ROW_log_softmax: NAME(softmax_forward)(program, run, width, v); break;
        case ROW_take: EACH_RESULT NAME(take_forward)(program, run, o, width, v); break;
        default:
            if (NAME(forwards)[run->code]) NAME(rows_forward)(run, width, v);
            else EACH_RESULT NAME(list_forward)(program, run, o, width, v);
        }
    }
}

static void NAME(backward)(const Program *program, int width, REAL *v, REAL *g, const REAL *packed, REAL *packed_g) {
    for (const Run *run = program->runs + program->run_count; run-- > program->runs;) {
        if (!run->wanted) continue;
        switch (run->code) {
        case ROW_dot:
            if (run->packed >= 0) NAME(layer_backward)(program, run, width, v, g, packed, packed_g);
            else EACH_RESULT NAME(dot_backward)(program, run, o, width, v, g);
            break;
        case ROW_sum: case ROW_mean: EACH_RESULT NAME(sum_backward)(program, run, o, width, g); break;
        case ROW_logsumexp: case ROW_softmax: case ROW_log_softmax: NAME(softmax_backward)(program, run, width, v, g); break;
        case ROW_take: EACH_RESULT NAME(take_backward)(program, run, o, width, v, g); break;
        default:
            if (NAME(forwards)[run->code]) NAME(rows_backward)(run, width, v, g);
            else EACH_RESULT NAME(list_backward)(program, run, o, width, v, g);
        }
    }
}

#undef EACH_RESULT
#undef OPERAND
#undef ALL_SIDE_BY_SIDE
#undef SLOT_OF
#undef LISTED
#undef VECTOR_LANES
#undef EACH
#undef ALL
#undef VEC
