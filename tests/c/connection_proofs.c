/* Connections with a secret, and peers that say nothing. */

#include "connecting.h"

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
        options.timeout_ms = HANDSHAKE_MS;
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
    options.timeout_ms = HANDSHAKE_MS;
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
    options.timeout_ms = HANDSHAKE_MS;
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

int main(void)
{
    watchdog(300);
    RUN(test_the_right_secret_opens);
    RUN(test_wrong_proofs_do_not);
    RUN(test_a_silent_peer_holds_up_nobody);
    RUN(test_a_silent_server_is_not_waited_for);
    return finish();
}
