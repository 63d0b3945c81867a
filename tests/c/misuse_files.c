/* Every mistake with files. */

#define SERVICE(name) rustchat_file_##name
#define SERVICE_INIT(name) RUSTCHAT_FILE_##name##_INIT
#define local_options local_files
#define options_of_client() files_of(server)

#include "misuse_services.h"

static rustchat_file_entry entry;
static rustchat_file_listing listing;
static rustchat_file_transferred moved;
static rustchat_file_tree tree;

static void dirty(void)
{
    dirty_service();
    memset(&entry, 0x5a, sizeof entry);
    DIRTY(rustchat_file_listing, listing, RUSTCHAT_FILE_LISTING_INIT);
    DIRTY(rustchat_file_transferred, moved, RUSTCHAT_FILE_TRANSFERRED_INIT);
    DIRTY(rustchat_file_tree, tree, RUSTCHAT_FILE_TREE_INIT);
}

static void try_bad_client(void *bad, const char *mistake)
{
    TRY_OUT(mistake, RUSTCHAT_EHANDLE, entry, rustchat_file_stat(bad, "f", &entry, -1));
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
    try_bad_end(bad, mistake);
}

static void try_server_options(void)
{
    rustchat_file_server_options options;
    try_service_options();
    SERVER("options=enum", RUSTCHAT_EINVAL, options.follow = 3);
    SERVER("options=enum", RUSTCHAT_EINVAL, options.follow = -1);
    SERVER("options=range", RUSTCHAT_EINVAL, options.keep_partial_ms = -2);
    SERVER("options=range", RUSTCHAT_EINVAL, options.stall_timeout_ms = -1);
    SERVER("options=utf8", RUSTCHAT_EUTF8, options.root = "\xff");
    SERVER("options=root", RUSTCHAT_EINVAL, options.root = NULL);
    SERVER("options=root", RUSTCHAT_EIO, options.root = "/nowhere");
}

static void try_client_arguments(void)
{
    try_end_arguments();
    TRY_OUT("path=NULL", RUSTCHAT_EINVAL, entry, rustchat_file_stat(client, NULL, &entry, -1));
    TRY_OUT("path=utf8", RUSTCHAT_EUTF8, entry, rustchat_file_stat(client, "\xff", &entry, -1));
    TRY_OUT("path=dots", RUSTCHAT_EREFUSED, entry, rustchat_file_stat(client, "..", &entry, -1));
    TRY_OUT("timeout_ms=-2", RUSTCHAT_EINVAL, entry, rustchat_file_stat(client, "f", &entry, -2));
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

int main(int argc, char **argv)
{
    begin_program(argc, argv, "misuse_files");
    set_up_service();
    {
        const struct kind kinds[] = {KIND(server, server, 0), KIND(client, client, 0)};
        void *const all[] = {server, client, ring, chat};
        try_bad_kinds(kinds, 2, all, 4);
        try_server_options();
        try_client_options();
        try_server_arguments();
        try_client_arguments();
        try_moving();
        /* Frees everything and goes on using it, also when the places of freed objects are taken again. */
        tear_down_service();
        try_stale_kinds(kinds, 2);
        set_up_service();
        try_stale_kinds(kinds, 2);
    }
    CHECK_OK(rustchat_file_stat(client, "f", &entry, PATIENCE_MS));
    tear_down_service();
    return list ? 0 : finish();
}
