/* Files: stored, fetched, gone on with and asked about, what is refused, and how transfers end. */

#include "services.h"

static rustchat_file_server *server;
static rustchat_file_client *client;

static void set_up(const rustchat_file_server_options *options)
{
    rustchat_file_client_options connecting;
    server = start_files(options);
    connecting = files_of(server);
    client = connect_files(&connecting);
}

static void tear_down(void)
{
    rustchat_file_client_free(client);
    CHECK_OK(rustchat_file_server_close_within(server, PATIENCE_MS));
    CHECK_OK(rustchat_file_server_join(server, PATIENCE_MS));
    CHECK_OK(rustchat_file_server_failure(server));
    rustchat_file_server_free(server);
    remove_service_folder();
    service_folder[0] = '\0';
}

static int says(const char *words)
{
    rustchat_error error;
    CHECK_OK(rustchat_last_error(&error));
    return strstr(error.message, words) != NULL;
}

static off_t size_of(const char *path)
{
    struct stat found;
    CHECK(stat(path, &found) == 0);
    return found.st_size;
}

static rustchat_file_server_stats_data numbers(void)
{
    rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
    CHECK_OK(rustchat_file_server_stats(server, &stats));
    return stats;
}

static void test_a_file_goes_there_and_back(void)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_transferred done = RUSTCHAT_FILE_TRANSFERRED_INIT, back = RUSTCHAT_FILE_TRANSFERRED_INIT;
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    rustchat_file_entry entry;
    const char *source = make_file("a.txt", 2500000);
    struct stat found;
    CHECK(stat(source, &found) == 0);
    set_up(&serving);
    options.parents = 1;
    CHECK_OK(rustchat_file_upload(client, source, "in/there/a.txt", &options, &done, PATIENCE_MS));
    CHECK(done.size == 2500000 && done.resumed == 0 && done.entry.kind == RUSTCHAT_FILE_REGULAR);
    CHECK(done.entry.name == NULL && done.entry.size == 2500000);
    CHECK_OK(rustchat_file_stat(client, "/in/there/a.txt", &entry, PATIENCE_MS));
    CHECK(entry.kind == RUSTCHAT_FILE_REGULAR && entry.size == 2500000 && entry.modified_s == found.st_mtime);
    CHECK(entry.mode == (found.st_mode & 0777) && entry.version == done.entry.version);
    CHECK_OK(rustchat_file_download(client, "in/there/a.txt", own_path("back.txt"), NULL, &back, PATIENCE_MS));
    CHECK(back.size == 2500000 && memcmp(back.hash, done.hash, 32) == 0);
    CHECK_NUMBER(2500000, size_of(own_path("back.txt")));
    /* Nothing is replaced unless that is asked for. */
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_upload(client, source, "in/there/a.txt", NULL, &done, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_EXISTS, rustchat_last_refusal());
    CHECK(done.size == 0 && says("exists already"));
    CHECK(rustchat_file_download(client, "in/there/a.txt", own_path("back.txt"), NULL, NULL, PATIENCE_MS) != RUSTCHAT_OK);
    options.overwrite = 1;
    CHECK_OK(rustchat_file_upload(client, source, "in/there/a.txt", &options, NULL, PATIENCE_MS));
    CHECK_OK(rustchat_file_download(client, "in/there/a.txt", own_path("back.txt"), &options, NULL, PATIENCE_MS));
    /* As it is: no hash is told. */
    options.without_hashes = 1;
    CHECK_OK(rustchat_file_upload(client, source, "in/there/a.txt", &options, &done, PATIENCE_MS));
    CHECK_OK(rustchat_file_download(client, "in/there/a.txt", own_path("back.txt"), &options, &back, PATIENCE_MS));
    CHECK(done.size == 2500000 && back.size == 2500000 && size_of(own_path("back.txt")) == 2500000);
    /* Without a name it has that of the other end. */
    CHECK_OK(rustchat_file_upload(client, source, NULL, NULL, NULL, PATIENCE_MS));
    CHECK_OK(rustchat_file_stat(client, "a.txt", &entry, PATIENCE_MS));
    CHECK(numbers().stored == 4 && numbers().fetched == 3 && numbers().connections == 1);
    tear_down();
}

static void test_names_are_listed_and_changed(void)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    rustchat_file_entry entry;
    int seen = 0;
    set_up(&serving);
    CHECK_OK(rustchat_file_list(client, "", &listing, PATIENCE_MS));
    CHECK(listing.count == 0 && listing.entries == NULL);
    CHECK_OK(rustchat_file_mkdir(client, "one/two", RUSTCHAT_MKDIR_PARENTS, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_mkdir(client, "one", 0, PATIENCE_MS));
    CHECK_OK(rustchat_file_mkdir(client, "one", RUSTCHAT_MKDIR_EXIST_OK, PATIENCE_MS));
    CHECK_OK(rustchat_file_upload(client, make_file("f", 5), "one/f", NULL, NULL, PATIENCE_MS));
    CHECK(symlink("f", own_path("root/one/link")) == 0);
    CHECK_OK(rustchat_file_list(client, "one", &listing, PATIENCE_MS));
    CHECK_NUMBER(3, listing.count);
    for (size_t i = 0; i < listing.count; i++) {
        const rustchat_file_entry *found = &listing.entries[i];
        seen += strcmp(found->name, "two") == 0 && found->kind == RUSTCHAT_FILE_FOLDER;
        seen += strcmp(found->name, "f") == 0 && found->kind == RUSTCHAT_FILE_REGULAR && found->size == 5;
        seen += strcmp(found->name, "link") == 0 && found->kind == RUSTCHAT_FILE_LINK;
    }
    CHECK_NUMBER(3, seen);
    rustchat_file_listing_clear(&listing);
    CHECK(listing.count == 0 && listing.memory == NULL);
    rustchat_file_listing_clear(&listing);
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_rename(client, "one/f", "one/link", PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_EXISTS, rustchat_last_refusal());
    CHECK_OK(rustchat_file_replace(client, "one/f", "one/link", PATIENCE_MS));
    CHECK_OK(rustchat_file_rename(client, "one/link", "g", PATIENCE_MS));
    CHECK_OK(rustchat_file_stat(client, "g", &entry, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_rmdir(client, "one", PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_NOT_EMPTY, rustchat_last_refusal());
    CHECK_OK(rustchat_file_rmdir(client, "one/two", PATIENCE_MS));
    CHECK_OK(rustchat_file_remove(client, "g", PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_stat(client, "g", &entry, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_NOT_FOUND, rustchat_last_refusal());
    CHECK(entry.kind == 0 && says("'g': not found"));
    tear_down();
}

static void test_nothing_outside_the_root_is_reached(void)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_entry entry;
    set_up(&serving);
    make_file("secret", 3);
    CHECK(symlink("../secret", own_path("root/out")) == 0);
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_stat(client, "../secret", &entry, PATIENCE_MS));
    CHECK(says("a name is . or .."));
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_download(client, "out", own_path("x"), NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_SYMLINK, rustchat_last_refusal());
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_stat(client, ".rustchat", &entry, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EUTF8, rustchat_file_stat(client, "\xff", &entry, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EIO, rustchat_file_upload(client, own_path("none"), "x", NULL, NULL, PATIENCE_MS));
    tear_down();
}

/* What a callback saw, and whether it has had enough. */
struct watched {
    int calls, ends;
    rustchat_file_progress last;
};

static int32_t watch(void *userdata, const rustchat_file_progress *progress)
{
    struct watched *watched = userdata;
    rustchat_file_entry entry;
    int64_t began = now_ms();
    CHECK(progress->done <= progress->total);
    /* It is told amid a call, and no other one fits into that. */
    CHECK_STATUS(RUSTCHAT_EDEADLK, rustchat_file_stat(client, "a.txt", &entry, -1));
    watched->last = *progress;
    watched->calls++;
    if (watched->ends && progress->done == 0) {
        /* So long that it is told of the very next block. */
        EVENTUALLY(now_ms() > began + 150);
    }
    return watched->ends && progress->done > 0;
}

static void test_progress_ends_a_transfer_which_is_gone_on_with(void)
{
    enum { SIZE = 9500000 }; /* more than a window of blocks */
    rustchat_file_server_options serving = local_files();
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    rustchat_file_transferred done = RUSTCHAT_FILE_TRANSFERRED_INIT;
    struct watched watched = {0, 1, {0, 0, 0}};
    const char *source = make_file("a.txt", SIZE);
    uint64_t came;
    set_up(&serving);
    options.userdata = &watched;
    options.on_progress = watch;
    CHECK_STATUS(RUSTCHAT_EINTR, rustchat_file_upload(client, source, "a.txt", &options, &done, PATIENCE_MS));
    CHECK(done.size == 0 && watched.last.done > 0);
    came = watched.last.done;
    /* The connection goes on; the server lets go of the file a moment later. */
    watched.ends = 0;
    EVENTUALLY(rustchat_file_upload(client, source, "a.txt", &options, &done, PATIENCE_MS) == RUSTCHAT_OK);
    CHECK(done.size == SIZE && done.resumed >= came && done.resumed < SIZE);
    CHECK(watched.last.done == SIZE && watched.last.total == SIZE && watched.last.resumed == done.resumed);

    watched.ends = 1;
    CHECK_STATUS(RUSTCHAT_EINTR, rustchat_file_download(client, "a.txt", own_path("b"), &options, NULL, PATIENCE_MS));
    CHECK(access(own_path("b"), F_OK) != 0);
    came = watched.last.done;
    watched.ends = 0;
    CHECK_OK(rustchat_file_download(client, "a.txt", own_path("b"), &options, &done, PATIENCE_MS));
    CHECK(done.size == SIZE && done.resumed >= came && done.resumed < SIZE);
    options.from_the_beginning = options.overwrite = 1;
    CHECK_OK(rustchat_file_download(client, "a.txt", own_path("b"), &options, &done, PATIENCE_MS));
    CHECK_NUMBER(0, done.resumed);
    tear_down();
}

static void test_folders(void)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_tree tree = RUSTCHAT_FILE_TREE_INIT;
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    const char *source = make_folder("site");
    make_folder("site/css");
    make_file("site/index", 10);
    make_file("site/css/main", 20);
    CHECK(symlink("index", own_path("site/link")) == 0);
    set_up(&serving);
    CHECK_OK(rustchat_file_upload_tree(client, source, "www", NULL, &tree, PATIENCE_MS));
    CHECK(tree.files == 2 && tree.bytes == 30 && tree.skipped_count == 1);
    CHECK(strstr(tree.skipped[0], "/site/link") != NULL);
    rustchat_file_tree_clear(&tree);
    CHECK(tree.files == 0 && tree.skipped == NULL && tree.memory == NULL);
    CHECK_OK(rustchat_file_download_tree(client, "www", own_path("copy"), &options, &tree, PATIENCE_MS));
    CHECK(tree.files == 2 && tree.skipped_count == 0 && tree.memory == NULL);
    CHECK_NUMBER(20, size_of(own_path("copy/css/main")));
    CHECK(rustchat_file_upload_tree(client, source, "www", NULL, NULL, PATIENCE_MS) == RUSTCHAT_EREFUSED);
    rustchat_file_tree_clear(&tree);
    tear_down();
}

static void test_limits_and_permissions(void)
{
    rustchat_file_server_options serving = local_files();
    const char *source = make_file("a.txt", 1000);
    serving.file_limit = 999;
    set_up(&serving);
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_upload(client, source, "a.txt", NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_TOO_LARGE, rustchat_last_refusal());
    tear_down();

    serving = local_files();
    source = make_file("a.txt", 1000);
    serving.quota = 1500;
    set_up(&serving);
    CHECK_OK(rustchat_file_upload(client, source, "a.txt", NULL, NULL, PATIENCE_MS));
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_upload(client, source, "b.txt", NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_QUOTA, rustchat_last_refusal());
    tear_down();

    serving = local_files();
    source = make_file("a.txt", 1000);
    serving.read_only = 1;
    set_up(&serving);
    CHECK_STATUS(RUSTCHAT_EREFUSED, rustchat_file_upload(client, source, "a.txt", NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(RUSTCHAT_FILE_REFUSED_READ_ONLY, rustchat_last_refusal());
    tear_down();
}

static void test_links_inside_are_followed_where_that_is_asked_for(void)
{
    rustchat_file_server_options serving = local_files();
    serving.follow = RUSTCHAT_FOLLOW_INSIDE;
    set_up(&serving);
    CHECK_OK(rustchat_file_upload(client, make_file("a", 7), "a", NULL, NULL, PATIENCE_MS));
    CHECK(symlink("a", own_path("root/b")) == 0);
    CHECK_OK(rustchat_file_download(client, "b", own_path("c"), NULL, NULL, PATIENCE_MS));
    tear_down();
}

static void test_each_key_has_a_folder(void)
{
    static const char *const keys[] = {"ann", "ben"};
    rustchat_file_server_options serving = local_files();
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    rustchat_key_ring *ring = NULL;
    rustchat_file_client *clients[2];
    CHECK_OK(rustchat_key_ring_new(&ring));
    serving.secret = bytes_of("");
    serving.keys = ring;
    serving.folder_per_key = 1;
    for (int i = 0; i < 2; i++) {
        CHECK_OK(rustchat_key_ring_add(ring, keys[i], keys[i], 3));
    }
    server = start_files(&serving);
    for (int i = 0; i < 2; i++) {
        rustchat_file_client_options options = files_of(server);
        options.key_id = keys[i];
        options.secret = bytes_of(keys[i]);
        clients[i] = connect_files(&options);
    }
    CHECK_OK(rustchat_file_upload(clients[0], make_file("a", 7), "a", NULL, NULL, PATIENCE_MS));
    CHECK_NUMBER(7, size_of(own_path("root/ann/a")));
    CHECK_OK(rustchat_file_list(clients[1], "", &listing, PATIENCE_MS));
    CHECK_NUMBER(0, listing.count);
    rustchat_file_client_free(clients[0]);
    client = clients[1];
    rustchat_key_ring_free(ring);
    tear_down();
}

static void test_tls_by_the_secret_alone(void)
{
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_file_server_options serving = local_files();
    rustchat_file_client_options connecting;
    serving.tls = &tls;
    server = start_files(&serving);
    connecting = files_of(server);
    connecting.tls = &tls;
    client = connect_files(&connecting);
    CHECK_OK(rustchat_file_upload(client, make_file("a", 70000), "a", NULL, NULL, PATIENCE_MS));
    tear_down();
}

/* One that is told of its progress waits there until the server has stopped, or the client was closed. */
struct held {
    int is_there, may_go;
    int32_t status;
    const char *source;
};

static int32_t hold(void *userdata, const rustchat_file_progress *progress)
{
    struct held *held = userdata;
    (void)progress;
    __atomic_store_n(&held->is_there, 1, __ATOMIC_SEQ_CST);
    EVENTUALLY(__atomic_load_n(&held->may_go, __ATOMIC_SEQ_CST));
    return 0;
}

static void *upload_held(void *argument)
{
    struct held *held = argument;
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    options.userdata = held;
    options.on_progress = hold;
    held->status = rustchat_file_upload(client, held->source, "a", &options, NULL, PATIENCE_MS);
    return NULL;
}

static void test_ends_amid_a_transfer(void)
{
    for (int end = 0; end < 3; end++) {
        rustchat_file_server_options serving = local_files();
        struct held held = {0, 0, 0, NULL};
        int32_t state = 0;
        pthread_t thread;
        held.source = make_file("a", 9500000);
        set_up(&serving);
        thread = spawn(upload_held, &held);
        EVENTUALLY(__atomic_load_n(&held.is_there, __ATOMIC_SEQ_CST));
        switch (end) {
        case 0: CHECK_OK(rustchat_file_server_close_within(server, 0)); break;
        case 1: CHECK_OK(rustchat_file_client_close(client)); break;
        default: rustchat_file_client_free(client); break;
        }
        if (end == 0) {
            CHECK_OK(rustchat_file_server_join(server, PATIENCE_MS));
        }
        __atomic_store_n(&held.may_go, 1, __ATOMIC_SEQ_CST);
        join(thread);
        if (held.status != RUSTCHAT_ECLOSED && held.status != RUSTCHAT_ECONNRESET) {
            FAIL_AT(__FILE__, __LINE__, "end %d gave %s", end, rustchat_status_name(held.status));
        }
        CHECK(access(own_path("root/a"), F_OK) != 0);
        if (end < 2) {
            CHECK_OK(rustchat_file_client_state(client, &state));
            CHECK_NUMBER(RUSTCHAT_CLIENT_CLOSED, state);
        } else {
            CHECK_STATUS(RUSTCHAT_EHANDLE, rustchat_file_client_state(client, &state));
        }
        tear_down();
    }
}

static void expect_no_start(const rustchat_file_server_options *options, int32_t status, const char *words)
{
    rustchat_file_server *started = (rustchat_file_server *)(uintptr_t)0x5a5a;
    CHECK_STATUS(status, rustchat_file_server_start(options, &started));
    CHECK(started == NULL);
    if (!says(words)) {
        FAIL_AT(__FILE__, __LINE__, "the sentence lacks \"%s\"", words);
    }
}

static void test_what_cannot_work_does_not_start(void)
{
    rustchat_file_server_options options = local_files();
    options.secret = bytes_of("");
    expect_no_start(&options, RUSTCHAT_EINVAL, "secret");
    options = local_files();
    options.root = NULL;
    expect_no_start(&options, RUSTCHAT_EINVAL, "root is missing");
    options.root = "/nowhere/root";
    expect_no_start(&options, RUSTCHAT_EIO, "/nowhere/root");
    options = local_files();
    options.address = "0.0.0.0:0";
    expect_no_start(&options, RUSTCHAT_EINVAL, "tls");
    options = local_files();
    options.folder_per_key = 1;
    expect_no_start(&options, RUSTCHAT_EINVAL, "folder_per_key");
    options = local_files();
    options.stall_timeout_ms = -1;
    expect_no_start(&options, RUSTCHAT_EINVAL, "stall_timeout");
}

int main(void)
{
    watchdog(300);
    RUN(test_a_file_goes_there_and_back);
    RUN(test_names_are_listed_and_changed);
    RUN(test_nothing_outside_the_root_is_reached);
    RUN(test_progress_ends_a_transfer_which_is_gone_on_with);
    RUN(test_folders);
    RUN(test_limits_and_permissions);
    RUN(test_links_inside_are_followed_where_that_is_asked_for);
    RUN(test_each_key_has_a_folder);
    RUN(test_tls_by_the_secret_alone);
    RUN(test_ends_amid_a_transfer);
    RUN(test_what_cannot_work_does_not_start);
    return finish();
}
