/* One thread for many connections: poll(2) over the connections of a listener with a secret, echoing every message.
 *
 *   poll_server [PORT]      prints where it listens; then: ECHO_KEY_ID=ann echo_auth call 127.0.0.1 PORT 64 1 */
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
#include <rustchat.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

static volatile sig_atomic_t stopped;

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

/* Answers every message that is there; one read may have brought several. false when the peer is gone. */
static bool answer(rustchat_connection *connection)
{
    rustchat_message *message;
    rustchat_status status;
    while ((status = rustchat_connection_recv(connection, &message, 0)) == RUSTCHAT_OK) {
        status = rustchat_connection_send_message(connection, message, 1000);
        rustchat_message_release(message);
        if (status != RUSTCHAT_OK)
            return false;
    }
    return status == RUSTCHAT_ETIMEDOUT;
}

static size_t take_in(rustchat_listener *listener, rustchat_connection **connections, struct pollfd *polled, size_t count)
{
    char key[65];
    while (count < MOST && rustchat_listener_accept(listener, &connections[count], 0) == RUSTCHAT_OK) {
        if (rustchat_connection_key_id(connections[count], key, sizeof key, NULL) != RUSTCHAT_OK ||
            rustchat_connection_fd(connections[count], &polled[count].fd) != RUSTCHAT_OK)
            die("accept");
        polled[count].events = POLLIN;
        polled[count].revents = POLLIN; /* something may have come with the handshake */
        fprintf(stderr, "the holder of key '%s' came\n", key);
        count++;
    }
    return count;
}

static void serve(rustchat_listener *listener)
{
    rustchat_connection *connections[MOST];
    struct pollfd polled[MOST];
    size_t count = 0;
    while (!stopped) {
        /* Newcomers are looked for twenty times a second, and after every message. */
        if (poll(polled, (nfds_t)count, 50) < 0)
            continue;
        count = take_in(listener, connections, polled, count);
        for (size_t i = 0; i < count;) {
            if (!polled[i].revents || answer(connections[i])) {
                polled[i++].revents = 0;
                continue;
            }
            rustchat_connection_free(connections[i]);
            connections[i] = connections[--count];
            polled[i] = polled[count];
        }
    }
    while (count > 0)
        rustchat_connection_free(connections[--count]);
}

int main(int argc, char **argv)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_listener *listener;
    struct sigaction action;
    char address[64];
    uint16_t port;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        return 1;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    snprintf(address, sizeof address, "127.0.0.1:%s", argc > 1 ? argv[1] : "0");
    options.address = address;
    options.secret.data = "correct horse battery staple";
    options.secret.len = strlen(options.secret.data);
    options.key_id = "ann";
    if (rustchat_listener_open(&options, &listener) != RUSTCHAT_OK)
        die("listen");
    if (rustchat_listener_port(listener, &port) != RUSTCHAT_OK)
        die("port");
    printf("listening on 127.0.0.1:%u\n", (unsigned)port);
    fflush(stdout);
    serve(listener);
    rustchat_listener_free(listener);
    return 0;
}
