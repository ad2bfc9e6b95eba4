/* Loops over many Values: the twins of loops.py. */

#include "updates.h"

enum { ACTIVATION, WEIGHTS, BIAS, NEURON_PARTS };

/* The three attributes of a neuron, borrowed; 0 if one is not there, or not kept on the neuron. */
static inline int parts_of(PyObject *neuron, PyObject *parts[NEURON_PARTS]) {
    PyObject *attributes = PyObject_GenericGetDict(neuron, NULL), *key;
    if (!attributes) return 0;
    Py_DECREF(attributes); /* the neuron keeps it */
    Py_ssize_t at = 0;
    for (int i = 0; i < NEURON_PARTS; i++) /* mostly they stand there in the order they were set in */
        if (!PyDict_Next(attributes, &at, &key, &parts[i]) || key != part_names[i]) goto look_up;
    return 1;
look_up:
    for (int i = 0; i < NEURON_PARTS; i++)
        if (!(parts[i] = PyDict_GetItemWithError(attributes, part_names[i]))) return 0;
    return 1;
}

/* Each of the results passed through the activation. */
static int activate(PyObject *results, PyObject *activation) {
    int row = PyObject_TypeCheck(activation, FunctionType) ? ((Function *)activation)->row : -1;
    PyObject *(*method)(PyObject *, PyObject *) = row < 0 ? NULL : methods_of[row];
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(results); i++) {
        PyObject *sum = PyList_GET_ITEM(results, i);
        PyObject *node = method && IS_VALUE(sum) ? method(sum, NULL) : PyObject_CallOneArg(activation, sum);
        if (!node) return -1;
        PyList_SET_ITEM(results, i, node);
        Py_DECREF(sum);
    }
    return 0;
}

/* layer(neurons, kind, xs): the answers of neurons that are all of this kind, with one and the same
   activation; None where they are not. */
static PyObject *layer(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyList_CheckExact(args[0])) {
        PyErr_SetString(PyExc_TypeError, "layer takes a list of neurons, their class, and a row of inputs");
        return NULL;
    }
    PyObject *neurons = args[0], *parts[NEURON_PARTS], *activation = NULL;
    PyObject *results = PyList_New(PyList_GET_SIZE(neurons));
    Row *xs = NULL;
    int records = recording();
    if (!results || records < 0) goto failed;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(results); i++) {
        PyObject *neuron = i < PyList_GET_SIZE(neurons) ? PyList_GET_ITEM(neurons, i) : NULL;
        int alike = neuron && (PyObject *)Py_TYPE(neuron) == args[1] && parts_of(neuron, parts);
        if (alike && !activation) activation = Py_NewRef(parts[ACTIVATION]);
        if (!alike || parts[ACTIVATION] != activation) {
            if (PyErr_Occurred()) goto failed;
            Py_SETREF(results, Py_NewRef(Py_None));
            goto done;
        }
        PyObject *node = NULL;
        if (is_list(parts[WEIGHTS]) && is_list(args[2])) {
            Row *ws = row_of_list(parts[WEIGHTS]);
            if (ws && !xs) xs = row_of_list(args[2]);
            if (ws && xs) node = weighted_sum(ws, xs, parts[BIAS] == Py_None ? NULL : parts[BIAS], records);
            if (ws) release_row(ws);
        }
        if (!node && !PyErr_Occurred()) { /* runs Python code, which may change everything */
            if (xs) release_row(xs);
            xs = NULL;
            PyObject *operands[] = {Py_NewRef(parts[WEIGHTS]), args[2], Py_NewRef(parts[BIAS])};
            node = function_call(rows[ROW_dot], operands, 3, NULL);
            Py_DECREF(operands[0]);
            Py_DECREF(operands[2]);
        }
        if (!node) goto failed;
        PyList_SET_ITEM(results, i, node);
    }
    if (!activation || activation == Py_None || activate(results, activation) == 0) goto done;
failed:
    Py_CLEAR(results);
done:
    if (xs) release_row(xs);
    Py_XDECREF(activation);
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

/* Whether a function got as many arguments as it takes; -1 and a TypeError if not. */
static int takes(Py_ssize_t wanted, Py_ssize_t count, const char *call) {
    if (count == wanted) return 0;
    PyErr_Format(PyExc_TypeError, "call it as %s", call);
    return -1;
}

/* zero_grad(params) */
static PyObject *zero_grad(PyObject *Py_UNUSED(module), PyObject *params) {
    if (open_arrays(&params, 0, NULL) < 0) return NULL;
    uint64_t marks = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(params); i++) {
        Value *p = AS_VALUE(PyList_GET_ITEM(params, i));
        p->grad = 0.0;
        marks |= p->tag;
    }
    for (Py_ssize_t i = 0; marks & MARKED && i < PyList_GET_SIZE(params); i++)
        if (IS_VALUE(PyList_GET_ITEM(params, i))) drop_mark(kept_grads, AS_VALUE(PyList_GET_ITEM(params, i)));
    Py_RETURN_NONE;
}

/* read_data(params, numbers): the data of every parameter into an array; whether all of it is finite */
static PyObject *read_data(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Py_buffer buffer;
    if (takes(2, count, "read_data(params, numbers)") < 0 || open_arrays(args, 1, &buffer) < 0) return NULL;
    double *numbers = buffer.buf;
    int finite = 1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[0]); i++) {
        numbers[i] = AS_VALUE(PyList_GET_ITEM(args[0], i))->data;
        finite &= isfinite(numbers[i]) != 0;
    }
    PyBuffer_Release(&buffer);
    return PyBool_FromLong(finite);
}

/* write_data(params, numbers): an array into the data of every parameter */
static PyObject *write_data(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Py_buffer buffer;
    if (takes(2, count, "write_data(params, numbers)") < 0 || open_arrays(args, 1, &buffer) < 0) return NULL;
    const double *numbers = buffer.buf;
    edits++;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[0]); i++)
        AS_VALUE(PyList_GET_ITEM(args[0], i))->data = numbers[i];
    PyBuffer_Release(&buffer);
    Py_RETURN_NONE;
}

/* The settings of a rule as doubles; how many, or -1. */
static Py_ssize_t settings_of(PyObject *given, double settings[MOST_SETTINGS]) {
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) > MOST_SETTINGS) {
        PyErr_SetString(PyExc_TypeError, "settings must be a tuple of a few numbers");
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(given); i++)
        if (as_float(PyTuple_GET_ITEM(given, i), &settings[i]) < 0) return -1;
    return PyTuple_GET_SIZE(given);
}

enum { TOGETHER = 128 }; /* parameters whose numbers lie side by side while they are updated */

static void update_all(const UpdateRule *rule, PyObject *params, Py_buffer *buffers, const double *settings) {
    double p[TOGETHER], g[TOGETHER], *state[MOST_STATES];
    Py_ssize_t n = PyList_GET_SIZE(params);
    for (Py_ssize_t start = 0; start < n; start += TOGETHER) {
        Py_ssize_t size = n - start < TOGETHER ? n - start : TOGETHER;
        for (Py_ssize_t i = 0; i < size; i++) {
            p[i] = AS_VALUE(PyList_GET_ITEM(params, start + i))->data;
            g[i] = AS_VALUE(PyList_GET_ITEM(params, start + i))->grad;
        }
        for (int k = 0; k < rule->states; k++) state[k] = (double *)buffers[k].buf + start;
        rule->all(size, p, g, state, settings);
        for (Py_ssize_t i = 0; i < size; i++) AS_VALUE(PyList_GET_ITEM(params, start + i))->data = p[i];
    }
}

/* update(rule, params, settings, state) */
static PyObject *update(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    double settings[MOST_SETTINGS];
    Py_buffer buffers[MOST_STATES];
    if (takes(4, count, "update(rule, params, settings, state)") < 0) return NULL;
    const char *name = PyUnicode_AsUTF8(args[0]);
    Py_ssize_t numbers = name ? settings_of(args[2], settings) : -1;
    PyObject *arrays = numbers < 0 ? NULL : PySequence_Tuple(args[3]), *done = NULL;
    if (!arrays) return NULL;
    const UpdateRule *rule = update_rule(name, PyTuple_GET_SIZE(arrays));
    PyObject *operands[1 + MOST_STATES] = {args[1]};
    if (!rule || rule->settings != numbers) {
        PyErr_Format(PyExc_ValueError, "no rule %s takes %zd settings and %zd arrays", name, numbers,
                     PyTuple_GET_SIZE(arrays));
        goto end;
    }
    for (int k = 0; k < rule->states; k++) operands[1 + k] = PyTuple_GET_ITEM(arrays, k);
    if (open_arrays(operands, rule->states, buffers) < 0) goto end;
    edits++;
    update_all(rule, args[1], buffers, settings);
    for (int k = 0; k < rule->states; k++) PyBuffer_Release(&buffers[k]);
    done = Py_NewRef(Py_None);
end:
    Py_DECREF(arrays);
    return done;
}
