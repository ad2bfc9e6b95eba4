/* Replay: what Python sees of programs. A Replay holds a tape and runs it again, on one row of numbers or
   on many; without the global interpreter lock where that takes longer than getting it back. */

#include "schedule.h"
#include "runs.h"
#include "batches.h"

enum { TAPE_BUFFERS = 10, WORTH_RELEASING = 1 << 13 };

typedef struct Scratch {
    struct Scratch *next;
    double *v, *g, *work, *by_inputs, *by_parameters, *seeds;
} Scratch;

typedef struct {
    PyObject_HEAD
    Tape tape;
    Py_buffer buffers[TAPE_BUFFERS]; /* what the tape points into */
    int opened;
    int32_t *codes; /* places in the table */
    char *wanted;
    int parameters_wanted;
    Facts facts;
    Schedule whole, body, uniform;
    int has_whole, has_body;
    Scratch *free_scratch; /* for rows, each for one call at a time */
} Replay;

static PyTypeObject *ReplayType;
static const Kernels *isa; /* in use */

static const Kernels *const all_kernels[] = {
#ifdef X86_KERNELS
    &kernels_avx512, &kernels_avx2,
#endif
    &kernels_baseline,
};

static int runs_here(const Kernels *kernels) {
#ifdef X86_KERNELS
    __builtin_cpu_init();
    if (kernels == &kernels_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    if (kernels == &kernels_avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    (void)kernels;
    return 1;
}

/* instruction_sets(): the names of those that this processor has, the best first */
static PyObject *instruction_sets(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    PyObject *names = PyList_New(0);
    for (size_t i = 0; names && i < sizeof all_kernels / sizeof *all_kernels; i++) {
        if (!runs_here(all_kernels[i])) continue;
        PyObject *name = PyUnicode_FromString(all_kernels[i]->name);
        if (!name || PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

/* use_instructions(name): from now on; returns the name of those before */
static PyObject *use_instructions(PyObject *Py_UNUSED(module), PyObject *name) {
    const char *wanted = PyUnicode_AsUTF8(name), *before = isa ? isa->name : "";
    if (!wanted) return NULL;
    for (size_t i = 0; i < sizeof all_kernels / sizeof *all_kernels; i++)
        if (!strcmp(all_kernels[i]->name, wanted) && runs_here(all_kernels[i])) {
            isa = all_kernels[i];
            return PyUnicode_FromString(before);
        }
    return PyErr_Format(PyExc_ValueError, "this processor does not have the instructions %R", name);
}

/* THE TAPE as it is given, checked: what is wrong in it must not become a crash */

static int slots_fit(const int32_t *slots, int32_t count, int32_t below) {
    for (int32_t i = 0; i < count; i++)
        if (slots[i] < 0 || slots[i] >= below) return 0;
    return 1;
}

static int starts_fit(const int32_t *starts, int32_t count, int32_t items) {
    if (starts[0] != 0 || starts[count] != items) return 0;
    for (int32_t i = 0; i < count; i++)
        if (starts[i] > starts[i + 1]) return 0;
    return 1;
}

/* Whether an instruction reads only what is computed before it. */
static int instruction_fits(const Tape *t, int32_t k, const int32_t *list_below) {
    int32_t code = t->codes[k], below = first_result_of(t) + k, n = operand_count(t, k);
    if (code < 0 || code >= ROW_COUNT || kernels[code].selects) return 0;
    const int32_t *x = operands_of(t, k);
    int lists = lists_of(code);
    if (!lists) return n == kernels[code].inputs && slots_fit(x, n, below);
    int indexed = row_is_softmax(code);
    if (n < lists + indexed || n > lists + (indexed || code == ROW_dot)) return 0;
    if (!slots_fit(x, lists, t->lists)) return 0;
    for (int i = 0; i < lists; i++)
        if (list_below[x[i]] > below) return 0;
    if (code == ROW_dot && list_length(t, x[0]) != list_length(t, x[1])) return 0;
    if (indexed && code != ROW_take) return x[1] >= 0 && x[1] < list_length(t, x[0]);
    return slots_fit(x + lists, n - lists, below);
}

static int tape_fits(const Tape *t, int32_t operand_total, int32_t item_total, int32_t *list_below) {
    int64_t slots = (int64_t)t->inputs + t->parameters + t->constants + t->count;
    if (slots > INT32_MAX / 2 || !starts_fit(t->starts, t->count, operand_total)) return 0;
    if (!starts_fit(t->list_starts, t->lists, item_total) || !slots_fit(t->list_items, item_total, (int32_t)slots)) return 0;
    for (int32_t l = 0; l < t->lists; l++) {
        list_below[l] = 0;
        for (int32_t i = t->list_starts[l]; i < t->list_starts[l + 1]; i++)
            if (t->list_items[i] >= list_below[l]) list_below[l] = t->list_items[i] + 1;
    }
    for (int32_t k = 0; k < t->count; k++)
        if (!instruction_fits(t, k, list_below)) return 0;
    for (int32_t i = 0; i < t->guards; i++) {
        int32_t sides[] = {t->guard[i].left, t->guard[i].right};
        if (!slots_fit(sides, 2, (int32_t)slots) || t->guard[i].how < 0 || t->guard[i].how > 5) return 0;
    }
    return slots_fit(t->output, t->outputs, (int32_t)slots);
}

static int make_facts(Replay *self) {
    const Tape *t = &self->tape;
    size_t slots = (size_t)first_result_of(t) + (size_t)t->count + 1, lists = (size_t)t->lists + 1;
    self->facts = (Facts){calloc(slots, 1), calloc(slots, 1), calloc(lists, 1), calloc(lists, 1),
                          calloc(lists, sizeof(int32_t))};
    const Facts *f = &self->facts;
    if (!f->varies || !f->active || !f->list_varies || !f->list_active || !f->list_dots) return -1;
    find_facts(t, self->wanted, self->parameters_wanted, &self->facts);
    return 0;
}

static void replay_dealloc(PyObject *object) {
    Replay *self = (Replay *)object;
    PyTypeObject *type = Py_TYPE(object);
    while (self->free_scratch) {
        Scratch *scratch = self->free_scratch;
        self->free_scratch = scratch->next;
        free(scratch);
    }
    free_schedule(&self->whole);
    free_schedule(&self->body);
    free_schedule(&self->uniform);
    void *all[] = {self->facts.varies, self->facts.active, self->facts.list_varies, self->facts.list_active,
                   self->facts.list_dots, self->wanted, self->codes};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
    while (self->opened) PyBuffer_Release(&self->buffers[--self->opened]);
    type->tp_free(object);
    Py_DECREF(type);
}

/* The places in the table of `count` codes, which are places among `known` of them; NULL if one is not there. */
static int32_t *places_of(const int32_t *codes, int32_t count, const int32_t *rows, int32_t known) {
    int32_t *places = malloc(((size_t)count + 1) * sizeof *places);
    for (int32_t k = 0; places && k < count; k++) {
        if ((uint32_t)codes[k] >= (uint32_t)known) {
            free(places);
            return NULL;
        }
        places[k] = rows[codes[k]];
    }
    return places;
}

/* Replay(inputs, parameters, (constants, codes, starts, operands, list_starts, list_items, outputs, guards,
   wanted, rows), parameters_wanted): the arrays of a tape, and of each of its operations the place in the table;
   guards are four ints each. */
static PyObject *replay_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named)) {
    int inputs, parameters, parameters_wanted;
    PyObject *arrays;
    if (!PyArg_ParseTuple(args, "iiO!p", &inputs, &parameters, &PyTuple_Type, &arrays, &parameters_wanted)) return NULL;
    Replay *self = (Replay *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    static const size_t sizes[TAPE_BUFFERS] = {8, 4, 4, 4, 4, 4, 4, 16, 1, 4};
    int32_t counts[TAPE_BUFFERS];
    int fits = PyTuple_GET_SIZE(arrays) == TAPE_BUFFERS && inputs >= 0 && parameters >= 0;
    for (int i = 0; fits && i < TAPE_BUFFERS; i++) {
        Py_buffer *buffer = &self->buffers[i];
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(arrays, i), buffer, PyBUF_SIMPLE) < 0) goto failed;
        self->opened++;
        fits = buffer->len / (Py_ssize_t)sizes[i] < INT32_MAX / 2 && buffer->len % (Py_ssize_t)sizes[i] == 0;
        counts[i] = fits ? (int32_t)(buffer->len / (Py_ssize_t)sizes[i]) : 0;
    }
    fits = fits && counts[2] == counts[1] + 1 && counts[4] >= 1 && counts[8] == inputs;
    if (fits) {
        self->codes = places_of(self->buffers[1].buf, counts[1], self->buffers[9].buf, counts[9]);
        Tape *t = &self->tape;
        *t = (Tape){inputs, parameters, counts[0], counts[1], counts[4] - 1, counts[6], counts[7],
                    self->buffers[0].buf, self->codes, self->buffers[2].buf, self->buffers[3].buf,
                    self->buffers[4].buf, self->buffers[5].buf, self->buffers[6].buf, self->buffers[7].buf};
        int32_t *list_below = malloc(((size_t)t->lists + 1) * sizeof *list_below);
        self->wanted = malloc((size_t)inputs + 1);
        self->parameters_wanted = parameters_wanted;
        fits = self->codes && list_below && self->wanted && tape_fits(t, counts[3], counts[5], list_below);
        free(list_below);
        if (fits) memcpy(self->wanted, self->buffers[8].buf, (size_t)inputs);
        if (fits && make_facts(self) < 0) {
            PyErr_NoMemory();
            goto failed;
        }
    }
    if (fits) return (PyObject *)self;
    PyErr_SetString(PyExc_ValueError, "these arrays are no tape");
failed:
    Py_DECREF(self);
    return NULL;
}

static int need_whole(Replay *self) {
    if (self->has_whole) return 0;
    if (schedule(&self->whole, &self->tape, &self->facts, WHOLE, NULL) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    self->has_whole = 1;
    return 0;
}

static int need_body(Replay *self) {
    if (self->has_body) return 0;
    if (schedule(&self->body, &self->tape, &self->facts, LANES, NULL) < 0 ||
        schedule(&self->uniform, &self->tape, &self->facts, UNIFORM, &self->body) < 0 ||
        find_places(&self->body, &self->uniform, &self->facts) < 0) {
        free_schedule(&self->uniform);
        free_schedule(&self->body);
        PyErr_NoMemory();
        return -1;
    }
    self->has_body = 1;
    return 0;
}

/* ONE ROW */

static void write_constants(const Tape *t, const Schedule *s, double *v) {
    for (int32_t c = 0; c < t->constants; c++) v[s->place[t->inputs + t->parameters + c]] = t->constant[c];
}

static Scratch *new_scratch(const Replay *self) {
    const Tape *t = &self->tape;
    size_t slots = (size_t)self->whole.program.slots + 8, work = 2 * (size_t)self->whole.program.longest + 8;
    size_t others = (size_t)t->inputs + (size_t)t->parameters + (size_t)t->outputs + 1;
    Scratch *scratch = malloc(sizeof *scratch + (2 * slots + work + others) * sizeof(double));
    if (!scratch) return NULL;
    scratch->v = (double *)(scratch + 1);
    scratch->g = scratch->v + slots;
    scratch->work = scratch->g + slots;
    scratch->by_inputs = scratch->work + work;
    scratch->by_parameters = scratch->by_inputs + t->inputs;
    scratch->seeds = scratch->by_parameters + t->parameters;
    write_constants(t, &self->whole, scratch->v);
    return scratch;
}

static Scratch *take_scratch(Replay *self) {
    Scratch *scratch = self->free_scratch;
    if (!scratch) return new_scratch(self);
    self->free_scratch = scratch->next;
    return scratch;
}

static void give_scratch_back(Replay *self, Scratch *scratch) {
    scratch->next = self->free_scratch;
    self->free_scratch = scratch;
}

static int row_decides(const Tape *t, const Schedule *s, const double *v) {
    for (int32_t i = 0; i < t->guards; i++) {
        const Guard *guard = &t->guard[i];
        if (decides(guard->how, v[s->place[guard->left]], v[s->place[guard->right]]) != guard->outcome) return 0;
    }
    for (int32_t r = 0; s->program.takes && r < s->program.run_count; r++) {
        const Run *run = &s->program.runs[r];
        for (int32_t o = 0; run->code == ROW_take && o < run->count; o++)
            if (place_among(v[run->operand[1][o]], run->lengths[o]) < 0) return 0;
    }
    return 1;
}

/* The gradient by inputs and parameters, of the sum of seeds · outputs. */
static void row_gradient(const Replay *self, Scratch *scratch, const double *seeds, double *by_inputs, double *by_parameters) {
    const Tape *t = &self->tape;
    const Schedule *s = &self->whole;
    memset(scratch->g, 0, (size_t)s->program.slots * sizeof(double));
    for (int32_t o = 0; o < t->outputs; o++) scratch->g[s->place[t->output[o]]] += seeds[o];
    row_backward(&s->program, isa, scratch->v, scratch->g, scratch->work);
    for (int32_t i = 0; i < t->inputs; i++) by_inputs[i] = self->facts.active[i] ? scratch->g[i] : 0.0;
    for (int32_t p = 0; p < t->parameters; p++) by_parameters[p] = scratch->g[s->place[t->inputs + p]];
}

/* The numbers of a list of Values and floats, or of a buffer of doubles; -1 with an error. */
static int read_numbers(PyObject *numbers, int32_t count, double *to) {
    if (PyList_CheckExact(numbers) || PyTuple_CheckExact(numbers)) {
        int fits = PySequence_Fast_GET_SIZE(numbers) == count;
        PyObject *const *items = PySequence_Fast_ITEMS(numbers);
        for (int32_t i = 0; fits && i < count; i++) fits = quick_number(items[i], &to[i]) < NEITHER;
        if (fits) return 0;
    } else if (PyObject_CheckBuffer(numbers)) {
        Py_buffer buffer;
        if (PyObject_GetBuffer(numbers, &buffer, PyBUF_FORMAT | PyBUF_ND) < 0) return -1;
        int fits = buffer.len == count * (Py_ssize_t)sizeof(double) && buffer.format && !strcmp(buffer.format, "d");
        if (fits) memcpy(to, buffer.buf, (size_t)buffer.len);
        PyBuffer_Release(&buffer);
        if (fits) return 0;
    }
    if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "a replay of this tape takes %d numbers", (int)count);
    return -1;
}

/* The data of the parameters, each at its place. */
static int read_parameters(PyObject *parameters, const Tape *t, const Schedule *s, double *v) {
    int fits = PyList_CheckExact(parameters) && PyList_GET_SIZE(parameters) == t->parameters;
    for (int32_t p = 0; fits && p < t->parameters; p++) {
        PyObject *parameter = PyList_GET_ITEM(parameters, p);
        if ((fits = IS_VALUE(parameter))) v[s->place[t->inputs + p]] = AS_VALUE(parameter)->data;
    }
    if (!fits) PyErr_Format(PyExc_ValueError, "a replay of this tape takes a list of %d parameters", (int)t->parameters);
    return fits ? 0 : -1;
}

/* row(numbers, parameters, differentiate): None if the row decides otherwise than was recorded; else the outputs,
   a tuple of floats, and for each, if asked for, its gradient by inputs and parameters as the bytes of doubles */
static PyObject *replay_row(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    Replay *self = (Replay *)object;
    const Tape *t = &self->tape;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "row takes numbers, parameters, and whether to differentiate");
        return NULL;
    }
    int differentiate = PyObject_IsTrue(args[2]), fits = 0;
    if (differentiate < 0 || need_whole(self) < 0) return NULL;
    Scratch *scratch = take_scratch(self);
    PyObject *outputs = PyTuple_New(t->outputs), *gradients = NULL, *result = NULL;
    double *seeds = calloc((size_t)t->outputs + 1, sizeof *seeds);
    if (!scratch || !outputs || !seeds) {
        PyErr_NoMemory();
        goto done;
    }
    if (read_numbers(args[0], t->inputs, scratch->v) < 0) goto done;
    if (read_parameters(args[1], t, &self->whole, scratch->v) < 0) goto done;
    int release = self->whole.program.slots + t->list_starts[t->lists] > WORTH_RELEASING;
    PyThreadState *thread = release ? PyEval_SaveThread() : NULL;
    row_forward(&self->whole.program, isa, scratch->v, scratch->work);
    fits = row_decides(t, &self->whole, scratch->v);
    if (release) PyEval_RestoreThread(thread);
    if (!fits) {
        result = Py_NewRef(Py_None);
        goto done;
    }
    gradients = differentiate ? PyTuple_New(t->outputs) : Py_NewRef(Py_None);
    for (int32_t o = 0; gradients && o < t->outputs; o++) {
        PyObject *number = PyFloat_FromDouble(scratch->v[self->whole.place[t->output[o]]]);
        if (!number) goto done;
        PyTuple_SET_ITEM(outputs, o, number);
        if (!differentiate) continue;
        PyObject *gradient = PyBytes_FromStringAndSize(NULL, ((Py_ssize_t)t->inputs + t->parameters) * (Py_ssize_t)sizeof(double));
        if (!gradient) goto done;
        PyTuple_SET_ITEM(gradients, o, gradient);
        double *by = (double *)(void *)PyBytes_AS_STRING(gradient);
        seeds[o] = 1.0;
        thread = release ? PyEval_SaveThread() : NULL;
        row_gradient(self, scratch, seeds, by, by + t->inputs);
        if (release) PyEval_RestoreThread(thread);
        seeds[o] = 0.0;
    }
    if (gradients) result = PyTuple_Pack(2, outputs, gradients);
done:
    if (scratch) give_scratch_back(self, scratch);
    free(seeds);
    Py_XDECREF(outputs);
    Py_XDECREF(gradients);
    return result;
}

/* MANY ROWS */

enum { MOST_COLUMNS = 16 };

/* What is opened for a call over rows, to be closed after it. */
typedef struct {
    Py_buffer buffers[MOST_COLUMNS + 8];
    int opened;
    Column columns[MOST_COLUMNS];
    int32_t column_count;
    ptrdiff_t rows; /* in the columns */
    Workspace spaces[MOST_THREADS];
    int threads;
    double *same, *by_uniform, *work;
    Scratch *scratch; /* where rows go one by one */
    Replay *lender;   /* of it, or NULL */
} Batch;

static void close_batch(Batch *batch) {
    while (batch->opened) PyBuffer_Release(&batch->buffers[--batch->opened]);
    for (int t = 0; t < batch->threads; t++) free_workspace(&batch->spaces[t]);
    if (batch->lender) give_scratch_back(batch->lender, batch->scratch);
    else free(batch->scratch);
    free(batch->same);
    free(batch->by_uniform);
    free(batch->work);
}

/* A buffer of `count` numbers with that format, writable if so wanted; NULL with an error. */
static void *open_numbers(Batch *batch, PyObject *object, const char *formats, ptrdiff_t count, int writable, const char *name) {
    Py_buffer *buffer = &batch->buffers[batch->opened];
    if (PyObject_GetBuffer(object, buffer, PyBUF_FORMAT | PyBUF_ND | (writable ? PyBUF_WRITABLE : 0)) < 0) return NULL;
    batch->opened++;
    int alike = buffer->format && buffer->format[0] && !buffer->format[1] && strchr(formats, buffer->format[0]);
    if (alike && (count < 0 || buffer->len == count * buffer->itemsize)) return buffer->buf;
    PyErr_Format(PyExc_ValueError, "%s must be %zd numbers of format %s side by side", name, (Py_ssize_t)count, formats);
    return NULL;
}

static int open_columns(Batch *batch, PyObject *columns, int32_t inputs) {
    int32_t wide = 0;
    if (!PyTuple_CheckExact(columns) || PyTuple_GET_SIZE(columns) > MOST_COLUMNS) goto unfit;
    for (Py_ssize_t c = 0; c < PyTuple_GET_SIZE(columns); c++) {
        const double *numbers = open_numbers(batch, PyTuple_GET_ITEM(columns, c), "d", -1, 0, "a column");
        if (!numbers) return -1;
        const Py_buffer *buffer = &batch->buffers[batch->opened - 1];
        if (buffer->ndim < 1 || buffer->ndim > 2) goto unfit;
        Py_ssize_t width = buffer->ndim == 2 ? buffer->shape[1] : 1;
        if (c && buffer->shape[0] != batch->rows) goto unfit;
        if (width > inputs) goto unfit;
        batch->rows = buffer->shape[0];
        batch->columns[batch->column_count++] = (Column){numbers, width, (int32_t)width};
        wide += (int32_t)width;
    }
    if (wide == inputs && batch->column_count) return 0;
unfit:
    PyErr_Format(PyExc_ValueError, "a replay of this tape takes up to %d columns of equally many rows, %d numbers wide together",
                 (int)MOST_COLUMNS, (int)inputs);
    return -1;
}

static int open_order(Batch *batch, PyObject *order, Call *call) {
    call->rows = batch->rows;
    if (order == Py_None) return 0;
    call->order = open_numbers(batch, order, "lq", -1, 0, "the order");
    if (!call->order) return -1;
    const Py_buffer *buffer = &batch->buffers[batch->opened - 1];
    call->rows = buffer->len / buffer->itemsize;
    for (ptrdiff_t i = 0; i < call->rows; i++)
        if (buffer->itemsize != 8 || call->order[i] < 0 || call->order[i] >= batch->rows) {
            PyErr_Format(PyExc_IndexError, "the order holds places of rows, from 0 to %zd", (Py_ssize_t)batch->rows - 1);
            return -1;
        }
    return 0;
}

static int make_batch(Batch *batch, const Plan *plan, int threads, int backward) {
    size_t places = (size_t)plan->uniform->program.slots + 1;
    batch->same = calloc(places, sizeof(double));
    batch->by_uniform = calloc(places, sizeof(double));
    batch->work = calloc(2 * (size_t)plan->uniform->program.longest + 1, sizeof(double));
    if (!batch->same || !batch->by_uniform || !batch->work) return -1;
    for (; batch->threads < threads; batch->threads++)
        if (make_workspace(&batch->spaces[batch->threads], plan, backward) < 0) return -1;
    write_constants(plan->tape, plan->uniform, batch->same);
    return 0;
}

static Plan plan_of(const Replay *self, int single) {
    Plan plan = {&self->tape, &self->facts, &self->body, &self->uniform, isa, single, 0};
    plan.width = width_for(&self->body.program, isa, single);
    return plan;
}

/* Whether what does not depend on the rows decides as recorded; the forward pass of the uniform program. */
static int run_uniform(const Plan *plan, Batch *batch) {
    const Tape *t = plan->tape;
    const int32_t *place = plan->uniform->place;
    row_forward(&plan->uniform->program, plan->isa, batch->same, batch->work);
    for (int32_t i = 0; i < t->guards; i++) {
        const Guard *guard = &t->guard[i];
        if (plan->facts->varies[guard->left] || plan->facts->varies[guard->right]) continue;
        if (decides(guard->how, batch->same[place[guard->left]], batch->same[place[guard->right]]) != guard->outcome) return 0;
    }
    const Program *program = &plan->uniform->program;
    for (int32_t r = 0; program->takes && r < program->run_count; r++)
        for (int32_t o = 0; program->runs[r].code == ROW_take && o < program->runs[r].count; o++)
            if (place_among(batch->same[program->runs[r].operand[1][o]], program->runs[r].lengths[o]) < 0) return 0;
    return 1;
}

static int any_nan(const double *numbers, ptrdiff_t count) {
    int found = 0;
    for (ptrdiff_t i = 0; i < count; i++) found |= numbers[i] != numbers[i];
    return found;
}

/* All rows by the program of one row, which knows that a gradient of 0 passes nothing on, as lanes do not.
   Returns how many do not fit, or -1 where memory ends. */
static ptrdiff_t run_row_by_row(Replay *self, Batch *batch, const Call *call, double *sum) {
    const Tape *t = &self->tape;
    ptrdiff_t misfits = 0;
    if (!batch->scratch && !(batch->scratch = new_scratch(self))) return -1;
    Scratch *scratch = batch->scratch;
    double *v = scratch->v, *seeds = scratch->seeds;
    *sum = 0.0;
    const int32_t *place = self->uniform.place + t->inputs;
    for (int32_t p = 0; p < t->parameters; p++) v[self->whole.place[t->inputs + p]] = batch->same[place[p]];
    memset(batch->by_uniform, 0, (size_t)self->uniform.program.slots * sizeof(double));
    for (ptrdiff_t row = 0; row < call->rows; row++) {
        double *to = v;
        for (int32_t c = 0; c < call->column_count; c++) {
            const Column *column = &call->columns[c];
            memcpy(to, column->numbers + row_of_in_double(call, row) * column->stride, (size_t)column->width * sizeof *to);
            to += column->width;
        }
        for (int32_t o = 0; o < t->outputs; o++)
            seeds[o] = call->seeds_alike ? call->seed : call->seeds[row * t->outputs + o];
        row_forward(&self->whole.program, isa, v, scratch->work);
        call->fits[row] = (char)row_decides(t, &self->whole, v);
        if (!call->fits[row]) {
            misfits++;
            if (call->by_inputs) memset(call->by_inputs + row * t->inputs, 0, (size_t)t->inputs * sizeof(double));
            continue;
        }
        for (int32_t o = 0; o < t->outputs; o++) {
            double output = v[self->whole.place[t->output[o]]];
            if (!o) *sum += output;
            if (call->outputs) call->outputs[row * t->outputs + o] = output;
        }
        double *by_inputs = call->by_inputs ? call->by_inputs + row * t->inputs : scratch->by_inputs;
        row_gradient(self, scratch, seeds, by_inputs, scratch->by_parameters);
        for (int32_t p = 0; p < t->parameters; p++) batch->by_uniform[place[p]] += scratch->by_parameters[p];
    }
    return misfits;
}

/* All of a batch, but for what Python has to do with the result: the number of rows that do not fit, or
   -1 where memory ends. The gradient by the parameters is left at their places in the uniform program. */
static ptrdiff_t run_batch(Replay *self, const Plan *plan, Batch *batch, const Call *call, int backward, double *sum) {
    const Program *uniform = &plan->uniform->program;
    *sum = 0.0;
    if (call->rows == 1 && backward && !plan->single) return run_row_by_row(self, batch, call, sum);
    if (backward) memset(batch->by_uniform, 0, (size_t)uniform->slots * sizeof(double));
    if (!run_uniform(plan, batch)) {
        memset(call->fits, 0, (size_t)call->rows);
        return call->rows;
    }
    ptrdiff_t misfits = run_rows(plan, call, batch->spaces, batch->threads, backward ? batch->by_uniform : NULL, sum);
    if (misfits < 0 || !backward) return misfits;
    row_backward(uniform, plan->isa, batch->same, batch->by_uniform, batch->work);
    if (any_nan(batch->by_uniform, uniform->slots) || (call->by_inputs && any_nan(call->by_inputs, call->rows * plan->tape->inputs)))
        return run_row_by_row(self, batch, call, sum);
    return misfits;
}

/* rows(columns, order, parameters, fits, outputs, seeds, by_inputs, by_parameters, threads, single): many rows
   at once. What is not wanted is None; without seeds there is no backward pass. Returns how many rows do not fit:
   their places in `fits` are 0, and they leave nothing anywhere else. */
static PyObject *replay_rows(PyObject *object, PyObject *args) {
    Replay *self = (Replay *)object;
    const Tape *t = &self->tape;
    PyObject *columns, *order, *parameters, *fits, *outputs, *seeds, *by_inputs, *by_parameters;
    int threads, single;
    if (!PyArg_ParseTuple(args, "OOOOOOOOip", &columns, &order, &parameters, &fits, &outputs, &seeds, &by_inputs,
                          &by_parameters, &threads, &single))
        return NULL;
    if (need_body(self) < 0 || need_whole(self) < 0) return NULL;
    Plan plan = plan_of(self, single);
    Batch batch = {0};
    Call call = {0};
    double *gradient = NULL, sum;
    ptrdiff_t misfits = -1;
    int backward = seeds != Py_None;
    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    if (open_columns(&batch, columns, t->inputs) < 0 || open_order(&batch, order, &call) < 0) goto done;
    call.columns = batch.columns;
    call.column_count = batch.column_count;
    if (!(call.fits = open_numbers(&batch, fits, "bB?", call.rows, 1, "fits"))) goto done;
    if (outputs != Py_None && !(call.outputs = open_numbers(&batch, outputs, "d", call.rows * t->outputs, 1, "outputs"))) goto done;
    if (backward && !(call.seeds = open_numbers(&batch, seeds, "d", call.rows * t->outputs, 0, "seeds"))) goto done;
    if (backward && by_inputs != Py_None &&
        !(call.by_inputs = open_numbers(&batch, by_inputs, "d", call.rows * t->inputs, 1, "by_inputs")))
        goto done;
    if (backward && !(gradient = open_numbers(&batch, by_parameters, "d", t->parameters, 1, "by_parameters"))) goto done;
    if (make_batch(&batch, &plan, threads, backward) < 0) {
        PyErr_NoMemory();
        goto done;
    }
    call.same = batch.same;
    if (read_parameters(parameters, t, &self->uniform, batch.same) < 0) goto done;
    Py_BEGIN_ALLOW_THREADS
    misfits = run_batch(self, &plan, &batch, &call, backward, &sum);
    Py_END_ALLOW_THREADS
    for (int32_t p = 0; backward && p < t->parameters; p++) gradient[p] = batch.by_uniform[self->uniform.place[t->inputs + p]];
    if (misfits < 0) PyErr_NoMemory();
done:
    close_batch(&batch);
    return misfits < 0 ? NULL : PyLong_FromSsize_t(misfits);
}

#include "epoch.h"

static PyMethodDef replay_methods[] = {
    {"row", (PyCFunction)(void (*)(void))replay_row, METH_FASTCALL, NULL},
    {"rows", replay_rows, METH_VARARGS, NULL},
    {"steps", replay_steps, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot replay_slots[] = {
    {Py_tp_new, replay_new},
    {Py_tp_dealloc, replay_dealloc},
    {Py_tp_methods, replay_methods},
    {0, NULL},
};

static PyType_Spec replay_spec = {
    .name = "autograd.native.value.Replay",
    .basicsize = sizeof(Replay),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = replay_slots,
};

/* joined(operation, data, numbers, parameters, gradient): one node in place of all that a replay computed. Its
   operands are the numbers, Values and floats, and then the parameters; the gradient is the bytes of doubles. */
static PyObject *joined(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    int fits = count == 5 && PyFloat_CheckExact(args[1]) && PyList_CheckExact(args[2]) && PyList_CheckExact(args[3]) &&
               PyBytes_CheckExact(args[4]);
    Py_ssize_t own = fits ? PyList_GET_SIZE(args[2]) : 0, all = fits ? own + PyList_GET_SIZE(args[3]) : 0;
    if (fits && PyBytes_GET_SIZE(args[4]) == all * (Py_ssize_t)sizeof(double)) {
        Edges *many = new_edges(all);
        if (!many) return NULL;
        const double *by = (const double *)(void *)PyBytes_AS_STRING(args[4]);
        for (Py_ssize_t i = 0; fits && i < all; i++) {
            PyObject *operand = i < own ? PyList_GET_ITEM(args[2], i) : PyList_GET_ITEM(args[3], i - own);
            int parent = IS_VALUE(operand);
            if ((fits = parent || PyFloat_CheckExact(operand)))
                many->edges[i] = (Edge){parent ? AS_VALUE(operand) : NULL, parent ? by[i] : PyFloat_AS_DOUBLE(operand)};
        }
        if (fits) return node_of_many(args[0], PyFloat_AS_DOUBLE(args[1]), many);
        free_edges(many);
    }
    PyErr_SetString(PyExc_TypeError, "joined takes an operation, a float, lists of Values and floats, and as many doubles");
    return NULL;
}
