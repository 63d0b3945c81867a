/* A listener, and both ends of a connection, for the programs that are about these. */

#ifndef CONNECTING_H
#define CONNECTING_H

#include "harness.h"

#define SECRET "correct horse battery staple"

struct pair {
    rustchat_listener *listener;
    rustchat_connection *client, *server;
};

static inline rustchat_listener_options local_listener(void)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    options.address = own_address();
    return options;
}

static inline rustchat_listener *open_listener(const rustchat_listener_options *options)
{
    rustchat_listener *listener = NULL;
    CHECK_OK(rustchat_listener_open(options, &listener));
    CHECK(listener != NULL);
    return listener;
}

static inline int32_t try_connect(rustchat_listener *listener, rustchat_connection_options *options,
                           rustchat_connection **connection)
{
    char address[128];
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    options->address = address;
    return rustchat_connection_open(options, connection);
}

static inline void accept_one(rustchat_listener *listener, rustchat_connection **connection)
{
    CHECK_OK(rustchat_listener_accept(listener, connection, PATIENCE_MS));
    CHECK(*connection != NULL);
}

static inline struct pair make_pair(int32_t framing)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    struct pair pair;
    listening.framing = framing;
    options.framing = framing;
    pair.listener = open_listener(&listening);
    CHECK_OK(try_connect(pair.listener, &options, &pair.client));
    accept_one(pair.listener, &pair.server);
    return pair;
}

static inline void free_pair(struct pair pair)
{
    rustchat_connection_free(pair.client);
    rustchat_connection_free(pair.server);
    rustchat_listener_free(pair.listener);
}

static inline void send_text(rustchat_connection *connection, const char *text)
{
    CHECK_OK(rustchat_connection_send(connection, text, strlen(text), PATIENCE_MS));
}

static inline void receive_text(rustchat_connection *connection, const char *text)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_connection_recv(connection, &message, PATIENCE_MS));
    CHECK_BYTES(text, rustchat_message_bytes(message));
    rustchat_message_release(message);
}

#endif
