/* What the programs have in common that make every mistake: see misuse.c. */

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

/* A call that returns a status. */
#define TRY(mistake, expected, call) attempt(#call, mistake, expected, call, __FILE__, __LINE__)

/* A call that returns something else, which must be this. */
#define TRY_VALUE(mistake, call, is)                                                                                  \
    do {                                                                                                              \
        CHECK((call)is);                                                                                              \
        print_attempt(#call, mistake, "value");                                                                       \
    } while (0)

#define TRY_VOID(mistake, call)                                                                                       \
    do {                                                                                                              \
        (void)(call, 0);                                                                                              \
        print_attempt(#call, mistake, "nothing");                                                                     \
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

/* Makes the places for results dirty, each program its own. */
static void dirty(void);

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

static rustchat_tls_options wrong_tls(size_t which)
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

#define LONG_ID "12345678901234567890123456789012345678901234567890123456789012345"

/* What the options of command and file servers, and of their clients, have in common. */
#define TRY_SERVICE_FIELDS(function, start, make)                                                                     \
    do {                                                                                                              \
        attempt(function "()", "options=NULL", RUSTCHAT_EINVAL, start(NULL), __FILE__, __LINE__);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = 0);                   \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size--);                     \
        TRY_FIELD(function, start, make, "options=size", RUSTCHAT_EINVAL, options.struct_size = SIZE_MAX);            \
        TRY_FIELD(function, start, make, "options=reserved", RUSTCHAT_EINVAL, options.reserved[0] = 1);               \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EINVAL, options.address = NULL);                 \
        TRY_FIELD(function, start, make, "options=address", RUSTCHAT_EADDRINVAL, options.address = "localhost");      \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8, options.address = "\xff:0");                 \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.secret.len = 0);                  \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EINVAL, options.secret.data = NULL);              \
        TRY_FIELD(function, start, make, "options=secret", RUSTCHAT_EMSGSIZE, options.secret.len = HUGE);             \
        TRY_FIELD(function, start, make, "options=utf8", RUSTCHAT_EUTF8, options.key_id = "\xc3(");                   \
        TRY_FIELD(function, start, make, "options=key_id", RUSTCHAT_EINVAL, options.key_id = LONG_ID);                \
        TRY_FIELD(function, start, make, "options=range", RUSTCHAT_EINVAL, options.polling_us = -2);                  \
        for (size_t wrong_ = 0; wrong_ < WRONG_TLS; wrong_++) {                                                       \
            rustchat_tls_options tls_ = wrong_tls(wrong_);                                                            \
            TRY_FIELD(function, start, make, "options=tls", RUSTCHAT_EINVAL, options.tls = &tls_);                    \
        }                                                                                                             \
    } while (0)

#endif
