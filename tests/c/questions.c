/* Questions to a program that polls, and its answers. */
#include "harness.h"

static rustchat_server *start_asking(int32_t asks)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server = NULL;
    options.address = own_address();
    options.asks = asks;
    CHECK_OK(rustchat_server_start(&options, &server));
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    return server;
}

/* The number of the next question, which must be that one. */
static uint64_t asked(rustchat_server *server, int32_t kind, const char *text)
{
    rustchat_event event;
    uint64_t question;
    expect_event(server, kind, &event);
    CHECK(event.question != 0);
    CHECK(event.peer != 0);
    CHECK_NUMBER(0, event.seq);
    CHECK_BYTES(text, rustchat_message_bytes(event.message));
    question = event.question;
    rustchat_event_clear(&event);
    return question;
}

static void test_messages_are_delivered_in_their_order_whatever_that_of_the_answers(void)
{
    rustchat_server *server = start_asking(RUSTCHAT_ASKS_MESSAGES);
    int ann = join_raw(server);
    uint64_t one, two, three;
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    put_text(ann, "one\ntwo\nthree\n");
    one = asked(server, RUSTCHAT_EVENT_ASK_MESSAGE, "one");
    two = asked(server, RUSTCHAT_EVENT_ASK_MESSAGE, "two");
    three = asked(server, RUSTCHAT_EVENT_ASK_MESSAGE, "three");
    CHECK_OK(rustchat_server_answer(server, three, RUSTCHAT_VERDICT_REPLACE, "drei", 4));
    CHECK_OK(rustchat_server_answer(server, two, RUSTCHAT_VERDICT_DROP, NULL, 0));
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_answer(server, two, RUSTCHAT_VERDICT_DROP, NULL, 0));
    CHECK_OK(rustchat_server_answer(server, one, RUSTCHAT_VERDICT_DELIVER, NULL, 0));
    hear_line(ann, "one");
    hear_line(ann, "drei");
    put_text(ann, "four\n");
    CHECK_OK(rustchat_server_answer(server, asked(server, RUSTCHAT_EVENT_ASK_MESSAGE, "four"), RUSTCHAT_VERDICT_FAILED,
                                    NULL, 0));
    hear_line(ann, "* error: not said: the server's filter failed");
    close(ann);
    rustchat_server_free(server);
}

static void test_who_is_kept_out_is_told(void)
{
    rustchat_server *server = start_asking(RUSTCHAT_ASKS_ALL);
    int ann = dial(port_of(server)), bob;
    CHECK_OK(rustchat_server_answer(server, asked(server, RUSTCHAT_EVENT_ASK_JOIN, ""), RUSTCHAT_VERDICT_DELIVER, NULL,
                                    0));
    skip_event(server, RUSTCHAT_EVENT_PEER_JOINED);
    bob = dial(port_of(server));
    CHECK_OK(rustchat_server_answer(server, asked(server, RUSTCHAT_EVENT_ASK_JOIN, ""), RUSTCHAT_VERDICT_DROP, NULL, 0));
    hear_line(bob, "* error: not admitted");
    close(bob);
    close(ann);
    rustchat_server_free(server);
}

static int32_t admit(void *userdata, const rustchat_peer_info *peer)
{
    (void)userdata;
    (void)peer;
    return 0;
}

static void test_callbacks_are_not_asked_by_events_as_well(void)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server = NULL;
    options.address = own_address();
    options.asks = RUSTCHAT_ASKS_JOINS;
    options.authorize = admit;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    CHECK(server == NULL);
}

int main(void)
{
    watchdog(300);
    RUN(test_messages_are_delivered_in_their_order_whatever_that_of_the_answers);
    RUN(test_who_is_kept_out_is_told);
    RUN(test_callbacks_are_not_asked_by_events_as_well);
    return finish();
}
