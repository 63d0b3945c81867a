/* Ends that do not match find out soon, and say what the other one speaks; floods of strangers are counted. */

#include "harness.h"

static const int32_t profiles[] = {RUSTCHAT_PROFILE_DEFAULT, RUSTCHAT_PROFILE_TUTORIAL_SHA256,
                                   RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256};
static const char *const names[] = {"profile mutual", "profile tutorial", "profile multiprocessing"};

/* Not the second that is meant, but far from the ten of the timeout. */
static int64_t soon(void)
{
    return INT64_C(5000) * slowness();
}

static void check_says(const char *what, int64_t start)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    if (strstr(error.message, what) == NULL) {
        FAIL_AT(__FILE__, __LINE__, "the error does not say \"%s\"", what);
    }
    CHECK(now_ms() - start < soon());
}

static rustchat_server *start_with(int32_t framing, size_t profile)
{
    rustchat_server_options options = local_server();
    options.framing = framing;
    if (profile < 3) {
        options.secret = bytes_of("a secret");
        options.profile = profiles[profile];
    }
    return start_server(&options);
}

/* What a client of that framing meets that says something. */
static int32_t meet(rustchat_server *server, int32_t framing)
{
    rustchat_client *client = connect_client(server, framing);
    rustchat_message *message = NULL;
    int32_t status = rustchat_client_send(client, "hello", 5, PATIENCE_MS);
    CHECK(status <= 0);
    status = rustchat_client_recv(client, &message, PATIENCE_MS);
    CHECK(message == NULL);
    rustchat_client_free(client);
    return status;
}

static void test_a_client_without_a_secret_is_told_that_one_is_wanted(void)
{
    for (size_t i = 0; i < 3; i++) {
        rustchat_server *server = start_with(RUSTCHAT_FRAMING_LINE, i);
        rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
        rustchat_connection *connection = NULL;
        rustchat_message *message = NULL;
        int64_t start = now_ms();
        CHECK_STATUS(RUSTCHAT_EAUTH, meet(server, RUSTCHAT_FRAMING_LINE));
        check_says(names[i], start);
        options.address = address_of(server);
        start = now_ms();
        CHECK_OK(rustchat_connection_open(&options, &connection));
        CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_connection_recv(connection, &message, PATIENCE_MS));
        check_says(names[i], start);
        rustchat_connection_free(connection);
        stop_server(server);
    }
}

static void test_a_client_with_a_secret_is_told_that_none_is_wanted(void)
{
    for (size_t i = 0; i < 3; i++) {
        rustchat_server *server = start_with(RUSTCHAT_FRAMING_U32BE, 3);
        rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
        rustchat_client *client = NULL;
        int64_t start = now_ms();
        options.address = address_of(server);
        options.framing = RUSTCHAT_FRAMING_U32BE;
        options.secret = bytes_of("a secret");
        options.profile = profiles[i];
        options.timeout_ms = HANDSHAKE_MS;
        CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_client_connect(&options, &client));
        check_says("the server asks for no secret", start);
        stop_server(server);
    }
}

static void test_a_silent_server_is_given_up_with_what_is_likely(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof name;
    char address[64];
    int silent = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(silent, (struct sockaddr *)&name, len) == 0 && listen(silent, 8) == 0);
    CHECK(getsockname(silent, (struct sockaddr *)&name, &len) == 0);
    snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(name.sin_port));
    for (size_t i = 0; i < 3; i++) {
        rustchat_client_options client_options = RUSTCHAT_CLIENT_OPTIONS_INIT;
        rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
        rustchat_client *client = NULL;
        rustchat_connection *connection = NULL;
        int64_t start = now_ms();
        options.address = client_options.address = address;
        options.secret = client_options.secret = bytes_of("a secret");
        options.profile = client_options.profile = profiles[i];
        CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_connection_open(&options, &connection));
        check_says("may ask for no secret", start);
        start = now_ms();
        CHECK_STATUS(RUSTCHAT_ETIMEDOUT, rustchat_client_connect(&client_options, &client));
        check_says("a larger timeout", start);
    }
    close(silent);
}

static void test_another_profile_is_named(void)
{
    for (size_t ours = 0; ours < 3; ours++) {
        for (size_t theirs = 0; theirs < 3; theirs++) {
            rustchat_server *server = start_with(RUSTCHAT_FRAMING_LINE, theirs);
            rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
            rustchat_connection *connection = NULL;
            int64_t start = now_ms();
            options.address = address_of(server);
            options.secret = bytes_of("a secret");
            options.profile = profiles[ours];
            options.timeout_ms = HANDSHAKE_MS;
            if (ours != theirs) {
                CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_connection_open(&options, &connection));
                check_says(names[theirs], start);
            }
            stop_server(server);
        }
    }
}

static void test_another_framing_is_named(void)
{
    const int32_t framings[] = {RUSTCHAT_FRAMING_LINE, RUSTCHAT_FRAMING_U32BE, RUSTCHAT_FRAMING_U32LE};
    const char *const called[] = {"framing line", "framing u32be", "framing u32le"};
    for (size_t ours = 0; ours < 3; ours++) {
        for (size_t theirs = 0; theirs < 3; theirs++) {
            rustchat_server *server = start_with(framings[theirs], 3);
            int64_t start = now_ms();
            if (ours != theirs) {
                CHECK_STATUS(RUSTCHAT_EPROTO, meet(server, framings[ours]));
                check_says(called[theirs], start);
            }
            stop_server(server);
        }
    }
}

static void test_failures_are_told_once_and_then_counted(void)
{
    rustchat_server *server = start_with(RUSTCHAT_FRAMING_LINE, 0);
    const uint64_t flood = 50;
    uint64_t count = 0, events = 0;
    int64_t start = now_ms();
    skip_event(server, RUSTCHAT_EVENT_LISTENING);
    for (uint64_t i = 0; i < flood; i++) {
        int peer = dial(port_of(server));
        put(peer, "GET / HTTP/1.1\r\n\r\n", 18);
        while (recv(peer, (char[64]){0}, 64, 0) > 0) {
        }
        close(peer);
    }
    while (count < flood) {
        rustchat_event event;
        expect_event(server, RUSTCHAT_EVENT_PEER_AUTH_FAILED, &event);
        CHECK(event.status == RUSTCHAT_EAUTH && event.count >= 1 && event.message != NULL);
        count += event.count;
        events++;
        rustchat_event_clear(&event);
    }
    CHECK_NUMBER(flood, count);
    CHECK(events <= 2 + (uint64_t)(now_ms() - start) / 1000);
    stop_server(server);
}

static void test_a_web_page_says_nothing_in_a_room(void)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    char answer[512] = "";
    size_t len = 0;
    ssize_t got;
    int page;
    EVENTUALLY(joined_count(server) == 1);
    page = dial(port_of(server));
    put(page, "POST / HTTP/1.1\r\n\r\nhello\n", 25);
    while (len + 1 < sizeof answer && (got = recv(page, answer + len, sizeof answer - len - 1, 0)) > 0) {
        len += (size_t)got;
    }
    close(page);
    CHECK(strncmp(answer, "HTTP/1.1 400 ", 13) == 0);
    CHECK(strstr(answer, "this is line chat") != NULL);
    say(client, "only this");
    hear(client, "only this");
    rustchat_client_free(client);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_client_without_a_secret_is_told_that_one_is_wanted);
    RUN(test_a_client_with_a_secret_is_told_that_none_is_wanted);
    RUN(test_a_silent_server_is_given_up_with_what_is_likely);
    RUN(test_another_profile_is_named);
    RUN(test_another_framing_is_named);
    RUN(test_failures_are_told_once_and_then_counted);
    RUN(test_a_web_page_says_nothing_in_a_room);
    return finish();
}
