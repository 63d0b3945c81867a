/* How remote commands end that do not end by themselves. */

#include "commanding.h"

/* How much comes of an output that goes over its limit. */
static size_t read_until_overflow(rustchat_command *command)
{
    char text[64];
    size_t total = 0, len = 0;
    int32_t status;
    while ((status = rustchat_command_read(command, RUSTCHAT_COMMAND_STDOUT, text, sizeof text, &len, PATIENCE_MS)) ==
           RUSTCHAT_OK) {
        CHECK(len > 0);
        total += len;
    }
    check_status(RUSTCHAT_EOVERFLOW, status, "read", __FILE__, __LINE__);
    return total;
}

static void test_ends_that_are_not_the_commands_own(void)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    rustchat_command_exit exit = RUSTCHAT_COMMAND_EXIT_INIT;
    rustchat_command *command;
    const char *const sleeping[] = {"sh", "echo before; exec sleep 300"};
    serving.kill_grace_ms = -1;
    set_up(&serving);
    options.time_limit_ms = 1;
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, run("sh", "sleep 300", &options, &result));
    CHECK(result.exit.kind == RUSTCHAT_EXIT_TIMED_OUT && result.exit.success == 0);
    rustchat_command_result_clear(&result);
    options.time_limit_ms = 0;
    options.output_limit = 10;
    CHECK_STATUS(RUSTCHAT_EOVERFLOW, run("count", "1000", &options, &result));
    CHECK(result.exit.kind == RUSTCHAT_EXIT_OUTPUT_LIMIT && result.out.len == 10);
    rustchat_command_result_clear(&result);

    command = start("count", "1000", &options);
    CHECK_STATUS(RUSTCHAT_EOVERFLOW, rustchat_command_communicate(command, NULL, 0, &result, PATIENCE_MS));
    CHECK(result.exit.kind == RUSTCHAT_EXIT_OUTPUT_LIMIT && result.out.len == 10);
    rustchat_command_result_clear(&result);
    CHECK_OK(rustchat_command_wait(command, &exit, 0));
    CHECK_NUMBER(RUSTCHAT_EXIT_OUTPUT_LIMIT, exit.kind);
    rustchat_command_free(command);
    command = start("count", "1000", &options);
    CHECK_NUMBER(10, read_until_overflow(command));
    rustchat_command_free(command);

    command = start("sh", "sleep 300", NULL);
    CHECK_OK(rustchat_command_signal(command, SIGTERM));
    CHECK_OK(rustchat_command_wait(command, &exit, PATIENCE_MS));
    CHECK(exit.kind == RUSTCHAT_EXIT_CLIENT_SIGNAL && exit.signal == SIGTERM && exit.code == -1);
    rustchat_command_free(command);

    /* Our own clock, for a command that has not said anything yet or has. */
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_command_run(client, sleeping, 2, NULL, &result, 1));
    CHECK_NUMBER(0, result.exit.kind);
    rustchat_command_result_clear(&result);
    rustchat_command_free(start("cat", NULL, NULL));
    rustchat_command_free(start("sh", "sleep 300", NULL));
    EVENTUALLY(numbers().running == 0);
    tear_down();
}

/* Waits for a command on a thread of its own. */
struct waiting {
    rustchat_command *command;
    int32_t status;
    rustchat_command_exit exit;
};

static void *wait_for_it(void *argument)
{
    struct waiting *waiting = argument;
    waiting->status = rustchat_command_wait(waiting->command, &waiting->exit, PATIENCE_MS);
    return NULL;
}

static void test_a_server_that_stops_ends_what_runs(void)
{
    rustchat_command_server_options serving = local_commands();
    struct waiting waiting = {NULL, 0, RUSTCHAT_COMMAND_EXIT_INIT};
    int32_t state = 0, status;
    pthread_t thread;
    serving.kill_grace_ms = 1;
    set_up(&serving);
    waiting.command = start("sh", "trap '' TERM; sleep 300 & wait; wait", NULL);
    thread = spawn(wait_for_it, &waiting);
    CHECK_OK(rustchat_command_server_close(server));
    join(thread);
    CHECK_OK(waiting.status);
    CHECK_NUMBER(RUSTCHAT_EXIT_SERVER_STOPPING, waiting.exit.kind);
    CHECK_OK(rustchat_command_server_join(server, PATIENCE_MS));
    CHECK_NUMBER(0, numbers().running);
    EVENTUALLY(rustchat_command_client_state(client, &state) == RUSTCHAT_OK && state == RUSTCHAT_CLIENT_CLOSED);
    status = run("greet", "world", NULL, NULL);
    CHECK(status == RUSTCHAT_ECLOSED || status == RUSTCHAT_ECONNRESET);
    rustchat_command_free(waiting.command);
    tear_down();
}

static void test_a_client_that_goes_takes_its_commands_along(void)
{
    rustchat_command_server_options serving = local_commands();
    struct waiting waiting = {NULL, 0, RUSTCHAT_COMMAND_EXIT_INIT};
    rustchat_command *other;
    pthread_t thread;
    set_up(&serving);
    waiting.command = start("sh", "sleep 300", NULL);
    other = start("sh", "sleep 300", NULL);
    thread = spawn(wait_for_it, &waiting);
    CHECK_OK(rustchat_command_client_close(client));
    join(thread);
    CHECK_STATUS(RUSTCHAT_ECLOSED, waiting.status);
    CHECK(waiting.exit.kind == 0);
    EVENTUALLY(numbers().running == 0);
    /* The handles of commands outlive their client's. */
    rustchat_command_client_free(client);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_command_wait(other, NULL, PATIENCE_MS));
    rustchat_command_free(other);
    rustchat_command_free(waiting.command);
    tear_down();
}

static void test_a_command_freed_while_others_wait_for_it(void)
{
    rustchat_command_server_options serving = local_commands();
    struct waiting waiting = {NULL, 0, RUSTCHAT_COMMAND_EXIT_INIT};
    pthread_t thread;
    set_up(&serving);
    for (int i = 0; i < 20; i++) {
        waiting.command = start("sh", "sleep 300", NULL);
        thread = spawn(wait_for_it, &waiting);
        rustchat_command_free(waiting.command);
        join(thread);
        if (waiting.status != RUSTCHAT_EHANDLE) {
            CHECK_OK(waiting.status);
            CHECK_NUMBER(SIGKILL, waiting.exit.signal);
        }
    }
    EVENTUALLY(numbers().running == 0);
    tear_down();
}

int main(void)
{
    watchdog(300);
    RUN(test_ends_that_are_not_the_commands_own);
    RUN(test_a_server_that_stops_ends_what_runs);
    RUN(test_a_client_that_goes_takes_its_commands_along);
    RUN(test_a_command_freed_while_others_wait_for_it);
    return finish();
}
