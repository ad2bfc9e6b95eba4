/* Shuffling: the twin of shuffling.py. */

static inline uint64_t mixed_bits(uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/* shuffle(order, seed, turn): fills the array of row numbers */
static PyObject *shuffle(PyObject *Py_UNUSED(module), PyObject *args) {
    unsigned long long seed, turn;
    PyObject *order;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(args, "OKK", &order, &seed, &turn)) return NULL;
    if (PyObject_GetBuffer(order, &buffer, PyBUF_WRITABLE | PyBUF_FORMAT | PyBUF_ND) < 0) return NULL;
    if (!buffer.format || strcmp(buffer.format, "q") || (buffer.len && (uintptr_t)buffer.buf % sizeof(int64_t))) {
        PyBuffer_Release(&buffer);
        PyErr_SetString(PyExc_ValueError, "the order must be an array of 64-bit integers: array('q')");
        return NULL;
    }
    int64_t *numbers = buffer.buf;
    uint64_t state = mixed_bits(mixed_bits(seed) + turn), rows = (uint64_t)buffer.len / sizeof(int64_t);
    for (uint64_t i = 0; i < rows; i++) numbers[i] = (int64_t)i;
    for (uint64_t left = rows; left > 1; left--) {
        state += 0x9E3779B97F4A7C15u;
        uint64_t j = (mixed_bits(state) >> 32) * left >> 32;
        int64_t last = numbers[left - 1];
        numbers[left - 1] = numbers[j];
        numbers[j] = last;
    }
    PyBuffer_Release(&buffer);
    Py_RETURN_NONE;
}
