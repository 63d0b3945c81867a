/* Who is there, words for one member alone, and names that change. */

#include "harness.h"

static rustchat_client *join_as(rustchat_server *server, const char *name)
{
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_U32BE);
    char found[64] = "?";
    size_t len = 9;
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_client_name(client, NULL, 0, &len));
    CHECK_NUMBER(0, len);
    CHECK_OK(rustchat_client_rename(client, name, PATIENCE_MS));
    CHECK_OK(rustchat_client_name(client, found, sizeof found, &len));
    CHECK_TEXT(name, found);
    CHECK_NUMBER(strlen(name), len);
    skip_client_event(client, RUSTCHAT_EVENT_WELCOME);
    skip_client_event(client, RUSTCHAT_EVENT_NAMED);
    return client;
}

static void test_a_client_asks_who_is_there(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *ann = join_as(server, "ann"), *nameless = connect_client(server, RUSTCHAT_FRAMING_U32BE);
    rustchat_member_listing listing = RUSTCHAT_MEMBER_LISTING_INIT;
    EVENTUALLY(joined_count(server) == 2);
    CHECK_OK(rustchat_client_who(ann, &listing, PATIENCE_MS));
    CHECK_NUMBER(2, listing.count);
    CHECK_TEXT("ann", listing.members[0].name);
    CHECK_TEXT("", listing.members[1].name);
    CHECK(strncmp(listing.members[1].address, "127.0.0.1:", 10) == 0);
    CHECK_NUMBER(newest_peer(server), listing.members[1].id);
    rustchat_member_listing_clear(&listing);
    CHECK(listing.count == 0 && listing.members == NULL && listing.struct_size == sizeof listing);
    rustchat_member_listing_clear(&listing);
    rustchat_client_close(nameless);
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_client_who(nameless, &listing, PATIENCE_MS));
    rustchat_client_free(nameless);
    rustchat_client_free(ann);
    stop_server(server);
}

static void test_a_private_word_is_heard_by_one(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *ann = join_as(server, "ann"), *bob = join_as(server, "bob");
    rustchat_event event;
    CHECK_OK(rustchat_client_send_to(ann, "bob", "psst", 4, PATIENCE_MS));
    expect_client_event(bob, RUSTCHAT_EVENT_DIRECT, &event);
    CHECK_BYTES("psst", rustchat_message_bytes(event.message));
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    CHECK_NUMBER(1, rustchat_message_private(event.message));
    CHECK_NUMBER(0, rustchat_message_recipient(event.message));
    rustchat_event_clear(&event);
    say(bob, "aloud");
    expect_client_event(bob, RUSTCHAT_EVENT_MESSAGE, &event);
    CHECK_NUMBER(0, rustchat_message_private(event.message));
    rustchat_event_clear(&event);
    hear(ann, "aloud");
    CHECK_OK(rustchat_client_send_to(ann, "nobody", "psst", 4, PATIENCE_MS));
    {
        rustchat_message *message = NULL;
        CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_client_recv(ann, &message, PATIENCE_MS));
        CHECK(message == NULL);
    }
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_send_to(ann, "server", "psst", 4, PATIENCE_MS));
    rustchat_client_free(ann);
    rustchat_client_free(bob);
    stop_server(server);
}

static void test_a_private_word_to_nobody_says_whom_it_was_for(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client;
    rustchat_event event;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.reconnect = 1;
    client = connect_with(server, &options);
    CHECK_OK(rustchat_client_send_to(client, "nobody", "psst", 4, PATIENCE_MS));
    skip_client_event(client, RUSTCHAT_EVENT_WELCOME);
    expect_client_event(client, RUSTCHAT_EVENT_REFUSED, &event);
    CHECK_STATUS(RUSTCHAT_ENOPEER, event.status);
    CHECK_BYTES("nobody", rustchat_message_recipient_name(event.message));
    CHECK_NUMBER(1, rustchat_message_private(event.message));
    rustchat_event_clear(&event);
    CHECK_OK(rustchat_client_drain(client, PATIENCE_MS));
    rustchat_client_free(client);
    stop_server(server);
}

static void test_a_name_that_is_not_to_be_had_is_told_to_who_asks(void)
{
    rustchat_server *server = start_message_server();
    rustchat_client *ann = join_as(server, "ann"), *bob = join_as(server, "bob");
    char name[8] = "?";
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_rename(bob, "Ann", PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_client_rename(bob, "server", PATIENCE_MS));
    CHECK_OK(rustchat_client_name(bob, name, sizeof name, NULL));
    CHECK_TEXT("bob", name);
    CHECK_OK(rustchat_client_rename(ann, NULL, PATIENCE_MS));
    CHECK_OK(rustchat_client_name(ann, name, sizeof name, NULL));
    CHECK_TEXT("", name);
    CHECK_OK(rustchat_client_rename(bob, "Ann", PATIENCE_MS));
    rustchat_client_free(ann);
    rustchat_client_free(bob);
    stop_server(server);
}

static void test_the_server_tells_of_names(void)
{
    rustchat_server *server = start_line_server();
    rustchat_event event;
    int peer;
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    peer = join_raw(server);
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    put_text(peer, "/name ann\n");
    expect_event(server, RUSTCHAT_EVENT_PEER_RENAMED, &event);
    CHECK_BYTES("", rustchat_message_bytes(event.message));
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    CHECK_NUMBER(newest_peer(server), event.peer);
    CHECK_TEXT("PEER_RENAMED", rustchat_event_name(event.kind));
    rustchat_event_clear(&event);
    CHECK_OK(rustchat_server_rename(server, newest_peer(server), NULL));
    expect_event(server, RUSTCHAT_EVENT_PEER_RENAMED, &event);
    CHECK_BYTES("ann", rustchat_message_bytes(event.message));
    CHECK_BYTES("", rustchat_message_sender_name(event.message));
    rustchat_event_clear(&event);
    close(peer);
    rustchat_server_free(server);
}

static void test_who_is_asked_about_words_is_told_whom_they_are_for(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *ann, *bob;
    rustchat_event event;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.asks = RUSTCHAT_ASKS_MESSAGES;
    options.events = RUSTCHAT_EVENTS_NONE;
    server = start_server(&options);
    ann = join_as(server, "ann");
    bob = join_as(server, "bob");
    CHECK_OK(rustchat_client_send_to(ann, "bob", "psst", 4, PATIENCE_MS));
    say(ann, "aloud");
    expect_event(server, RUSTCHAT_EVENT_ASK_MESSAGE, &event);
    CHECK_BYTES("psst", rustchat_message_bytes(event.message));
    CHECK_BYTES("ann", rustchat_message_sender_name(event.message));
    CHECK(rustchat_message_sender(event.message) == event.peer && event.peer != newest_peer(server));
    CHECK(strncmp((const char *)rustchat_message_sender_address(event.message).data, "127.0.0.1:", 10) == 0);
    CHECK_NUMBER(newest_peer(server), rustchat_message_recipient(event.message));
    CHECK_BYTES("bob", rustchat_message_recipient_name(event.message));
    CHECK_NUMBER(1, rustchat_message_private(event.message));
    CHECK_OK(rustchat_server_answer(server, event.question, RUSTCHAT_VERDICT_REPLACE, "hush", 4));
    rustchat_event_clear(&event);
    expect_event(server, RUSTCHAT_EVENT_ASK_MESSAGE, &event);
    CHECK_NUMBER(0, rustchat_message_recipient(event.message));
    CHECK_NUMBER(0, rustchat_message_private(event.message));
    CHECK_OK(rustchat_server_answer(server, event.question, RUSTCHAT_VERDICT_DELIVER, NULL, 0));
    rustchat_event_clear(&event);
    hear(bob, "hush");
    hear(bob, "aloud");
    rustchat_client_free(ann);
    rustchat_client_free(bob);
    rustchat_server_free(server);
}

static int32_t private_only(void *userdata, const rustchat_event *event)
{
    (void)userdata;
    CHECK(event->peer != 0);
    return rustchat_message_private(event->message) ? 0 : 1;
}

static void test_a_filter_is_told_whom_words_are_for(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_client *ann;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    options.filter = private_only;
    server = start_server(&options);
    ann = join_as(server, "ann");
    say(ann, "aloud");
    CHECK_OK(rustchat_client_send_to(ann, "ann", "psst", 4, PATIENCE_MS));
    hear(ann, "psst");
    rustchat_client_free(ann);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_client_asks_who_is_there);
    RUN(test_a_private_word_is_heard_by_one);
    RUN(test_a_private_word_to_nobody_says_whom_it_was_for);
    RUN(test_a_name_that_is_not_to_be_had_is_told_to_who_asks);
    RUN(test_the_server_tells_of_names);
    RUN(test_who_is_asked_about_words_is_told_whom_they_are_for);
    RUN(test_a_filter_is_told_whom_words_are_for);
    return finish();
}
