/* A chat bot in plain blocking style: it repeats, to the room, what anybody says behind "repeat ", and tells the time.
 *
 *   bot [ADDRESS]      default 127.0.0.1:60000; Ctrl-C stops it */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <rustchat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

static sigset_t stop_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

static void *await_signal(void *client)
{
    sigset_t signals = stop_signals();
    int number;
    sigwait(&signals, &number);
    if (rustchat_client_wake(client) != RUSTCHAT_OK) /* the one that receives looks up */
        die("wake");
    return NULL;
}

static void repeat(rustchat_client *client, const char *text, size_t length)
{
    rustchat_message *message;
    if (rustchat_message_new(text, length, &message) != RUSTCHAT_OK)
        die("message");
    rustchat_status status = rustchat_client_send_message(client, message, 5000);
    if (status != RUSTCHAT_OK && status != RUSTCHAT_EUTF8)
        die("send");
    rustchat_message_release(message);
}

static void answer(rustchat_client *client, const rustchat_message *message)
{
    rustchat_bytes text = rustchat_message_bytes(message);
    char line[64];
    if (text.len > 7 && memcmp(text.data, "repeat ", 7) == 0) {
        repeat(client, (const char *)text.data + 7, text.len - 7);
    } else if (text.len == 4 && memcmp(text.data, "time", 4) == 0) {
        unsigned long long seconds = rustchat_message_timestamp_ns(message) / 1000000000;
        int length = snprintf(line, sizeof line, "%llu seconds since 1970", seconds);
        if (rustchat_client_send(client, line, (size_t)length, 5000) != RUSTCHAT_OK)
            die("send");
    }
}

/* Throws away what was said before us: it is not for a bot. */
static void skip(rustchat_client *client)
{
    char text[256];
    size_t length;
    rustchat_status status;
    do
        status = rustchat_client_recv_into(client, text, sizeof text, &length, 0);
    while (status == RUSTCHAT_OK);
    if (status == RUSTCHAT_EBUFSIZE)
        fprintf(stderr, "a message of %zu bytes waits\n", length);
}

int main(int argc, char **argv)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client;
    rustchat_message *message;
    rustchat_status status;
    sigset_t signals = stop_signals();
    pthread_t thread;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION || !(rustchat_features() & RUSTCHAT_FEATURE_CHAT))
        return 1;
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    options.address = argc > 1 ? argv[1] : NULL;
    if (rustchat_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    skip(client);
    if (pthread_create(&thread, NULL, await_signal, client) != 0)
        return 1;
    while ((status = rustchat_client_recv(client, &message, -1)) == RUSTCHAT_OK) {
        answer(client, message);
        rustchat_message_release(message);
    }
    if (status != RUSTCHAT_EINTR) {
        fprintf(stderr, "the server is gone: %s\n", rustchat_status_message(status));
        pthread_kill(thread, SIGTERM); /* its wait has no end otherwise */
    }
    pthread_join(thread, NULL);
    rustchat_client_free(client);
    return 0;
}
