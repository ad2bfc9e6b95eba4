/* An epoch of training: batch after batch, gradient and update, without a step in Python. */

#include "program.h"

/* What an epoch works with. */
typedef struct {
    PyObject *params;          /* list of Values: what the optimizer moves */
    const int32_t *positions;  /* of each parameter of the tape: where it stands among them, or -1 */
    double *p, *gradient, *by_parameters;
    ptrdiff_t count;
    const UpdateRule *rule;
    double settings[MOST_SETTINGS], *states[MOST_STATES];
    const double *rates;       /* the learning rate of each batch, or NULL */
} Training;

static void free_training(Training *training) {
    free(training->p);
    free(training->gradient);
    free(training->by_parameters);
}

static int open_training(Training *training, Batch *batch, const Tape *t, PyObject *params, PyObject *positions,
                         const char *rule, PyObject *settings, PyObject *states) {
    int fits = PyList_CheckExact(params) && PyTuple_CheckExact(settings) && PyList_CheckExact(states) &&
               PyTuple_GET_SIZE(settings) <= MOST_SETTINGS && PyList_GET_SIZE(states) <= MOST_STATES;
    training->count = fits ? PyList_GET_SIZE(params) : 0;
    for (ptrdiff_t i = 0; i < training->count; i++) fits &= IS_VALUE(PyList_GET_ITEM(params, i));
    if (fits) training->rule = update_rule(rule, PyTuple_GET_SIZE(settings), PyList_GET_SIZE(states));
    if (!fits || !training->rule) {
        PyErr_SetString(PyExc_TypeError, "an epoch takes a list of Values, and a rule with as many settings and states as it has");
        return -1;
    }
    training->params = params;
    training->positions = open_numbers(batch, positions, "i", t->parameters, 0, "positions");
    if (!training->positions) return -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(settings); i++) {
        training->settings[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(settings, i));
        if (PyErr_Occurred()) return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(states); i++)
        if (!(training->states[i] = open_numbers(batch, PyList_GET_ITEM(states, i), "d", training->count, 1, "a state"))) return -1;
    for (int32_t p = 0; p < t->parameters; p++)
        if (training->positions[p] >= training->count || training->positions[p] < -1) {
            PyErr_SetString(PyExc_ValueError, "a position is that of a parameter, or -1");
            return -1;
        }
    size_t bytes = ((size_t)training->count + 1) * sizeof(double);
    training->p = malloc(bytes);
    training->gradient = malloc(bytes);
    training->by_parameters = malloc(((size_t)t->parameters + 1) * sizeof(double));
    if (training->p && training->gradient && training->by_parameters) return 0;
    PyErr_NoMemory();
    return -1;
}

/* One step: the mean gradient of the rows of a batch, then the update. Returns what run_batch does. */
static ptrdiff_t train_batch(Replay *self, const Plan *plan, Batch *batch, const Call *call, Training *training, double *sum) {
    const Tape *t = plan->tape;
    for (int32_t p = 0; p < t->parameters; p++)
        if (training->positions[p] >= 0)
            batch->same[plan->uniform->place[t->inputs + p]] = training->p[training->positions[p]];
    ptrdiff_t misfits = run_batch(self, plan, batch, call, training->by_parameters, sum);
    if (misfits) return misfits;
    memset(training->gradient, 0, (size_t)training->count * sizeof(double));
    for (int32_t p = 0; p < t->parameters; p++)
        if (training->positions[p] >= 0)
            training->gradient[training->positions[p]] += training->by_parameters[p];
    for (ptrdiff_t i = 0; i < training->count; i++) training->gradient[i] /= (double)call->rows;
    training->rule->all(training->count, training->p, training->gradient, training->states, training->settings);
    training->settings[STEPS] += 1.0;
    return 0;
}

/* epoch(columns, order, parameters, fits, batch_size, params, positions, rule, settings, states, rates, threads,
   single): steps of training, one for each batch of the order. Returns (how many were made, the sum of the first
   output over their rows, how many rows of the next batch do not fit, whether a signal came). A batch with rows
   that do not fit is not stepped along: its places in `fits` say which they are. */
static PyObject *replay_epoch(PyObject *object, PyObject *args) {
    Replay *self = (Replay *)object;
    const Tape *t = &self->tape;
    PyObject *columns, *order, *parameters, *fits, *params, *positions, *settings, *states, *rates;
    const char *rule;
    Py_ssize_t batch_size, made = 0;
    int threads, single, interrupted = 0;
    if (!PyArg_ParseTuple(args, "OOOOnOOsOOOip", &columns, &order, &parameters, &fits, &batch_size, &params, &positions,
                          &rule, &settings, &states, &rates, &threads, &single))
        return NULL;
    if (need_body(self) < 0 || need_whole(self) < 0) return NULL;
    Plan plan = plan_of(self, single);
    Batch batch = {0};
    Call all = {0};
    Training training = {0};
    double total = 0.0;
    ptrdiff_t misfits = 0;
    PyObject *result = NULL;
    threads = threads < 1 ? 1 : threads > MOST_THREADS ? MOST_THREADS : threads;
    if (open_columns(&batch, columns, t->inputs) < 0 || open_order(&batch, order, &all) < 0) goto done;
    if (batch_size == 1 || all.rows == 1) {
        if (!(batch.scratch = take_scratch(self))) {
            PyErr_NoMemory();
            goto done;
        }
        batch.lender = self;
    }
    if (batch_size < 1) {
        PyErr_SetString(PyExc_ValueError, "a batch has at least one row");
        goto done;
    }
    Py_ssize_t batches = all.rows / batch_size + (all.rows % batch_size != 0);
    if (open_training(&training, &batch, t, params, positions, rule, settings, states) < 0) goto done;
    if (!(all.fits = open_numbers(&batch, fits, "bB?", all.rows, 1, "fits"))) goto done;
    if (rates != Py_None && !(training.rates = open_numbers(&batch, rates, "d", batches, 0, "rates"))) goto done;
    if (make_batch(&batch, &plan, threads, 1) < 0) {
        PyErr_NoMemory();
        goto done;
    }
    if (read_parameters(parameters, t, &self->uniform, batch.same) < 0) goto done;
    for (ptrdiff_t i = 0; i < training.count; i++) training.p[i] = AS_VALUE(PyList_GET_ITEM(params, i))->data;
    all.columns = batch.columns;
    all.column_count = batch.column_count;
    all.same = batch.same;
    all.seeds_alike = 1;
    all.seed = 1.0;
    PyThreadState *thread = PyEval_SaveThread();
    ptrdiff_t since_looked = 0;
    while (made < batches && !misfits && !interrupted) {
        Call call = all;
        double sum;
        ptrdiff_t first = made * batch_size, rest = all.rows - first;
        call.rows = rest < batch_size ? rest : batch_size;
        call.fits = all.fits + first;
        if (all.order) {
            call.order = all.order + first;
        } else {
            for (int32_t c = 0; c < batch.column_count; c++)
                batch.columns[c].numbers += made ? batch_size * batch.columns[c].stride : 0;
        }
        if (training.rates) training.settings[LR] = training.rates[made];
        misfits = train_batch(self, &plan, &batch, &call, &training, &sum);
        if (misfits) break;
        total += sum;
        made++;
        since_looked += call.rows * (ptrdiff_t)(t->count + t->list_starts[t->lists]);
        if (since_looked < 100000000) continue;
        since_looked = 0;
        PyEval_RestoreThread(thread);
        interrupted = PyErr_CheckSignals() < 0;
        thread = PyEval_SaveThread();
    }
    PyEval_RestoreThread(thread);
    if (interrupted) PyErr_Clear(); /* Python raises it again, when all is in order */
    edits++;
    for (ptrdiff_t i = 0; i < training.count && i < PyList_GET_SIZE(params); i++)
        if (IS_VALUE(PyList_GET_ITEM(params, i))) AS_VALUE(PyList_GET_ITEM(params, i))->data = training.p[i];
    if (misfits < 0) PyErr_NoMemory();
    else result = Py_BuildValue("(ndni)", made, total, (Py_ssize_t)misfits, interrupted);
done:
    close_batch(&batch);
    free_training(&training);
    return result;
}
