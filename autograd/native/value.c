/* Value in C: the twin of value.py, with the same names and the same answers.

   A node is 88 bytes. It keeps one or two inputs in place, any other number in a block of edges. An
   edge is a parent with its local derivative, or no parent and the constant that stands there. Nodes
   point only at nodes made before them, so there are no cycles and no cyclic collector: a count of
   references frees them, through a queue instead of recursion. The kernels are written from the
   table (kernels.h); what is not fast here is Python (see __init__.py). */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include "kernels.h"

#ifdef Py_GIL_DISABLED
#error "the native engine counts on the global interpreter lock; the Python engine runs instead"
#endif

#if defined(__GNUC__)
#define rarely(condition) __builtin_expect(!!(condition), 0)
#else
#define rarely(condition) (condition)
#endif

typedef struct Value Value;

typedef struct {
    Value *parent; /* NULL: a constant */
    double by;     /* d self / d parent, or the constant */
} Edge;

typedef struct {
    Py_ssize_t count;
    Edge edges[];
} Edges;

enum { LEAF, BARE, ONE, TWO, MANY }; /* BARE: computed without recording */

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
    union {
        Edge edge[2];
        Edges *many;
    };
    PyObject *operation; /* the row of the table, or NULL */
    PyObject *name;      /* str, or NULL */
    uint64_t birth : 60; /* nodes are numbered as they are made: parents are older */
    uint64_t kind : 3;
    uint64_t queued : 1; /* waiting in the heap of a traversal */
};

static PyTypeObject *ValueType;
static uint64_t births;
static PyObject *rows[ROW_COUNT];  /* the table's rows, in its order */
static PyObject *paused;           /* the list of threads inside no_grad() */
static PyObject *py_recording, *py_as_float, *py_checked_edges, *py_operate, *py_name;
static PyObject *str_call;

#define AS_VALUE(object) ((Value *)(object))
#define IS_VALUE(object) (Py_TYPE(object) == ValueType)

/* MEMORY: nodes live in slabs. A slab hands its places out in order, and again in order when all of
   its nodes are gone, so that a graph made after many others still lies in one piece. A place that is
   freed before goes to the slab's own list. A slab starts at a multiple of its size: a node finds it. */

enum { SLAB_BYTES = 1 << 18, SLABS_AT_ONCE = 16 };

typedef struct Slab {
    struct Slab *next; /* among the slabs with room */
    Value *free_nodes;
    Py_ssize_t live, fresh; /* nodes in use; places never handed out since it was last empty */
    int listed;             /* whether it is among the slabs with room */
} Slab;

enum { SLAB_NODES = (SLAB_BYTES - sizeof(Slab)) / sizeof(Value) };
static Slab *with_room; /* its first is the one in use */
static Py_ssize_t slab_count, live_count, edge_bytes;

static inline Slab *slab_of(Value *v) { return (Slab *)((uintptr_t)v & ~(uintptr_t)(SLAB_BYTES - 1)); }
static inline Value *nodes_of(Slab *slab) { return (Value *)(slab + 1); }

static int new_slabs(void) {
    /* all zeros: Py_SET_REFCNT looks at the count before */
    char *block = PyMem_RawCalloc(SLABS_AT_ONCE + 1, SLAB_BYTES);
    if (!block) {
        PyErr_NoMemory();
        return -1;
    }
    block += SLAB_BYTES - (uintptr_t)block % SLAB_BYTES;
    for (int i = SLABS_AT_ONCE; i-- > 0;) {
        Slab *slab = (Slab *)(block + (size_t)i * SLAB_BYTES);
        slab->next = with_room;
        slab->listed = 1;
        with_room = slab;
    }
    slab_count += SLABS_AT_ONCE;
    return 0;
}

static Value *take_place(void) {
    for (;;) {
        Slab *slab = with_room;
        if (rarely(!slab)) {
            if (new_slabs() < 0) return NULL;
            continue;
        }
        Value *v = slab->free_nodes;
        if (v) slab->free_nodes = v->next_free;
        else if (slab->fresh < SLAB_NODES) v = nodes_of(slab) + slab->fresh++;
        else {
            with_room = slab->next;
            slab->listed = 0;
            continue;
        }
        slab->live++;
        return v;
    }
}

static void give_place_back(Value *v) {
    Slab *slab = slab_of(v);
    if (--slab->live == 0) {
        slab->free_nodes = NULL;
        slab->fresh = 0;
    } else {
        v->next_free = slab->free_nodes;
        slab->free_nodes = v;
    }
    if (!slab->listed) {
        slab->next = with_room;
        slab->listed = 1;
        with_room = slab;
    }
}

static inline Value *new_node(double data, int kind) {
    Value *v = take_place();
    if (rarely(!v)) return NULL;
    live_count++;
#ifdef Py_REF_DEBUG
    PyObject_Init((PyObject *)v, ValueType);
#else
    Py_SET_TYPE(v, ValueType);
    Py_SET_REFCNT(v, 1);
#endif
    v->data = data;
    v->grad = 0.0;
    v->operation = NULL;
    v->name = NULL;
    v->birth = births++;
    v->kind = kind;
    v->queued = 0;
    return v;
}

static Edges *new_edges(Py_ssize_t count) {
    int fits = count < (PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(Edges)) / (Py_ssize_t)sizeof(Edge);
    Edges *many = fits ? PyMem_RawMalloc(sizeof(Edges) + (size_t)count * sizeof(Edge)) : NULL;
    if (!many) {
        PyErr_NoMemory();
        return NULL;
    }
    many->count = count;
    edge_bytes += sizeof(Edges) + count * (Py_ssize_t)sizeof(Edge);
    return many;
}

static void free_edges(Edges *many) {
    edge_bytes -= sizeof(Edges) + many->count * (Py_ssize_t)sizeof(Edge);
    PyMem_RawFree(many);
}

static inline Py_ssize_t edges_of(Value *v, Edge **edges) {
    if (v->kind == MANY) {
        *edges = v->many->edges;
        return v->many->count;
    }
    *edges = v->edge;
    return v->kind == TWO ? 2 : v->kind == ONE;
}

/* A node that frees the last reference to its parent would recurse: the parent queues instead. */
static Value *doomed;
static int freeing;

static void value_dealloc(PyObject *self) {
    Value *v = AS_VALUE(self);
    if (freeing) {
        v->next_doomed = doomed;
        doomed = v;
        return;
    }
    freeing = 1;
    for (;;) {
        Edge *edges;
        Py_ssize_t count = edges_of(v, &edges);
        for (Py_ssize_t i = 0; i < count; i++) Py_XDECREF(edges[i].parent);
        if (v->kind == MANY) free_edges(v->many);
        Py_XDECREF(v->operation);
        Py_XDECREF(v->name);
#ifdef Py_REF_DEBUG
        Py_DECREF(ValueType);
#endif
        give_place_back(v);
        live_count--;
        if (!doomed) break;
        v = doomed;
        doomed = v->next_doomed;
    }
    freeing = 0;
}

/* NUMBERS */

enum { NUMBER, VALUE, NEITHER, FAILED };

/* A plain float or int, or a Value: nothing that could run Python code. */
static inline int quick_number(PyObject *object, double *number) {
    if (IS_VALUE(object)) {
        *number = AS_VALUE(object)->data;
        return VALUE;
    }
    if (PyFloat_CheckExact(object)) {
        *number = PyFloat_AS_DOUBLE(object);
        return NUMBER;
    }
    if (PyLong_CheckExact(object) || PyBool_Check(object)) {
        *number = PyLong_AsDouble(object);
        return *number == -1.0 && PyErr_Occurred() ? FAILED : NUMBER;
    }
    return NEITHER;
}

/* as_float() of Python: TypeError for what is not a number. */
static int as_float(PyObject *object, double *number) {
    PyObject *converted = PyObject_CallOneArg(py_as_float, object);
    if (!converted) return -1;
    *number = PyFloat_AsDouble(converted);
    Py_DECREF(converted);
    return 0;
}

static int any_number(PyObject *object, double *number) {
    int found = quick_number(object, number);
    if (found != NEITHER) return found;
    if (as_float(object, number) == 0) return NUMBER;
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) return FAILED;
    PyErr_Clear();
    return NEITHER;
}

/* MAKING NODES */

/* 1 when this thread records, 0 inside no_grad(), -1 on an error. */
static inline int recording(void) {
    if (!rarely(PyList_GET_SIZE(paused))) return 1;
    PyObject *answer = PyObject_CallNoArgs(py_recording);
    int yes = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return yes;
}

static PyObject *bare(PyObject *operation, double data) {
    Value *v = new_node(data, BARE);
    if (!v) return NULL;
    v->operation = Py_NewRef(operation);
    return (PyObject *)v;
}

static inline PyObject *node_of_one(int row, double data, Value *x, double by_x) {
    int records = recording();
    if (rarely(records != 1)) return records < 0 ? NULL : bare(rows[row], data);
    Value *v = new_node(data, ONE);
    if (rarely(!v)) return NULL;
    Py_XINCREF(x);
    v->edge[0] = (Edge){x, by_x};
    v->operation = Py_NewRef(rows[row]);
    return (PyObject *)v;
}

static inline PyObject *node_of_two(int row, double data, Value *x, double by_x, Value *y, double by_y) {
    int records = recording();
    if (rarely(records != 1)) return records < 0 ? NULL : bare(rows[row], data);
    Value *v = new_node(data, TWO);
    if (rarely(!v)) return NULL;
    Py_XINCREF(x);
    Py_XINCREF(y);
    v->edge[0] = (Edge){x, by_x};
    v->edge[1] = (Edge){y, by_y};
    v->operation = Py_NewRef(rows[row]);
    return (PyObject *)v;
}

/* Takes over the block; the parents in it are counted here. */
static PyObject *node_of_many(PyObject *operation, double data, Edges *many) {
    Value *v = new_node(data, MANY);
    if (!v) {
        free_edges(many);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < many->count; i++) Py_XINCREF(many->edges[i].parent);
    v->many = many;
    v->operation = Py_XNewRef(operation);
    return (PyObject *)v;
}

/* OPERATORS AND METHODS, one of each row of the table */

#define UNARY_METHOD(name, row)                                                           \
    static PyObject *method_##name(PyObject *self, PyObject *Py_UNUSED(ignored)) {        \
        double x = AS_VALUE(self)->data, out = value_##name(x);                           \
        return node_of_one(row, out, AS_VALUE(self), by0_##name(x, out));                 \
    }
UNARY_ROWS(UNARY_METHOD)

#define BINARY_OPERATOR(name, row)                                                        \
    static PyObject *operator_##name(PyObject *a, PyObject *b) {                          \
        double x, y, out;                                                                 \
        int left = any_number(a, &x);                                                     \
        if (rarely(left >= NEITHER)) return refused(left);                                \
        int right = any_number(b, &y);                                                    \
        if (rarely(right >= NEITHER)) return refused(right);                              \
        out = value_##name(x, y);                                                         \
        if (left == NUMBER)                                                               \
            return node_of_two(row, out, NULL, x, AS_VALUE(b), by1_##name(x, y, out));    \
        if (right == NUMBER)                                                              \
            return node_of_two(row, out, AS_VALUE(a), by0_##name(x, y, out), NULL, y);    \
        return node_of_two(row, out, AS_VALUE(a), by0_##name(x, y, out), AS_VALUE(b),     \
                           by1_##name(x, y, out));                                        \
    }

static PyObject *refused(int found) {
    if (found == FAILED) return NULL;
    Py_RETURN_NOTIMPLEMENTED;
}

OPERATOR_ROWS(BINARY_OPERATOR)

/* 0 + v is v itself, so that the built-in sum() leaves no 0 in the graph */
static PyObject *operator_add_from_zero(PyObject *a, PyObject *b) {
    if ((PyLong_CheckExact(a) || PyFloat_CheckExact(a)) && !PyObject_IsTrue(a)) return Py_NewRef(b);
    return operator_add(a, b);
}

static PyObject *operator_power_of_two(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return operator_power(a, b);
}

static PyObject *operator_negative(PyObject *self) { return method_negative(self, NULL); }
static PyObject *operator_absolute(PyObject *self) { return method_absolute(self, NULL); }
static PyObject *operator_positive(PyObject *self) { return Py_NewRef(self); }
static int operator_bool(PyObject *self) { return AS_VALUE(self)->data != 0; }

static PyObject *value_compare(PyObject *self, PyObject *other, int how) {
    double x = AS_VALUE(self)->data, y;
    int found = any_number(other, &y);
    if (found >= NEITHER) return refused(found);
    switch (how) {
    case Py_LT: return PyBool_FromLong(x < y);
    case Py_LE: return PyBool_FromLong(x <= y);
    case Py_GT: return PyBool_FromLong(x > y);
    case Py_GE: return PyBool_FromLong(x >= y);
    case Py_EQ: return PyBool_FromLong(x == y);
    default: return PyBool_FromLong(x != y);
    }
}

static Py_hash_t value_hash(PyObject *self) {
    size_t address = (size_t)self;
    Py_hash_t hash = (Py_hash_t)((address >> 4) | (address << (8 * sizeof(size_t) - 4)));
    return hash == -1 ? -2 : hash;
}

/* FUNCTIONS: what a row of the table does when it is called */

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    int row; /* -1: not one of the table's */
} Function;

static PyTypeObject *FunctionType;

typedef struct {
    int inputs; /* 0: a reduction */
    int selects;
    double (*value)(const double *);
    double (*by[3])(const double *, double);
} Kernel;

#define KERNEL_1(name, row, chooses)                                                      \
    static double call_##name(const double *x) { return value_##name(x[0]); }             \
    static double call0_##name(const double *x, double out) { return by0_##name(x[0], out); }
#define KERNEL_2(name, row, chooses)                                                      \
    static double call_##name(const double *x) { return value_##name(x[0], x[1]); }       \
    static double call0_##name(const double *x, double out) { return by0_##name(x[0], x[1], out); } \
    static double call1_##name(const double *x, double out) { return by1_##name(x[0], x[1], out); }
#define KERNEL_3(name, row, chooses)                                                      \
    static double call_##name(const double *x) { return value_##name(x[0], x[1], x[2]); } \
    static double call0_##name(const double *x, double out) { return by0_##name(x[0], x[1], x[2], out); } \
    static double call1_##name(const double *x, double out) { return by1_##name(x[0], x[1], x[2], out); } \
    static double call2_##name(const double *x, double out) { return by2_##name(x[0], x[1], x[2], out); }
ROWS_OF_1(KERNEL_1) ROWS_OF_2(KERNEL_2) ROWS_OF_3(KERNEL_3)

#define ENTRY_1(name, row, chooses) [row] = {1, chooses, call_##name, {call0_##name}},
#define ENTRY_2(name, row, chooses) [row] = {2, chooses, call_##name, {call0_##name, call1_##name}},
#define ENTRY_3(name, row, chooses) \
    [row] = {3, chooses, call_##name, {call0_##name, call1_##name, call2_##name}},
static const Kernel kernels[ROW_COUNT] = {ROWS_OF_1(ENTRY_1) ROWS_OF_2(ENTRY_2) ROWS_OF_3(ENTRY_3)};

/* For a row with one input, called with one Value: its method. */
#define METHOD_OF(name, row) [row] = method_##name,
static PyObject *(*const methods_of[ROW_COUNT])(PyObject *, PyObject *) = {UNARY_ROWS(METHOD_OF)};

/* A row with one, two or three inputs. NULL without an exception: ask Python. */
static PyObject *call_fixed(int row, PyObject *const *operands) {
    const Kernel *kernel = &kernels[row];
    double x[3] = {0};
    Edge edges[3];
    int values = 0;
    for (int i = 0; i < kernel->inputs; i++) {
        int found = quick_number(operands[i], &x[i]);
        if (found >= NEITHER) return NULL;
        edges[i] = (Edge){found == VALUE ? AS_VALUE(operands[i]) : NULL, x[i]};
        values += found == VALUE;
    }
    double out = kernel->value(x);
    if (!values) return PyFloat_FromDouble(out);
    int records = recording();
    if (records != 1) return records < 0 ? NULL : bare(rows[row], out);
    for (int i = 0; i < kernel->inputs; i++) {
        if (!edges[i].parent) continue;
        double by = kernel->by[i](x, out);
        if (kernel->selects && by == 0) edges[i].parent = NULL; /* not chosen: stays as a number */
        else edges[i].by = by;
    }
    if (kernel->inputs == 1) return node_of_one(row, out, edges[0].parent, edges[0].by);
    if (kernel->inputs == 2)
        return node_of_two(row, out, edges[0].parent, edges[0].by, edges[1].parent, edges[1].by);
    Edges *many = new_edges(3);
    if (!many) return NULL;
    memcpy(many->edges, edges, sizeof edges);
    return node_of_many(rows[row], out, many);
}

/* The numbers of plain numbers and Values; 0 where there is something else. */
static int quick_numbers(PyObject *const *items, Py_ssize_t count, double *x, int *values) {
    for (Py_ssize_t i = 0; i < count; i++) {
        int found = quick_number(items[i], &x[i]);
        if (found >= NEITHER) return 0;
        *values |= found == VALUE;
    }
    return 1;
}

/* A reduction of a list or tuple with at least one Value; of a softmax its last says which result.
   NULL without an exception: ask Python. */
static PyObject *reduce(int row, PyObject *list) {
    int values = 0, records = recording();
    if (records < 0) return NULL;
    PyObject *const *items = PySequence_Fast_ITEMS(list);
    Py_ssize_t count = PySequence_Fast_GET_SIZE(list);
    if (count > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(double) / 2 - 1) return PyErr_NoMemory();
    double *x = PyMem_RawMalloc((size_t)(2 * count + 1) * sizeof(double));
    if (!x) return PyErr_NoMemory();
    double *w = x + count;
    PyObject *node = NULL;
    if (!quick_numbers(items, count, x, &values) || !values) goto done;
    Py_ssize_t n = count, k = 0;
    if (row_is_softmax(row)) {
        n--;
        if (!(x[n] >= 0 && x[n] < (double)n)) goto done;
        k = (Py_ssize_t)x[n];
    }
    double out = reduction_value(row, n, x, w, k);
    if (!records) {
        node = bare(rows[row], out);
        goto done;
    }
    Edges *many = new_edges(count);
    if (!many) goto done;
    for (Py_ssize_t i = 0; i < count; i++)
        many->edges[i] = IS_VALUE(items[i])
            ? (Edge){AS_VALUE(items[i]), reduction_by(row, n, x, w, k, out, i)}
            : (Edge){NULL, x[i]};
    node = node_of_many(rows[row], out, many);
done:
    PyMem_RawFree(x);
    return node;
}

/* One side of a dot product: a list or tuple of plain numbers and Values, or a buffer of doubles. */
typedef struct {
    PyObject *const *items; /* NULL: a buffer */
    Py_buffer buffer;
    Py_ssize_t count;
} Side;

static int open_list(PyObject *object, Side *side) {
    if (!PyList_CheckExact(object) && !PyTuple_CheckExact(object)) return 0;
    side->items = PySequence_Fast_ITEMS(object);
    side->count = PySequence_Fast_GET_SIZE(object);
    return 1;
}

static int open_side(PyObject *object, Side *side) {
    side->items = NULL;
    side->buffer.obj = NULL;
    if (open_list(object, side)) return 1;
    if (!PyObject_CheckBuffer(object)) return 0;
    if (PyObject_GetBuffer(object, &side->buffer, PyBUF_FORMAT | PyBUF_ND) < 0) {
        /* not one block of memory: no error, but for Python to look at */
        if (PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_ValueError)) PyErr_Clear();
        return 0;
    }
    if (side->buffer.ndim == 1 && side->buffer.format && !strcmp(side->buffer.format, "d")) {
        side->count = side->buffer.shape[0];
        return 1;
    }
    PyBuffer_Release(&side->buffer);
    return 0;
}

static inline int side_number(const Side *side, Py_ssize_t i, double *number) {
    if (side->items) return quick_number(side->items[i], number);
    memcpy(number, (const double *)side->buffer.buf + i, sizeof *number); /* it may not be aligned */
    return NUMBER;
}

/* dot(ws, xs, bias): NULL without an exception where Python has to look at the operands. */
static PyObject *dot(int row, PyObject *const *operands, Py_ssize_t count) {
    PyObject *node = NULL;
    Side ws, xs = {0};
    int records = recording();
    if (records < 0 || !open_side(operands[0], &ws)) return NULL;
    if (!open_side(operands[1], &xs)) goto close_ws;
    open_list(operands[0], &ws); /* again: a __buffer__ in Python may have changed the list */
    Py_ssize_t n = ws.count, has_bias = count == 3 && operands[2] != Py_None;
    if (n != xs.count) goto close;
    Edges *many = new_edges(2 * n + has_bias);
    if (!many) goto close;
    double out = 0.0, w, x;
    int values = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        int left = side_number(&ws, i, &w), right = side_number(&xs, i, &x);
        if (rarely(left >= NEITHER || right >= NEITHER)) goto ask;
        out += w * x;
        many->edges[i] = left == VALUE ? (Edge){AS_VALUE(ws.items[i]), x} : (Edge){NULL, w};
        many->edges[n + i] = right == VALUE ? (Edge){AS_VALUE(xs.items[i]), w} : (Edge){NULL, x};
        values |= left | right;
    }
    if (has_bias) {
        int found = quick_number(operands[2], &w);
        if (found >= NEITHER) goto ask;
        out += w;
        many->edges[2 * n] = found == VALUE ? (Edge){AS_VALUE(operands[2]), 1.0} : (Edge){NULL, w};
        values |= found;
    }
    if (!values || !records) {
        free_edges(many);
        node = values ? bare(rows[row], out) : PyFloat_FromDouble(out);
        goto close;
    }
    node = node_of_many(rows[row], out, many);
    goto close;
ask:
    free_edges(many);
close:
    if (xs.buffer.obj) PyBuffer_Release(&xs.buffer);
close_ws:
    if (ws.buffer.obj) PyBuffer_Release(&ws.buffer);
    return node;
}

static PyObject *call_reduction(int row, PyObject *const *operands, Py_ssize_t count) {
    if (row == ROW_dot) return count == 2 || count == 3 ? dot(row, operands, count) : NULL;
    if (count != 1 || row_is_softmax(row)) return NULL;
    if (!PyList_CheckExact(operands[0]) && !PyTuple_CheckExact(operands[0])) return NULL;
    return reduce(row, operands[0]);
}

static PyObject *function_call(PyObject *self, PyObject *const *operands, size_t flags, PyObject *names) {
    int row = ((Function *)self)->row;
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    if (row >= 0 && !names) {
        if (count == 1 && IS_VALUE(operands[0]) && methods_of[row]) return methods_of[row](operands[0], NULL);
        PyObject *node = NULL;
        if (!kernels[row].inputs) node = call_reduction(row, operands, count);
        else if (kernels[row].inputs == count) node = call_fixed(row, operands);
        if (node || PyErr_Occurred()) return node;
    }
    PyObject *method = PyObject_GetAttr(self, str_call);
    if (!method) return NULL;
    PyObject *result = PyObject_Vectorcall(method, operands, (size_t)count, names);
    Py_DECREF(method);
    return result;
}

static PyObject *function_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(named)) {
    Function *function = (Function *)type->tp_alloc(type, 0);
    if (!function) return NULL;
    function->vectorcall = function_call;
    function->row = -1;
    return (PyObject *)function;
}

static void function_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Value._operate(operation, operands): the table's rows here, any other operation in Python. */
static PyObject *value_operate(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "_operate takes an operation and its operands");
        return NULL;
    }
    if (PyObject_TypeCheck(args[0], FunctionType) && ((Function *)args[0])->row >= 0) {
        int row = ((Function *)args[0])->row;
        PyObject *operands = PySequence_List(args[1]), *node = NULL;
        if (!operands) return NULL;
        Py_ssize_t n = PyList_GET_SIZE(operands);
        for (Py_ssize_t i = 0; i < n; i++) { /* numbers of all kinds become plain floats */
            double number;
            PyObject *operand = PyList_GET_ITEM(operands, i);
            if (quick_number(operand, &number) != NEITHER) continue;
            if (as_float(operand, &number) < 0) goto done;
            PyObject *plain = PyFloat_FromDouble(number);
            if (!plain) goto done;
            PyList_SetItem(operands, i, plain);
        }
        if (!kernels[row].inputs) node = reduce(row, operands);
        else if (kernels[row].inputs == n) node = call_fixed(row, PySequence_Fast_ITEMS(operands));
        if (!node && !PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "operands do not fit the operation");
    done:
        Py_DECREF(operands);
        return node;
    }
    PyObject *const with_self[] = {self, args[0], args[1]};
    return PyObject_Vectorcall(py_operate, with_self, 3, NULL);
}

/* TRAVERSAL from a node to all it was computed from, the youngest first, each once. Nodes wait in a
   window indexed by their age; the few that are older than it reaches wait in a heap. */

enum { WINDOW = 1 << 16 };
static Value **window;
static Value **heap;
static Py_ssize_t heap_count, heap_room;
static uint64_t youngest;   /* the birth at window[0] */
static Py_ssize_t farthest; /* the last place of the window in use */

static int heap_push(Value *v) {
    if (heap_count == heap_room) {
        Py_ssize_t room = heap_room ? 2 * heap_room : 1024;
        Value **larger = PyMem_RawRealloc(heap, (size_t)room * sizeof *heap);
        if (!larger) return -1;
        heap = larger;
        heap_room = room;
    }
    Py_ssize_t at = heap_count++;
    for (; at > 0 && heap[(at - 1) / 2]->birth < v->birth; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = v;
    return 0;
}

static Value *heap_pop(void) {
    Value *top = heap[0], *last = heap[--heap_count];
    Py_ssize_t at = 0, child;
    while ((child = 2 * at + 1) < heap_count) {
        if (child + 1 < heap_count && heap[child + 1]->birth > heap[child]->birth) child++;
        if (heap[child]->birth <= last->birth) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

/* 1: met for the first time, 0: waiting already, -1: out of memory. */
static inline int meet(Value *v) {
    uint64_t age = youngest - v->birth;
    if (age < WINDOW) {
        if (window[age]) return 0;
        window[age] = v;
        if ((Py_ssize_t)age > farthest) farthest = (Py_ssize_t)age;
        return 1;
    }
    if (v->queued) return 0;
    if (heap_push(v) < 0) return -1;
    v->queued = 1;
    return 1;
}

static int start_from(Value *root) {
    if (!window && !(window = PyMem_RawCalloc(WINDOW, sizeof *window))) {
        PyErr_NoMemory();
        return -1;
    }
    youngest = root->birth;
    farthest = 0;
    window[0] = root;
    return 0;
}

/* Moves the window on to the oldest that wait; 0 when none do. */
static int next_window(void) {
    if (!heap_count) return 0;
    youngest = heap[0]->birth;
    farthest = 0;
    while (heap_count && youngest - heap[0]->birth < WINDOW) {
        Value *v = heap_pop();
        v->queued = 0;
        farthest = (Py_ssize_t)(youngest - v->birth);
        window[farthest] = v;
    }
    return 1;
}

static void give_up(void) {
    memset(window, 0, WINDOW * sizeof *window);
    while (heap_count) heap[--heap_count]->queued = 0;
    PyErr_NoMemory();
}

/* The leaves a backward pass has met, each with the gradient it had before: what the pass brings is
   added to that as a whole, so that twice the same pass doubles it exactly. */
typedef struct {
    Value *leaf;
    double before;
} Met;

static Met *leaves;
static Py_ssize_t leaf_count, leaf_room;

static int meet_leaf(Value *leaf) {
    if (leaf->queued) return 0;
    if (leaf_count == leaf_room) {
        Py_ssize_t room = leaf_room ? 2 * leaf_room : 1024;
        Met *larger = PyMem_RawRealloc(leaves, (size_t)room * sizeof *leaves);
        if (!larger) return -1;
        leaves = larger;
        leaf_room = room;
    }
    leaves[leaf_count++] = (Met){leaf, leaf->grad};
    leaf->queued = 1;
    return 1;
}

static void settle_leaves(int failed) {
    while (leaf_count) {
        Met met = leaves[--leaf_count];
        met.leaf->queued = 0;
        met.leaf->grad = failed ? met.before : met.leaf->grad + met.before;
    }
}

static inline int pass_back(Value *parent, double by, double grad) {
    double part = grad == 0 ? 0.0 : by * grad; /* a gradient of 0 has nothing to pass on */
    int first = parent->kind == LEAF ? meet_leaf(parent) : meet(parent);
    if (first == 1) parent->grad = 0.0 + part;
    else parent->grad += part;
    return first;
}

static PyObject *value_backward(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    Value *root = AS_VALUE(self);
    double seed = 1.0;
    Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (count + named > 1 ||
        (named && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, 0), "seed"))) {
        PyErr_SetString(PyExc_TypeError, "backward() takes one number, the seed");
        return NULL;
    }
    if (count + named && as_float(args[0], &seed) < 0) return NULL;
    if (root->kind == LEAF) {
        root->grad += seed;
        Py_RETURN_NONE;
    }
    if (root->kind == BARE) return PyObject_CallMethod(self, "_nothing_to_differentiate", NULL);
    if (start_from(root) < 0) return NULL;
    root->grad = seed;
    do {
        for (Py_ssize_t at = 0; at <= farthest; at++) {
            Value *v = window[at];
            if (!v) continue;
            window[at] = NULL;
            double grad = v->grad;
            Edge *edges;
            Py_ssize_t n = edges_of(v, &edges);
            for (Py_ssize_t i = 0; i < n; i++) {
                if (edges[i].parent && rarely(pass_back(edges[i].parent, edges[i].by, grad) < 0)) {
                    settle_leaves(1);
                    give_up();
                    return NULL;
                }
            }
        }
    } while (next_window());
    settle_leaves(0);
    Py_RETURN_NONE;
}

static PyObject *value_history(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    PyObject *history = PyList_New(0);
    if (!history || start_from(AS_VALUE(self)) < 0) {
        Py_XDECREF(history);
        return NULL;
    }
    do {
        for (Py_ssize_t at = 0; at <= farthest; at++) {
            Value *v = window[at];
            if (!v) continue;
            window[at] = NULL;
            Edge *edges;
            Py_ssize_t n = edges_of(v, &edges);
            for (Py_ssize_t i = 0; i < n; i++)
                if (edges[i].parent && meet(edges[i].parent) < 0) goto failed;
            if (PyList_Append(history, (PyObject *)v) < 0) goto failed;
        }
    } while (next_window());
    if (PyList_Reverse(history) == 0) return history;
failed:
    give_up();
    Py_DECREF(history);
    return NULL;
}

/* ATTRIBUTES */

static PyObject *get_data(PyObject *self, void *Py_UNUSED(closure)) {
    return PyFloat_FromDouble(AS_VALUE(self)->data);
}

static PyObject *get_grad(PyObject *self, void *Py_UNUSED(closure)) {
    return PyFloat_FromDouble(AS_VALUE(self)->grad);
}

static int set_number(PyObject *object, double *field, const char *name) {
    if (!object) {
        PyErr_Format(PyExc_AttributeError, "%s cannot be deleted; set it to a number", name);
        return -1;
    }
    if (PyFloat_CheckExact(object)) {
        *field = PyFloat_AS_DOUBLE(object);
        return 0;
    }
    return as_float(object, field);
}

static int set_data(PyObject *self, PyObject *object, void *Py_UNUSED(closure)) {
    return set_number(object, &AS_VALUE(self)->data, "data");
}

static int set_grad(PyObject *self, PyObject *object, void *Py_UNUSED(closure)) {
    return set_number(object, &AS_VALUE(self)->grad, "grad");
}

static PyObject *get_name(PyObject *self, void *Py_UNUSED(closure)) {
    PyObject *name = AS_VALUE(self)->name;
    return Py_NewRef(name ? name : Py_None);
}

static int set_name(PyObject *self, PyObject *object, void *Py_UNUSED(closure)) {
    if (!object) {
        PyErr_SetString(PyExc_AttributeError, "name cannot be deleted; set it to None");
        return -1;
    }
    PyObject *name = PyObject_CallOneArg(py_name, object);
    if (!name) return -1;
    if (name != Py_None && !PyUnicode_CheckExact(name)) Py_SETREF(name, PyUnicode_FromObject(name));
    if (!name) return -1;
    PyObject *old = AS_VALUE(self)->name;
    if (name == Py_None) {
        Py_DECREF(name);
        name = NULL;
    }
    AS_VALUE(self)->name = name;
    Py_XDECREF(old);
    return 0;
}

static PyObject *get_operation(PyObject *self, void *Py_UNUSED(closure)) {
    PyObject *operation = AS_VALUE(self)->operation;
    return Py_NewRef(operation ? operation : Py_None);
}

enum { PARENTS, LOCAL_GRADS, OPERANDS };

static PyObject *get_edges(PyObject *self, void *closure) {
    int what = (int)(intptr_t)closure;
    Edge *edges;
    Py_ssize_t n = edges_of(AS_VALUE(self), &edges), count = 0;
    for (Py_ssize_t i = 0; i < n; i++) count += what == OPERANDS || edges[i].parent;
    PyObject *tuple = PyTuple_New(count);
    if (!tuple) return NULL;
    for (Py_ssize_t i = 0, at = 0; i < n; i++) {
        if (what != OPERANDS && !edges[i].parent) continue;
        PyObject *item = what == LOCAL_GRADS || !edges[i].parent
            ? PyFloat_FromDouble(edges[i].by) : Py_NewRef(edges[i].parent);
        if (!item) {
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, at++, item);
    }
    return tuple;
}

static PyObject *value_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Value *v = AS_VALUE(self);
    size_t edges = v->kind == MANY ? sizeof(Edges) + (size_t)v->many->count * sizeof(Edge) : 0;
    return PyLong_FromSize_t(sizeof(Value) + edges);
}

/* MAKING VALUES by hand */

static int is_bound(void) {
    if (!paused) PyErr_SetString(PyExc_RuntimeError, "this engine is not in use: autograd.ENGINE is 'python'");
    return paused != NULL;
}

/* node(operation, data, operands, parents, local_grads): from parts that are known to be right. */
static PyObject *make_node(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *operation, *operands, *parents, *local_grads;
    double data;
    if (!is_bound()) return NULL;
    if (!PyArg_ParseTuple(args, "OdO!O!O!", &operation, &data, &PyTuple_Type, &operands, &PyTuple_Type,
                          &parents, &PyTuple_Type, &local_grads))
        return NULL;
    if (operation == Py_None) operation = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(operands), at = 0, known = PyTuple_GET_SIZE(parents);
    if (!n) {
        if (operation) return bare(operation, data);
        return (PyObject *)new_node(data, LEAF);
    }
    Edges *many = new_edges(n);
    if (!many) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *operand = PyTuple_GET_ITEM(operands, i);
        int parent = IS_VALUE(operand);
        if (parent && (at >= known || operand != PyTuple_GET_ITEM(parents, at))) break;
        PyObject *number = parent ? PyTuple_GetItem(local_grads, at++) : operand;
        double by = number ? PyFloat_AsDouble(number) : 0;
        if (PyErr_Occurred()) break;
        many->edges[i] = (Edge){parent ? AS_VALUE(operand) : NULL, by};
        if (i == n - 1 && at == known) return node_of_many(operation, data, many);
    }
    free_edges(many);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "operands and parents do not fit");
    return NULL;
}

static PyObject *value_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *named) {
    static char *words[] = {"data", "parents", "local_grads", "name", "label", NULL};
    PyObject *number, *parents = NULL, *local_grads = NULL, *name = NULL, *label = NULL;
    double data;
    if (!is_bound()) return NULL;
    if (!PyArg_ParseTupleAndKeywords(args, named, "O|OO$OO:Value", words, &number, &parents, &local_grads,
                                     &name, &label))
        return NULL;
    if (as_float(number, &data) < 0) return NULL;
    PyObject *self;
    if (parents || local_grads) {
        PyObject *none = PyTuple_New(0), *edges = NULL;
        if (none)
            edges = PyObject_CallFunctionObjArgs(py_checked_edges, parents ? parents : none,
                                                 local_grads ? local_grads : none, NULL);
        Py_XDECREF(none);
        if (!edges) return NULL;
        PyObject *arguments = Py_BuildValue("(OdOOO)", Py_None, data, PyTuple_GET_ITEM(edges, 0),
                                            PyTuple_GET_ITEM(edges, 0), PyTuple_GET_ITEM(edges, 1));
        Py_DECREF(edges);
        if (!arguments) return NULL;
        self = make_node(NULL, arguments);
        Py_DECREF(arguments);
    } else {
        self = (PyObject *)new_node(data, LEAF);
    }
    if (!name || name == Py_None) name = label;
    if (self && name && set_name(self, name, NULL) < 0) Py_CLEAR(self);
    return self;
}

/* Value(2.0), the usual call */
static PyObject *value_vectorcall(PyObject *type, PyObject *const *args, size_t flags, PyObject *names) {
    double data;
    if (PyVectorcall_NARGS(flags) == 1 && !names) {
        if (PyFloat_CheckExact(args[0])) data = PyFloat_AS_DOUBLE(args[0]);
        else if (as_float(args[0], &data) < 0) return NULL;
        return (PyObject *)new_node(data, LEAF);
    }
    Py_ssize_t count = PyVectorcall_NARGS(flags);
    PyObject *positional = PyTuple_New(count), *named = names ? PyDict_New() : NULL, *self = NULL;
    if (!positional || (names && !named)) goto done;
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++)
        if (PyDict_SetItem(named, PyTuple_GET_ITEM(names, i), args[count + i]) < 0) goto done;
    self = value_new((PyTypeObject *)type, positional, named);
done:
    Py_XDECREF(positional);
    Py_XDECREF(named);
    return self;
}

/* LOOPS over many Values: the twins of loops.py */

/* linear(rows, xs, biases): dot(row, xs, bias) for every row and bias */
static PyObject *linear(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyList_CheckExact(args[0]) || !PyList_CheckExact(args[2]) ||
        PyList_GET_SIZE(args[0]) != PyList_GET_SIZE(args[2])) {
        PyErr_SetString(PyExc_TypeError, "linear takes a list of rows, xs, and as many biases");
        return NULL;
    }
    PyObject *results = PyList_New(PyList_GET_SIZE(args[0]));
    for (Py_ssize_t i = 0; results && i < PyList_GET_SIZE(results); i++) {
        PyObject *row = i < PyList_GET_SIZE(args[0]) ? Py_NewRef(PyList_GET_ITEM(args[0], i)) : NULL;
        PyObject *bias = i < PyList_GET_SIZE(args[2]) ? Py_NewRef(PyList_GET_ITEM(args[2], i)) : NULL;
        PyObject *const operands[] = {row, args[1], bias};
        PyObject *node = row && bias ? function_call(rows[ROW_dot], operands, 3, NULL) : NULL;
        if (node) PyList_SET_ITEM(results, i, node);
        else Py_CLEAR(results);
        Py_XDECREF(row);
        Py_XDECREF(bias);
    }
    if (!results && !PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "the rows changed meanwhile");
    return results;
}

/* The list of Values in args[0], and after it `arrays` writable arrays of one double for each. */
static int open_arrays(PyObject *const *args, Py_ssize_t arrays, Py_buffer *buffers) {
    Py_ssize_t opened = 0;
    while (opened < arrays) { /* first, because a __buffer__ in Python may change the list */
        Py_buffer *buffer = &buffers[opened];
        if (PyObject_GetBuffer(args[1 + opened], buffer, PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_ND) < 0) goto failed;
        opened++;
    }
    int values = PyList_CheckExact(args[0]);
    Py_ssize_t n = values ? PyList_GET_SIZE(args[0]) : 0;
    for (Py_ssize_t i = 0; values && i < n; i++) values = IS_VALUE(PyList_GET_ITEM(args[0], i));
    if (!values) {
        PyErr_SetString(PyExc_TypeError, "params must be a list of Values");
        goto failed;
    }
    for (Py_ssize_t i = 0; i < arrays; i++) {
        int doubles = buffers[i].format && !strcmp(buffers[i].format, "d") &&
                      (uintptr_t)buffers[i].buf % sizeof(double) == 0;
        if (doubles && buffers[i].len / (Py_ssize_t)sizeof(double) == n) continue;
        PyErr_SetString(PyExc_ValueError, "the state must be an array of one double per parameter");
        goto failed;
    }
    return 0;
failed:
    while (opened > 0) PyBuffer_Release(&buffers[--opened]);
    return -1;
}

/* zero_grad(params) */
static PyObject *zero_grad(PyObject *Py_UNUSED(module), PyObject *params) {
    if (open_arrays(&params, 0, NULL) < 0) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(params); i++) AS_VALUE(PyList_GET_ITEM(params, i))->grad = 0.0;
    Py_RETURN_NONE;
}

/* sgd(params, velocity, lr, momentum, nesterov, weight_decay) */
static PyObject *sgd(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *operands[2];
    double lr, momentum, weight_decay;
    int nesterov;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(args, "OOddpd", &operands[0], &operands[1], &lr, &momentum, &nesterov, &weight_decay))
        return NULL;
    if (open_arrays(operands, 1, &buffer) < 0) return NULL;
    double *velocity = buffer.buf;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(operands[0]); i++) {
        Value *p = AS_VALUE(PyList_GET_ITEM(operands[0], i));
        double g = p->grad;
        if (weight_decay != 0) g += weight_decay * p->data;
        if (momentum != 0) {
            double v = velocity[i] = momentum * velocity[i] + g;
            g = nesterov ? g + momentum * v : v;
        }
        p->data -= lr * g;
    }
    PyBuffer_Release(&buffer);
    Py_RETURN_NONE;
}

/* adam(params, m, v, lr, beta1, beta2, eps, weight_decay, t) */
static PyObject *adam(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *operands[3];
    double lr, beta1, beta2, eps, weight_decay, t;
    Py_buffer buffers[2];
    if (!PyArg_ParseTuple(args, "OOOdddddd", &operands[0], &operands[1], &operands[2], &lr, &beta1, &beta2,
                          &eps, &weight_decay, &t))
        return NULL;
    if (open_arrays(operands, 2, buffers) < 0) return NULL;
    double *first = buffers[0].buf, *second = buffers[1].buf;
    double rate = lr / (1.0 - pow(beta1, t)), root = sqrt(1.0 - pow(beta2, t));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(operands[0]); i++) {
        Value *p = AS_VALUE(PyList_GET_ITEM(operands[0], i));
        double g = p->grad;
        if (weight_decay != 0) g += weight_decay * p->data;
        double m = first[i] = beta1 * first[i] + (1.0 - beta1) * g;
        double v = second[i] = beta2 * second[i] + (1.0 - beta2) * g * g;
        p->data -= rate * m / (sqrt(v) / root + eps);
    }
    PyBuffer_Release(&buffers[0]);
    PyBuffer_Release(&buffers[1]);
    Py_RETURN_NONE;
}

/* THE MODULE */

static PyGetSetDef value_attributes[] = {
    {"data", get_data, set_data, "The number.", NULL},
    {"_data", get_data, NULL, NULL, NULL}, /* what Python code shared by both engines reads */
    {"grad", get_grad, set_grad, "d loss / d self.", NULL},
    {"name", get_name, set_name, "What pictures call it.", NULL},
    {"operation", get_operation, NULL, "The row of the table, None for a leaf.", NULL},
    {"parents", get_edges, NULL, "The Values it was computed from.", (void *)PARENTS},
    {"local_grads", get_edges, NULL, "d self / d parent for each parent.", (void *)LOCAL_GRADS},
    {"operands", get_edges, NULL, "The operation's inputs: Values and floats.", (void *)OPERANDS},
    {NULL, NULL, NULL, NULL, NULL},
};

#define METHOD_ENTRY(name, row) {#name, method_##name, METH_NOARGS, NULL},
static PyMethodDef value_methods[] = {
    UNARY_ROWS(METHOD_ENTRY)
    {"backward", (PyCFunction)(void (*)(void))value_backward, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"history", value_history, METH_NOARGS, NULL},
    {"_operate", (PyCFunction)(void (*)(void))value_operate, METH_FASTCALL, NULL},
    {"__sizeof__", value_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot value_slots[] = {
    {Py_tp_new, value_new},
    {Py_tp_dealloc, value_dealloc},
    {Py_tp_hash, value_hash},
    {Py_tp_richcompare, value_compare},
    {Py_tp_getset, value_attributes},
    {Py_tp_methods, value_methods},
    {Py_nb_add, operator_add_from_zero},
    {Py_nb_subtract, operator_subtract},
    {Py_nb_multiply, operator_multiply},
    {Py_nb_true_divide, operator_divide},
    {Py_nb_power, operator_power_of_two},
    {Py_nb_negative, operator_negative},
    {Py_nb_positive, operator_positive},
    {Py_nb_absolute, operator_absolute},
    {Py_nb_bool, operator_bool},
    {0, NULL},
};

static PyType_Spec value_spec = {
    .name = "autograd.Value",
    .basicsize = sizeof(Value),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, /* so that __init_subclass__ can refuse */
    .slots = value_slots,
};

#ifndef Py_T_PYSSIZET /* before Python 3.12 */
#include <structmember.h>
#define Py_T_PYSSIZET T_PYSSIZET
#define Py_READONLY READONLY
#endif

static PyMemberDef function_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(Function, vectorcall), Py_READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot function_slots[] = {
    {Py_tp_new, function_new},
    {Py_tp_dealloc, function_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, function_members},
    {0, NULL},
};

static PyType_Spec function_spec = {
    .name = "autograd.native.value.Function",
    .basicsize = sizeof(Function),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = function_slots,
};

/* bind(rows by name, paused, recording, as_float, checked_edges, operate, name): Python's part */
static PyObject *bind(PyObject *Py_UNUSED(module), PyObject *args) {
    static const char *const names[ROW_COUNT] = {ROW_NAMES};
    PyObject *table, *python[6];
    PyObject **const kept[] = {&paused, &py_recording, &py_as_float, &py_checked_edges, &py_operate, &py_name};
    if (!PyArg_ParseTuple(args, "O!O!OOOOO", &PyDict_Type, &table, &PyList_Type, &python[0], &python[1],
                          &python[2], &python[3], &python[4], &python[5]))
        return NULL;
    for (int i = 0; i < ROW_COUNT; i++) {
        PyObject *row = PyDict_GetItemString(table, names[i]);
        if (!row || !PyObject_TypeCheck(row, FunctionType)) {
            PyErr_Format(PyExc_ImportError,
                         "the native engine was built from a table with the row %s, which this one does "
                         "not have: build it again with pip install", names[i]);
            return NULL;
        }
        Py_XSETREF(rows[i], Py_NewRef(row));
        ((Function *)row)->row = i;
#if PY_VERSION_HEX < 0x030C0000 /* later Pythons let classes inherit it */
        Py_TYPE(row)->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
#endif
    }
    for (int i = 0; i < 6; i++) Py_XSETREF(*kept[i], Py_NewRef(python[i]));
    ValueType->tp_vectorcall = value_vectorcall;
    Py_RETURN_NONE;
}

static PyObject *memory(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    return Py_BuildValue("{s:n,s:n,s:n}", "nodes", live_count, "bytes",
                         live_count * (Py_ssize_t)sizeof(Value) + edge_bytes, "reserved",
                         slab_count * SLAB_BYTES + edge_bytes);
}

static PyMethodDef functions[] = {
    {"bind", bind, METH_VARARGS, NULL},
    {"node", make_node, METH_VARARGS, NULL},
    {"memory", memory, METH_NOARGS, NULL},
    {"linear", (PyCFunction)(void (*)(void))linear, METH_FASTCALL, NULL},
    {"zero_grad", zero_grad, METH_O, NULL},
    {"sgd", sgd, METH_VARARGS, NULL},
    {"adam", adam, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "autograd.native.value", NULL, -1, functions,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_value(void) {
    PyObject *self = PyModule_Create(&module);
    str_call = PyUnicode_InternFromString("call");
    ValueType = (PyTypeObject *)PyType_FromSpec(&value_spec);
    FunctionType = (PyTypeObject *)PyType_FromSpec(&function_spec);
    if (!self || !str_call || !ValueType || !FunctionType) return NULL;
    ValueType->tp_name = "Value"; /* in messages, as that of a class in Python */
    if (PyModule_AddObjectRef(self, "Value", (PyObject *)ValueType) < 0) return NULL;
    if (PyModule_AddObjectRef(self, "Function", (PyObject *)FunctionType) < 0) return NULL;
    if (PyModule_AddStringConstant(self, "KERNELS", KERNELS) < 0) return NULL;
    return self;
}
