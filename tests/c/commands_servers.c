/* Servers of remote commands: their limits, keys and TLS, and what does not start. */

#include "commanding.h"

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
    EVENTUALLY(run("count", "3", NULL, NULL) == RUSTCHAT_ECLOSED);
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
    watchdog(300);
    RUN(test_limits);
    RUN(test_keys);
    RUN(test_tls_by_the_secret_alone);
    RUN(test_what_cannot_work_does_not_start);
    return finish();
}
