/* A chat by TLS, without a certificate that anybody has made: both ends share a secret, and that is enough.
 *
 *   tls_chat serve SECRET [ADDRESS [CERTIFICATE KEY]]      default 127.0.0.1:60000; the files are for clients without the secret
 *   tls_chat join SECRET [ADDRESS [PIN]]                   PIN is what the server has shown, and is asked for besides
 *
 * A server reads its certificate anew with each empty line of its input, and ends with it; a client says its lines. */
#include <rustchat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    rustchat_error error;
    if (rustchat_last_error(&error) == RUSTCHAT_OK)
        fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(error.status));
    exit(1);
}

static rustchat_bytes text(const char *string)
{
    rustchat_bytes bytes;
    bytes.data = string;
    bytes.len = strlen(string);
    return bytes;
}

static void show_pin(const uint8_t pin[32])
{
    for (int i = 0; i < 32; i++)
        printf("%02x", pin[i]);
    printf("\n");
    fflush(stdout);
}

static int read_pin(const char *digits, uint8_t pin[32])
{
    unsigned int byte;
    for (int i = 0; i < 32; i++) {
        if (sscanf(digits + 2 * i, "%2x", &byte) != 1)
            return 0;
        pin[i] = (uint8_t)byte;
    }
    return strlen(digits) == 64;
}

static int serve(int argc, char **argv)
{
    rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_server *server;
    uint8_t pin[32];
    char line[16];

    options.secret = text(argv[2]);
    options.address = argc > 3 ? argv[3] : NULL;
    options.tls = &tls;
    if (argc > 5) {
        tls.certificate_file = argv[4];
        tls.key_file = argv[5];
    }
    if (rustchat_server_start(&options, &server) != RUSTCHAT_OK)
        die("start");
    do {
        if (rustchat_server_pin(server, pin) != RUSTCHAT_OK)
            die("pin");
        show_pin(pin);
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        /* Members keep their connections; who comes from here on gets the new certificate. */
        if (tls.certificate_file != NULL && rustchat_server_replace_certificate(server, &tls) != RUSTCHAT_OK)
            die("replace certificate");
    } while (1);
    if (rustchat_server_stats(server, &stats) == RUSTCHAT_OK)
        printf("%llu members, %llu by TLS\n", (unsigned long long)stats.members, (unsigned long long)stats.members_tls);
    rustchat_server_free(server);
    return 0;
}

static int join(int argc, char **argv)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    rustchat_client *client;
    uint8_t pin[32];
    char line[8192];

    options.secret = text(argv[2]);
    options.address = argc > 3 ? argv[3] : NULL;
    options.tls = &tls;
    if (argc > 4) {
        if (!read_pin(argv[4], pin)) {
            fprintf(stderr, "a pin has 64 hex digits\n");
            return 1;
        }
        tls.pins = pin;
        tls.pin_count = 1;
    }
    if (rustchat_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    if (rustchat_client_protection(client, &protection) != RUSTCHAT_OK)
        die("protection");
    printf("%s, binding %d, ", protection.tls ? "tls" : "plain", (int)protection.binding);
    show_pin(protection.pin);
    while (fgets(line, sizeof line, stdin)) {
        rustchat_message *heard;
        if (rustchat_client_send(client, line, strlen(line), 10000) != RUSTCHAT_OK)
            die("send");
        if (rustchat_client_recv(client, &heard, 10000) != RUSTCHAT_OK)
            die("recv");
        printf("%.*s\n", (int)rustchat_message_bytes(heard).len, (const char *)rustchat_message_bytes(heard).data);
        rustchat_message_release(heard);
    }
    rustchat_client_free(client);
    return 0;
}

int main(int argc, char **argv)
{
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION || (rustchat_features() & RUSTCHAT_FEATURE_TLS) == 0) {
        fprintf(stderr, "this rustchat has another ABI than its header, or no TLS\n");
        return 1;
    }
    if (argc > 2 && strcmp(argv[1], "serve") == 0)
        return serve(argc, argv);
    if (argc > 2 && strcmp(argv[1], "join") == 0)
        return join(argc, argv);
    fprintf(stderr, "usage: tls_chat serve|join SECRET [ADDRESS ...]\n");
    return 2;
}
