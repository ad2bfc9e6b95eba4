/* Traversal from a node to all it was computed from, the youngest first, each once. Nodes wait in a
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
    for (; at > 0 && BIRTH_OF(heap[(at - 1) / 2]->tag) < BIRTH_OF(v->tag); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = v;
    return 0;
}

static Value *heap_pop(void) {
    Value *top = heap[0], *last = heap[--heap_count];
    Py_ssize_t at = 0, child;
    while ((child = 2 * at + 1) < heap_count) {
        if (child + 1 < heap_count && BIRTH_OF(heap[child + 1]->tag) > BIRTH_OF(heap[child]->tag)) child++;
        if (BIRTH_OF(heap[child]->tag) <= BIRTH_OF(last->tag)) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return top;
}

/* Lets a node wait for its turn; -1: out of memory. */
static int meet(Value *v) {
    if (v->tag & MET) return 0;
    uint64_t age = youngest - BIRTH_OF(v->tag);
    if (age < WINDOW) {
        window[age] = v;
        if ((Py_ssize_t)age > farthest) farthest = (Py_ssize_t)age;
    } else if (heap_push(v) < 0) {
        return -1;
    }
    v->tag |= MET;
    return 0;
}

static int start_from(Value *root) {
    if (!window && !(window = PyMem_RawCalloc(WINDOW, sizeof *window))) {
        PyErr_NoMemory();
        return -1;
    }
    youngest = BIRTH_OF(root->tag);
    farthest = 0;
    window[0] = root;
    return 0;
}

/* Takes what waits at a place of the window. */
static inline Value *take_turn(Py_ssize_t at) {
    Value *v = window[at];
    if (!v) return NULL;
    window[at] = NULL;
    v->tag &= ~MET;
    return v;
}

/* Moves the window on to the oldest that wait; 0 when none do. */
static int next_window(void) {
    if (!heap_count) return 0;
    youngest = BIRTH_OF(heap[0]->tag);
    farthest = 0;
    while (heap_count && youngest - BIRTH_OF(heap[0]->tag) < WINDOW) {
        Value *v = heap_pop();
        farthest = (Py_ssize_t)(youngest - BIRTH_OF(v->tag));
        window[farthest] = v;
    }
    return 1;
}

static void forget_turns(void) {
    for (Py_ssize_t at = 0; at < WINDOW; at++) take_turn(at);
    while (heap_count) heap[--heap_count]->tag &= ~MET;
}

static void give_up(void) {
    forget_turns();
    PyErr_NoMemory();
}

/* The leaves a backward pass has met, each with the gradient it had before: what the pass brings is
   added to that as a whole, so that twice the same pass doubles it exactly. */
typedef struct {
    Value *node;
    double before;
} Met;

typedef struct {
    Met *items;
    Py_ssize_t count, room;
} Mets;

static Mets leaves;
/* Nodes in the interior whose gradient is borrowed by a sweep between some roots and the oldest of
   some variables, to be given back (see sweeps.h). */
static Mets borrowed;

static int remember(Mets *mets, Value *v) {
    if (mets->count == mets->room) {
        Py_ssize_t room = mets->room ? 2 * mets->room : 1024;
        Met *larger = PyMem_RawRealloc(mets->items, (size_t)room * sizeof *larger);
        if (!larger) return -1;
        mets->items = larger;
        mets->room = room;
    }
    mets->items[mets->count++] = (Met){v, v->grad};
    return 0;
}

static void settle_leaves(int failed) {
    while (leaves.count) {
        Met met = leaves.items[--leaves.count];
        met.node->tag &= ~MET;
        met.node->grad = failed ? met.before : met.node->grad + met.before;
    }
}

static uint64_t pass; /* the number of the backward pass that is on its way */

/* Adds to the gradient of a parent, from 0 when it is met for the first time. Whether it is, and
   whether it is a leaf, the processor cannot guess: without branches, but for what is rare. Returns
   the place in the window where the parent waits, 0 if it waits elsewhere, -1 without memory. With
   `oldest` (known when this is compiled to be 0 or not) it is a sweep that goes no farther back and
   borrows gradients: where they are 0, as they nearly always are, they are only set to 0 again. */
static inline Py_ssize_t pass_back(Value *parent, double part, uint64_t from, uint64_t oldest) {
    uint64_t tag = parent->tag, age = from - TURN_OF(tag), elsewhere = age >= WINDOW;
    uint64_t place = age & (elsewhere - 1);
    if (oldest && BIRTH_OF(tag) < oldest) return 0;
    if (rarely(elsewhere & ~tag & MET)) {
        if ((KIND_OF(tag) == LEAF ? remember(&leaves, parent) : heap_push(parent)) < 0) return -1;
    }
    if (oldest && rarely(parent->grad != 0) && !(tag & MET) && KIND_OF(tag) != LEAF && remember(&borrowed, parent) < 0) return -1;
    static const double nothing = 0.0;
    const double *sum = tag & MET ? &parent->grad : &nothing;
    parent->grad = *sum + part;
    parent->tag = tag | MET;
    window[place] = parent; /* the first place is free: who was there has taken its turn */
    return (Py_ssize_t)place;
}

/* The same for all Values of a row, `by` being the local derivatives; returns the last of the places.
   When this pass has met them all before, which it has not forgotten as they are older than any node
   with this row, only the sums are left to do, and nothing at all for a gradient of 0: not even
   0 * inf, which would be nan. */
static inline Py_ssize_t pass_back_row(Row *row, const double *by, double grad, uint64_t from, uint64_t oldest) {
    Py_ssize_t last = 0;
    if (!row->values) return 0;
    if (!oldest && row->pass == pass) {
        if (grad == 0) return 0;
        if (row->values == row->count) {
            for (Py_ssize_t i = 0; i < row->count; i++) AS_VALUE(row->items[i])->grad += by[i] * grad;
            return 0;
        }
    }
    for (Py_ssize_t i = 0; i < row->count; i++) {
        if (!IS_VALUE(row->items[i])) continue;
        Py_ssize_t at = pass_back(AS_VALUE(row->items[i]), grad == 0 ? 0.0 : by[i] * grad, from, oldest);
        if (rarely(at < 0)) return -1;
        if (at > last) last = at;
    }
    if (!oldest) row->pass = pass;
    return last;
}

/* Passes the gradient of a node on to its parents. One that waits at `after`, the place after this
   node's, as in a chain, is handed over in `next`: quicker than through the window. */
static inline Py_ssize_t pass_back_from(Value *v, uint64_t from, Py_ssize_t after, Value **next, uint64_t oldest) {
    double grad = v->grad;
    Py_ssize_t last = 0;
    /* a gradient of 0 has nothing to pass on */
#define PASS_BACK(edge)                                                                   \
    if ((edge).parent) {                                                                  \
        Py_ssize_t at = pass_back((edge).parent, grad == 0 ? 0.0 : (edge).by * grad, from, oldest); \
        if (rarely(at < 0)) return -1;                                                    \
        last = at > last ? at : last;                                                     \
        if (rarely(at == after)) *next = (edge).parent;                                   \
    }
    switch (KIND_OF(v->tag)) {
    case ONE: PASS_BACK(v->edge[0]) break;
    case TWO: PASS_BACK(v->edge[0]) PASS_BACK(v->edge[1]) break;
    case MANY:
        for (Py_ssize_t i = 0; i < v->many->count; i++) PASS_BACK(v->many->edges[i])
        break;
    case DOT: case BIASED:
        if ((last = pass_back_row(v->ws, v->xs->data, grad, from, oldest)) < 0) return -1;
        Py_ssize_t at = pass_back_row(v->xs, v->ws->data, grad, from, oldest);
        if (at < 0) return -1;
        last = at > last ? at : last;
        PASS_BACK(v->bias)
    }
    return last;
}

/* Lets all that waits pass on its gradient, and all that waits then; -1: out of memory. */
static inline int pass_all_back(uint64_t oldest) {
    pass++;
    do {
        Py_ssize_t last = farthest;
        uint64_t from = youngest | (uint64_t)1 << 49; /* a TURN */
        Value *next = NULL;
        for (Py_ssize_t at = 0; at <= last; at++) {
            Value *v = next ? next : window[at];
            if (!v) continue;
            next = window[at] = NULL;
            look_ahead(v);
            v->tag &= ~MET;
            Py_ssize_t reached = pass_back_from(v, from, at + 1, &next, oldest);
            if (oldest && KIND_OF(v->tag) != LEAF) v->grad = 0.0;
            if (rarely(reached < 0)) {
                forget_turns();
                return -1;
            }
            last = reached > last ? reached : last;
        }
    } while (next_window());
    return 0;
}

static int pass_back_all(Value *root, double seed) {
    if (start_from(root) < 0) return -1;
    root->grad = seed;
    int failed = pass_all_back(0);
    settle_leaves(failed);
    if (failed) PyErr_NoMemory();
    return failed;
}

static int any_marked(Value *root); /* see sweeps.h */

/* What backward() was called with; -1 on an error. */
static int backward_arguments(PyObject *const *args, Py_ssize_t count, PyObject *names, double *seed,
                              int *create_graph) {
    static const char *const known[] = {"seed", "create_graph"};
    PyObject *given[2] = {NULL, NULL};
    Py_ssize_t named = names ? PyTuple_GET_SIZE(names) : 0;
    if (count > 2) goto unexpected;
    for (Py_ssize_t i = 0; i < count; i++) given[i] = args[i];
    for (Py_ssize_t i = 0; i < named; i++) {
        int which = PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), known[0]) ? 1 : 0;
        if (given[which] || PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, i), known[which]))
            goto unexpected;
        given[which] = args[count + i];
    }
    if (given[0] && as_float(given[0], seed) < 0) return -1;
    if (given[1] && (*create_graph = PyObject_IsTrue(given[1])) < 0) return -1;
    return 0;
unexpected:
    PyErr_SetString(PyExc_TypeError, "backward() takes two arguments, seed and create_graph");
    return -1;
}

static PyObject *value_backward(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    Value *root = AS_VALUE(self);
    double seed = 1.0;
    int create_graph = 0;
    if ((count || names) && backward_arguments(args, count, names, &seed, &create_graph) < 0) return NULL;
    int noticed = create_graph || PyList_GET_SIZE(modes) || PyList_GET_SIZE(recorders);
    int otherwise = noticed ? 1 : any_marked(root);
    if (otherwise < 0) return NULL;
    if (otherwise)
        return PyObject_CallMethod(self, "_sweep_back", "dO", seed, create_graph ? Py_True : Py_False);
    if (KIND_OF(root->tag) == BARE) return PyObject_CallMethod(self, "_nothing_to_differentiate", NULL);
    if (KIND_OF(root->tag) == LEAF) root->grad += seed;
    else if (pass_back_all(root, seed) < 0) return NULL;
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
            Value *v = take_turn(at);
            if (!v) continue;
            Py_ssize_t n = edge_count(v);
            for (Py_ssize_t i = 0; i < n; i++) {
                Value *parent = edge_at(v, i).parent;
                if (parent && meet(parent) < 0) goto failed;
            }
            if (PyList_Append(history, (PyObject *)v) < 0) goto failed;
        }
    } while (next_window());
    if (PyList_Reverse(history) == 0) return history;
failed:
    give_up();
    Py_DECREF(history);
    return NULL;
}
