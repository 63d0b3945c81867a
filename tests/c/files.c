/* The files of Unix sockets: what is never replaced, and who may connect. */

#include <sys/stat.h>
#include <sys/un.h>

#include "harness.h"

static char directory[] = "/tmp/rustchat-files-XXXXXX";
static char path[sizeof directory + sizeof "/chat.sock"];

/* What listens in `kind` 0 and 1. */
static int32_t start(int kind, uint32_t mode, const char *group, rustchat_server **server, rustchat_listener **listener)
{
    rustchat_server_options serving = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    *server = NULL;
    *listener = NULL;
    serving.address = listening.address = path;
    serving.mode = listening.mode = mode;
    serving.group = listening.group = group;
    return kind == 0 ? rustchat_server_start(&serving, server) : rustchat_listener_open(&listening, listener);
}

static void expect_refusal(int kind, int32_t status, const char *word)
{
    rustchat_server *server;
    rustchat_listener *listener;
    rustchat_error error;
    CHECK_STATUS(status, start(kind, 0, NULL, &server, &listener));
    CHECK(server == NULL && listener == NULL);
    CHECK_OK(rustchat_last_error(&error));
    if (strstr(error.message, word) == NULL) {
        FAIL_AT(__FILE__, __LINE__, "\"%s\" lacks \"%s\"", error.message, word);
    }
}

static mode_t mode_of_file(void)
{
    struct stat found;
    CHECK(lstat(path, &found) == 0);
    return found.st_mode & 07777;
}

static void expect_mode(int kind, uint32_t mode, const char *group, mode_t expected)
{
    rustchat_server *server;
    rustchat_listener *listener;
    CHECK_OK(start(kind, mode, group, &server, &listener));
    CHECK_NUMBER(expected, mode_of_file());
    rustchat_listener_free(listener);
    rustchat_server_free(server);
    CHECK(access(path, F_OK) != 0);
}

static void test_what_is_no_socket_is_left_alone(void)
{
    struct stat before, after;
    for (int kind = 0; kind < 2; kind++) {
        FILE *file = fopen(path, "w");
        CHECK(file != NULL && fputs("a user's notes", file) >= 0 && fclose(file) == 0 && lstat(path, &before) == 0);
        expect_refusal(kind, RUSTCHAT_EADDRINUSE, "a regular file");
        CHECK(lstat(path, &after) == 0 && after.st_ino == before.st_ino && after.st_size == before.st_size);
        CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
        expect_refusal(kind, RUSTCHAT_EADDRINUSE, "a fifo");
        CHECK(lstat(path, &after) == 0 && S_ISFIFO(after.st_mode));
        CHECK(unlink(path) == 0 && symlink("/nowhere", path) == 0);
        expect_refusal(kind, RUSTCHAT_EADDRINUSE, "a symbolic link");
        CHECK(lstat(path, &after) == 0 && S_ISLNK(after.st_mode));
        CHECK(unlink(path) == 0);
    }
}

static void test_a_dead_socket_is_replaced(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    for (int kind = 0; kind < 2; kind++) {
        int crashed = socket(AF_UNIX, SOCK_STREAM, 0);
        CHECK(crashed >= 0 && bind(crashed, (struct sockaddr *)&address, sizeof address) == 0 && close(crashed) == 0);
        expect_mode(kind, 0, NULL, 0600);
    }
}

static void test_the_mode_is_what_was_asked_for_whatever_the_mask(void)
{
    char group[32];
    snprintf(group, sizeof group, "%u", (unsigned int)getegid());
    for (int kind = 0; kind < 2; kind++) {
        for (mode_t mask = 0; mask <= 077; mask += 077) {
            mode_t before = umask(mask);
            expect_mode(kind, 0, NULL, 0600);
            expect_mode(kind, 0666, NULL, 0666);
            expect_mode(kind, 0, group, 0660);
            CHECK_NUMBER(mask, umask(before));
        }
    }
}

static void test_wrong_options_are_named(void)
{
    rustchat_server *server;
    rustchat_listener *listener;
    for (int kind = 0; kind < 2; kind++) {
        CHECK_STATUS(RUSTCHAT_EINVAL, start(kind, 01777, NULL, &server, &listener));
        /* What the C library loads to look up names stays in memory, which valgrind takes for a leak. */
        if (slowness() < 10) {
            CHECK_STATUS(RUSTCHAT_EINVAL, start(kind, 0, "no-such-group", &server, &listener));
        }
        CHECK_STATUS(RUSTCHAT_EINVAL, start(kind, 0, "4294967295", &server, &listener));
        CHECK_STATUS(RUSTCHAT_EUTF8, start(kind, 0, "\xff", &server, &listener));
        CHECK(access(path, F_OK) != 0);
    }
}

int main(void)
{
    watchdog(300);
    CHECK(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/chat.sock", directory);
    RUN(test_what_is_no_socket_is_left_alone);
    RUN(test_a_dead_socket_is_replaced);
    RUN(test_the_mode_is_what_was_asked_for_whatever_the_mask);
    RUN(test_wrong_options_are_named);
    CHECK(rmdir(directory) == 0);
    return finish();
}
