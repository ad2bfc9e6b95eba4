/* What Python keeps for a few nodes, by their addresses: the hooks on a gradient, and a gradient that
   is a Value itself. It is kept here and not in the node so that a node still points at older nodes
   only: a gradient that can be differentiated points back at the leaf it is of. */

static PyObject *hook_lists, *kept_grads; /* dicts */

/* Borrowed; NULL, and no exception, where there is none. */
static PyObject *mark_of(PyObject *marks, const Value *v) {
    PyObject *address = v->tag & MARKED ? PyLong_FromVoidPtr((void *)v) : NULL;
    PyObject *mark = address ? PyDict_GetItemWithError(marks, address) : NULL;
    Py_XDECREF(address);
    return mark;
}

static int set_mark(PyObject *marks, Value *v, PyObject *mark) {
    PyObject *address = PyLong_FromVoidPtr(v);
    if (!address) return -1;
    int done = PyDict_SetItem(marks, address, mark);
    Py_DECREF(address);
    if (done == 0) v->tag |= MARKED;
    return done;
}

static void drop_mark(PyObject *marks, Value *v) {
    if (!mark_of(marks, v)) return;
    if (!mark_of(marks == hook_lists ? kept_grads : hook_lists, v)) v->tag &= ~MARKED;
    PyObject *address = PyLong_FromVoidPtr(v);
    if (!address || PyDict_DelItem(marks, address) < 0) PyErr_Clear();
    Py_XDECREF(address);
}

/* When the node is freed. */
static void drop_marks(Value *v) {
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    drop_mark(hook_lists, v);
    drop_mark(kept_grads, v);
    PyErr_Restore(type, error, trace);
}
