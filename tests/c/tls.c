/* TLS: with a secret and nothing else, with certificates, by pins and roots, and whom it keeps apart. */

#include "certificates.h"

static const char SECRET[] = "correct horse battery staple";
static struct certificate own;

static int says(const char *words)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    return strstr(error.message, words) != NULL;
}

static rustchat_server_options tls_server(const rustchat_tls_options *tls)
{
    rustchat_server_options options = local_server();
    options.secret = bytes_of(SECRET);
    options.handshake_timeout_ms = PATIENCE_MS;
    options.tls = tls;
    return options;
}

static rustchat_client_options tls_client(const rustchat_tls_options *tls)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    options.secret = bytes_of(SECRET);
    options.timeout_ms = HANDSHAKE_MS;
    options.tls = tls;
    return options;
}

static int32_t try_to_connect(rustchat_server *server, rustchat_client_options *options)
{
    rustchat_client *client = (rustchat_client *)(uintptr_t)0x5a5a;
    int32_t status;
    options->address = address_of(server);
    status = rustchat_client_connect(options, &client);
    CHECK((client != NULL) == (status == RUSTCHAT_OK));
    rustchat_client_free(client);
    return status;
}

static rustchat_protection protection_of(rustchat_client *client)
{
    rustchat_protection found = RUSTCHAT_PROTECTION_INIT;
    CHECK_OK(rustchat_client_protection(client, &found));
    return found;
}

static void check_a_talk(rustchat_server *server, rustchat_client *client)
{
    say(client, "hello");
    hear(client, "hello");
    CHECK_OK(rustchat_server_broadcast(server, "to all", 6, 0, NULL));
    hear(client, "to all");
}

static void test_a_secret_is_enough(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = tls_server(&tls);
    rustchat_client_options connecting = tls_client(&tls);
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    rustchat_protection found;
    rustchat_server *server;
    rustchat_client *client;
    uint8_t pin[32];
    CHECK((rustchat_features() & RUSTCHAT_FEATURE_TLS) != 0);
    server = start_server(&serving);
    client = connect_with(server, &connecting);
    EVENTUALLY(joined_count(server) == 1);
    check_a_talk(server, client);
    found = protection_of(client);
    CHECK_OK(rustchat_server_pin(server, pin));
    CHECK(found.tls == 1 && found.binding == RUSTCHAT_BINDING_TLS_EXPORTER && found.has_pin == 1);
    CHECK(memcmp(found.pin, pin, 32) == 0);
    CHECK_OK(rustchat_server_peer_info(server, newest_peer(server), &info));
    CHECK(info.tls == 1 && info.binding == RUSTCHAT_BINDING_TLS_EXPORTER);
    CHECK_OK(rustchat_server_stats(server, &stats));
    CHECK_NUMBER(1, stats.members_tls);
    rustchat_client_free(client);
    stop_server(server);
}

static void test_without_tls_nothing_is_said_of_it(void)
{
    rustchat_server_options serving = tls_server(NULL);
    rustchat_client_options connecting = tls_client(NULL);
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    rustchat_protection found;
    rustchat_server *server = start_server(&serving);
    rustchat_client *client = connect_with(server, &connecting);
    uint8_t pin[32], none[32] = {0};
    EVENTUALLY(joined_count(server) == 1);
    found = protection_of(client);
    CHECK(found.tls == 0 && found.binding == RUSTCHAT_BINDING_NONE && found.has_pin == 0);
    CHECK_OK(rustchat_server_peer_info(server, newest_peer(server), &info));
    CHECK(info.tls == 0 && info.binding == RUSTCHAT_BINDING_NONE);
    memset(pin, 0x5a, sizeof pin);
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_pin(server, pin));
    CHECK(memcmp(pin, none, 32) == 0);
    tls.certificate_file = own.chain;
    tls.key_file = own.key;
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_replace_certificate(server, &tls));
    rustchat_client_free(client);
    stop_server(server);
}

static void test_another_secret_is_refused_at_both_ends(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = tls_server(&tls);
    rustchat_client_options connecting = tls_client(&tls);
    rustchat_server *server = start_server(&serving);
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    connecting.secret = bytes_of("another secret");
    CHECK_STATUS(RUSTCHAT_EAUTH, try_to_connect(server, &connecting));
    EVENTUALLY(rustchat_server_stats(server, &stats) == RUSTCHAT_OK && stats.authentication_failed == 1);
    stop_server(server);
}

static void test_plain_and_tls_do_not_meet(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = tls_server(&tls);
    rustchat_client_options connecting = tls_client(NULL);
    rustchat_server *server = start_server(&serving);
    int32_t status = try_to_connect(server, &connecting);
    CHECK(status == RUSTCHAT_EAUTH || status == RUSTCHAT_EPROTO);
    CHECK(says("TLS"));
    stop_server(server);
    serving = tls_server(NULL);
    connecting = tls_client(&tls);
    server = start_server(&serving);
    CHECK_STATUS(RUSTCHAT_EPROTO, try_to_connect(server, &connecting));
    CHECK(says("does not speak TLS"));
    stop_server(server);
}

/* Without a secret it is the certificate that counts. */
static void test_pins_and_roots_say_whom_to_trust(void)
{
    rustchat_tls_options theirs = RUSTCHAT_TLS_OPTIONS_INIT, ours = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = local_server();
    rustchat_client_options connecting = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_server *server;
    uint8_t pins[64] = {1};
    char *roots = text_of(own.chain);
    theirs.certificate_file = own.chain;
    theirs.key_file = own.key;
    serving.handshake_timeout_ms = PATIENCE_MS;
    serving.tls = &theirs;
    connecting.timeout_ms = HANDSHAKE_MS;
    connecting.tls = &ours;
    server = start_server(&serving);
    ours.pins = pins;
    ours.pin_count = 1;
    CHECK_STATUS(RUSTCHAT_EAUTH, try_to_connect(server, &connecting));
    CHECK(says("expected another (pin)"));
    CHECK_OK(rustchat_server_pin(server, pins + 32));
    ours.pin_count = 2;
    CHECK_OK(try_to_connect(server, &connecting));
    ours.pins = NULL;
    ours.pin_count = 0;
    CHECK_STATUS(RUSTCHAT_EAUTH, try_to_connect(server, &connecting));
    ours.ca_file = own.chain;
    CHECK_OK(try_to_connect(server, &connecting));
    ours.ca_file = NULL;
    ours.ca = bytes_of(roots);
    CHECK_OK(try_to_connect(server, &connecting));
    ours.server_name = "localhost";
    CHECK_OK(try_to_connect(server, &connecting));
    ours.server_name = "elsewhere.example";
    CHECK_STATUS(RUSTCHAT_EAUTH, try_to_connect(server, &connecting));
    CHECK(says("another name"));
    stop_server(server);
    free(roots);
}

static void test_a_certificate_is_replaced_while_it_runs(void)
{
    struct certificate next = make_certificate("next");
    char *chain = text_of(next.chain), *key = text_of(next.key);
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT, any = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = tls_server(&tls);
    rustchat_client_options connecting = tls_client(&any);
    rustchat_client *before, *after;
    rustchat_protection old_one, new_one;
    rustchat_server *server;
    uint8_t pin[32];
    tls.certificate_file = own.chain;
    tls.key_file = own.key;
    server = start_server(&serving);
    before = connect_with(server, &connecting);
    tls.certificate_file = tls.key_file = NULL;
    tls.certificate = bytes_of(chain);
    tls.key = bytes_of(key);
    CHECK_OK(rustchat_server_replace_certificate(server, &tls));
    after = connect_with(server, &connecting);
    old_one = protection_of(before);
    new_one = protection_of(after);
    CHECK_OK(rustchat_server_pin(server, pin));
    CHECK(memcmp(new_one.pin, pin, 32) == 0 && memcmp(old_one.pin, pin, 32) != 0);
    EVENTUALLY(joined_count(server) == 2);
    say(before, "still here");
    hear(after, "still here");
    rustchat_client_free(before);
    rustchat_client_free(after);
    stop_server(server);
    free(chain);
    free(key);
    free_certificate(next);
}

static void test_connections_carry_messages_by_tls(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT, other = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connecting = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_listener *listener = NULL;
    rustchat_connection *connection = NULL, *accepted = NULL;
    rustchat_protection ours = RUSTCHAT_PROTECTION_INIT, theirs = RUSTCHAT_PROTECTION_INIT;
    char address[64], buffer[40000], big[40000];
    uint8_t pin[32];
    size_t len;
    listening.address = own_address();
    listening.secret = connecting.secret = bytes_of(SECRET);
    listening.tls = connecting.tls = &tls;
    listening.handshake_timeout_ms = PATIENCE_MS;
    CHECK_OK(rustchat_listener_open(&listening, &listener));
    CHECK_OK(rustchat_listener_address(listener, address, sizeof address, NULL));
    connecting.address = address;
    connecting.timeout_ms = HANDSHAKE_MS;
    CHECK_OK(rustchat_connection_open(&connecting, &connection));
    CHECK_OK(rustchat_listener_accept(listener, &accepted, PATIENCE_MS));
    memset(big, 'x', sizeof big);
    CHECK_OK(rustchat_connection_send(connection, big, sizeof big, PATIENCE_MS));
    CHECK_OK(rustchat_connection_recv_into(accepted, buffer, sizeof buffer, &len, PATIENCE_MS));
    CHECK(len == sizeof big && memcmp(buffer, big, sizeof big) == 0);
    CHECK_OK(rustchat_connection_protection(connection, &ours));
    CHECK_OK(rustchat_connection_protection(accepted, &theirs));
    CHECK_OK(rustchat_listener_pin(listener, pin));
    CHECK(ours.tls == 1 && theirs.tls == 1 && ours.binding == 1 && theirs.binding == 1);
    CHECK(ours.has_pin == 1 && theirs.has_pin == 0 && memcmp(ours.pin, pin, 32) == 0);
    other.certificate_file = own.chain;
    other.key_file = own.key;
    CHECK_OK(rustchat_listener_replace_certificate(listener, &other));
    CHECK_OK(rustchat_listener_pin(listener, pin));
    CHECK(memcmp(ours.pin, pin, 32) != 0);
    CHECK_OK(rustchat_connection_close(connection));
    CHECK_STATUS(RUSTCHAT_ECLOSED, rustchat_connection_recv_into(accepted, buffer, sizeof buffer, &len, PATIENCE_MS));
    rustchat_connection_free(connection);
    rustchat_connection_free(accepted);
    rustchat_listener_free(listener);
}

/* What is wrong with options is said with the name of the field. */
static void expect_wrong(const rustchat_tls_options *tls, int32_t expected, const char *words)
{
    rustchat_server_options serving = tls_server(tls);
    rustchat_client_options connecting = tls_client(tls);
    rustchat_server *server = NULL;
    rustchat_client *client = NULL;
    CHECK_STATUS(expected, rustchat_server_start(&serving, &server));
    CHECK(server == NULL && says(words));
    connecting.address = own_address();
    CHECK_STATUS(expected, rustchat_client_connect(&connecting, &client));
    CHECK(client == NULL && says(words));
}

static void test_wrong_options_are_named(void)
{
    static const uint8_t pins[32] = {1};
    rustchat_tls_options good = RUSTCHAT_TLS_OPTIONS_INIT, tls;
    char *chain = text_of(own.chain), *key = text_of(own.key);
    struct certificate other = make_certificate("other");
#define WRONG(expected, words, assignment)                                                                            \
    do {                                                                                                              \
        tls = good;                                                                                                   \
        assignment;                                                                                                   \
        expect_wrong(&tls, expected, words);                                                                          \
    } while (0)
    WRONG(RUSTCHAT_EINVAL, "rustchat_tls_options: struct_size is 8", tls.struct_size = 8);
    WRONG(RUSTCHAT_EINVAL, "reserved", tls.reserved[5] = 1);
    WRONG(RUSTCHAT_EINVAL, "tls: pins is NULL, but pin_count is 3", tls.pin_count = 3);
    WRONG(RUSTCHAT_EINVAL, "tls: pins is set, but pin_count is 0", tls.pins = pins);
    WRONG(RUSTCHAT_EINVAL, "expected 1 to 256", tls.pins = pins; tls.pin_count = SIZE_MAX);
    WRONG(RUSTCHAT_EINVAL, "trust is 3, expected 0 to 2", tls.trust = 3);
    WRONG(RUSTCHAT_EINVAL, "trust is set", tls.trust = RUSTCHAT_TRUST_SECRET; tls.pins = pins; tls.pin_count = 1);
    WRONG(RUSTCHAT_EINVAL, "ca and pins", tls.ca = bytes_of(chain); tls.pins = pins; tls.pin_count = 1);
    WRONG(RUSTCHAT_EINVAL, "tls: certificate: data is NULL", tls.certificate.len = 4);
    WRONG(RUSTCHAT_EMSGSIZE, "tls: key: ", tls.key.data = key; tls.key.len = SIZE_MAX);
    WRONG(RUSTCHAT_EINVAL, "certificate and certificate_file are both set",
          tls.certificate = bytes_of(chain); tls.certificate_file = own.chain);
    WRONG(RUSTCHAT_EINVAL, "tls: key is set, but there is no certificate", tls.key = bytes_of(key));
    WRONG(RUSTCHAT_EINVAL, "there is no private key in the PEM", tls.certificate = bytes_of(chain));
    WRONG(RUSTCHAT_EINVAL, "made apart", tls.certificate_file = own.chain; tls.key_file = other.key);
    WRONG(RUSTCHAT_EIO, "certificate_file /nowhere/x.pem", tls.certificate_file = "/nowhere/x.pem");
    WRONG(RUSTCHAT_EIO, "ca_file /nowhere/x.pem", tls.ca_file = "/nowhere/x.pem");
    WRONG(RUSTCHAT_EUTF8, "key_file", tls.certificate = bytes_of(chain); tls.key_file = "\xff");
    WRONG(RUSTCHAT_EUTF8, "server_name", tls.server_name = "\xff");
#undef WRONG
    free(chain);
    free(key);
    free_certificate(other);
}

static void test_what_a_side_lacks_is_said(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving = local_server();
    rustchat_client_options connecting = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_server *server = NULL;
    rustchat_client *client = NULL;
    serving.tls = connecting.tls = &tls;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&serving, &server));
    CHECK(says("needs a certificate"));
    connecting.address = own_address();
    tls.trust = RUSTCHAT_TRUST_SECRET;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&connecting, &client));
    CHECK(says("takes one in the profile mutual"));
    tls.trust = RUSTCHAT_TRUST_DEFAULT;
    tls.ca = bytes_of("no certificate");
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_client_connect(&connecting, &client));
}

/* Nothing of the options is used after the call. */
static void test_options_are_copied(void)
{
    char *chain = text_of(own.chain), *key = text_of(own.key);
    rustchat_tls_options *tls = malloc(sizeof *tls);
    const rustchat_tls_options fresh = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server_options serving;
    rustchat_client_options connecting = tls_client(&fresh);
    rustchat_server *server;
    rustchat_client *client;
    CHECK(tls != NULL);
    *tls = fresh;
    tls->certificate = bytes_of(chain);
    tls->key = bytes_of(key);
    serving = tls_server(tls);
    server = start_server(&serving);
    memset(chain, 'x', strlen(chain));
    memset(key, 'x', strlen(key));
    memset(tls, 0x5a, sizeof *tls);
    free(chain);
    free(key);
    free(tls);
    client = connect_with(server, &connecting);
    check_a_talk(server, client);
    rustchat_client_free(client);
    stop_server(server);
}

int main(void)
{
    watchdog(300);
    make_certificate_folder();
    own = make_certificate("own");
    RUN(test_a_secret_is_enough);
    RUN(test_without_tls_nothing_is_said_of_it);
    RUN(test_another_secret_is_refused_at_both_ends);
    RUN(test_plain_and_tls_do_not_meet);
    RUN(test_pins_and_roots_say_whom_to_trust);
    RUN(test_a_certificate_is_replaced_while_it_runs);
    RUN(test_connections_carry_messages_by_tls);
    RUN(test_wrong_options_are_named);
    RUN(test_what_a_side_lacks_is_said);
    RUN(test_options_are_copied);
    free_certificate(own);
    return finish();
}
