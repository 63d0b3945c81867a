/* What the library says of itself, and the names of its numbers. */

#include "harness.h"

static void test_versions_agree(void)
{
    CHECK_TEXT(RUSTCHAT_VERSION, rustchat_version());
    CHECK_NUMBER(RUSTCHAT_VERSION_NUMBER, rustchat_version_number());
    CHECK_NUMBER(RUSTCHAT_ABI_VERSION, rustchat_abi_version());
}

static void test_features_are_there(void)
{
    uint64_t wanted = RUSTCHAT_FEATURE_CHAT | RUSTCHAT_FEATURE_CONNECTIONS | RUSTCHAT_FEATURE_AUTHENTICATION |
                      RUSTCHAT_FEATURE_UNIX_SOCKETS;
    CHECK((rustchat_features() & wanted) == wanted);
}

static const struct {
    int32_t status;
    const char *name;
} STATUSES[] = {
    {RUSTCHAT_OK, "RUSTCHAT_OK"},
    {RUSTCHAT_EINVAL, "RUSTCHAT_EINVAL"},
    {RUSTCHAT_EHANDLE, "RUSTCHAT_EHANDLE"},
    {RUSTCHAT_ENOMEM, "RUSTCHAT_ENOMEM"},
    {RUSTCHAT_EAGAIN, "RUSTCHAT_EAGAIN"},
    {RUSTCHAT_ETIMEDOUT, "RUSTCHAT_ETIMEDOUT"},
    {RUSTCHAT_ECLOSED, "RUSTCHAT_ECLOSED"},
    {RUSTCHAT_EINTR, "RUSTCHAT_EINTR"},
    {RUSTCHAT_EADDRINUSE, "RUSTCHAT_EADDRINUSE"},
    {RUSTCHAT_EADDRINVAL, "RUSTCHAT_EADDRINVAL"},
    {RUSTCHAT_ECONNREFUSED, "RUSTCHAT_ECONNREFUSED"},
    {RUSTCHAT_ECONNRESET, "RUSTCHAT_ECONNRESET"},
    {RUSTCHAT_EAUTH, "RUSTCHAT_EAUTH"},
    {RUSTCHAT_EPROTO, "RUSTCHAT_EPROTO"},
    {RUSTCHAT_EMSGSIZE, "RUSTCHAT_EMSGSIZE"},
    {RUSTCHAT_EBUFSIZE, "RUSTCHAT_EBUFSIZE"},
    {RUSTCHAT_ENOPEER, "RUSTCHAT_ENOPEER"},
    {RUSTCHAT_EOVERFLOW, "RUSTCHAT_EOVERFLOW"},
    {RUSTCHAT_EUTF8, "RUSTCHAT_EUTF8"},
    {RUSTCHAT_EDEADLK, "RUSTCHAT_EDEADLK"},
    {RUSTCHAT_EFORK, "RUSTCHAT_EFORK"},
    {RUSTCHAT_ENOTSUP, "RUSTCHAT_ENOTSUP"},
    {RUSTCHAT_ESTATE, "RUSTCHAT_ESTATE"},
    {RUSTCHAT_EIO, "RUSTCHAT_EIO"},
    {RUSTCHAT_EPANIC, "RUSTCHAT_EPANIC"},
    {RUSTCHAT_EREFUSED, "RUSTCHAT_EREFUSED"},
    {RUSTCHAT_ECOMMAND, "RUSTCHAT_ECOMMAND"},
};

static void test_every_status_has_its_number_name_and_words(void)
{
    size_t count = sizeof STATUSES / sizeof *STATUSES;
    for (size_t i = 0; i < count; i++) {
        CHECK_NUMBER(-(int32_t)i, STATUSES[i].status);
        CHECK_TEXT(STATUSES[i].name, rustchat_status_name(STATUSES[i].status));
        CHECK(strlen(rustchat_status_message(STATUSES[i].status)) > 1);
        for (size_t other = 0; other < i; other++) {
            CHECK(strcmp(rustchat_status_message(-(int32_t)i), rustchat_status_message(-(int32_t)other)) != 0);
        }
    }
    /* A new status belongs into the table above. */
    CHECK_TEXT("RUSTCHAT_UNKNOWN", rustchat_status_name(-(int32_t)count));
}

static void test_other_numbers_are_unknown(void)
{
    const int32_t others[] = {1, 2, -1000, INT32_MAX, INT32_MIN + 100};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK_TEXT("RUSTCHAT_UNKNOWN", rustchat_status_name(others[i]));
        CHECK_TEXT("unknown status", rustchat_status_message(others[i]));
        CHECK_TEXT("UNKNOWN", rustchat_event_name(others[i] < 100 ? others[i] - 100 : others[i]));
    }
    CHECK_TEXT("UNKNOWN", rustchat_event_name(0));
}

static void test_every_kind_of_event_has_its_name(void)
{
    static const char *const names[] = {"UNKNOWN",  "LISTENING", "PEER_JOINED", "PEER_AUTH_FAILED", "MESSAGE",
                                        "PEER_LEFT", "OVERFLOW",  "ERROR",       "CLOSED",           "DIRECT",
                                        "WELCOME",   "NAMED",     "REFUSED",     "FAREWELL",         "ASK_JOIN",
                                        "ASK_MESSAGE", "DISCONNECTED", "RECONNECTED", "GAP", "UNCONFIRMED", "PEER_RENAMED",
                                        "UNKNOWN"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        CHECK_TEXT(names[i], rustchat_event_name((int32_t)i));
    }
    CHECK_NUMBER(20, RUSTCHAT_EVENT_PEER_RENAMED);
}

int main(void)
{
    watchdog(300);
    RUN(test_versions_agree);
    RUN(test_features_are_there);
    RUN(test_every_status_has_its_number_name_and_words);
    RUN(test_other_numbers_are_unknown);
    RUN(test_every_kind_of_event_has_its_name);
    return finish();
}
