/* Names of members, commands of line chat, and who is told of what was said. */

#include "harness.h"

/* The head line and the text of the next message. */
static void hear_from(int fd, const char *who, const char *text)
{
    char line[9000];
    CHECK(get_line(fd, line, sizeof line));
    CHECK(strlen(line) > 20);
    CHECK(strncmp(who, line + 20, strlen(who)) == 0);
    CHECK(get_line(fd, line, sizeof line));
    CHECK_TEXT(text, line);
}

static void test_a_member_takes_a_name_or_is_given_one(void)
{
    rustchat_server *server = start_line_server();
    int ann = join_raw(server), bob;
    rustchat_peer_id first = newest_peer(server), second, found = 9;
    char name[16];
    put_text(ann, "/name Ann\n");
    hear_line(ann, "* your name is Ann");
    CHECK_OK(rustchat_server_peer_name(server, first, name, sizeof name, NULL));
    CHECK_TEXT("Ann", name);
    CHECK_OK(rustchat_server_find(server, "ANN", NULL, &found));
    CHECK_NUMBER(first, found);
    bob = join_raw(server);
    second = newest_peer(server);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_rename(server, second, "ann"));
    CHECK_OK(rustchat_server_rename(server, second, "bob"));
    CHECK_OK(rustchat_server_find(server, "bob", "", &found));
    CHECK_NUMBER(second, found);
    put_text(ann, "hi\n");
    put_text(ann, "/quit\n");
    EVENTUALLY(rustchat_server_find(server, "Ann", NULL, &found) == RUSTCHAT_ENOPEER);
    CHECK_NUMBER(0, found);
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_rename(server, first, "x"));
    CHECK_OK(rustchat_server_rename(server, second, "Ann"));
    CHECK_OK(rustchat_server_rename(server, second, NULL));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_find(server, "Ann", NULL, &found));
    CHECK_NUMBER(0, found);
    stop_server(server);
    close(ann);
    close(bob);
}

static void test_a_client_of_line_chat_has_a_name_and_hears_private_words(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client;
    rustchat_event event;
    int bob;
    options.name = "ann";
    client = connect_with(server, &options);
    expect_client_event(client, RUSTCHAT_EVENT_NAMED, &event);
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    rustchat_event_clear(&event);
    bob = join_raw(server);
    put_text(bob, "/name bob\n/msg ann psst\nhello\n");
    skip_client_event(client, RUSTCHAT_EVENT_MESSAGE);
    expect_client_event(client, RUSTCHAT_EVENT_DIRECT, &event);
    CHECK_BYTES("bob", rustchat_message_sender_name(event.message));
    CHECK_BYTES("psst", rustchat_message_bytes(event.message));
    CHECK_NUMBER(0, rustchat_message_from_server(event.message));
    rustchat_event_clear(&event);
    expect_client_event(client, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_BYTES("bob", rustchat_message_sender_name(event.message));
    CHECK_BYTES("hello", rustchat_message_bytes(event.message));
    rustchat_event_clear(&event);
    rustchat_client_free(client);
    stop_server(server);
    close(bob);
}

static void test_without_commands_a_slash_is_a_character(void)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server = NULL;
    int ann;
    options.address = own_address();
    options.commands = -1;
    CHECK_OK(rustchat_server_start(&options, &server));
    ann = join_raw(server);
    CHECK_OK(rustchat_server_rename(server, newest_peer(server), "ann"));
    put_text(ann, "/who\n");
    hear_from(ann, "127.", "/who");
    stop_server(server);
    close(ann);
}

static int said, dropped;

static int32_t filter(void *userdata, const rustchat_event *event)
{
    (void)userdata;
    return rustchat_message_bytes(event->message).len == 4;
}

static void on_said(void *userdata, const rustchat_event *event)
{
    CHECK_TEXT("MESSAGE", rustchat_event_name(event->kind));
    CHECK(event->seq > 0);
    CHECK_BYTES(__atomic_load_n(&said, __ATOMIC_SEQ_CST) == 0 ? "first" : "third", rustchat_message_bytes(event->message));
    CHECK(rustchat_server_join(*(rustchat_server **)userdata, 0) == RUSTCHAT_EDEADLK);
    __atomic_add_fetch(&said, 1, __ATOMIC_SEQ_CST);
}

static void on_drop(void *userdata)
{
    (void)userdata;
    __atomic_add_fetch(&dropped, 1, __ATOMIC_SEQ_CST);
}

static void test_who_observes_is_told_what_the_room_has_got(void)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server = NULL;
    int ann;
    options.address = own_address();
    options.filter = filter;
    options.on_said = on_said;
    options.on_drop = on_drop;
    options.userdata = &server;
    CHECK_OK(rustchat_server_start(&options, &server));
    ann = join_raw(server);
    put_text(ann, "first\nfour\nthird\n");
    hear_line(ann, "first");
    hear_line(ann, "third");
    EVENTUALLY(__atomic_load_n(&said, __ATOMIC_SEQ_CST) == 2);
    stop_server(server);
    EVENTUALLY(__atomic_load_n(&dropped, __ATOMIC_SEQ_CST) == 1);
    close(ann);
}

static void test_who_polls_is_told_besides_what_it_was_asked(void)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server = NULL;
    rustchat_event event;
    int ann;
    options.address = own_address();
    options.asks = RUSTCHAT_ASKS_MESSAGES;
    options.events = RUSTCHAT_EVENTS_SAID;
    CHECK_OK(rustchat_server_start(&options, &server));
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    ann = join_raw(server);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    put_text(ann, "one\n");
    expect_event(server, RUSTCHAT_EVENT_ASK_MESSAGE, &event);
    CHECK_OK(rustchat_server_answer(server, event.question, RUSTCHAT_VERDICT_REPLACE, "eins", 4));
    rustchat_event_clear(&event);
    expect_event(server, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_BYTES("eins", rustchat_message_bytes(event.message));
    CHECK(event.seq > 0);
    rustchat_event_clear(&event);
    close(ann);
    rustchat_server_free(server);
}

int main(void)
{
    RUN(test_a_member_takes_a_name_or_is_given_one);
    RUN(test_a_client_of_line_chat_has_a_name_and_hears_private_words);
    RUN(test_without_commands_a_slash_is_a_character);
    RUN(test_who_observes_is_told_what_the_room_has_got);
    RUN(test_who_polls_is_told_besides_what_it_was_asked);
    return finish();
}
