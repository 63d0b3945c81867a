@INIT@
/** A word of a command line that stands as it is. */
#define RUSTCHAT_COMMAND_LITERAL(text) {text, RUSTCHAT_SLOT_NONE, 0, 0, 0, NULL, NULL, 0, {0, 0}}
/** A place for an integer from min to max; the fields text and secret of this and the others may be set. */
#define RUSTCHAT_COMMAND_INT(min, max) {NULL, RUSTCHAT_SLOT_INT, 0, min, max, NULL, NULL, 0, {0, 0}}
/** A place for one of count choices. */
#define RUSTCHAT_COMMAND_CHOICE(choices, count) {NULL, RUSTCHAT_SLOT_CHOICE, 0, 0, 0, NULL, choices, count, {0, 0}}
/** A place for a word of at most max bytes. */
#define RUSTCHAT_COMMAND_WORD(max) {NULL, RUSTCHAT_SLOT_WORD, 0, 0, max, NULL, NULL, 0, {0, 0}}
/** A place for at most max characters of a set such as "a-z0-9_". */
#define RUSTCHAT_COMMAND_CHARACTERS(set, max) {NULL, RUSTCHAT_SLOT_CHARACTERS, 0, 0, max, set, NULL, 0, {0, 0}}
/** A place for one line of at most max bytes. */
#define RUSTCHAT_COMMAND_TEXT(max) {NULL, RUSTCHAT_SLOT_TEXT, 0, 0, max, NULL, NULL, 0, {0, 0}}

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
RUSTCHAT_ASSERT_SIZE(rustchat_server_options, 280);
RUSTCHAT_ASSERT_SIZE(rustchat_client_options, 160);
RUSTCHAT_ASSERT_SIZE(rustchat_listener_options, 144);
RUSTCHAT_ASSERT_SIZE(rustchat_connection_options, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_log_options, 72);
RUSTCHAT_ASSERT_SIZE(rustchat_tls_options, 160);
RUSTCHAT_ASSERT_SIZE(rustchat_protection, 88);
RUSTCHAT_ASSERT_SIZE(rustchat_handshake_options, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_handshake_outcome, 224);
RUSTCHAT_ASSERT_SIZE(rustchat_peer_info, 432);
RUSTCHAT_ASSERT_SIZE(rustchat_member, 32);
RUSTCHAT_ASSERT_SIZE(rustchat_member_listing, 56);
RUSTCHAT_ASSERT_SIZE(rustchat_server_stats_data, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_client_stats_data, 64);
RUSTCHAT_ASSERT_SIZE(rustchat_command_word, 72);
RUSTCHAT_ASSERT_SIZE(rustchat_command_variable, 16);
RUSTCHAT_ASSERT_SIZE(rustchat_command_template, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_command_server_stats_data, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_command_exit, 112);
RUSTCHAT_ASSERT_SIZE(rustchat_command_options, 104);
RUSTCHAT_ASSERT_SIZE(rustchat_command_result, 176);
RUSTCHAT_ASSERT_SIZE(rustchat_command_server_options, 320);
RUSTCHAT_ASSERT_SIZE(rustchat_command_client_options, 120);
RUSTCHAT_ASSERT_SIZE(rustchat_file_entry, 64);
RUSTCHAT_ASSERT_SIZE(rustchat_file_progress, 24);
RUSTCHAT_ASSERT_SIZE(rustchat_file_server_stats_data, 128);
RUSTCHAT_ASSERT_SIZE(rustchat_file_listing, 56);
RUSTCHAT_ASSERT_SIZE(rustchat_file_transfer_options, 80);
RUSTCHAT_ASSERT_SIZE(rustchat_file_transferred, 152);
RUSTCHAT_ASSERT_SIZE(rustchat_file_tree, 64);
RUSTCHAT_ASSERT_SIZE(rustchat_file_server_options, 272);
RUSTCHAT_ASSERT_SIZE(rustchat_file_client_options, 120);
#undef RUSTCHAT_ASSERT_SIZE
#endif
