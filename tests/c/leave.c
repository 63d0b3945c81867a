/* Who has left is heard no more, and no id is met twice; what a callback says comes after what it has let pass. */

#include "harness.h"

static void put_spam(int fd, int count)
{
    char line[32];
    for (int i = 0; i < count; i++) {
        snprintf(line, sizeof line, "spam %d", i);
        put_line(fd, line);
    }
}

static int is_member(rustchat_server *server, rustchat_peer_id id)
{
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    return rustchat_server_peer_info(server, id, &info) == RUSTCHAT_OK;
}

/* Longer than the next of the lines that wait for their rate would have waited. */
static const struct timespec much_later = {0, 300000000};

static void test_lines_that_wait_go_with_the_member(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_peer_id id;
    rustchat_event event;
    int bystander, spammer, gone = 0;
    options.rate_burst = 5;
    options.rate_per_minute = 3000;
    server = start_server(&options);
    bystander = join_raw(server);
    spammer = join_raw(server);
    id = newest_peer(server);
    put_spam(spammer, 100);
    CHECK_OK(rustchat_server_disconnect(server, id, 0));
    EVENTUALLY(!is_member(server, id));
    nanosleep(&much_later, NULL);
    put_line(bystander, "still here");
    for (;;) {
        rustchat_bytes text;
        next_event(server, &event);
        text = rustchat_message_bytes(event.message);
        if (event.kind == RUSTCHAT_EVENT_PEER_LEFT && event.peer == id) {
            gone = 1;
        }
        if (event.kind == RUSTCHAT_EVENT_MESSAGE && event.peer == id) {
            CHECK(!gone);
        }
        if (event.kind == RUSTCHAT_EVENT_MESSAGE && text.len == 10 && memcmp(text.data, "still here", 10) == 0) {
            rustchat_event_clear(&event);
            break;
        }
        rustchat_event_clear(&event);
    }
    CHECK(gone);
    stop_server(server);
    close(bystander);
    close(spammer);
}

static void test_an_id_is_good_for_one_server_alone(void)
{
    rustchat_server *one = start_line_server(), *other = start_line_server();
    rustchat_delivery delivery;
    int first = join_raw(one), stranger = join_raw(other);
    rustchat_peer_id id = newest_peer(one);
    CHECK(id != newest_peer(other));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_send(other, id, "secret", 6));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_disconnect(other, id, 0));
    CHECK(!is_member(other, id));
    CHECK_OK(rustchat_server_broadcast(other, "to all", 6, id, &delivery));
    CHECK_NUMBER(1, delivery.queued);
    hear_line(stranger, "to all");
    stop_server(one);
    stop_server(other);
    close(first);
    close(stranger);
    one = start_line_server();
    first = join_raw(one);
    CHECK(newest_peer(one) != id);
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_send(one, id, "secret", 6));
    stop_server(one);
    close(first);
}

static void test_who_is_sent_away_is_told_nothing_more(void)
{
    rustchat_server *server = start_line_server();
    int peer = join_raw(server);
    rustchat_peer_id id = newest_peer(server);
    CHECK_OK(rustchat_server_disconnect(server, id, 0));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_send(server, id, "too late", 8));
    hear_line(peer, "* disconnected by the server");
    stop_server(server);
    close(peer);
}

/* A bot in a callback: waits at "slow", and does what the other words say. */
struct bot {
    rustchat_server *server;
    int go, kicked_spoke, goodbyes, dropped;
};

static int32_t on_filter(void *userdata, const rustchat_event *event)
{
    struct bot *bot = userdata;
    rustchat_bytes text = rustchat_message_bytes(event->message);
    char word[32] = "";
    CHECK(text.len < sizeof word);
    memcpy(word, text.data, text.len);
    if (strcmp(word, "slow") == 0) {
        EVENTUALLY(__atomic_load_n(&bot->go, __ATOMIC_SEQ_CST));
    } else if (strcmp(word, "speak") == 0) {
        CHECK_OK(rustchat_server_broadcast(bot->server, "BOT", 3, 0, NULL));
    } else if (strcmp(word, "whisper") == 0) {
        CHECK_OK(rustchat_server_send(bot->server, event->peer, "PSST", 4));
    } else if (strcmp(word, "kick") == 0) {
        CHECK_OK(rustchat_server_disconnect(bot->server, event->peer, 0));
    } else if (strcmp(word, "after") == 0) {
        __atomic_store_n(&bot->kicked_spoke, 1, __ATOMIC_SEQ_CST);
    }
    return 0;
}

static void note_drop(void *userdata)
{
    struct bot *bot = userdata;
    __atomic_store_n(&bot->dropped, 1, __ATOMIC_SEQ_CST);
}

static uint64_t received_from(rustchat_server *server, rustchat_peer_id id)
{
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    CHECK_OK(rustchat_server_peer_info(server, id, &info));
    return info.messages_in;
}

static void test_what_a_callback_says_comes_after_what_it_let_pass(void)
{
    static const char *const heard[] = {"slow", "one", "two", "BOT", "speak", "PSST", "whisper", "three",
                                        "* disconnected by the server"};
    struct bot bot = {NULL, 0, 0, 0, 0};
    rustchat_server_options options = local_server();
    int peer;
    options.userdata = &bot;
    options.filter = on_filter;
    options.on_drop = note_drop;
    bot.server = start_server(&options);
    peer = join_raw(bot.server);
    put_text(peer, "slow\none\ntwo\nspeak\nwhisper\nthree\nkick\nafter\n");
    EVENTUALLY(received_from(bot.server, newest_peer(bot.server)) == 8);
    __atomic_store_n(&bot.go, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < sizeof heard / sizeof heard[0]; i++) {
        hear_line(peer, heard[i]);
    }
    stop_server(bot.server);
    EVENTUALLY(__atomic_load_n(&bot.dropped, __ATOMIC_SEQ_CST));
    CHECK(!bot.kicked_spoke);
    close(peer);
}

static void on_event(void *userdata, const rustchat_event *event)
{
    struct bot *bot = userdata;
    if (event->kind == RUSTCHAT_EVENT_PEER_LEFT) {
        rustchat_delivery delivery = {9, 9};
        EVENTUALLY(__atomic_load_n(&bot->go, __ATOMIC_SEQ_CST));
        CHECK_OK(rustchat_server_broadcast(bot->server, "goodbye", 7, 0, &delivery));
        CHECK(delivery.queued == 0 && delivery.dropped == 0);
        CHECK_OK(rustchat_server_send(bot->server, event->peer, "goodbye", 7));
        CHECK_OK(rustchat_server_disconnect(bot->server, event->peer, 0));
        __atomic_add_fetch(&bot->goodbyes, 1, __ATOMIC_SEQ_CST);
    }
}

static void test_goodbyes_of_a_server_that_stops_go_nowhere(void)
{
    struct bot bot = {NULL, 0, 0, 0, 0};
    rustchat_server_options options = local_server();
    int one, two;
    options.userdata = &bot;
    options.on_event = on_event;
    bot.server = start_server(&options);
    one = join_raw(bot.server);
    two = join_raw(bot.server);
    CHECK_OK(rustchat_server_close(bot.server));
    __atomic_store_n(&bot.go, 1, __ATOMIC_SEQ_CST);
    CHECK_OK(rustchat_server_join(bot.server, PATIENCE_MS));
    CHECK_NUMBER(2, bot.goodbyes);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_server_broadcast(bot.server, "hello?", 6, 0, NULL));
    rustchat_server_free(bot.server);
    close(one);
    close(two);
}

int main(void)
{
    watchdog(300);
    RUN(test_lines_that_wait_go_with_the_member);
    RUN(test_an_id_is_good_for_one_server_alone);
    RUN(test_who_is_sent_away_is_told_nothing_more);
    RUN(test_what_a_callback_says_comes_after_what_it_let_pass);
    RUN(test_goodbyes_of_a_server_that_stops_go_nowhere);
    return finish();
}
