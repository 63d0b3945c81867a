/** The defaults of rustchat_server_options. */
#define RUSTCHAT_SERVER_OPTIONS_INIT \
    {sizeof(rustchat_server_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
     0, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 0, {0, 0, 0}}
/** The defaults of rustchat_client_options. */
#define RUSTCHAT_CLIENT_OPTIONS_INIT \
    {sizeof(rustchat_client_options), NULL, {NULL, 0}, NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, \
     0, 0, {0, 0, 0, 0, 0, 0}}
/** The defaults of rustchat_listener_options. */
#define RUSTCHAT_LISTENER_OPTIONS_INIT \
    {sizeof(rustchat_listener_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, {0, 0, 0, 0, 0}}
/** The defaults of rustchat_connection_options. */
#define RUSTCHAT_CONNECTION_OPTIONS_INIT \
    {sizeof(rustchat_connection_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0, 0}}
/** The defaults of rustchat_log_options. */
#define RUSTCHAT_LOG_OPTIONS_INIT {sizeof(rustchat_log_options), 0, 0, NULL, NULL, NULL, {0, 0, 0, 0}}
/** A rustchat_peer_info to be filled. */
#define RUSTCHAT_PEER_INFO_INIT \
    {sizeof(rustchat_peer_info), 0, 0, 0, 0, 0, 0, 0, {0}, {0}, {0}, {0, 0, 0, 0}}
/** A rustchat_server_stats_data to be filled. */
#define RUSTCHAT_SERVER_STATS_INIT \
    {sizeof(rustchat_server_stats_data), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** A rustchat_client_stats_data to be filled. */
#define RUSTCHAT_CLIENT_STATS_INIT {sizeof(rustchat_client_stats_data), 0, 0, {0, 0, 0, 0, 0}}

/* The sizes that the library was built with; a compiler that lays structures out otherwise must not build this. */
#if UINTPTR_MAX == UINT64_MAX && (defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L))
#if defined(__cplusplus)
#define RUSTCHAT_ASSERT_SIZE(type, size) static_assert(sizeof(type) == (size), #type)
#else
#define RUSTCHAT_ASSERT_SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#endif
RUSTCHAT_ASSERT_SIZE(rustchat_event, 64);
RUSTCHAT_ASSERT_SIZE(rustchat_error, 248);
RUSTCHAT_ASSERT_SIZE(rustchat_bytes, 16);
RUSTCHAT_ASSERT_SIZE(rustchat_delivery, 16);
RUSTCHAT_ASSERT_SIZE(rustchat_server_options, 256);
RUSTCHAT_ASSERT_SIZE(rustchat_client_options, 160);
RUSTCHAT_ASSERT_SIZE(rustchat_listener_options, 144);
RUSTCHAT_ASSERT_SIZE(rustchat_connection_options, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_log_options, 72);
RUSTCHAT_ASSERT_SIZE(rustchat_peer_info, 432);
RUSTCHAT_ASSERT_SIZE(rustchat_server_stats_data, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_client_stats_data, 64);
#undef RUSTCHAT_ASSERT_SIZE
#endif
