/* Sweeps for the transforms, over the nodes between some roots and the oldest of some variables: the
   twins of sweeps.py. They borrow the gradients of these nodes, and give them back as they were. */

static void give_back(void) {
    while (borrowed.count) {
        Met last = borrowed.items[--borrowed.count];
        last.node->grad = last.before;
        last.node->tag &= ~MET;
    }
}

/* Every edge from v to a parent that is not older than `oldest`. */
#define EACH_EDGE(v, oldest, use)                                                         \
    for (Py_ssize_t n_ = edge_count(v), i_ = 0; i_ < n_; i_++) {                          \
        Edge edge = edge_at(v, i_);                                                       \
        if (!edge.parent || BIRTH_OF(edge.parent->tag) < (oldest)) continue;              \
        use                                                                               \
    }

static int all_values(PyObject *list) {
    if (!PyList_CheckExact(list)) return 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++)
        if (!IS_VALUE(PyList_GET_ITEM(list, i))) return 0;
    return 1;
}

/* Lets those of the roots wait that are not older than that; -1: out of memory. */
static int start_from_all(PyObject *roots, uint64_t oldest) {
    Value *first = NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(roots); i++) {
        Value *root = AS_VALUE(PyList_GET_ITEM(roots, i));
        if (!first || BIRTH_OF(root->tag) > BIRTH_OF(first->tag)) first = root;
    }
    if (!first || BIRTH_OF(first->tag) < oldest) return 0;
    if (start_from(first) < 0) return -1;
    first->tag |= MET;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(roots); i++) {
        Value *root = AS_VALUE(PyList_GET_ITEM(roots, i));
        if (BIRTH_OF(root->tag) >= oldest && meet(root) < 0) {
            give_up();
            return -1;
        }
    }
    return 1;
}

/* Borrows the history of the roots as far back as `oldest`, the youngest first; -1: out of memory. */
static int borrow_between(PyObject *roots, uint64_t oldest) {
    int started = start_from_all(roots, oldest);
    if (started != 1) return started;
    do {
        for (Py_ssize_t at = 0; at <= farthest; at++) {
            Value *v = take_turn(at);
            if (!v) continue;
            if (remember(&borrowed, v) < 0) goto failed;
            EACH_EDGE(v, oldest, if (meet(edge.parent) < 0) goto failed;)
        }
    } while (next_window());
    return 1;
failed:
    give_back();
    give_up();
    return -1;
}

/* Roots, numbers, variables; as many numbers as there are items in lists[paired]. */
static int sweep_arguments(PyObject *args, PyObject **lists, PyObject **numbers, int paired, const char *name) {
    if (!PyArg_UnpackTuple(args, name, 3, 3, &lists[0], numbers, &lists[1])) return -1;
    int fits = all_values(lists[0]) && all_values(lists[1]) && PyList_GET_SIZE(lists[1]) > 0 &&
               PyList_CheckExact(*numbers) && PyList_GET_SIZE(*numbers) == PyList_GET_SIZE(lists[paired]);
    for (Py_ssize_t i = 0; fits && i < PyList_GET_SIZE(*numbers); i++)
        fits = PyFloat_CheckExact(PyList_GET_ITEM(*numbers, i));
    if (fits) return 0;
    PyErr_Format(PyExc_TypeError, "%s takes a list of Values, of floats, and of one or more Values", name);
    return -1;
}

static PyObject *grads_of(PyObject *values, uint64_t oldest) {
    PyObject *result = PyList_New(PyList_GET_SIZE(values));
    for (Py_ssize_t i = 0; result && i < PyList_GET_SIZE(values); i++) {
        Value *v = AS_VALUE(PyList_GET_ITEM(values, i));
        PyObject *number = PyFloat_FromDouble(BIRTH_OF(v->tag) < oldest ? 0.0 : v->grad);
        if (number) PyList_SET_ITEM(result, i, number);
        else Py_CLEAR(result);
    }
    return result;
}

/* The variables' own gradients, kept while they are in use; NULL: out of memory. */
static double *keep_grads(PyObject *variables) {
    Py_ssize_t count = PyList_GET_SIZE(variables);
    double *kept = PyMem_RawMalloc((size_t)count * sizeof(double));
    if (!kept) PyErr_NoMemory();
    for (Py_ssize_t i = 0; kept && i < count; i++) {
        Value *v = AS_VALUE(PyList_GET_ITEM(variables, i));
        kept[i] = v->grad;
        v->grad = 0.0;
    }
    return kept;
}

static void put_grads_back(PyObject *variables, double *kept) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(variables); i++)
        AS_VALUE(PyList_GET_ITEM(variables, i))->grad = kept[i];
    PyMem_RawFree(kept);
}

/* Whether a marked node lies between; -1: out of memory. A sweep that met one on its way could not
   give back all that it has borrowed. */
static int marked_between(PyObject *roots, uint64_t oldest) {
    if (!PyDict_GET_SIZE(hook_lists) && !PyDict_GET_SIZE(kept_grads)) return 0;
    if (borrow_between(roots, oldest) < 0) return -1;
    int marked = 0;
    for (Py_ssize_t k = 0; k < borrowed.count; k++) marked |= (borrowed.items[k].node->tag & MARKED) != 0;
    give_back();
    return marked;
}

/* The same for the whole history of a node. */
static int any_marked(Value *root) {
    if (!PyDict_GET_SIZE(hook_lists) && !PyDict_GET_SIZE(kept_grads)) return 0;
    PyObject *roots = PyList_New(1);
    if (!roots) return -1;
    PyList_SET_ITEM(roots, 0, Py_NewRef(root));
    int marked = marked_between(roots, 0);
    Py_DECREF(roots);
    return marked;
}

/* pull(roots, seeds, variables): backward. None where it takes Python: where a hook is on the way, or
   where a variable is no leaf. */
static PyObject *pull(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *lists[2], *seeds, *result = NULL; /* roots, variables */
    if (sweep_arguments(args, lists, &seeds, 0, "pull") < 0) return NULL;
    uint64_t oldest = BIRTH_OF(AS_VALUE(PyList_GET_ITEM(lists[1], 0))->tag);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(lists[1]); i++)
        if (KIND_OF(AS_VALUE(PyList_GET_ITEM(lists[1], i))->tag) != LEAF) Py_RETURN_NONE;
    int marked = marked_between(lists[0], oldest);
    if (marked > 0) Py_RETURN_NONE;
    double *kept = marked < 0 ? NULL : keep_grads(lists[1]);
    if (!kept) return NULL;
    int started = start_from_all(lists[0], oldest), failed = started < 0;
    for (Py_ssize_t i = 0; started == 1 && !failed && i < PyList_GET_SIZE(seeds); i++) {
        Value *root = AS_VALUE(PyList_GET_ITEM(lists[0], i));
        if (BIRTH_OF(root->tag) < oldest) continue;
        failed = (KIND_OF(root->tag) == LEAF ? remember(&leaves, root) : remember(&borrowed, root)) < 0;
        root->grad = 0.0;
    }
    for (Py_ssize_t i = 0; started == 1 && !failed && i < PyList_GET_SIZE(seeds); i++) {
        Value *root = AS_VALUE(PyList_GET_ITEM(lists[0], i));
        if (BIRTH_OF(root->tag) >= oldest) root->grad += PyFloat_AS_DOUBLE(PyList_GET_ITEM(seeds, i));
    }
    if (failed) forget_turns();
    else if (started == 1) failed = pass_all_back(oldest) < 0;
    if (failed) PyErr_NoMemory();
    else result = grads_of(lists[1], oldest);
    settle_leaves(1);
    give_back();
    put_grads_back(lists[1], kept);
    return result;
}

/* push(roots, tangents, variables): forward */
static PyObject *push(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *lists[2], *tangents, *result = NULL; /* roots, variables */
    if (sweep_arguments(args, lists, &tangents, 1, "push") < 0) return NULL;
    uint64_t oldest = BIRTH_OF(AS_VALUE(PyList_GET_ITEM(lists[1], 0))->tag);
    Py_ssize_t count = PyList_GET_SIZE(lists[1]);
    double *kept = keep_grads(lists[1]);
    if (!kept) return NULL;
    int found = borrow_between(lists[0], oldest);
    if (found < 0) goto done;
    for (Py_ssize_t i = 0; i < count; i++) {
        Value *v = AS_VALUE(PyList_GET_ITEM(lists[1], i));
        v->grad = PyFloat_AS_DOUBLE(PyList_GET_ITEM(tangents, i));
        v->tag |= MET; /* given */
    }
    for (Py_ssize_t k = borrowed.count; k-- > 0;) {
        Value *v = borrowed.items[k].node;
        if (v->tag & MET) continue;
        double tangent = 0.0;
        EACH_EDGE(v, oldest, if (edge.parent->grad != 0) tangent += edge.by * edge.parent->grad;)
        v->grad = tangent;
    }
    for (Py_ssize_t i = 0; i < count; i++) AS_VALUE(PyList_GET_ITEM(lists[1], i))->tag &= ~MET;
    result = grads_of(lists[0], oldest);
    give_back();
done:
    put_grads_back(lists[1], kept);
    return result;
}

/* reach(roots, oldest): the history of the roots as far back as that, in order, and what it meets
   that is older, in any order */
static PyObject *reach(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *roots, *variable;
    if (!PyArg_UnpackTuple(args, "reach", 2, 2, &roots, &variable)) return NULL;
    if (!all_values(roots) || !IS_VALUE(variable)) {
        PyErr_SetString(PyExc_TypeError, "reach takes a list of Values and a Value");
        return NULL;
    }
    uint64_t oldest = BIRTH_OF(AS_VALUE(variable)->tag);
    int found = borrow_between(roots, oldest);
    if (found < 0) return NULL;
    PyObject *nodes = PyList_New(borrowed.count), *older = PyList_New(0);
    for (Py_ssize_t k = 0; nodes && older && k < borrowed.count; k++) {
        Value *v = borrowed.items[k].node;
        PyList_SET_ITEM(nodes, borrowed.count - 1 - k, Py_NewRef(v));
        for (Py_ssize_t n = edge_count(v), i = 0; older && i < n; i++) {
            Value *parent = edge_at(v, i).parent;
            if (!parent || parent->tag & MET || BIRTH_OF(parent->tag) >= oldest) continue;
            if (PyList_Append(older, (PyObject *)parent) < 0) Py_CLEAR(older);
            else parent->tag |= MET;
        }
    }
    while (borrowed.count) {
        Value *v = borrowed.items[--borrowed.count].node;
        for (Py_ssize_t n = edge_count(v), i = 0; i < n; i++)
            if (edge_at(v, i).parent) edge_at(v, i).parent->tag &= ~MET;
    }
    PyObject *both = nodes && older ? PyTuple_Pack(2, nodes, older) : NULL;
    Py_XDECREF(nodes);
    Py_XDECREF(older);
    return both;
}
