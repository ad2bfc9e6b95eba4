/* Steps of training, held open: batch after batch, gradient and update, without a step in Python.

   A Steps object keeps what is the same from one epoch to the next: the columns, the memory that a batch
   needs, and where each parameter lies in it. */

#include "program.h"

typedef struct {
    PyObject_HEAD
    Replay *replay;
    PyObject *parameters, *params; /* lists of Values: of the tape; what the optimizer moves */
    Plan plan;
    Batch batch;
    ptrdiff_t batch_size, count;
    int32_t *at;                   /* of each that is moved: its place in the uniform program; the last + 1 if it has none */
    int32_t *fixed, fixed_count;   /* which parameters of the tape are not moved */
    double *p, *gradient;
    char *fits;
    int running;                   /* in a thread */
    const UpdateRule *rule;
    double *states[MOST_STATES];
} Steps;

static PyTypeObject *StepsType;

static void steps_dealloc(PyObject *object) {
    Steps *self = (Steps *)object;
    PyTypeObject *type = Py_TYPE(object);
    close_batch(&self->batch);
    free(self->at);
    free(self->fixed);
    free(self->p);
    free(self->gradient);
    free(self->fits);
    Py_XDECREF(self->parameters);
    Py_XDECREF(self->params);
    Py_XDECREF(self->replay);
    type->tp_free(object);
    Py_DECREF(type);
}

static int find_moved(Steps *self, PyObject *positions) {
    const Tape *t = &self->replay->tape;
    const int32_t *given = open_numbers(&self->batch, positions, "i", t->parameters, 0, "positions");
    if (!given) return -1;
    for (ptrdiff_t i = 0; i < self->count; i++) self->at[i] = self->plan.uniform->program.slots;
    for (int32_t p = 0; p < t->parameters; p++) {
        if (given[p] >= self->count || given[p] < -1) {
            PyErr_SetString(PyExc_ValueError, "a position is that of a parameter, or -1");
            return -1;
        }
        if (given[p] < 0) {
            self->fixed[self->fixed_count++] = p;
            continue;
        }
        if (self->at[given[p]] < self->plan.uniform->program.slots) {
            PyErr_SetString(PyExc_ValueError, "each position is taken once");
            return -1;
        }
        self->at[given[p]] = self->plan.uniform->place[t->inputs + p];
    }
    return 0;
}

/* steps(columns, parameters, batch_size, params, positions, rule, states, threads, single): training on these columns.
   `positions` says of each parameter of the tape where it stands among those that are moved, or -1. */
static PyObject *replay_steps(PyObject *object, PyObject *args) {
    Replay *replay = (Replay *)object;
    PyObject *columns, *parameters, *params, *positions, *states;
    const char *rule;
    Py_ssize_t batch_size;
    int threads, single;
    if (!PyArg_ParseTuple(args, "OO!nO!OsO!ip", &columns, &PyList_Type, &parameters, &batch_size, &PyList_Type, &params,
                          &positions, &rule, &PyList_Type, &states, &threads, &single))
        return NULL;
    Steps *self = (Steps *)StepsType->tp_alloc(StepsType, 0);
    if (!self) return NULL;
    self->replay = (Replay *)Py_NewRef(object);
    self->parameters = Py_NewRef(parameters);
    self->params = Py_NewRef(params);
    self->batch_size = batch_size;
    self->count = PyList_GET_SIZE(params);
    if (need_body(replay) < 0 || need_whole(replay) < 0) goto failed;
    self->plan = plan_of(replay, single);
    size_t count = (size_t)self->count + 1;
    self->rule = PyList_GET_SIZE(states) <= MOST_STATES ? update_rule(rule, PyList_GET_SIZE(states)) : NULL;
    if (!self->rule || batch_size < 1) {
        PyErr_SetString(PyExc_ValueError, "steps take batches of at least one row, and a rule with as many states as it has");
        goto failed;
    }
    self->at = malloc(count * sizeof *self->at);
    self->fixed = malloc(((size_t)replay->tape.parameters + 1) * sizeof *self->fixed);
    self->p = malloc(count * sizeof *self->p);
    self->gradient = malloc(count * sizeof *self->gradient);
    if (!self->at || !self->fixed || !self->p || !self->gradient) {
        PyErr_NoMemory();
        goto failed;
    }
    if (open_columns(&self->batch, columns, replay->tape.inputs) < 0 || find_moved(self, positions) < 0) goto failed;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(states); i++)
        if (!(self->states[i] = open_numbers(&self->batch, PyList_GET_ITEM(states, i), "d", self->count, 1, "a state"))) goto failed;
    if (self->batch_size > self->batch.rows) self->batch_size = self->batch.rows > 0 ? self->batch.rows : 1;
    self->fits = malloc((size_t)self->batch_size);
    if (self->batch_size == 1 && (self->batch.scratch = take_scratch(replay))) self->batch.lender = replay;
    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    if (self->fits && make_batch(&self->batch, &self->plan, threads, 1) == 0) return (PyObject *)self;
    PyErr_NoMemory();
failed:
    Py_DECREF(self);
    return NULL;
}

/* A gradient that is longer than max_norm, shortened to that, as clipping.py does it. */
static void shorten(double *gradient, ptrdiff_t count, double max_norm) {
    double squares = 0.0;
    for (ptrdiff_t i = 0; i < count; i++) squares += gradient[i] * gradient[i];
    double share = max_norm / (sqrt(squares) + 1e-6);
    for (ptrdiff_t i = 0; i < count && share < 1.0; i++) gradient[i] *= share;
}

/* One step: the mean gradient of the rows of a batch, shortened to max_norm, then the update. Returns what
   run_batch does. */
static ptrdiff_t train_batch(Steps *self, const Call *call, double *settings, double max_norm, double *sum) {
    double *same = self->batch.same, *restrict p = self->p, *restrict gradient = self->gradient;
    const double *by = self->batch.by_uniform, rows = (double)call->rows;
    for (ptrdiff_t i = 0; i < self->count; i++) same[self->at[i]] = p[i];
    ptrdiff_t misfits = run_batch(self->replay, &self->plan, &self->batch, call, 1, sum);
    if (misfits) return misfits;
    for (ptrdiff_t i = 0; i < self->count; i++) gradient[i] = by[self->at[i]];
    for (ptrdiff_t i = 0; i < self->count; i++) gradient[i] /= rows;
    if (max_norm < HUGE_VAL) shorten(gradient, self->count, max_norm);
    self->rule->all(self->count, p, gradient, self->states, settings);
    settings[STEPS] += 1.0;
    return 0;
}

static int open_settings(const Steps *self, PyObject *given, double *settings) {
    if (!PyTuple_CheckExact(given) || PyTuple_GET_SIZE(given) != self->rule->settings) {
        PyErr_Format(PyExc_ValueError, "the rule %s takes a tuple of %d settings", self->rule->name, self->rule->settings);
        return -1;
    }
    for (int i = 0; i < self->rule->settings; i++) {
        settings[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(given, i));
        if (settings[i] == -1.0 && PyErr_Occurred()) return -1;
    }
    return 0;
}

/* The data of what is moved and of the tape's other parameters. */
static int read_params(const Steps *self) {
    const Tape *t = &self->replay->tape;
    int fits = PyList_GET_SIZE(self->params) == self->count && PyList_GET_SIZE(self->parameters) == t->parameters;
    for (int32_t i = 0; fits && i < self->fixed_count; i++) {
        PyObject *parameter = PyList_GET_ITEM(self->parameters, self->fixed[i]);
        if ((fits = IS_VALUE(parameter)))
            self->batch.same[self->plan.uniform->place[t->inputs + self->fixed[i]]] = AS_VALUE(parameter)->data;
    }
    for (ptrdiff_t i = 0; fits && i < self->count; i++) {
        PyObject *param = PyList_GET_ITEM(self->params, i);
        if ((fits = IS_VALUE(param))) self->p[i] = AS_VALUE(param)->data;
    }
    if (!fits) PyErr_SetString(PyExc_TypeError, "parameters and what is moved are lists of as many Values as there were");
    return fits ? 0 : -1;
}

static void write_moved(const Steps *self) {
    edits++;
    for (ptrdiff_t i = 0; i < self->count && i < PyList_GET_SIZE(self->params); i++)
        if (IS_VALUE(PyList_GET_ITEM(self->params, i))) AS_VALUE(PyList_GET_ITEM(self->params, i))->data = self->p[i];
}

enum { WORK_BETWEEN_SIGNALS = 100000000 };

/* run(order, settings, rates, max_norm): a step for each batch of the rows in `order`, with a learning rate of its own if
   `rates` is not None, and gradients no longer than max_norm. Returns (how many were made, the sum of the first output over their rows, how many rows of
   the next batch do not fit, whether a signal came). A batch with rows that do not fit is not stepped along. */
static PyObject *steps_run(PyObject *object, PyObject *const *args, Py_ssize_t given) {
    Steps *self = (Steps *)object;
    const Tape *t = &self->replay->tape;
    double settings[MOST_SETTINGS], total = 0.0;
    Py_ssize_t made = 0;
    ptrdiff_t misfits = 0;
    int interrupted = 0, opened = self->batch.opened;
    Call all = {.columns = self->batch.columns, .column_count = self->batch.column_count, .same = self->batch.same,
                .seeds_alike = 1, .seed = 1.0, .fits = self->fits};
    PyObject *result = NULL;
    if (given != 4) {
        PyErr_SetString(PyExc_TypeError, "run takes an order, settings, rates, and max_norm");
        return NULL;
    }
    double max_norm = PyFloat_AsDouble(args[3]);
    if (max_norm == -1.0 && PyErr_Occurred()) return NULL;
    if (self->running) {
        PyErr_SetString(PyExc_RuntimeError, "this training is running in another thread: give each thread a trainer of its own");
        return NULL;
    }
    if (open_settings(self, args[1], settings) < 0 || open_order(&self->batch, args[0], &all) < 0) goto done;
    ptrdiff_t rows = all.rows, batches = rows / self->batch_size + (rows % self->batch_size != 0), since_looked = 0;
    const double *rates = NULL;
    if (args[2] != Py_None && !(rates = open_numbers(&self->batch, args[2], "d", batches, 0, "rates"))) goto done;
    if (read_params(self) < 0) goto done;
    self->running = 1;
    PyThreadState *thread = PyEval_SaveThread();
    while (made < batches && !misfits && !interrupted) {
        Call call = all;
        double sum;
        ptrdiff_t first = made * self->batch_size;
        call.rows = rows - first < self->batch_size ? rows - first : self->batch_size;
        call.first = first;
        if (rates) settings[LR] = rates[made];
        misfits = train_batch(self, &call, settings, max_norm, &sum);
        if (misfits) break;
        total += sum;
        made++;
        since_looked += call.rows * (ptrdiff_t)(t->count + t->list_starts[t->lists]);
        if (since_looked < WORK_BETWEEN_SIGNALS) continue;
        since_looked = 0;
        PyEval_RestoreThread(thread);
        interrupted = PyErr_CheckSignals() < 0;
        thread = PyEval_SaveThread();
    }
    PyEval_RestoreThread(thread);
    self->running = 0;
    if (interrupted) PyErr_Clear(); /* Python raises it again, when all is in order */
    write_moved(self);
    if (misfits < 0) PyErr_NoMemory();
    else result = Py_BuildValue("(ndni)", made, total, (Py_ssize_t)misfits, interrupted);
done:
    while (self->batch.opened > opened) PyBuffer_Release(&self->batch.buffers[--self->batch.opened]);
    return result;
}

static PyMethodDef steps_methods[] = {
    {"run", (PyCFunction)(void (*)(void))steps_run, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot steps_slots[] = {
    {Py_tp_dealloc, steps_dealloc},
    {Py_tp_methods, steps_methods},
    {0, NULL},
};

static PyType_Spec steps_spec = {
    .name = "autograd.native.value.Steps",
    .basicsize = sizeof(Steps),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = steps_slots,
};
