/* The same as misuse.c for files. */

#include "misuse.h"
#include "services.h"

static rustchat_file_server *server;
static rustchat_file_client *client;

static struct {
    char text[64];
    size_t len;
    uint16_t port;
    int32_t state;
    rustchat_file_entry entry;
} out;

static rustchat_file_server_stats_data stats;
static rustchat_file_listing listing;
static rustchat_file_transferred moved;
static rustchat_file_tree tree;

static void dirty(void)
{
    const rustchat_file_server_stats_data stats_init = RUSTCHAT_FILE_SERVER_STATS_INIT;
    const rustchat_file_listing listing_init = RUSTCHAT_FILE_LISTING_INIT;
    const rustchat_file_transferred moved_init = RUSTCHAT_FILE_TRANSFERRED_INIT;
    const rustchat_file_tree tree_init = RUSTCHAT_FILE_TREE_INIT;
    memset(&out, 0x5a, sizeof out);
    memset(&stats, 0x5a, sizeof stats);
    stats.struct_size = stats_init.struct_size;
    memset(&listing, 0x5a, sizeof listing);
    listing.struct_size = listing_init.struct_size;
    memset(&moved, 0x5a, sizeof moved);
    moved.struct_size = moved_init.struct_size;
    memset(&tree, 0x5a, sizeof tree);
    tree.struct_size = tree_init.struct_size;
}

/* Bad handles */

static void try_bad_server(rustchat_file_server *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len, rustchat_file_server_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.port, rustchat_file_server_port(bad, &out.port));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, stats, rustchat_file_server_stats(bad, &stats));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_server_failure(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_server_close(bad));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_server_close_within(bad, 0));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_server_join(bad, -1));
    TRY_VOID(mistake, rustchat_file_server_free(bad));
}

static void try_bad_client(rustchat_file_client *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.state, rustchat_file_client_state(bad, &out.state));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.len,
            rustchat_file_client_peer_address(bad, out.text, sizeof out.text, &out.len));
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, out.entry, rustchat_file_stat(bad, "f", &out.entry, -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, listing, rustchat_file_list(bad, "", &listing, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_mkdir(bad, "d", 0, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_remove(bad, "f", -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_rmdir(bad, "d", -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_rename(bad, "f", "g", -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_replace(bad, "f", "g", -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, moved, rustchat_file_upload(bad, "f", "f", NULL, &moved, -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, moved, rustchat_file_download(bad, "f", "f", NULL, &moved, -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, tree, rustchat_file_upload_tree(bad, "d", "d", NULL, &tree, -1));
    TRY_REPORT(mistake, RUSTCHAT_EHANDLE, tree, rustchat_file_download_tree(bad, "d", "d", NULL, &tree, -1));
    TRY(mistake, RUSTCHAT_EHANDLE, rustchat_file_client_close(bad));
    TRY_VOID(mistake, rustchat_file_client_free(bad));
}

static void try_bad_handles(void)
{
    void *memory[4] = {NULL, NULL, NULL, NULL};
    rustchat_server *chat = start_line_server();
    try_bad_server(NULL, "server=NULL");
    try_bad_client(NULL, "client=NULL");
    for (size_t i = 0; i < sizeof GARBAGE / sizeof *GARBAGE; i++) {
        try_bad_server((void *)GARBAGE[i], "server=garbage");
        try_bad_client((void *)GARBAGE[i], "client=garbage");
    }
    try_bad_server((void *)memory, "server=wrong");
    try_bad_client((void *)memory, "client=wrong");
    try_bad_server((void *)client, "server=wrong");
    try_bad_client((void *)server, "client=wrong");
    try_bad_server((void *)chat, "server=wrong");
    try_bad_client((void *)chat, "client=wrong");
    stop_server(chat);
}

/* Wrong options */

static int32_t start_server_with(const void *options)
{
    rustchat_file_server *started = (rustchat_file_server *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_file_server_start(options, &started);
    CHECK(started == NULL);
    return status;
}

static rustchat_file_client_options quick_client(void)
{
    rustchat_file_client_options options = files_of(server);
    options.timeout_ms = 5000;
    return options;
}

static int32_t connect_client_with(const void *options)
{
    rustchat_file_client *connected = (rustchat_file_client *)(uintptr_t)0x5a5a;
    int32_t status = rustchat_file_client_connect(options, &connected);
    CHECK(connected == NULL);
    return status;
}

static void try_server_options(void)
{
    rustchat_file_server_options options;
    rustchat_key_ring *ring = NULL;
    CHECK_OK(rustchat_key_ring_new(&ring));
    TRY_SERVICE_FIELDS("rustchat_file_server_start", start_server_with, local_files());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_server_start(&options, NULL));
#define SERVER(mistake, expected, assignment)                                                                         \
    TRY_FIELD("rustchat_file_server_start", start_server_with, local_files(), mistake, expected, assignment)
    SERVER("options=enum", RUSTCHAT_EINVAL, options.follow = 3);
    SERVER("options=enum", RUSTCHAT_EINVAL, options.follow = -1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.workers = 1025);
    SERVER("options=range", RUSTCHAT_EINVAL, options.keep_partial_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.stall_timeout_ms = -1);
    SERVER("options=anonymous", RUSTCHAT_EINVAL, options.allow_anonymous = 1);
    SERVER("options=address", RUSTCHAT_EINVAL, options.address = "0.0.0.0:0");
    SERVER("options=utf8", RUSTCHAT_EUTF8, options.root = "\xff");
    SERVER("options=root", RUSTCHAT_EINVAL, options.root = NULL);
    SERVER("options=root", RUSTCHAT_EIO, options.root = "/nowhere");
    SERVER("options=keys", RUSTCHAT_EINVAL, options.keys = ring);
    SERVER("options=keys", RUSTCHAT_EHANDLE, options.keys = (void *)server; options.secret.len = 0);
    SERVER("options=server_id", RUSTCHAT_EINVAL, options.server_id = LONG_ID);
#undef SERVER
    rustchat_key_ring_free(ring);
}

static void try_client_options(void)
{
    rustchat_file_client_options options;
    TRY_SERVICE_FIELDS("rustchat_file_client_connect", connect_client_with, quick_client());
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_client_connect(&options, NULL));
#define CLIENT(mistake, expected, assignment)                                                                         \
    TRY_FIELD("rustchat_file_client_connect", connect_client_with, quick_client(), mistake, expected, assignment)
    CLIENT("options=reserved", RUSTCHAT_EINVAL, options.reserved_plaintext = 1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.timeout_ms = -1);
    CLIENT("options=range", RUSTCHAT_EINVAL, options.ping_timeout_ms = -1);
#undef CLIENT
}

/* Wrong arguments */

static void try_server_arguments(void)
{
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_file_server_address(server, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_file_server_address(server, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_file_server_address(server, out.text, sizeof out.text, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_server_port(server, NULL));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_server_stats(server, NULL));
    stats.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_file_server_stats(server, &stats));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_server_join(server, -2));
    TRY("timeout_ms=0", RUSTCHAT_ETIMEDOUT, rustchat_file_server_join(server, 0));
    TRY("drain_ms=-2", RUSTCHAT_EINVAL, rustchat_file_server_close_within(server, -2));
}

static void try_client_arguments(void)
{
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_client_state(client, NULL));
    TRY_OUT("buf=NULL", RUSTCHAT_EINVAL, out.len, rustchat_file_client_peer_address(client, NULL, 5, &out.len));
    TRY("cap=small", RUSTCHAT_EBUFSIZE, rustchat_file_client_peer_address(client, out.text, 1, &out.len));
    TRY("len=NULL", RUSTCHAT_OK, rustchat_file_client_peer_address(client, out.text, sizeof out.text, NULL));
    TRY_OUT("path=NULL", RUSTCHAT_EINVAL, out.entry, rustchat_file_stat(client, NULL, &out.entry, -1));
    TRY_OUT("path=utf8", RUSTCHAT_EUTF8, out.entry, rustchat_file_stat(client, "\xff", &out.entry, -1));
    TRY_OUT("path=dots", RUSTCHAT_EREFUSED, out.entry, rustchat_file_stat(client, "..", &out.entry, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, out.entry, rustchat_file_stat(client, "f", &out.entry, -2));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_stat(client, "f", NULL, -1));
    TRY_REPORT("path=NULL", RUSTCHAT_EINVAL, listing, rustchat_file_list(client, NULL, &listing, -1));
    TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, listing, rustchat_file_list(client, "", &listing, -2));
    TRY("out=NULL", RUSTCHAT_EINVAL, rustchat_file_list(client, "", NULL, -1));
    listing.struct_size = 8;
    TRY("out=size", RUSTCHAT_EINVAL, rustchat_file_list(client, "", &listing, -1));
    TRY_VOID("out=size", rustchat_file_listing_clear(&listing));
    TRY_VOID("listing=NULL", rustchat_file_listing_clear(NULL));
    TRY("path=NULL", RUSTCHAT_EINVAL, rustchat_file_mkdir(client, NULL, 0, -1));
    TRY("flags=unknown", RUSTCHAT_EINVAL, rustchat_file_mkdir(client, "d", 4, -1));
    TRY("flags=unknown", RUSTCHAT_EINVAL, rustchat_file_mkdir(client, "d", UINT32_MAX, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_mkdir(client, "d", 0, -2));
    TRY("path=NULL", RUSTCHAT_EINVAL, rustchat_file_remove(client, NULL, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_remove(client, "f", -2));
    TRY("path=NULL", RUSTCHAT_EINVAL, rustchat_file_rmdir(client, NULL, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_rmdir(client, "d", -2));
    TRY("from=NULL", RUSTCHAT_EINVAL, rustchat_file_rename(client, NULL, "g", -1));
    TRY("to=NULL", RUSTCHAT_EINVAL, rustchat_file_rename(client, "f", NULL, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_rename(client, "f", "g", -2));
    TRY("from=NULL", RUSTCHAT_EINVAL, rustchat_file_replace(client, NULL, "g", -1));
    TRY("to=NULL", RUSTCHAT_EINVAL, rustchat_file_replace(client, "f", NULL, -1));
    TRY("timeout_ms=-2", RUSTCHAT_EINVAL, rustchat_file_replace(client, "f", "g", -2));
}

/* What the four functions that move something have in common; `from` and `to` are right. */
#define TRY_MOVING(function, report, from, to)                                                                        \
    do {                                                                                                              \
        rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;                                 \
        TRY_REPORT("from=NULL", RUSTCHAT_EINVAL, report, function(client, NULL, to, NULL, &report, -1));              \
        TRY_REPORT("timeout_ms=-2", RUSTCHAT_EINVAL, report, function(client, from, to, NULL, &report, -2));          \
        report.struct_size = 8;                                                                                       \
        TRY("out=size", RUSTCHAT_EINVAL, function(client, from, to, NULL, &report, -1));                              \
        options.reserved[3] = 1;                                                                                      \
        TRY("options=reserved", RUSTCHAT_EINVAL, function(client, from, to, &options, NULL, -1));                     \
        options.struct_size--;                                                                                        \
        TRY("options=size", RUSTCHAT_EINVAL, function(client, from, to, &options, NULL, -1));                         \
    } while (0)

static void try_moving(void)
{
    const char *file = make_file("f", 3), *folder = make_folder("d"), *there = own_path("there");
    rustchat_file_transfer_options again = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    TRY_MOVING(rustchat_file_upload, moved, file, "f");
    TRY_MOVING(rustchat_file_download, moved, "f", there);
    TRY_MOVING(rustchat_file_upload_tree, tree, folder, "d");
    TRY_MOVING(rustchat_file_download_tree, tree, "d", there);
    again.overwrite = 1;
    TRY("options=NULL", RUSTCHAT_OK, rustchat_file_upload(client, file, "f", NULL, &moved, PATIENCE_MS));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_file_upload(client, file, "f", &again, NULL, PATIENCE_MS));
    TRY("to=NULL", RUSTCHAT_EREFUSED, rustchat_file_upload(client, file, NULL, NULL, NULL, PATIENCE_MS));
    TRY("to=utf8", RUSTCHAT_EUTF8, rustchat_file_upload(client, file, "\xff", NULL, NULL, PATIENCE_MS));
    TRY("to=NULL", RUSTCHAT_EUTF8, rustchat_file_upload(client, "/tmp/\xff", NULL, NULL, NULL, PATIENCE_MS));
    dirty();
    TRY("options=NULL", RUSTCHAT_OK, rustchat_file_download(client, "f", there, NULL, &moved, PATIENCE_MS));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_file_download(client, "f", there, &again, NULL, PATIENCE_MS));
    TRY("to=NULL", RUSTCHAT_EREFUSED, rustchat_file_download(client, "nothing", NULL, NULL, NULL, PATIENCE_MS));
    dirty();
    TRY("options=NULL", RUSTCHAT_OK, rustchat_file_upload_tree(client, folder, "d", NULL, &tree, PATIENCE_MS));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_file_upload_tree(client, folder, "d", &again, NULL, PATIENCE_MS));
    TRY("to=NULL", RUSTCHAT_OK, rustchat_file_upload_tree(client, folder, NULL, NULL, NULL, PATIENCE_MS));
    there = own_path("here");
    dirty();
    TRY("options=NULL", RUSTCHAT_OK, rustchat_file_download_tree(client, "d", there, NULL, &tree, PATIENCE_MS));
    TRY("out=NULL", RUSTCHAT_OK, rustchat_file_download_tree(client, "d", there, &again, NULL, PATIENCE_MS));
    CHECK(chdir(own_path("")) == 0);
    TRY("to=NULL", RUSTCHAT_OK, rustchat_file_download_tree(client, "d", NULL, NULL, NULL, PATIENCE_MS));
    tree.struct_size = 8;
    TRY_VOID("out=size", rustchat_file_tree_clear(&tree));
    TRY_VOID("tree=NULL", rustchat_file_tree_clear(NULL));
}

static void set_up(void)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_client_options connecting;
    server = start_files(&serving);
    connecting = files_of(server);
    client = connect_files(&connecting);
}

static void tear_down(void)
{
    rustchat_file_client_free(client);
    rustchat_file_server_free(server);
}

/* Frees everything and goes on using it, also when the places of freed objects are taken again. */
static void try_stale_handles(void)
{
    rustchat_file_server *old_server = server;
    rustchat_file_client *old_client = client;
    tear_down();
    try_bad_server(old_server, "server=stale");
    try_bad_client(old_client, "client=stale");
    set_up();
    try_bad_server(old_server, "server=stale");
    try_bad_client(old_client, "client=stale");
    CHECK_OK(rustchat_file_stat(client, "f", &out.entry, PATIENCE_MS));
}

int main(int argc, char **argv)
{
    list = argc > 1 && strcmp(argv[1], "--list") == 0;
    current_test = "misuse_files";
    watchdog(60);
    set_up();
    try_bad_handles();
    try_server_options();
    try_client_options();
    try_server_arguments();
    try_client_arguments();
    try_moving();
    try_stale_handles();
    tear_down();
    return list ? 0 : finish();
}
