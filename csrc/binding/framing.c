/* What the framer calls. */
#include "framing.h"

#include "memory.h"
#include "typed.h"

static bool begin_literal(void *context, const imapc_framed *so_far, size_t size)
{
    framing *framing = context;
    if (so_far->count ==
        1) /* once for each response, which may have millions of literals */
        framing->kind = imapc_kind_of(so_far);
    const receiver *receiver = framing->receiver;
    if (receiver->typed)
        return literal_begin(&framing->literal, size, false,
                             typed_skips(receiver->typed, framing->kind));
    return literal_begin(&framing->literal, size,
                         collection_wants_text(&receiver->collection, framing->kind),
                         false);
}

static bool write_literal(void *context, const char *octets, size_t length)
{
    framing *framing = context;
    framing->written += length;
    return literal_write(&framing->literal, octets, length);
}

static void *end_literal(void *context)
{
    return literal_end(&((framing *)context)->literal);
}

static void discard_literal(void *context, void *object)
{
    if (object)
        Py_DECREF((PyObject *)object);
    else
        Py_CLEAR(((framing *)context)->literal.object);
}

framing *framing_get(framing **framing, const receiver *receiver)
{
    if (*framing)
        return *framing;
    struct framing *made = PyMem_Calloc(1, sizeof *made);
    if (!made) {
        PyErr_NoMemory();
        return NULL;
    }
    made->receiver = receiver;
    imapc_framer_init(&made->framer, memory_allocator,
                      (imapc_literal_sink){begin_literal, write_literal, end_literal,
                                           discard_literal, made});
    return *framing = made;
}

void framing_free(framing **framing)
{
    if (!*framing)
        return;
    imapc_framer_free(&(*framing)->framer);
    PyMem_Free(*framing);
    *framing = NULL;
}
