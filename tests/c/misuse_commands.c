/* Every mistake with rings of keys and remote commands. */

#define SERVICE(name) rustchat_command_##name
#define SERVICE_INIT(name) RUSTCHAT_COMMAND_##name##_INIT
#define local_options local_commands
#define options_of_client() commands_of(server)

#include "misuse_services.h"

static rustchat_command *command;

static struct {
    uint64_t id;
    rustchat_command *command;
} made;

static rustchat_command_exit ended;
static rustchat_command_result result;

static const char *const GREET[] = {"greet", "world"};
static const char *const HOLE[] = {"greet", NULL};

static void dirty(void)
{
    dirty_service();
    memset(&made, 0x5a, sizeof made);
    DIRTY(rustchat_command_exit, ended, RUSTCHAT_COMMAND_EXIT_INIT);
    DIRTY(rustchat_command_result, result, RUSTCHAT_COMMAND_RESULT_INIT);
}

static void try_bad_ring(void *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_key_ring_add(bad, "x", "x", 1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_key_ring_remove(bad, "x"));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_key_ring_ids(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_key_ring_replace(bad, NULL, 0, &out.len));
    TRY_VOID(mistake, rustchat_key_ring_free(bad));
}

static void try_bad_client(void *bad, const char *mistake)
{
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, result, rustchat_command_run(bad, GREET, 2, NULL, &result, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, made.command, rustchat_command_start(bad, GREET, 2, NULL, &made.command, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_command_client_limit(bad, &out.len));
    try_bad_end(bad, mistake);
}

static void try_bad_command(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, made.id, rustchat_command_id(bad, &made.id));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_command_read(bad, RUSTCHAT_COMMAND_STDOUT, out.text, sizeof out.text, &out.len, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_command_write(bad, "x", 1, &out.len, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_close_stdin(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_close_output(bad, RUSTCHAT_COMMAND_STDERR));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_signal(bad, SIGTERM));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, ended, rustchat_command_wait(bad, &ended, -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, result, rustchat_command_communicate(bad, "x", 1, &result, -1));
    TRY_VOID(mistake, rustchat_command_free(bad));
}

static void try_server_options(void)
{
    static const rustchat_command_variable hole = {"x", NULL}, bad = {"x", "\xff"};
    rustchat_command_server_options options;
    try_service_options();
    SERVER("options=enum", RUSTCHAT_EINVAL, options.survivors = 4);
    SERVER("options=enum", RUSTCHAT_EINVAL, options.survivors = -1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.ping_timeout_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.command_limit = 65536);
    SERVER("options=range", RUSTCHAT_EINVAL, options.outbox_limit = 1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.kill_grace_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.longest_timeout_ms = 1);
    SERVER("options=reserved", RUSTCHAT_EINVAL, options.reserved_limit = 1);
    SERVER("options=cgroup", RUSTCHAT_EIO, options.cgroup = "/nowhere");
    SERVER("options=shell", RUSTCHAT_EINVAL, options.shell = "sh");
    SERVER("options=commands", RUSTCHAT_EINVAL, options.commands = NULL);
    SERVER("options=commands", RUSTCHAT_EINVAL, options.command_count = SIZE_MAX);
    SERVER("options=variables", RUSTCHAT_EINVAL, options.variable_count = 1);
    SERVER("options=variables", RUSTCHAT_EMSGSIZE, options.variables = &hole;
           options.variable_count = SIZE_MAX);
    SERVER("options=variables", RUSTCHAT_EINVAL, options.variables = &hole;
           options.variable_count = 1);
    SERVER("options=variables", RUSTCHAT_EUTF8, options.variables = &bad;
           options.variable_count = 1);
    SERVER("options=settable", RUSTCHAT_EINVAL, options.settable_count = 1);
    SERVER("options=settable", RUSTCHAT_EINVAL, options.settable = HOLE; options.settable_count = 2);
}

static int32_t run_with(const void *options)
{
    int32_t status;
    dirty();
    status = rustchat_command_run(client, GREET, 2, options, &result, PATIENCE_MS);
    rustchat_command_result_clear(&result);
    return status;
}

static int32_t start_with_options(const void *options)
{
    rustchat_command *started = NULL;
    int32_t status = rustchat_command_start(client, GREET, 2, options, &started, PATIENCE_MS);
    CHECK((started != NULL) == (status == RUSTCHAT_OK));
    rustchat_command_free(started);
    return status;
}

static void try_command_options(const char *function, start_with start)
{
    const rustchat_command_options fresh = RUSTCHAT_COMMAND_OPTIONS_INIT;
    static const rustchat_command_variable hole = {NULL, "x"};
    rustchat_command_options options;
#define COMMAND(mistake, expected, assignment)                                                                        \
    do {                                                                                                              \
        options = fresh;                                                                                              \
        assignment;                                                                                                   \
        attempt(function, mistake, expected, start(&options), __FILE__, __LINE__);                                    \
    } while (0)
    attempt(function, "options=NULL", RUSTCHAT_OK, start(NULL), __FILE__, __LINE__);
    COMMAND("options=size", RUSTCHAT_EINVAL, options.struct_size--);
    COMMAND("options=reserved", RUSTCHAT_EINVAL, options.reserved[3] = 1);
    COMMAND("options=range", RUSTCHAT_EINVAL, options.time_limit_ms = -1);
    COMMAND("options=input", RUSTCHAT_EINVAL, options.input.len = 1);
    COMMAND("options=input", RUSTCHAT_EMSGSIZE, options.input.data = "x"; options.input.len = HUGE);
    COMMAND("options=environment", RUSTCHAT_EINVAL, options.environment_count = 1);
    COMMAND("options=environment", RUSTCHAT_EINVAL, options.environment = &hole; options.environment_count = 1);
#undef COMMAND
}

/* One key of the list, the second, is wrong; the ring stays as it is. */
static void try_wrong_key(const char *mistake, int32_t expected, const char *id, const char *data, size_t len)
{
    rustchat_key keys[2] = {{"right", {"x", 1}}, {NULL, {NULL, 0}}};
    keys[1].id = id;
    keys[1].secret.data = data;
    keys[1].secret.len = len;
    TRY_OUT(mistake, expected, out.len, rustchat_key_ring_replace(ring, keys, 2, &out.len));
}

static void try_replacing_keys(void)
{
    TRY_OUT("keys=NULL", RUSTCHAT_EINVAL, out.len, rustchat_key_ring_replace(ring, NULL, 1, &out.len));
    TRY_OUT("count=huge", RUSTCHAT_EMSGSIZE, out.len, rustchat_key_ring_replace(ring, (rustchat_key *)8, HUGE, &out.len));
    try_wrong_key("keys=twice", RUSTCHAT_EINVAL, "right", "y", 1);
    try_wrong_key("keys=utf8", RUSTCHAT_EUTF8, "\xff", "y", 1);
    try_wrong_key("keys=long", RUSTCHAT_EINVAL, LONG_ID, "y", 1);
    try_wrong_key("keys=secret", RUSTCHAT_EINVAL, "x", NULL, 1);
    try_wrong_key("keys=secret", RUSTCHAT_EINVAL, "x", "y", 0);
    try_wrong_key("keys=secret", RUSTCHAT_EMSGSIZE, "x", "y", HUGE);
    TRY("revoked=NULL", RUSTCHAT_OK, rustchat_key_ring_replace(ring, NULL, 0, NULL));
}

static void try_ring_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_key_ring_new(NULL));
    TRY("key_id=NULL", RUSTCHAT_OK, rustchat_key_ring_add(ring, NULL, "x", 1));
    TRY("key_id=utf8", RUSTCHAT_EUTF8, rustchat_key_ring_add(ring, "\xff", "x", 1));
    TRY("key_id=long", RUSTCHAT_EINVAL, rustchat_key_ring_add(ring, LONG_ID, "x", 1));
    TRY("secret=NULL", RUSTCHAT_EINVAL, rustchat_key_ring_add(ring, "x", NULL, 1));
    TRY("secret=empty", RUSTCHAT_EINVAL, rustchat_key_ring_add(ring, "x", "x", 0));
    TRY("len=huge", RUSTCHAT_EMSGSIZE, rustchat_key_ring_add(ring, "x", "x", HUGE));
    TRY("key_id=unknown", RUSTCHAT_EINVAL, rustchat_key_ring_remove(ring, "x"));
    TRY("key_id=utf8", RUSTCHAT_EUTF8, rustchat_key_ring_remove(ring, "\xff"));
    TRY("key_id=NULL", RUSTCHAT_OK, rustchat_key_ring_remove(ring, NULL));
    TRY("key_id=NULL", RUSTCHAT_EINVAL, rustchat_key_ring_remove(ring, NULL));
    try_replacing_keys();
    CHECK_OK(rustchat_key_ring_add(ring, "ann", "x", 1));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_key_ring_ids(ring, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_key_ring_ids(ring, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_EINVAL, rustchat_key_ring_ids(ring, out.text, sizeof out.text, NULL));
}

static void try_client_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_client_limit(client, NULL));
    try_end_arguments();
    TRY_REPORT("argv=NULL", RUSTCHAT_EINVAL, result, rustchat_command_run(client, NULL, 2, NULL, &result, -1));
    TRY_REPORT("argv=hole", RUSTCHAT_EINVAL, result, rustchat_command_run(client, HOLE, 2, NULL, &result, -1));
    TRY_REPORT("argc=0", RUSTCHAT_EINVAL, result, rustchat_command_run(client, GREET, 0, NULL, &result, -1));
    TRY_REPORT("argc=huge", RUSTCHAT_EMSGSIZE, result, rustchat_command_run(client, GREET, SIZE_MAX, NULL, &result, -1));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, result, rustchat_command_run(client, GREET, 2, NULL, &result, -2));
    TRY("result=NULL", RUSTCHAT_OK, rustchat_command_run(client, GREET, 2, NULL, NULL, PATIENCE_MS));
    result.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_command_run(client, GREET, 2, NULL, &result, -1));
#define START(mistake, expected, argv, argc, timeout_ms)                                                              \
    TRY_OUT(mistake, expected, made.command, rustchat_command_start(client, argv, argc, NULL, &made.command, timeout_ms))
    START("argv=NULL", RUSTCHAT_EINVAL, NULL, 2, -1);
    START("argv=hole", RUSTCHAT_EINVAL, HOLE, 2, -1);
    START("argc=0", RUSTCHAT_EINVAL, GREET, 0, -1);
    START("argc=huge", RUSTCHAT_EMSGSIZE, GREET, SIZE_MAX, -1);
    START("timeout_ms=-2", RUSTCHAT_EINVAL, GREET, 2, -2);
#undef START
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_start(client, GREET, 2, NULL, NULL, -1));
    TRY_VOID("result=NULL", rustchat_command_result_clear(NULL));
    result.struct_size = 8;
    TRY_VOID("out=size", rustchat_command_result_clear(&result));
}

static void try_command_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_id(command, NULL));
#define READ(mistake, expected, output, buf, cap, timeout_ms)                                                         \
    TRY_OUT(mistake, expected, out.len, rustchat_command_read(command, output, buf, cap, &out.len, timeout_ms))
    READ("output=unknown", RUSTCHAT_EINVAL, 0, out.text, 5, -1);
    READ("output=unknown", RUSTCHAT_EINVAL, 3, out.text, 5, -1);
    READ("buf=NULL", RUSTCHAT_EINVAL, RUSTCHAT_COMMAND_STDOUT, NULL, 5, -1);
    READ("cap=0", RUSTCHAT_EINVAL, RUSTCHAT_COMMAND_STDOUT, out.text, 0, -1);
    READ("timeout_ms=-2", RUSTCHAT_EINVAL, RUSTCHAT_COMMAND_STDOUT, out.text, 5, -2);
    READ("timeout_ms=0", RUSTCHAT_ETIMEDOUT, RUSTCHAT_COMMAND_STDOUT, out.text, 5, 0);
#undef READ
    TRY("len=NULL", RUSTCHAT_EINVAL, rustchat_command_read(command, RUSTCHAT_COMMAND_STDOUT, out.text, 5, NULL, -1));
    TRY_OUT("data=NULL", RUSTCHAT_EINVAL, out.len, rustchat_command_write(command, NULL, 1, &out.len, -1));
    TRY("data=empty", RUSTCHAT_OK, rustchat_command_write(command, NULL, 0, &out.len, -1));
    TRY_OUT("len=huge", RUSTCHAT_EMSGSIZE, out.len, rustchat_command_write(command, "x", HUGE, &out.len, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.len, rustchat_command_write(command, "x", 1, &out.len, -2));
    TRY("written=NULL", RUSTCHAT_OK, rustchat_command_write(command, "x", 1, NULL, PATIENCE_MS));
    TRY("output=unknown", RUSTCHAT_EINVAL, rustchat_command_close_output(command, 0));
    TRY("output=unknown", RUSTCHAT_EINVAL, rustchat_command_close_output(command, INT32_MAX));
    TRY("number=unknown", RUSTCHAT_EINVAL, rustchat_command_signal(command, 0));
    TRY("number=unknown", RUSTCHAT_EINVAL, rustchat_command_signal(command, SIGSEGV));
    TRY("number=unknown", RUSTCHAT_EINVAL, rustchat_command_signal(command, INT32_MIN));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, ended, rustchat_command_wait(command, &ended, -2));
    TRY("exit=NULL", RUSTCHAT_ETIMEDOUT, rustchat_command_wait(command, NULL, 0));
    ended.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_command_wait(command, &ended, -1));
    TRY_REPORT("data=NULL", RUSTCHAT_EINVAL, result, rustchat_command_communicate(command, NULL, 1, &result, -1));
    TRY_REPORT("len=huge", RUSTCHAT_EMSGSIZE, result, rustchat_command_communicate(command, "x", HUGE, &result, -1));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, result, rustchat_command_communicate(command, "x", 1, &result, -2));
    result.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_command_communicate(command, "x", 1, &result, -1));
    TRY_VALUE("call", rustchat_last_refusal(), == 0);
}

/* After all of it everything works as before; the command has its input and ends. */
static void check_unharmed(void)
{
    CHECK_OK(rustchat_command_run(client, GREET, 2, NULL, NULL, PATIENCE_MS));
    result = (rustchat_command_result)RUSTCHAT_COMMAND_RESULT_INIT;
    TRY("data=empty", RUSTCHAT_OK, rustchat_command_communicate(command, NULL, 0, &result, PATIENCE_MS));
    CHECK_BYTES("x", result.out);
    rustchat_command_result_clear(&result);
    TRY("result=NULL", RUSTCHAT_OK, rustchat_command_communicate(command, NULL, 0, NULL, PATIENCE_MS));
}

static void set_up(void)
{
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    const char *const cat[] = {"cat"};
    set_up_service();
    options.with_stdin = 1;
    CHECK_OK(rustchat_command_start(client, cat, 1, &options, &command, PATIENCE_MS));
}

static void tear_down(void)
{
    rustchat_command_free(command);
    tear_down_service();
}

int main(int argc, char **argv)
{
    begin_program(argc, argv, "misuse_commands");
    set_up();
    {
        const struct kind kinds[] = {KIND(ring, ring, 0), KIND(server, server, 0), KIND(client, client, 0),
                                     KIND(command, command, 0)};
        void *const all[] = {ring, server, client, command, chat};
        try_bad_kinds(kinds, 4, all, 5);
        try_server_options();
        try_client_options();
        try_command_options("rustchat_command_run()", run_with);
        try_command_options("rustchat_command_start()", start_with_options);
        try_ring_arguments();
        try_server_arguments();
        try_client_arguments();
        try_command_arguments();
        check_unharmed();
        /* Frees everything and goes on using it, also when the places of freed objects are taken again. */
        tear_down();
        try_stale_kinds(kinds, 4);
        set_up();
        try_stale_kinds(kinds, 4);
    }
    CHECK_OK(rustchat_command_run(client, GREET, 2, NULL, NULL, PATIENCE_MS));
    tear_down();
    return list ? 0 : finish();
}
