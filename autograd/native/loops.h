/* Loops over many Values: the twins of loops.py. */

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
    edits++;
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
    edits++;
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
