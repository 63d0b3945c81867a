/* With a library that panics on demand: each call returns RUSTCHAT_EPANIC, the program lives, objects can be freed. */

#include <fcntl.h>

#include "calls.h"

void rustchat_test_panic_in(const char *name);

/* These read a constant: there is nothing in them that could fail. */
static const char *const CONSTANT[] = {
    "rustchat_version",     "rustchat_version_number", "rustchat_abi_version", "rustchat_features",
    "rustchat_status_name", "rustchat_status_message", "rustchat_event_name",
};

static int is_constant(const char *name)
{
    for (size_t i = 0; i < sizeof CONSTANT / sizeof *CONSTANT; i++) {
        if (strcmp(CONSTANT[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

static void check_record(const char *name)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    check_status(RUSTCHAT_EPANIC, error.status, name, __FILE__, __LINE__);
    CHECK(strstr(error.message, "injected") != NULL && strstr(error.message, name) != NULL);
}

/* The library leaves the host's panic hook alone, which prints: not here. */
static int hush(void)
{
    int saved = dup(2), null = open("/dev/null", O_WRONLY);
    CHECK(saved >= 0 && null >= 0 && dup2(null, 2) == 2);
    close(null);
    return saved;
}

static void speak(int saved)
{
    CHECK(dup2(saved, 2) == 2);
    close(saved);
}

static void panic_in(struct scene *scene, const struct call *call)
{
    int saved = hush();
    int32_t status;
    rustchat_test_panic_in(call->name);
    status = call->make(scene);
    rustchat_test_panic_in(NULL);
    speak(saved);
    if (call->kind == STATUS || call->kind == HANDLE) {
        check_status(RUSTCHAT_EPANIC, status, call->name, __FILE__, __LINE__);
        check_record(call->name);
    } else if (strcmp(call->name, "rustchat_message_release") == 0) {
        /* The reference that was not ended. */
        rustchat_message_release(scene->message);
    }
}

static void test_each_function_survives_its_own_panic(void)
{
    static const struct exception nothing_odd[] = {{NULL, 0}};
    struct scene scene;
    CHECK((rustchat_features() & RUSTCHAT_FEATURE_PANIC_INJECTION) != 0);
    set_scene(&scene, start_line_server());
    for (size_t i = 0; i < CALL_COUNT; i++) {
        if (!is_constant(calls[i].name)) {
            panic_in(&scene, &calls[i]);
        }
    }
    /* At its entry a call has not touched anything yet. */
    make_calls(&scene, nothing_odd);
    strike_scene(&scene);
}

static int ends_objects(const char *name)
{
    return (strstr(name, "_close") != NULL && strstr(name, "_close_stdin") == NULL &&
            strstr(name, "_close_output") == NULL) ||
           strstr(name, "_join") != NULL || strstr(name, "_free") != NULL;
}

static int begins_with(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* The kind of object that a function is called on. */
static const char *object_of(const char *name)
{
    static const char *const objects[] = {"command_server", "command_client", "command", "key_ring",
                                          "file_server", "file", "server", "client", "listener", "connection"};
    if (begins_with(name, "rustchat_command_run") || begins_with(name, "rustchat_command_start")) {
        return "command_client";
    }
    /* All other functions about files are called on a client. */
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        if (begins_with(name + strlen("rustchat_"), objects[i])) {
            return objects[i];
        }
    }
    FAIL_AT(__FILE__, __LINE__, "what is %s called on?", name);
    return NULL;
}

static int is_kin(const char *one, const char *other)
{
    return strcmp(object_of(one), object_of(other)) == 0;
}

/* A panic in the middle leaves the object good for closing and freeing only. */
static void fail_inside(const struct call *call)
{
    struct scene scene;
    char inside[80];
    int saved;
    int32_t status;
    set_scene(&scene, start_line_server());
    snprintf(inside, sizeof inside, "inside %s", call->name);
    saved = hush();
    rustchat_test_panic_in(inside);
    status = call->make(&scene);
    rustchat_test_panic_in(NULL);
    speak(saved);
    check_status(RUSTCHAT_EPANIC, status, call->name, __FILE__, __LINE__);
    check_record(call->name);
    for (size_t i = 0; i < CALL_COUNT; i++) {
        if (calls[i].kind == HANDLE && is_kin(call->name, calls[i].name)) {
            int32_t expected = ends_objects(calls[i].name) ? RUSTCHAT_OK : RUSTCHAT_EPANIC;
            check_status(expected, calls[i].make(&scene), calls[i].name, __FILE__, __LINE__);
        }
    }
    strike_scene(&scene);
}

static void test_an_object_that_failed_says_so(void)
{
    for (size_t i = 0; i < CALL_COUNT; i++) {
        if (calls[i].kind == HANDLE && !ends_objects(calls[i].name) && (slowness() == 1 || i % 5 == 0)) {
            fail_inside(&calls[i]);
        }
    }
}

static void test_a_decoder_that_failed_says_so(void)
{
    rustchat_decoder *decoder = NULL;
    rustchat_bytes frame;
    int saved;
    CHECK_OK(rustchat_decoder_new(RUSTCHAT_FRAMING_LINE, 0, &decoder));
    saved = hush();
    rustchat_test_panic_in("rustchat_decoder_push");
    CHECK_STATUS(RUSTCHAT_EPANIC, rustchat_decoder_push(decoder, "x", 1));
    rustchat_test_panic_in(NULL);
    speak(saved);
    CHECK_STATUS(RUSTCHAT_EAGAIN, rustchat_decoder_next(decoder, &frame));
    rustchat_decoder_free(decoder);
}

/* The server ends by itself: its members' connections too, with a last word that says why. */
static void test_a_thread_that_fails_ends_its_server(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_event event;
    char thread[160], heard[256];
    int saved, peer;
    int32_t status;
    ssize_t count;
    options.workers = 1;
    server = start_server(&options);
    peer = join_raw(server);
    snprintf(thread, sizeof thread, "rustchat-io-0 %s", address_of(server));
    saved = hush();
    rustchat_test_panic_in(thread);
    /* It fails as it wakes: what it is given while it is awake is delivered. */
    do {
        rustchat_server_broadcast(server, "x", 1, 0, NULL);
        status = rustchat_server_join(server, 10);
    } while (status == RUSTCHAT_ETIMEDOUT);
    CHECK_OK(status);
    rustchat_test_panic_in(NULL);
    speak(saved);
    do {
        count = recv(peer, heard, sizeof heard, 0);
    } while (count > 0);
    CHECK(count == 0);
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    expect_event(server, RUSTCHAT_EVENT_PEER_LEFT, &event);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, event.status);
    rustchat_event_clear(&event);
    expect_event(server, RUSTCHAT_EVENT_ERROR, &event);
    CHECK_NUMBER(RUSTCHAT_EPANIC, event.status);
    rustchat_event_clear(&event);
    skip_event(server, RUSTCHAT_EVENT_CLOSED);
    CHECK_STATUS(RUSTCHAT_EPANIC, rustchat_server_broadcast(server, "x", 1, 0, NULL));
    CHECK_OK(rustchat_server_close(server));
    rustchat_server_free(server);
    close(peer);
}

int main(void)
{
    watchdog(300);
    RUN(test_each_function_survives_its_own_panic);
    RUN(test_an_object_that_failed_says_so);
    RUN(test_a_decoder_that_failed_says_so);
    RUN(test_a_thread_that_fails_ends_its_server);
    return finish();
}
