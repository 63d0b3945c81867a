/* A chat server without callbacks that nobody says "spam" in: it is asked about each message by an event.
 *
 *   asking_server [ADDRESS]      default 127.0.0.1:60000; Ctrl-C ends it */
#include <rustchat.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s\n", what, error.message);
    return 1;
}

/* The answer may come later, too, and from another thread: later messages wait for it. */
static rustchat_status answer(rustchat_server *server, const rustchat_event *event)
{
    rustchat_bytes text = rustchat_message_bytes(event->message);
    int is_spam = text.len == 4 && memcmp(text.data, "spam", 4) == 0;
    if (is_spam)
        return rustchat_server_answer(server, event->question, RUSTCHAT_VERDICT_REPLACE, "****", 4);
    return rustchat_server_answer(server, event->question, RUSTCHAT_VERDICT_DELIVER, NULL, 0);
}

int main(int argc, char **argv)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server *server;
    rustchat_event events[16];
    rustchat_status status;
    size_t count;

    options.address = argc > 1 ? argv[1] : "127.0.0.1:60000";
    options.asks = RUSTCHAT_ASKS_MESSAGES;
    if (rustchat_server_start(&options, &server) != RUSTCHAT_OK)
        return complain("start");
    while ((status = rustchat_server_poll(server, events, 16, &count, -1)) == RUSTCHAT_OK) {
        for (size_t i = 0; i < count; i++)
            if (events[i].kind == RUSTCHAT_EVENT_ASK_MESSAGE && answer(server, &events[i]) != RUSTCHAT_OK)
                complain("answer");
        rustchat_events_clear(events, count);
    }
    rustchat_server_free(server);
    return status == RUSTCHAT_ECLOSED ? 0 : complain("poll");
}
