/* Remote commands: run to their ends and while they run, and what is refused. */

#include "commanding.h"

static void test_a_command_is_run_to_its_end(void)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    size_t limit = 0;
    set_up(&serving);
    CHECK_OK(run("greet", "world", NULL, &result));
    CHECK_BYTES("hello world\n", result.out);
    CHECK_BYTES("", result.err);
    CHECK(result.exit.kind == RUSTCHAT_EXIT_EXITED && result.exit.success == 1 && result.exit.code == 0);
    CHECK(result.exit.out_bytes == 12 && result.exit.err_bytes == 0 && result.exit.wall_us > 0 && result.exit.max_rss_kib > 0);
    rustchat_command_result_clear(&result);
    CHECK(result.out.data == NULL && result.memory == NULL && result.exit.kind == 0);
    rustchat_command_result_clear(&result);

    options.input = bytes_of("from here");
    CHECK_OK(run("cat", NULL, &options, &result));
    CHECK_BYTES("from here", result.out);
    rustchat_command_result_clear(&result);

    options = (rustchat_command_options)RUSTCHAT_COMMAND_OPTIONS_INIT;
    CHECK_OK(run("sh", "echo out; echo err >&2; exit 7", &options, &result));
    CHECK_BYTES("out\n", result.out);
    CHECK_BYTES("err\n", result.err);
    CHECK(result.exit.success == 0 && result.exit.code == 7);
    rustchat_command_result_clear(&result);

    options.check = options.merge_stderr = 1;
    CHECK_STATUS(RUSTCHAT_ECOMMAND, run("sh", "echo out; echo err >&2; exit 7", &options, &result));
    CHECK_BYTES("out\nerr\n", result.out);
    CHECK(says("exited (code 7)") && result.exit.code == 7 && rustchat_last_refusal() == 0);
    rustchat_command_result_clear(&result);

    CHECK_OK(run("greet", "nobody", NULL, NULL));
    CHECK_OK(rustchat_command_client_limit(client, &limit));
    CHECK_NUMBER(256, limit);
    CHECK(numbers().started == 5 && numbers().connections == 1);
    tear_down();
}

static void expect_refusal(const char *name, const char *argument, const rustchat_command_options *options, int32_t rule)
{
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    const char *argv[2];
    rustchat_command *command;
    argv[0] = name;
    argv[1] = argument;
    CHECK_STATUS(RUSTCHAT_EREFUSED, run(name, argument, options, &result));
    CHECK_NUMBER(rule, rustchat_last_refusal());
    CHECK(result.exit.kind == 0 && result.exit.code == -1 && result.out.len == 0 && result.memory == NULL);
    CHECK_STATUS(RUSTCHAT_EREFUSED,
                 rustchat_command_start(client, argv, argument != NULL ? 2 : 1, options, &command, PATIENCE_MS));
    CHECK(command == NULL && says("was refused"));
    CHECK_NUMBER(rule, rustchat_last_refusal());
    CHECK_OK(run("greet", "world", NULL, NULL));
    CHECK_NUMBER(0, rustchat_last_refusal());
}

static void test_what_is_not_allowed_is_refused_by_rule(void)
{
    static const rustchat_command_variable loader = {"LD_PRELOAD", "/tmp/x.so"};
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT, with_input = RUSTCHAT_COMMAND_OPTIONS_INIT;
    set_up(&serving);
    expect_refusal("reboot", NULL, NULL, RUSTCHAT_COMMAND_REFUSED_UNKNOWN);
    expect_refusal("greet", NULL, NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_COUNT);
    expect_refusal("greet", "a; rm -rf /", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN);
    expect_refusal("greet", "-n", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN);
    expect_refusal("greet", "123456789012345678901", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_TOO_LONG);
    expect_refusal("count", "0", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN);
    expect_refusal("paint", "blue", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN);
    expect_refusal("words", "x1", NULL, RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN);
    /* Under valgrind a program that is not there is only seen to end: its children share no memory with it. */
    if (slowness() < 15) {
        expect_refusal("missing", NULL, NULL, RUSTCHAT_COMMAND_REFUSED_NOT_EXECUTABLE);
    }
    with_input.input = bytes_of("x");
    expect_refusal("count", "3", &with_input, RUSTCHAT_COMMAND_REFUSED_STDIN);
    options.environment = &loader;
    options.environment_count = 1;
    expect_refusal("greet", "world", &options, RUSTCHAT_COMMAND_REFUSED_ENVIRONMENT);
    options = (rustchat_command_options)RUSTCHAT_COMMAND_OPTIONS_INIT;
    options.shell = 1;
    expect_refusal("echo hi", NULL, &options, RUSTCHAT_COMMAND_REFUSED_SHELL);
    options.shell = 0;
    options.time_limit_ms = INT64_C(90000000);
    expect_refusal("greet", "world", &options, RUSTCHAT_COMMAND_REFUSED_TIMEOUT);
    CHECK_NUMBER(slowness() < 15 ? 26 : 24, numbers().refused);
    tear_down();
}

static void test_templates_shell_and_environment(void)
{
    static const rustchat_command_variable variables[] = {{"TZ", "UTC"}, {"HOST", "here"}};
    static const rustchat_command_variable given = {"WHO", "a guest"};
    static const char *const settable[] = {"WHO"};
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    const char *const words[] = {"words", "a", "bc", "def"};
    const char *const shell[] = {"echo $1 $WHO $HOST $TZ", "; ls"};
    serving.shell = "/bin/sh";
    serving.variables = variables;
    serving.variable_count = 2;
    serving.settable = settable;
    serving.settable_count = 1;
    set_up(&serving);
    CHECK_OK(rustchat_command_run(client, words, 4, NULL, &result, PATIENCE_MS));
    CHECK_BYTES("a bc def\n", result.out);
    rustchat_command_result_clear(&result);
    options.shell = 1;
    options.environment = &given;
    options.environment_count = 1;
    CHECK_OK(rustchat_command_run(client, shell, 2, &options, &result, PATIENCE_MS));
    CHECK_BYTES("; ls a guest here UTC\n", result.out);
    rustchat_command_result_clear(&result);
    tear_down();
}

/* Reads to the end of an output. */
static size_t read_all(rustchat_command *command, int32_t output, char *text, size_t cap)
{
    size_t total = 0, len = 0;
    do {
        CHECK_OK(rustchat_command_read(command, output, text + total, cap - total, &len, PATIENCE_MS));
        total += len;
    } while (len > 0);
    return total;
}

static void test_a_command_is_talked_to_while_it_runs(void)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_exit exit = RUSTCHAT_COMMAND_EXIT_INIT;
    rustchat_command *command;
    char text[64];
    size_t len = 7, written = 0;
    uint64_t id = 0;
    set_up(&serving);
    options.with_stdin = 1;
    command = start("cat", NULL, &options);
    CHECK_OK(rustchat_command_id(command, &id));
    CHECK(id > 0);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT,
                 rustchat_command_read(command, RUSTCHAT_COMMAND_STDOUT, text, sizeof text, &len, 0));
    CHECK_NUMBER(0, len);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_command_wait(command, &exit, 0));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(rustchat_command_write(command, "ping\n", 5, &written, PATIENCE_MS));
        CHECK_NUMBER(5, written);
        CHECK_OK(rustchat_command_read(command, RUSTCHAT_COMMAND_STDOUT, text, sizeof text, &len, PATIENCE_MS));
        CHECK(len == 5 && memcmp(text, "ping\n", 5) == 0);
    }
    CHECK_OK(rustchat_command_close_stdin(command));
    CHECK_OK(rustchat_command_close_stdin(command));
    CHECK_NUMBER(0, read_all(command, RUSTCHAT_COMMAND_STDOUT, text, sizeof text));
    CHECK_NUMBER(0, read_all(command, RUSTCHAT_COMMAND_STDERR, text, sizeof text));
    CHECK_OK(rustchat_command_wait(command, &exit, PATIENCE_MS));
    CHECK(exit.success == 1 && exit.out_bytes == 15);
    /* What is over takes everything, and does nothing. */
    CHECK_OK(rustchat_command_wait(command, NULL, 0));
    CHECK_OK(rustchat_command_signal(command, SIGTERM));
    CHECK_OK(rustchat_command_close_output(command, RUSTCHAT_COMMAND_STDERR));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_command_id(command, &id));
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_command_write(command, "x", 1, &written, PATIENCE_MS));
    CHECK_NUMBER(0, written);
    rustchat_command_free(command);
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_command_wait(command, &exit, 0));

    command = start("sh", "echo one; echo two >&2; exit 3", NULL);
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_command_write(command, "x", 1, NULL, PATIENCE_MS));
    CHECK_OK(rustchat_command_wait(command, &exit, PATIENCE_MS));
    CHECK_NUMBER(3, exit.code);
    CHECK_NUMBER(4, read_all(command, RUSTCHAT_COMMAND_STDERR, text, sizeof text));
    CHECK(memcmp(text, "two\n", 4) == 0);
    CHECK_NUMBER(4, read_all(command, RUSTCHAT_COMMAND_STDOUT, text, sizeof text));
    rustchat_command_free(command);
    tear_down();
}

static void test_much_in_both_directions_at_once(void)
{
    enum { SIZE = 300000 };
    rustchat_command_server_options serving = local_commands();
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    rustchat_command *command;
    char *bytes = malloc(SIZE);
    CHECK(bytes != NULL);
    memset(bytes, 'x', SIZE);
    set_up(&serving);
    options.with_stdin = 1;
    command = start("cat", NULL, &options);
    CHECK_OK(rustchat_command_communicate(command, bytes, SIZE, &result, PATIENCE_MS));
    CHECK(result.out.len == SIZE && memcmp(result.out.data, bytes, SIZE) == 0 && result.exit.success == 1);
    rustchat_command_result_clear(&result);
    rustchat_command_free(command);
    /* A reader that stops stops its own command alone. */
    command = start("count", "2000000", NULL);
    CHECK_OK(run("greet", "world", NULL, NULL));
    CHECK_OK(rustchat_command_close_output(command, RUSTCHAT_COMMAND_STDOUT));
    CHECK_OK(rustchat_command_wait(command, NULL, PATIENCE_MS));
    rustchat_command_free(command);
    free(bytes);
    tear_down();
}

int main(void)
{
    watchdog(300);
    RUN(test_a_command_is_run_to_its_end);
    RUN(test_what_is_not_allowed_is_refused_by_rule);
    RUN(test_templates_shell_and_environment);
    RUN(test_a_command_is_talked_to_while_it_runs);
    RUN(test_much_in_both_directions_at_once);
    return finish();
}
