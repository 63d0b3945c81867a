/* Servers of remote commands and of files, and clients of theirs. */

#ifndef SERVICES_H
#define SERVICES_H

#include <ftw.h>
#include <sys/stat.h>

#include "harness.h"

static const char SERVICE_SECRET[] = "correct horse battery staple";

/* What these servers run. */
static inline rustchat_command_server_options local_commands(void)
{
    static const char *const colours[] = {"red", "green"};
    static const rustchat_command_word echo[] = {RUSTCHAT_COMMAND_LITERAL("hello"), RUSTCHAT_COMMAND_WORD(20)};
    static const rustchat_command_word count[] = {RUSTCHAT_COMMAND_INT(1, 2000000)};
    static const rustchat_command_word paint[] = {RUSTCHAT_COMMAND_CHOICE(colours, 2)};
    static const rustchat_command_word script[] = {RUSTCHAT_COMMAND_LITERAL("-c"), RUSTCHAT_COMMAND_TEXT(200)};
    static const rustchat_command_word rest = RUSTCHAT_COMMAND_CHARACTERS("a-z", 5);
    static rustchat_command_template commands[7];
    rustchat_command_server_options options = RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT;
    const rustchat_command_template fresh = RUSTCHAT_COMMAND_TEMPLATE_INIT;
    static const char *const names[] = {"greet", "count", "paint", "sh", "cat", "words", "missing"};
    static const char *const programs[] = {"/bin/echo", "/usr/bin/seq", "/bin/echo", "/bin/sh",
                                           "/bin/cat",  "/bin/echo",    "/nowhere/program"};
    for (size_t i = 0; i < 7; i++) {
        commands[i] = fresh;
        commands[i].name = names[i];
        commands[i].program = programs[i];
    }
    commands[0].words = echo;
    commands[0].word_count = 2;
    commands[1].words = count;
    commands[1].word_count = 1;
    commands[1].without_input = 1;
    commands[2].words = paint;
    commands[2].word_count = 1;
    commands[3].words = script;
    commands[3].word_count = 2;
    commands[5].rest = &rest;
    commands[5].rest_limit = 3;
    options.address = own_address();
    options.secret = bytes_of(SERVICE_SECRET);
    options.commands = commands;
    options.command_count = 7;
    options.handshake_timeout_ms = PATIENCE_MS;
    options.workers = 1;
    return options;
}

static inline rustchat_command_server *start_commands(const rustchat_command_server_options *options)
{
    rustchat_command_server *server = NULL;
    CHECK_OK(rustchat_command_server_start(options, &server));
    CHECK(server != NULL);
    return server;
}

static inline rustchat_command_client_options commands_of(rustchat_command_server *server)
{
    static char address[128];
    rustchat_command_client_options options = RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT;
    CHECK_OK(rustchat_command_server_address(server, address, sizeof address, NULL));
    options.address = address;
    options.secret = bytes_of(SERVICE_SECRET);
    options.timeout_ms = HANDSHAKE_MS;
    return options;
}

static inline rustchat_command_client *connect_commands(const rustchat_command_client_options *options)
{
    rustchat_command_client *client = NULL;
    CHECK_OK(rustchat_command_client_connect(options, &client));
    CHECK(client != NULL);
    return client;
}

/* Folders of the test's own, for servers and for what clients have; gone when the program ends. */

static char service_folder[64];

static inline int remove_entry(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)found;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void remove_service_folder(void)
{
    nftw(service_folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of a file or a folder there; good until the eighth call from here on. */
static inline const char *own_path(const char *name)
{
    static char paths[8][128];
    static unsigned int next;
    char *path = paths[next++ % 8];
    if (service_folder[0] == '\0') {
        snprintf(service_folder, sizeof service_folder, "/tmp/rustchat-c-%ld-XXXXXX", (long)getpid());
        CHECK(mkdtemp(service_folder) != NULL);
        atexit(remove_service_folder);
    }
    snprintf(path, sizeof *paths, "%.60s/%.60s", service_folder, name);
    return path;
}

static inline const char *make_folder(const char *name)
{
    const char *path = own_path(name);
    CHECK(mkdir(path, 0700) == 0 || errno == EEXIST);
    return path;
}

static inline const char *make_file(const char *name, size_t size)
{
    const char *path = own_path(name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL);
    for (size_t i = 0; i < size; i++) {
        CHECK(fputc((int)('a' + i % 26), file) != EOF);
    }
    CHECK(fclose(file) == 0);
    return path;
}

static inline rustchat_file_server_options local_files(void)
{
    rustchat_file_server_options options = RUSTCHAT_FILE_SERVER_OPTIONS_INIT;
    options.address = own_address();
    options.root = make_folder("root");
    options.secret = bytes_of(SERVICE_SECRET);
    options.handshake_timeout_ms = PATIENCE_MS;
    options.stall_timeout_ms = 10 * PATIENCE_MS;
    options.workers = 1;
    /* The disk of a test need not live through a power cut. */
    options.durable = -1;
    return options;
}

static inline rustchat_file_server *start_files(const rustchat_file_server_options *options)
{
    rustchat_file_server *server = NULL;
    CHECK_OK(rustchat_file_server_start(options, &server));
    CHECK(server != NULL);
    return server;
}

static inline rustchat_file_client_options files_of(rustchat_file_server *server)
{
    static char address[128];
    rustchat_file_client_options options = RUSTCHAT_FILE_CLIENT_OPTIONS_INIT;
    CHECK_OK(rustchat_file_server_address(server, address, sizeof address, NULL));
    options.address = address;
    options.secret = bytes_of(SERVICE_SECRET);
    options.timeout_ms = HANDSHAKE_MS;
    return options;
}

static inline rustchat_file_client *connect_files(const rustchat_file_client_options *options)
{
    rustchat_file_client *client = NULL;
    CHECK_OK(rustchat_file_client_connect(options, &client));
    CHECK(client != NULL);
    return client;
}

#endif
