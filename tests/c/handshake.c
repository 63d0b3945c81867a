/* The handshake over a transport of the program's own, bound to a TLS of the program's own. */

#include "harness.h"

static const char SECRET[] = "correct horse battery staple";
static const uint8_t EXPORTED[32] = {1, 2, 3}, OF_ANOTHER_CHANNEL[32] = {3, 2, 1}, HASH[32] = {9};

static rustchat_bytes bytes_at(const uint8_t *data)
{
    rustchat_bytes bytes = {NULL, 32};
    bytes.data = data;
    return bytes;
}

static rustchat_handshake_options options_with(const uint8_t *exported, const uint8_t *hash)
{
    rustchat_handshake_options options = RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
    options.secret = bytes_of(SECRET);
    if (exported != NULL) {
        options.tls_exporter = bytes_at(exported);
    }
    if (hash != NULL) {
        options.tls_server_end_point = bytes_at(hash);
    }
    return options;
}

struct pair {
    rustchat_handshake *server, *client;
};

static struct pair begin(const rustchat_handshake_options *serving, const rustchat_handshake_options *connecting)
{
    struct pair pair = {NULL, NULL};
    CHECK_OK(rustchat_handshake_begin_server(serving, &pair.server));
    CHECK_OK(rustchat_handshake_begin_client(connecting, &pair.client));
    return pair;
}

/* Hands over what one side has to say, in single bytes. */
static int32_t hand_over(rustchat_handshake *from, rustchat_handshake *to)
{
    rustchat_bytes bytes;
    int32_t status = RUSTCHAT_OK;
    CHECK_OK(rustchat_handshake_output(from, &bytes));
    for (size_t i = 0; i < bytes.len && status == RUSTCHAT_OK; i++) {
        size_t used = 7;
        status = rustchat_handshake_receive(to, (const char *)bytes.data + i, 1, &used);
        CHECK_NUMBER(status == RUSTCHAT_OK, used);
    }
    return status;
}

/* The first status that is no good, or RUSTCHAT_OK. */
static int32_t settle(struct pair pair)
{
    int32_t status = RUSTCHAT_OK;
    for (int round = 0; round < 4 && status == RUSTCHAT_OK; round++) {
        status = hand_over(pair.client, pair.server);
        if (status == RUSTCHAT_OK) {
            status = hand_over(pair.server, pair.client);
        }
    }
    return status;
}

static void end(struct pair pair)
{
    rustchat_handshake_free(pair.server);
    rustchat_handshake_free(pair.client);
}

static rustchat_handshake_outcome outcome_of(rustchat_handshake *handshake)
{
    rustchat_handshake_outcome outcome = RUSTCHAT_HANDSHAKE_OUTCOME_INIT;
    CHECK_OK(rustchat_handshake_result(handshake, &outcome));
    return outcome;
}

static void check_bound(const rustchat_handshake_options *serving, const rustchat_handshake_options *connecting,
                        int32_t binding)
{
    struct pair pair = begin(serving, connecting);
    rustchat_handshake_outcome here, there;
    CHECK_OK(settle(pair));
    here = outcome_of(pair.server);
    there = outcome_of(pair.client);
    CHECK_NUMBER(binding, here.binding);
    CHECK_NUMBER(binding, there.binding);
    CHECK(here.has_session_key == 1 && memcmp(here.session_key, there.session_key, 32) == 0);
    end(pair);
}

static void test_both_ends_find_the_strongest_binding(void)
{
    rustchat_handshake_options plain = options_with(NULL, NULL), both = options_with(EXPORTED, HASH);
    rustchat_handshake_options exporter = options_with(EXPORTED, NULL), end_point = options_with(NULL, HASH);
    check_bound(&plain, &plain, RUSTCHAT_BINDING_NONE);
    check_bound(&both, &both, RUSTCHAT_BINDING_TLS_EXPORTER);
    check_bound(&both, &exporter, RUSTCHAT_BINDING_TLS_EXPORTER);
    check_bound(&both, &end_point, RUSTCHAT_BINDING_TLS_SERVER_END_POINT);
    both.requirement = RUSTCHAT_REQUIRE_NOTHING;
    check_bound(&both, &plain, RUSTCHAT_BINDING_NONE);
    exporter.requirement = RUSTCHAT_REQUIRE_EXPORTER;
    check_bound(&both, &exporter, RUSTCHAT_BINDING_TLS_EXPORTER);
}

static void check_refused(const rustchat_handshake_options *serving, const rustchat_handshake_options *connecting)
{
    struct pair pair = begin(serving, connecting);
    rustchat_handshake_outcome outcome = RUSTCHAT_HANDSHAKE_OUTCOME_INIT;
    rustchat_bytes refusal;
    size_t used;
    int32_t status = settle(pair);
    CHECK_STATUS(RUSTCHAT_EAUTH, status);
    CHECK_STATUS(RUSTCHAT_EAGAIN, rustchat_handshake_result(pair.server, &outcome));
    CHECK_STATUS(RUSTCHAT_EAGAIN, rustchat_handshake_result(pair.client, &outcome));
    CHECK_OK(rustchat_handshake_output(pair.server, &refusal));
    if (rustchat_handshake_receive(pair.server, "x", 1, &used) != RUSTCHAT_EAUTH) {
        CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_handshake_receive(pair.client, "x", 1, &used));
    }
    end(pair);
}

static void test_proofs_do_not_pass_into_another_channel(void)
{
    rustchat_handshake_options here = options_with(EXPORTED, HASH), there = options_with(OF_ANOTHER_CHANNEL, HASH);
    rustchat_handshake_options plain = options_with(NULL, NULL), end_point = options_with(NULL, HASH);
    rustchat_handshake_options strict = options_with(EXPORTED, HASH), other = options_with(EXPORTED, HASH);
    check_refused(&here, &there);
    check_refused(&here, &plain);
    check_refused(&plain, &here);
    strict.requirement = RUSTCHAT_REQUIRE_EXPORTER;
    check_refused(&end_point, &strict);
    check_refused(&strict, &end_point);
    other.secret = bytes_of("another secret");
    check_refused(&here, &other);
}

static void test_names_and_what_comes_behind(void)
{
    rustchat_handshake_options serving = options_with(NULL, NULL), connecting = options_with(NULL, NULL);
    rustchat_handshake_outcome outcome;
    rustchat_bytes last;
    struct pair pair;
    char wire[512];
    size_t used = 0;
    serving.key_id = connecting.key_id = "ann";
    serving.server_id = "home";
    pair = begin(&serving, &connecting);
    CHECK_OK(hand_over(pair.client, pair.server));
    CHECK_OK(hand_over(pair.server, pair.client));
    CHECK_OK(hand_over(pair.client, pair.server));
    CHECK_OK(rustchat_handshake_output(pair.server, &last));
    CHECK(last.len > 0 && last.len + 5 < sizeof wire);
    memcpy(wire, last.data, last.len);
    memcpy(wire + last.len, "hello", 5);
    CHECK_OK(rustchat_handshake_receive(pair.client, wire, last.len + 5, &used));
    CHECK_NUMBER(last.len, used);
    outcome = outcome_of(pair.client);
    CHECK_TEXT("home", outcome.server_id);
    outcome = outcome_of(pair.server);
    CHECK_TEXT("ann", outcome.key_id);
    end(pair);
}

static void test_the_other_profiles_bind_nothing(void)
{
    rustchat_handshake_options serving = options_with(NULL, NULL), connecting = options_with(NULL, NULL);
    rustchat_handshake *none = NULL;
    struct pair pair;
    serving.profile = connecting.profile = RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256;
    pair = begin(&serving, &connecting);
    /* Here it is the server who begins. */
    CHECK_OK(hand_over(pair.server, pair.client));
    CHECK_OK(settle(pair));
    CHECK_NUMBER(0, outcome_of(pair.client).has_session_key);
    end(pair);
    serving.tls_exporter = bytes_at(EXPORTED);
    CHECK_STATUS(RUSTCHAT_ENOTSUP, rustchat_handshake_begin_server(&serving, &none));
    CHECK_STATUS(RUSTCHAT_ENOTSUP, rustchat_handshake_begin_client(&serving, &none));
    CHECK(none == NULL);
    serving.requirement = RUSTCHAT_REQUIRE_NOTHING;
    CHECK_OK(rustchat_handshake_begin_server(&serving, &none));
    rustchat_handshake_free(none);
}

int main(void)
{
    watchdog(300);
    RUN(test_both_ends_find_the_strongest_binding);
    RUN(test_proofs_do_not_pass_into_another_channel);
    RUN(test_names_and_what_comes_behind);
    RUN(test_the_other_profiles_bind_nothing);
    return finish();
}
