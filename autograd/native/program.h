/* A program: the instructions of a tape in the order in which they run, made by schedule.h. A run is one
   operation on many operands, with results side by side; runs are sorted by level, so that none needs
   a later one. The same shape serves one row of numbers (runs.h), where a slot is a number, and blocks of
   many rows (lanes.h), where it is as many numbers as the block has rows: lanes. */

#ifndef PROGRAM_H
#define PROGRAM_H
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t code;              /* a row of the table; a dot here is a layer, of one or more */
    int32_t wanted;            /* bit i: operand i (or list i) is to have a gradient */
    int32_t out, count;        /* the results are slots out, out + 1, … */
    const int32_t *operand[3]; /* for each result a slot, or where its list starts in `items`, or an index */
    int32_t contiguous;        /* bit i: the slots of operand i lie side by side, in order */
    const int32_t *lengths;    /* of the lists, for each result */
    /* where all results share a list: the x of a layer, the list of a softmax */
    int32_t n;                 /* how long it is */
    int32_t list, first;       /* where it starts in `items`; its first slot if contiguous, or -1 */
    int32_t repeats;           /* whether a slot is in it twice */
    const int32_t *w_first;    /* of a layer, for each result: its first weight if contiguous, or -1 */
    /* in lanes */
    int32_t extra;             /* of what is made of exponentials: n slots to keep them in */
    int32_t packed;            /* of a layer: where its weights are packed, row by row, or -1 */
    int32_t packed_bias;       /* and its biases, or -1 */
    int32_t sets;              /* of a layer: whether the gradient by its inputs is the first that reaches them */
} Run;

typedef struct {
    Run *runs;
    int32_t run_count;
    int32_t *items;            /* all lists, as slots of this program */
    int32_t slots;             /* numbers it works on, a block of lanes each */
    int32_t longest;           /* of its lists */
    int32_t takes;             /* whether there is an index to check */
    int32_t *cleared, cleared_count; /* in lanes: pairs of a slot and how many, whose gradients begin as 0 */
} Program;

/* The kernels of one instruction set. `w` are rows of weights, `out` begins as the biases. In lanes v and g
   are `width` numbers for each slot, and after them twice the longest list to work in. */
typedef struct {
    const char *name;
    int step;                  /* a width is a multiple of it */
    void (*layer_forward)(const Run *run, const double *v, const double *x, double *out);
    void (*layer_backward)(const Run *run, const double *v, double *g, const double *x, double *gx, const double *gout);
    void (*forward)(const Program *program, int width, double *v, const double *packed);
    void (*backward)(const Program *program, int width, double *v, double *g, const double *packed, double *packed_g);
    void (*forward_single)(const Program *program, int width, float *v, const float *packed);
    void (*backward_single)(const Program *program, int width, float *v, float *g, const float *packed, float *packed_g);
} Kernels;

extern const Kernels kernels_baseline;
#if defined(__x86_64__) && defined(__GNUC__)
#define X86_KERNELS
extern const Kernels kernels_avx2, kernels_avx512;
#endif

#endif
