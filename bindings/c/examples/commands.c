/* Remote commands of a list, for whoever has the secret.
 *
 *   commands serve SECRET [ADDRESS]             default 127.0.0.1:0; serves until its input ends
 *   commands run SECRET ADDRESS NAME [WORD...]  gathers what it writes, and ends as it does
 *   commands pipe SECRET ADDRESS NAME [WORD...] its input is ours, its output comes as it is written
 *
 * The list: greet WORD, count NUMBER, sort. */
#include <pthread.h>
#include <rustchat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void complain(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
}

static void die(const char *what)
{
    complain(what);
    exit(125);
}

static rustchat_bytes text(const char *string)
{
    rustchat_bytes bytes;
    bytes.data = string;
    bytes.len = strlen(string);
    return bytes;
}

static int serve(const char *secret, const char *address)
{
    static const rustchat_command_word greeting[] = {RUSTCHAT_COMMAND_LITERAL("hello"), RUSTCHAT_COMMAND_WORD(20)};
    static const rustchat_command_word counting[] = {RUSTCHAT_COMMAND_INT(1, 1000)};
    rustchat_command_template list[] = {RUSTCHAT_COMMAND_TEMPLATE_INIT, RUSTCHAT_COMMAND_TEMPLATE_INIT,
                                        RUSTCHAT_COMMAND_TEMPLATE_INIT};
    rustchat_command_server_options options = RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT;
    rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    rustchat_command_server *server;
    char listening[128];

    list[0].name = "greet";
    list[0].program = "/bin/echo";
    list[0].words = greeting;
    list[0].word_count = 2;
    list[1].name = "count";
    list[1].program = "/usr/bin/seq";
    list[1].words = counting;
    list[1].word_count = 1;
    list[1].without_input = 1;
    list[2].name = "sort";
    list[2].program = "/usr/bin/sort";
    options.address = address;
    options.secret = text(secret);
    options.commands = list;
    options.command_count = 3;
    if (rustchat_command_server_start(&options, &server) != RUSTCHAT_OK ||
        rustchat_command_server_address(server, listening, sizeof listening, NULL) != RUSTCHAT_OK)
        die("start");
    printf("listening on %s\n", listening);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (rustchat_command_server_stats(server, &stats) == RUSTCHAT_OK)
        printf("%llu commands, %llu refused\n", (unsigned long long)stats.started, (unsigned long long)stats.refused);
    rustchat_command_server_free(server);
    return 0;
}

/* As a shell tells it: the code, or 128 and the signal. */
static int code_of(const rustchat_command_exit *end)
{
    return end->code >= 0 ? end->code : 128 + end->signal;
}

static int run(rustchat_command_client *client, const char *const *words, size_t count)
{
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    rustchat_status status = rustchat_command_run(client, words, count, NULL, &result, 60000);
    int code = status == RUSTCHAT_OK ? code_of(&result.exit) : 125;
    if (status != RUSTCHAT_OK)
        complain(words[0]);
    if (rustchat_last_refusal() == RUSTCHAT_COMMAND_REFUSED_UNKNOWN)
        code = 127;
    /* Also of a command that has failed there is what it wrote. */
    fwrite(result.out.data, 1, result.out.len, stdout);
    fwrite(result.err.data, 1, result.err.len, stderr);
    rustchat_command_result_clear(&result);
    return code;
}

/* Gives our input to the command, on a thread of its own: so neither direction waits for the other. */
static void *feed(void *command)
{
    char buffer[4096];
    size_t length;
    while ((length = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        /* A command that reads no more has had enough, which is its own affair. */
        if (rustchat_command_write(command, buffer, length, NULL, -1) != RUSTCHAT_OK)
            break;
    }
    if (rustchat_command_close_stdin(command) != RUSTCHAT_OK)
        complain("close");
    return NULL;
}

static int pipe_through(rustchat_command_client *client, const char *const *words, size_t count)
{
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_exit end = RUSTCHAT_COMMAND_EXIT_INIT;
    rustchat_command *command;
    pthread_t feeder;
    char buffer[4096];
    size_t length;

    options.with_stdin = options.merge_stderr = 1;
    if (rustchat_command_start(client, words, count, &options, &command, 10000) != RUSTCHAT_OK)
        die(words[0]);
    if (pthread_create(&feeder, NULL, feed, command) != 0)
        return 125;
    while (rustchat_command_read(command, RUSTCHAT_COMMAND_STDOUT, buffer, sizeof buffer, &length, -1) == RUSTCHAT_OK &&
           length > 0) {
        fwrite(buffer, 1, length, stdout);
        fflush(stdout);
    }
    if (rustchat_command_wait(command, &end, -1) != RUSTCHAT_OK)
        die("wait");
    pthread_join(feeder, NULL);
    rustchat_command_free(command);
    return code_of(&end);
}

int main(int argc, char **argv)
{
    rustchat_command_client_options options = RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT;
    rustchat_command_client *client;
    int code;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        return 1;
    if (argc > 2 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2], argc > 3 ? argv[3] : "127.0.0.1:0");
    if (argc < 5) {
        fprintf(stderr, "usage: commands serve|run|pipe SECRET [ADDRESS [NAME WORD...]]\n");
        return 2;
    }
    options.secret = text(argv[2]);
    options.address = argv[3];
    if (rustchat_command_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    code = strcmp(argv[1], "run") == 0 ? run(client, (const char *const *)argv + 4, (size_t)argc - 4)
                                       : pipe_through(client, (const char *const *)argv + 4, (size_t)argc - 4);
    rustchat_command_client_free(client);
    return code;
}
