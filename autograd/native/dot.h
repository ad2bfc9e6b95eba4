/* Dot products, and the rows of operands that they share. */

static Row *new_row(Py_ssize_t count, int has_items) {
    size_t each = sizeof(double) + (has_items ? sizeof(PyObject *) : 0);
    int fits = (size_t)count < (PY_SSIZE_T_MAX / 2 - sizeof(Row)) / each;
    Row *row = fits ? PyMem_RawMalloc(sizeof(Row) + (size_t)count * each) : NULL;
    if (!row) {
        PyErr_NoMemory();
        return NULL;
    }
    memset(row, 0, sizeof *row);
    row->users = 1;
    row->count = count;
    row->edits = edits;
    if (has_items) row->items = (PyObject **)(row->data + count);
    edge_bytes += row_bytes(row);
    return row;
}

/* Whether a row is still what stands in a list. It keeps its items alive, so that no other thing can
   be where one of them was; plain numbers never change, Values do. */
static inline int still(Row *row, PyObject *const *items, Py_ssize_t count) {
    if (row->count != count || memcmp(row->items, items, (size_t)count * sizeof *items)) return 0;
    if (row->edits == edits || !row->values) return 1;
    for (Py_ssize_t i = 0; i < count; i++)
        if (IS_VALUE(items[i]) && memcmp(&row->data[i], &AS_VALUE(items[i])->data, sizeof(double))) return 0;
    row->edits = edits;
    return 1;
}

/* The row of a list or tuple of plain numbers and Values. Runs no Python code, so that nothing
   changes while it reads. NULL without an exception: ask Python. */
static Row *row_of_list(PyObject *list) {
    PyObject *const *items = PySequence_Fast_ITEMS(list);
    Py_ssize_t count = PySequence_Fast_GET_SIZE(list);
    Row **place = place_of(list), *row = *place;
    if (row && row->list == list && still(row, items, count)) {
        row->users++;
        return row;
    }
    if (!(row = new_row(count, 1))) return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        int found = quick_number(items[i], &row->data[i]);
        if (rarely(found >= NEITHER)) {
            row->count = i; /* as far as it came */
            edge_bytes -= (count - i) * (Py_ssize_t)(sizeof(double) + sizeof(PyObject *));
            release_row(row);
            return NULL;
        }
        row->values += found == VALUE;
        row->items[i] = Py_NewRef(items[i]);
    }
    row->list = list;
    *place = row;
    return row;
}

static Row *row_of_buffer(PyObject *object) {
    Py_buffer buffer;
    Row *row = NULL;
    if (!PyObject_CheckBuffer(object)) return NULL;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_FORMAT | PyBUF_ND) < 0) {
        /* not one block of memory: no error, but for Python to look at */
        if (PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_ValueError)) PyErr_Clear();
        return NULL;
    }
    if (buffer.ndim == 1 && buffer.format && !strcmp(buffer.format, "d"))
        row = new_row(buffer.shape[0], 0);
    if (row) memcpy(row->data, buffer.buf, (size_t)row->count * sizeof(double)); /* it may not be aligned */
    PyBuffer_Release(&buffer);
    return row;
}

static inline int is_list(PyObject *object) { return PyList_CheckExact(object) || PyTuple_CheckExact(object); }

/* The node of ws·xs + bias. NULL without an exception: ask Python. */
static PyObject *weighted_sum(Row *ws, Row *xs, PyObject *bias, int records) {
    double out = 0.0, b = 0.0;
    int values = ws->values || xs->values, found = NUMBER;
    if (ws->count != xs->count) return NULL;
    if (bias && (found = quick_number(bias, &b)) >= NEITHER) return NULL;
    for (Py_ssize_t i = 0; i < ws->count; i++) out += ws->data[i] * xs->data[i];
    if (bias) out += b;
    if (!values && found != VALUE) return PyFloat_FromDouble(out);
    if (!records) return unrecorded(ROW_dot, out);
    Value *v = new_node(out, bias ? BIASED : DOT, 0);
    if (rarely(!v)) return NULL;
    ws->users++;
    xs->users++;
    v->ws = ws;
    v->xs = xs;
    v->bias = (Edge){NULL, b};
    if (found == VALUE) v->bias = (Edge){AS_VALUE(Py_NewRef(bias)), 1.0};
    return records == SEEN ? seen((PyObject *)v) : (PyObject *)v;
}

/* dot(ws, xs, bias): NULL without an exception where Python has to look at the operands. */
static PyObject *dot(PyObject *const *operands, Py_ssize_t count) {
    PyObject *node = NULL, *bias = count == 3 && operands[2] != Py_None ? operands[2] : NULL;
    int records = recording();
    if (records < 0) return NULL;
    Row *sides[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) { /* first, because a __buffer__ in Python may change a list */
        if (is_list(operands[i])) continue;
        if (!(sides[i] = row_of_buffer(operands[i]))) goto done;
    }
    for (int i = 0; i < 2; i++)
        if (!sides[i] && !(sides[i] = row_of_list(operands[i]))) goto done;
    node = weighted_sum(sides[0], sides[1], bias, records);
done:
    for (int i = 0; i < 2; i++)
        if (sides[i]) release_row(sides[i]);
    return node;
}
