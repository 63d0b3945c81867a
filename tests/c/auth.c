/* Challenge and response against values computed elsewhere (Python's hmac module). */

#include "harness.h"

static rustchat_bytes bytes_at(const void *data, size_t len)
{
    rustchat_bytes bytes = {NULL, 0};
    bytes.data = data;
    bytes.len = len;
    return bytes;
}

static void check_tag(rustchat_bytes secret, const uint8_t challenge[32], rustchat_bytes label, const char *expected)
{
    uint8_t tag[32];
    char hex[65];
    CHECK_OK(rustchat_auth_respond(secret, challenge, label, tag));
    for (size_t i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", tag[i]);
    }
    CHECK_TEXT(expected, hex);
    CHECK_OK(rustchat_auth_verify(secret, challenge, label, tag));
}

static void test_vectors(void)
{
    uint8_t counting[200], ones[32];
    for (size_t i = 0; i < sizeof counting; i++) {
        counting[i] = (uint8_t)i;
    }
    memset(ones, 0xff, sizeof ones);
    check_tag(bytes_of("correct horse battery staple"), counting, bytes_of("label"),
              "4791f29a509826ff479fd7705def3b6beb32369f3b81f3dd42ca84c8a941b896");
    check_tag(bytes_of("k"), counting, bytes_at(NULL, 0),
              "e46a056c0985c2bca3acef2b4c5a7e8fe07bc71a0bde39c21637d7dbdfdbaea0");
    check_tag(bytes_at(counting, sizeof counting), ones, bytes_at("rustchat client", 16),
              "6decc911195d04a8f0ed8ec06c510c256b28dd37dcf31a30d66c507faeda8311");
}

static void test_a_tag_fits_one_place(void)
{
    uint8_t challenge[32], other[32], tag[32];
    rustchat_bytes secret = bytes_of("a secret"), label = bytes_of("client");
    CHECK_OK(rustchat_auth_challenge(challenge));
    CHECK_OK(rustchat_auth_challenge(other));
    CHECK(memcmp(challenge, other, 32) != 0);
    CHECK_OK(rustchat_auth_respond(secret, challenge, label, tag));
    CHECK_OK(rustchat_auth_verify(secret, challenge, label, tag));
    CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_auth_verify(bytes_of("another"), challenge, label, tag));
    CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_auth_verify(secret, other, label, tag));
    CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_auth_verify(secret, challenge, bytes_of("server"), tag));
}

static void test_every_bit_counts(void)
{
    uint8_t challenge[32] = {0}, tag[32];
    rustchat_bytes secret = bytes_of("a secret"), label = bytes_of("client");
    CHECK_OK(rustchat_auth_respond(secret, challenge, label, tag));
    for (size_t bit = 0; bit < 256; bit++) {
        tag[bit / 8] = (uint8_t)(tag[bit / 8] ^ 1u << bit % 8);
        CHECK_STATUS(RUSTCHAT_EAUTH, rustchat_auth_verify(secret, challenge, label, tag));
        tag[bit / 8] = (uint8_t)(tag[bit / 8] ^ 1u << bit % 8);
    }
    CHECK_OK(rustchat_auth_verify(secret, challenge, label, tag));
}

static void test_no_secret_is_no_proof(void)
{
    uint8_t challenge[32] = {0}, tag[32], zero[32] = {0};
    memset(tag, 7, sizeof tag);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_auth_respond(bytes_at("", 0), challenge, bytes_of("x"), tag));
    CHECK(memcmp(tag, zero, 32) == 0);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_auth_verify(bytes_at(NULL, 0), challenge, bytes_of("x"), tag));
}

int main(void)
{
    watchdog(300);
    RUN(test_vectors);
    RUN(test_a_tag_fits_one_place);
    RUN(test_every_bit_counts);
    RUN(test_no_secret_is_no_proof);
    return finish();
}
