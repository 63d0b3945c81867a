/* A server of remote commands and a client of it, for the programs that run some. */

#ifndef COMMANDING_H
#define COMMANDING_H

#include "services.h"

static rustchat_command_server *server;
static rustchat_command_client *client;

static inline void set_up(const rustchat_command_server_options *options)
{
    rustchat_command_client_options connecting;
    server = start_commands(options);
    connecting = commands_of(server);
    client = connect_commands(&connecting);
}

static inline void tear_down(void)
{
    rustchat_command_client_free(client);
    CHECK_OK(rustchat_command_server_close_within(server, PATIENCE_MS));
    CHECK_OK(rustchat_command_server_join(server, PATIENCE_MS));
    CHECK_OK(rustchat_command_server_failure(server));
    rustchat_command_server_free(server);
}

static inline int says(const char *words)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    return strstr(error.message, words) != NULL;
}

static inline rustchat_command *start(const char *name, const char *argument, const rustchat_command_options *options)
{
    const char *argv[2];
    rustchat_command *command = NULL;
    argv[0] = name;
    argv[1] = argument;
    CHECK_OK(rustchat_command_start(client, argv, argument != NULL ? 2 : 1, options, &command, PATIENCE_MS));
    CHECK(command != NULL);
    return command;
}

static inline int32_t run(const char *name, const char *argument, const rustchat_command_options *options,
                   rustchat_command_result *result)
{
    const char *argv[2];
    argv[0] = name;
    argv[1] = argument;
    return rustchat_command_run(client, argv, argument != NULL ? 2 : 1, options, result, PATIENCE_MS);
}

static inline rustchat_command_server_stats_data numbers(void)
{
    rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    CHECK_OK(rustchat_command_server_stats(server, &stats));
    return stats;
}

#endif
