/* One call of every function, on objects that are there. The programs that make them somewhere odd (in a callback, in a
 * child process, while the program ends, with a panic inside) go through this table; calls.sh checks that it is whole. */

#ifndef CALLS_H
#define CALLS_H

#include "services.h"

struct scene {
    rustchat_server *server;
    rustchat_peer_id peer;
    rustchat_client *client;
    rustchat_listener *listener;
    rustchat_connection *connection, *accepted;
    rustchat_message *message;
    rustchat_decoder *decoder;
    rustchat_handshake *handshake;
    rustchat_key_ring *ring;
    rustchat_command_server *command_server;
    rustchat_command_client *command_client;
    rustchat_command *command;
    rustchat_file_server *file_server;
    rustchat_file_client *file_client;
    char server_address[64], listener_address[64], command_address[64], file_address[64];
    char text[64];
    size_t len;
    rustchat_event event;
    rustchat_message *received;
};

struct call {
    const char *name;
    int32_t (*make)(struct scene *);
    enum { VALUE = 0, STATUS = 1, HANDLE = 2, FREE = 4 } kind;
};

/* That nothing has come is an answer, too. */
static inline int32_t soft(int32_t status)
{
    return status == RUSTCHAT_ETIMEDOUT || status == RUSTCHAT_EAGAIN ? RUSTCHAT_OK : status;
}

/* These servers ask nothing, which is an answer as well. */
static inline int32_t server_answer(struct scene *s)
{
    int32_t status = rustchat_server_answer(s->server, 1, RUSTCHAT_VERDICT_DROP, NULL, 0);
    return status == RUSTCHAT_ESTATE ? RUSTCHAT_OK : status;
}

/* Some of these servers tell nobody who leaves, which is an answer as well. */
static inline int32_t set_data(struct scene *s)
{
    int32_t status = rustchat_server_set_peer_data(s->server, s->peer, s, NULL);
    return status == RUSTCHAT_ESTATE ? RUSTCHAT_OK : status;
}

static inline int32_t peer_data(struct scene *s)
{
    void *data = NULL;
    int32_t status = rustchat_server_peer_data(s->server, s->peer, &data);
    return status == RUSTCHAT_ESTATE ? RUSTCHAT_OK : status;
}

static inline int32_t server_find(struct scene *s)
{
    rustchat_peer_id peer;
    return rustchat_server_find(s->server, NULL, "", &peer);
}

/* That line chat cannot be asked is an answer, too. */
static inline int32_t of_line_chat(int32_t status)
{
    return status == RUSTCHAT_ENOTSUP ? RUSTCHAT_OK : status;
}

static inline int32_t client_who(struct scene *s)
{
    rustchat_member_listing listing = RUSTCHAT_MEMBER_LISTING_INIT;
    int32_t status = rustchat_client_who(s->client, &listing, PATIENCE_MS);
    rustchat_member_listing_clear(&listing);
    return of_line_chat(status);
}

static inline int32_t make_members_clear(struct scene *s)
{
    rustchat_member_listing listing = RUSTCHAT_MEMBER_LISTING_INIT;
    (void)s;
    rustchat_member_listing_clear(&listing);
    return RUSTCHAT_OK;
}

static inline int32_t received(struct scene *s, int32_t status)
{
    rustchat_message_release(s->received);
    s->received = NULL;
    return soft(status);
}

static inline int32_t taken(struct scene *s, int32_t status)
{
    if (status == RUSTCHAT_OK) {
        rustchat_event_clear(&s->event);
    }
    return soft(status);
}

static inline int32_t when(int good)
{
    return good ? RUSTCHAT_OK : RUSTCHAT_EINVAL;
}

static inline int32_t make_server(struct scene *s)
{
    rustchat_server_options options = local_server();
    rustchat_server *started = NULL;
    int32_t status = rustchat_server_start(&options, &started);
    (void)s;
    rustchat_server_free(started);
    return status;
}

/* At a socket that somebody else has; the server is there until its own descriptor is closed. */
static inline int32_t make_server_at(struct scene *s)
{
    rustchat_server_options options = local_server();
    rustchat_server *started = NULL;
    struct sockaddr_in address;
    int32_t status;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)s;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    CHECK(inet_pton(AF_INET, own_host(), &address.sin_addr) == 1);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 8) == 0);
    status = rustchat_server_start_at(fd, &options, &started);
    rustchat_server_free(started);
    close(fd);
    return status;
}

static inline int32_t make_client(struct scene *s)
{
    rustchat_client_options options = RUSTCHAT_CLIENT_OPTIONS_INIT;
    rustchat_client *connected = NULL;
    int32_t status;
    options.address = s->server_address;
    status = rustchat_client_connect(&options, &connected);
    rustchat_client_free(connected);
    return status;
}

static inline int32_t make_command_server(struct scene *s)
{
    rustchat_command_server_options options = local_commands();
    rustchat_command_server *started = NULL;
    int32_t status = rustchat_command_server_start(&options, &started);
    (void)s;
    rustchat_command_server_free(started);
    return status;
}

static inline int32_t make_command_client(struct scene *s)
{
    rustchat_command_client_options options = RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT;
    rustchat_command_client *connected = NULL;
    int32_t status;
    options.address = s->command_address;
    options.secret = bytes_of(SERVICE_SECRET);
    options.timeout_ms = HANDSHAKE_MS;
    status = rustchat_command_client_connect(&options, &connected);
    rustchat_command_client_free(connected);
    return status;
}

static const char *const GREET[] = {"greet", "world"};

static inline int32_t make_run(struct scene *s)
{
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    int32_t status = rustchat_command_run(s->command_client, GREET, 2, NULL, &result, PATIENCE_MS);
    rustchat_command_result_clear(&result);
    return status;
}

static inline int32_t make_command(struct scene *s)
{
    rustchat_command *started = NULL;
    int32_t status = rustchat_command_start(s->command_client, GREET, 2, NULL, &started, PATIENCE_MS);
    rustchat_command_free(started);
    return status;
}

static inline int32_t command_port(struct scene *s)
{
    uint16_t port = 0;
    int32_t status = rustchat_command_server_port(s->command_server, &port);
    return status == RUSTCHAT_OK ? when(port != 0) : status;
}

static inline int32_t command_stats(struct scene *s)
{
    rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
    return rustchat_command_server_stats(s->command_server, &stats);
}

static inline int32_t command_state(struct scene *s)
{
    int32_t state = 0;
    return rustchat_command_client_state(s->command_client, &state);
}

static inline int32_t command_id(struct scene *s)
{
    uint64_t id = 0;
    return rustchat_command_id(s->command, &id);
}

static inline int32_t communicate(struct scene *s)
{
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    int32_t status = rustchat_command_communicate(s->command, NULL, 0, &result, PATIENCE_MS);
    rustchat_command_result_clear(&result);
    return status;
}

static inline int32_t make_result_clear(struct scene *s)
{
    rustchat_command_result result = RUSTCHAT_COMMAND_RESULT_INIT;
    (void)s;
    rustchat_command_result_clear(&result);
    return RUSTCHAT_OK;
}

static inline int32_t make_file_server(struct scene *s)
{
    rustchat_file_server_options options = local_files();
    rustchat_file_server *started = NULL;
    int32_t status = rustchat_file_server_start(&options, &started);
    (void)s;
    rustchat_file_server_free(started);
    return status;
}

static inline int32_t make_file_client(struct scene *s)
{
    rustchat_file_client_options options = RUSTCHAT_FILE_CLIENT_OPTIONS_INIT;
    rustchat_file_client *connected = NULL;
    int32_t status;
    options.address = s->file_address;
    options.secret = bytes_of(SERVICE_SECRET);
    options.timeout_ms = HANDSHAKE_MS;
    status = rustchat_file_client_connect(&options, &connected);
    rustchat_file_client_free(connected);
    return status;
}

static inline int32_t file_port(struct scene *s)
{
    uint16_t port = 0;
    int32_t status = rustchat_file_server_port(s->file_server, &port);
    return status == RUSTCHAT_OK ? when(port != 0) : status;
}

static inline int32_t file_stats(struct scene *s)
{
    rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
    return rustchat_file_server_stats(s->file_server, &stats);
}

static inline int32_t file_state(struct scene *s)
{
    int32_t state = 0;
    return rustchat_file_client_state(s->file_client, &state);
}

static inline rustchat_file_transfer_options replacing(void)
{
    rustchat_file_transfer_options options = RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT;
    options.overwrite = options.without_sync = 1;
    return options;
}

static inline int32_t file_upload(struct scene *s)
{
    rustchat_file_transfer_options options = replacing();
    return rustchat_file_upload(s->file_client, own_path("f"), "one/f", &options, NULL, PATIENCE_MS);
}

static inline int32_t file_download(struct scene *s)
{
    rustchat_file_transfer_options options = replacing();
    return rustchat_file_download(s->file_client, "one/f", own_path("fetched"), &options, NULL, PATIENCE_MS);
}

static inline int32_t file_stat(struct scene *s)
{
    rustchat_file_entry entry;
    return rustchat_file_stat(s->file_client, "one/f", &entry, PATIENCE_MS);
}

static inline int32_t file_list(struct scene *s)
{
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    int32_t status = rustchat_file_list(s->file_client, "one", &listing, PATIENCE_MS);
    rustchat_file_listing_clear(&listing);
    return status;
}

static inline int32_t make_listing_clear(struct scene *s)
{
    rustchat_file_listing listing = RUSTCHAT_FILE_LISTING_INIT;
    (void)s;
    rustchat_file_listing_clear(&listing);
    return RUSTCHAT_OK;
}

static inline int32_t file_upload_tree(struct scene *s)
{
    rustchat_file_tree tree = RUSTCHAT_FILE_TREE_INIT;
    rustchat_file_transfer_options options = replacing();
    int32_t status =
        rustchat_file_upload_tree(s->file_client, own_path("tree"), "tree", &options, &tree, PATIENCE_MS);
    rustchat_file_tree_clear(&tree);
    return status;
}

static inline int32_t file_download_tree(struct scene *s)
{
    rustchat_file_tree tree = RUSTCHAT_FILE_TREE_INIT;
    rustchat_file_transfer_options options = replacing();
    int32_t status =
        rustchat_file_download_tree(s->file_client, "one", own_path("fetched_tree"), &options, &tree, PATIENCE_MS);
    rustchat_file_tree_clear(&tree);
    return status;
}

static inline int32_t make_tree_clear(struct scene *s)
{
    rustchat_file_tree tree = RUSTCHAT_FILE_TREE_INIT;
    (void)s;
    rustchat_file_tree_clear(&tree);
    return RUSTCHAT_OK;
}

static inline int32_t make_listener(struct scene *s)
{
    rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_listener *opened = NULL;
    int32_t status;
    (void)s;
    options.address = own_address();
    options.secret = bytes_of("a secret");
    status = rustchat_listener_open(&options, &opened);
    rustchat_listener_free(opened);
    return status;
}

static inline int32_t make_connection(struct scene *s)
{
    rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_connection *opened = NULL;
    int32_t status;
    options.address = s->listener_address;
    status = rustchat_connection_open(&options, &opened);
    rustchat_connection_free(opened);
    return status;
}

static inline int32_t make_acceptance(struct scene *s)
{
    rustchat_connection *other = NULL;
    int32_t status = rustchat_listener_accept(s->listener, &other, 0);
    rustchat_connection_free(other);
    return soft(status);
}

static inline int32_t make_message(struct scene *s)
{
    int32_t status = rustchat_message_new("x", 1, &s->received);
    return received(s, status);
}

static inline int32_t make_reference(struct scene *s)
{
    rustchat_message *same = rustchat_message_retain(s->message);
    rustchat_message_release(same);
    return when(same == s->message);
}

static inline int32_t make_release(struct scene *s)
{
    rustchat_message_release(rustchat_message_retain(s->message));
    return RUSTCHAT_OK;
}

static inline int32_t make_ring(struct scene *s)
{
    rustchat_key_ring *made = NULL;
    int32_t status = rustchat_key_ring_new(&made);
    (void)s;
    rustchat_key_ring_free(made);
    return status;
}

static inline int32_t make_decoder(struct scene *s)
{
    rustchat_decoder *made = NULL;
    int32_t status = rustchat_decoder_new(RUSTCHAT_FRAMING_LINE, 0, &made);
    (void)s;
    rustchat_decoder_free(made);
    return status;
}

static inline int32_t make_decoder_free(struct scene *s)
{
    (void)s;
    rustchat_decoder_free(NULL);
    return RUSTCHAT_OK;
}

static inline int32_t make_clear(struct scene *s)
{
    memset(&s->event, 0, sizeof s->event);
    rustchat_event_clear(&s->event);
    return RUSTCHAT_OK;
}

static inline int32_t make_clear_all(struct scene *s)
{
    memset(&s->event, 0, sizeof s->event);
    rustchat_events_clear(&s->event, 1);
    return RUSTCHAT_OK;
}

static inline int32_t speech_fd(struct scene *s, int *fd)
{
    return rustchat_server_speech_fd(s->server, fd);
}

static inline int32_t make_fd(int32_t (*get)(struct scene *, int *), struct scene *s)
{
    int fd = -1;
    int32_t status = get(s, &fd);
    return status == RUSTCHAT_OK ? when(fd >= 0) : status;
}

#define EXPRESSION(name, kind, expression)                                                                            \
    static inline int32_t call_##name(struct scene *s)                                                                \
    {                                                                                                                 \
        (void)s;                                                                                                      \
        return expression;                                                                                            \
    }

static inline int32_t server_fd(struct scene *s, int *fd)
{
    return rustchat_server_poll_fd(s->server, fd);
}

static inline int32_t client_fd(struct scene *s, int *fd)
{
    return rustchat_client_poll_fd(s->client, fd);
}

static inline int32_t connection_fd(struct scene *s, int *fd)
{
    return rustchat_connection_fd(s->connection, fd);
}

static inline int32_t get_port(int32_t status, uint16_t port)
{
    return status == RUSTCHAT_OK ? when(port != 0) : status;
}

static inline int32_t server_port(struct scene *s)
{
    uint16_t port = 0;
    int32_t status = rustchat_server_port(s->server, &port);
    return get_port(status, port);
}

static inline int32_t listener_port(struct scene *s)
{
    uint16_t port = 0;
    int32_t status = rustchat_listener_port(s->listener, &port);
    return get_port(status, port);
}

static inline int32_t server_peers(struct scene *s)
{
    rustchat_peer_id ids[64];
    return rustchat_server_peers(s->server, ids, 64, &s->len);
}

static inline int32_t server_peer_info(struct scene *s)
{
    rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
    return rustchat_server_peer_info(s->server, s->peer, &info);
}

static inline int32_t server_stats(struct scene *s)
{
    rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
    return rustchat_server_stats(s->server, &stats);
}

static inline int32_t server_times(struct scene *s)
{
    rustchat_server_times_data times = RUSTCHAT_SERVER_TIMES_INIT;
    return rustchat_server_times(s->server, &times);
}

/* Whatever the server has had of them, there is none of a subject that nobody bans. */
static inline int32_t server_unban(struct scene *s)
{
    int32_t status = rustchat_server_ban(s->server, RUSTCHAT_BAN_KEY, "nobody", NULL, -1, NULL);
    return status == RUSTCHAT_OK ? rustchat_server_unban(s->server, RUSTCHAT_BAN_KEY, "nobody") : status;
}

static inline int32_t client_stats(struct scene *s)
{
    rustchat_client_stats_data stats = RUSTCHAT_CLIENT_STATS_INIT;
    return rustchat_client_stats(s->client, &stats);
}

static inline int32_t client_state(struct scene *s)
{
    int32_t state = 0;
    return rustchat_client_state(s->client, &state);
}

static inline int32_t client_protection(struct scene *s)
{
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    return rustchat_client_protection(s->client, &protection);
}

static inline int32_t connection_protection(struct scene *s)
{
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    return rustchat_connection_protection(s->connection, &protection);
}

/* The scene is a plain one: that there is no certificate, and nothing to replace, is an answer, too. */
static inline int32_t without_tls(int32_t status)
{
    return status == RUSTCHAT_ESTATE || status == RUSTCHAT_EINVAL ? RUSTCHAT_OK : status;
}

static inline int32_t server_pin(struct scene *s)
{
    uint8_t pin[32];
    return without_tls(rustchat_server_pin(s->server, pin));
}

static inline int32_t listener_pin(struct scene *s)
{
    uint8_t pin[32];
    return without_tls(rustchat_listener_pin(s->listener, pin));
}

static inline int32_t server_replace_certificate(struct scene *s)
{
    const rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    return without_tls(rustchat_server_replace_certificate(s->server, &tls));
}

static inline int32_t listener_replace_certificate(struct scene *s)
{
    const rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    return without_tls(rustchat_listener_replace_certificate(s->listener, &tls));
}

static inline int32_t command_server_pin(struct scene *s)
{
    uint8_t pin[32];
    return without_tls(rustchat_command_server_pin(s->command_server, pin));
}

static inline int32_t file_server_pin(struct scene *s)
{
    uint8_t pin[32];
    return without_tls(rustchat_file_server_pin(s->file_server, pin));
}

static inline int32_t command_server_replace_certificate(struct scene *s)
{
    const rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    return without_tls(rustchat_command_server_replace_certificate(s->command_server, &tls));
}

static inline int32_t file_server_replace_certificate(struct scene *s)
{
    const rustchat_tls_options tls = RUSTCHAT_TLS_OPTIONS_INIT;
    return without_tls(rustchat_file_server_replace_certificate(s->file_server, &tls));
}

static inline int32_t command_client_protection(struct scene *s)
{
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    return rustchat_command_client_protection(s->command_client, &protection);
}

static inline int32_t file_client_protection(struct scene *s)
{
    rustchat_protection protection = RUSTCHAT_PROTECTION_INIT;
    return rustchat_file_client_protection(s->file_client, &protection);
}

static inline int32_t last_error(struct scene *s)
{
    rustchat_error error;
    (void)s;
    return rustchat_last_error(&error);
}

static inline int32_t decoder_next(struct scene *s)
{
    rustchat_bytes frame;
    return soft(rustchat_decoder_next(s->decoder, &frame));
}

static inline int32_t connection_send_many(struct scene *s)
{
    rustchat_bytes messages[2];
    messages[0] = bytes_of("one");
    messages[1] = bytes_of("two");
    return rustchat_connection_send_many(s->connection, messages, 2, NULL, PATIENCE_MS);
}

static inline int32_t connection_recv_many(struct scene *s)
{
    rustchat_bytes messages[2];
    return soft(rustchat_connection_recv_many(s->connection, s->text, sizeof s->text, messages, 2, &s->len, 0));
}

static inline int32_t auth_respond(struct scene *s)
{
    uint8_t challenge[32] = {0}, tag[32];
    (void)s;
    return rustchat_auth_respond(bytes_of("x"), challenge, bytes_of("label"), tag);
}

static inline int32_t auth_verify(struct scene *s)
{
    uint8_t challenge[32] = {0}, tag[32] = {0};
    int32_t status = rustchat_auth_verify(bytes_of("x"), challenge, bytes_of("label"), tag);
    (void)s;
    return status == RUSTCHAT_EAUTH ? RUSTCHAT_OK : status;
}

static inline rustchat_handshake_options handshake_options(void)
{
    rustchat_handshake_options options = RUSTCHAT_HANDSHAKE_OPTIONS_INIT;
    options.secret = bytes_of("a secret");
    return options;
}

static inline int32_t make_handshake(int32_t (*begin)(const rustchat_handshake_options *, rustchat_handshake **))
{
    rustchat_handshake_options options = handshake_options();
    rustchat_handshake *begun = NULL;
    int32_t status = begin(&options, &begun);
    rustchat_handshake_free(begun);
    return status;
}

static inline int32_t begin_server(struct scene *s)
{
    (void)s;
    return make_handshake(rustchat_handshake_begin_server);
}

static inline int32_t begin_client(struct scene *s)
{
    (void)s;
    return make_handshake(rustchat_handshake_begin_client);
}

static inline int32_t handshake_output(struct scene *s)
{
    rustchat_bytes bytes;
    return rustchat_handshake_output(s->handshake, &bytes);
}

static inline int32_t handshake_result(struct scene *s)
{
    rustchat_handshake_outcome outcome = RUSTCHAT_HANDSHAKE_OUTCOME_INIT;
    return soft(rustchat_handshake_result(s->handshake, &outcome));
}

static inline int32_t make_handshake_free(struct scene *s)
{
    (void)s;
    rustchat_handshake_free(NULL);
    return RUSTCHAT_OK;
}

static inline int32_t auth_challenge(struct scene *s)
{
    uint8_t challenge[32];
    (void)s;
    return rustchat_auth_challenge(challenge);
}

/* What ends objects comes last. */
#define CALLS(CALL)                                                                                                   \
    CALL(rustchat_version, VALUE, when(rustchat_version() != NULL))                                                   \
    CALL(rustchat_version_number, VALUE, when(rustchat_version_number() == RUSTCHAT_VERSION_NUMBER))                  \
    CALL(rustchat_abi_version, VALUE, when(rustchat_abi_version() == RUSTCHAT_ABI_VERSION))                           \
    CALL(rustchat_features, VALUE, when(rustchat_features() != 0))                                                    \
    CALL(rustchat_status_name, VALUE, when(rustchat_status_name(0) != NULL))                                          \
    CALL(rustchat_status_message, VALUE, when(rustchat_status_message(0) != NULL))                                    \
    CALL(rustchat_event_name, VALUE, when(rustchat_event_name(1) != NULL))                                            \
    CALL(rustchat_last_error, VALUE, last_error(s))                                                                   \
    CALL(rustchat_last_refusal, VALUE, when(rustchat_last_refusal() == 0))                                            \
    CALL(rustchat_message_new, STATUS, make_message(s))                                                               \
    CALL(rustchat_message_retain, VALUE, make_reference(s))                                                           \
    CALL(rustchat_message_release, VALUE, make_release(s))                                                            \
    CALL(rustchat_message_bytes, VALUE, when(rustchat_message_bytes(s->message).len == 4))                            \
    CALL(rustchat_message_sender, VALUE, when(rustchat_message_sender(s->message) == 0))                              \
    CALL(rustchat_message_sender_address, VALUE, when(rustchat_message_sender_address(s->message).len == 0))          \
    CALL(rustchat_message_sender_name, VALUE, when(rustchat_message_sender_name(s->message).len == 0))                \
    CALL(rustchat_message_from_server, VALUE, when(rustchat_message_from_server(s->message) == 0))                    \
    CALL(rustchat_message_seq, VALUE, when(rustchat_message_seq(s->message) == 0))                                    \
    CALL(rustchat_message_timestamp_ns, VALUE, when(rustchat_message_timestamp_ns(s->message) != 0))                  \
    CALL(rustchat_message_wall_time, VALUE, when(rustchat_message_wall_time(s->message) == 0))                        \
    CALL(rustchat_message_kind, VALUE, when(rustchat_message_kind(s->message) == 0))                                  \
    CALL(rustchat_message_again, VALUE, when(rustchat_message_again(s->message) == 0))                                \
    CALL(rustchat_message_private, VALUE, when(rustchat_message_private(s->message) == 0))                            \
    CALL(rustchat_message_recipient, VALUE, when(rustchat_message_recipient(s->message) == 0))                        \
    CALL(rustchat_message_recipient_name, VALUE, when(rustchat_message_recipient_name(s->message).len == 0))          \
    CALL(rustchat_event_clear, VALUE, make_clear(s))                                                                  \
    CALL(rustchat_events_clear, VALUE, make_clear_all(s))                                                             \
    CALL(rustchat_decoder_new, STATUS, make_decoder(s))                                                               \
    CALL(rustchat_decoder_push, STATUS, rustchat_decoder_push(s->decoder, "\n", 1))                                   \
    CALL(rustchat_decoder_next, STATUS, decoder_next(s))                                                              \
    CALL(rustchat_decoder_free, VALUE, make_decoder_free(s))                                                          \
    CALL(rustchat_frame_encode, STATUS, rustchat_frame_encode(0, "x", 1, s->text, sizeof s->text, &s->len))           \
    CALL(rustchat_auth_challenge, STATUS, auth_challenge(s))                                                          \
    CALL(rustchat_auth_respond, STATUS, auth_respond(s))                                                              \
    CALL(rustchat_auth_verify, STATUS, auth_verify(s))                                                                \
    CALL(rustchat_handshake_begin_server, STATUS, begin_server(s))                                                    \
    CALL(rustchat_handshake_begin_client, STATUS, begin_client(s))                                                    \
    CALL(rustchat_handshake_output, STATUS, handshake_output(s))                                                      \
    CALL(rustchat_handshake_receive, STATUS, rustchat_handshake_receive(s->handshake, NULL, 0, &s->len))              \
    CALL(rustchat_handshake_result, STATUS, handshake_result(s))                                                      \
    CALL(rustchat_handshake_free, VALUE, make_handshake_free(s))                                                      \
    CALL(rustchat_key_ring_new, STATUS, make_ring(s))                                                                 \
    CALL(rustchat_key_ring_add, HANDLE, rustchat_key_ring_add(s->ring, "ann", "a secret", 8))                         \
    CALL(rustchat_key_ring_ids, HANDLE, rustchat_key_ring_ids(s->ring, s->text, sizeof s->text, &s->len))             \
    CALL(rustchat_key_ring_remove, HANDLE, rustchat_key_ring_remove(s->ring, "ann"))                                  \
    CALL(rustchat_key_ring_replace, HANDLE, rustchat_key_ring_replace(s->ring, NULL, 0, NULL))                        \
    CALL(rustchat_server_start, STATUS, make_server(s))                                                               \
    CALL(rustchat_server_start_at, STATUS, make_server_at(s))                                                         \
    CALL(rustchat_server_address, HANDLE, rustchat_server_address(s->server, s->text, sizeof s->text, NULL))          \
    CALL(rustchat_server_port, HANDLE, server_port(s))                                                                \
    CALL(rustchat_server_stats, HANDLE, server_stats(s))                                                              \
    CALL(rustchat_server_times, HANDLE, server_times(s))                                                              \
    CALL(rustchat_server_ban, HANDLE, rustchat_server_ban(s->server, RUSTCHAT_BAN_NAME, "nobody", NULL, -1, NULL))    \
    CALL(rustchat_server_unban, HANDLE, server_unban(s))                                                              \
    CALL(rustchat_server_bans, HANDLE, rustchat_server_bans(s->server, s->text, sizeof s->text, NULL))                \
    CALL(rustchat_server_reload_bans, HANDLE, rustchat_server_reload_bans(s->server))                                 \
    CALL(rustchat_server_probe, HANDLE, rustchat_server_probe(s->server, PATIENCE_MS))                                \
    CALL(rustchat_server_pin, HANDLE, server_pin(s))                                                                  \
    CALL(rustchat_server_replace_certificate, HANDLE, server_replace_certificate(s))                                  \
    CALL(rustchat_server_peers, HANDLE, server_peers(s))                                                              \
    CALL(rustchat_server_peer_info, HANDLE, server_peer_info(s))                                                      \
    CALL(rustchat_server_peer_name, HANDLE,                                                                           \
         rustchat_server_peer_name(s->server, s->peer, s->text, sizeof s->text, NULL))                                \
    CALL(rustchat_server_rename, HANDLE, rustchat_server_rename(s->server, s->peer, NULL))                            \
    CALL(rustchat_server_find, HANDLE, server_find(s))                                                                \
    CALL(rustchat_server_set_peer_data, HANDLE, set_data(s))                                                          \
    CALL(rustchat_server_peer_data, HANDLE, peer_data(s))                                                             \
    CALL(rustchat_server_broadcast, HANDLE, rustchat_server_broadcast(s->server, "x", 1, 0, NULL))                    \
    CALL(rustchat_server_broadcast_message, HANDLE,                                                                   \
         rustchat_server_broadcast_message(s->server, s->message, 0, NULL))                                           \
    CALL(rustchat_server_send, HANDLE, rustchat_server_send(s->server, s->peer, "x", 1))                              \
    CALL(rustchat_server_send_message, HANDLE, rustchat_server_send_message(s->server, s->peer, s->message))          \
    CALL(rustchat_server_poll, HANDLE, taken(s, rustchat_server_poll(s->server, &s->event, 1, &s->len, 0)))           \
    CALL(rustchat_server_poll_fd, HANDLE, make_fd(server_fd, s))                                                      \
    CALL(rustchat_server_speech_fd, HANDLE, make_fd(speech_fd, s))                                                    \
    CALL(rustchat_server_wake, HANDLE, rustchat_server_wake(s->server))                                               \
    CALL(rustchat_client_connect, STATUS, make_client(s))                                                             \
    CALL(rustchat_client_send, HANDLE, rustchat_client_send(s->client, "x", 1, PATIENCE_MS))                          \
    CALL(rustchat_client_send_message, HANDLE, rustchat_client_send_message(s->client, s->message, PATIENCE_MS))      \
    CALL(rustchat_client_drain, HANDLE, rustchat_client_drain(s->client, PATIENCE_MS))                                \
    CALL(rustchat_client_who, HANDLE, client_who(s))                                                                  \
    CALL(rustchat_member_listing_clear, VALUE, make_members_clear(s))                                                 \
    CALL(rustchat_client_send_to, HANDLE, of_line_chat(rustchat_client_send_to(s->client, "ann", "x", 1, 0)))         \
    CALL(rustchat_client_rename, HANDLE, soft(rustchat_client_rename(s->client, "ann", 0)))                           \
    CALL(rustchat_client_name, HANDLE, rustchat_client_name(s->client, s->text, sizeof s->text, NULL))                \
    CALL(rustchat_client_state, HANDLE, client_state(s))                                                              \
    CALL(rustchat_client_protection, HANDLE, client_protection(s))                                                    \
    CALL(rustchat_client_stats, HANDLE, client_stats(s))                                                              \
    CALL(rustchat_client_peer_address, HANDLE,                                                                        \
         rustchat_client_peer_address(s->client, s->text, sizeof s->text, NULL))                                      \
    CALL(rustchat_client_recv, HANDLE, received(s, rustchat_client_recv(s->client, &s->received, 0)))                 \
    CALL(rustchat_client_recv_into, HANDLE,                                                                           \
         soft(rustchat_client_recv_into(s->client, s->text, sizeof s->text, &s->len, 0)))                             \
    CALL(rustchat_client_poll, HANDLE, taken(s, rustchat_client_poll(s->client, &s->event, 1, &s->len, 0)))           \
    CALL(rustchat_client_poll_fd, HANDLE, make_fd(client_fd, s))                                                      \
    CALL(rustchat_client_wake, HANDLE, rustchat_client_wake(s->client))                                               \
    CALL(rustchat_listener_open, STATUS, make_listener(s))                                                            \
    CALL(rustchat_listener_address, HANDLE,                                                                           \
         rustchat_listener_address(s->listener, s->text, sizeof s->text, NULL))                                       \
    CALL(rustchat_listener_port, HANDLE, listener_port(s))                                                            \
    CALL(rustchat_listener_pin, HANDLE, listener_pin(s))                                                              \
    CALL(rustchat_listener_replace_certificate, HANDLE, listener_replace_certificate(s))                              \
    CALL(rustchat_listener_accept, HANDLE, make_acceptance(s))                                                        \
    CALL(rustchat_connection_open, STATUS, make_connection(s))                                                        \
    CALL(rustchat_connection_send, HANDLE, rustchat_connection_send(s->connection, "x", 1, PATIENCE_MS))              \
    CALL(rustchat_connection_send_message, HANDLE,                                                                    \
         rustchat_connection_send_message(s->connection, s->message, PATIENCE_MS))                                    \
    CALL(rustchat_connection_recv, HANDLE, received(s, rustchat_connection_recv(s->connection, &s->received, 0)))     \
    CALL(rustchat_connection_recv_into, HANDLE,                                                                       \
         soft(rustchat_connection_recv_into(s->connection, s->text, sizeof s->text, &s->len, 0)))                     \
    CALL(rustchat_connection_send_many, HANDLE, connection_send_many(s))                                              \
    CALL(rustchat_connection_recv_many, HANDLE, connection_recv_many(s))                                              \
    CALL(rustchat_connection_peer_address, HANDLE,                                                                    \
         rustchat_connection_peer_address(s->connection, s->text, sizeof s->text, NULL))                              \
    CALL(rustchat_connection_key_id, HANDLE,                                                                          \
         rustchat_connection_key_id(s->connection, s->text, sizeof s->text, NULL))                                    \
    CALL(rustchat_connection_protection, HANDLE, connection_protection(s))                                            \
    CALL(rustchat_connection_fd, HANDLE, make_fd(connection_fd, s))                                                   \
    CALL(rustchat_command_server_start, STATUS, make_command_server(s))                                               \
    CALL(rustchat_command_server_address, HANDLE,                                                                     \
         rustchat_command_server_address(s->command_server, s->text, sizeof s->text, NULL))                           \
    CALL(rustchat_command_server_port, HANDLE, command_port(s))                                                       \
    CALL(rustchat_command_server_pin, HANDLE, command_server_pin(s))                                                  \
    CALL(rustchat_command_server_replace_certificate, HANDLE, command_server_replace_certificate(s))                  \
    CALL(rustchat_command_client_protection, HANDLE, command_client_protection(s))                                    \
    CALL(rustchat_command_server_stats, HANDLE, command_stats(s))                                                     \
    CALL(rustchat_command_server_failure, HANDLE, rustchat_command_server_failure(s->command_server))                 \
    CALL(rustchat_command_client_connect, STATUS, make_command_client(s))                                             \
    CALL(rustchat_command_client_state, HANDLE, command_state(s))                                                     \
    CALL(rustchat_command_client_limit, HANDLE, rustchat_command_client_limit(s->command_client, &s->len))            \
    CALL(rustchat_command_client_peer_address, HANDLE,                                                                \
         rustchat_command_client_peer_address(s->command_client, s->text, sizeof s->text, NULL))                      \
    CALL(rustchat_command_run, HANDLE, make_run(s))                                                                   \
    CALL(rustchat_command_result_clear, VALUE, make_result_clear(s))                                                  \
    CALL(rustchat_command_start, HANDLE, make_command(s))                                                             \
    CALL(rustchat_command_id, HANDLE, command_id(s))                                                                  \
    CALL(rustchat_command_write, HANDLE, rustchat_command_write(s->command, "x", 1, &s->len, PATIENCE_MS))            \
    CALL(rustchat_command_read, HANDLE,                                                                               \
         soft(rustchat_command_read(s->command, RUSTCHAT_COMMAND_STDOUT, s->text, sizeof s->text, &s->len, 0)))       \
    CALL(rustchat_command_wait, HANDLE, soft(rustchat_command_wait(s->command, NULL, 0)))                             \
    CALL(rustchat_command_signal, HANDLE, rustchat_command_signal(s->command, 28))                                    \
    CALL(rustchat_command_close_output, HANDLE,                                                                       \
         rustchat_command_close_output(s->command, RUSTCHAT_COMMAND_STDERR))                                          \
    CALL(rustchat_command_close_stdin, HANDLE, rustchat_command_close_stdin(s->command))                              \
    CALL(rustchat_command_communicate, HANDLE, communicate(s))                                                        \
    CALL(rustchat_file_server_start, STATUS, make_file_server(s))                                                     \
    CALL(rustchat_file_server_address, HANDLE,                                                                        \
         rustchat_file_server_address(s->file_server, s->text, sizeof s->text, NULL))                                 \
    CALL(rustchat_file_server_port, HANDLE, file_port(s))                                                             \
    CALL(rustchat_file_server_pin, HANDLE, file_server_pin(s))                                                        \
    CALL(rustchat_file_server_replace_certificate, HANDLE, file_server_replace_certificate(s))                        \
    CALL(rustchat_file_client_protection, HANDLE, file_client_protection(s))                                          \
    CALL(rustchat_file_server_stats, HANDLE, file_stats(s))                                                           \
    CALL(rustchat_file_server_failure, HANDLE, rustchat_file_server_failure(s->file_server))                          \
    CALL(rustchat_file_client_connect, STATUS, make_file_client(s))                                                   \
    CALL(rustchat_file_client_state, HANDLE, file_state(s))                                                           \
    CALL(rustchat_file_client_peer_address, HANDLE,                                                                   \
         rustchat_file_client_peer_address(s->file_client, s->text, sizeof s->text, NULL))                            \
    CALL(rustchat_file_mkdir, HANDLE,                                                                                 \
         rustchat_file_mkdir(s->file_client, "one", RUSTCHAT_MKDIR_EXIST_OK, PATIENCE_MS))                            \
    CALL(rustchat_file_upload, HANDLE, file_upload(s))                                                                \
    CALL(rustchat_file_stat, HANDLE, file_stat(s))                                                                    \
    CALL(rustchat_file_list, HANDLE, file_list(s))                                                                    \
    CALL(rustchat_file_listing_clear, VALUE, make_listing_clear(s))                                                   \
    CALL(rustchat_file_download, HANDLE, file_download(s))                                                            \
    CALL(rustchat_file_upload_tree, HANDLE, file_upload_tree(s))                                                      \
    CALL(rustchat_file_download_tree, HANDLE, file_download_tree(s))                                                  \
    CALL(rustchat_file_tree_clear, VALUE, make_tree_clear(s))                                                         \
    CALL(rustchat_file_rename, HANDLE, rustchat_file_rename(s->file_client, "one/f", "one/g", PATIENCE_MS))           \
    CALL(rustchat_file_replace, HANDLE, rustchat_file_replace(s->file_client, "one/g", "one/h", PATIENCE_MS))         \
    CALL(rustchat_file_remove, HANDLE, rustchat_file_remove(s->file_client, "one/h", PATIENCE_MS))                    \
    CALL(rustchat_file_rmdir, HANDLE, rustchat_file_rmdir(s->file_client, "one", PATIENCE_MS))                        \
    CALL(rustchat_log_set, STATUS, rustchat_log_set(NULL))                                                            \
    CALL(rustchat_server_answer, HANDLE, server_answer(s))                                                            \
    CALL(rustchat_server_disconnect, HANDLE, rustchat_server_disconnect(s->server, s->peer, 0))                       \
    CALL(rustchat_client_close, HANDLE, rustchat_client_close(s->client))                                             \
    CALL(rustchat_client_join, HANDLE, rustchat_client_join(s->client, PATIENCE_MS))                                  \
    CALL(rustchat_client_free, FREE, (rustchat_client_free(s->client), 0))                                            \
    CALL(rustchat_connection_close, HANDLE, rustchat_connection_close(s->connection))                                 \
    CALL(rustchat_connection_free, FREE,                                                                              \
         (rustchat_connection_free(s->connection), rustchat_connection_free(s->accepted), 0))                         \
    CALL(rustchat_listener_close, HANDLE, rustchat_listener_close(s->listener))                                       \
    CALL(rustchat_key_ring_free, FREE, (rustchat_key_ring_free(s->ring), 0))                                          \
    CALL(rustchat_file_client_close, HANDLE, rustchat_file_client_close(s->file_client))                              \
    CALL(rustchat_file_client_free, FREE, (rustchat_file_client_free(s->file_client), 0))                             \
    CALL(rustchat_file_server_close, HANDLE, rustchat_file_server_close(s->file_server))                              \
    CALL(rustchat_file_server_close_within, HANDLE, rustchat_file_server_close_within(s->file_server, 0))             \
    CALL(rustchat_file_server_join, HANDLE, rustchat_file_server_join(s->file_server, PATIENCE_MS))                   \
    CALL(rustchat_file_server_free, FREE, (rustchat_file_server_free(s->file_server), 0))                             \
    CALL(rustchat_command_free, FREE, (rustchat_command_free(s->command), 0))                                         \
    CALL(rustchat_command_client_close, HANDLE, rustchat_command_client_close(s->command_client))                     \
    CALL(rustchat_command_client_free, FREE, (rustchat_command_client_free(s->command_client), 0))                    \
    CALL(rustchat_command_server_close, HANDLE, rustchat_command_server_close(s->command_server))                     \
    CALL(rustchat_command_server_close_within, HANDLE, rustchat_command_server_close_within(s->command_server, 0))    \
    CALL(rustchat_command_server_join, HANDLE, rustchat_command_server_join(s->command_server, PATIENCE_MS))          \
    CALL(rustchat_command_server_free, FREE, (rustchat_command_server_free(s->command_server), 0))                    \
    CALL(rustchat_listener_free, FREE, (rustchat_listener_free(s->listener), 0))                                      \
    CALL(rustchat_server_close, HANDLE, rustchat_server_close(s->server))                                             \
    CALL(rustchat_server_close_within, HANDLE, rustchat_server_close_within(s->server, 0))                            \
    CALL(rustchat_server_join, HANDLE, rustchat_server_join(s->server, PATIENCE_MS))                                  \
    CALL(rustchat_server_free, FREE, (rustchat_server_free(s->server), 0))

CALLS(EXPRESSION)

#define ROW(name, kind, expression) {#name, call_##name, kind},
static const struct call calls[] = {CALLS(ROW)};
#define CALL_COUNT (sizeof calls / sizeof *calls)

/* Remote commands, and one that runs. */
static inline void set_commands(struct scene *s)
{
    rustchat_command_server_options serving = local_commands();
    rustchat_command_client_options connecting;
    rustchat_command_options options = RUSTCHAT_COMMAND_OPTIONS_INIT;
    const char *const cat[] = {"cat"};
    s->command_server = start_commands(&serving);
    connecting = commands_of(s->command_server);
    snprintf(s->command_address, sizeof s->command_address, "%.60s", connecting.address);
    s->command_client = connect_commands(&connecting);
    options.with_stdin = 1;
    CHECK_OK(rustchat_command_start(s->command_client, cat, 1, &options, &s->command, PATIENCE_MS));
}

/* Files, of which the client has one and a folder. */
static inline void set_files(struct scene *s)
{
    rustchat_file_server_options serving = local_files();
    rustchat_file_client_options connecting;
    make_file("f", 100);
    make_folder("tree");
    make_file("tree/leaf", 10);
    s->file_server = start_files(&serving);
    connecting = files_of(s->file_server);
    snprintf(s->file_address, sizeof s->file_address, "%.60s", connecting.address);
    s->file_client = connect_files(&connecting);
}

/* A scene around a server, which the caller has started. */
static inline void set_scene(struct scene *s, rustchat_server *server)
{
    rustchat_listener_options listening = RUSTCHAT_LISTENER_OPTIONS_INIT;
    rustchat_connection_options connecting = RUSTCHAT_CONNECTION_OPTIONS_INIT;
    rustchat_handshake_options shaking;
    memset(s, 0, sizeof *s);
    s->server = server;
    snprintf(s->server_address, sizeof s->server_address, "%.60s", address_of(server));
    s->client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    EVENTUALLY(joined_count(server) > 0);
    s->peer = newest_peer(server);
    listening.address = own_address();
    CHECK_OK(rustchat_listener_open(&listening, &s->listener));
    CHECK_OK(rustchat_listener_address(s->listener, s->listener_address, sizeof s->listener_address, NULL));
    connecting.address = s->listener_address;
    CHECK_OK(rustchat_connection_open(&connecting, &s->connection));
    CHECK_OK(rustchat_listener_accept(s->listener, &s->accepted, PATIENCE_MS));
    CHECK_OK(rustchat_message_new("text", 4, &s->message));
    CHECK_OK(rustchat_decoder_new(RUSTCHAT_FRAMING_LINE, 0, &s->decoder));
    shaking = handshake_options();
    CHECK_OK(rustchat_handshake_begin_server(&shaking, &s->handshake));
    CHECK_OK(rustchat_key_ring_new(&s->ring));
    set_commands(s);
    set_files(s);
}

/* May be repeated for what is freed already. */
static inline void strike_scene(struct scene *s)
{
    rustchat_client_free(s->client);
    rustchat_connection_free(s->connection);
    rustchat_connection_free(s->accepted);
    rustchat_listener_free(s->listener);
    rustchat_server_free(s->server);
    rustchat_message_release(s->message);
    rustchat_decoder_free(s->decoder);
    rustchat_handshake_free(s->handshake);
    rustchat_key_ring_free(s->ring);
    rustchat_command_free(s->command);
    rustchat_command_client_free(s->command_client);
    rustchat_command_server_free(s->command_server);
    rustchat_file_client_free(s->file_client);
    rustchat_file_server_free(s->file_server);
    s->message = NULL;
    s->decoder = NULL;
    s->handshake = NULL;
}

/* A result that differs from RUSTCHAT_OK at this place; the list ends with a NULL. */
struct exception {
    const char *name;
    int32_t status;
};

static inline int32_t expected_of(const struct exception *exceptions, const char *name)
{
    for (; exceptions->name != NULL; exceptions++) {
        if (strcmp(exceptions->name, name) == 0) {
            return exceptions->status;
        }
    }
    return RUSTCHAT_OK;
}

static inline void make_calls(struct scene *s, const struct exception *exceptions)
{
    for (size_t i = 0; i < CALL_COUNT; i++) {
        int32_t status = calls[i].make(s);
        check_status(expected_of(exceptions, calls[i].name), status, calls[i].name, __FILE__, __LINE__);
    }
}

#endif
