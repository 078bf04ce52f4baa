/*
 * Every wire of tests/vectors: whole, in two parts, and octet by octet.  What
 * comes out may not depend on the cut.  Each part ends at a page that cannot be
 * read, so that one octet too many is seen even without a sanitizer.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "reader.h"

enum {
    MANY_OCTETS = 4096, /* a larger wire is not cut everywhere */
    AT_EACH_END = 64,
    SEEDED_CUTS = 100,
    NAME_ROOM = 256
};

typedef struct vector {
    char name[NAME_ROOM];
    char *wire;
    size_t length;
} vector;

/* Pages that can be written, with one behind them that cannot be touched. */
typedef struct guarded {
    char *pages;
    size_t room;
    size_t mapped;
} guarded;

static guarded guarded_make(size_t length)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    guarded area = {.room = (length / page + 1) * page};
    area.mapped = area.room + page;
    area.pages = mmap(NULL, area.mapped, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area.pages == MAP_FAILED || mprotect(area.pages + area.room, page, PROT_NONE)) {
        perror("mmap");
        exit(2);
    }
    return area;
}

static void feed_guarded(reader *self, guarded *area, const char *octets, size_t length)
{
    char *at = area->pages + area->room - length;
    memcpy(at, octets, length);
    reader_feed(self, at, length);
    memset(at, 'X', length); /* it was promised until IMAPC_MORE only */
}

static size_t passed, failed;

static void check(bool good, const vector *v, const char *way, size_t cut)
{
    if (good) {
        passed++;
        return;
    }
    failed++;
    fprintf(stderr, "%s: %s, cut at %zu\n", v->name, way, cut);
}

static void end_reader(reader *self, const dump *whole, const vector *v, const char *way,
                       size_t cut)
{
    reader_finish(self);
    bool same = self->out.length == whole->length &&
                memcmp(self->out.text, whole->text, whole->length) == 0;
    check(same, v, way, cut);
    check(reader_free(self) == 0, v, "leaks", cut);
}

static void in_two(const vector *v, guarded *area, const dump *whole, size_t cut)
{
    reader self;
    reader_init(&self, generous);
    feed_guarded(&self, area, v->wire, cut);
    feed_guarded(&self, area, v->wire + cut, v->length - cut);
    end_reader(&self, whole, v, "in two", cut);
}

static void octet_by_octet(const vector *v, guarded *area, const dump *whole)
{
    reader self;
    reader_init(&self, generous);
    for (size_t i = 0; i < v->length; i++)
        feed_guarded(&self, area, v->wire + i, 1);
    end_reader(&self, whole, v, "octet by octet", 0);
}

/* The same numbers on every machine (Numerical Recipes' LCG). */
static size_t seeded(uint32_t *seed, size_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (size_t)((uint64_t)*seed * below >> 32);
}

static void try_vector(const vector *v)
{
    guarded area = guarded_make(v->length);
    reader first;
    reader_init(&first, generous);
    feed_guarded(&first, &area, v->wire, v->length);
    reader_finish(&first);
    const dump *whole = &first.out;

    bool everywhere = v->length <= MANY_OCTETS;
    for (size_t cut = 0; cut <= v->length; cut++)
        if (everywhere || cut <= AT_EACH_END || v->length - cut <= AT_EACH_END)
            in_two(v, &area, whole, cut);
        else
            cut = v->length - AT_EACH_END - 1;
    uint32_t seed = 9051;
    for (int i = 0; !everywhere && i < SEEDED_CUTS; i++)
        in_two(v, &area, whole, seeded(&seed, v->length));
    octet_by_octet(v, &area, whole);

    check(reader_free(&first) == 0, v, "leaks", 0);
    munmap(area.pages, area.mapped);
}

static bool read_exactly(FILE *file, void *into, size_t length)
{
    return fread(into, 1, length, file) == length;
}

/* False at the end of the file. */
static bool read_vector(FILE *file, vector *v)
{
    int name_length = getc(file);
    unsigned char size[4];
    if (name_length == EOF)
        return false;
    if (!read_exactly(file, v->name, (size_t)name_length) || !read_exactly(file, size, 4))
        exit(2);
    v->name[name_length] = '\0';
    v->length = size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 |
                (size_t)size[3] << 24;
    v->wire = malloc(v->length + 1);
    if (!v->wire || !read_exactly(file, v->wire, v->length))
        exit(2);
    return true;
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "build/core/vectors.bin";
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 2;
    }
    size_t count = 0;
    for (vector v; read_vector(file, &v); count++) {
        try_vector(&v);
        free(v.wire);
    }
    fclose(file);
    printf("%zu passed, %zu failed, %zu wires\n", passed, failed, count);
    return failed || !count;
}
