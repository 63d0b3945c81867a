/* Echo of whole messages between two programs that share a secret.
 *
 *   echo_auth serve [PORT]                    one thread a connection, until Ctrl-C
 *   echo_auth call HOST PORT SIZE SECONDS     prints {"round_trips": N, "seconds": S}
 *
 * The secret is taken from ECHO_SECRET, "" means none; the id of the caller's key from ECHO_KEY_ID. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <rustchat.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 16 << 20, SEATS = 64 };

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

static rustchat_bytes secret(void)
{
    const char *text = getenv("ECHO_SECRET");
    rustchat_bytes bytes;
    bytes.data = text ? text : "correct horse battery staple";
    bytes.len = strlen(bytes.data);
    return bytes;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* One connection and the thread that answers it. */
struct seat {
    pthread_t thread;
    rustchat_connection *connection;
};

static void *answer(void *argument)
{
    rustchat_connection *connection = argument;
    char peer[128], *room = malloc(LONGEST);
    rustchat_bytes messages[256];
    size_t count;
    if (room && rustchat_connection_peer_address(connection, peer, sizeof peer, NULL) == RUSTCHAT_OK) {
        fprintf(stderr, "%s came\n", peer);
        /* Whatever has come by now goes back at once. */
        while (rustchat_connection_recv_many(connection, room, LONGEST, messages, 256, &count, -1) == RUSTCHAT_OK &&
               rustchat_connection_send_many(connection, messages, count, NULL, -1) == RUSTCHAT_OK)
            ;
        fprintf(stderr, "%s is gone\n", peer);
    }
    rustchat_connection_close(connection);
    free(room);
    return NULL;
}

/* The library leaves signals alone: this thread waits for them and ends the accepting. */
static void *await_signal(void *listener)
{
    sigset_t signals;
    int number;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigwait(&signals, &number);
    rustchat_listener_close(listener);
    return NULL;
}

static void leave(struct seat *seat)
{
    if (!seat->connection)
        return;
    rustchat_connection_close(seat->connection);
    pthread_join(seat->thread, NULL);
    rustchat_connection_free(seat->connection);
    seat->connection = NULL;
}

static void serve(const char *port)
{
    static struct seat seats[SEATS];
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_listener *listener;
    rustchat_connection *connection;
    char address[128];
    sigset_t signals;
    pthread_t thread;
    size_t next = 0;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    snprintf(address, sizeof address, "127.0.0.1:%s", port);
    options.address = address;
    options.secret = secret();
    if (rustchat_listener_open(&options, &listener) != RUSTCHAT_OK)
        die("listen");
    if (rustchat_listener_address(listener, address, sizeof address, NULL) != RUSTCHAT_OK)
        die("address");
    printf("listening on %s\n", address);
    fflush(stdout);
    pthread_create(&thread, NULL, await_signal, listener);
    while (rustchat_listener_accept(listener, &connection, -1) == RUSTCHAT_OK) {
        struct seat *seat = &seats[next++ % SEATS];
        leave(seat); /* whoever sat here longest makes room */
        seat->connection = connection;
        if (pthread_create(&seat->thread, NULL, answer, connection) != 0)
            die("pthread_create");
    }
    pthread_join(thread, NULL);
    for (size_t i = 0; i < SEATS; i++)
        leave(&seats[i]);
    rustchat_listener_free(listener);
}

static void round_trip(rustchat_connection *connection, const char *message, char *reply, size_t size)
{
    size_t length;
    if (rustchat_connection_send(connection, message, size, -1) != RUSTCHAT_OK)
        die("send");
    if (rustchat_connection_recv_into(connection, reply, LONGEST, &length, -1) != RUSTCHAT_OK)
        die("receive");
    if (length != size) {
        fprintf(stderr, "the echo has %zu bytes, %zu were sent\n", length, size);
        exit(1);
    }
}

static rustchat_connection *connect_to(const char *host, const char *port)
{
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_connection *connection;
    char address[300];
    snprintf(address, sizeof address, "%s:%s", host, port);
    options.address = address;
    options.secret = secret();
    options.key_id = getenv("ECHO_KEY_ID");
    if (rustchat_connection_open(&options, &connection) != RUSTCHAT_OK)
        die("connect");
    return connection;
}

static void call(const char *host, const char *port, size_t size, double seconds)
{
    rustchat_connection *connection = connect_to(host, port);
    char *message = malloc(size + 1), *reply = malloc(LONGEST);
    if (!message || !reply || size > LONGEST)
        exit(1);
    memset(message, 'x', size);
    for (double end = now() + seconds / 10; now() < end;) /* warm-up */
        round_trip(connection, message, reply, size);
    long count = 0;
    double begin = now(), end = begin;
    while (end - begin < seconds) {
        round_trip(connection, message, reply, size);
        count++;
        end = now();
    }
    if (memcmp(message, reply, size) != 0) {
        fprintf(stderr, "the echo differs from what was sent\n");
        exit(1);
    }
    printf("{\"round_trips\": %ld, \"seconds\": %.6f}\n", count, end - begin);
    rustchat_connection_free(connection);
    free(message);
    free(reply);
}

int main(int argc, char **argv)
{
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        return 1;
    if (argc >= 2 && strcmp(argv[1], "serve") == 0) {
        serve(argc > 2 ? argv[2] : "0");
    } else if (argc == 6 && strcmp(argv[1], "call") == 0) {
        call(argv[2], argv[3], (size_t)atol(argv[4]), atof(argv[5]));
    } else {
        fprintf(stderr, "usage: echo_auth serve [PORT] | call HOST PORT SIZE SECONDS\n");
        return 2;
    }
    return 0;
}
