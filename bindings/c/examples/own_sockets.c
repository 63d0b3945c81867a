/* The framing and the proof of a secret for a program that has sockets of its own: here the two ends of a socket pair,
 * in two processes. The asking side sends a challenge and checks the answer, then both exchange whole messages.
 *
 *   own_sockets [SECRET]      the answering side uses SECRET, the asking side "open sesame" */
#define _POSIX_C_SOURCE 200809L
#include <rustchat.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LENGTH = 32 };

static rustchat_bytes text(const char *string)
{
    rustchat_bytes bytes;
    bytes.data = string;
    bytes.len = strlen(string);
    return bytes;
}

static void send_message(int fd, const char *message)
{
    char frame[256];
    size_t length;
    if (rustchat_frame_encode(RUSTCHAT_FRAMING_U32BE, message, strlen(message), frame, sizeof frame, &length) != RUSTCHAT_OK ||
        write(fd, frame, length) != (ssize_t)length)
        exit(1);
}

/* Shows `count` messages, in whatever pieces their bytes come. */
static bool show_messages(int fd, int count)
{
    rustchat_decoder *decoder;
    rustchat_bytes message;
    char piece[5];
    if (rustchat_decoder_new(RUSTCHAT_FRAMING_U32BE, 1024, &decoder) != RUSTCHAT_OK)
        return false;
    while (count > 0) {
        rustchat_status status = rustchat_decoder_next(decoder, &message);
        if (status == RUSTCHAT_OK) {
            printf("message: %.*s\n", (int)message.len, (const char *)message.data);
            count--;
            continue;
        }
        ssize_t got = status == RUSTCHAT_EAGAIN ? read(fd, piece, sizeof piece) : 0;
        if (got <= 0 || rustchat_decoder_push(decoder, piece, (size_t)got) != RUSTCHAT_OK)
            break;
    }
    rustchat_decoder_free(decoder);
    return count == 0;
}

static int answering_side(int fd, const char *secret)
{
    uint8_t challenge[LENGTH], answer[LENGTH];
    if (read(fd, challenge, LENGTH) != LENGTH ||
        rustchat_auth_respond(text(secret), challenge, text("own_sockets/answer"), answer) != RUSTCHAT_OK ||
        write(fd, answer, LENGTH) != LENGTH)
        return 1;
    send_message(fd, "hello");
    send_message(fd, "a message is a message, however its bytes are cut");
    return 0;
}

static int asking_side(int fd)
{
    uint8_t challenge[LENGTH], answer[LENGTH];
    if (rustchat_auth_challenge(challenge) != RUSTCHAT_OK || write(fd, challenge, LENGTH) != LENGTH ||
        read(fd, answer, LENGTH) != LENGTH)
        return 1;
    if (rustchat_auth_verify(text("open sesame"), challenge, text("own_sockets/answer"), answer) != RUSTCHAT_OK) {
        fprintf(stderr, "the other side does not hold the secret\n");
        return 1;
    }
    return !show_messages(fd, 2);
}

int main(int argc, char **argv)
{
    int fds[2], status;
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        return 1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        _exit(answering_side(fds[1], argc > 1 ? argv[1] : "open sesame"));
    }
    close(fds[1]);
    status = asking_side(fds[0]);
    close(fds[0]);
    waitpid(child, NULL, 0);
    return status;
}
