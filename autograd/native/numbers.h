/* Numbers: what Python hands over, as doubles. */

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
