/* One block of rows: filled, run forward, checked, run backward, read out. Included by batches.h once for
   each kind of number, with REAL and NAME defined. */

#define LANES_OF(base, slot) ((base) + (size_t)(slot) * (size_t)width)

static inline ptrdiff_t NAME(row_of)(const Call *call, ptrdiff_t row) {
    return call->order ? (ptrdiff_t)call->order[call->first + row] : call->first + row;
}

static void NAME(fill)(const Plan *plan, const Call *call, REAL *restrict v, int32_t width, ptrdiff_t row, int32_t live) {
    ptrdiff_t from[MOST_LANES];
    REAL *restrict to = v;
    for (int32_t l = 0; l < width; l++) /* lanes without a row repeat the last */
        from[l] = NAME(row_of)(call, row + (l < live ? l : live - 1));
    for (int32_t c = 0; c < call->column_count; c++) {
        const double *restrict numbers = call->columns[c].numbers;
        const ptrdiff_t stride = call->columns[c].stride;
        for (int32_t i = 0; i < call->columns[c].width; i++, to += width)
            for (int32_t l = 0; l < width; l++) to[l] = (REAL)numbers[from[l] * stride + i];
    }
    for (int32_t b = 0; b < plan->body->broadcast_count; b++, to += width) {
        REAL number = (REAL)call->same[plan->body->broadcast[b]];
        for (int32_t l = 0; l < width; l++) to[l] = number;
    }
}

/* Whether each row decides as recorded; returns how many do not. */
static int32_t NAME(check)(const Plan *plan, const REAL *v, int32_t width, int32_t live, char *fits) {
    const Program *program = &plan->body->program;
    memset(fits, 1, (size_t)live);
    for (int32_t i = 0; i < plan->tape->guards; i++) {
        const Guard *guard = &plan->tape->guard[i];
        if (!plan->facts->varies[guard->left] && !plan->facts->varies[guard->right]) continue;
        const REAL *x = LANES_OF(v, plan->body->place[guard->left]), *y = LANES_OF(v, plan->body->place[guard->right]);
        for (int32_t l = 0; l < live; l++) fits[l] &= decides(guard->how, x[l], y[l]) == guard->outcome;
    }
    for (int32_t r = 0; program->takes && r < program->run_count; r++) {
        const Run *run = &program->runs[r];
        for (int32_t o = 0; run->code == ROW_take && o < run->count; o++) {
            const REAL *index = LANES_OF(v, run->operand[1][o]);
            for (int32_t l = 0; l < live; l++) fits[l] &= place_among(index[l], run->lengths[o]) >= 0;
        }
    }
    int32_t misfits = 0;
    for (int32_t l = 0; l < live; l++) misfits += !fits[l];
    return misfits;
}

/* The outputs of the rows that fit, where they are wanted; returns the sum of the first. */
static double NAME(read_outputs)(const Plan *plan, const Call *call, const REAL *v, int32_t width, ptrdiff_t row,
                                 int32_t live, const char *fits) {
    double sum = 0.0;
    for (int32_t o = 0; o < (call->outputs ? plan->tape->outputs : plan->tape->outputs > 0); o++) {
        int32_t slot = plan->tape->output[o], varies = plan->facts->varies[slot];
        const REAL *lanes = varies ? LANES_OF(v, plan->body->place[slot]) : NULL;
        double same = varies ? 0.0 : call->same[plan->uniform->place[slot]];
        for (int32_t l = 0; l < live; l++) {
            if (!fits[l]) continue;
            double output = lanes ? lanes[l] : same;
            if (!o) sum += output;
            if (call->outputs) call->outputs[(row + l) * plan->tape->outputs + o] = output;
        }
    }
    return sum;
}

static void NAME(seed)(const Plan *plan, const Call *call, REAL *g, int32_t width, ptrdiff_t row, int32_t live,
                       const char *fits, Sums *sums) {
    for (int32_t o = 0; o < plan->tape->outputs; o++) {
        int32_t slot = plan->tape->output[o];
        int varies = plan->facts->varies[slot];
        REAL *h = varies ? LANES_OF(g, plan->body->place[slot]) : NULL;
        for (int32_t l = 0; l < live; l++) {
            if (!fits[l]) continue;
            double seed = call->seeds_alike ? call->seed : call->seeds[(row + l) * plan->tape->outputs + o];
            if (h) h[l] += (REAL)seed;
            else sums->by_uniform[plan->uniform->place[slot]] += seed;
        }
    }
}

static void NAME(run_block)(const Plan *plan, const Call *call, Workspace *w, ptrdiff_t row, int32_t live, Sums *sums) {
    const Program *program = &plan->body->program;
    const Tape *tape = plan->tape;
    int32_t step = plan->isa->step, width = (live + step - 1) / step * step;
    REAL *v = w->v, *g = w->g;
    char own_fits[MOST_LANES], *fits = call->fits ? call->fits + row : own_fits;
    NAME(fill)(plan, call, v, width, row, live);
    NAME(isa_forward)(plan->isa, program, width, v, w->packed);
    sums->misfits += NAME(check)(plan, v, width, live, fits);
    sums->sum += NAME(read_outputs)(plan, call, v, width, row, live, fits);
    if (!g) return;
    for (int32_t c = 0; c < program->cleared_count; c++)
        memset(LANES_OF(g, program->cleared[2 * c]), 0, (size_t)program->cleared[2 * c + 1] * (size_t)width * sizeof *g);
    NAME(seed)(plan, call, g, width, row, live, fits, sums);
    NAME(isa_backward)(plan->isa, program, width, v, g, w->packed, w->packed_g);
    for (int32_t l = 0; call->by_inputs && l < live; l++)
        for (int32_t i = 0; i < tape->inputs; i++)
            call->by_inputs[(row + l) * tape->inputs + i] = plan->facts->active[i] ? LANES_OF(g, i)[l] : 0.0;
    for (int32_t b = 0; b < plan->body->broadcast_count; b++) {
        if (!plan->body->broadcast_active[b]) continue;
        const REAL *from = LANES_OF(g, tape->inputs + b);
        double sum = 0.0;
        for (int32_t l = 0; l < width; l++) sum += from[l];
        sums->by_uniform[plan->body->broadcast[b]] += sum;
    }
}

#undef LANES_OF
