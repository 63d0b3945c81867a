/* A chat client: says every line of its input, and shows what others say.
 *
 *   chat_client [ADDRESS [NAME]]      default 127.0.0.1:60000
 *
 * With a NAME it speaks the messages of a server with another framing than lines, and understands some lines itself: /who,
 * /msg NAME TEXT and /name NAME, where a server of line chat has commands like these of its own. */
#include <rustchat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

/* Called on a thread of the library, one event at a time. */
static void on_event(void *userdata, const rustchat_event *event)
{
    rustchat_bytes who = rustchat_message_sender_name(event->message);
    rustchat_bytes text = rustchat_message_bytes(event->message);
    /* Message chat numbers what is said; line chat has a stamp, by the server's clock. */
    uint64_t number = rustchat_message_seq(event->message) + rustchat_message_wall_time(event->message);
    FILE *out = userdata;
    if (who.len == 0)
        who = rustchat_message_sender_address(event->message);
    if (rustchat_message_from_server(event->message)) {
        who.data = "server"; /* which nobody can be called */
        who.len = 6;
    }
    switch (event->kind) {
    case RUSTCHAT_EVENT_MESSAGE:
    case RUSTCHAT_EVENT_DIRECT:
        fprintf(out, "%llu %.*s%s: %.*s\n", (unsigned long long)number, (int)who.len, (const char *)who.data,
                rustchat_message_private(event->message) ? " (to you)" : "", (int)text.len, (const char *)text.data);
        break;
    case RUSTCHAT_EVENT_CLOSED:
        fprintf(out, "closed: %s\n", rustchat_status_message(event->status));
        break;
    default:
        fprintf(out, "%s %.*s %.*s\n", rustchat_event_name(event->kind), (int)who.len, (const char *)who.data,
                (int)text.len, (const char *)text.data);
    }
    fflush(out);
}

static void on_drop(void *userdata)
{
    fflush(userdata); /* nothing of ours is used after this */
}

static rustchat_status tell_who(rustchat_client *client)
{
    rustchat_member_listing listing = RUSTCHAT_MEMBER_LISTING_INIT;
    rustchat_status status = rustchat_client_who(client, &listing, 10000);
    for (size_t i = 0; i < listing.count; i++)
        printf("%s (%s)\n", listing.members[i].name, listing.members[i].address);
    fflush(stdout);
    rustchat_member_listing_clear(&listing);
    return status;
}

/* What a line of message chat wants; the name that it begins with ends at a space. */
static rustchat_status obey(rustchat_client *client, char *line)
{
    char *text;
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "/who") == 0)
        return tell_who(client);
    if (strncmp(line, "/name ", 6) == 0)
        return rustchat_client_rename(client, line + 6, 10000);
    if (strncmp(line, "/msg ", 5) == 0 && (text = strchr(line + 5, ' ')) != NULL) {
        *text++ = '\0';
        return rustchat_client_send_to(client, line + 5, text, strlen(text), 10000);
    }
    return rustchat_client_send(client, line, strlen(line), 10000);
}

static void say_lines(rustchat_client *client, int is_line_chat)
{
    char line[8192];
    while (fgets(line, sizeof line, stdin)) {
        rustchat_status status =
            is_line_chat ? rustchat_client_send(client, line, strlen(line), 10000) : obey(client, line);
        int32_t state = 0;
        if (status == RUSTCHAT_EUTF8)
            fprintf(stderr, "not sent: it holds what is no text\n");
        else if (status == RUSTCHAT_EMSGSIZE)
            fprintf(stderr, "not sent: it is longer than the server takes\n");
        else if (status == RUSTCHAT_EINVAL)
            fprintf(stderr, "somebody else has that name\n");
        else if (rustchat_client_state(client, &state) != RUSTCHAT_OK || state == RUSTCHAT_CLIENT_CLOSED)
            return;
        else if (status != RUSTCHAT_OK)
            die("send");
    }
}

int main(int argc, char **argv)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client_stats_data stats = RUSTCHAT_CLIENT_STATS_INIT;
    rustchat_client *client;
    char address[128];

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION) {
        fprintf(stderr, "rustchat %s has another ABI than its header\n", rustchat_version());
        return 1;
    }
    options.address = argc > 1 ? argv[1] : NULL;
    options.name = argc > 2 ? argv[2] : NULL;
    options.framing = options.name ? RUSTCHAT_FRAMING_U32BE : RUSTCHAT_FRAMING_LINE;
    options.userdata = stdout;
    options.on_event = on_event;
    options.on_drop = on_drop;
    if (rustchat_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    if (rustchat_client_peer_address(client, address, sizeof address, NULL) != RUSTCHAT_OK)
        die("peer address");
    fprintf(stderr, "connected to %s\n", address);
    say_lines(client, options.framing == RUSTCHAT_FRAMING_LINE);
    /* Saying quit makes the server close, so that everything said before has come back by then. */
    if (options.framing == RUSTCHAT_FRAMING_LINE && rustchat_client_send(client, "quit", 4, 1000) == RUSTCHAT_OK)
        (void)(rustchat_client_join(client, 2000) == RUSTCHAT_OK);
    rustchat_client_close(client);
    if (rustchat_client_stats(client, &stats) == RUSTCHAT_OK)
        fprintf(stderr, "said %llu, heard %llu\n", (unsigned long long)stats.messages_out,
                (unsigned long long)stats.messages_in);
    rustchat_client_free(client);
    return 0;
}
