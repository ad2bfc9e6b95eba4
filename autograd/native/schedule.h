/* Scheduling: from the arrays of a tape to a program. Instructions are sorted by level and by what they
   do, in two passes of counting; then every slot of the tape gets its place in the program. Dots that
   share a list become one layer, softmaxes of one list one run. Nothing of Python here. */

#include <stdlib.h>
#include "program.h"

typedef struct {
    int32_t how, left, right, outcome; /* how: an index of "<", "<=", "==", "!=", ">", ">=" */
} Guard;

/* The tape as it is given: slots are inputs, parameters, constants, then results. */
typedef struct {
    int32_t inputs, parameters, constants, count, lists, outputs, guards;
    const double *constant;
    const int32_t *codes, *starts, *operands, *list_starts, *list_items, *output;
    const Guard *guard;
} Tape;

/* What is found out about a tape before anything is scheduled; each by slot, list or instruction. */
typedef struct {
    char *varies;      /* slots that depend on an input: not the same in all lanes */
    char *active;      /* slots by which gradients are wanted, or that depend on such */
    signed char *list_varies; /* 0: no item does, 1: some do, 2: all do */
    char *list_active;
    int32_t *list_dots; /* how many dots a list is an operand of */
} Facts;

enum { WHOLE, UNIFORM, LANES }; /* what is scheduled: all; what is the same in all lanes; what is not */

typedef struct {
    Program program;
    int32_t *place;      /* of each slot of the tape, or -1 */
    int32_t first_result;
    int32_t *pack, pack_count; /* LANES: slots of the tape in the order in which weights are packed */
    int32_t pack_first;        /* where they begin in the uniform program if they lie side by side, or -1 */
    int32_t *broadcast, broadcast_count; /* and those that stand in all lanes, from place `inputs` on;
                                            both become places in the uniform program (see find_places) */
    char *broadcast_active;    /* of each of these: whether its gradient is wanted */
    void **blocks;       /* all memory of it */
    int32_t block_count, block_room;
} Schedule;

static void *block(Schedule *s, size_t bytes) {
    if (s->block_count == s->block_room) {
        int32_t room = s->block_room ? 2 * s->block_room : 64;
        void **larger = realloc(s->blocks, (size_t)room * sizeof *larger);
        if (!larger) return NULL;
        s->blocks = larger;
        s->block_room = room;
    }
    void *made = calloc(bytes ? bytes : 1, 1);
    if (made) s->blocks[s->block_count++] = made;
    return made;
}

static void free_schedule(Schedule *s) {
    while (s->block_count) free(s->blocks[--s->block_count]);
    free(s->blocks);
    memset(s, 0, sizeof *s);
}

#define INTS_FOR(s, n) ((int32_t *)block(s, (size_t)(n) * sizeof(int32_t)))

static inline int32_t first_result_of(const Tape *t) { return t->inputs + t->parameters + t->constants; }
static inline int32_t list_length(const Tape *t, int32_t l) { return t->list_starts[l + 1] - t->list_starts[l]; }
static inline const int32_t *operands_of(const Tape *t, int32_t k) { return t->operands + t->starts[k]; }
static inline int32_t operand_count(const Tape *t, int32_t k) { return t->starts[k + 1] - t->starts[k]; }
static inline int is_list_row(int32_t code) { return !kernels[code].inputs; }
static inline int lists_of(int32_t code) { return is_list_row(code) ? code == ROW_dot ? 2 : 1 : 0; }
/* The operands after the lists that are slots: a bias, the index of a take; not the k of a softmax. */
static inline int slots_end(const Tape *t, int32_t k) {
    int32_t code = t->codes[k];
    return row_is_softmax(code) && code != ROW_take ? 1 : operand_count(t, k);
}

static const unsigned char flat_operands[ROW_COUNT] = FLAT_OPERANDS;

/* Whether the value changes with operand i, by a little. */
static inline int follows(int32_t code, int i) {
    if (code == ROW_take) return i == 0;
    return !(flat_operands[code] >> i & 1);
}

static void find_facts(const Tape *t, const char *wanted, int parameters_wanted, Facts *f) {
    int32_t first = first_result_of(t), l = 0;
    memset(f->varies, 1, (size_t)t->inputs);
    memcpy(f->active, wanted, (size_t)t->inputs);
    if (parameters_wanted) memset(f->active + t->inputs, 1, (size_t)t->parameters);
    memset(f->list_varies, -1, (size_t)t->lists); /* not yet known: an instruction needs it first */
    for (int32_t k = 0; k < t->count; k++) {
        const int32_t *x = operands_of(t, k);
        int32_t code = t->codes[k], lists = lists_of(code);
        char varies = 0, active = 0;
        for (int32_t i = 0; i < lists; i++) {
            l = x[i];
            if (f->list_varies[l] < 0) {
                int32_t some = 0, n = list_length(t, l);
                const int32_t *item = t->list_items + t->list_starts[l];
                for (int32_t j = 0; j < n; j++) {
                    some += f->varies[item[j]];
                    f->list_active[l] |= f->active[item[j]];
                }
                f->list_varies[l] = some ? some == n ? 2 : 1 : 0;
            }
            f->list_dots[l] += code == ROW_dot;
            varies |= f->list_varies[l] != 0;
            active |= f->list_active[l] && follows(code, 0);
        }
        for (int32_t i = lists, n = slots_end(t, k); i < n; i++) {
            varies |= f->varies[x[i]];
            active |= f->active[x[i]] && follows(code, i);
        }
        f->varies[first + k] = varies;
        f->active[first + k] = active;
    }
}

/* Which list of a dot is shared by a layer, 0 or 1; the other holds the weights. */
static int shared_side(const Tape *t, const Facts *f, int32_t k, int what) {
    const int32_t *x = operands_of(t, k);
    if (what == LANES && !f->list_varies[x[0]]) return 1;
    if (what == LANES && !f->list_varies[x[1]]) return 0;
    return f->list_dots[x[0]] > f->list_dots[x[1]] ? 0 : 1;
}

/* How an instruction is sorted among those of its level: what has an equal kind is one run. */
typedef struct {
    int32_t code, wanted, group, form;
} Kind;

enum { NO_BIAS, SAME_BIAS, OWN_BIAS, NO_WEIGHTS = 4 };

static Kind kind_of(const Tape *t, const Facts *f, int32_t k, int what) {
    const int32_t *x = operands_of(t, k);
    int32_t code = t->codes[k];
    Kind kind = {code, 0, 0, 0};
    if (code == ROW_dot) {
        int shared = shared_side(t, f, k, what), biased = operand_count(t, k) > 2;
        kind.wanted = (f->list_active[x[1 - shared]] != 0) | (f->list_active[x[shared]] != 0) << 1 |
                      (biased && f->active[x[2]]) << 2;
        kind.group = x[shared] + 1;
        kind.form = !biased ? NO_BIAS : what == LANES && !f->varies[x[2]] ? SAME_BIAS : OWN_BIAS;
        if (what == LANES && f->list_varies[x[1 - shared]]) kind.form = NO_WEIGHTS | (biased ? OWN_BIAS : NO_BIAS);
        return kind;
    }
    if (is_list_row(code)) {
        kind.wanted = f->list_active[x[0]] && follows(code, 0);
        if (code == ROW_logsumexp || (row_is_softmax(code) && code != ROW_take)) kind.group = x[0] + 1;
        return kind;
    }
    for (int i = 0; i < operand_count(t, k); i++) kind.wanted |= (f->active[x[i]] && follows(code, i)) << i;
    return kind;
}

/* SORTING */

typedef struct {
    int32_t count;       /* instructions that are scheduled */
    int32_t *order;      /* them, sorted */
    int32_t *kind, kind_count;
    Kind *kinds;
    int32_t *level, levels;
} Sorted;

static int32_t level_of_operands(const Tape *t, const int32_t *level, const int32_t *list_level, int32_t k) {
    const int32_t *x = operands_of(t, k);
    int32_t lists = lists_of(t->codes[k]), most = 0, first = first_result_of(t);
    for (int32_t i = 0; i < lists; i++) most = list_level[x[i]] > most ? list_level[x[i]] : most;
    for (int32_t i = lists, n = slots_end(t, k); i < n; i++)
        if (x[i] >= first && level[x[i] - first] > most) most = level[x[i] - first];
    return most;
}

static int sort_by(Schedule *s, int32_t *order, int32_t count, const int32_t *key, int32_t keys) {
    int32_t *starts = INTS_FOR(s, keys + 1), *sorted = malloc((size_t)(count + 1) * sizeof *sorted);
    if (!starts || !sorted) {
        free(sorted);
        return -1;
    }
    for (int32_t i = 0; i < count; i++) starts[key[order[i]] + 1]++;
    for (int32_t i = 0; i < keys; i++) starts[i + 1] += starts[i];
    for (int32_t i = 0; i < count; i++) sorted[starts[key[order[i]]]++] = order[i];
    memcpy(order, sorted, (size_t)count * sizeof *order);
    free(sorted);
    return 0;
}

static int number_kinds(Schedule *s, const Tape *t, const Facts *f, int what, Sorted *sorted) {
    size_t room = 64;
    while (room < 2 * (size_t)sorted->count) room *= 2;
    int32_t *table = INTS_FOR(s, room);
    if (!table) return -1;
    for (int32_t i = 0; i < sorted->count; i++) {
        int32_t k = sorted->order[i];
        Kind kind = kind_of(t, f, k, what);
        uint64_t hash = ((uint64_t)(uint32_t)kind.group << 32 | (uint64_t)(uint32_t)(kind.code << 8 | kind.wanted << 4 | kind.form));
        hash *= 0x9E3779B97F4A7C15u;
        size_t at = (size_t)(hash >> 32) & (room - 1);
        while (table[at] && memcmp(&sorted->kinds[table[at] - 1], &kind, sizeof kind)) at = (at + 1) & (room - 1);
        if (!table[at]) {
            sorted->kinds[sorted->kind_count] = kind;
            table[at] = ++sorted->kind_count;
        }
        sorted->kind[k] = table[at] - 1;
    }
    return 0;
}

static int sort_instructions(Schedule *s, const Tape *t, const Facts *f, int what, Sorted *sorted) {
    int32_t first = first_result_of(t), *list_level = INTS_FOR(s, t->lists + 1);
    sorted->order = INTS_FOR(s, t->count + 1);
    sorted->kind = INTS_FOR(s, t->count + 1);
    sorted->level = INTS_FOR(s, t->count + 1);
    sorted->kinds = block(s, ((size_t)t->count + 1) * sizeof *sorted->kinds);
    if (!list_level || !sorted->order || !sorted->kind || !sorted->level || !sorted->kinds) return -1;
    memset(list_level, -1, (size_t)t->lists * sizeof *list_level);
    for (int32_t k = 0; k < t->count; k++) {
        if (what != WHOLE && (what == LANES) != f->varies[first + k]) continue;
        for (int32_t i = 0; i < lists_of(t->codes[k]); i++) {
            int32_t l = operands_of(t, k)[i], most = 0;
            if (list_level[l] >= 0) continue;
            for (int32_t j = t->list_starts[l]; j < t->list_starts[l + 1]; j++) {
                int32_t slot = t->list_items[j] - first;
                if (slot >= 0 && sorted->level[slot] > most) most = sorted->level[slot];
            }
            list_level[l] = most;
        }
        int32_t level = level_of_operands(t, sorted->level, list_level, k) + 1;
        sorted->level[k] = level;
        if (level > sorted->levels) sorted->levels = level;
        sorted->order[sorted->count++] = k;
    }
    if (number_kinds(s, t, f, what, sorted) < 0) return -1;
    if (sort_by(s, sorted->order, sorted->count, sorted->kind, sorted->kind_count) < 0) return -1;
    return sort_by(s, sorted->order, sorted->count, sorted->level, sorted->levels + 1);
}

/* PLACES of the slots */

/* In lanes: what is the same in all lanes and not only a weight or bias that is packed. */
static int broadcast_slots(Schedule *s, const Tape *t, const Facts *f, const Sorted *sorted) {
    s->broadcast = INTS_FOR(s, first_result_of(t) + t->count + 1);
    char *listed = block(s, (size_t)t->lists + 1);
    if (!s->broadcast || !listed) return -1;
#define BROADCAST(slot)                                                                   \
    if (!f->varies[slot] && s->place[slot] < 0) {                                         \
        s->place[slot] = t->inputs + s->broadcast_count;                                  \
        s->broadcast[s->broadcast_count++] = slot;                                        \
    }
    for (int32_t i = 0; i < sorted->count; i++) {
        int32_t k = sorted->order[i], code = t->codes[k], lists = lists_of(code);
        const int32_t *x = operands_of(t, k), form = sorted->kinds[sorted->kind[k]].form;
        int layer = code == ROW_dot && !(form & NO_WEIGHTS), shared = layer ? shared_side(t, f, k, LANES) : 0;
        for (int32_t j = 0; j < lists; j++) {
            if ((layer && j != shared) || listed[x[j]]) continue;
            listed[x[j]] = 1;
            for (int32_t at = t->list_starts[x[j]]; at < t->list_starts[x[j] + 1]; at++) BROADCAST(t->list_items[at])
        }
        if (layer && form == SAME_BIAS) continue;
        for (int32_t j = lists; j < slots_end(t, k); j++) BROADCAST(x[j])
    }
    for (int32_t i = 0; i < t->guards; i++)
        if (f->varies[t->guard[i].left] || f->varies[t->guard[i].right]) {
            BROADCAST(t->guard[i].left)
            BROADCAST(t->guard[i].right)
        }
    return 0;
#undef BROADCAST
}

/* The same for all lanes: first the parameters that are packed, in that order, if all are and each once: then
   they need not be copied. */
static void place_packed(Schedule *s, const Tape *t, const Schedule *body, int32_t *next) {
    for (int32_t i = 0; i < body->pack_count; i++) {
        int32_t slot = body->pack[i];
        if (slot >= t->inputs && slot < first_result_of(t) && s->place[slot] < 0) s->place[slot] = (*next)++;
    }
}

/* One row: constants, then parameters, those first that are the weights of a layer, in its order. */
static void place_parameters(Schedule *s, const Tape *t, const Facts *f, const Sorted *sorted, int what, int32_t *next) {
    for (int32_t c = t->inputs + t->parameters; c < first_result_of(t); c++)
        if (s->place[c] < 0) s->place[c] = (*next)++;
    for (int32_t i = 0; i < sorted->count; i++) {
        int32_t k = sorted->order[i];
        if (t->codes[k] != ROW_dot) continue;
        int32_t l = operands_of(t, k)[1 - shared_side(t, f, k, what)];
        for (int32_t at = t->list_starts[l]; at < t->list_starts[l + 1]; at++) {
            int32_t slot = t->list_items[at];
            if (slot >= t->inputs && slot < t->inputs + t->parameters && s->place[slot] < 0) s->place[slot] = (*next)++;
        }
    }
    for (int32_t p = t->inputs; p < t->inputs + t->parameters; p++)
        if (s->place[p] < 0) s->place[p] = (*next)++;
}

static int place_slots(Schedule *s, const Tape *t, const Facts *f, const Sorted *sorted, int what, const Schedule *body) {
    int32_t first = first_result_of(t), next = t->inputs;
    s->place = INTS_FOR(s, first + t->count + 1);
    if (!s->place) return -1;
    memset(s->place, -1, (size_t)(first + t->count) * sizeof *s->place);
    for (int32_t i = 0; i < t->inputs; i++) s->place[i] = i;
    if (what == LANES) {
        if (broadcast_slots(s, t, f, sorted) < 0) return -1;
        next += s->broadcast_count;
    } else {
        if (body) place_packed(s, t, body, &next);
        place_parameters(s, t, f, sorted, what, &next);
    }
    s->first_result = next;
    for (int32_t i = 0; i < sorted->count; i++) s->place[first + sorted->order[i]] = next++;
    s->program.slots = next;
    s->program.items = INTS_FOR(s, t->list_starts[t->lists] + 1);
    if (!s->program.items) return -1;
    for (int32_t at = 0; at < t->list_starts[t->lists]; at++) s->program.items[at] = s->place[t->list_items[at]];
    return 0;
}

/* RUNS */

static int32_t first_if_contiguous(const int32_t *slots, int32_t n) {
    for (int32_t i = 1; i < n; i++)
        if (slots[i] != slots[0] + i) return -1;
    return n ? slots[0] : -1;
}

/* Packs the weights of a layer and its biases: notes which slots they are. */
static void pack_layer(Schedule *s, const Tape *t, const Facts *f, const int32_t *order, Run *run, int form) {
    run->packed = s->pack_count;
    for (int32_t o = 0; o < run->count; o++) {
        int32_t l = operands_of(t, order[o])[1 - shared_side(t, f, order[o], LANES)];
        for (int32_t at = t->list_starts[l]; at < t->list_starts[l + 1]; at++) s->pack[s->pack_count++] = t->list_items[at];
    }
    if (form != SAME_BIAS) return;
    run->packed_bias = s->pack_count;
    for (int32_t o = 0; o < run->count; o++) s->pack[s->pack_count++] = operands_of(t, order[o])[2];
}

static int make_layer(Schedule *s, const Tape *t, const Facts *f, const int32_t *order, Run *run, int form, int what) {
    int32_t *ws = INTS_FOR(s, run->count), *w_first = INTS_FOR(s, run->count), *xs = INTS_FOR(s, run->count);
    int32_t *bias = form & (OWN_BIAS | SAME_BIAS) ? INTS_FOR(s, run->count) : NULL;
    if (!ws || !w_first || !xs || (form & (OWN_BIAS | SAME_BIAS) && !bias)) return -1;
    for (int32_t o = 0; o < run->count; o++) {
        const int32_t *x = operands_of(t, order[o]);
        int shared = shared_side(t, f, order[o], what);
        ws[o] = t->list_starts[x[1 - shared]];
        xs[o] = t->list_starts[x[shared]];
        w_first[o] = first_if_contiguous(s->program.items + ws[o], run->n);
        if (bias) bias[o] = s->place[x[2]];
    }
    run->operand[0] = ws;
    run->operand[1] = xs;
    run->operand[2] = form == SAME_BIAS ? NULL : bias;
    run->w_first = w_first;
    run->packed = run->packed_bias = -1;
    if (what == LANES && !(form & NO_WEIGHTS)) pack_layer(s, t, f, order, run, form);
    return 0;
}

static int make_run(Schedule *s, const Tape *t, const Facts *f, const int32_t *order, int32_t count, Kind kind, int what,
                    int32_t *stamps, int32_t stamp) {
    Run *run = &s->program.runs[s->program.run_count++];
    *run = (Run){.code = kind.code, .wanted = kind.wanted, .count = count, .first = -1, .packed = -1, .packed_bias = -1};
    run->out = s->place[first_result_of(t) + order[0]];
    if (kind.code == ROW_take) s->program.takes = 1;
    if (kind.group) {
        int32_t l = kind.group - 1;
        run->n = list_length(t, l);
        run->list = t->list_starts[l];
        run->first = first_if_contiguous(s->program.items + run->list, run->n);
        for (int32_t i = 0; i < run->n; i++) {
            int32_t slot = s->program.items[run->list + i];
            if (slot < 0) continue;
            run->repeats |= stamps[slot] == stamp;
            stamps[slot] = stamp;
        }
    }
    if (kind.code == ROW_dot) return make_layer(s, t, f, order, run, kind.form, what);
    int lists = lists_of(kind.code), operands = lists ? row_is_softmax(kind.code) ? 2 : 1 : operand_count(t, order[0]);
    int32_t *lengths = lists ? INTS_FOR(s, count) : NULL;
    if (lists && !lengths) return -1;
    run->contiguous = 7;
    for (int i = 0; i < operands; i++) {
        int32_t *slots = INTS_FOR(s, count);
        if (!slots) return -1;
        for (int32_t o = 0; o < count; o++) {
            int32_t x = operands_of(t, order[o])[i];
            if (i < lists) {
                slots[o] = t->list_starts[x];
                lengths[o] = list_length(t, x);
            } else if (row_is_softmax(kind.code) && kind.code != ROW_take) {
                slots[o] = x;
            } else {
                slots[o] = s->place[x];
            }
        }
        run->operand[i] = slots;
        if (first_if_contiguous(slots, count) < 0) run->contiguous &= ~(1 << i);
    }
    run->lengths = lengths;
    return 0;
}

static int make_runs(Schedule *s, const Tape *t, const Facts *f, const Sorted *sorted, int what) {
    int32_t runs = 0, begin = 0;
    for (int32_t i = 1; i <= sorted->count; i++)
        if (i == sorted->count || sorted->kind[sorted->order[i]] != sorted->kind[sorted->order[i - 1]] ||
            sorted->level[sorted->order[i]] != sorted->level[sorted->order[i - 1]])
            runs++;
    s->program.runs = block(s, ((size_t)runs + 1) * sizeof *s->program.runs);
    int64_t weights = 0;
    for (int32_t i = 0; what == LANES && i < sorted->count; i++) {
        int32_t k = sorted->order[i];
        if (t->codes[k] == ROW_dot) weights += list_length(t, operands_of(t, k)[0]) + 1;
    }
    if (weights > INT32_MAX) return -1;
    int32_t *stamps = INTS_FOR(s, s->program.slots + 1);
    s->pack = INTS_FOR(s, weights);
    if (!s->program.runs || !stamps || !s->pack) return -1;
    for (int32_t end = 1; end <= sorted->count; end++) {
        int32_t k = sorted->order[begin];
        if (end < sorted->count && sorted->kind[sorted->order[end]] == sorted->kind[k] &&
            sorted->level[sorted->order[end]] == sorted->level[k])
            continue;
        Kind kind = sorted->kinds[sorted->kind[k]];
        if (make_run(s, t, f, sorted->order + begin, end - begin, kind, what, stamps, end) < 0) return -1;
        Run *run = &s->program.runs[s->program.run_count - 1];
        if (run->code == ROW_logsumexp || (row_is_softmax(run->code) && run->code != ROW_take)) {
            run->extra = s->program.slots;
            s->program.slots += run->n + 2; /* and for the largest and the sum */
        }
        begin = end;
    }
    for (int32_t l = 0; l < t->lists; l++)
        if (list_length(t, l) > s->program.longest) s->program.longest = list_length(t, l);
    return 0;
}

/* Where the uniform program has what the body takes from it. */
static int find_places(Schedule *body, const Schedule *uniform, const Facts *f) {
    body->broadcast_active = block(body, (size_t)body->broadcast_count + 1);
    if (!body->broadcast_active) return -1;
    for (int32_t i = 0; i < body->pack_count; i++) body->pack[i] = uniform->place[body->pack[i]];
    body->pack_first = first_if_contiguous(body->pack, body->pack_count);
    for (int32_t i = 0; i < body->broadcast_count; i++) {
        body->broadcast_active[i] = f->active[body->broadcast[i]];
        body->broadcast[i] = uniform->place[body->broadcast[i]];
    }
    return 0;
}

/* CLEARING: gradients in lanes begin as 0, but for those that a layer sets before anything adds to them. */

typedef struct {
    char *used;    /* slots whose gradients something reads or adds to */
    char *reached; /* by what comes earlier in the backward pass */
} Reached;

static void note_reached(Reached *slots, const int32_t *places, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (places[i] >= 0) slots->used[places[i]] = slots->reached[places[i]] = 1;
}

/* What the backward pass of a run adds to. */
static void note_operands(Reached *slots, const Program *p, const Run *run) {
    int layer = run->code == ROW_dot && run->packed >= 0;
    if (layer) {
        if (run->wanted & 4 && run->packed_bias < 0) note_reached(slots, run->operand[2], run->count);
        if (run->wanted & 2) note_reached(slots, p->items + run->list, run->n);
        return;
    }
    if (!is_list_row(run->code)) {
        for (int k = 0; k < 3; k++)
            if (run->wanted >> k & 1) note_reached(slots, run->operand[k], run->count);
        return;
    }
    for (int32_t o = 0; o < run->count; o++) {
        int32_t n = run->lengths ? run->lengths[o] : run->n;
        note_reached(slots, p->items + run->operand[0][o], n);
        if (run->code != ROW_dot) continue;
        note_reached(slots, p->items + run->operand[1][o], n);
        if (run->operand[2]) note_reached(slots, run->operand[2] + o, 1);
    }
}

/* Whether a layer is the first to reach its inputs. */
static int comes_first(const Reached *slots, const Program *p, const Run *run) {
    if (run->code != ROW_dot || run->packed < 0 || run->repeats || !(run->wanted & 2)) return 0;
    for (int32_t i = 0; i < run->n; i++)
        if (slots->reached[p->items[run->list + i]]) return 0;
    for (int32_t o = 0; o < run->count && run->wanted & 4 && run->packed_bias < 0; o++)
        for (int32_t i = 0; i < run->n; i++)
            if (run->operand[2][o] == p->items[run->list + i]) return 0;
    return 1;
}

static int note_cleared(Schedule *s, const Tape *t, const Facts *f) {
    Program *p = &s->program;
    Reached slots = {block(s, (size_t)p->slots + 1), block(s, (size_t)p->slots + 1)};
    char *set = block(s, (size_t)p->slots + 1);
    p->cleared = INTS_FOR(s, p->slots + 2);
    if (!slots.used || !slots.reached || !set || !p->cleared) return -1;
    for (int32_t o = 0; o < t->outputs; o++)
        if (f->varies[t->output[o]]) note_reached(&slots, &s->place[t->output[o]], 1);
    for (Run *run = p->runs + p->run_count; run-- > p->runs;) {
        if (!run->wanted) continue;
        for (int32_t o = 0; o < run->count; o++) slots.used[run->out + o] = 1;
        run->sets = comes_first(&slots, p, run);
        for (int32_t i = 0; i < run->n && run->sets; i++) set[p->items[run->list + i]] = 1;
        note_operands(&slots, p, run);
    }
    for (int32_t i = 0; i < t->inputs; i++) slots.used[i] |= f->active[i];
    for (int32_t b = 0; b < s->broadcast_count; b++) slots.used[t->inputs + b] |= f->active[s->broadcast[b]];
    for (int32_t slot = 0, next; slot < p->slots; slot = next) {
        int clear = slots.used[slot] && !set[slot];
        for (next = slot + 1; next < p->slots && (slots.used[next] && !set[next]) == clear; next++) {}
        if (!clear) continue;
        p->cleared[2 * p->cleared_count] = slot;
        p->cleared[2 * p->cleared_count++ + 1] = next - slot;
    }
    return 0;
}

/* The uniform program is given the body that it serves. -1: out of memory */
static int schedule(Schedule *s, const Tape *t, const Facts *f, int what, const Schedule *body) {
    Sorted sorted = {0};
    if (sort_instructions(s, t, f, what, &sorted) < 0 || place_slots(s, t, f, &sorted, what, body) < 0 ||
        make_runs(s, t, f, &sorted, what) < 0 || (what == LANES && note_cleared(s, t, f) < 0)) {
        free_schedule(s);
        return -1;
    }
    return 0;
}
