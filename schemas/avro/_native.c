/* Avro to structs and back, by a plan made from the schema (schemas/avro/plan.py).

   Optional: where no compiler was at hand when the package was installed, fastavro does it all. This
   takes what is right and nothing else: at whatever is amiss it raises, and fastavro has the last
   word (schemas/avro/codec.py). Properties hold it to fastavro's bytes, structs and complaints
   (tests/schemas/test_compiled_codec.py).

   Bytes come from anywhere. Nothing is read beyond their end; nothing is made room for on the word
   of a length or a count; how deep reading and writing go is the plan's depth, not the bytes'.
   Python code may run in between (a check, an attribute, a comparison): what is gone on with after
   that is owned here, or held by our caller for the time of the call. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>
#include <stdint.h>
#include <structmember.h>
#include <string.h>

enum kind { STRING, BYTES, INT, LONG, BOOLEAN, DOUBLE, DATE, DECIMAL, ENUM, RECORD, ARRAY, OPTIONAL };

#define MOST_FIELDS 128
#define MOST_DEPTH 32

/* What is used of it depends on the kind: see `built`. */
typedef struct node {
    enum kind kind;
    int64_t low, high;  /* a number's limits, or those of a length; DECIMAL: precision, scale */
    PyObject *names;    /* RECORD: attributes, and keywords of its type; ENUM: its symbols;
                           DECIMAL: precision, scale */
    PyObject *type;     /* RECORD: the type; ARRAY: list or tuple; DECIMAL: what reads it */
    PyObject *check;    /* a callable that a text satisfies, or None; DECIMAL: its type */
    PyObject *allowed;  /* a frozenset, or None */
    Py_ssize_t count;   /* RECORD: fields, ENUM: symbols, OPTIONAL: the place of null */
    Py_ssize_t *offsets; /* RECORD: where in one of its type each field lies, 0 where that is not
                            known */
    struct node **below;
} node;

static void freed(node *n) {
    if (n == NULL) return;
    if (n->below != NULL) {
        Py_ssize_t count = n->kind == RECORD ? n->count : 1;
        for (Py_ssize_t i = 0; i < count; i++) freed(n->below[i]);
        PyMem_Free(n->below);
    }
    Py_XDECREF(n->names);
    Py_XDECREF(n->type);
    Py_XDECREF(n->check);
    Py_XDECREF(n->allowed);
    PyMem_Free(n->offsets);
    PyMem_Free(n);
}

static int all_text(PyObject *names) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++)
        if (!PyUnicode_Check(PyTuple_GET_ITEM(names, i))) return 0;
    return 1;
}

/* Where an attribute lies in a struct of a type: to ask the struct for it takes ten times as long. */
static Py_ssize_t offset_of(PyObject *type, PyObject *name) {
    PyObject *found = PyObject_GetAttr(type, name);
    Py_ssize_t offset = 0;
    if (found == NULL) PyErr_Clear();
    if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type) && PyType_Check(type) &&
        PyType_IsSubtype((PyTypeObject *)type, PyDescr_TYPE(found))) {
        PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
        if (member->type == T_OBJECT_EX) offset = member->offset;
    }
    Py_XDECREF(found);
    return offset;
}

/* A node from (kind, low, high, names, type, check, allowed, count, below). */
static node *built(PyObject *plan, int depth) {
    int kind;
    long long low, high;
    PyObject *names, *type, *check, *allowed, *below;
    Py_ssize_t count;
    if (!PyArg_ParseTuple(plan, "iLLO!OOOnO!", &kind, &low, &high, &PyTuple_Type, &names, &type,
                          &check, &allowed, &count, &PyTuple_Type, &below))
        return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(below);
    if (kind < STRING || kind > OPTIONAL || size > MOST_FIELDS ||
        depth > MOST_DEPTH ||
        (kind == RECORD && (size != count || size != PyTuple_GET_SIZE(names) || !all_text(names))) ||
        ((kind == ARRAY || kind == OPTIONAL) && size != 1) || (kind < RECORD && size != 0) ||
        (kind == OPTIONAL && count != 0 && count != 1) ||
        (kind == DECIMAL && (PyTuple_GET_SIZE(names) != 2 || low < 1 || high < 0 || high > low)) ||
        (kind == ENUM && PyTuple_GET_SIZE(names) != count) ||
        (kind == DECIMAL && !PyType_Check(check))) {
        PyErr_SetString(PyExc_ValueError, "no such plan");
        return NULL;
    }
    node *n = PyMem_Calloc(1, sizeof(node));
    if (n == NULL) return (node *)PyErr_NoMemory();
    n->kind = kind;
    n->low = low;
    n->high = high;
    n->count = kind == RECORD ? 0 : count;
    n->names = Py_NewRef(names);
    n->type = Py_NewRef(type);
    n->check = Py_NewRef(check);
    n->allowed = Py_NewRef(allowed);
    if (size == 0) return n;
    n->below = PyMem_Calloc(size, sizeof(node *));
    n->offsets = PyMem_Calloc(size, sizeof(Py_ssize_t));
    if (n->below == NULL || n->offsets == NULL) {
        freed(n);
        return (node *)PyErr_NoMemory();
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        n->below[i] = built(PyTuple_GET_ITEM(below, i), depth + 1);
        if (n->below[i] == NULL) {
            freed(n);
            return NULL;
        }
        if (kind == RECORD) {
            n->count = i + 1;
            n->offsets[i] = offset_of(type, PyTuple_GET_ITEM(names, i));
        }
    }
    return n;
}

static PyObject *amiss(void) {
    if (!PyErr_Occurred()) PyErr_SetNone(PyExc_ValueError);
    return NULL;
}

/* --- days: civil dates from days since 1970-01-01, and back (Hinnant's algorithms) ------------ */

static int64_t days_of(int64_t y, int m, int d) {
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static PyObject *day_of(int64_t days) {
    if (days < -719162 || days > 2932896) return amiss(); /* years 1 to 9999 */
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int m = (int)(mp < 10 ? mp + 3 : mp - 9);
    int64_t y = yoe + era * 400 + (m <= 2);
    return PyDate_FromDate((int)y, m, (int)(doy - (153 * mp + 2) / 5 + 1));
}

/* --- reading ----------------------------------------------------------------------------------- */

typedef struct {
    const unsigned char *p, *end;
} input;

static int number_read(input *in, int64_t *number) {
    uint64_t raw = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (in->p >= in->end) return -1;
        unsigned char byte = *in->p++;
        if (shift == 63 && byte > 1) return -1;
        raw |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            *number = (int64_t)(raw >> 1) ^ -(int64_t)(raw & 1);
            return 0;
        }
    }
    return -1;
}

/* Where what has its length next begins; the length. */
static const char *span_read(input *in, Py_ssize_t *length) {
    int64_t told;
    if (number_read(in, &told) < 0 || told < 0 || told > in->end - in->p) return NULL;
    const char *begin = (const char *)in->p;
    in->p += told;
    *length = (Py_ssize_t)told;
    return begin;
}

static PyObject *held(node *n, PyObject *text) {
    if (text == NULL) return NULL;
    int right = 1;
    if (n->allowed != Py_None) right = PySet_Contains(n->allowed, text);
    if (right == 1 && n->check != Py_None) {
        PyObject *found = PyObject_CallOneArg(n->check, text);
        right = found == NULL ? -1 : found != Py_None;
        Py_XDECREF(found);
    }
    if (right != 1) {
        Py_DECREF(text);
        return amiss();
    }
    return text;
}

static PyObject *value_read(node *n, input *in);

static PyObject *record_read(node *n, input *in) {
    PyObject *fields[MOST_FIELDS], *made = NULL;
    Py_ssize_t count = 0;
    while (count < n->count && (fields[count] = value_read(n->below[count], in)) != NULL) count++;
    if (count == n->count) made = PyObject_Vectorcall(n->type, fields, 0, n->names);
    while (count > 0) Py_DECREF(fields[--count]);
    return made;
}

static PyObject *array_read(node *n, input *in) {
    PyObject *items = PyList_New(0), *made;
    int64_t count;
    if (items == NULL) return NULL;
    do {
        /* Below zero the size of the block would follow: nobody sends it. More items than bytes
           would be items of no size, and as many as anybody likes. */
        if (number_read(in, &count) < 0 || count < 0 || count > in->end - in->p) goto broken;
        for (int64_t i = 0; i < count; i++) {
            PyObject *item = value_read(n->below[0], in);
            if (item == NULL) goto broken;
            int failed = PyList_Append(items, item);
            Py_DECREF(item);
            if (failed < 0) goto broken;
        }
    } while (count != 0);
    if (PyList_GET_SIZE(items) < n->low || PyList_GET_SIZE(items) > n->high) goto broken;
    if (n->type == (PyObject *)&PyList_Type) return items;
    made = PyList_AsTuple(items);
    Py_DECREF(items);
    return made;
broken:
    Py_DECREF(items);
    return amiss();
}

static PyObject *value_read(node *n, input *in) {
    int64_t number;
    Py_ssize_t length;
    const char *begin;
    PyObject *made;
    switch (n->kind) {
    case STRING:
        if ((begin = span_read(in, &length)) == NULL) return amiss();
        if ((made = PyUnicode_DecodeUTF8(begin, length, NULL)) == NULL) return NULL;
        length = PyUnicode_GET_LENGTH(made);
        if (length < n->low || length > n->high) {
            Py_DECREF(made);
            return amiss();
        }
        return held(n, made);
    case BYTES:
        if ((begin = span_read(in, &length)) == NULL) return amiss();
        return PyBytes_FromStringAndSize(begin, length);
    case DECIMAL: {
        if ((begin = span_read(in, &length)) == NULL) return amiss();
        PyObject *raw = PyBytes_FromStringAndSize(begin, length);
        if (raw == NULL) return NULL;
        made = PyObject_CallFunctionObjArgs(n->type, raw, PyTuple_GET_ITEM(n->names, 0),
                                            PyTuple_GET_ITEM(n->names, 1), NULL);
        Py_DECREF(raw);
        return made;
    }
    case INT:
    case LONG:
        if (number_read(in, &number) < 0 || number < n->low || number > n->high) return amiss();
        return PyLong_FromLongLong(number);
    case DATE:
        return number_read(in, &number) < 0 ? amiss() : day_of(number);
    case BOOLEAN:
        if (in->p >= in->end || *in->p > 1) return amiss();
        return PyBool_FromLong(*in->p++);
    case DOUBLE: {
        if (in->end - in->p < 8) return amiss();
        double told = PyFloat_Unpack8((const char *)in->p, 1);
        if (told == -1.0 && PyErr_Occurred()) return NULL;
        in->p += 8;
        return PyFloat_FromDouble(told);
    }
    case ENUM:
        if (number_read(in, &number) < 0 || number < 0 || number >= n->count) return amiss();
        return held(n, Py_NewRef(PyTuple_GET_ITEM(n->names, number)));
    case RECORD:
        return record_read(n, in);
    case ARRAY:
        return array_read(n, in);
    case OPTIONAL:
        if (number_read(in, &number) < 0 || number < 0 || number > 1) return amiss();
        if (number == n->count) Py_RETURN_NONE;
        return value_read(n->below[0], in);
    }
    return amiss();
}

/* --- writing ----------------------------------------------------------------------------------- */

typedef struct {
    char *bytes, first[1024];
    Py_ssize_t size, room;
} output;

static int written(output *out, const void *bytes, Py_ssize_t size) {
    if (size > out->room - out->size) {
        Py_ssize_t room = (out->size + size) * 2;
        char *more = PyMem_Realloc(out->bytes == out->first ? NULL : out->bytes, room);
        if (more == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        if (out->bytes == out->first) memcpy(more, out->first, out->size);
        out->bytes = more;
        out->room = room;
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
    return 0;
}

static int number_written(output *out, int64_t number) {
    unsigned char bytes[10];
    uint64_t rest = ((uint64_t)number << 1) ^ (uint64_t)(number >> 63);
    int size = 0;
    for (; rest > 127; rest >>= 7) bytes[size++] = (unsigned char)(rest | 128);
    bytes[size++] = (unsigned char)rest;
    return written(out, bytes, size);
}

static int span_written(output *out, const char *bytes, Py_ssize_t size) {
    return bytes == NULL || number_written(out, size) < 0 ? -1 : written(out, bytes, size);
}

/* An amount of up to 18 digits from its text; of others, and of `1E+3`, fastavro knows. */
static int decimal_written(node *n, output *out, PyObject *value) {
    if (!Py_IS_TYPE(value, (PyTypeObject *)n->check) || n->low > 18) return -1;
    int64_t unscaled = 0, limit = 1, places = 0;
    for (int64_t i = 0; i < n->low; i++) limit *= 10;
    PyObject *text = PyObject_Str(value);
    const char *c = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    int negative = c != NULL && *c == '-', failed = c == NULL, point = 0;
    if (negative) c++;
    for (; !failed && *c != '\0'; c++) {
        if (*c == '.' && !point) {
            point = 1;
        } else if (*c >= '0' && *c <= '9' && unscaled < limit / 10) {
            unscaled = unscaled * 10 + (*c - '0');
            places += point;
        } else {
            failed = 1;
        }
    }
    Py_XDECREF(text);
    for (; !failed && places < n->high; places++) {
        failed = unscaled >= limit / 10;
        if (!failed) unscaled *= 10;
    }
    if (failed || places > n->high) return -1;
    unsigned char bytes[9];
    int size = 1;
    while (size < 8 && unscaled >> (8 * size - 1)) size++;
    uint64_t raw = (uint64_t)(negative ? -unscaled : unscaled);
    for (int i = 0; i < size; i++) bytes[i] = (unsigned char)(raw >> (8 * (size - 1 - i)));
    return span_written(out, (const char *)bytes, size);
}

/* A new reference to a field. Another type than the plan's is asked, as it may have it elsewhere,
   and so is one whose field is gone: to say so. */
static PyObject *field_of(node *n, Py_ssize_t i, PyObject *value) {
    if (n->offsets[i] != 0 && Py_IS_TYPE(value, (PyTypeObject *)n->type)) {
        PyObject *field = *(PyObject **)((char *)value + n->offsets[i]);
        if (field != NULL) return Py_NewRef(field);
    }
    return PyObject_GetAttr(value, PyTuple_GET_ITEM(n->names, i));
}

static int value_written(node *n, output *out, PyObject *value);

static int array_written(node *n, output *out, PyObject *value) {
    if (!PyTuple_CheckExact(value) && !PyList_CheckExact(value)) return -1;
    Py_ssize_t size = PySequence_Fast_GET_SIZE(value);
    if (size != 0 && number_written(out, size) < 0) return -1;
    for (Py_ssize_t i = 0; i < size; i++) {
        if (i >= PySequence_Fast_GET_SIZE(value)) return -1;
        PyObject *item = Py_NewRef(PySequence_Fast_GET_ITEM(value, i));
        int failed = value_written(n->below[0], out, item);
        Py_DECREF(item);
        if (failed < 0) return -1;
    }
    return number_written(out, 0);
}

static int value_written(node *n, output *out, PyObject *value) {
    Py_ssize_t size;
    switch (n->kind) {
    case STRING: {
        if (!PyUnicode_Check(value)) return -1;
        const char *text = PyUnicode_AsUTF8AndSize(value, &size);
        return span_written(out, text, text == NULL ? 0 : size);
    }
    case BYTES:
        if (!PyBytes_Check(value)) return -1;
        return span_written(out, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value));
    case DECIMAL:
        return decimal_written(n, out, value);
    case INT:
    case LONG: {
        int beyond;
        if (!PyLong_Check(value)) return -1;
        long long number = PyLong_AsLongLongAndOverflow(value, &beyond);
        if (beyond || (n->kind == INT && number != (int32_t)number)) return -1;
        return number_written(out, number);
    }
    case DATE:
        if (!PyDate_CheckExact(value)) return -1; /* an instant is no day */
        return number_written(out, days_of(PyDateTime_GET_YEAR(value), PyDateTime_GET_MONTH(value),
                                           PyDateTime_GET_DAY(value)));
    case BOOLEAN:
        if (!PyBool_Check(value)) return -1;
        return written(out, value == Py_True ? "\1" : "\0", 1);
    case DOUBLE: {
        char bytes[8];
        if (!PyFloat_Check(value) || PyFloat_Pack8(PyFloat_AS_DOUBLE(value), bytes, 1) < 0)
            return -1;
        return written(out, bytes, 8);
    }
    case ENUM:
        for (Py_ssize_t i = 0; i < n->count; i++) {
            int same = PyObject_RichCompareBool(PyTuple_GET_ITEM(n->names, i), value, Py_EQ);
            if (same != 0) return same < 0 ? -1 : number_written(out, i);
        }
        return -1;
    case RECORD:
        for (Py_ssize_t i = 0; i < n->count; i++) {
            PyObject *field = field_of(n, i, value);
            int failed = field == NULL || value_written(n->below[i], out, field) < 0;
            Py_XDECREF(field);
            if (failed) return -1;
        }
        return 0;
    case ARRAY:
        return array_written(n, out, value);
    case OPTIONAL:
        if (value == Py_None) return number_written(out, n->count);
        if (PyBool_Check(value) && n->below[0]->kind != BOOLEAN) return -1;
        if (number_written(out, 1 - n->count) < 0) return -1;
        return value_written(n->below[0], out, value);
    }
    return -1;
}

/* --- the type ---------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    node *root;
} Plan;

static PyObject *plan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *plan;
    if (!PyArg_ParseTuple(args, "O!", &PyTuple_Type, &plan)) return NULL;
    Plan *self = (Plan *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->root = built(plan, 0);
    if (self->root == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void plan_dealloc(PyObject *self) {
    freed(((Plan *)self)->root);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *plan_encode(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    if (nargs != 2 || !PyBytes_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "encode(struct, header)");
        return NULL;
    }
    output out;
    PyObject *made = NULL;
    out.bytes = out.first;
    out.size = 0;
    out.room = sizeof(out.first);
    if (written(&out, PyBytes_AS_STRING(args[1]), PyBytes_GET_SIZE(args[1])) == 0 &&
        value_written(((Plan *)self)->root, &out, args[0]) == 0)
        made = PyBytes_FromStringAndSize(out.bytes, out.size);
    else
        amiss();
    if (out.bytes != out.first) PyMem_Free(out.bytes);
    return made;
}

static PyObject *plan_decode(PyObject *self, PyObject *const *args, Py_ssize_t nargs) {
    if (nargs != 2 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "decode(data, begin)");
        return NULL;
    }
    Py_ssize_t begin = PyLong_AsSsize_t(args[1]), size = PyBytes_GET_SIZE(args[0]);
    if (begin < 0 || begin > size) return amiss();
    const unsigned char *data = (const unsigned char *)PyBytes_AS_STRING(args[0]);
    input in = {data + begin, data + size};
    PyObject *made = value_read(((Plan *)self)->root, &in);
    if (made != NULL && in.p != in.end) {
        Py_DECREF(made);
        return amiss();
    }
    return made;
}

static PyMethodDef plan_methods[] = {
    {"encode", (PyCFunction)(void (*)(void))plan_encode, METH_FASTCALL, "The bytes of a struct."},
    {"decode", (PyCFunction)(void (*)(void))plan_decode, METH_FASTCALL, "The struct in bytes."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject plan_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "schemas.avro._native.Plan",
    .tp_basicsize = sizeof(Plan),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "How the structs of one type are read and written.",
    .tp_new = plan_new,
    .tp_dealloc = plan_dealloc,
    .tp_methods = plan_methods,
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "_native", .m_doc = "See schemas/avro/_native.c.", .m_size = -1,
};

PyMODINIT_FUNC PyInit__native(void) {
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == NULL || PyType_Ready(&plan_type) < 0) return NULL;
    PyObject *made = PyModule_Create(&module);
    if (made == NULL) return NULL;
    if (PyModule_AddObjectRef(made, "Plan", (PyObject *)&plan_type) < 0) {
        Py_DECREF(made);
        return NULL;
    }
    return made;
}
