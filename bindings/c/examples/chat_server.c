/* A chat server that tells what happens in its room.
 *
 *   chat_server [ADDRESS]      default 127.0.0.1:60000; then: nc 127.0.0.1 60000
 *
 * Ctrl-C stops it: members are told, what is queued for them goes out, and the program ends by itself. Who does not want
 * to wait for members that do not read presses it again. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <rustchat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

static void tell(const rustchat_event *event)
{
    rustchat_bytes address = rustchat_message_sender_address(event->message);
    rustchat_bytes text = rustchat_message_bytes(event->message);
    switch (event->kind) {
    case RUSTCHAT_EVENT_LISTENING:
        printf("listening on %.*s\n", (int)address.len, (const char *)address.data);
        break;
    case RUSTCHAT_EVENT_OVERFLOW:
        printf("%llu events were lost\n", (unsigned long long)event->count);
        break;
    default:
        printf("%s %llu %.*s %.*s\n", rustchat_event_name(event->kind), (unsigned long long)event->peer,
               (int)address.len, (const char *)address.data, (int)text.len, (const char *)text.data);
    }
    fflush(stdout);
}

/* The library leaves signals alone, so this thread of the program waits for them and wakes the one that polls. */
static void *await_signal(void *argument)
{
    sigset_t signals;
    int number;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigwait(&signals, &number);
    if (rustchat_server_wake(argument) != RUSTCHAT_OK)
        die("wake");
    sigwait(&signals, &number);
    rustchat_server_close_within(argument, 0);
    return NULL;
}

static void block_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void serve(rustchat_server *server)
{
    rustchat_event events[64];
    size_t count;
    for (;;) {
        rustchat_status status = rustchat_server_poll(server, events, 64, &count, -1);
        if (status == RUSTCHAT_EINTR) /* the signal's thread has woken us */
            rustchat_server_close(server);
        else if (status == RUSTCHAT_ECLOSED) /* the last event was taken */
            return;
        else if (status != RUSTCHAT_OK)
            die("poll");
        for (size_t i = 0; i < count; i++)
            tell(&events[i]);
        rustchat_events_clear(events, count);
    }
}

int main(int argc, char **argv)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_server *server;
    pthread_t thread;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION) {
        fprintf(stderr, "rustchat %s has another ABI than its header\n", rustchat_version());
        return 1;
    }
    options.address = argc > 1 ? argv[1] : "127.0.0.1:60000";
    block_signals();
    if (rustchat_server_start(&options, &server) != RUSTCHAT_OK)
        die("start");
    if (pthread_create(&thread, NULL, await_signal, server) != 0)
        return 1;
    serve(server);
    pthread_cancel(thread); /* it still waits for a signal, most likely */
    pthread_join(thread, NULL);
    if (rustchat_server_stats(server, &stats) == RUSTCHAT_OK)
        printf("%llu members, %llu messages\n", (unsigned long long)stats.joined, (unsigned long long)stats.messages);
    rustchat_server_free(server);
    return 0;
}
