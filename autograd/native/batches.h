/* Many rows through a program, in blocks of lanes that stay in cache. What is the same for all rows is
   computed once, by the program of one row. Rows are added up in an order that does not depend on the
   number of threads: lanes of a block as its vectors add them, blocks of a chunk in order, chunks in
   order; a chunk is as many rows as CHUNK_ROWS and the number of all say. */

#if defined(_WIN32)
#include <malloc.h>
#define allocate_aligned(bytes) _aligned_malloc(bytes, 64)
#define free_aligned(memory) _aligned_free(memory)
#else
#include <pthread.h>
#define THREADS
#define allocate_aligned(bytes) aligned_alloc(64, ((bytes) + 63) / 64 * 64)
#define free_aligned(memory) free(memory)
#endif

enum { CHUNK_ROWS = 512, MOST_CHUNKS = 64, MOST_THREADS = 64, MOST_LANES = 128, CACHE_BYTES = 1 << 18 };

/* A column of the data: `width` numbers of each row, one behind the other. */
typedef struct {
    const double *numbers;
    ptrdiff_t stride; /* numbers from one row to the next */
    int32_t width;
} Column;

/* All that is needed to run a tape over rows. */
typedef struct {
    const Tape *tape;
    const Facts *facts;
    const Schedule *body, *uniform;
    const Kernels *isa;
    int single;          /* in single precision */
    int32_t width;       /* lanes in a full block */
} Plan;

/* What one call is given, and gives back; NULL where it is not wanted. */
typedef struct {
    const Column *columns;
    int32_t column_count;
    const int64_t *order; /* of the rows, or NULL: as they lie */
    ptrdiff_t first, rows; /* of the order: from which on, and how many */
    const double *same;   /* the numbers of the uniform program, after its forward pass */
    const double *seeds;  /* of each row and output; NULL: forward only */
    double seed;          /* or the one for every output, where `seeds_alike` */
    int seeds_alike;
    char *fits;           /* of each row: whether its guards decide as recorded */
    double *outputs;      /* rows × outputs */
    double *by_inputs;    /* rows × inputs */
} Call;

/* The sums of a chunk. */
typedef struct {
    double *by_uniform; /* by each slot of the uniform program */
    double sum;         /* of the first output */
    ptrdiff_t misfits;
} Sums;

typedef struct {
    void *v, *g, *packed_sums;
    const void *packed; /* weights and biases of layers, and the sums of their gradients: where they lie */
    void *packed_g;     /* in the uniform program, or copies */
} Workspace;

static size_t number_bytes(const Plan *plan) { return plan->single ? sizeof(float) : sizeof(double); }

static void free_workspace(Workspace *w) {
    free_aligned(w->v);
    free_aligned(w->g);
    free_aligned(w->packed_sums);
    memset(w, 0, sizeof *w);
}

static int make_workspace(Workspace *w, const Plan *plan, int backward) {
    size_t numbers = (size_t)plan->body->program.slots * (size_t)plan->width, each = number_bytes(plan);
    size_t bytes = numbers * each + 2 * (size_t)plan->body->program.longest * sizeof(double) + 64;
    w->v = allocate_aligned(bytes);
    w->g = backward ? allocate_aligned(bytes) : NULL;
    w->packed_sums = backward ? allocate_aligned((size_t)(plan->body->pack_count + 1) * each) : NULL;
    if (w->v && (!backward || (w->g && w->packed_sums))) return 0;
    free_workspace(w);
    return -1;
}

/* Wide enough for the vectors, narrow enough for the cache. */
static int32_t width_for(const Program *program, const Kernels *isa, int single) {
    size_t each = 2 * (single ? sizeof(float) : sizeof(double));
    int32_t width = MOST_LANES;
    while (width > isa->step && (size_t)program->slots * (size_t)width * each > CACHE_BYTES) width /= 2;
    return width;
}

static inline int decides(int how, double x, double y) {
    switch (how) { /* as in Py_LT … */
    case 0: return x < y;
    case 1: return x <= y;
    case 2: return x == y;
    case 3: return x != y;
    case 4: return x > y;
    default: return x >= y;
    }
}

static inline void isa_forward_in_double(const Kernels *isa, const Program *p, int width, double *v, const void *packed) {
    isa->forward(p, width, v, packed);
}
static inline void isa_forward_in_single(const Kernels *isa, const Program *p, int width, float *v, const void *packed) {
    isa->forward_single(p, width, v, packed);
}
static inline void isa_backward_in_double(const Kernels *isa, const Program *p, int width, double *v, double *g,
                                          const void *packed, void *packed_g) {
    isa->backward(p, width, v, g, packed, packed_g);
}
static inline void isa_backward_in_single(const Kernels *isa, const Program *p, int width, float *v, float *g,
                                          const void *packed, void *packed_g) {
    isa->backward_single(p, width, v, g, packed, packed_g);
}

#define REAL double
#define NAME(x) x##_in_double
#include "block.h"
#undef REAL
#undef NAME
#define REAL float
#define NAME(x) x##_in_single
#include "block.h"
#undef REAL
#undef NAME

/* CHUNKS */

static ptrdiff_t chunk_rows(ptrdiff_t rows, int32_t width) {
    ptrdiff_t least = (rows + MOST_CHUNKS - 1) / MOST_CHUNKS;
    if (least < CHUNK_ROWS) least = CHUNK_ROWS;
    return (least + width - 1) / width * width;
}

/* Whether what layers need lies in the uniform program as it is packed. */
static int lies_packed(const Plan *plan) { return !plan->single && plan->body->pack_first >= 0; }

static void run_chunk(const Plan *plan, const Call *call, Workspace *w, ptrdiff_t first, ptrdiff_t end, Sums *sums) {
    int copied = w->g && !lies_packed(plan);
    if (copied) memset(w->packed_sums, 0, (size_t)plan->body->pack_count * number_bytes(plan));
    if (w->g) w->packed_g = copied ? w->packed_sums : sums->by_uniform + plan->body->pack_first;
    for (ptrdiff_t row = first; row < end; row += plan->width) {
        int32_t live = end - row < plan->width ? (int32_t)(end - row) : plan->width;
        if (plan->single) run_block_in_single(plan, call, w, row, live, sums);
        else run_block_in_double(plan, call, w, row, live, sums);
    }
    for (int32_t i = 0; copied && i < plan->body->pack_count; i++)
        sums->by_uniform[plan->body->pack[i]] +=
            plan->single ? ((float *)w->packed_sums)[i] : ((double *)w->packed_sums)[i];
}

typedef struct {
    const Plan *plan;
    const Call *call;
    Workspace *workspace;
    Sums *sums;
    int32_t chunks, first, every;
    ptrdiff_t rows_of_chunk;
} Share;

static void *run_share(void *given) {
    Share *share = given;
    for (int32_t c = share->first; c < share->chunks; c += share->every) {
        ptrdiff_t first = c * share->rows_of_chunk, end = first + share->rows_of_chunk;
        if (end > share->call->rows) end = share->call->rows;
        run_chunk(share->plan, share->call, share->workspace, first, end, &share->sums[c]);
    }
    return NULL;
}

/* The weights and biases of layers, in the order in which they are packed. */
static void *pack_numbers(const Plan *plan, const double *same) {
    int32_t count = plan->body->pack_count;
    void *packed = allocate_aligned((size_t)(count + 1) * number_bytes(plan));
    for (int32_t i = 0; packed && i < count; i++) {
        double number = same[plan->body->pack[i]];
        if (plan->single) ((float *)packed)[i] = (float)number;
        else ((double *)packed)[i] = number;
    }
    return packed;
}

/* Runs all rows; adds to `by_uniform` (see Sums) if seeds are given. Returns how many rows do not fit, or
   -1 where memory ends. `spaces` are as many workspaces as there are threads. */
static ptrdiff_t run_rows(const Plan *plan, const Call *call, Workspace *spaces, int threads, double *by_uniform, double *sum) {
    ptrdiff_t each = chunk_rows(call->rows, plan->width), misfits = 0;
    int32_t chunks = (int32_t)((call->rows + each - 1) / each), places = plan->uniform->program.slots;
    int backward = by_uniform != NULL;
    void *copy = lies_packed(plan) ? NULL : pack_numbers(plan, call->same);
    const void *packed = lies_packed(plan) ? call->same + plan->body->pack_first : copy;
    Sums one = {by_uniform, 0.0, 0}, *sums = chunks == 1 ? &one : calloc((size_t)chunks + 1, sizeof *sums);
    double *parts = chunks > 1 && backward ? calloc((size_t)chunks * (size_t)places + 1, sizeof *parts) : NULL;
    if (!packed || !sums || (chunks > 1 && backward && !parts)) {
        misfits = -1;
        goto done;
    }
    for (int32_t c = 0; c < chunks && parts; c++) sums[c].by_uniform = parts + (size_t)c * (size_t)places;
    if (threads > chunks) threads = chunks > 1 ? chunks : 1;
    Share shares[MOST_THREADS];
    for (int t = 0; t < threads; t++) {
        spaces[t].packed = packed;
        shares[t] = (Share){plan, call, &spaces[t], sums, chunks, t, threads, each};
    }
#ifdef THREADS
    pthread_t others[MOST_THREADS];
    int started[MOST_THREADS] = {0};
    for (int t = 1; t < threads; t++) started[t] = !pthread_create(&others[t], NULL, run_share, &shares[t]);
    run_share(&shares[0]);
    for (int t = 1; t < threads; t++) {
        if (started[t]) pthread_join(others[t], NULL);
        else run_share(&shares[t]);
    }
#else
    for (int t = 0; t < threads; t++) run_share(&shares[t]);
#endif
    for (int32_t c = 0; c < chunks; c++) {
        misfits += sums[c].misfits;
        *sum += sums[c].sum;
        for (int32_t i = 0; parts && i < places; i++) by_uniform[i] += sums[c].by_uniform[i];
    }
done:
    free_aligned(copy);
    free(parts);
    if (sums != &one) free(sums);
    return misfits;
}
