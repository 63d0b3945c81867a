/* Connections of whole messages: framings, limits, and who is at the other end. */

#include "connecting.h"

static void test_every_framing_carries_messages(void)
{
    for (int32_t framing = RUSTCHAT_FRAMING_DEFAULT; framing <= RUSTCHAT_FRAMING_MULTIPROCESSING; framing++) {
        struct pair pair = make_pair(framing);
        send_text(pair.client, "one");
        send_text(pair.client, "");
        send_text(pair.client, "three");
        receive_text(pair.server, "one");
        receive_text(pair.server, "");
        receive_text(pair.server, "three");
        send_text(pair.server, "back");
        receive_text(pair.client, "back");
        free_pair(pair);
    }
}

static void *receive_big(void *connection)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_connection_recv(connection, &message, PATIENCE_MS));
    return message;
}

static void test_a_big_message_is_whole(void)
{
    struct pair pair = make_pair(RUSTCHAT_FRAMING_U32BE);
    size_t length = 5000000;
    unsigned char *data = malloc(length);
    rustchat_message *message = NULL;
    void *received;
    rustchat_bytes bytes;
    pthread_t receiving;
    CHECK(data != NULL);
    for (size_t i = 0; i < length; i++) {
        data[i] = (unsigned char)(i * 31 >> 3);
    }
    receiving = spawn(receive_big, pair.server);
    CHECK_OK(rustchat_message_new(data, length, &message));
    CHECK_OK(rustchat_connection_send_message(pair.client, message, PATIENCE_MS));
    rustchat_message_release(message);
    CHECK(pthread_join(receiving, &received) == 0);
    bytes = rustchat_message_bytes(received);
    CHECK_NUMBER(length, bytes.len);
    CHECK(memcmp(data, bytes.data, length) == 0);
    rustchat_message_release(received);
    free(data);
    free_pair(pair);
}

static void test_receiving_into_memory_of_ones_own(void)
{
    struct pair pair = make_pair(RUSTCHAT_FRAMING_U32LE);
    char buffer[16];
    size_t len = 9;
    send_text(pair.client, "0123456789");
    send_text(pair.client, "next");
    memset(buffer, 'x', sizeof buffer);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_into(pair.server, NULL, 0, &len, PATIENCE_MS));
    CHECK_NUMBER(10, len);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_into(pair.server, buffer, 9, &len, 0));
    CHECK(len == 10 && buffer[0] == 'x');
    CHECK_OK(rustchat_connection_recv_into(pair.server, buffer, 10, &len, 0));
    CHECK(len == 10 && memcmp(buffer, "0123456789x", 11) == 0);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_recv_into(pair.server, buffer, 2, &len, PATIENCE_MS));
    receive_text(pair.server, "next");
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_recv_into(pair.server, buffer, 16, &len, 0));
    CHECK_NUMBER(0, len);
    free_pair(pair);
}

static void test_both_ends_know_each_other(void)
{
    struct pair pair = make_pair(0);
    char expected[64], address[64], key_id[8] = "x";
    uint16_t port = 0;
    size_t len = 9;
    int fd = -1;
    CHECK_OK(rustchat_listener_port(pair.listener, &port));
    snprintf(expected, sizeof expected, "%s:%u", own_host(), port);
    CHECK_OK(rustchat_connection_peer_address(pair.client, address, sizeof address, &len));
    CHECK_TEXT(expected, address);
    CHECK_NUMBER(strlen(expected), len);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_connection_peer_address(pair.client, address, len, &len));
    CHECK_OK(rustchat_connection_key_id(pair.server, key_id, sizeof key_id, &len));
    CHECK(key_id[0] == '\0' && len == 0);
    CHECK_OK(rustchat_connection_fd(pair.server, &fd));
    CHECK(!is_readable(fd, 0));
    send_text(pair.client, "x");
    CHECK(is_readable(fd, (int)PATIENCE_MS));
    receive_text(pair.server, "x");
    free_pair(pair);
}

static void test_limits_hold_in_both_directions(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_message *message = NULL;
    struct pair pair;
    listening.frame_limit = 8;
    pair.listener = open_listener(&listening);
    CHECK_OK(try_connect(pair.listener, &options, &pair.client));
    accept_one(pair.listener, &pair.server);
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_connection_send(pair.server, "123456789", 9, PATIENCE_MS));
    send_text(pair.server, "12345678");
    receive_text(pair.client, "12345678");
    send_text(pair.client, "123456789");
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_connection_recv(pair.server, &message, PATIENCE_MS));
    CHECK(message == NULL);
    /* Where the next message would begin is unknown from here on. */
    CHECK(rustchat_connection_recv(pair.server, &message, PATIENCE_MS) != RUSTCHAT_OK && message == NULL);
    free_pair(pair);
}

static void test_a_line_is_one_line(void)
{
    struct pair pair = make_pair(RUSTCHAT_FRAMING_LINE);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_connection_send(pair.client, "a\nb", 3, PATIENCE_MS));
    send_text(pair.client, "still open");
    receive_text(pair.server, "still open");
    free_pair(pair);
}

static void test_a_unix_socket(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    struct pair pair;
    char path[64];
    uint16_t port = 7;
    snprintf(path, sizeof path, "/tmp/rustchat-connection-%ld.sock", (long)getpid());
    listening.address = path;
    listening.secret = bytes_of(SECRET);
    options.secret = listening.secret;
    /* A server on a busy machine is not a silent one. */
    options.timeout_ms = PATIENCE_MS;
    pair.listener = open_listener(&listening);
    CHECK_STATUS(RUSTCHAT_ENOTSUP, rustchat_listener_port(pair.listener, &port));
    CHECK_NUMBER(0, port);
    CHECK_OK(try_connect(pair.listener, &options, &pair.client));
    accept_one(pair.listener, &pair.server);
    send_text(pair.client, "local");
    receive_text(pair.server, "local");
    free_pair(pair);
    CHECK(access(path, F_OK) != 0);
}

int main(void)
{
    watchdog(300);
    RUN(test_every_framing_carries_messages);
    RUN(test_a_big_message_is_whole);
    RUN(test_receiving_into_memory_of_ones_own);
    RUN(test_both_ends_know_each_other);
    RUN(test_limits_hold_in_both_directions);
    RUN(test_a_line_is_one_line);
    RUN(test_a_unix_socket);
    return finish();
}
