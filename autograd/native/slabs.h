/* Memory: nodes live in slabs. A slab hands its places out in order, and again in order when all of
   its nodes are gone, so that a graph made after many others still lies in one piece. A place that is
   freed before goes to the slab's own list. A slab starts at a multiple of its size: a node finds it. */

enum { SLAB_BYTES = 1 << 18, SLABS_AT_ONCE = 16 };

typedef struct Slab {
    struct Slab *next; /* among the slabs with room */
    Value *free_nodes;
    Py_ssize_t live, fresh; /* nodes in use; places never handed out since it was last empty */
    int listed;             /* whether it is among the slabs with room */
} Slab;

enum { SLAB_NODES = (SLAB_BYTES - sizeof(Slab)) / sizeof(Value) };
static Slab *with_room; /* its first is the one in use */
static Py_ssize_t slab_count, edge_bytes;

static inline Slab *slab_of(Value *v) { return (Slab *)((uintptr_t)v & ~(uintptr_t)(SLAB_BYTES - 1)); }
static inline Value *nodes_of(Slab *slab) { return (Value *)(slab + 1); }

static int new_slabs(void) {
    /* all zeros: Py_SET_REFCNT looks at the count before */
    char *block = PyMem_RawCalloc(SLABS_AT_ONCE + 1, SLAB_BYTES);
    if (!block) {
        PyErr_NoMemory();
        return -1;
    }
    block += SLAB_BYTES - (uintptr_t)block % SLAB_BYTES;
    for (int i = SLABS_AT_ONCE; i-- > 0;) {
        Slab *slab = (Slab *)(block + (size_t)i * SLAB_BYTES);
        slab->next = with_room;
        slab->listed = 1;
        with_room = slab;
    }
    slab_count += SLABS_AT_ONCE;
    return 0;
}

/* The next place of a slab that has one; NULL if it has none. */
static inline Value *place_in(Slab *slab) {
    Value *v = slab->free_nodes;
    if (v) slab->free_nodes = v->next_free;
    else if (slab->fresh < SLAB_NODES) v = nodes_of(slab) + slab->fresh++;
    else return NULL;
    slab->live++;
    return v;
}

static Value *place_elsewhere(void) {
    for (;;) {
        if (!with_room && new_slabs() < 0) return NULL;
        Value *v = place_in(with_room);
        if (v) return v;
        with_room->listed = 0;
        with_room = with_room->next;
    }
}

static inline Value *take_place(void) {
    Value *v = with_room ? place_in(with_room) : NULL;
    return rarely(!v) ? place_elsewhere() : v;
}

static void give_place_back(Value *v) {
    Slab *slab = slab_of(v);
    if (--slab->live == 0) {
        slab->free_nodes = NULL;
        slab->fresh = 0;
    } else {
        v->next_free = slab->free_nodes;
        slab->free_nodes = v;
    }
    if (!slab->listed) {
        slab->next = with_room;
        slab->listed = 1;
        with_room = slab;
    }
}

static inline Value *new_node(double data, int kind, int row) {
    Value *v = take_place();
    if (rarely(!v)) return NULL;
#ifdef Py_REF_DEBUG
    PyObject_Init((PyObject *)v, ValueType);
#else
    Py_SET_TYPE(v, ValueType);
    Py_SET_REFCNT(v, 1);
#endif
    v->data = data;
    v->grad = 0.0;
    v->tag = TAG(births++, row, kind);
    v->label = open_scopes ? Py_XNewRef(call_here) : NULL;
    return v;
}
