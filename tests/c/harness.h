/* What every test program here stands on: checks that say where, a watchdog, and raw peers with deadlines. */

#ifndef HARNESS_H
#define HARNESS_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rustchat.h"

/* Longer than anything takes on a loaded machine; a test that needs it has failed. */
#define PATIENCE_MS INT64_C(60000)

/* For whoever shakes hands: the first word of the server is waited for a tenth of that. */
#define HANDSHAKE_MS (10 * PATIENCE_MS)

static const char *current_test = "start";
static unsigned int tests_done;

#define RUN(test) (current_test = #test, test(), tests_done++)

/* Ends the program at once: what comes after a failed check would only confuse. */
#define FAIL_AT(file, line, ...)                                                                                      \
    do {                                                                                                              \
        fprintf(stderr, "%s:%d: %s: ", file, line, current_test);                                                     \
        fprintf(stderr, __VA_ARGS__);                                                                                 \
        give_up();                                                                                                    \
    } while (0)

static inline void give_up(void)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK && error.status != 0) {
        fprintf(stderr, " (last error: %s)", error.message);
    }
    fprintf(stderr, "\n");
    fflush(stderr);
    _exit(1);
}

#define CHECK(condition)                                                                                              \
    do {                                                                                                              \
        if (!(condition)) {                                                                                           \
            FAIL_AT(__FILE__, __LINE__, "%s", #condition);                                                            \
        }                                                                                                             \
    } while (0)

static inline void check_number(long long expected, long long found, const char *what, const char *file, int line)
{
    if (expected != found) {
        FAIL_AT(file, line, "%s is %lld, expected %lld", what, found, expected);
    }
}

/* The arguments are integers of any kind. */
#define CHECK_NUMBER(expected, found)                                                                                 \
    check_number((long long)(expected), (long long)(found), #found, __FILE__, __LINE__)

static inline void check_status(int32_t expected, int32_t found, const char *what, const char *file, int line)
{
    if (expected != found) {
        FAIL_AT(file, line, "%s gave %s, expected %s", what, rustchat_status_name(found),
                rustchat_status_name(expected));
    }
}

#define CHECK_STATUS(expected, call) check_status((expected), (call), #call, __FILE__, __LINE__)
#define CHECK_OK(call) CHECK_STATUS(RUSTCHAT_OK, call)

static inline void check_text(const char *expected, const char *found, const char *what, const char *file, int line)
{
    if (strcmp(expected, found) != 0) {
        FAIL_AT(file, line, "%s is \"%s\", expected \"%s\"", what, found, expected);
    }
}

#define CHECK_TEXT(expected, found) check_text((expected), (found), #found, __FILE__, __LINE__)

static inline void check_bytes(const char *expected, rustchat_bytes found, const char *what, const char *file, int line)
{
    if (found.len != strlen(expected) || (found.len > 0 && memcmp(expected, found.data, found.len) != 0)) {
        FAIL_AT(file, line, "%s is \"%.*s\", expected \"%s\"", what, (int)found.len,
                found.len > 0 ? (const char *)found.data : "", expected);
    }
}

#define CHECK_BYTES(expected, found) check_bytes((expected), (found), #found, __FILE__, __LINE__)

/* Instrumented runs are slower by this factor. */
static inline unsigned int slowness(void)
{
    const char *text = getenv("TEST_SLOWNESS");
    int factor = text != NULL ? atoi(text) : 1;
    return factor > 1 ? (unsigned int)factor : 1;
}

static inline void watchdog_bites(int signal)
{
    static const char text[] = "watchdog: the program hangs in ";
    (void)signal;
    if (write(2, text, sizeof text - 1) < 0 || write(2, current_test, strlen(current_test)) < 0 ||
        write(2, "\n", 1) < 0) {
        _exit(4);
    }
    _exit(3);
}

/* Ends the program when it takes longer. To be called again for more time. */
static inline void watchdog(unsigned int seconds)
{
    signal(SIGALRM, watchdog_bites);
    alarm(seconds * slowness());
}

static inline int finish(void)
{
    alarm(0);
    printf("%u tests\n", tests_done);
    return 0;
}

static inline int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for what other threads bring about. */
#define EVENTUALLY(condition)                                                                                         \
    do {                                                                                                              \
        int64_t until_ = now_ms() + PATIENCE_MS;                                                                      \
        while (!(condition)) {                                                                                        \
            struct timespec pause_ = {0, 1000000};                                                                    \
            if (now_ms() > until_) {                                                                                  \
                FAIL_AT(__FILE__, __LINE__, "waited in vain: %s", #condition);                                             \
            }                                                                                                         \
            nanosleep(&pause_, NULL);                                                                                 \
        }                                                                                                             \
    } while (0)

static inline rustchat_bytes bytes_of(const char *text)
{
    rustchat_bytes bytes = {NULL, 0};
    bytes.data = text;
    bytes.len = strlen(text);
    return bytes;
}

/* Threads */

static inline pthread_t spawn(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, body, argument) == 0);
    return thread;
}

static inline void join(pthread_t thread)
{
    CHECK(pthread_join(thread, NULL) == 0);
}

/* Servers and clients on a free port of this machine, at a loopback address that no other program here uses: the port of a
 * server that is gone stays free, whatever runs beside. */

static char own_host_text[16], own_address_text[24]; /* kept by children of fork */

__attribute__((constructor)) static void find_own_host(void)
{
    unsigned pid = (unsigned)getpid();
    snprintf(own_host_text, sizeof own_host_text, "127.%u.%u.%u", 64 | (pid >> 16 & 63), pid >> 8 & 255, pid & 255);
    snprintf(own_address_text, sizeof own_address_text, "%s:0", own_host_text);
}

static inline const char *own_host(void)
{
    return own_host_text;
}

static inline const char *own_address(void)
{
    return own_address_text;
}

static inline rustchat_server_options local_server(void)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    options.address = own_address();
    options.workers = 2;
    return options;
}

static inline rustchat_server *start_server(const rustchat_server_options *options)
{
    rustchat_server *server = NULL;
    CHECK_OK(rustchat_server_start(options, &server));
    CHECK(server != NULL);
    return server;
}

static inline rustchat_server *start_line_server(void)
{
    rustchat_server_options options = local_server();
    return start_server(&options);
}

static inline rustchat_server *start_message_server(void)
{
    rustchat_server_options options = local_server();
    options.framing = RUSTCHAT_FRAMING_U32BE;
    return start_server(&options);
}

/* Closes and frees, and proves that the server has ended by then. */
static inline void stop_server(rustchat_server *server)
{
    CHECK_OK(rustchat_server_close(server));
    CHECK_OK(rustchat_server_join(server, PATIENCE_MS));
    rustchat_server_free(server);
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_server_close(server));
}

/* The result is good until the next call. */
static inline const char *address_of(rustchat_server *server)
{
    static char address[128];
    CHECK_OK(rustchat_server_address(server, address, sizeof address, NULL));
    return address;
}

static inline rustchat_client *connect_with(rustchat_server *server, rustchat_client_options *options)
{
    rustchat_client *client = NULL;
    options->address = address_of(server);
    CHECK_OK(rustchat_client_connect(options, &client));
    CHECK(client != NULL);
    return client;
}

static inline rustchat_client *connect_client(rustchat_server *server, int32_t framing)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    options.framing = framing;
    return connect_with(server, &options);
}

static inline uint64_t joined_count(rustchat_server *server)
{
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    CHECK_OK(rustchat_server_stats(server, &stats));
    return stats.joined;
}

static inline uint64_t members(rustchat_server *server)
{
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    CHECK_OK(rustchat_server_stats(server, &stats));
    return stats.members;
}

/* The status with which somebody leaves next; events before that are passed over. */
static inline int32_t next_leave(rustchat_server *server)
{
    rustchat_event event;
    int32_t kind, status;
    do {
        size_t count = 0;
        CHECK_OK(rustchat_server_poll(server, &event, 1, &count, PATIENCE_MS));
        kind = event.kind;
        status = event.status;
        rustchat_event_clear(&event);
    } while (kind != RUSTCHAT_EVENT_PEER_LEFT);
    return status;
}

/* The id of the member who joined last. */
static inline rustchat_peer_id newest_peer(rustchat_server *server)
{
    rustchat_peer_id ids[64];
    size_t count = 0;
    CHECK_OK(rustchat_server_peers(server, ids, 64, &count));
    CHECK(count > 0);
    return ids[count - 1];
}

static inline void next_event(rustchat_server *server, rustchat_event *event)
{
    size_t count = 0;
    CHECK_OK(rustchat_server_poll(server, event, 1, &count, PATIENCE_MS));
    CHECK_NUMBER(1, count);
}

/* The next event, which must be of this kind. */
static inline void expect_event(rustchat_server *server, int32_t kind, rustchat_event *event)
{
    next_event(server, event);
    CHECK_TEXT(rustchat_event_name(kind), rustchat_event_name(event->kind));
}

static inline void next_client_event(rustchat_client *client, rustchat_event *event)
{
    size_t count = 0;
    CHECK_OK(rustchat_client_poll(client, event, 1, &count, PATIENCE_MS));
    CHECK_NUMBER(1, count);
}

static inline void expect_client_event(rustchat_client *client, int32_t kind, rustchat_event *event)
{
    next_client_event(client, event);
    CHECK_TEXT(rustchat_event_name(kind), rustchat_event_name(event->kind));
}

static inline void skip_client_event(rustchat_client *client, int32_t kind)
{
    rustchat_event event;
    expect_client_event(client, kind, &event);
    rustchat_event_clear(&event);
}

static inline void skip_event(rustchat_server *server, int32_t kind)
{
    rustchat_event event;
    expect_event(server, kind, &event);
    rustchat_event_clear(&event);
}

static inline void say(rustchat_client *client, const char *text)
{
    CHECK_OK(rustchat_client_send(client, text, strlen(text), PATIENCE_MS));
}

static inline void hear(rustchat_client *client, const char *text)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_client_recv(client, &message, PATIENCE_MS));
    CHECK_BYTES(text, rustchat_message_bytes(message));
    rustchat_message_release(message);
}

/* Raw peers */

static inline int dial(uint16_t port)
{
    struct sockaddr_in address;
    struct timeval patience = {(time_t)(PATIENCE_MS / 1000), 0};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0);
    CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    CHECK(inet_pton(AF_INET, own_host(), &address.sin_addr) == 1);
    address.sin_port = htons(port);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static inline uint16_t port_of(rustchat_server *server)
{
    uint16_t port = 0;
    CHECK_OK(rustchat_server_port(server, &port));
    CHECK(port != 0);
    return port;
}

/* What nc is to line chat: connected, and a member by now. */
static inline int join_raw(rustchat_server *server)
{
    uint64_t before = joined_count(server);
    int fd = dial(port_of(server));
    EVENTUALLY(joined_count(server) > before);
    return fd;
}

static inline void put(int fd, const void *data, size_t len)
{
    const char *left = data;
    while (len > 0) {
        ssize_t count = send(fd, left, len, MSG_NOSIGNAL);
        CHECK(count > 0);
        left += count;
        len -= (size_t)count;
    }
}

static inline void put_line(int fd, const char *text)
{
    char line[1024];
    int length = snprintf(line, sizeof line, "%s\n", text);
    CHECK(length > 0 && (size_t)length < sizeof line);
    put(fd, line, (size_t)length);
}

static inline void put_text(int fd, const char *text)
{
    put(fd, text, strlen(text));
}

/* Reads to the end of a line; 0 at the end of the stream. */
static inline int get_line(int fd, char *line, size_t cap)
{
    size_t length = 0;
    for (;;) {
        char byte;
        ssize_t count = recv(fd, &byte, 1, 0);
        CHECK(count >= 0);
        if (count == 0) {
            CHECK(length == 0);
            return 0;
        }
        if (byte == '\n') {
            line[length] = '\0';
            return 1;
        }
        CHECK(length + 1 < cap);
        line[length++] = byte;
    }
}

/* The next message of a line chat: a stamp, and then this text. */
static inline void hear_line(int fd, const char *text)
{
    char line[9000];
    CHECK(get_line(fd, line, sizeof line));
    CHECK(strlen(line) > 20 && line[4] == '/' && line[19] == ' ');
    CHECK(get_line(fd, line, sizeof line));
    CHECK_TEXT(text, line);
}

static inline void expect_end(int fd)
{
    char byte;
    CHECK(recv(fd, &byte, 1, 0) == 0);
}

static inline int is_readable(int fd, int timeout_ms)
{
    struct pollfd item = {0, POLLIN, 0};
    item.fd = fd;
    return poll(&item, 1, timeout_ms) > 0;
}

#endif
