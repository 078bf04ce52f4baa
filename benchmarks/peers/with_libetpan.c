/*
 * libetpan, a library in C: it parses all that it reads into structures.
 *
 * Called as measuring.py says, and says what is said there; under TLS it looks at
 * no certificate, since libetpan does not by itself.
 */
#include <libetpan/libetpan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOST "127.0.0.1"
#define EVERY 0 /* in a set: '*' */

static void fail(const char *what, int result)
{
    fprintf(stderr, "libetpan: %s came to %d\n", what, result);
    exit(EXIT_FAILURE);
}

static void need(const char *what, int result)
{
    if (result != MAILIMAP_NO_ERROR && result != MAILIMAP_NO_ERROR_AUTHENTICATED &&
        result != MAILIMAP_NO_ERROR_NON_AUTHENTICATED) {
        fail(what, result);
    }
}

static void *made(void *pointer)
{
    if (pointer == NULL) {
        fail("an allocation", 0);
    }
    return pointer;
}

/* -- the clock, the processor and the memory --------------------------------- */

struct watch {
    double wall;
    double cpu;
    long resident;
};

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        fail("clock_gettime", 0);
    }
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* VmRSS or VmHWM of this process, in octets. */
static long resident(const char *field)
{
    FILE *status = made(fopen("/proc/self/status", "r"));
    char line[256];
    long kilobytes = -1;
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0) {
            kilobytes = strtol(line + strlen(field) + 1, NULL, 10);
        }
    }
    fclose(status);
    return kilobytes * 1024;
}

static struct watch start(void)
{
    FILE *clear = made(fopen("/proc/self/clear_refs", "w"));
    fputs("5", clear);
    fclose(clear);
    return (struct watch){.resident = resident("VmRSS"),
                          .cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID),
                          .wall = seconds_of(CLOCK_MONOTONIC)};
}

static struct watch stop(const struct watch *started)
{
    double wall = seconds_of(CLOCK_MONOTONIC);
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    return (struct watch){.wall = wall - started->wall,
                          .cpu = cpu - started->cpu,
                          .resident = resident("VmHWM") - started->resident};
}

/* -- the command -------------------------------------------------------------- */

static struct mailimap_fetch_att *item_named(const char *name)
{
    if (strcmp(name, "FLAGS") == 0) {
        return mailimap_fetch_att_new_flags();
    }
    if (strcmp(name, "INTERNALDATE") == 0) {
        return mailimap_fetch_att_new_internaldate();
    }
    if (strcmp(name, "RFC822.SIZE") == 0) {
        return mailimap_fetch_att_new_rfc822_size();
    }
    if (strcmp(name, "ENVELOPE") == 0) {
        return mailimap_fetch_att_new_envelope();
    }
    if (strcmp(name, "BODYSTRUCTURE") == 0) {
        return mailimap_fetch_att_new_bodystructure();
    }
    if (strcmp(name, "BODY.PEEK[]") == 0) {
        return mailimap_fetch_att_new_body_peek_section(made(mailimap_section_new(NULL)));
    }
    fail(name, 0);
    return NULL;
}

/* The names are cut out of words. */
static struct mailimap_fetch_type *items_named(char *words)
{
    struct mailimap_fetch_type *type = made(mailimap_fetch_type_new_fetch_att_list_empty());
    for (char *name = strtok(words, " "); name != NULL; name = strtok(NULL, " ")) {
        need("fetch_att_list_add",
             mailimap_fetch_type_new_fetch_att_list_add(type, made(item_named(name))));
    }
    return type;
}

/* Whether there is something in each item of a message. */
static int is_whole(const struct mailimap_msg_att *message, int items)
{
    int found = 0;
    for (clistiter *at = clist_begin(message->att_list); at != NULL; at = clist_next(at)) {
        const struct mailimap_msg_att_item *item = clist_content(at);
        const struct mailimap_msg_att_body_section *body;
        if (item->att_type == MAILIMAP_MSG_ATT_ITEM_DYNAMIC) {
            found += item->att_data.att_dyn != NULL;
            continue;
        }
        if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC) {
            continue;
        }
        switch (item->att_data.att_static->att_type) {
        case MAILIMAP_MSG_ATT_ENVELOPE:
            found += item->att_data.att_static->att_data.att_env != NULL;
            break;
        case MAILIMAP_MSG_ATT_INTERNALDATE:
            found += item->att_data.att_static->att_data.att_internal_date != NULL;
            break;
        case MAILIMAP_MSG_ATT_RFC822_SIZE:
            found += item->att_data.att_static->att_data.att_rfc822_size > 0;
            break;
        case MAILIMAP_MSG_ATT_BODYSTRUCTURE:
            found += item->att_data.att_static->att_data.att_bodystructure != NULL;
            break;
        case MAILIMAP_MSG_ATT_BODY_SECTION:
            body = item->att_data.att_static->att_data.att_body_section;
            found += body != NULL && body->sec_length > 0;
            break;
        default:
            break;
        }
    }
    return found >= items;
}

static int run(mailimap *session, char *words, struct watch *taken)
{
    clist *result = NULL;
    struct watch started;
    int is_fetch = strcmp(words, "LIST") != 0 && strcmp(words, "SEARCH") != 0;
    if (!is_fetch) {
        started = start();
        need(words, words[0] == 'L'
                        ? mailimap_list(session, "", "*", &result)
                        : mailimap_uid_search(
                              session, NULL, made(mailimap_search_key_new_all()), &result));
        *taken = stop(&started);
        return clist_count(result);
    }
    struct mailimap_fetch_type *items = items_named(words);
    int wanted = clist_count(items->ft_data.ft_fetch_att_list);
    struct mailimap_set *set = made(mailimap_set_new_interval(1, EVERY));
    started = start();
    need("FETCH", mailimap_fetch(session, set, items, &result));
    *taken = stop(&started);
    int count = 0;
    for (clistiter *at = clist_begin(result); at != NULL; at = clist_next(at)) {
        count += is_whole(clist_content(at), wanted);
    }
    return count;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("%d.%d\n", libetpan_get_version_major(), libetpan_get_version_minor());
        return EXIT_SUCCESS;
    }
    if (argc != 6) {
        fputs("usage: with_libetpan WORDS PORT AUTHORITY USER PASSWORD\n", stderr);
        return EXIT_FAILURE;
    }
    mailimap *session = made(mailimap_new(0, NULL));
    uint16_t port = (uint16_t)strtoul(argv[2], NULL, 10);
    need("connecting", argv[3][0] != '\0' ? mailimap_ssl_connect(session, HOST, port)
                                          : mailimap_socket_connect(session, HOST, port));
    need("LOGIN", mailimap_login(session, argv[4], argv[5]));
    need("SELECT", mailimap_select(session, "INBOX"));
    struct watch taken;
    int count = run(session, argv[1], &taken);
    printf("{\"wall\": %.9f, \"cpu\": %.9f, \"grown\": %ld, \"count\": %d, \"digest\": "
           "\"\"}\n",
           taken.wall, taken.cpu, taken.resident, count);
    return EXIT_SUCCESS;
}
