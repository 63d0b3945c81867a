/** The version of this header, for example "0.1.0". */
#define RUSTCHAT_VERSION "@VERSION@"
/** Major version of this header. */
#define RUSTCHAT_VERSION_MAJOR @MAJOR@
/** Minor version of this header. */
#define RUSTCHAT_VERSION_MINOR @MINOR@
/** Patch version of this header. */
#define RUSTCHAT_VERSION_PATCH @PATCH@
/** The version of this header as one number, to compare with rustchat_version_number(). */
#define RUSTCHAT_VERSION_NUMBER (RUSTCHAT_VERSION_MAJOR * 1000000 + RUSTCHAT_VERSION_MINOR * 1000 + RUSTCHAT_VERSION_PATCH)
/** The ABI of this header, which must be that of rustchat_abi_version(). */
#define RUSTCHAT_ABI_VERSION 0

/** Feature: chat servers and clients. */
#define RUSTCHAT_FEATURE_CHAT UINT64_C(1)
/** Feature: listeners and connections of whole messages. */
#define RUSTCHAT_FEATURE_CONNECTIONS UINT64_C(2)
/** Feature: authentication by a shared secret. */
#define RUSTCHAT_FEATURE_AUTHENTICATION UINT64_C(4)
/** Feature: Unix sockets. */
#define RUSTCHAT_FEATURE_UNIX_SOCKETS UINT64_C(8)
/** Feature: TLS. */
#define RUSTCHAT_FEATURE_TLS UINT64_C(16)
/** Feature: remote commands. */
#define RUSTCHAT_FEATURE_COMMANDS UINT64_C(32)
/** Feature: files. */
#define RUSTCHAT_FEATURE_FILES UINT64_C(64)
/** Feature: made for tests of the library itself; never use such a build. */
#define RUSTCHAT_FEATURE_PANIC_INJECTION UINT64_C(0x8000000000000000)

/** Where the functions come from. */
#if defined(RUSTCHAT_STATIC) || !defined(__GNUC__)
#define RUSTCHAT_API extern
#else
#define RUSTCHAT_API extern __attribute__((visibility("default")))
#endif

/** A result that must be looked at. */
#if defined(__GNUC__)
#define RUSTCHAT_NODISCARD __attribute__((warn_unused_result))
#else
#define RUSTCHAT_NODISCARD
#endif
