/* Scopes, and what a node's label says of them: the twin of scope.py. A call is a tuple of the call
   around it, or None, and its name; tuples of text alone, so that no node is reached from a label. */

/* here(): the innermost call of this thread, or None */
static PyObject *here(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
    return Py_NewRef(call_here ? call_here : Py_None);
}

/* Scope: what the class `scope` is made from; its calls are to cost next to nothing. */
typedef struct {
    PyObject_HEAD
    PyObject *name;
} Scope;

/* Begin a call in this thread. */
static int begin(PyObject *scope) {
    PyObject *name = ((Scope *)scope)->name;
    if (!name || !PyUnicode_CheckExact(name)) {
        PyErr_SetString(PyExc_TypeError, "a scope needs a name");
        return -1;
    }
    PyObject *call = PyTuple_Pack(2, call_here ? call_here : Py_None, name);
    if (!call) return -1;
    PyObject_GC_UnTrack(call); /* text alone: never part of a cycle */
    Py_XSETREF(call_here, call);
    open_scopes++;
    return 0;
}

/* End the innermost one. */
static int end(void) {
    if (!call_here) {
        PyErr_SetString(PyExc_RuntimeError, "this thread is in no scope");
        return -1;
    }
    PyObject *outer = PyTuple_GET_ITEM(call_here, 0);
    Py_SETREF(call_here, outer == Py_None ? NULL : Py_NewRef(outer));
    open_scopes--;
    return 0;
}

static PyObject *scope_enter(PyObject *self, PyObject *Py_UNUSED(ignored)) {
    if (begin(self) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *scope_exit(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(error), Py_ssize_t Py_UNUSED(count)) {
    if (end() < 0) return NULL;
    Py_RETURN_NONE;
}

/* run(function, args, kwargs): the answer of the function, called inside */
static PyObject *scope_run(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 3 || !PyTuple_Check(args[1]) || !PyDict_Check(args[2])) {
        PyErr_SetString(PyExc_TypeError, "run takes a function, a tuple and a dict");
        return NULL;
    }
    if (begin(self) < 0) return NULL;
    PyObject *answer = PyObject_Call(args[0], args[1], args[2]);
    if (end() < 0) Py_CLEAR(answer);
    return answer;
}

static PyMethodDef scope_methods[] = {
    {"__enter__", scope_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))scope_exit, METH_FASTCALL, NULL},
    {"run", (PyCFunction)(void (*)(void))scope_run, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef scope_members[] = {
    {"name", Py_T_OBJECT_EX, offsetof(Scope, name), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static void scope_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_CLEAR(((Scope *)self)->name);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot scope_slots[] = {
    {Py_tp_dealloc, scope_dealloc},
    {Py_tp_methods, scope_methods},
    {Py_tp_members, scope_members},
    {0, NULL},
};

static PyType_Spec scope_spec = {
    .name = "autograd.native.value.Scope",
    .basicsize = sizeof(Scope),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = scope_slots,
};

static inline int names_itself(PyObject *label) { return PyUnicode_Check(PyTuple_GET_ITEM(label, 0)); }

/* Borrowed; None where there is none. */
static PyObject *name_of(const Value *v) {
    if (!v->label) return Py_None;
    if (PyUnicode_Check(v->label)) return v->label;
    return names_itself(v->label) ? PyTuple_GET_ITEM(v->label, 0) : Py_None;
}

static PyObject *call_of(const Value *v) {
    if (!v->label || PyUnicode_Check(v->label)) return Py_None;
    return names_itself(v->label) ? PyTuple_GET_ITEM(v->label, 1) : v->label;
}

/* The name is text or None, the call a call or None. */
static int set_label(Value *v, PyObject *name, PyObject *call) {
    PyObject *label = call == Py_None ? (name == Py_None ? NULL : Py_NewRef(name))
                    : name == Py_None ? Py_NewRef(call) : PyTuple_Pack(2, name, call);
    if (!label && PyErr_Occurred()) return -1;
    Py_XSETREF(v->label, label);
    return 0;
}

static PyObject *get_name(PyObject *self, void *Py_UNUSED(closure)) { return Py_NewRef(name_of(AS_VALUE(self))); }
static PyObject *get_call(PyObject *self, void *Py_UNUSED(closure)) { return Py_NewRef(call_of(AS_VALUE(self))); }

static int set_name(PyObject *self, PyObject *object, void *Py_UNUSED(closure)) {
    if (!object) {
        PyErr_SetString(PyExc_AttributeError, "name cannot be deleted; set it to None");
        return -1;
    }
    PyObject *name = PyObject_CallOneArg(py_name, object);
    if (!name) return -1;
    if (name != Py_None && !PyUnicode_CheckExact(name)) Py_SETREF(name, PyUnicode_FromObject(name));
    if (!name) return -1;
    int done = set_label(AS_VALUE(self), name, call_of(AS_VALUE(self)));
    Py_DECREF(name);
    return done;
}

static int is_call(PyObject *object) {
    return PyTuple_CheckExact(object) && PyTuple_GET_SIZE(object) == 2 &&
           !PyUnicode_Check(PyTuple_GET_ITEM(object, 0)) && PyUnicode_CheckExact(PyTuple_GET_ITEM(object, 1));
}

static int set_call(PyObject *self, PyObject *call, void *Py_UNUSED(closure)) {
    if (!call || (call != Py_None && !is_call(call))) {
        PyErr_SetString(PyExc_TypeError, "_call is a call or None");
        return -1;
    }
    return set_label(AS_VALUE(self), name_of(AS_VALUE(self)), call);
}
