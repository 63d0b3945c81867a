/* Addresses as text: ports, brackets and relative paths, and what is said of a wrong one. */

#include "harness.h"

static int32_t start(const char *address, rustchat_server **server)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    *server = NULL;
    options.address = address;
    return rustchat_server_start(&options, server);
}

static void expect_refusal(const char *address, const char *word)
{
    rustchat_server *server;
    rustchat_error error;
    CHECK_STATUS(RUSTCHAT_EADDRINVAL, start(address, &server));
    CHECK_OK(rustchat_last_error(&error));
    if (strstr(error.message, word) == NULL || strstr(error.message, "host:port") == NULL) {
        FAIL_AT(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", error.message, word);
    }
}

static void test_a_wrong_address_says_where_the_port_goes(void)
{
    expect_refusal("127.0.0.1", "no port");
    expect_refusal("[::1]", "no port");
    expect_refusal("::1", "brackets");
    expect_refusal("[::1", "not closed");
    expect_refusal("rel", "no port");
    expect_refusal("localhost:http", "not a number");
}

static void test_a_relative_path_is_a_path(void)
{
    const char *addresses[] = {"room.sock", "./room", "unix:room"};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        rustchat_server *server;
        rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
        rustchat_client *client;
        char address[200];
        CHECK_OK(start(addresses[i], &server));
        CHECK(access(i == 0 ? "room.sock" : "room", F_OK) == 0);
        CHECK_OK(rustchat_server_address(server, address, sizeof address, NULL));
        /* What the server says of itself is an address again. */
        options.address = address;
        CHECK_OK(rustchat_client_connect(&options, &client));
        rustchat_client_free(client);
        rustchat_server_free(server);
    }
}

int main(void)
{
    char directory[] = "/tmp/rustchat-addresses-XXXXXX";
    watchdog(300);
    CHECK(mkdtemp(directory) != NULL && chdir(directory) == 0);
    RUN(test_a_wrong_address_says_where_the_port_goes);
    RUN(test_a_relative_path_is_a_path);
    CHECK(chdir("/") == 0 && rmdir(directory) == 0);
    return finish();
}
