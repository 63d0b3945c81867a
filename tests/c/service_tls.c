/* TLS of remote commands and files: by pins, with certificates that are renewed. */

#include "certificates.h"
#include "services.h"

static struct certificate first, second;

static rustchat_tls_options with_certificate(const struct certificate *certificate)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    tls.certificate_file = certificate->chain;
    tls.key_file = certificate->key;
    return tls;
}

static rustchat_tls_options trusting(const uint8_t *pin)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    tls.pins = pin;
    tls.pin_count = 1;
    return tls;
}

static void check_protection(const rustchat_protection *found, const uint8_t *pin)
{
    CHECK(found->tls == 1 && found->binding == RUSTCHAT_BINDING_TLS_EXPORTER && found->has_pin == 1);
    CHECK(memcmp(found->pin, pin, 32) == 0);
}

static void check_is_refused(int32_t status)
{
    rustchat_error error;
    CHECK_STATUS(RUSTCHAT_EAUTH, status);
    CHECK_OK(rustchat_last_error(&error));
    CHECK(strstr(error.message, "pin") != NULL);
}

static void greet(rustchat_command_client *client)
{
    static const char *const words[] = {"greet", "world"};
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    CHECK_OK(rustchat_command_run(client, words, 2, NULL, &result, PATIENCE_MS));
    CHECK_BYTES("hello world\n", result.out);
    rustchat_command_result_clear(&result);
}

static void test_commands_by_pin_and_with_a_certificate_that_is_renewed(void)
{
    rustchat_tls_options theirs = with_certificate(&first), next = with_certificate(&second), ours;
    rustchat_command_server_options serving = local_commands();
    rustchat_command_client_options connecting;
    rustchat_protection found = RUSTCHAT_PROTECTION_INIT;
    rustchat_command_client *old, *refused = NULL, *fresh;
    rustchat_command_server *server;
    uint8_t before[32], after[32];
    serving.tls = &theirs;
    server = start_commands(&serving);
    CHECK_OK(rustchat_command_server_pin(server, before));
    connecting = commands_of(server);
    ours = trusting(before);
    connecting.tls = &ours;
    old = connect_commands(&connecting);
    CHECK_OK(rustchat_command_client_protection(old, &found));
    check_protection(&found, before);
    CHECK_OK(rustchat_command_server_replace_certificate(server, &next));
    CHECK_OK(rustchat_command_server_pin(server, after));
    CHECK(memcmp(before, after, 32) != 0);
    check_is_refused(rustchat_command_client_connect(&connecting, &refused));
    ours = trusting(after);
    fresh = connect_commands(&connecting);
    greet(old);
    greet(fresh);
    rustchat_command_client_free(old);
    rustchat_command_client_free(fresh);
    rustchat_command_server_free(server);
}

static void test_files_by_pin_and_with_a_certificate_that_is_renewed(void)
{
    rustchat_tls_options theirs = with_certificate(&first), next = with_certificate(&second), ours;
    rustchat_file_server_options serving = local_files();
    rustchat_file_client_options connecting;
    rustchat_protection found = RUSTCHAT_PROTECTION_INIT;
    rustchat_file_client *old, *refused = NULL, *fresh;
    rustchat_file_server *server;
    uint8_t before[32], after[32];
    serving.tls = &theirs;
    server = start_files(&serving);
    CHECK_OK(rustchat_file_server_pin(server, before));
    connecting = files_of(server);
    ours = trusting(before);
    connecting.tls = &ours;
    old = connect_files(&connecting);
    CHECK_OK(rustchat_file_client_protection(old, &found));
    check_protection(&found, before);
    CHECK_OK(rustchat_file_server_replace_certificate(server, &next));
    CHECK_OK(rustchat_file_server_pin(server, after));
    CHECK(memcmp(before, after, 32) != 0);
    check_is_refused(rustchat_file_client_connect(&connecting, &refused));
    ours = trusting(after);
    fresh = connect_files(&connecting);
    CHECK_OK(rustchat_file_mkdir(old, "made", 0, PATIENCE_MS));
    CHECK_OK(rustchat_file_rmdir(fresh, "made", PATIENCE_MS));
    rustchat_file_client_free(old);
    rustchat_file_client_free(fresh);
    rustchat_file_server_free(server);
}

static void test_without_tls_there_is_nothing_to_trust(void)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command_server *server = start_commands(&serving);
    rustchat_command_client_options connecting = commands_of(server);
    rustchat_command_client *client = connect_commands(&connecting);
    rustchat_protection found = RUSTCHAT_PROTECTION_INIT;
    rustchat_tls_options next = with_certificate(&second);
    uint8_t pin[32];
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_command_server_pin(server, pin));
    CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_command_server_replace_certificate(server, &next));
    CHECK_OK(rustchat_command_client_protection(client, &found));
    CHECK(found.tls == 0 && found.binding == RUSTCHAT_BINDING_NONE && found.has_pin == 0);
    rustchat_command_client_free(client);
    rustchat_command_server_free(server);
}

int main(void)
{
    watchdog(300);
    make_certificate_folder();
    first = make_certificate("first");
    second = make_certificate("second");
    RUN(test_commands_by_pin_and_with_a_certificate_that_is_renewed);
    RUN(test_files_by_pin_and_with_a_certificate_that_is_renewed);
    RUN(test_without_tls_there_is_nothing_to_trust);
    free(first.chain);
    free(first.key);
    free(second.chain);
    free(second.key);
    return finish();
}
