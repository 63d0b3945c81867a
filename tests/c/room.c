/* What is said in a room, and to whom: broadcasts, words to one, members, disconnecting. */

#include "harness.h"

static void test_a_broadcast_reaches_all_but_one(void)
{
    rustchat_server *server = start_line_server();
    rustchat_delivery delivery = {9, 9};
    int one = join_raw(server);
    int two = join_raw(server);
    rustchat_peer_id excepted = newest_peer(server);
    int three = join_raw(server);
    CHECK_OK(rustchat_server_broadcast(server, "not for two", 11, excepted, &delivery));
    CHECK_NUMBER(2, delivery.queued);
    CHECK_NUMBER(0, delivery.dropped);
    CHECK_OK(rustchat_server_broadcast(server, "for all", 7, 0, &delivery));
    CHECK_NUMBER(3, delivery.queued);
    CHECK_OK(rustchat_server_broadcast(server, "quietly", 7, UINT64_MAX, NULL));
    hear_line(one, "not for two");
    hear_line(one, "for all");
    hear_line(one, "quietly");
    hear_line(two, "for all");
    hear_line(two, "quietly");
    hear_line(three, "not for two");
    stop_server(server);
    close(one);
    close(two);
    close(three);
}

static void test_a_broadcast_to_nobody_is_no_failure(void)
{
    rustchat_server *server = start_line_server();
    rustchat_delivery delivery = {9, 9};
    CHECK_OK(rustchat_server_broadcast(server, "hello?", 6, 0, &delivery));
    CHECK(delivery.queued == 0 && delivery.dropped == 0);
    stop_server(server);
}

static void test_a_message_goes_out_several_times(void)
{
    rustchat_server *server = start_line_server();
    rustchat_message *message;
    rustchat_delivery delivery = {9, 9};
    int peer = join_raw(server);
    CHECK_OK(rustchat_message_new("once made", 9, &message));
    CHECK_OK(rustchat_server_broadcast_message(server, message, 0, &delivery));
    CHECK_NUMBER(1, delivery.queued);
    CHECK_OK(rustchat_server_send_message(server, newest_peer(server), message));
    rustchat_message_release(message);
    hear_line(peer, "once made");
    hear_line(peer, "once made");
    stop_server(server);
    close(peer);
}

static void test_a_word_to_one_is_for_one(void)
{
    rustchat_server *server = start_line_server();
    int one = join_raw(server);
    rustchat_peer_id id = newest_peer(server);
    int two = join_raw(server);
    CHECK_OK(rustchat_server_send(server, id, "psst", 4));
    CHECK_OK(rustchat_server_broadcast(server, "all", 3, 0, NULL));
    hear_line(one, "psst");
    hear_line(one, "all");
    hear_line(two, "all");
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_send(server, UINT64_MAX, "psst", 4));
    stop_server(server);
    close(one);
    close(two);
}

static void test_what_cannot_be_said_is_not_said(void)
{
    static char big[9000];
    rustchat_server *server = start_line_server();
    rustchat_delivery delivery = {9, 9};
    int peer = join_raw(server);
    memset(big, 'x', sizeof big);
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_server_broadcast(server, "\xff", 1, 0, &delivery));
    CHECK(delivery.queued == 0 && delivery.dropped == 0);
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_server_broadcast(server, "a\nb", 3, 0, NULL));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_server_broadcast(server, "a\0b", 3, 0, NULL));
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_server_broadcast(server, big, sizeof big, 0, NULL));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_server_send(server, newest_peer(server), "\x1b[2J", 4));
    CHECK_OK(rustchat_server_broadcast(server, big, 8192, 0, NULL));
    big[8192] = '\0';
    hear_line(peer, big);
    stop_server(server);
    close(peer);
}

static void test_members_are_paged(void)
{
    rustchat_server *server = start_line_server();
    rustchat_peer_id ids[4] = {77, 77, 77, 77};
    size_t count = 9;
    int peers[3];
    CHECK_OK(rustchat_server_peers(server, NULL, 0, &count));
    CHECK_NUMBER(0, count);
    for (int i = 0; i < 3; i++) {
        peers[i] = join_raw(server);
    }
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_server_peers(server, NULL, 0, &count));
    CHECK_NUMBER(3, count);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_server_peers(server, ids, 2, &count));
    CHECK(count == 3 && ids[0] == 77 && ids[1] == 77);
    CHECK_OK(rustchat_server_peers(server, ids, 4, &count));
    CHECK(count == 3 && ids[0] < ids[1] && ids[1] < ids[2] && ids[3] == 77);
    CHECK_OK(rustchat_server_peers(server, ids, 3, &count));
    stop_server(server);
    for (int i = 0; i < 3; i++) {
        close(peers[i]);
    }
}

static void test_a_member_is_known(void)
{
    rustchat_server *server = start_line_server();
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    struct sockaddr_in self;
    socklen_t length = sizeof self;
    struct timespec now;
    char expected[64];
    int peer = join_raw(server);
    put_line(peer, "hello");
    hear_line(peer, "hello");
    CHECK(getsockname(peer, (struct sockaddr *)&self, &length) == 0);
    snprintf(expected, sizeof expected, "127.0.0.1:%u", ntohs(self.sin_port));
    clock_gettime(CLOCK_REALTIME, &now);
    EVENTUALLY(rustchat_server_peer_info(server, newest_peer(server), &info) == RUSTCHAT_OK && info.bytes_out > 0);
    CHECK_NUMBER(sizeof info, info.struct_size);
    CHECK(info.id == newest_peer(server));
    CHECK_TEXT(expected, info.address);
    CHECK_TEXT("", info.name);
    CHECK_TEXT("", info.key_id);
    CHECK_NUMBER(6, info.bytes_in);
    CHECK_NUMBER(1, info.messages_in);
    CHECK_NUMBER(1, info.messages_out);
    CHECK_NUMBER(20 + strlen(expected) + 1 + 6, info.bytes_out);
    CHECK_NUMBER(0, info.outbox_bytes);
    CHECK(info.connected_at_ns / 1000000000 + 60 > (uint64_t)now.tv_sec);
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_peer_info(server, UINT64_MAX, &info));
    CHECK(info.struct_size == sizeof info && info.id == 0 && info.bytes_in == 0 && info.address[0] == '\0');
    stop_server(server);
    close(peer);
}

static void test_a_name_is_known(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    rustchat_client *client;
    rustchat_peer_id id;
    char name[16];
    size_t len = 9;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.name = "\xe8\x80\x81\xe7\x8e\x8b";
    client = connect_with(server, &options);
    skip_client_event(client, RUSTCHAT_EVENT_WELCOME);
    skip_client_event(client, RUSTCHAT_EVENT_NAMED);
    id = newest_peer(server);
    CHECK_OK(rustchat_server_peer_name(server, id, name, sizeof name, &len));
    CHECK_TEXT(options.name, name);
    CHECK_NUMBER(6, len);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_server_peer_name(server, id, name, 6, &len));
    CHECK_NUMBER(6, len);
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_peer_name(server, UINT64_MAX, name, sizeof name, &len));
    CHECK_NUMBER(0, len);
    CHECK_OK(rustchat_server_peer_info(server, id, &info));
    CHECK_TEXT(options.name, info.name);
    rustchat_client_free(client);
    stop_server(server);
}

static const struct {
    int32_t reason, status;
    const char *words;
} REASONS[] = {
    {RUSTCHAT_OK, RUSTCHAT_ECLOSED, "disconnected by the server"},
    {RUSTCHAT_ECLOSED, RUSTCHAT_ECLOSED, "disconnected by the server"},
    {RUSTCHAT_EPROTO, RUSTCHAT_EPROTO, "protocol violation"},
    {RUSTCHAT_ETIMEDOUT, RUSTCHAT_ETIMEDOUT, "said nothing for too long"},
};

static void test_a_member_is_disconnected_for_a_reason(void)
{
    rustchat_server *server = start_line_server();
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    for (size_t i = 0; i < sizeof REASONS / sizeof *REASONS; i++) {
        rustchat_event event;
        char byte;
        int peer = join_raw(server);
        rustchat_peer_id id = newest_peer(server);
        skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
        CHECK_OK(rustchat_server_disconnect(server, id, REASONS[i].reason));
        expect_event(server, RUSTCHAT_EVENT_PEER_LEFT, &event);
        CHECK(event.peer == id);
        CHECK_NUMBER(REASONS[i].status, event.status);
        CHECK_BYTES(REASONS[i].words, rustchat_message_bytes(event.message));
        rustchat_event_clear(&event);
        while (recv(peer, &byte, 1, 0) == 1) {
        }
        CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_disconnect(server, id, 0));
        close(peer);
    }
    stop_server(server);
}

static void test_other_reasons_are_none(void)
{
    rustchat_server *server = start_line_server();
    int peer = join_raw(server);
    const int32_t reasons[] = {1, RUSTCHAT_EINVAL, RUSTCHAT_EPANIC, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_disconnect(server, newest_peer(server), reasons[i]));
    }
    put_line(peer, "still here");
    hear_line(peer, "still here");
    stop_server(server);
    close(peer);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_broadcast_reaches_all_but_one);
    RUN(test_a_broadcast_to_nobody_is_no_failure);
    RUN(test_a_message_goes_out_several_times);
    RUN(test_a_word_to_one_is_for_one);
    RUN(test_what_cannot_be_said_is_not_said);
    RUN(test_members_are_paged);
    RUN(test_a_member_is_known);
    RUN(test_a_name_is_known);
    RUN(test_a_member_is_disconnected_for_a_reason);
    RUN(test_other_reasons_are_none);
    return finish();
}
