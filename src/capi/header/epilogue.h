@INIT@

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
RUSTCHAT_ASSERT_SIZE(rustchat_tls_options, 160);
RUSTCHAT_ASSERT_SIZE(rustchat_protection, 88);
RUSTCHAT_ASSERT_SIZE(rustchat_handshake_options, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_handshake_outcome, 224);
RUSTCHAT_ASSERT_SIZE(rustchat_peer_info, 432);
RUSTCHAT_ASSERT_SIZE(rustchat_server_stats_data, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_client_stats_data, 64);
#undef RUSTCHAT_ASSERT_SIZE
#endif
