/* Value in C: the twin of value.py, with the same names and the same answers.

   A node is 80 bytes. It keeps one or two inputs in place, any other number in a block of edges. An
   edge is a parent with its local derivative, or no parent and the constant that stands there. A dot
   product has no edges but two rows of operands, which it shares with other dot products. Nodes
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
#include "node.h"
#include "slabs.h"
#include "edges.h"
#include "marks.h"
#include "freeing.h"
#include "numbers.h"

#ifndef Py_T_PYSSIZET /* before Python 3.12 */
#include <structmember.h>
#define Py_T_PYSSIZET T_PYSSIZET
#define Py_T_OBJECT_EX T_OBJECT_EX
#define Py_READONLY READONLY
#endif
#include "scopes.h"

#ifdef Py_GIL_DISABLED
#error "the native engine counts on the global interpreter lock; the Python engine runs instead"
#endif

/* MAKING NODES */

enum { UNRECORDED, RECORDED, SEEN };

/* RECORDED, nearly always; UNRECORDED inside no_grad(), SEEN where something else may be asked for,
   such as by detect_anomaly(); -1 on an error. */
static inline int recording(void) {
    if (!rarely(PyList_GET_SIZE(modes))) return RECORDED;
    PyObject *answer = PyObject_CallNoArgs(py_recording);
    int yes = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return yes > 0 ? SEEN : yes;
}

/* The node, after Python has seen it. */
static PyObject *seen(PyObject *node) {
    PyObject *same = node ? PyObject_CallOneArg(py_watched, node) : NULL;
    Py_XDECREF(node);
    return same;
}

static PyObject *bare(PyObject *operation, double data) {
    Value *v = new_node(data, BARE, 0);
    if (!v) return NULL;
    v->operation = Py_NewRef(operation);
    return (PyObject *)v;
}

static PyObject *unrecorded(int row, double data) { return seen(bare(rows[row], data)); }

static inline PyObject *recorded_one(int row, double data, Value *x, double by_x) {
    Value *v = new_node(data, ONE, row);
    if (rarely(!v)) return NULL;
    Py_XINCREF(x);
    v->edge[0] = (Edge){x, by_x};
    return (PyObject *)v;
}

static inline PyObject *recorded_two(int row, double data, Value *x, double by_x, Value *y, double by_y) {
    Value *v = new_node(data, TWO, row);
    if (rarely(!v)) return NULL;
    Py_XINCREF(x);
    Py_XINCREF(y);
    v->edge[0] = (Edge){x, by_x};
    v->edge[1] = (Edge){y, by_y};
    return (PyObject *)v;
}

/* Inside no_grad() or detect_anomaly(): a function of its own, so that the usual way is short. */
static PyObject *otherwise(int kind, int row, double data, Edge first, Edge second) {
    int records = recording();
    if (records <= 0) return records < 0 ? NULL : unrecorded(row, data);
    if (kind == ONE) return seen(recorded_one(row, data, first.parent, first.by));
    return seen(recorded_two(row, data, first.parent, first.by, second.parent, second.by));
}

static inline PyObject *node_of_one(int row, double data, Value *x, double by_x) {
    if (rarely(PyList_GET_SIZE(modes))) return otherwise(ONE, row, data, (Edge){x, by_x}, (Edge){NULL, 0.0});
    return recorded_one(row, data, x, by_x);
}

static inline PyObject *node_of_two(int row, double data, Value *x, double by_x, Value *y, double by_y) {
    if (rarely(PyList_GET_SIZE(modes))) return otherwise(TWO, row, data, (Edge){x, by_x}, (Edge){y, by_y});
    return recorded_two(row, data, x, by_x, y, by_y);
}

/* Takes over the block; the parents in it are counted here. */
static PyObject *node_of_many(PyObject *operation, double data, Edges *many) {
    Value *v = new_node(data, MANY, 0);
    if (!v) {
        free_edges(many);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < many->count; i++) Py_XINCREF(many->edges[i].parent);
    many->operation = Py_XNewRef(operation);
    v->many = many;
    return (PyObject *)v;
}

/* OPERATORS AND METHODS, one of each row of the table */

#define UNARY_METHOD(name, row)                                                           \
    static PyObject *method_##name(PyObject *self, PyObject *Py_UNUSED(ignored)) {        \
        double x = AS_VALUE(self)->data, out = value_##name(x);                           \
        return node_of_one(row, out, AS_VALUE(self), by0_##name(x, out));                 \
    }
UNARY_ROWS(UNARY_METHOD)

/* Two Values, the usual case, first; then a Value and a float; then what else is a number. */
#define BINARY_OPERATOR(name, row)                                                        \
    static inline PyObject *value_op_value_##name(Value *a, Value *b) {                   \
        double x = a->data, y = b->data, out = value_##name(x, y);                        \
        return node_of_two(row, out, a, by0_##name(x, y, out), b, by1_##name(x, y, out)); \
    }                                                                                     \
    static inline PyObject *value_op_number_##name(Value *a, double y) {                  \
        double x = a->data, out = value_##name(x, y);                                     \
        return node_of_two(row, out, a, by0_##name(x, y, out), NULL, y);                  \
    }                                                                                     \
    static inline PyObject *number_op_value_##name(double x, Value *b) {                  \
        double y = b->data, out = value_##name(x, y);                                     \
        return node_of_two(row, out, NULL, x, b, by1_##name(x, y, out));                  \
    }                                                                                     \
    static PyObject *operator_##name(PyObject *a, PyObject *b) {                          \
        if (IS_VALUE(a)) {                                                                \
            if (IS_VALUE(b)) return value_op_value_##name(AS_VALUE(a), AS_VALUE(b));      \
            if (PyFloat_CheckExact(b))                                                    \
                return value_op_number_##name(AS_VALUE(a), PyFloat_AS_DOUBLE(b));         \
        } else if (PyFloat_CheckExact(a)) {                                               \
            return number_op_value_##name(PyFloat_AS_DOUBLE(a), AS_VALUE(b));             \
        }                                                                                 \
        double number;                                                                    \
        int left = IS_VALUE(a), found = any_number(left ? b : a, &number);                \
        if (rarely(found != NUMBER)) return refused(found);                               \
        return left ? value_op_number_##name(AS_VALUE(a), number)                         \
                    : number_op_value_##name(number, AS_VALUE(b));                        \
    }

static PyObject *refused(int found) {
    if (found == FAILED) return NULL;
    Py_RETURN_NOTIMPLEMENTED;
}

OPERATOR_ROWS(BINARY_OPERATOR)

/* 0 + v is v itself, so that the built-in sum() leaves no 0 in the graph */
static PyObject *operator_add_from_zero(PyObject *a, PyObject *b) {
    if (!IS_VALUE(a) && (PyLong_CheckExact(a) || PyFloat_CheckExact(a)) && !PyObject_IsTrue(a))
        return Py_NewRef(b);
    return operator_add(a, b);
}

static PyObject *operator_power_of_two(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return operator_power(a, b);
}

static PyObject *operator_negative(PyObject *self) { return method_negative(self, NULL); }
static PyObject *operator_absolute(PyObject *self) { return method_absolute(self, NULL); }
static PyObject *operator_positive(PyObject *self) { return Py_NewRef(self); }
/* Tells the recorder, if this thread has one, what a comparison has decided; -1 on an error. */
static int note(PyObject *left, PyObject *right, double number, int how, int outcome) {
    static const char *const signs[] = {[Py_LT] = "<", [Py_LE] = "<=", [Py_EQ] = "==",
                                        [Py_NE] = "!=", [Py_GT] = ">", [Py_GE] = ">="};
    PyObject *other = IS_VALUE(right) ? Py_NewRef(right) : PyFloat_FromDouble(number);
    PyObject *done = other ? PyObject_CallFunction(py_compared, "OOsO", left, other, signs[how],
                                                   outcome ? Py_True : Py_False) : NULL;
    Py_XDECREF(other);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* Tells it that a number was taken out of its Value, or put into it. */
static int touch(PyObject *self, const char *how) {
    PyObject *done = PyObject_CallFunction(py_touched, "Os", self, how);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

static int operator_bool(PyObject *self) {
    int outcome = AS_VALUE(self)->data != 0;
    if (rarely(PyList_GET_SIZE(recorders)) && note(self, Py_None, 0.0, Py_NE, outcome) < 0) return -1;
    return outcome;
}

static PyObject *value_compare(PyObject *self, PyObject *other, int how) {
    double x = AS_VALUE(self)->data, y;
    int found = any_number(other, &y), outcome;
    if (found >= NEITHER) return refused(found);
    switch (how) {
    case Py_LT: outcome = x < y; break;
    case Py_LE: outcome = x <= y; break;
    case Py_GT: outcome = x > y; break;
    case Py_GE: outcome = x >= y; break;
    case Py_EQ: outcome = x == y; break;
    default: outcome = x != y;
    }
    if (rarely(PyList_GET_SIZE(recorders)) && note(self, other, y, how, outcome) < 0) return NULL;
    return PyBool_FromLong(outcome);
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
    if (records <= 0) return records < 0 ? NULL : unrecorded(row, out);
    if (kernel->selects && edges[0].parent && rarely(PyList_GET_SIZE(recorders)) &&
        note(operands[0], Py_None, 0.0, Py_NE, x[0] != 0) < 0)
        return NULL;
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
    PyObject *node = node_of_many(rows[row], out, many);
    return records == SEEN ? seen(node) : node;
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
        node = unrecorded(row, out);
        goto done;
    }
    Edges *many = new_edges(count);
    if (!many) goto done;
    for (Py_ssize_t i = 0; i < count; i++)
        many->edges[i] = IS_VALUE(items[i])
            ? (Edge){AS_VALUE(items[i]), reduction_by(row, n, x, w, k, out, i)}
            : (Edge){NULL, x[i]};
    node = node_of_many(rows[row], out, many);
    if (records == SEEN) node = seen(node);
done:
    PyMem_RawFree(x);
    return node;
}

#include "dot.h"

static PyObject *call_reduction(int row, PyObject *const *operands, Py_ssize_t count) {
    if (row == ROW_dot) return count == 2 || count == 3 ? dot(operands, count) : NULL;
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
            int found = quick_number(operand, &number);
            if (found == FAILED) goto done;
            if (found != NEITHER) continue;
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

#include "traversal.h"
#include "sweeps.h"
#include "flatten.h"

/* ATTRIBUTES */

static PyObject *get_data(PyObject *self, void *unseen) {
    if (rarely(PyList_GET_SIZE(recorders)) && !unseen && touch(self, "read") < 0) return NULL;
    return PyFloat_FromDouble(AS_VALUE(self)->data);
}

static PyObject *get_grad(PyObject *self, void *Py_UNUSED(closure)) {
    PyObject *kept = rarely(AS_VALUE(self)->tag & MARKED) ? mark_of(kept_grads, AS_VALUE(self)) : NULL;
    if (kept) return Py_NewRef(kept);
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
    int done = set_number(object, &AS_VALUE(self)->data, "data");
    edits++; /* only now: a __float__ in Python may have read rows before */
    if (rarely(PyList_GET_SIZE(recorders)) && done == 0) return touch(self, "set");
    return done;
}

static int set_grad(PyObject *self, PyObject *object, void *Py_UNUSED(closure)) {
    int done = set_number(object, &AS_VALUE(self)->grad, "grad");
    if (done == 0 && AS_VALUE(self)->tag & MARKED) drop_mark(kept_grads, AS_VALUE(self));
    return done;
}

/* _keep_grad(v): let the gradient be a Value, until it is set anew */
static PyObject *value_keep_grad(PyObject *self, PyObject *grad) {
    if (!IS_VALUE(grad)) {
        PyErr_SetString(PyExc_TypeError, "_keep_grad takes a Value");
        return NULL;
    }
    if (set_mark(kept_grads, AS_VALUE(self), grad) < 0) return NULL;
    AS_VALUE(self)->grad = AS_VALUE(grad)->data;
    Py_RETURN_NONE;
}

static PyObject *get_hooks(PyObject *self, void *Py_UNUSED(closure)) {
    PyObject *hooks = mark_of(hook_lists, AS_VALUE(self));
    if (!hooks && PyErr_Occurred()) return NULL;
    return Py_NewRef(hooks ? hooks : Py_None);
}

static int set_hooks(PyObject *self, PyObject *hooks, void *Py_UNUSED(closure)) {
    if (hooks) return set_mark(hook_lists, AS_VALUE(self), hooks);
    drop_mark(hook_lists, AS_VALUE(self));
    return 0;
}

static PyObject *get_birth(PyObject *self, void *Py_UNUSED(closure)) {
    return PyLong_FromUnsignedLongLong(BIRTH_OF(AS_VALUE(self)->tag));
}

static PyObject *get_operation(PyObject *self, void *Py_UNUSED(closure)) {
    const Value *v = AS_VALUE(self);
    PyObject *operation = NULL;
    switch (KIND_OF(v->tag)) {
    case BARE: operation = v->operation; break;
    case MANY: operation = v->many->operation; break;
    case ONE: case TWO: operation = rows[ROW_OF(v->tag)]; break;
    case DOT: case BIASED: operation = rows[ROW_dot]; break;
    }
    return Py_NewRef(operation ? operation : Py_None);
}

enum { PARENTS, LOCAL_GRADS, OPERANDS };

static PyObject *get_edges(PyObject *self, void *closure) {
    const Value *v = AS_VALUE(self);
    int what = (int)(intptr_t)closure;
    Py_ssize_t n = edge_count(v), count = 0;
    for (Py_ssize_t i = 0; i < n; i++) count += what == OPERANDS || edge_at(v, i).parent;
    PyObject *tuple = PyTuple_New(count);
    if (!tuple) return NULL;
    for (Py_ssize_t i = 0, at = 0; i < n; i++) {
        Edge edge = edge_at(v, i);
        if (what != OPERANDS && !edge.parent) continue;
        PyObject *item = what == LOCAL_GRADS || !edge.parent
            ? PyFloat_FromDouble(edge.by) : Py_NewRef(edge.parent);
        if (!item) {
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SET_ITEM(tuple, at++, item);
    }
    return tuple;
}

/* Rows are not counted: they are shared. */
static PyObject *value_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    Value *v = AS_VALUE(self);
    size_t edges = KIND_OF(v->tag) == MANY ? sizeof(Edges) + (size_t)v->many->count * sizeof(Edge) : 0;
    return PyLong_FromSize_t(sizeof(Value) + edges);
}

/* MAKING VALUES by hand */

static int is_bound(void) {
    if (!modes) PyErr_SetString(PyExc_RuntimeError, "this engine is not in use: autograd.ENGINE is 'python'");
    return modes != NULL;
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
        return (PyObject *)new_node(data, LEAF, 0);
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
        self = (PyObject *)new_node(data, LEAF, 0);
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
        return (PyObject *)new_node(data, LEAF, 0);
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

#include "loops.h"
#include "replay.h"
#include "closure.h"
#include "shuffling.h"

/* THE MODULE */

static PyGetSetDef value_attributes[] = {
    {"data", get_data, set_data, "The number.", NULL},
    {"_data", get_data, NULL, NULL, "unseen"}, /* what Python code shared by both engines reads */
    {"grad", get_grad, set_grad, "d loss / d self.", NULL},
    {"_birth", get_birth, NULL, NULL, NULL},
    {"_hooks", get_hooks, set_hooks, NULL, NULL},
    {"name", get_name, set_name, "What pictures call it.", NULL},
    {"_call", get_call, set_call, NULL, NULL},
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
    {"_keep_grad", value_keep_grad, METH_O, NULL},
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

/* bind(rows by name, modes, recording, watched, as_float, checked_edges, operate, name, recorders,
   compared, touched): Python's part */
static PyObject *bind(PyObject *Py_UNUSED(module), PyObject *args) {
    static const char *const names[ROW_COUNT] = {ROW_NAMES};
    PyObject *table, *python[10];
    PyObject **const kept[] = {&modes, &py_recording, &py_watched, &py_as_float, &py_checked_edges, &py_operate,
                               &py_name, &recorders, &py_compared, &py_touched};
    if (!PyArg_ParseTuple(args, "O!O!OOOOOOO!OO", &PyDict_Type, &table, &PyList_Type, &python[0], &python[1],
                          &python[2], &python[3], &python[4], &python[5], &python[6], &PyList_Type, &python[7],
                          &python[8], &python[9]))
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
    for (int i = 0; i < 10; i++) Py_XSETREF(*kept[i], Py_NewRef(python[i]));
    ValueType->tp_vectorcall = value_vectorcall;
    Py_RETURN_NONE;
}

static PyObject *memory(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    Py_ssize_t nodes = (Py_ssize_t)(births - deaths);
    return Py_BuildValue("{s:n,s:n,s:n}", "nodes", nodes, "bytes",
                         nodes * (Py_ssize_t)sizeof(Value) + edge_bytes, "reserved",
                         slab_count * SLAB_BYTES + edge_bytes);
}

static PyObject *count_of_edits(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    return PyLong_FromUnsignedLongLong(edits);
}

static PyMethodDef functions[] = {
    {"bind", bind, METH_VARARGS, NULL},
    {"node", make_node, METH_VARARGS, NULL},
    {"memory", memory, METH_NOARGS, NULL},
    {"here", here, METH_NOARGS, NULL},
    {"layer", (PyCFunction)(void (*)(void))layer, METH_FASTCALL, NULL},
    {"edits", count_of_edits, METH_NOARGS, NULL},
    {"pull", pull, METH_VARARGS, NULL},
    {"push", push, METH_VARARGS, NULL},
    {"reach", reach, METH_VARARGS, NULL},
    {"flatten", flatten, METH_VARARGS, NULL},
    {"same", (PyCFunction)(void (*)(void))same, METH_FASTCALL, NULL},
    {"joined", (PyCFunction)(void (*)(void))joined, METH_FASTCALL, NULL},
    {"instruction_sets", instruction_sets, METH_NOARGS, NULL},
    {"use_instructions", use_instructions, METH_O, NULL},
    {"zero_grad", zero_grad, METH_O, NULL},
    {"read_data", (PyCFunction)(void (*)(void))read_data, METH_FASTCALL, NULL},
    {"write_data", (PyCFunction)(void (*)(void))write_data, METH_FASTCALL, NULL},
    {"update", (PyCFunction)(void (*)(void))update, METH_FASTCALL, NULL},
    {"shuffle", shuffle, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "autograd.native.value", NULL, -1, functions,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_value(void) {
    PyObject *self = PyModule_Create(&module);
    str_call = PyUnicode_InternFromString("call");
    hook_lists = PyDict_New();
    kept_grads = PyDict_New();
    part_names[0] = PyUnicode_InternFromString("activation");
    part_names[1] = PyUnicode_InternFromString("weights");
    part_names[2] = PyUnicode_InternFromString("bias");
    ValueType = (PyTypeObject *)PyType_FromSpec(&value_spec);
    FunctionType = (PyTypeObject *)PyType_FromSpec(&function_spec);
    if (!self || !str_call || !hook_lists || !kept_grads || !part_names[0] || !part_names[1] || !part_names[2]) return NULL;
    ReplayType = (PyTypeObject *)PyType_FromSpec(&replay_spec);
    StepsType = (PyTypeObject *)PyType_FromSpec(&steps_spec);
    PyObject *scope = PyType_FromSpec(&scope_spec);
    if (!ValueType || !FunctionType || !ReplayType || !StepsType || !scope) return NULL;
    for (size_t i = sizeof all_kernels / sizeof *all_kernels; i-- > 0;)
        if (runs_here(all_kernels[i])) isa = all_kernels[i];
    ValueType->tp_name = "Value"; /* in messages, as that of a class in Python */
    if (PyModule_AddObjectRef(self, "Value", (PyObject *)ValueType) < 0) return NULL;
    if (PyModule_AddObjectRef(self, "Function", (PyObject *)FunctionType) < 0) return NULL;
    if (PyModule_AddObjectRef(self, "Replay", (PyObject *)ReplayType) < 0) return NULL;
    if (PyModule_AddObjectRef(self, "Scope", scope) < 0) return NULL;
    if (PyModule_AddStringConstant(self, "KERNELS", KERNELS) < 0) return NULL;
    return self;
}
