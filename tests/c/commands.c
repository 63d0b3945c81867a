/* Remote commands: run to their ends and while they run, what is refused, and how they end. */

#include "services.h"

static rustchat_command_server *server;
static rustchat_command_client *client;

static void set_up(const rustchat_command_server_options *options)
{
    rustchat_command_client_options connecting;
    server = start_commands(options);
    connecting = commands_of(server);
    client = connect_commands(&connecting);
}

static void tear_down(void)
{
    rustchat_command_client_free(client);
    CHECK_OK(rustchat_command_server_close_within(server, PATIENCE_MS));
    CHECK_OK(rustchat_command_server_join(server, PATIENCE_MS));
    CHECK_OK(rustchat_command_server_failure(server));
    rustchat_command_server_free(server);
}

static int says(const char *words)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    return strstr(error.message, words) != NULL;
}

static rustchat_command *start(const char *name, const char *argument, const rustchat_command_options *options)
{
    const char *argv[2];
    rustchat_command *command = NULL;
    argv[0] = name;
    argv[1] = argument;
    CHECK_OK(rustchat_command_start(client, argv, argument != NULL ? 2 : 1, options, &command, PATIENCE_MS));
    CHECK(command != NULL);
    return command;
}

static int32_t run(const char *name, const char *argument, const rustchat_command_options *options,
                   rustchat_command_result *result)
{
    const char *argv[2];
    argv[0] = name;
    argv[1] = argument;
    return rustchat_command_run(client, argv, argument != NULL ? 2 : 1, options, result, PATIENCE_MS);
}

static rustchat_command_server_stats_data numbers(void)
{
    rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    CHECK_OK(rustchat_command_server_stats(server, &stats));
    return stats;
}

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

static void test_limits(void)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command *first;
    const char *const argv[] = {"greet", "world"};
    serving.command_limit = 1;
    set_up(&serving);
    first = start("sh", "sleep 300", NULL);
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_command_run(client, argv, 2, NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_COMMAND_REFUSED_BUSY, rustchat_last_refusal());
    rustchat_command_free(first);
    EVENTUALLY(rustchat_command_run(client, argv, 2, NULL, NULL, PATIENCE_MS) == RUSTCHAT_OK);
    tear_down();
}

static int32_t try_key(const char *key_id, const char *secret)
{
    rustchat_command_client_options options = commands_of(server);
    options.key_id = key_id;
    options.secret = bytes_of(secret);
    client = NULL;
    return rustchat_command_client_connect(&options, &client);
}

/* Each key has its commands, and a ring changes while its server runs. */
static void test_keys(void)
{
    static const char *const admins[] = {"root"};
    rustchat_command_server_options serving = local_commands();
    rustchat_command_template commands[2];
    rustchat_key_ring *ring = NULL;
    CHECK_OK(rustchat_key_ring_new(&ring));
    CHECK_OK(rustchat_key_ring_add(ring, "root", "the secret of root", 18));
    CHECK_OK(rustchat_key_ring_add(ring, "ann", "the secret of ann", 17));
    memcpy(commands, serving.commands, sizeof commands);
    commands[0].key_ids = admins;
    commands[0].key_id_count = 1;
    serving.commands = commands;
    serving.command_count = 2;
    serving.secret = bytes_of("");
    serving.keys = ring;
    serving.server_id = "the machine room";
    server = start_commands(&serving);
    CHECK_OK(try_key("root", "the secret of root"));
    CHECK_OK(run("greet", "root", NULL, NULL));
    rustchat_command_client_free(client);
    CHECK_OK(try_key("ann", "the secret of ann"));
    CHECK_OK(run("count", "3", NULL, NULL));
    CHECK_STATUS(RUSTCHAT_EREFUSED, run("greet", "ann", NULL, NULL));
    CHECK_NUMBER(RUSTCHAT_COMMAND_REFUSED_NOT_PERMITTED, rustchat_last_refusal());
    CHECK_OK(rustchat_key_ring_remove(ring, "ann"));
    CHECK_OK(run("count", "3", NULL, NULL));
    rustchat_command_client_free(client);
    CHECK_STATUS(RUSTCHAT_EAUTH, try_key("ann", "the secret of ann"));
    rustchat_key_ring_free(ring);
    CHECK_OK(try_key("root", "the secret of root"));
    tear_down();
}

static void test_tls_by_the_secret_alone(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_command_server_options serving = local_commands();
    rustchat_command_client_options connecting;
    serving.tls = &tls;
    server = start_commands(&serving);
    connecting = commands_of(server);
    connecting.tls = &tls;
    client = connect_commands(&connecting);
    CHECK_OK(run("greet", "world", NULL, NULL));
    rustchat_command_client_free(client);
    connecting.secret = bytes_of("a guess that is wrong");
    CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_command_client_connect(&connecting, &client));
    tear_down();
}

static void expect_no_start(const rustchat_command_server_options *options, const char *words)
{
    rustchat_command_server *started = (rustchat_command_server *)(uintptr_t)0x5a5a;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_command_server_start(options, &started));
    CHECK(started == NULL);
    if (!says(words)) {
        FAIL_AT(__FILE__, __LINE__, "the sentence lacks \"%s\"", words);
    }
}

static void test_what_cannot_work_does_not_start(void)
{
    rustchat_command_server_options options = local_commands();
    rustchat_command_template command = RUSTCHAT_COMMAND_TEMPLATE_INIT;
    rustchat_command_word word = RUSTCHAT_COMMAND_LITERAL("x");
    options.secret = bytes_of("");
    expect_no_start(&options, "secret");
    options = local_commands();
    options.address = "0.0.0.0:0";
    expect_no_start(&options, "tls");
    options = local_commands();
    options.command_count = 0;
    expect_no_start(&options, "no command");
    options = local_commands();
    options.commands = &command;
    options.command_count = 1;
    expect_no_start(&options, "name of a command is NULL");
    command.name = "x";
    expect_no_start(&options, "program is NULL");
    command.program = "cat";
    expect_no_start(&options, "no absolute path");
    command.program = "/bin/cat";
    command.words = &word;
    command.word_count = 1;
    word.slot = 6;
    expect_no_start(&options, "slot is 6");
    word.slot = RUSTCHAT_SLOT_CHARACTERS;
    expect_no_start(&options, "characters is NULL");
    word.characters = "a-z";
    word.max = -1;
    expect_no_start(&options, "max is -1");
    word.reserved[0] = 1;
    expect_no_start(&options, "reserved");
    word = (rustchat_command_word)RUSTCHAT_COMMAND_LITERAL("x");
    command.rest = &word;
    expect_no_start(&options, "rest is no place");
    command.rest = NULL;
    command.struct_size = 1;
    expect_no_start(&options, "struct_size is 1");
}

int main(void)
{
    watchdog(120);
    RUN(test_a_command_is_run_to_its_end);
    RUN(test_what_is_not_allowed_is_refused_by_rule);
    RUN(test_templates_shell_and_environment);
    RUN(test_a_command_is_talked_to_while_it_runs);
    RUN(test_much_in_both_directions_at_once);
    RUN(test_ends_that_are_not_the_commands_own);
    RUN(test_a_server_that_stops_ends_what_runs);
    RUN(test_a_client_that_goes_takes_its_commands_along);
    RUN(test_a_command_freed_while_others_wait_for_it);
    RUN(test_limits);
    RUN(test_keys);
    RUN(test_tls_by_the_secret_alone);
    RUN(test_what_cannot_work_does_not_start);
    return finish();
}
