/* The inputs of a node: edges, and the rows that dot products share. */

static Edges *new_edges(Py_ssize_t count) {
    int fits = count < (PY_SSIZE_T_MAX - (Py_ssize_t)sizeof(Edges)) / (Py_ssize_t)sizeof(Edge);
    Edges *many = fits ? PyMem_RawMalloc(sizeof(Edges) + (size_t)count * sizeof(Edge)) : NULL;
    if (!many) {
        PyErr_NoMemory();
        return NULL;
    }
    many->operation = NULL;
    many->count = count;
    edge_bytes += sizeof(Edges) + count * (Py_ssize_t)sizeof(Edge);
    return many;
}

static void free_edges(Edges *many) {
    edge_bytes -= sizeof(Edges) + many->count * (Py_ssize_t)sizeof(Edge);
    PyMem_RawFree(many);
}

/* The inputs of any node by their number: of a dot product the ws, then the xs, then the bias. */
static Py_ssize_t edge_count(const Value *v) {
    switch (KIND_OF(v->tag)) {
    case ONE: return 1;
    case TWO: return 2;
    case MANY: return v->many->count;
    case DOT: return 2 * v->ws->count;
    case BIASED: return 2 * v->ws->count + 1;
    default: return 0;
    }
}

static inline Value *row_parent(const Row *row, Py_ssize_t i) {
    return row->items && IS_VALUE(row->items[i]) ? AS_VALUE(row->items[i]) : NULL;
}

static Edge edge_at(const Value *v, Py_ssize_t i) {
    if (KIND_OF(v->tag) == MANY) return v->many->edges[i];
    if (KIND_OF(v->tag) < DOT) return v->edge[i];
    Py_ssize_t n = v->ws->count;
    if (i == 2 * n) return v->bias;
    const Row *own = i < n ? v->ws : v->xs, *other = i < n ? v->xs : v->ws;
    Value *parent = row_parent(own, i % n);
    return (Edge){parent, parent ? other->data[i % n] : own->data[i % n]};
}

/* ROWS are found again by the address of their list, in a table that holds on to nothing: a row that
   is freed leaves it. What is found may be of another list, or of the list as it was: it is compared
   item by item before it is used. */

enum { KNOWN_ROWS = 1 << 12 };
static Row *known[KNOWN_ROWS];

static inline Row **place_of(const void *list) {
    return &known[((uint64_t)(uintptr_t)list * 0x9E3779B97F4A7C15u) >> 52];
}

static inline Py_ssize_t row_bytes(const Row *row) {
    return (Py_ssize_t)sizeof(Row) + row->count * (Py_ssize_t)(sizeof(double) + (row->items ? sizeof(PyObject *) : 0));
}

static void release_row(Row *row) {
    if (--row->users) return;
    if (row->list && *place_of(row->list) == row) *place_of(row->list) = NULL;
    for (Py_ssize_t i = 0; row->items && i < row->count; i++) Py_DECREF(row->items[i]);
    edge_bytes -= row_bytes(row);
    PyMem_RawFree(row);
}
