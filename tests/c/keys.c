/* Rings of keys: many keys for one server, one ring for many, and changes while they run. */

#include "harness.h"

static rustchat_key_ring *ring;

static void make_ring(void)
{
    CHECK_OK(rustchat_key_ring_new(&ring));
    CHECK_OK(rustchat_key_ring_add(ring, "ben", "the secret of ben", 17));
    CHECK_OK(rustchat_key_ring_add(ring, "ann", "the secret of ann", 17));
    CHECK_OK(rustchat_key_ring_add(ring, NULL, "that of all", 11));
}

static void test_ids_are_listed_and_secrets_are_not(void)
{
    char ids[16];
    size_t len = 0;
    make_ring();
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_key_ring_ids(ring, ids, 8, &len));
    CHECK_NUMBER(9, len);
    CHECK_OK(rustchat_key_ring_ids(ring, ids, sizeof ids, &len));
    CHECK(len == 9 && memcmp(ids, "\0ann\0ben", 9) == 0);
    CHECK_OK(rustchat_key_ring_remove(ring, NULL));
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_key_ring_remove(ring, NULL));
    CHECK_OK(rustchat_key_ring_ids(ring, ids, sizeof ids, &len));
    CHECK_NUMBER(8, len);
    rustchat_key_ring_free(ring);
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_key_ring_ids(ring, ids, sizeof ids, &len));
}

static int32_t join_chat(rustchat_server *server, const char *key_id, const char *secret)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client = NULL;
    int32_t status;
    options.address = address_of(server);
    options.key_id = key_id;
    options.secret = bytes_of(secret);
    options.timeout_ms = HANDSHAKE_MS;
    status = rustchat_client_connect(&options, &client);
    rustchat_client_free(client);
    return status;
}

static void test_a_ring_changes_while_its_servers_run(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *servers[2];
    make_ring();
    options.keys = ring;
    options.handshake_timeout_ms = PATIENCE_MS;
    for (int i = 0; i < 2; i++) {
        servers[i] = start_server(&options);
        CHECK_OK(join_chat(servers[i], "ann", "the secret of ann"));
        CHECK_OK(join_chat(servers[i], "ben", "the secret of ben"));
        CHECK_OK(join_chat(servers[i], NULL, "that of all"));
        CHECK_STATUS(RUSTCHAT_EAUTH, join_chat(servers[i], "ann", "the secret of ben"));
    }
    CHECK_OK(rustchat_key_ring_remove(ring, "ann"));
    CHECK_OK(rustchat_key_ring_add(ring, "ben", "another of ben", 14));
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(RUSTCHAT_EAUTH, join_chat(servers[i], "ann", "the secret of ann"));
        CHECK_STATUS(RUSTCHAT_EAUTH, join_chat(servers[i], "ben", "the secret of ben"));
        CHECK_OK(join_chat(servers[i], "ben", "another of ben"));
    }
    rustchat_key_ring_free(ring);
    CHECK_OK(join_chat(servers[0], "ben", "another of ben"));
    rustchat_server_free(servers[0]);
    rustchat_server_free(servers[1]);
}

static void test_who_has_proved_a_revoked_key_is_disconnected(void)
{
    rustchat_server_options options = local_server();
    rustchat_client_options calling = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *ann = NULL, *ben = NULL;
    rustchat_server *server;
    make_ring();
    options.keys = ring;
    options.events = RUSTCHAT_EVENTS_MEMBERSHIP;
    server = start_server(&options);
    calling.address = address_of(server);
    calling.timeout_ms = HANDSHAKE_MS;
    calling.key_id = "ann";
    calling.secret = bytes_of("the secret of ann");
    CHECK_OK(rustchat_client_connect(&calling, &ann));
    calling.key_id = "ben";
    calling.secret = bytes_of("the secret of ben");
    CHECK_OK(rustchat_client_connect(&calling, &ben));
    EVENTUALLY(members(server) == 2);
    CHECK_OK(rustchat_key_ring_add(ring, "ben", "the secret of ben", 17));
    CHECK_OK(rustchat_key_ring_remove(ring, "ann"));
    CHECK_NUMBER(RUSTCHAT_EAUTH, next_leave(server));
    EVENTUALLY(members(server) == 1);
    rustchat_client_free(ann);
    rustchat_client_free(ben);
    rustchat_server_free(server);
    rustchat_key_ring_free(ring);
}

static int32_t state_of(rustchat_client *client)
{
    int32_t state = 0;
    CHECK_OK(rustchat_client_state(client, &state));
    return state;
}

static rustchat_client *join_as(rustchat_server *server, const char *key_id, const char *secret)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    options.key_id = key_id;
    options.secret = bytes_of(secret);
    options.timeout_ms = HANDSHAKE_MS;
    return connect_with(server, &options);
}

static void test_all_keys_are_replaced_in_one_step(void)
{
    rustchat_server_options options = local_server();
    rustchat_key keys[3] = {{"ben", {NULL, 0}}, {"cleo", {NULL, 0}}, {"ben", {NULL, 0}}};
    rustchat_client *ann, *ben;
    rustchat_server *server;
    size_t revoked = 9, len = 0;
    char ids[16];
    make_ring();
    options.keys = ring;
    options.events = RUSTCHAT_EVENTS_MEMBERSHIP;
    server = start_server(&options);
    ann = join_as(server, "ann", "the secret of ann");
    ben = join_as(server, "ben", "the secret of ben");
    EVENTUALLY(members(server) == 2);
    keys[0].secret = bytes_of("the secret of ben");
    keys[1].secret = bytes_of("the secret of cleo");
    /* What cannot be changes nothing. */
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_key_ring_replace(ring, keys, 3, &revoked));
    CHECK_NUMBER(0, revoked);
    CHECK_OK(rustchat_key_ring_ids(ring, ids, sizeof ids, &len));
    CHECK_NUMBER(9, len);
    CHECK_OK(rustchat_key_ring_replace(ring, keys, 2, &revoked));
    CHECK_NUMBER(2, revoked);
    CHECK_OK(rustchat_key_ring_ids(ring, ids, sizeof ids, &len));
    CHECK(len == 9 && memcmp(ids, "ben\0cleo", 9) == 0);
    CHECK_NUMBER(RUSTCHAT_EAUTH, next_leave(server));
    EVENTUALLY(members(server) == 1);
    CHECK_NUMBER(RUSTCHAT_CLIENT_OPEN, state_of(ben));
    CHECK_OK(rustchat_key_ring_replace(ring, NULL, 0, NULL));
    CHECK_NUMBER(RUSTCHAT_EAUTH, next_leave(server));
    rustchat_client_free(ann);
    rustchat_client_free(ben);
    rustchat_server_free(server);
    rustchat_key_ring_free(ring);
}

static void test_a_listener_knows_whose_key_it_was(void)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connecting = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    rustchat_connection *connection = NULL, *accepted = NULL;
    char address[64], id[65];
    make_ring();
    listening.address = own_address();
    listening.keys = ring;
    listening.handshake_timeout_ms = PATIENCE_MS;
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    connecting.address = address;
    connecting.key_id = "ben";
    connecting.secret = bytes_of("the secret of ben");
    connecting.timeout_ms = HANDSHAKE_MS;
    CHECK_OK(rustchat_connection_open(&connecting, &connection));
    CHECK_OK(rustchat_listener_accept(listener, &accepted, PATIENCE_MS));
    CHECK_OK(rustchat_connection_key_id(accepted, id, sizeof id, NULL));
    CHECK_TEXT("ben", id);
    rustchat_connection_free(connection);
    rustchat_connection_free(accepted);
    rustchat_listener_free(listener);
    rustchat_key_ring_free(ring);
}

static void test_a_ring_in_the_place_of_a_secret(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server = NULL;
    make_ring();
    options.keys = ring;
    options.secret = bytes_of("one more");
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    rustchat_key_ring_free(ring);
    options.secret = bytes_of("");
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_server_start(&options, &server));
    CHECK(server == NULL);
}

int main(void)
{
    watchdog(300);
    RUN(test_ids_are_listed_and_secrets_are_not);
    RUN(test_a_ring_changes_while_its_servers_run);
    RUN(test_who_has_proved_a_revoked_key_is_disconnected);
    RUN(test_all_keys_are_replaced_in_one_step);
    RUN(test_a_listener_knows_whose_key_it_was);
    RUN(test_a_ring_in_the_place_of_a_secret);
    return finish();
}
