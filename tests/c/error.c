/* The record of the last failure: when it is set, when it is cleared, and that it belongs to a thread. */

#include "harness.h"

static rustchat_error last_error(void)
{
    rustchat_error error;
    memset(&error, 0x5a, sizeof error);
    CHECK_OK(rustchat_last_error(&error));
    return error;
}

static void check_clear(void)
{
    rustchat_error error = last_error();
    CHECK_NUMBER(0, error.status);
    CHECK_NUMBER(0, error.os_code);
    CHECK_TEXT("", error.message);
}

static void fail_once(void)
{
    uint16_t port;
    CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_server_port(NULL, &port));
}

static void succeed_once(void)
{
    rustchat_message *message;
    CHECK_OK(rustchat_message_new("x", 1, &message));
    rustchat_message_release(message);
}

static void test_a_new_thread_has_no_error(void)
{
    check_clear();
}

static void test_a_failure_sets_the_record(void)
{
    fail_once();
    CHECK_NUMBER(RUSTCHAT_EHANDLE, last_error().status);
    CHECK(last_error().message[0] != '\0');
    CHECK_NUMBER(RUSTCHAT_EHANDLE, last_error().status);
}

static void test_a_success_clears_it(void)
{
    fail_once();
    succeed_once();
    check_clear();
}

static void test_asking_wrongly_changes_nothing(void)
{
    fail_once();
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_last_error(NULL));
    CHECK_NUMBER(RUSTCHAT_EHANDLE, last_error().status);
}

static void test_functions_without_status_change_nothing(void)
{
    rustchat_event event;
    memset(&event, 0, sizeof event);
    fail_once();
    rustchat_server_free(NULL);
    rustchat_client_free(NULL);
    rustchat_listener_free(NULL);
    rustchat_connection_free(NULL);
    rustchat_message_release(NULL);
    rustchat_decoder_free(NULL);
    rustchat_event_clear(&event);
    CHECK(rustchat_message_bytes(NULL).len == 0);
    CHECK(rustchat_message_retain(NULL) == NULL);
    CHECK(rustchat_version() != NULL);
    CHECK_NUMBER(RUSTCHAT_EHANDLE, last_error().status);
}

static void test_the_code_of_the_system_is_told(void)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *client;
    options.address = "/nonexistent/rustchat.sock";
    CHECK(rustchat_client_connect(&options, &client) != RUSTCHAT_OK);
    CHECK_NUMBER(ENOENT, last_error().os_code);
    CHECK(strstr(last_error().message, "/nonexistent/rustchat.sock") != NULL);
}

static void test_the_sentence_names_the_option_and_the_value(void)
{
    rustchat_server_options options = local_server();
    rustchat_server *server;
    options.framing = 77;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    CHECK(strstr(last_error().message, "framing") != NULL && strstr(last_error().message, "77") != NULL);
    options = local_server();
    options.ping_timeout_ms = -5;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    CHECK(strstr(last_error().message, "ping_timeout_ms") != NULL && strstr(last_error().message, "-5") != NULL);
    options = local_server();
    options.address = "0.0.0.0:0";
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_server_start(&options, &server));
    CHECK(strstr(last_error().message, "allow_anonymous") != NULL);
}

static void test_a_long_sentence_is_cut_at_a_character(void)
{
    char address[1024];
    rustchat_server_options options = local_server();
    rustchat_server *server;
    rustchat_error error;
    for (size_t i = 0; i + 2 < sizeof address; i += 2) {
        memcpy(address + i, "\xc3\xbc", 2);
    }
    address[sizeof address - 2] = '\0';
    options.address = address;
    CHECK_STATUS(RUSTCHAT_EADDRINVAL, rustchat_server_start(&options, &server));
    error = last_error();
    CHECK(memchr(error.message, '\0', sizeof error.message) != NULL);
    CHECK(strlen(error.message) >= sizeof error.message - 3);
    CHECK(((unsigned char)error.message[strlen(error.message) - 1] & 0xc0) == 0x80);
}

static void *has_its_own_record(void *argument)
{
    (void)argument;
    check_clear();
    succeed_once();
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_message_new(NULL, 1, NULL));
    CHECK_NUMBER(RUSTCHAT_EINVAL, last_error().status);
    return NULL;
}

static void test_each_thread_has_its_own(void)
{
    fail_once();
    join(spawn(has_its_own_record, NULL));
    CHECK_NUMBER(RUSTCHAT_EHANDLE, last_error().status);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_new_thread_has_no_error);
    RUN(test_a_failure_sets_the_record);
    RUN(test_a_success_clears_it);
    RUN(test_asking_wrongly_changes_nothing);
    RUN(test_functions_without_status_change_nothing);
    RUN(test_the_code_of_the_system_is_told);
    RUN(test_the_sentence_names_the_option_and_the_value);
    RUN(test_a_long_sentence_is_cut_at_a_character);
    RUN(test_each_thread_has_its_own);
    return finish();
}
