/* Each push and pop costs the same, however many chunks wait. */
#include "chunks.h"

#include <string.h>

enum { FIRST_CAPACITY = 8 };

/* Make room behind the newest: in the block, where at least half of it has been
 * read already, so that a chunk is moved once at most for each that was read. */
static bool make_room(chunks *chunks)
{
    if (chunks->first + chunks->count < chunks->capacity)
        return true;
    if (chunks->capacity && chunks->first >= chunks->capacity / 2) {
        memmove(chunks->block, chunks->block + chunks->first,
                chunks->count * sizeof *chunks->block);
        chunks->first = 0;
        return true;
    }
    size_t wanted = chunks->capacity ? chunks->capacity * 2 : FIRST_CAPACITY;
    PyObject **grown = chunks->block; /* PyMem_Resize() sets it to NULL on failure */
    PyMem_Resize(grown, PyObject *, wanted);
    if (!grown) {
        PyErr_NoMemory();
        return false;
    }
    chunks->block = grown;
    chunks->capacity = wanted;
    return true;
}

bool chunks_push(chunks *chunks, PyObject *chunk)
{
    if (!make_room(chunks))
        return false;
    chunks->block[chunks->first + chunks->count++] = Py_NewRef(chunk);
    chunks->octets += (size_t)PyBytes_GET_SIZE(chunk);
    return true;
}

/* A block that a backlog has made large is not kept while nothing waits. */
static void shrink(chunks *chunks)
{
    chunks->first = 0;
    if (chunks->capacity > FIRST_CAPACITY) {
        PyMem_Free(chunks->block);
        chunks->block = NULL;
        chunks->capacity = 0;
    }
}

PyObject *chunks_pop(chunks *chunks)
{
    if (chunks->count == 0)
        return NULL;
    PyObject *chunk = chunks->block[chunks->first++];
    chunks->octets -= (size_t)PyBytes_GET_SIZE(chunk);
    if (--chunks->count == 0)
        shrink(chunks);
    return chunk;
}

void chunks_clear(chunks *chunks)
{
    while (chunks->count)
        Py_DECREF(chunks_pop(chunks));
    PyMem_Free(chunks->block);
    chunks->block = NULL;
    chunks->first = chunks->capacity = 0;
}
