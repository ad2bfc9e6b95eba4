/* A node and what it is made of; and the few things that all of the engine looks at. */

#if defined(__GNUC__)
#define rarely(condition) __builtin_expect(!!(condition), 0)
#define fetch(address) __builtin_prefetch((const void *)(address), 1)
#else
#define rarely(condition) (condition)
#define fetch(address) (void)(address)
#endif

#if defined(_MSC_VER)
#define PER_THREAD __declspec(thread)
#elif defined(__GLIBC__) /* which keeps room for a few bytes that are found without a call */
#define PER_THREAD _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define PER_THREAD _Thread_local
#endif

typedef struct Value Value;

typedef struct {
    Value *parent; /* NULL: a constant */
    double by;     /* d self / d parent, or the constant */
} Edge;

typedef struct {
    PyObject *operation; /* NULL: made by hand */
    Py_ssize_t count;
    Edge edges[];
} Edges;

/* A list of operands as it was when a dot product read it, for all the dot products that read it so. */
typedef struct {
    Py_ssize_t users, count;
    Py_ssize_t values;  /* how many of the items are Values; the others are plain numbers */
    const void *list;   /* where the list was; only to be compared */
    uint64_t edits;     /* no data was edited since the count of edits was this */
    uint64_t pass;      /* the last pass that has met all its Values */
    uint32_t list_number; /* in the tape that this pass is for (see flatten.h) */
    PyObject **items;   /* NULL: numbers from a buffer */
    double data[];
} Row;

/* BARE: computed without recording. DOT, BIASED: two rows, BIASED with a bias. */
enum { LEAF, BARE, ONE, TWO, MANY, DOT, BIASED };

/* A node's tag, from the lowest bit: whether the traversal that is on its way has met it, its kind
   (3 bits), for ONE and TWO its row of the table (8 bits), whether Python keeps something for it (see
   marks.h), a bit to spare, its birth (49 bits) and whether it was computed. Nodes are numbered as they are made: parents are older. 2**49 is half a
   year of making nodes. With the highest bit, as TURN_OF, all leaves come before what is computed. */
#define MET ((uint64_t)1)
#define KIND_OF(tag) ((int)((tag) >> 1 & 7))
#define ROW_OF(tag) ((int)((tag) >> 4 & 255))
#define MARKED ((uint64_t)1 << 12)
#define BIRTH_OF(tag) ((tag) << 1 >> 15)
#define TURN_OF(tag) ((tag) >> 14)
#define TAG(birth, row, kind)                                                             \
    ((uint64_t)((kind) != LEAF) << 63 | (birth) << 14 | (uint64_t)(row) << 4 | (uint64_t)(kind) << 1)

#if ROW_COUNT > 256
#error "a node keeps the number of its row in 8 bits"
#endif

struct Value {
    PyObject_HEAD
    union {
        double data;
        Value *next_free; /* once it is free */
    };
    union {
        double grad;
        Value *next_doomed; /* while it waits to be freed */
    };
    uint64_t tag;
    PyObject *label; /* a name; a scope's call; a tuple of both; or NULL (see scopes.h) */
    union {
        Edge edge[2];
        Edges *many;
        PyObject *operation; /* of a BARE */
        struct {
            Row *ws, *xs;
            Edge bias;
        };
    };
};

static PyTypeObject *ValueType;
static uint64_t births = 1, deaths = 1; /* a birth is never 0 */
static uint64_t edits; /* how often the data of any node was changed */
static PER_THREAD PyObject *call_here; /* the innermost call of this thread, or NULL (see scopes.h) */
static Py_ssize_t open_scopes;     /* in all threads */
static PyObject *rows[ROW_COUNT];  /* the table's rows, in its order */
static PyObject *modes;            /* the list of threads inside no_grad() or detect_anomaly() */
static PyObject *recorders;        /* the list of threads that record a tape */
static PyObject *py_compared, *py_touched;
static PyObject *py_recording, *py_watched, *py_as_float, *py_checked_edges, *py_operate, *py_name;
static PyObject *str_call, *part_names[3]; /* activation, weights, bias */

#define AS_VALUE(object) ((Value *)(object))
#define IS_VALUE(object) (Py_TYPE(object) == ValueType)

/* Nodes that were made one after the other mostly lie so, too: those whose turn comes later are
   fetched from far memory now, so early that most of their children have not come yet. A wrong guess
   costs next to nothing. */
enum { AHEAD = 1200 };

static inline void look_ahead(const Value *v) {
    uintptr_t there = (uintptr_t)v - AHEAD * sizeof(Value);
    fetch(there);
    fetch(there + 64);
}
