/* Everything a program writes with the header must be clean, in C and in C++: the initialisers, every prototype's use. */

#include "rustchat.h"

int use_the_header(void);
int use_the_commands(void);
int use_the_files(void);
int32_t on_progress(void *userdata, const rustchat_file_progress *progress);
void on_event(void *userdata, const rustchat_event *event);

void on_event(void *userdata, const rustchat_event *event)
{
    rustchat_bytes said = rustchat_message_bytes(event->message);
    *(size_t *)userdata += said.len;
    if (event->kind == RUSTCHAT_EVENT_MESSAGE && event->status == RUSTCHAT_OK) {
        *(size_t *)userdata += 1;
    }
}

int use_the_commands(void)
{
    static const char *const colours[] = {"red", "green"};
    static const char *const argv[] = {"paint", "red"};
    static const rustchat_command_word words[] = {
        RUSTCHAT_COMMAND_LITERAL("--"),      RUSTCHAT_COMMAND_INT(-1, 5),
        RUSTCHAT_COMMAND_CHOICE(colours, 2), RUSTCHAT_COMMAND_WORD(9),
        RUSTCHAT_COMMAND_TEXT(0),            RUSTCHAT_COMMAND_CHARACTERS("a-z", 9),
    };
    rustchat_command_template commands[] = {RUSTCHAT_COMMAND_TEMPLATE_INIT, RUSTCHAT_COMMAND_TEMPLATE_INIT};
    rustchat_command_server_options server_options = RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT;
    rustchat_command_client_options client_options = RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT;
    rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    rustchat_command_exit ended = RUSTCHAT_COMMAND_EXIT_INIT;
    rustchat_command_server *server = NULL;
    rustchat_command_client *client = NULL;
    rustchat_command *command = NULL;
    rustchat_key_ring *ring = NULL;

    commands[0].words = words;
    commands[0].word_count = sizeof words / sizeof *words;
    server_options.commands = commands;
    server_options.survivors = RUSTCHAT_SURVIVORS_WAIT;
    if (rustchat_key_ring_new(&ring) != RUSTCHAT_OK ||
        rustchat_command_server_start(&server_options, &server) != RUSTCHAT_OK ||
        rustchat_command_client_connect(&client_options, &client) != RUSTCHAT_OK ||
        rustchat_command_run(client, argv, 2, &options, &result, -1) != RUSTCHAT_OK ||
        rustchat_command_start(client, argv, 2, NULL, &command, -1) != RUSTCHAT_OK ||
        rustchat_command_wait(command, &ended, -1) != RUSTCHAT_OK) {
        return rustchat_last_refusal() == RUSTCHAT_COMMAND_REFUSED_BUSY;
    }
    rustchat_command_server_stats(server, &stats);
    rustchat_command_result_clear(&result);
    return ended.kind == RUSTCHAT_EXIT_EXITED;
}

int32_t on_progress(void *userdata, const rustchat_file_progress *progress)
{
    *(uint64_t *)userdata = progress->done;
    return progress->total == 0;
}

int use_the_files(void)
{
    rustchat_file_server_options server_options = RUSTCHAT_FILE_SERVER_OPTIONS_INIT;
    rustchat_file_client_options client_options = RUSTCHAT_FILE_CLIENT_OPTIONS_INIT;
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
    rustchat_file_transferred done = RUSTCHAT_FILE_TRANSFERRED_INIT;
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    rustchat_file_tree tree = RUSTCHAT_FILE_TREE_INIT;
    rustchat_file_server *server = NULL;
    rustchat_file_client *client = NULL;
    uint64_t moved = 0;

    server_options.follow = RUSTCHAT_FOLLOW_INSIDE;
    options.userdata = &moved;
    options.on_progress = on_progress;
    if (rustchat_file_server_start(&server_options, &server) != RUSTCHAT_OK ||
        rustchat_file_client_connect(&client_options, &client) != RUSTCHAT_OK ||
        rustchat_file_mkdir(client, "in", RUSTCHAT_MKDIR_PARENTS | RUSTCHAT_MKDIR_EXIST_OK, -1) != RUSTCHAT_OK ||
        rustchat_file_upload(client, "a", "in/a", &options, &done, -1) != RUSTCHAT_OK ||
        rustchat_file_download_tree(client, "in", "here", NULL, &tree, -1) != RUSTCHAT_OK ||
        rustchat_file_list(client, "in", &listing, -1) != RUSTCHAT_OK) {
        return rustchat_last_refusal() == RUSTCHAT_FILE_REFUSED_EXISTS;
    }
    rustchat_file_server_stats(server, &stats);
    rustchat_file_tree_clear(&tree);
    return listing.count > 0 && listing.entries[0].kind == RUSTCHAT_FILE_REGULAR;
}

int use_the_header(void)
{
    rustchat_server_options server_options = RUSTCHAT_SERVER_OPTIONS_INIT;
    rustchat_client_options client_options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_listener_options listener_options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connection_options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_log_options log_options = RUSTCHAT_LOG_OPTIONS_INIT;
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    rustchat_server_stats_data server_stats = RUSTCHAT_SERVER_STATS_INIT;
    rustchat_client_stats_data client_stats = RUSTCHAT_CLIENT_STATS_INIT;
    rustchat_server_times_data times = RUSTCHAT_SERVER_TIMES_INIT;
    rustchat_server *server = NULL;
    rustchat_client *client = NULL;
    rustchat_listener *listener = NULL;
    rustchat_connection *connection = NULL;
    rustchat_decoder *decoder = NULL;
    rustchat_event events[2];
    rustchat_delivery delivery;
    rustchat_error error;
    size_t count = 0;
    rustchat_status status;

    server_options.framing = RUSTCHAT_FRAMING_LINE;
    server_options.profile = RUSTCHAT_PROFILE_MUTUAL;
    server_options.events = RUSTCHAT_EVENTS_ALL;
    server_options.event_overflow = RUSTCHAT_OVERFLOW_BLOCK;
    server_options.on_event = on_event;
    server_options.userdata = &count;
    log_options.level = RUSTCHAT_LOG_WARN;
    tls.trust = RUSTCHAT_TRUST_SYSTEM;
    server_options.tls = client_options.tls = listener_options.tls = connection_options.tls = &tls;
    status = rustchat_server_start(&server_options, &server);
    if (status != RUSTCHAT_OK && rustchat_last_error(&error) == RUSTCHAT_OK) {
        return (int)status;
    }
    status = rustchat_client_connect(&client_options, &client);
    if (status != RUSTCHAT_OK || rustchat_listener_open(&listener_options, &listener) != RUSTCHAT_OK ||
        rustchat_connection_open(&connection_options, &connection) != RUSTCHAT_OK ||
        rustchat_decoder_new(RUSTCHAT_FRAMING_U32BE, 0, &decoder) != RUSTCHAT_OK ||
        rustchat_server_poll(server, events, 2, &count, -1) != RUSTCHAT_OK) {
        return -1;
    }
    rustchat_server_broadcast(server, "text", 4, 0, &delivery);
    rustchat_server_peer_info(server, events[0].peer, &info);
    rustchat_server_stats(server, &server_stats);
    rustchat_server_times(server, &times);
    rustchat_server_ban(server, RUSTCHAT_BAN_ADDRESS, "192.0.2.1", NULL, -1, NULL);
    rustchat_client_stats(client, &client_stats);
    rustchat_client_protection(client, &protection);
    rustchat_log_set(&log_options);
    return RUSTCHAT_VERSION_NUMBER == rustchat_version_number() && (rustchat_features() & RUSTCHAT_FEATURE_CHAT) != 0;
}
