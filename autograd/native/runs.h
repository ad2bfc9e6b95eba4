/* One row of numbers through a program: each run a tight loop over its operands, wherever they are. By the
   same kernels as the eager engine, and by its rule that a gradient of 0 passes nothing on. */

#include "program.h"

#define EACH_RESULT for (int32_t o = 0; o < run->count; o++)

/* The numbers of a list: where they lie, if side by side, or else in `work`. */
static inline const double *gathered(const Program *p, const double *v, int32_t list, int32_t first, int32_t n, double *work) {
    if (first >= 0) return v + first;
    for (int32_t i = 0; i < n; i++) work[i] = v[p->items[list + i]];
    return work;
}

static void layer_forward(const Program *p, const Run *run, const Kernels *isa, double *v, double *work) {
    const double *x = gathered(p, v, run->list, run->first, run->n, work);
    double *out = v + run->out;
    EACH_RESULT out[o] = run->operand[2] ? v[run->operand[2][o]] : 0.0;
    isa->layer_forward(run, v, x, out);
    EACH_RESULT {
        if (run->w_first[o] >= 0) continue;
        const int32_t *w = p->items + run->operand[0][o];
        double sum = 0.0;
        for (int32_t i = 0; i < run->n; i++) sum += v[w[i]] * x[i];
        out[o] += sum;
    }
}

static void layer_backward(const Program *p, const Run *run, const Kernels *isa, const double *v, double *g, double *work) {
    const double *h = g + run->out, *x = gathered(p, v, run->list, run->first, run->n, work);
    double *gx = run->first >= 0 ? g + run->first : work + p->longest;
    if (run->first < 0) memset(gx, 0, (size_t)run->n * sizeof *gx);
    if (run->wanted & 4) EACH_RESULT g[run->operand[2][o]] += h[o];
    isa->layer_backward(run, v, g, x, gx, h);
    EACH_RESULT {
        if (run->w_first[o] >= 0 || h[o] == 0) continue;
        const int32_t *w = p->items + run->operand[0][o];
        if (run->wanted & 1) for (int32_t i = 0; i < run->n; i++) g[w[i]] += h[o] * x[i];
        if (run->wanted & 2) for (int32_t i = 0; i < run->n; i++) gx[i] += h[o] * v[w[i]];
    }
    if (run->first < 0 && run->wanted & 2)
        for (int32_t i = 0; i < run->n; i++) g[p->items[run->list + i]] += gx[i];
}

/* logsumexp, and all results of a softmax or log_softmax: the shares of the sum stay in `extra`. */
static void exponentials_forward(const Program *p, const Run *run, double *v, double *work) {
    const double *x = gathered(p, v, run->list, run->first, run->n, work);
    double *share = v + run->extra, top = top_of(run->n, x), sum = 0.0;
    for (int32_t i = 0; i < run->n; i++) sum += share[i] = exp(x[i] - top);
    double log_sum = run->code == ROW_softmax ? 0.0 : log(sum);
    for (int32_t i = 0; i < run->n; i++) /* each as its row of the table does it */
        share[i] = run->code == ROW_log_softmax ? exp(x[i] - top - log_sum) : share[i] / sum;
    EACH_RESULT {
        int32_t k = run->code == ROW_logsumexp ? 0 : run->operand[1][o];
        v[run->out + o] = run->code == ROW_logsumexp ? top + log_sum : run->code == ROW_softmax ? share[k] : x[k] - top - log_sum;
    }
}

static void exponentials_backward(const Program *p, const Run *run, const double *v, double *g) {
    const double *share = v + run->extra, *h = g + run->out, *out = v + run->out;
    const int32_t *list = p->items + run->list;
    double all = 0.0; /* what every input gets, per share of the sum */
    int any = 0;
    EACH_RESULT {
        if (h[o] == 0) continue;
        any = 1;
        all += run->code == ROW_logsumexp ? h[o] : run->code == ROW_softmax ? -h[o] * out[o] : -h[o];
    }
    for (int32_t i = 0; any && i < run->n; i++) g[list[i]] += share[i] * all;
    if (run->code == ROW_logsumexp) return;
    EACH_RESULT if (h[o] != 0) g[list[run->operand[1][o]]] += run->code == ROW_softmax ? h[o] * out[o] : h[o];
}

static inline int32_t gather_list(const Program *p, const Run *run, int32_t o, const double *v, double *work) {
    const int32_t *list = p->items + run->operand[0][o];
    for (int32_t i = 0; i < run->lengths[o]; i++) work[i] = v[list[i]];
    return run->lengths[o];
}

static void list_backward(const Program *p, const Run *run, int32_t o, const double *v, double *g, double *work) {
    const int32_t *list = p->items + run->operand[0][o];
    double h = g[run->out + o], *w = work + p->longest;
    if (h == 0) return;
    if (run->code == ROW_sum) {
        for (int32_t i = 0; i < run->lengths[o]; i++) g[list[i]] += h;
        return;
    }
    int32_t n = gather_list(p, run, o, v, work);
    double out = reduction_value(run->code, n, work, w, 0);
    for (int32_t i = 0; i < n; i++) g[list[i]] += reduction_by(run->code, n, work, w, 0, out, i) * h;
}

/* The place of an index among n, or -1. */
static inline int32_t place_among(double index, int32_t n) {
    return index >= 0 && index < n && index == (double)(int32_t)index ? (int32_t)index : -1;
}

static double taken(const Program *p, const Run *run, int32_t o, const double *v) {
    int32_t at = place_among(v[run->operand[1][o]], run->lengths[o]);
    return at < 0 ? NAN : v[p->items[run->operand[0][o] + at]];
}

#define A(o) v[a[o]]
#define B(o) v[b[o]]
#define C(o) v[c[o]]
#define FORWARD_1(name, row, selects) case row: EACH_RESULT y[o] = value_##name(A(o)); break;
#define FORWARD_2(name, row, selects) case row: EACH_RESULT y[o] = value_##name(A(o), B(o)); break;
#define FORWARD_3(name, row, selects) case row: EACH_RESULT y[o] = value_##name(A(o), B(o), C(o)); break;

static void row_forward(const Program *p, const Kernels *isa, double *v, double *work) {
    for (const Run *run = p->runs; run < p->runs + p->run_count; run++) {
        const int32_t *a = run->operand[0], *b = run->operand[1], *c = run->operand[2];
        double *y = v + run->out;
        switch (run->code) {
        ROWS_OF_1(FORWARD_1)
        ROWS_OF_2(FORWARD_2)
        ROWS_OF_3(FORWARD_3)
        case ROW_dot: layer_forward(p, run, isa, v, work); break;
        case ROW_softmax: case ROW_log_softmax: case ROW_logsumexp: exponentials_forward(p, run, v, work); break;
        case ROW_take: EACH_RESULT y[o] = taken(p, run, o, v); break;
        default:
            EACH_RESULT y[o] = reduction_value(run->code, gather_list(p, run, o, v, work), work, work + p->longest, 0);
        }
    }
}

#define BY(i, to, derivative) \
    if (run->wanted >> i & 1) EACH_RESULT if (h[o] != 0) g[to[o]] += (derivative) * h[o];
#define BACKWARD_1(name, row, selects) case row: BY(0, a, by0_##name(A(o), y[o])) break;
#define BACKWARD_2(name, row, selects) \
    case row: BY(0, a, by0_##name(A(o), B(o), y[o])) BY(1, b, by1_##name(A(o), B(o), y[o])) break;
#define BACKWARD_3(name, row, selects)                                                    \
    case row: BY(0, a, by0_##name(A(o), B(o), C(o), y[o])) BY(1, b, by1_##name(A(o), B(o), C(o), y[o])) \
        BY(2, c, by2_##name(A(o), B(o), C(o), y[o])) break;

static void row_backward(const Program *p, const Kernels *isa, const double *v, double *g, double *work) {
    for (const Run *run = p->runs + p->run_count; run-- > p->runs;) {
        const int32_t *a = run->operand[0], *b = run->operand[1], *c = run->operand[2];
        const double *y = v + run->out, *h = g + run->out;
        if (!run->wanted) continue;
        switch (run->code) {
        ROWS_OF_1(BACKWARD_1)
        ROWS_OF_2(BACKWARD_2)
        ROWS_OF_3(BACKWARD_3)
        case ROW_dot: layer_backward(p, run, isa, v, g, work); break;
        case ROW_softmax: case ROW_log_softmax: case ROW_logsumexp: exponentials_backward(p, run, v, g); break;
        case ROW_take:
            EACH_RESULT {
                int32_t at = place_among(v[b[o]], run->lengths[o]);
                if (at >= 0) g[p->items[a[o] + at]] += h[o];
            }
            break;
        default: EACH_RESULT list_backward(p, run, o, v, g, work);
        }
    }
}

#undef A
#undef B
#undef C
#undef BY
#undef EACH_RESULT
