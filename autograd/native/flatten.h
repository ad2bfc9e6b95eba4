/* Flattening: the nodes between some results and some variables as the arrays of a tape, in one pass
   over the nodes and a few over the instructions. The twin of tape/flatten.py and tape/merging.py.

   While this runs a slot is two bits that say what it is and its number among its like; in the end
   all are numbered by first use. A node's slot is kept in its gradient, which is borrowed. */

enum { INPUT, PARAMETER, CONSTANT, INSTRUCTION };
#define SLOT(what, number) ((uint32_t)(what) << 30 | (uint32_t)(number))
#define WHAT_IS(slot) ((slot) >> 30)
#define NUMBER_OF(slot) ((slot) & 0x3FFFFFFFu)
#define NO_SLOT UINT32_MAX
#define MOST_SLOTS ((Py_ssize_t)0x3FFFFFFF)

typedef struct {
    uint32_t *items;
    Py_ssize_t count, room;
} Slots;

/* A row of the table has up to three operands. A reduction has the number of its list first, dot two
   such numbers and perhaps a bias, take and the softmaxes an index. The operands of an operation
   that is not in the table, whose code is ROW_COUNT or more, are a list, too. */
typedef struct {
    uint32_t code, operand[3];
} Instruction;

typedef struct {
    Py_ssize_t start, count;
    int constant; /* all of its items are */
} List;

typedef struct {
    uint32_t *places; /* numbers + 1 of what is found there */
    size_t room, count;
} Table;

static struct {
    uint64_t oldest;
    PyObject *same; /* the operation whose nodes stand for their operand */
    Instruction *instructions;
    Py_ssize_t instruction_count, instruction_room;
    List *lists;
    Py_ssize_t list_count, list_room;
    Slots items;     /* of the lists, one after the other */
    double *constants;
    Py_ssize_t constant_count, constant_room;
    Mets parameters;
    PyObject **foreign; /* operations that are not in the table */
    Py_ssize_t foreign_count, foreign_room;
    Slots scratch, terms, plain, stack;
    Table known_instructions, known_lists, known_constants;
} flat;

/* Room for one more of anything. */
static int grow(void **items, Py_ssize_t count, Py_ssize_t *room, size_t size) {
    if (count < *room) return 0;
    Py_ssize_t more = *room ? 2 * *room : 256;
    void *larger = more < MOST_SLOTS ? PyMem_RawRealloc(*items, (size_t)more * size) : NULL;
    if (!larger) return -1;
    *items = larger;
    *room = more;
    return 0;
}

static inline int add_slot(Slots *slots, uint32_t slot) {
    if (rarely(slots->count == slots->room) &&
        grow((void **)&slots->items, slots->count, &slots->room, sizeof *slots->items) < 0) return -1;
    slots->items[slots->count++] = slot;
    return 0;
}

static void forget_flat(void) {
    void *all[] = {flat.instructions, flat.lists, flat.items.items, flat.constants, flat.parameters.items,
                   flat.foreign, flat.scratch.items, flat.terms.items, flat.plain.items, flat.stack.items,
                   flat.known_instructions.places, flat.known_lists.places, flat.known_constants.places};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) PyMem_RawFree(all[i]);
    memset(&flat, 0, sizeof flat);
}

/* TABLES of what is known, with open addresses */

static inline uint64_t mixed(uint64_t hash, uint64_t x) {
    hash = (hash ^ x) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

/* add and multiply are the same either way round: an equal one is one with equal sets of operands */
static inline uint64_t hash_of_instruction(const Instruction *x) {
    uint32_t a = x->operand[0], b = x->operand[1];
    if ((x->code == ROW_add || x->code == ROW_multiply) && a > b) a = x->operand[1], b = x->operand[0];
    return mixed(mixed(mixed(x->code, a), b), x->operand[2]);
}

static inline int equal_instructions(const Instruction *x, const Instruction *y) {
    if (x->code != y->code || x->operand[2] != y->operand[2]) return 0;
    if (x->operand[0] == y->operand[0] && x->operand[1] == y->operand[1]) return 1;
    return (x->code == ROW_add || x->code == ROW_multiply) && x->operand[0] == y->operand[1] &&
           x->operand[1] == y->operand[0];
}

static uint64_t hash_of_items(const uint32_t *items, Py_ssize_t count) {
    uint64_t hash = (uint64_t)count;
    for (Py_ssize_t i = 0; i < count; i++) hash = mixed(hash, items[i]);
    return hash;
}

static inline uint64_t hash_of_double(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return mixed(0, bits);
}

static uint64_t hash_of_instruction_at(size_t i) { return hash_of_instruction(&flat.instructions[i]); }
static uint64_t hash_of_list_at(size_t i) {
    return hash_of_items(flat.items.items + flat.lists[i].start, flat.lists[i].count);
}
static uint64_t hash_of_constant_at(size_t i) { return hash_of_double(flat.constants[i]); }

/* Makes room for so many: at least half of the places stay empty. */
static int widen_for(Table *table, uint64_t (*hash_at)(size_t), size_t count) {
    size_t room = table->room ? table->room : 64;
    while (room < 2 * count) room *= 2;
    uint32_t *places = PyMem_RawCalloc(room, sizeof *places);
    if (!places) return -1;
    for (size_t i = 0; i < table->count; i++) {
        size_t at = hash_at(i) & (room - 1);
        while (places[at]) at = (at + 1) & (room - 1);
        places[at] = (uint32_t)i + 1;
    }
    PyMem_RawFree(table->places);
    table->places = places;
    table->room = room;
    return 0;
}

static inline int widen(Table *table, uint64_t (*hash_at)(size_t)) {
    if (2 * (table->count + 1) <= table->room) return 0;
    return widen_for(table, hash_at, table->room ? table->room : 32);
}

/* The number of an equal thing that is known, in `found`, or else a new place for one in the table
   and -1 there. */
#define LOOK_UP(table, hash_at, hash, equal, found)                                       \
    if (widen(&(table), hash_at) < 0) return -1;                                          \
    size_t at_ = (hash) & ((table).room - 1);                                             \
    (found) = -1;                                                                         \
    for (; (table).places[at_]; at_ = (at_ + 1) & ((table).room - 1)) {                   \
        Py_ssize_t i = (Py_ssize_t)(table).places[at_] - 1;                               \
        if (equal) {                                                                      \
            (found) = i;                                                                  \
            break;                                                                        \
        }                                                                                 \
    }                                                                                     \
    if ((found) < 0) (table).places[at_] = (uint32_t)++(table).count;

/* What follows returns -1 where memory ends, or what it is to return in *slot or *list. */

static int constant_slot(double x, uint32_t *slot) {
    Py_ssize_t found;
    if (grow((void **)&flat.constants, flat.constant_count, &flat.constant_room, sizeof x) < 0) return -1;
    LOOK_UP(flat.known_constants, hash_of_constant_at, hash_of_double(x), !memcmp(&flat.constants[i], &x, sizeof x), found)
    if (found < 0) flat.constants[found = flat.constant_count++] = x;
    *slot = SLOT(CONSTANT, found);
    return 0;
}

static int instruction_slot(Instruction new, uint32_t *slot) {
    Py_ssize_t found;
    if (rarely(flat.instruction_count == flat.instruction_room) &&
        grow((void **)&flat.instructions, flat.instruction_count, &flat.instruction_room, sizeof new) < 0) return -1;
    LOOK_UP(flat.known_instructions, hash_of_instruction_at, hash_of_instruction(&new),
            equal_instructions(&flat.instructions[i], &new), found)
    if (found < 0) flat.instructions[found = flat.instruction_count++] = new;
    *slot = SLOT(INSTRUCTION, found);
    return 0;
}

static int list_number(const uint32_t *items, Py_ssize_t count, uint32_t *list) {
    Py_ssize_t found;
    if (grow((void **)&flat.lists, flat.list_count, &flat.list_room, sizeof *flat.lists) < 0) return -1;
    LOOK_UP(flat.known_lists, hash_of_list_at, hash_of_items(items, count),
            flat.lists[i].count == count &&
                (!count || !memcmp(flat.items.items + flat.lists[i].start, items, (size_t)count * sizeof *items)),
            found)
    if (found < 0) {
        List new = {flat.items.count, count, 1};
        for (Py_ssize_t i = 0; i < count; i++) {
            if (add_slot(&flat.items, items[i]) < 0) return -1;
            new.constant &= WHAT_IS(items[i]) == CONSTANT;
        }
        flat.lists[found = flat.list_count++] = new;
    }
    *list = (uint32_t)found;
    return 0;
}

static inline int slot_of(Value *v, uint32_t *slot) {
    if (BIRTH_OF(v->tag) < flat.oldest && !(v->tag & MET)) {
        if (flat.parameters.count == MOST_SLOTS || remember(&flat.parameters, v) < 0) return -1;
        v->grad = (double)SLOT(PARAMETER, flat.parameters.count - 1);
        v->tag |= MET;
    }
    *slot = (uint32_t)v->grad;
    return 0;
}

static inline int edge_slot(const Edge *edge, uint32_t *slot) {
    return edge->parent ? slot_of(edge->parent, slot) : constant_slot(edge->by, slot);
}

static inline int is_constant(uint32_t slot) { return slot == NO_SLOT || WHAT_IS(slot) == CONSTANT; }

/* NODES, from the oldest on */

static int edges_list(const Edge *edges, Py_ssize_t count, uint32_t *list) {
    flat.scratch.count = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        uint32_t slot;
        if (edge_slot(&edges[i], &slot) < 0 || add_slot(&flat.scratch, slot) < 0) return -1;
    }
    return list_number(flat.scratch.items, flat.scratch.count, list);
}

static int row_list(Row *row, uint32_t *list) {
    if (row->pass == pass) { /* met before in this pass */
        *list = row->list_number;
        return 0;
    }
    flat.scratch.count = 0;
    for (Py_ssize_t i = 0; i < row->count; i++) {
        uint32_t slot;
        Value *parent = row_parent(row, i);
        if ((parent ? slot_of(parent, &slot) : constant_slot(row->data[i], &slot)) < 0) return -1;
        if (add_slot(&flat.scratch, slot) < 0) return -1;
    }
    if (list_number(flat.scratch.items, flat.scratch.count, list) < 0) return -1;
    row->pass = pass;
    row->list_number = *list;
    return 0;
}

/* An instruction of up to three operands, or what is known to be the same. */
static int fixed_slot(int row, double data, const uint32_t *x, uint32_t *slot) {
    if (is_constant(x[0]) && is_constant(x[1]) && is_constant(x[2])) return constant_slot(data, slot);
    Instruction new = {(uint32_t)row, {x[0], x[1], x[2]}};
    if (row == ROW_power && WHAT_IS(x[1]) == CONSTANT) {
        double exponent = flat.constants[NUMBER_OF(x[1])];
        if (exponent == 1.0) {
            *slot = x[0];
            return 0;
        }
        if (exponent == 2.0 || exponent == -1.0)
            new = (Instruction){exponent == 2.0 ? ROW_square : ROW_reciprocal, {x[0], NO_SLOT, NO_SLOT}};
    }
    return instruction_slot(new, slot);
}

static int foreign_code(PyObject *operation, uint32_t *code) {
    Py_ssize_t i = 0;
    while (i < flat.foreign_count && flat.foreign[i] != operation) i++;
    if (i == flat.foreign_count) {
        if (grow((void **)&flat.foreign, i, &flat.foreign_room, sizeof *flat.foreign) < 0) return -1;
        flat.foreign[flat.foreign_count++] = operation;
    }
    *code = (uint32_t)(ROW_COUNT + i);
    return 0;
}

enum { BY_HAND = -2, UNDER_NO_GRAD = -3 };

static int many_slot(const Value *v, uint32_t *slot) {
    const Edge *edges = v->many->edges;
    Py_ssize_t count = v->many->count;
    PyObject *operation = v->many->operation;
    if (!operation) return BY_HAND;
    if (operation == flat.same) return edge_slot(&edges[0], slot);
    int row = PyObject_TypeCheck(operation, FunctionType) ? ((Function *)operation)->row : -1;
    Instruction new = {(uint32_t)row, {NO_SLOT, NO_SLOT, NO_SLOT}};
    if (row < 0) {
        if (foreign_code(operation, &new.code) < 0 || edges_list(edges, count, &new.operand[0]) < 0) return -1;
        return instruction_slot(new, slot);
    }
    if (kernels[row].selects) /* the number there says what was chosen */
        return edge_slot(&edges[edges[0].by != 0 ? 1 : 2], slot);
    if (kernels[row].inputs) {
        for (Py_ssize_t i = 0; i < count; i++)
            if (edge_slot(&edges[i], &new.operand[i]) < 0) return -1;
        return fixed_slot(row, v->data, new.operand, slot);
    }
    if (row == ROW_dot) {
        Py_ssize_t n = count / 2;
        if (edges_list(edges, n, &new.operand[0]) < 0 || edges_list(edges + n, n, &new.operand[1]) < 0) return -1;
        if (count % 2 && edge_slot(&edges[count - 1], &new.operand[2]) < 0) return -1;
        int constant = flat.lists[new.operand[0]].constant && flat.lists[new.operand[1]].constant;
        if (constant && is_constant(new.operand[2])) return constant_slot(v->data, slot);
        return instruction_slot(new, slot);
    }
    int indexed = row_is_softmax(row), constant = 1;
    if (edges_list(edges, count - indexed, &new.operand[0]) < 0) return -1;
    if (row == ROW_take) {
        if (edge_slot(&edges[count - 1], &new.operand[1]) < 0) return -1;
        constant = is_constant(new.operand[1]);
    } else if (indexed) {
        new.operand[1] = (uint32_t)edges[count - 1].by;
    }
    if (constant && flat.lists[new.operand[0]].constant) return constant_slot(v->data, slot);
    return instruction_slot(new, slot);
}

static int dot_slot(Value *v, uint32_t *slot) {
    Instruction new = {ROW_dot, {NO_SLOT, NO_SLOT, NO_SLOT}};
    if (row_list(v->ws, &new.operand[0]) < 0 || row_list(v->xs, &new.operand[1]) < 0) return -1;
    if (KIND_OF(v->tag) == BIASED && edge_slot(&v->bias, &new.operand[2]) < 0) return -1;
    int constant = flat.lists[new.operand[0]].constant && flat.lists[new.operand[1]].constant;
    if (constant && is_constant(new.operand[2])) return constant_slot(v->data, slot);
    return instruction_slot(new, slot);
}

static int node_slot(Value *v, uint32_t *slot) {
    uint32_t x[3] = {NO_SLOT, NO_SLOT, NO_SLOT};
    switch (KIND_OF(v->tag)) {
    case LEAF: return constant_slot(v->data, slot);
    case BARE: return UNDER_NO_GRAD;
    case TWO:
        if (edge_slot(&v->edge[0], &x[0]) < 0 || edge_slot(&v->edge[1], &x[1]) < 0) return -1;
        return fixed_slot(ROW_OF(v->tag), v->data, x, slot);
    case ONE:
        if (edge_slot(&v->edge[0], &x[0]) < 0) return -1;
        return fixed_slot(ROW_OF(v->tag), v->data, x, slot);
    case MANY: return many_slot(v, slot);
    default: return dot_slot(v, slot);
    }
}

/* Lets the Values of a row wait for their turn, once in a pass (see pass_back_row). */
static int meet_row(Row *row) {
    if (!row->values || row->pass == pass) return 0;
    row->pass = pass;
    for (Py_ssize_t i = 0; i < row->count; i++) {
        Value *parent = row_parent(row, i);
        if (parent && BIRTH_OF(parent->tag) >= flat.oldest && meet(parent) < 0) return -1;
    }
    return 0;
}

/* Borrows all that the roots were computed from since the oldest, the youngest first. */
static int collect(PyObject *roots) {
    int started = start_from_all(roots, flat.oldest);
    if (started != 1) return started;
    pass++;
    do {
        for (Py_ssize_t at = 0; at <= farthest; at++) {
            Value *v = take_turn(at);
            if (!v) continue;
            if (remember(&borrowed, v) < 0) goto failed;
            if (KIND_OF(v->tag) < DOT) {
                EACH_EDGE(v, flat.oldest, if (meet(edge.parent) < 0) goto failed;)
                continue;
            }
            Value *bias = v->bias.parent;
            if (meet_row(v->ws) < 0 || meet_row(v->xs) < 0) goto failed;
            if (bias && BIRTH_OF(bias->tag) >= flat.oldest && meet(bias) < 0) goto failed;
        }
    } while (next_window());
    return 0;
failed:
    give_back();
    give_up();
    return -1;
}

/* MERGING chains of + and × */

typedef struct {
    uint32_t *uses;  /* of each instruction */
    uint32_t *extra; /* of each instruction: one more that comes before it, or NO_SLOT */
    char *dead;
} Merging;

static int is_row_of_lists(uint32_t code) { return code < ROW_COUNT && !kernels[code].inputs; }

static void count_uses(Merging *merging, const uint32_t *outputs, Py_ssize_t output_count, uint32_t *list_uses) {
#define USE(slot) do { if ((slot) != NO_SLOT && WHAT_IS(slot) == INSTRUCTION) merging->uses[NUMBER_OF(slot)]++; } while (0)
    for (Py_ssize_t k = 0; k < flat.instruction_count; k++) {
        const Instruction *x = &flat.instructions[k];
        if (x->code >= ROW_COUNT) list_uses[x->operand[0]]++;
        else if (!is_row_of_lists(x->code)) for (int i = 0; i < 3; i++) USE(x->operand[i]);
        else {
            list_uses[x->operand[0]]++;
            if (x->code == ROW_dot) {
                list_uses[x->operand[1]]++;
                USE(x->operand[2]);
            } else if (x->code == ROW_take) USE(x->operand[1]);
        }
    }
    for (Py_ssize_t l = 0; l < flat.list_count; l++)
        for (Py_ssize_t i = 0; i < flat.lists[l].count; i++) {
            uint32_t slot = flat.items.items[flat.lists[l].start + i];
            if (WHAT_IS(slot) == INSTRUCTION) merging->uses[NUMBER_OF(slot)] += list_uses[l];
        }
    for (Py_ssize_t i = 0; i < output_count; i++) USE(outputs[i]);
}

static inline int only_here(const Merging *merging, uint32_t slot) {
    return WHAT_IS(slot) == INSTRUCTION && merging->uses[NUMBER_OF(slot)] == 1;
}

/* Puts the operands of a sum on the stack, the first on top. */
static int stack_operands(const Instruction *x) {
    if (x->code == ROW_add) return add_slot(&flat.stack, x->operand[1]) < 0 ? -1 : add_slot(&flat.stack, x->operand[0]);
    List list = flat.lists[x->operand[0]];
    for (Py_ssize_t i = list.count; i-- > 0;)
        if (add_slot(&flat.stack, flat.items.items[list.start + i]) < 0) return -1;
    return 0;
}

static inline int adds(const Instruction *x) { return x->code == ROW_add || x->code == ROW_sum; }

/* The products among the terms, as two lists in `scratch` and `stack`, the other terms in `plain`;
   returns how many products there are. */
static Py_ssize_t sort_terms(const Merging *merging) {
    flat.scratch.count = flat.stack.count = flat.plain.count = 0;
    for (Py_ssize_t i = 0; i < flat.terms.count; i++) {
        uint32_t slot = flat.terms.items[i];
        const Instruction *x = only_here(merging, slot) ? &flat.instructions[NUMBER_OF(slot)] : NULL;
        if (x && x->code == ROW_multiply) {
            if (add_slot(&flat.scratch, x->operand[0]) < 0 || add_slot(&flat.stack, x->operand[1]) < 0) return -1;
        } else if (x && x->code == ROW_dot) {
            List ws = flat.lists[x->operand[0]], xs = flat.lists[x->operand[1]];
            for (Py_ssize_t j = 0; j < ws.count; j++) {
                if (add_slot(&flat.scratch, flat.items.items[ws.start + j]) < 0) return -1;
                if (add_slot(&flat.stack, flat.items.items[xs.start + j]) < 0) return -1;
            }
            if (x->operand[2] != NO_SLOT && add_slot(&flat.plain, x->operand[2]) < 0) return -1;
        } else if (add_slot(&flat.plain, slot) < 0) {
            return -1;
        }
    }
    return flat.scratch.count;
}

/* The terms in `plain` as one slot, by an instruction of its own where there are several. */
static int bias_of(uint32_t *extra, uint32_t *bias) {
    *bias = NO_SLOT;
    if (flat.plain.count == 0) return 0;
    if (flat.plain.count == 1) {
        *bias = flat.plain.items[0];
        return 0;
    }
    Instruction new = {ROW_add, {flat.plain.items[0], flat.plain.items[1], NO_SLOT}};
    if (flat.plain.count > 2) {
        new = (Instruction){ROW_sum, {0, NO_SLOT, NO_SLOT}};
        if (list_number(flat.plain.items, flat.plain.count, &new.operand[0]) < 0) return -1;
    }
    if (grow((void **)&flat.instructions, flat.instruction_count, &flat.instruction_room, sizeof new) < 0) return -1;
    flat.instructions[flat.instruction_count++] = new;
    *extra = (uint32_t)(flat.instruction_count - 1);
    *bias = SLOT(INSTRUCTION, *extra);
    return 0;
}

static int merge_from(Merging *merging, Py_ssize_t k) {
    Py_ssize_t absorbed = 0;
    flat.terms.count = flat.stack.count = 0;
    if (stack_operands(&flat.instructions[k]) < 0) return -1;
    while (flat.stack.count) {
        uint32_t slot = flat.stack.items[--flat.stack.count];
        if (only_here(merging, slot) && adds(&flat.instructions[NUMBER_OF(slot)])) {
            merging->dead[NUMBER_OF(slot)] = 1;
            absorbed++;
            if (stack_operands(&flat.instructions[NUMBER_OF(slot)]) < 0) return -1;
        } else if (add_slot(&flat.terms, slot) < 0) {
            return -1;
        }
    }
    Py_ssize_t products = sort_terms(merging);
    if (products < 0) return -1;
    Instruction new = flat.instructions[k];
    if (products >= 2) {
        new = (Instruction){ROW_dot, {0, 0, NO_SLOT}};
        if (list_number(flat.scratch.items, products, &new.operand[0]) < 0) return -1;
        if (list_number(flat.stack.items, products, &new.operand[1]) < 0) return -1;
        if (bias_of(&merging->extra[k], &new.operand[2]) < 0) return -1;
        for (Py_ssize_t i = 0; i < flat.terms.count; i++) {
            uint32_t slot = flat.terms.items[i];
            uint32_t code = only_here(merging, slot) ? flat.instructions[NUMBER_OF(slot)].code : ROW_add;
            if (code == ROW_multiply || code == ROW_dot) merging->dead[NUMBER_OF(slot)] = 1;
        }
    } else if (absorbed && flat.terms.count == 2) {
        new = (Instruction){ROW_add, {flat.terms.items[0], flat.terms.items[1], NO_SLOT}};
    } else if (absorbed || (new.code == ROW_add && flat.terms.count > 2)) {
        new = (Instruction){ROW_sum, {0, NO_SLOT, NO_SLOT}};
        if (list_number(flat.terms.items, flat.terms.count, &new.operand[0]) < 0) return -1;
    }
    flat.instructions[k] = new;
    return 0;
}

static int merge(Merging *merging, const uint32_t *outputs, Py_ssize_t output_count) {
    size_t n = (size_t)flat.instruction_count + 1;
    uint32_t *list_uses = PyMem_RawCalloc((size_t)flat.list_count + 1, sizeof *list_uses);
    merging->uses = PyMem_RawCalloc(n, sizeof *merging->uses);
    merging->extra = PyMem_RawMalloc(n * sizeof *merging->extra);
    merging->dead = PyMem_RawCalloc(n, 1);
    int failed = !list_uses || !merging->uses || !merging->extra || !merging->dead;
    if (!failed) {
        memset(merging->extra, 0xFF, n * sizeof *merging->extra);
        count_uses(merging, outputs, output_count, list_uses);
        for (Py_ssize_t k = (Py_ssize_t)n - 1; !failed && k-- > 0;)
            if (!merging->dead[k] && adds(&flat.instructions[k])) failed = merge_from(merging, k) < 0;
    }
    PyMem_RawFree(list_uses);
    return failed ? -1 : 0;
}

/* WRITING: everything numbered by its first use */

typedef struct {
    uint32_t *number[4];  /* the new number of each input, parameter, constant and instruction */
    uint32_t *list, *code; /* of each list, and of each operation */
    Slots order[4], lists, codes; /* and the old numbers, in the new order */
} Numbering;

static int number_slot(Numbering *n, uint32_t slot) {
    int what = (int)WHAT_IS(slot);
    if (slot == NO_SLOT || what == INPUT || what == INSTRUCTION || n->number[what][NUMBER_OF(slot)] != NO_SLOT) return 0;
    n->number[what][NUMBER_OF(slot)] = (uint32_t)n->order[what].count;
    return add_slot(&n->order[what], NUMBER_OF(slot));
}

/* The items of a list; those of an operation that is not in the table are no list of the tape's. */
static int number_items(Numbering *n, List list) {
    for (Py_ssize_t i = 0; i < list.count; i++)
        if (number_slot(n, flat.items.items[list.start + i]) < 0) return -1;
    return 0;
}

static int number_list(Numbering *n, uint32_t l) {
    if (n->list[l] != NO_SLOT) return 0;
    n->list[l] = (uint32_t)n->lists.count;
    return number_items(n, flat.lists[l]) < 0 ? -1 : add_slot(&n->lists, l);
}

static int number_operands(Numbering *n, const Instruction *x) {
    if (x->code >= ROW_COUNT) return number_items(n, flat.lists[x->operand[0]]);
    int lists = x->code == ROW_dot ? 2 : is_row_of_lists(x->code);
    for (int i = 0; i < lists; i++)
        if (number_list(n, x->operand[i]) < 0) return -1;
    if (lists && row_is_softmax(x->code) && x->code != ROW_take) return 0;
    for (int i = lists; i < 3; i++)
        if (number_slot(n, x->operand[i]) < 0) return -1;
    return 0;
}

static int number_instruction(Numbering *n, Py_ssize_t k) {
    const Instruction *x = &flat.instructions[k];
    if (number_operands(n, x) < 0) return -1;
    if (n->code[x->code] == NO_SLOT) {
        n->code[x->code] = (uint32_t)n->codes.count;
        if (add_slot(&n->codes, x->code) < 0) return -1;
    }
    n->number[INSTRUCTION][k] = (uint32_t)n->order[INSTRUCTION].count;
    return add_slot(&n->order[INSTRUCTION], (uint32_t)k);
}

static int number_all(Numbering *n, const Merging *merging, Py_ssize_t count, const uint32_t *outputs, Py_ssize_t output_count) {
    size_t sizes[] = {0, (size_t)flat.parameters.count, (size_t)flat.constant_count, (size_t)flat.instruction_count};
    for (int what = PARAMETER; what <= INSTRUCTION; what++) {
        if (!(n->number[what] = PyMem_RawMalloc((sizes[what] + 1) * sizeof(uint32_t)))) return -1;
        memset(n->number[what], 0xFF, (sizes[what] + 1) * sizeof(uint32_t));
    }
    size_t lists = (size_t)flat.list_count + 1, codes = ROW_COUNT + (size_t)flat.foreign_count;
    if (!(n->list = PyMem_RawMalloc(lists * sizeof(uint32_t))) || !(n->code = PyMem_RawMalloc(codes * sizeof(uint32_t)))) return -1;
    memset(n->list, 0xFF, lists * sizeof(uint32_t));
    memset(n->code, 0xFF, codes * sizeof(uint32_t));
    for (Py_ssize_t k = 0; k < count; k++) {
        if (merging->dead[k]) continue;
        if (merging->extra[k] != NO_SLOT && number_instruction(n, (Py_ssize_t)merging->extra[k]) < 0) return -1;
        if (number_instruction(n, k) < 0) return -1;
    }
    for (Py_ssize_t i = 0; i < output_count; i++)
        if (number_slot(n, outputs[i]) < 0) return -1;
    return 0;
}

static Py_ssize_t input_count; /* of the tape that is being written */

static inline int32_t final_slot(const Numbering *n, uint32_t slot) {
    Py_ssize_t number = NUMBER_OF(slot);
    int what = (int)WHAT_IS(slot);
    if (what == INPUT) return (int32_t)number;
    Py_ssize_t first = input_count;
    for (int before = PARAMETER; before < what; before++) first += n->order[before].count;
    return (int32_t)(first + n->number[what][number]);
}

static PyObject *bytes_for(Py_ssize_t count, size_t size) {
    return PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)size);
}

/* Adds the operands of an instruction to a Slots, as they are written. */
static int write_operands(const Numbering *n, const Instruction *x, Slots *operands) {
    if (x->code >= ROW_COUNT) {
        List list = flat.lists[x->operand[0]];
        for (Py_ssize_t i = 0; i < list.count; i++)
            if (add_slot(operands, (uint32_t)final_slot(n, flat.items.items[list.start + i])) < 0) return -1;
        return 0;
    }
    int lists = x->code == ROW_dot ? 2 : is_row_of_lists(x->code);
    for (int i = 0; i < lists; i++)
        if (add_slot(operands, n->list[x->operand[i]]) < 0) return -1;
    if (lists && row_is_softmax(x->code) && x->code != ROW_take) return add_slot(operands, x->operand[1]);
    for (int i = lists; i < 3 && x->operand[i] != NO_SLOT; i++)
        if (add_slot(operands, (uint32_t)final_slot(n, x->operand[i])) < 0) return -1;
    return 0;
}

/* The tape as (parameters, constants, codes, operations, starts, operands, list_starts, list_items, outputs). */
static PyObject *written(const Numbering *n, const uint32_t *outputs, Py_ssize_t output_count) {
    Py_ssize_t count = n->order[INSTRUCTION].count, list_count = n->lists.count;
    Slots operands = {0}, items = {0};
    PyObject *parts[9] = {
        PyList_New(n->order[PARAMETER].count), bytes_for(n->order[CONSTANT].count, sizeof(double)),
        bytes_for(count, 4), PyList_New(n->codes.count), bytes_for(count + 1, 4), NULL,
        bytes_for(list_count + 1, 4), NULL, bytes_for(output_count, 4)};
    PyObject *result = NULL;
    if (!parts[0] || !parts[1] || !parts[2] || !parts[3] || !parts[4] || !parts[6] || !parts[8]) goto done;
#define INTS(k) ((int32_t *)PyBytes_AS_STRING(parts[k]))
    for (Py_ssize_t i = 0; i < n->order[PARAMETER].count; i++)
        PyList_SET_ITEM(parts[0], i, Py_NewRef(flat.parameters.items[n->order[PARAMETER].items[i]].node));
    for (Py_ssize_t i = 0; i < n->order[CONSTANT].count; i++)
        memcpy(PyBytes_AS_STRING(parts[1]) + i * 8, &flat.constants[n->order[CONSTANT].items[i]], 8);
    for (Py_ssize_t i = 0; i < n->codes.count; i++) {
        uint32_t code = n->codes.items[i];
        PyList_SET_ITEM(parts[3], i, Py_NewRef(code < ROW_COUNT ? rows[code] : flat.foreign[code - ROW_COUNT]));
    }
    for (Py_ssize_t k = 0; k < count; k++) {
        const Instruction *x = &flat.instructions[n->order[INSTRUCTION].items[k]];
        INTS(2)[k] = (int32_t)n->code[x->code];
        INTS(4)[k] = (int32_t)operands.count;
        if (write_operands(n, x, &operands) < 0) goto no_memory;
    }
    INTS(4)[count] = (int32_t)operands.count;
    for (Py_ssize_t l = 0; l < list_count; l++) {
        List list = flat.lists[n->lists.items[l]];
        INTS(6)[l] = (int32_t)items.count;
        for (Py_ssize_t i = 0; i < list.count; i++)
            if (add_slot(&items, (uint32_t)final_slot(n, flat.items.items[list.start + i])) < 0) goto no_memory;
    }
    INTS(6)[list_count] = (int32_t)items.count;
    for (Py_ssize_t i = 0; i < output_count; i++) INTS(8)[i] = final_slot(n, outputs[i]);
    parts[5] = PyBytes_FromStringAndSize((char *)operands.items, operands.count * 4);
    parts[7] = PyBytes_FromStringAndSize((char *)items.items, items.count * 4);
    if (parts[5] && parts[7])
        result = PyTuple_Pack(9, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7], parts[8]);
    goto done;
no_memory:
    PyErr_NoMemory();
done:
    for (int i = 0; i < 9; i++) Py_XDECREF(parts[i]);
    PyMem_RawFree(operands.items);
    PyMem_RawFree(items.items);
    return result;
}

static PyObject *merged_and_written(const uint32_t *outputs, Py_ssize_t output_count) {
    Merging merging = {0};
    Numbering numbering = {0};
    PyObject *result = NULL;
    Py_ssize_t count = flat.instruction_count; /* before merging adds any */
    if (merge(&merging, outputs, output_count) < 0 || number_all(&numbering, &merging, count, outputs, output_count) < 0)
        PyErr_NoMemory();
    else
        result = written(&numbering, outputs, output_count);
    void *all[] = {merging.uses, merging.extra, merging.dead, numbering.number[1], numbering.number[2],
                   numbering.number[3], numbering.list, numbering.code, numbering.order[1].items,
                   numbering.order[2].items, numbering.order[3].items, numbering.lists.items, numbering.codes.items};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) PyMem_RawFree(all[i]);
    return result;
}

/* The slots of the outputs: Values and plain numbers (of guards). */
static int output_slots(PyObject *outputs, uint32_t *slots) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(outputs); i++) {
        PyObject *output = PyList_GET_ITEM(outputs, i);
        int done = IS_VALUE(output) ? slot_of(AS_VALUE(output), &slots[i])
                                    : constant_slot(PyFloat_AS_DOUBLE(output), &slots[i]);
        if (done < 0) return -1;
    }
    return 0;
}

static PyObject *flatten_collected(PyObject *outputs, PyObject *variables) {
    Py_ssize_t output_count = PyList_GET_SIZE(outputs);
    uint32_t *slots = PyMem_RawMalloc(((size_t)output_count + 1) * sizeof *slots);
    PyObject *result = NULL;
    int failed = slots ? widen_for(&flat.known_instructions, hash_of_instruction_at, (size_t)borrowed.count + 1) : -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(variables); i++) {
        Value *v = AS_VALUE(PyList_GET_ITEM(variables, i));
        v->grad = (double)SLOT(INPUT, i);
        v->tag |= MET;
    }
    pass++;
    for (Py_ssize_t k = borrowed.count; !failed && k-- > 0;) {
        Value *v = borrowed.items[k].node;
        uint32_t slot = 0;
        if (v->tag & MET) continue; /* a variable */
        failed = node_slot(v, &slot);
        v->grad = (double)slot;
    }
    if (!failed) failed = output_slots(outputs, slots);
    if (!failed) result = merged_and_written(slots, output_count);
    else if (failed == BY_HAND) PyErr_SetString(PyExc_RuntimeError, "a node made by hand, Value(data, parents, local_grads), cannot be "
                    "computed again from other numbers; make the operation with autograd.custom(value, *derivatives)");
    else if (failed == UNDER_NO_GRAD) PyErr_SetString(PyExc_RuntimeError, "a result was computed under no_grad(), so it would stay the same when it is "
                    "replayed with other numbers; compute it outside no_grad, or let no gradient pass with stop_gradient");
    else PyErr_NoMemory();
    PyMem_RawFree(slots);
    return result;
}

/* flatten(roots, outputs, variables, oldest, same): the arrays of a tape. The roots are the outputs
   that are Values; an output may be a plain float, too, so that guards can be among them. */
static PyObject *flatten(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *roots, *outputs, *variables, *oldest, *same, *result = NULL;
    if (!PyArg_UnpackTuple(args, "flatten", 5, 5, &roots, &outputs, &variables, &oldest, &same)) return NULL;
    int fits = all_values(roots) && all_values(variables) && PyList_CheckExact(outputs) && PyLong_CheckExact(oldest);
    for (Py_ssize_t i = 0; fits && i < PyList_GET_SIZE(outputs); i++)
        fits = IS_VALUE(PyList_GET_ITEM(outputs, i)) || PyFloat_CheckExact(PyList_GET_ITEM(outputs, i));
    if (!fits) {
        PyErr_SetString(PyExc_TypeError, "flatten takes lists of Values, and the birth of the oldest");
        return NULL;
    }
    flat.oldest = PyLong_AsUnsignedLongLong(oldest);
    if (PyErr_Occurred()) return NULL;
    flat.same = same;
    input_count = PyList_GET_SIZE(variables);
    Mets given = {0};
    int failed = 0;
    for (Py_ssize_t i = 0; !failed && i < input_count; i++)
        failed = remember(&given, AS_VALUE(PyList_GET_ITEM(variables, i))) < 0;
    if (failed || collect(roots) < 0) PyErr_NoMemory();
    else result = flatten_collected(outputs, variables);
    give_back();
    Mets *others[] = {&flat.parameters, &given};
    for (int i = 0; i < 2; i++)
        while (others[i]->count) {
            Met met = others[i]->items[--others[i]->count];
            met.node->grad = met.before;
            met.node->tag &= ~MET;
        }
    PyMem_RawFree(given.items);
    forget_flat();
    return result;
}
