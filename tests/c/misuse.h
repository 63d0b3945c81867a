/* Every function with every mistake: the documented status, a sentence, and nothing left in the results.
 *
 * The programs misuse_*.c share this. With --list they print each attempt as "function <tab> mistake <tab> status": misuse.py compares that
 * with what the header's prototypes and documents ask for, so that no function and no parameter is forgotten. */

#ifndef MISUSE_H
#define MISUSE_H

#include "harness.h"

#define HUGE ((size_t)INT32_MAX + 1)

static int list;

static void print_attempt(const char *call, const char *mistake, const char *result)
{
    if (list) {
        printf("%.*s\t%s\t%s\n", (int)strcspn(call, "("), call, mistake, result);
    }
    tests_done++;
}

static void attempt(const char *call, const char *mistake, int32_t expected, int32_t found, const char *file, int line)
{
    rustchat_error error;
    if (found != expected) {
        FAIL_AT(file, line, "%s: %s gave %s, expected %s", mistake, call, rustchat_status_name(found),
                rustchat_status_name(expected));
    }
    CHECK_OK(rustchat_last_error(&error));
    if (strncmp(call, "rustchat_last_error", 19) != 0) {
        check_number(found, error.status, call, file, line);
        check_number(found != RUSTCHAT_OK, error.message[0] != '\0', call, file, line);
    }
    print_attempt(call, mistake, rustchat_status_name(found));
}

/* The text of a call whose macros are expanded: one of them may stand for the function's name. */
#define TEXT_OF(...) #__VA_ARGS__

/* A call that returns a status. */
#define TRY(mistake, expected, ...) attempt(TEXT_OF(__VA_ARGS__), mistake, expected, __VA_ARGS__, __FILE__, __LINE__)

/* A call that returns something else, which must be this. */
#define TRY_VALUE(mistake, call, is)                                                                                  \
    do {                                                                                                              \
        CHECK((call)is);                                                                                              \
        print_attempt(#call, mistake, "value");                                                                       \
    } while (0)

#define TRY_VOID(mistake, ...)                                                                                        \
    do {                                                                                                              \
        (void)(__VA_ARGS__, 0);                                                                                       \
        print_attempt(TEXT_OF(__VA_ARGS__), mistake, "nothing");                                                      \
    } while (0)

static int is_zero(const void *data, size_t len)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return 0;
        }
    }
    return 1;
}

/* Makes the places for results dirty, each program its own; a structure keeps the size that it tells. */
static void dirty(void);

#define DIRTY(type, report, init)                                                                                     \
    do {                                                                                                              \
        const type fresh_ = init;                                                                                     \
        memset(&(report), 0x5a, sizeof(report));                                                                      \
        (report).struct_size = fresh_.struct_size;                                                                    \
    } while (0)

/* A call that fails and must have set this result to zero. */
#define TRY_OUT(mistake, expected, result, call)                                                                      \
    do {                                                                                                              \
        dirty();                                                                                                      \
        TRY(mistake, expected, call);                                                                                 \
        CHECK(is_zero(&(result), sizeof(result)));                                                                    \
    } while (0)

/* The structures that tell their size keep it. */
#define TRY_REPORT(mistake, expected, report, call)                                                                   \
    do {                                                                                                              \
        dirty();                                                                                                      \
        TRY(mistake, expected, call);                                                                                 \
        CHECK_NUMBER(sizeof(report), (report).struct_size);                                                           \
        CHECK(is_zero((char *)&(report) + sizeof(size_t), sizeof(report) - sizeof(size_t)));                          \
    } while (0)

/* Numbers that were never handles; the first look most like one. */
static const uintptr_t GARBAGE[] = {3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 1, 0x12345, 0xdeadbeefu, UINTPTR_MAX, UINTPTR_MAX >> 1, 0x8000000000000003u};

/* Objects of one kind: one that is right, and what calls every function with one that is not. */
struct kind {
    const char *null, *garbage, *wrong, *stale;
    void *own;
    /* It is no handle but a pointer: what is tried must at least be an object of another kind. */
    int is_pointer;
    void (*try_bad)(void *bad, const char *mistake);
};

#define KIND(noun, own, is_pointer)                                                                                   \
    {#noun "=NULL", #noun "=garbage", #noun "=wrong", #noun "=stale", own, is_pointer, try_bad_##noun}

/* Tries what is no object of these kinds: nothing, numbers, memory, and objects of the others, `all` of them. */
static inline void try_bad_kinds(const struct kind *kinds, size_t count, void *const *all, size_t all_count)
{
    void *memory[4] = {NULL, NULL, NULL, NULL};
    for (size_t k = 0; k < count; k++) {
        const struct kind *kind = &kinds[k];
        kind->try_bad(NULL, kind->null);
        for (size_t i = 0; i < sizeof GARBAGE / sizeof *GARBAGE; i++) {
            kind->try_bad((void *)GARBAGE[i], kind->garbage);
        }
        if (!kind->is_pointer) {
            kind->try_bad(memory, kind->wrong);
        }
        for (size_t i = 0; i < all_count; i++) {
            if (all[i] != kind->own) {
                kind->try_bad(all[i], kind->wrong);
            }
        }
    }
}

/* Tries the handles of these kinds when their objects are gone, whatever has their places. */
static inline void try_stale_kinds(const struct kind *kinds, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        if (!kinds[k].is_pointer) {
            kinds[k].try_bad(kinds[k].own, kinds[k].stale);
        }
    }
}

/* Begins a program of this name. */
static inline void begin_program(int argc, char **argv, const char *name)
{
    list = argc > 1 && strcmp(argv[1], "--list") == 0;
    current_test = name;
    watchdog(60);
}

typedef int32_t (*start_with)(const void *options);

/* Sets one field of fresh options and tries. */
#define TRY_FIELD(function, start, make, mistake, expected, assignment)                                               \
    do {                                                                                                              \
        options = make;                                                                                               \
        assignment;                                                                                                   \
        attempt(function "()", mistake, expected, start(&options), __FILE__, __LINE__);                               \
    } while (0)

/* What is wrong whichever side has it. */
#define WRONG_TLS 6

static inline rustchat_tls_options wrong_tls(size_t which)
{
    static const uint8_t pins[32] = {1};
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    switch (which) {
    case 0: tls.struct_size = 0; break;
    case 1: tls.reserved[0] = 1; break;
    case 2: tls.trust = -1; break;
    case 3: tls.pin_count = 1; break;
    case 4: tls.pins = pins; tls.pin_count = SIZE_MAX; break;
    default: tls.certificate = bytes_of("no certificate"); break;
    }
    return tls;
}

/* Hands over what is no certificate. */
static inline void try_replacing(const char *function, int32_t (*replace)(const rustchat_tls_options *))
{
    const rustchat_tls_options fresh = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_tls_options options;
#define REPLACE(mistake, expected, assignment)                                                                        \
    do {                                                                                                              \
        options = fresh;                                                                                              \
        assignment;                                                                                                   \
        attempt(function, mistake, expected, replace(&options), __FILE__, __LINE__);                                  \
    } while (0)
    attempt(function, "tls=NULL", RUSTCHAT_EINVAL, replace(NULL), __FILE__, __LINE__);
    REPLACE("tls=size", RUSTCHAT_EINVAL, options.struct_size--);
    REPLACE("tls=reserved", RUSTCHAT_EINVAL, options.reserved[5] = 1);
    REPLACE("tls=none", RUSTCHAT_EINVAL, (void)0);
    REPLACE("tls=utf8", RUSTCHAT_EUTF8, options.certificate_file = "\xff");
    REPLACE("tls=file", RUSTCHAT_EIO, options.certificate_file = "/nowhere/x.pem");
    REPLACE("tls=PEM", RUSTCHAT_EINVAL, options.certificate = bytes_of("no PEM"));
    REPLACE("tls=huge", RUSTCHAT_EMSGSIZE, options.certificate.data = "x"; options.certificate.len = HUGE);
#undef REPLACE
}

#define LONG_ID "12345678901234567890123456789012345678901234567890123456789012345"

#endif
