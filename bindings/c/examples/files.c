/* Files of one folder, for whoever has the secret.
 *
 *   files serve SECRET ROOT [ADDRESS]     default 127.0.0.1:0; serves until its input ends
 *   files put SECRET ADDRESS FROM [TO]    stores a file
 *   files get SECRET ADDRESS FROM [TO]    fetches one
 *   files ls SECRET ADDRESS [FOLDER] */
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

static int serve(const char *secret, const char *root, const char *address)
{
    rustchat_file_server_options options = RUSTCHAT_FILE_SERVER_OPTIONS_INIT;
    rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
    rustchat_file_server *server;
    char listening[128];

    options.address = address;
    options.root = root;
    options.secret = text(secret);
    if (rustchat_file_server_start(&options, &server) != RUSTCHAT_OK ||
        rustchat_file_server_address(server, listening, sizeof listening, NULL) != RUSTCHAT_OK)
        die("start");
    printf("listening on %s\n", listening);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (rustchat_file_server_stats(server, &stats) == RUSTCHAT_OK)
        printf("%llu stored, %llu fetched\n", (unsigned long long)stats.stored, (unsigned long long)stats.fetched);
    rustchat_file_server_free(server);
    return 0;
}

static int32_t show_progress(void *userdata, const rustchat_file_progress *progress)
{
    (void)userdata;
    fprintf(stderr, "\r%llu of %llu bytes", (unsigned long long)progress->done, (unsigned long long)progress->total);
    return 0; /* anything else ends the transfer, to be gone on with by the same call */
}

static void move(rustchat_file_client *client, int stores, const char *from, const char *to)
{
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    rustchat_file_transferred done = RUSTCHAT_FILE_TRANSFERRED_INIT;
    rustchat_status status;

    options.parents = options.overwrite = 1;
    options.on_progress = show_progress;
    status = stores ? rustchat_file_upload(client, from, to, &options, &done, -1)
                    : rustchat_file_download(client, from, to, &options, &done, -1);
    fputs("\n", stderr);
    if (status != RUSTCHAT_OK)
        die(from);
    for (int i = 0; i < 32; i++)
        printf("%02x", done.hash[i]);
    printf("  %s, %llu bytes\n", from, (unsigned long long)done.size);
}

static void list(rustchat_file_client *client, const char *folder)
{
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    if (rustchat_file_list(client, folder, &listing, 60000) != RUSTCHAT_OK)
        die(folder);
    for (size_t i = 0; i < listing.count; i++)
        printf("%10llu %s%s\n", (unsigned long long)listing.entries[i].size, listing.entries[i].name,
               listing.entries[i].kind == RUSTCHAT_FILE_FOLDER ? "/" : "");
    rustchat_file_listing_clear(&listing);
}

int main(int argc, char **argv)
{
    rustchat_file_client_options options = RUSTCHAT_FILE_CLIENT_OPTIONS_INIT;
    rustchat_file_client *client;

    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        return 1;
    if (argc > 3 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2], argv[3], argc > 4 ? argv[4] : "127.0.0.1:0");
    if (argc < 4 || (strcmp(argv[1], "ls") != 0 && argc < 5)) {
        fprintf(stderr, "usage: files serve|put|get|ls SECRET ROOT-OR-ADDRESS [FROM [TO]]\n");
        return 2;
    }
    options.secret = text(argv[2]);
    options.address = argv[3];
    if (rustchat_file_client_connect(&options, &client) != RUSTCHAT_OK)
        die("connect");
    if (strcmp(argv[1], "ls") == 0)
        list(client, argc > 4 ? argv[4] : "");
    else
        move(client, strcmp(argv[1], "put") == 0, argv[4], argc > 5 ? argv[5] : NULL);
    rustchat_file_client_free(client);
    return 0;
}
