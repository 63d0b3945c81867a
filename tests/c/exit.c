/* Calls while a thread or the program ends: every function works as before, and what they free is freed. */

#include "calls.h"

static const struct exception NOTHING_ODD[] = {{NULL, 0}};
static struct scene at_exit;
static pthread_key_t key;
static int destroyed;

static void check_record(void)
{
    rustchat_error error;
    uint16_t port;
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_server_port(NULL, &port));
    CHECK_OK(rustchat_last_error(&error));
    CHECK_NUMBER(RUSTCHAT_EHANDLE, error.status);
    CHECK(error.message[0] != '\0');
}

/* Whatever a thread registers after its own thread-local values are gone is never ended by the C library, 32 bytes for
 * each thread: starting others works there, but not where leaks are counted. */
static int starts_threads(const char *name)
{
    return strstr(name, "_start") != NULL || strstr(name, "_connect") != NULL || strstr(name, "_open") != NULL;
}

static void call_while_the_thread_ends(void *scene)
{
    check_record();
    for (size_t i = 0; i < CALL_COUNT; i++) {
        if (slowness() == 1 || !starts_threads(calls[i].name)) {
            CHECK_OK(calls[i].make(scene));
        }
    }
    strike_scene(scene);
    destroyed++;
}

static void *end_with_a_scene(void *scene)
{
    check_record();
    CHECK(pthread_setspecific(key, scene) == 0);
    return NULL;
}

/* The library's own thread-local values may be gone by then, since destructors have no fixed order. */
static void *end_with_a_scene_never_used(void *scene)
{
    CHECK(pthread_setspecific(key, scene) == 0);
    return NULL;
}

static void test_while_a_thread_ends(void)
{
    struct scene scene;
    CHECK(pthread_key_create(&key, call_while_the_thread_ends) == 0);
    set_scene(&scene, start_line_server());
    join(spawn(end_with_a_scene, &scene));
    CHECK_NUMBER(1, destroyed);
    set_scene(&scene, start_line_server());
    join(spawn(end_with_a_scene_never_used, &scene));
    CHECK_NUMBER(2, destroyed);
}

/* A destructor that sets its value anew is called again, after those of everybody else. */
static void call_in_the_last_round(void *scene)
{
    static int rounds;
    if (rounds++ < 2) {
        CHECK(pthread_setspecific(key, scene) == 0);
        return;
    }
    call_while_the_thread_ends(scene);
}

static void test_in_the_last_round_of_destructors(void)
{
    struct scene scene;
    CHECK(pthread_key_delete(key) == 0);
    CHECK(pthread_key_create(&key, call_in_the_last_round) == 0);
    set_scene(&scene, start_line_server());
    join(spawn(end_with_a_scene, &scene));
    CHECK_NUMBER(3, destroyed);
    CHECK(pthread_key_delete(key) == 0);
}

static void call_at_exit(void)
{
    current_test = "call_at_exit";
    watchdog(300);
    check_record();
    make_calls(&at_exit, NOTHING_ODD);
    strike_scene(&at_exit);
    alarm(0);
    /* The runner asks for this line. */
    printf("%u tests, and calls at exit\n", tests_done);
}

int main(void)
{
    watchdog(300);
    set_scene(&at_exit, start_line_server());
    /* Before the scene's own folder goes. */
    CHECK(atexit(call_at_exit) == 0);
    RUN(test_while_a_thread_ends);
    RUN(test_in_the_last_round_of_destructors);
    return 0;
}
