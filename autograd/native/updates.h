/* Updates: one step of every parameter, by each of the rules of `nn`. The twins of updates.py, bit for
   bit: the same operations in the same order, and no fused multiply-add (-ffp-contract=off).

   Numbers lie flat: parameter i is p[i], its gradient g[i], what a rule remembers of it state[k][i].
   The settings begin with lr and the number of steps made before this one; the rest is listed with the
   rule. What is the same for all parameters is computed once, before the loop. Nothing of Python here. */

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { LR, STEPS, MOST_SETTINGS = 8, MOST_STATES = 3 };

/* One parameter's step. What a setting switches on is asked as an int: the compiler takes such a question
   out of the loop, which then runs in vectors. */

/* momentum, nesterov, weight_decay; velocity */
static inline double sgd_one(double p, double g, double *v, const double *s, int momentum, int nesterov, int decay) {
    if (decay) g += s[4] * p;
    if (momentum) {
        double kept = *v = s[2] * *v + g;
        g = nesterov ? g + s[2] * kept : kept;
    }
    return p - s[LR] * g;
}

/* What Adam's steps share: the moments are means that began at 0, which the corrections make up for. */
typedef struct { double beta1, beta2, eps, rate, root; } AdamStep;

static inline AdamStep adam_step(const double *s) {
    double t = s[STEPS] + 1.0;
    return (AdamStep){s[2], s[3], s[4], s[LR] / (1.0 - pow(s[2], t)), sqrt(1.0 - pow(s[3], t))};
}

/* beta1, beta2, eps, weight_decay; m, v */
static inline double adam_one(double p, double g, double *m, double *v, AdamStep s) {
    double first = s.beta1 * *m + (1.0 - s.beta1) * g;
    double second = s.beta2 * *v + (1.0 - s.beta2) * g * g;
    *m = first;
    *v = second;
    return p - s.rate * first / (sqrt(second) / s.root + s.eps);
}

/* lr_decay, eps, weight_decay; the sum of squares */
static inline double adagrad_one(double p, double g, double *squares, const double *s, double rate, int decay) {
    if (decay) g += s[4] * p;
    double sum = *squares += g * g;
    return p - rate * g / (sqrt(sum) + s[3]);
}

/* alpha, eps, weight_decay, momentum, centered; the mean of squares, the mean, velocity */
static inline double rmsprop_one(double p, double g, double *square, double *mean, double *v, const double *s,
                                 int decay, int momentum, int centered) {
    if (decay) g += s[4] * p;
    double spread = *square = s[2] * *square + (1.0 - s[2]) * g * g;
    if (centered) {
        double middle = *mean = s[2] * *mean + (1.0 - s[2]) * g;
        spread -= middle * middle;
        spread = spread < 0 ? 0 : spread; /* a rounding error */
    }
    g /= sqrt(spread) + s[3];
    if (momentum) g = *v = s[5] * *v + g;
    return p - s[LR] * g;
}

/* The loops, one for each rule. */
#define UPDATE(name) \
    static void name##_all(ptrdiff_t n, double *restrict p, const double *restrict g, double *const *state, \
                           const double *s)

UPDATE(sgd) {
    double *restrict v = state[0];
    int momentum = s[2] != 0, nesterov = s[3] != 0, decay = s[4] != 0;
    for (ptrdiff_t i = 0; i < n; i++) p[i] = sgd_one(p[i], g[i], &v[i], s, momentum, nesterov, decay);
}

UPDATE(adam) {
    double *restrict m = state[0], *restrict v = state[1];
    AdamStep step = adam_step(s);
    int decay = s[5] != 0;
    for (ptrdiff_t i = 0; i < n; i++)
        p[i] = adam_one(p[i], decay ? g[i] + s[5] * p[i] : g[i], &m[i], &v[i], step);
}

UPDATE(adamw) {
    double *restrict m = state[0], *restrict v = state[1];
    AdamStep step = adam_step(s);
    double kept = 1.0 - s[LR] * s[5];
    for (ptrdiff_t i = 0; i < n; i++) p[i] = adam_one(p[i] * kept, g[i], &m[i], &v[i], step);
}

UPDATE(adagrad) {
    double *restrict squares = state[0], rate = s[LR] / (1.0 + s[STEPS] * s[2]);
    int decay = s[4] != 0;
    for (ptrdiff_t i = 0; i < n; i++) p[i] = adagrad_one(p[i], g[i], &squares[i], s, rate, decay);
}

UPDATE(rmsprop) {
    double *restrict square = state[0], *restrict mean = state[1], *restrict v = state[2];
    int decay = s[4] != 0, momentum = s[5] != 0, centered = s[6] != 0;
    for (ptrdiff_t i = 0; i < n; i++)
        p[i] = rmsprop_one(p[i], g[i], &square[i], &mean[i], &v[i], s, decay, momentum, centered);
}

#undef UPDATE

typedef struct {
    const char *name;
    int settings, states; /* how many numbers, how many arrays */
    void (*all)(ptrdiff_t n, double *p, const double *g, double *const *state, const double *settings);
} UpdateRule;

static const UpdateRule update_rules[] = {
    {"sgd", 5, 1, sgd_all},
    {"adam", 6, 2, adam_all},
    {"adamw", 6, 2, adamw_all},
    {"adagrad", 5, 1, adagrad_all},
    {"rmsprop", 7, 3, rmsprop_all},
};

/* The rule of that name that takes so many arrays, or NULL. */
static inline const UpdateRule *update_rule(const char *name, ptrdiff_t states) {
    for (size_t i = 0; i < sizeof update_rules / sizeof update_rules[0]; i++) {
        const UpdateRule *rule = &update_rules[i];
        if (!strcmp(rule->name, name)) return states == rule->states ? rule : NULL;
    }
    return NULL;
}
