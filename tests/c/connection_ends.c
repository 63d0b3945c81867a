/* How connections and listeners end, and what waits for them. */

#include "connecting.h"

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
    watchdog(300);
    RUN(test_the_end_between_messages_and_in_one);
    RUN(test_half_a_message_is_kept);
    RUN(test_closing_ends_waits);
    RUN(test_what_was_sent_before_the_end_arrives);
    RUN(test_a_listener_outlived);
    RUN(test_a_full_pipe_times_out);
    return finish();
}
