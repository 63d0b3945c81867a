/* Listeners and connections of whole messages: framings, handshakes, limits, and the end. */

#include "harness.h"

#define SECRET "correct horse battery staple"

struct pair {
    rustchat_listener *listener;
    rustchat_connection *client, *server;
};

static rustchat_listener_options local_listener(void)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    options.address = own_address();
    return options;
}

static rustchat_listener *open_listener(const rustchat_listener_options *options)
{
    rustchat_listener *listener = NULL;
    CHECK_OK(rustchat_listener_open(options, &listener));
    CHECK(listener != NULL);
    return listener;
}

static int32_t try_connect(rustchat_listener *listener, rustchat_connection_options *options,
                           rustchat_connection **connection)
{
    char address[128];
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    options->address = address;
    return rustchat_connection_open(options, connection);
}

static void accept_one(rustchat_listener *listener, rustchat_connection **connection)
{
    CHECK_OK(rustchat_listener_accept(listener, connection, PATIENCE_MS));
    CHECK(*connection != NULL);
}

static struct pair make_pair(int32_t framing)
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

static void free_pair(struct pair pair)
{
    rustchat_connection_free(pair.client);
    rustchat_connection_free(pair.server);
    rustchat_listener_free(pair.listener);
}

static void send_text(rustchat_connection *connection, const char *text)
{
    CHECK_OK(rustchat_connection_send(connection, text, strlen(text), PATIENCE_MS));
}

static void receive_text(rustchat_connection *connection, const char *text)
{
    rustchat_message *message = NULL;
    CHECK_OK(rustchat_connection_recv(connection, &message, PATIENCE_MS));
    CHECK_BYTES(text, rustchat_message_bytes(message));
    rustchat_message_release(message);
}

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

static void test_the_right_secret_opens(void)
{
    const int32_t profiles[] = {RUSTCHAT_PROFILE_MUTUAL, RUSTCHAT_PROFILE_TUTORIAL_SHA256,
                                RUSTCHAT_PROFILE_TUTORIAL_MD5, RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256,
                                RUSTCHAT_PROFILE_MULTIPROCESSING_MD5};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        rustchat_listener_options listening = local_listener();
        rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
        struct pair pair;
        char key_id[32];
        listening.secret = bytes_of(SECRET);
        listening.profile = profiles[i];
        listening.key_id = i == 0 ? "build-7" : NULL;
        options.profile = profiles[i];
        options.key_id = listening.key_id;
        pair.listener = open_listener(&listening);
        /* A tutorial client is not told; it notices with its first message. */
        if (i == 0 || i > 2) {
            options.secret = bytes_of("wrong secret");
            CHECK_STATUS(RUSTCHAT_EAUTH, try_connect(pair.listener, &options, &pair.client));
        }
        options.secret = listening.secret;
        CHECK_OK(try_connect(pair.listener, &options, &pair.client));
        accept_one(pair.listener, &pair.server);
        CHECK_OK(rustchat_connection_key_id(pair.server, key_id, sizeof key_id, NULL));
        CHECK_TEXT(i == 0 ? "build-7" : "", key_id);
        send_text(pair.client, "inside");
        receive_text(pair.server, "inside");
        send_text(pair.server, "welcome");
        receive_text(pair.client, "welcome");
        free_pair(pair);
    }
}

static void test_wrong_proofs_do_not(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_connection *client = NULL, *server = NULL;
    rustchat_listener *listener;
    rustchat_error first, second;
    listening.secret = bytes_of(SECRET);
    listening.key_id = "known";
    listener = open_listener(&listening);
    options.key_id = "known";
    options.secret = bytes_of("wrong secret");
    CHECK_STATUS(RUSTCHAT_EAUTH, try_connect(listener, &options, &client));
    CHECK(client == NULL);
    CHECK_OK(rustchat_last_error(&first));
    options.key_id = "unknown";
    options.secret = listening.secret;
    CHECK_STATUS(RUSTCHAT_EAUTH, try_connect(listener, &options, &client));
    CHECK_OK(rustchat_last_error(&second));
    /* Who fails is not told why. */
    CHECK_TEXT(first.message, second.message);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_listener_accept(listener, &server, 20));
    CHECK(server == NULL);
    options.key_id = "known";
    CHECK_OK(try_connect(listener, &options, &client));
    accept_one(listener, &server);
    rustchat_connection_free(client);
    rustchat_connection_free(server);
    rustchat_listener_free(listener);
}

static void test_a_silent_peer_holds_up_nobody(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    struct pair pair;
    uint16_t port = 0;
    int silent;
    listening.secret = bytes_of(SECRET);
    options.secret = listening.secret;
    pair.listener = open_listener(&listening);
    CHECK_OK(rustchat_listener_port(pair.listener, &port));
    silent = dial(port);
    CHECK_OK(try_connect(pair.listener, &options, &pair.client));
    accept_one(pair.listener, &pair.server);
    free_pair(pair);
    close(silent);
}

static void test_a_silent_server_is_not_waited_for(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = open_listener(&listening);
    rustchat_connection *client = NULL;
    options.secret = bytes_of(SECRET);
    options.timeout_ms = 50;
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, try_connect(listener, &options, &client));
    CHECK(client == NULL);
    rustchat_listener_free(listener);
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

static void test_the_end_between_messages_and_in_one(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_listener *listener = open_listener(&listening);
    rustchat_connection *server = NULL;
    rustchat_message *message = NULL;
    uint16_t port = 0;
    int raw;
    CHECK_OK(rustchat_listener_port(listener, &port));
    raw = dial(port);
    accept_one(listener, &server);
    put(raw, "\0\0\0\2hi", 6);
    close(raw);
    receive_text(server, "hi");
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_connection_recv(server, &message, PATIENCE_MS));
    rustchat_connection_free(server);
    raw = dial(port);
    accept_one(listener, &server);
    put(raw, "\0\0\0\2h", 5);
    close(raw);
    CHECK_STATUS(RUSTCHAT_ECONNRESET, rustchat_connection_recv(server, &message, PATIENCE_MS));
    rustchat_connection_free(server);
    rustchat_listener_free(listener);
}

static void test_half_a_message_is_kept(void)
{
    rustchat_listener_options listening = local_listener();
    rustchat_listener *listener = open_listener(&listening);
    rustchat_connection *server = NULL;
    rustchat_message *message = NULL;
    uint16_t port = 0;
    int raw;
    CHECK_OK(rustchat_listener_port(listener, &port));
    raw = dial(port);
    accept_one(listener, &server);
    put(raw, "\0\0\0\5he", 6);
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_recv(server, &message, 30));
    put(raw, "llo", 3);
    receive_text(server, "hello");
    close(raw);
    rustchat_connection_free(server);
    rustchat_listener_free(listener);
}

static void *receive_for_ever(void *connection)
{
    rustchat_message *message = NULL;
    return (void *)(intptr_t)rustchat_connection_recv(connection, &message, -1);
}

static void *accept_for_ever(void *listener)
{
    rustchat_connection *connection = NULL;
    return (void *)(intptr_t)rustchat_listener_accept(listener, &connection, -1);
}

static void test_closing_ends_waits(void)
{
    struct pair pair = make_pair(0);
    pthread_t receiving = spawn(receive_for_ever, pair.server);
    pthread_t accepting = spawn(accept_for_ever, pair.listener);
    void *status;
    CHECK_OK(rustchat_connection_close(pair.server));
    CHECK_OK(rustchat_connection_close(pair.server));
    CHECK(pthread_join(receiving, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, (intptr_t)status);
    CHECK_OK(rustchat_listener_close(pair.listener));
    CHECK_OK(rustchat_listener_close(pair.listener));
    CHECK(pthread_join(accepting, &status) == 0);
    CHECK_NUMBER(RUSTCHAT_ECLOSED, (intptr_t)status);
    free_pair(pair);
}

static void test_what_was_sent_before_the_end_arrives(void)
{
    struct pair pair = make_pair(0);
    rustchat_message *message = NULL;
    send_text(pair.client, "last words");
    rustchat_connection_free(pair.client);
    receive_text(pair.server, "last words");
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_connection_recv(pair.server, &message, PATIENCE_MS));
    free_pair(pair);
}

static void test_a_listener_outlived(void)
{
    struct pair pair = make_pair(0);
    rustchat_listener_free(pair.listener);
    send_text(pair.client, "still");
    receive_text(pair.server, "still");
    pair.listener = NULL;
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

static void test_a_full_pipe_times_out(void)
{
    struct pair pair = make_pair(0);
    static char block[1 << 16];
    int32_t status = RUSTCHAT_OK;
    for (int i = 0; i < 1000 && status == RUSTCHAT_OK; i++) {
        status = rustchat_connection_send(pair.client, block, sizeof block, 30);
    }
    CHECK_STATUS(RUSTCHAT_ETIMEDOUT, status);
    free_pair(pair);
}

int main(void)
{
    watchdog(60);
    RUN(test_every_framing_carries_messages);
    RUN(test_a_big_message_is_whole);
    RUN(test_receiving_into_memory_of_ones_own);
    RUN(test_both_ends_know_each_other);
    RUN(test_the_right_secret_opens);
    RUN(test_wrong_proofs_do_not);
    RUN(test_a_silent_peer_holds_up_nobody);
    RUN(test_a_silent_server_is_not_waited_for);
    RUN(test_limits_hold_in_both_directions);
    RUN(test_a_line_is_one_line);
    RUN(test_the_end_between_messages_and_in_one);
    RUN(test_half_a_message_is_kept);
    RUN(test_closing_ends_waits);
    RUN(test_what_was_sent_before_the_end_arrives);
    RUN(test_a_listener_outlived);
    RUN(test_a_unix_socket);
    RUN(test_a_full_pipe_times_out);
    return finish();
}
