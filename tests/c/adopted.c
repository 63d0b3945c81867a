/* A server at a socket that somebody else listens with. */

#include <sys/stat.h>
#include <sys/un.h>

#include "harness.h"

static int listening(void)
{
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    CHECK(inet_pton(AF_INET, own_host(), &address.sin_addr) == 1);
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 64) == 0);
    return fd;
}

static rustchat_server *start_at(int fd)
{
    rustchat_server_options options = local_server();
    rustchat_server *server = NULL;
    CHECK_OK(rustchat_server_start_at(fd, &options, &server));
    return server;
}

static void test_one_server_comes_after_the_other_and_nobody_is_turned_away(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    rustchat_server *server;
    uint16_t port;
    char line[64];
    int peer, fd = listening();
    CHECK(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    server = start_at(fd);
    port = port_of(server);
    CHECK_NUMBER(ntohs(address.sin_port), port);
    close(join_raw(server));
    stop_server(server);
    /* Between the two. */
    peer = dial(port);
    server = start_at(fd);
    EVENTUALLY(members(server) == 1);
    CHECK_OK(rustchat_server_broadcast(server, "welcome", 7, 0, NULL));
    CHECK(get_line(peer, line, sizeof line) && get_line(peer, line, sizeof line));
    CHECK_TEXT("welcome", line);
    close(fd);
    close(join_raw(server));
    close(peer);
    stop_server(server);
}

static int32_t count_events(rustchat_server *server, int32_t kind)
{
    rustchat_event event;
    int32_t found = 0;
    size_t count = 0;
    while (rustchat_server_poll(server, &event, 1, &count, PATIENCE_MS) == RUSTCHAT_OK) {
        found += event.kind == kind;
        rustchat_event_clear(&event);
    }
    return found;
}

static void test_the_file_of_a_unix_socket_stays(void)
{
    struct sockaddr_un address;
    struct stat status;
    rustchat_server_options options = local_server();
    rustchat_client_options joining = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL;
    rustchat_server *server = NULL;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof address.sun_path, "/tmp/rustchat-adopted-%d.sock", (int)getpid());
    CHECK(bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    CHECK_OK(rustchat_server_start_at(fd, &options, &server));
    CHECK_TEXT(address.sun_path, address_of(server));
    joining.address = address.sun_path;
    CHECK_OK(rustchat_client_connect(&joining, &client));
    rustchat_client_free(client);
    EVENTUALLY(joined_count(server) == 1);
    CHECK_OK(rustchat_server_close(server));
    CHECK_NUMBER(1, count_events(server, RUSTCHAT_EVENT_CLOSED));
    stop_server(server);
    CHECK(stat(address.sun_path, &status) == 0);
    CHECK(unlink(address.sun_path) == 0);
    close(fd);
}

static void test_what_listens_to_nobody_is_refused(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server = NULL;
    rustchat_error error;
    int ends[2], unbound = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    CHECK(pipe(ends) == 0);
    {
        const int wrong[] = {ends[0], unbound, datagrams, -1, 1000000};
        for (int i = 0; i < 5; i++) {
            CHECK_STATUS(i < 3 ? RUSTCHAT_EINVAL : RUSTCHAT_EIO, rustchat_server_start_at(wrong[i], &options, &server));
            CHECK(server == NULL);
            CHECK_OK(rustchat_last_error(&error));
            CHECK(strncmp(error.message, "fd: ", 4) == 0);
        }
    }
    close(ends[0]);
    close(ends[1]);
    close(unbound);
    close(datagrams);
}

int main(void)
{
    watchdog(300);
    RUN(test_one_server_comes_after_the_other_and_nobody_is_turned_away);
    RUN(test_the_file_of_a_unix_socket_stays);
    RUN(test_what_listens_to_nobody_is_refused);
    return finish();
}
