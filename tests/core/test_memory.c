/* Blocks that grow. */
#include <string.h>

#include "check.h"

static void test_growing(void)
{
    memory blocks = {0, 0, 0};
    imapc_allocator allocator = memory_allocator(&blocks);
    void *block = NULL;
    size_t capacity = 0;
    for (size_t needed = 1; needed <= 1000; needed++) {
        CHECK(imapc_grow(&allocator, &block, &capacity, needed, sizeof needed));
        CHECK(capacity >= needed && capacity <= 16 + 2 * needed);
        memset(block, 'x', capacity * sizeof needed);
    }
    CHECK(blocks.calls < 10); /* doubled, and not grown one by one */
    CHECK(imapc_grow(&allocator, &block, &capacity, 0, sizeof capacity));
    allocator.reallocate(allocator.context, block, 0);
    CHECK(blocks.live == 0);
}

static void test_no_memory(void)
{
    memory blocks = {.fail_at = 2};
    imapc_allocator allocator = memory_allocator(&blocks);
    void *block = NULL;
    size_t capacity = 0;
    CHECK(imapc_grow(&allocator, &block, &capacity, 1, 1));
    void *before = block;
    size_t room = capacity;
    CHECK(!imapc_grow(&allocator, &block, &capacity, room + 1, 1));
    CHECK(block == before && capacity == room);
    /* What cannot be is not even asked for. */
    CHECK(!imapc_grow(&allocator, &block, &capacity, SIZE_MAX, 1));
    CHECK(!imapc_grow(&allocator, &block, &capacity, SIZE_MAX / 4, 8));
    CHECK(block == before && capacity == room && blocks.calls == 2);
    allocator.reallocate(allocator.context, block, 0);
    CHECK(blocks.live == 0);
}

int main(void)
{
    test_growing();
    test_no_memory();
    return report();
}
