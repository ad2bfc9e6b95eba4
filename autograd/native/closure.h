/* Whether what a function closes over has been replaced: the twin of same() in tape/closure.py. */

static int holds(PyObject *place, PyObject *content) {
    Py_ssize_t count = PyTuple_GET_SIZE(content), at = 0;
    PyObject *const *items = &PyTuple_GET_ITEM(content, 0), *key, *value;
    if (PyDict_CheckExact(place)) {
        if (PyDict_GET_SIZE(place) != count) return 0;
        for (Py_ssize_t i = 0; PyDict_Next(place, &at, &key, &value); i++)
            if (i >= count || value != items[i]) return 0;
        return 1;
    }
    if (PyCell_Check(place)) return PyCell_GET(place) == items[0];
    if (PyTuple_CheckExact(place) && PyTuple_GET_SIZE(place) == 2 && PyDict_CheckExact(PyTuple_GET_ITEM(place, 0)))
        return PyDict_GetItemWithError(PyTuple_GET_ITEM(place, 0), PyTuple_GET_ITEM(place, 1)) == items[0];
    if (PyTuple_CheckExact(place)) return 1; /* it cannot change */
    if (!PyList_Check(place)) return 1;
    return PyList_GET_SIZE(place) == count && (!count || !memcmp(PySequence_Fast_ITEMS(place), items, (size_t)count * sizeof *items));
}

/* same(places, contents) */
static PyObject *same(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 2 || !PyList_CheckExact(args[0]) || !PyList_CheckExact(args[1]) ||
        PyList_GET_SIZE(args[0]) != PyList_GET_SIZE(args[1])) {
        PyErr_SetString(PyExc_TypeError, "same takes a list of places and a list of what was in them");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[0]); i++) {
        PyObject *content = PyList_GET_ITEM(args[1], i);
        if (!PyTuple_CheckExact(content) || !holds(PyList_GET_ITEM(args[0], i), content)) {
            if (PyErr_Occurred()) return NULL;
            Py_RETURN_FALSE;
        }
    }
    Py_RETURN_TRUE;
}
