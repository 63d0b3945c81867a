/* A chat server with callbacks: it greets, answers "who", lets nobody say "spam", and obeys "kick ID" from this machine.
 *
 *   moderated_server [ADDRESS]      default 127.0.0.1:60000; Ctrl-C stops it */
#define _POSIX_C_SOURCE 200809L
#include <rustchat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the callbacks know. They run one at a time, so they need no lock; `server` is set before anybody can join. */
struct room {
    rustchat_server *server;
    rustchat_message *greeting;
};

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

static void complain(const char *what, rustchat_status status)
{
    if (status != RUSTCHAT_OK)
        fprintf(stderr, "%s: %s\n", what, rustchat_status_message(status));
}

static void log_record(void *userdata, int32_t level, const char *target, const char *message)
{
    static const char *const names[] = {"?", "error", "warn", "info", "debug", "trace"};
    fprintf(userdata, "[%s] %s: %s\n", level > 0 && level < 6 ? names[level] : names[0], target, message);
}

static int32_t let_in(void *userdata, const rustchat_peer_info *peer)
{
    (void)userdata;
    printf("%s wants in\n", peer->address);
    return strncmp(peer->address, "10.6.6.", 7) == 0; /* not 0 keeps it out */
}

static int32_t drop_spam(void *userdata, const rustchat_event *event)
{
    rustchat_bytes text = rustchat_message_bytes(event->message);
    (void)userdata;
    return text.len == 4 && memcmp(text.data, "spam", 4) == 0; /* not 0 drops it */
}

static void tell_who(struct room *room, rustchat_peer_id peer)
{
    rustchat_peer_id ids[32];
    size_t count;
    if (rustchat_server_peers(room->server, ids, 32, &count) != RUSTCHAT_OK)
        return; /* more than fit: too many to list */
    for (size_t i = 0; i < count; i++) {
        rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
        char name[136], line[320];
        if (rustchat_server_peer_info(room->server, ids[i], &info) != RUSTCHAT_OK ||
            rustchat_server_peer_name(room->server, ids[i], name, sizeof name, NULL) != RUSTCHAT_OK)
            continue; /* gone meanwhile */
        int length = snprintf(line, sizeof line, "%llu %s %s", (unsigned long long)ids[i], info.address, name);
        complain("answer", rustchat_server_send(room->server, peer, line, (size_t)length));
    }
}

static void obey(struct room *room, const rustchat_event *event)
{
    rustchat_bytes text = rustchat_message_bytes(event->message);
    rustchat_peer_id sender = rustchat_message_sender(event->message);
    char line[32] = "";
    if (text.len < sizeof line)
        memcpy(line, text.data, text.len);
    if (strcmp(line, "who") == 0)
        tell_who(room, sender);
    else if (strncmp(line, "kick ", 5) == 0)
        complain("kick", rustchat_server_disconnect(room->server, strtoull(line + 5, NULL, 10), RUSTCHAT_ECLOSED));
}

static int32_t filter(void *userdata, const rustchat_event *event)
{
    obey(userdata, event);
    return drop_spam(userdata, event);
}

static void on_event(void *userdata, const rustchat_event *event)
{
    struct room *room = userdata;
    if (event->kind == RUSTCHAT_EVENT_PEER_JOINED)
        complain("greet", rustchat_server_send_message(room->server, event->peer, room->greeting));
    printf("%llu.%03llu %s %llu\n", (unsigned long long)(event->timestamp_ns / 1000000000),
           (unsigned long long)(event->timestamp_ns / 1000000 % 1000), rustchat_event_name(event->kind),
           (unsigned long long)event->peer);
    fflush(stdout);
}

static void on_drop(void *userdata)
{
    struct room *room = userdata; /* nobody uses it any more */
    rustchat_message_release(room->greeting);
}

/* The library leaves signals alone: the program waits for them where it likes. */
static void await_signal(sigset_t *signals)
{
    int number;
    sigwait(signals, &number);
}

int main(int argc, char **argv)
{
    static const char greeting[] = "say who to see who is here";
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_log_options log = RUSTCHAT_LOG_OPTIONS_INIT;
    struct room room;
    rustchat_message *farewell;
    rustchat_delivery delivery;
    sigset_t signals;
    uint16_t port;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION || rustchat_version_number() < RUSTCHAT_VERSION_NUMBER)
        return 1;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    log.userdata = stderr;
    log.on_record = log_record;
    if (rustchat_log_set(&log) != RUSTCHAT_OK)
        die("log");
    if (rustchat_message_new(greeting, sizeof greeting - 1, &room.greeting) != RUSTCHAT_OK)
        die("message");
    farewell = rustchat_message_retain(room.greeting); /* on_drop ends the other reference */
    options.address = argc > 1 ? argv[1] : NULL;
    options.userdata = &room;
    options.on_event = on_event;
    options.authorize = let_in;
    options.filter = filter;
    options.on_drop = on_drop;
    if (rustchat_server_start(&options, &room.server) != RUSTCHAT_OK)
        die("start");
    if (rustchat_server_port(room.server, &port) == RUSTCHAT_OK)
        printf("nc 127.0.0.1 %u\n", (unsigned)port);
    fflush(stdout);
    await_signal(&signals);
    if (rustchat_server_broadcast_message(room.server, farewell, 0, &delivery) == RUSTCHAT_OK)
        printf("told %llu members once more\n", (unsigned long long)delivery.queued);
    complain("bye", rustchat_server_broadcast(room.server, "bye", 3, 0, NULL));
    rustchat_message_release(farewell);
    rustchat_server_close(room.server);
    complain("join", rustchat_server_join(room.server, 10000));
    rustchat_server_free(room.server);
    return rustchat_log_set(NULL) != RUSTCHAT_OK;
}
