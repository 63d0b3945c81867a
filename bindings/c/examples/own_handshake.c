/* The handshake for a program that has a transport of its own, with a TLS of its own below it: here the two ends of a
 * socket pair, in two processes. What both ends' TLS exports for this connection is made up; by OpenSSL it is
 *
 *   SSL_export_keying_material(ssl, value, 32, "EXPORTER-Channel-Binding", 24, NULL, 0, 0)
 *
 *   own_handshake [CHANNEL]      the client's end takes CHANNEL for the value: with another than "the channel" it fails */
#define _POSIX_C_SOURCE 200809L
#include <rustchat.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static rustchat_bytes text(const char *string)
{
    rustchat_bytes bytes;
    bytes.data = string;
    bytes.len = strlen(string);
    return bytes;
}

/* Sends what is to be sent now. */
static int speak(rustchat_handshake *handshake, int fd)
{
    rustchat_bytes bytes;
    return rustchat_handshake_output(handshake, &bytes) == RUSTCHAT_OK &&
           (bytes.len == 0 || write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
}

/* Whether this end is satisfied at last. */
static int shake_hands(const char *name, rustchat_handshake *handshake, int fd)
{
    rustchat_handshake_outcome outcome = RUSTCHAT_HANDSHAKE_OUTCOME_INIT;
    rustchat_error error;
    char piece[64];
    size_t used;
    int speaks = speak(handshake, fd);
    while (speaks && rustchat_handshake_result(handshake, &outcome) == RUSTCHAT_EAGAIN) {
        ssize_t length = read(fd, piece, sizeof piece);
        if (length <= 0)
            return 0;
        /* Bytes beyond `used` would be the beginning of the session. */
        if (rustchat_handshake_receive(handshake, piece, (size_t)length, &used) != RUSTCHAT_OK) {
            if (rustchat_last_error(&error) == RUSTCHAT_OK)
                fprintf(stderr, "%s: %s\n", name, error.message);
            (void)speak(handshake, fd);
            return 0;
        }
        speaks = speak(handshake, fd);
    }
    printf("%s: key %s, server %s, binding %d\n", name, outcome.key_id, outcome.server_id, (int)outcome.binding);
    fflush(stdout);
    return outcome.has_session_key;
}

static int run(const char *name, const char *channel, int fd,
               rustchat_status (*begin)(const rustchat_handshake_options *, rustchat_handshake **))
{
    rustchat_handshake_options options = RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
    rustchat_handshake *handshake;
    int is_satisfied;
    options.secret = text("open sesame");
    options.key_id = "ali";
    options.server_id = "cave";
    options.tls_exporter = text(channel);
    options.requirement = RUSTCHAT_REQUIRE_EXPORTER;
    if (begin(&options, &handshake) != RUSTCHAT_OK)
        return 1;
    is_satisfied = shake_hands(name, handshake, fd);
    rustchat_handshake_free(handshake);
    return !is_satisfied;
}

int main(int argc, char **argv)
{
    int fds[2], status, other = 1;
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        return 1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        _exit(run("client", argc > 1 ? argv[1] : "the channel", fds[1], rustchat_handshake_begin_client));
    }
    close(fds[1]);
    status = run("server", "the channel", fds[0], rustchat_handshake_begin_server);
    close(fds[0]);
    waitpid(child, &other, 0);
    return status || other != 0;
}
