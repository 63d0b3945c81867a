/* The same as misuse.c for rings of keys and for remote commands. */

#include "misuse.h"
#include "services.h"

static rustchat_server *chat;
static rustchat_key_ring *ring;
static rustchat_command_server *server;
static rustchat_command_client *client;
static rustchat_command *command;

static struct {
    char text[64];
    size_t len;
    uint16_t port;
    int32_t state;
    uint64_t id;
    rustchat_command *command;
} out;

static rustchat_command_server_stats_data command_stats;
static rustchat_command_exit ended;
static rustchat_command_result result;

static const char *const GREET[] = {"greet", "world"};
static const char *const HOLE[] = {"greet", NULL};

static void dirty(void)
{
    const rustchat_command_server_stats_data stats_init = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    const rustchat_command_exit exit_init = RUSTCHAT_COMMAND_EXIT_INIT;
    const rustchat_command_result result_init = RUSTCHAT_COMMAND_RESULT_INIT;
    memset(&out, 0x5a, sizeof out);
    memset(&command_stats, 0x5a, sizeof command_stats);
    command_stats.struct_size = stats_init.struct_size;
    memset(&ended, 0x5a, sizeof ended);
    ended.struct_size = exit_init.struct_size;
    memset(&result, 0x5a, sizeof result);
    result.struct_size = result_init.struct_size;
}

/* Bad handles */

static void try_bad_ring(rustchat_key_ring *bad, const char *mistake)
{
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_key_ring_add(bad, "x", "x", 1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_key_ring_remove(bad, "x"));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_key_ring_ids(bad, out.text, sizeof out.text, &out.len));
    TRY_VOID(mistake, rustchat_key_ring_free(bad));
}

static void try_bad_server(rustchat_command_server *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_command_server_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_command_server_port(bad, &out.port));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, command_stats, rustchat_command_server_stats(bad, &command_stats));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_server_failure(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_server_close(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_server_close_within(bad, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_server_join(bad, -1));
    TRY_VOID(mistake, rustchat_command_server_free(bad));
}

static void try_bad_client(rustchat_command_client *bad, const char *mistake)
{
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, result, rustchat_command_run(bad, GREET, 2, NULL, &result, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.command, rustchat_command_start(bad, GREET, 2, NULL, &out.command, -1));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_command_client_limit(bad, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.state, rustchat_command_client_state(bad, &out.state));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_command_client_peer_address(bad, out.text, sizeof out.text, &out.len));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_command_client_close(bad));
    TRY_VOID(mistake, rustchat_command_client_free(bad));
}

static void try_bad_command(rustchat_command *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.id, rustchat_command_id(bad, &out.id));
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

static void try_bad_handles(void *bad, const char *const mistakes[4])
{
    try_bad_ring(bad, mistakes[0]);
    try_bad_server(bad, mistakes[1]);
    try_bad_client(bad, mistakes[2]);
    try_bad_command(bad, mistakes[3]);
}

static void try_no_handles(void)
{
    static const char *const none[] = {"ring=NULL", "server=NULL", "client=NULL", "command=NULL"};
    static const char *const garbage[] = {"ring=garbage", "server=garbage", "client=garbage", "command=garbage"};
    try_bad_handles(NULL, none);
    for (size_t i = 0; i < sizeof GARBAGE / sizeof *GARBAGE; i++) {
        try_bad_handles((void *)GARBAGE[i], garbage);
    }
}

static void try_wrong_kinds(void)
{
    static const char *const wrong[] = {"ring=wrong", "server=wrong", "client=wrong", "command=wrong"};
    void *memory[4] = {NULL, NULL, NULL, NULL};
    void *const handles[] = {ring, server, client, command};
    try_bad_handles(memory, wrong);
    try_bad_handles(chat, wrong);
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
        if (i != 0) {
            try_bad_ring(handles[i], wrong[0]);
        }
        if (i != 1) {
            try_bad_server(handles[i], wrong[1]);
        }
        if (i != 2) {
            try_bad_client(handles[i], wrong[2]);
        }
        if (i != 3) {
            try_bad_command(handles[i], wrong[3]);
        }
    }
}

/* Wrong options */

static int32_t start_server_with(const void *options)
{
    rustchat_command_server *started = (rustchat_command_server *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_command_server_start(options, &started);
    CHECK(started == NULL);
    return status;
}

static rustchat_command_client_options quick_client(void)
{
    rustchat_command_client_options options = commands_of(server);
    options.timeout_ms = 5000;
    return options;
}

static int32_t connect_client_with(const void *options)
{
    rustchat_command_client *connected = (rustchat_command_client *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_command_client_connect(options, &connected);
    CHECK(connected == NULL);
    return status;
}

static void try_server_options(void)
{
    static const rustchat_command_variable hole = {"x", NULL}, bad = {"x", "\xff"};
    rustchat_command_server_options options;
    TRY_SERVICE_FIELDS("rustchat_command_server_start", start_server_with, local_commands());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_server_start(&options, NULL));
#define SERVER(mistake, expected, assignment)                                                                         \
    TRY_FIELD("rustchat_command_server_start", start_server_with, local_commands(), mistake, expected, assignment)
    SERVER("options=enum", RUSTCHAT_EINVAL, options.survivors = 4);
    SERVER("options=enum", RUSTCHAT_EINVAL, options.survivors = -1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.workers = 1025);
    SERVER("options=range", RUSTCHAT_EINVAL, options.ping_timeout_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.command_limit = 65536);
    SERVER("options=range", RUSTCHAT_EINVAL, options.outbox_limit = 1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.kill_grace_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.longest_timeout_ms = 1);
    SERVER("options=anonymous", RUSTCHAT_EINVAL, options.allow_anonymous = 1);
    SERVER("options=address", RUSTCHAT_EINVAL, options.address = "0.0.0.0:0");
    SERVER("options=reserved", RUSTCHAT_EINVAL, options.reserved_limit = 1);
    SERVER("options=cgroup", RUSTCHAT_EIO, options.cgroup = "/nowhere");
    SERVER("options=shell", RUSTCHAT_EINVAL, options.shell = "sh");
    SERVER("options=keys", RUSTCHAT_EINVAL, options.keys = ring);
    SERVER("options=keys", RUSTCHAT_EHANDLE, options.keys = (void *)chat; options.secret.len = 0);
    SERVER("options=server_id", RUSTCHAT_EINVAL, options.server_id = LONG_ID);
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
#undef SERVER
}

static void try_client_options(void)
{
    rustchat_command_client_options options;
    TRY_SERVICE_FIELDS("rustchat_command_client_connect", connect_client_with, quick_client());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_client_connect(&options, NULL));
#define CLIENT(mistake, expected, assignment)                                                                         \
    TRY_FIELD("rustchat_command_client_connect", connect_client_with, quick_client(), mistake, expected, assignment)
    CLIENT("options=reserved", RUSTCHAT_EINVAL, options.reserved_plaintext = 1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.timeout_ms = -1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.ping_timeout_ms = -1);
#undef CLIENT
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

/* Wrong arguments */

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
    CHECK_OK(rustchat_key_ring_add(ring, "ann", "x", 1));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_key_ring_ids(ring, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_key_ring_ids(ring, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_EINVAL, rustchat_key_ring_ids(ring, out.text, sizeof out.text, NULL));
}

static void try_server_arguments(void)
{
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_command_server_address(server, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_command_server_address(server, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_command_server_address(server, out.text, sizeof out.text, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_server_port(server, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_server_stats(server, NULL));
    command_stats.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_command_server_stats(server, &command_stats));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_command_server_join(server, -2));
    TRY("timeout_ms=0", RUSTCHAT_ETIMEDOUT, rustchat_command_server_join(server, 0));
    TRY("drain_ms=-2", RUSTCHAT_EINVAL, rustchat_command_server_close_within(server, -2));
}

static void try_client_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_client_limit(client, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_command_client_state(client, NULL));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_command_client_peer_address(client, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_command_client_peer_address(client, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_command_client_peer_address(client, out.text, sizeof out.text, NULL));
    TRY_REPORT("argv=NULL", RUSTCHAT_EINVAL, result, rustchat_command_run(client, NULL, 2, NULL, &result, -1));
    TRY_REPORT("argv=hole", RUSTCHAT_EINVAL, result, rustchat_command_run(client, HOLE, 2, NULL, &result, -1));
    TRY_REPORT("argc=0", RUSTCHAT_EINVAL, result, rustchat_command_run(client, GREET, 0, NULL, &result, -1));
    TRY_REPORT("argc=huge", RUSTCHAT_EMSGSIZE, result, rustchat_command_run(client, GREET, SIZE_MAX, NULL, &result, -1));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, result, rustchat_command_run(client, GREET, 2, NULL, &result, -2));
    TRY("result=NULL", RUSTCHAT_OK, rustchat_command_run(client, GREET, 2, NULL, NULL, PATIENCE_MS));
    result.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_command_run(client, GREET, 2, NULL, &result, -1));
#define START(mistake, expected, argv, argc, timeout_ms)                                                              \
    TRY_OUT(mistake, expected, out.command, rustchat_command_start(client, argv, argc, NULL, &out.command, timeout_ms))
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
    rustchat_command_server_options serving = local_commands();
    rustchat_command_client_options connecting;
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    const char *const cat[] = {"cat"};
    chat = start_line_server();
    CHECK_OK(rustchat_key_ring_new(&ring));
    server = start_commands(&serving);
    connecting = commands_of(server);
    client = connect_commands(&connecting);
    options.with_stdin = 1;
    CHECK_OK(rustchat_command_start(client, cat, 1, &options, &command, PATIENCE_MS));
}

static void tear_down(void)
{
    rustchat_key_ring_free(ring);
    rustchat_command_free(command);
    rustchat_command_client_free(client);
    rustchat_command_server_free(server);
    rustchat_server_free(chat);
}

/* Frees everything and goes on using it, also when the places of freed objects are taken again. */
static void try_stale_handles(void)
{
    static const char *const stale[] = {"ring=stale", "server=stale", "client=stale", "command=stale"};
    void *const old[] = {ring, server, client, command};
    tear_down();
    for (int again = 0; again < 2; again++) {
        try_bad_ring(old[0], stale[0]);
        try_bad_server(old[1], stale[1]);
        try_bad_client(old[2], stale[2]);
        try_bad_command(old[3], stale[3]);
        if (again == 0) {
            set_up();
        }
    }
    CHECK_OK(rustchat_command_run(client, GREET, 2, NULL, NULL, PATIENCE_MS));
}

int main(int argc, char **argv)
{
    list = argc > 1 && strcmp(argv[1], "--list") == 0;
    current_test = "misuse_commands";
    watchdog(60);
    set_up();
    try_no_handles();
    try_wrong_kinds();
    try_server_options();
    try_client_options();
    try_command_options("rustchat_command_run()", run_with);
    try_command_options("rustchat_command_start()", start_with_options);
    try_ring_arguments();
    try_server_arguments();
    try_client_arguments();
    try_command_arguments();
    check_unharmed();
    try_stale_handles();
    tear_down();
    return list ? 0 : finish();
}
