/* The upload client of the socket tutorials, and the file server that serves it. */

#include "services.h"

static rustchat_file_server *server;

static uint64_t stored(void)
{
    rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
    CHECK_OK(rustchat_file_server_stats(server, &stats));
    return stats.stored;
}

/* As it packs it: the length as an int, and JSON. */
static void put_header(int fd, const char *json)
{
    int32_t length = (int32_t)strlen(json);
    put(fd, &length, sizeof length);
    put(fd, json, (size_t)length);
}

static void test_its_file_is_stored_in_its_folder(void)
{
    rustchat_file_server_options options = local_files();
    const char *path = own_path("root/xiaoming/hello.txt");
    char found[16] = "";
    uint16_t port = 0;
    FILE *file;
    int fd;
    options.secret = bytes_of("");
    options.tutorial = options.allow_anonymous = 1;
    server = start_files(&options);
    CHECK_OK(rustchat_file_server_port(server, &port));
    fd = dial(port);
    put_header(fd, "{\"operate\": \"upload\", \"user\": \"xiaoming\"}");
    put_header(fd, "{\"filename\": \"hello.txt\", \"filesize\": 5}");
    put(fd, "hello", 5);
    close(fd);
    EVENTUALLY(stored() == 1);
    file = fopen(path, "r");
    CHECK(file != NULL);
    CHECK(fread(found, 1, sizeof found, file) == 5 && memcmp(found, "hello", 5) == 0);
    CHECK(fclose(file) == 0);
    CHECK_OK(rustchat_file_server_close_within(server, PATIENCE_MS));
    CHECK_OK(rustchat_file_server_join(server, PATIENCE_MS));
    rustchat_file_server_free(server);
}

static void expect_no_start(const rustchat_file_server_options *options, const char *words)
{
    rustchat_file_server *started = NULL;
    rustchat_error error;
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_file_server_start(options, &started));
    CHECK_OK(rustchat_last_error(&error));
    CHECK(started == NULL && strstr(error.message, words) != NULL);
}

static void test_it_proves_itself_by_its_own_profile_or_not_at_all(void)
{
    rustchat_file_server_options options = local_files();
    options.tutorial = 1;
    expect_no_start(&options, "profile");
    options.profile = RUSTCHAT_PROFILE_TUTORIAL_SHA256;
    server = start_files(&options);
    rustchat_file_server_free(server);
    options.tutorial = 0;
    expect_no_start(&options, "mutual");
    options = local_files();
    options.tutorial = 1;
    options.secret = bytes_of("");
    expect_no_start(&options, "allow_anonymous");
}

int main(void)
{
    watchdog(300);
    RUN(test_its_file_is_stored_in_its_folder);
    RUN(test_it_proves_itself_by_its_own_profile_or_not_at_all);
    return finish();
}
