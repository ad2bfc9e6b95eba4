/* Freeing. A node that frees the last reference to its parent would recurse: the parent queues
   instead. First come, first served: that is about the order in which nodes lie in memory. */
static Value *doomed, **last_doomed = &doomed;
static int freeing;

/* Drops a reference, while another node is being freed. Whether it was the last one nobody can guess,
   the processor neither: so every parent is written down as the next in the queue, and what counts
   is whether the queue's end moves on. */
static inline Value **let_go(Value *v, Value **last) {
#ifdef Py_REF_DEBUG
    last_doomed = last;
    Py_DECREF(v);
    return last_doomed;
#else
    Py_ssize_t left = Py_REFCNT(v) - 1;
    Py_SET_REFCNT(v, left);
    *last = v;
    return left ? last : &v->next_doomed;
#endif
}

/* Lets go of all that a node holds on to. */
static inline Value **let_go_of_inputs(Value *v, Value **last) {
    if (rarely(v->tag & MARKED)) {
        last_doomed = last; /* the end of a hook may run Python code, which frees nodes */
        drop_marks(v);
        last = last_doomed;
    }
    switch (KIND_OF(v->tag)) {
    case TWO:
        if (v->edge[1].parent) last = let_go(v->edge[1].parent, last);
        /* fall through */
    case ONE:
        if (v->edge[0].parent) last = let_go(v->edge[0].parent, last);
        return last;
    case LEAF: return last;
    }
    last_doomed = last; /* the end of an operation may run Python code, which frees nodes */
    switch (KIND_OF(v->tag)) {
    case MANY:
        for (Py_ssize_t i = 0; i < v->many->count; i++) Py_XDECREF(v->many->edges[i].parent);
        Py_XDECREF(v->many->operation);
        free_edges(v->many);
        break;
    case BARE: Py_DECREF(v->operation); break;
    default:
        release_row(v->ws);
        release_row(v->xs);
        Py_XDECREF(v->bias.parent);
    }
    return last_doomed;
}

static void value_dealloc(PyObject *self) {
    Value *v = AS_VALUE(self);
    if (freeing) {
        *last_doomed = v;
        last_doomed = &v->next_doomed;
        return;
    }
    freeing = 1;
    for (Value **last = &doomed;;) {
        look_ahead(v);
        last = let_go_of_inputs(v, last);
        Py_XDECREF(v->label);
#ifdef Py_REF_DEBUG
        Py_DECREF(ValueType);
#endif
        give_place_back(v);
        deaths++;
        if (last == &doomed) break;
        v = doomed;
        if (last == &v->next_doomed) last = &doomed;
        else doomed = v->next_doomed;
    }
    last_doomed = &doomed;
    freeing = 0;
}
