/* A chat client in a loop of the program's own: one epoll for standard input and for the client.
 *
 *   client_epoll [ADDRESS]      default 127.0.0.1:60000 */
#include <rustchat.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK && error.status != RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    else
        perror(what);
    exit(1);
}

/* Input as it comes: whole lines are said, the rest waits for its end. */
struct lines {
    char bytes[8192];
    size_t length;
};

static bool say(rustchat_client *client, const char *text, size_t length)
{
    rustchat_status status = rustchat_client_send(client, text, length, 1000);
    if (status != RUSTCHAT_OK && status != RUSTCHAT_ECLOSED && status != RUSTCHAT_ECONNRESET)
        die("send");
    return status == RUSTCHAT_OK;
}

/* false at the end of the input. */
static bool read_input(rustchat_client *client, struct lines *lines)
{
    ssize_t count = read(STDIN_FILENO, lines->bytes + lines->length, sizeof lines->bytes - lines->length);
    if (count <= 0)
        return false;
    lines->length += (size_t)count;
    char *start = lines->bytes, *end;
    size_t left = lines->length;
    while ((end = memchr(start, '\n', left)) != NULL) {
        if (!say(client, start, (size_t)(end - start)))
            return false;
        left -= (size_t)(end + 1 - start);
        start = end + 1;
    }
    memmove(lines->bytes, start, left);
    lines->length = left == sizeof lines->bytes ? 0 : left; /* a line longer than any server takes */
    return true;
}

/* Takes what is there without waiting; false when the connection has ended. */
static bool read_events(rustchat_client *client)
{
    rustchat_event events[16];
    size_t count;
    rustchat_status status = rustchat_client_poll(client, events, 16, &count, 0);
    for (size_t i = 0; i < count; i++) {
        rustchat_bytes from = rustchat_message_sender_address(events[i].message);
        rustchat_bytes text = rustchat_message_bytes(events[i].message);
        if (events[i].kind != RUSTCHAT_EVENT_CLOSED)
            printf("%.*s: %.*s\n", (int)from.len, (const char *)from.data, (int)text.len, (const char *)text.data);
    }
    rustchat_events_clear(events, count);
    fflush(stdout);
    return status == RUSTCHAT_OK || status == RUSTCHAT_ETIMEDOUT || status == RUSTCHAT_EINTR;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
        die("epoll_ctl");
}

static void run(rustchat_client *client)
{
    struct lines lines = {.length = 0};
    int fd, epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        die("epoll_create1");
    if (rustchat_client_poll_fd(client, &fd) != RUSTCHAT_OK)
        die("poll_fd");
    watch(epoll, fd);
    watch(epoll, STDIN_FILENO);
    for (bool open = true; open;) {
        struct epoll_event ready[2];
        int count = epoll_wait(epoll, ready, 2, -1);
        if (count < 0)
            die("epoll_wait");
        for (int i = 0; i < count && open; i++) {
            if (ready[i].data.fd == fd) {
                open = read_events(client);
            } else if (!read_input(client, &lines)) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
                say(client, "quit", 4); /* the server closes when it has answered everything before */
            }
        }
    }
    close(epoll);
}

int main(int argc, char **argv)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        return 1;
    options.address = argc > 1 ? argv[1] : NULL;
    if (rustchat_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    run(client);
    rustchat_client_free(client);
    return 0;
}
