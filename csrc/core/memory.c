/* Blocks that grow. */
#include "imapc.h"

enum { FIRST_CAPACITY = 16 };

bool imapc_grow(const imapc_allocator *allocator, void **block, size_t *capacity,
                size_t needed, size_t unit)
{
    size_t wanted = *capacity ? *capacity : FIRST_CAPACITY;
    while (wanted < needed) {
        if (wanted > SIZE_MAX / 2 / unit)
            return false;
        wanted *= 2;
    }
    if (wanted == *capacity)
        return true;
    void *grown = allocator->reallocate(allocator->context, *block, wanted * unit);
    if (!grown)
        return false;
    *block = grown;
    *capacity = wanted;
    return true;
}
