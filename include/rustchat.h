/**
 * @file rustchat.h
 * Chat, whole messages over a stream, authentication by a shared secret, and TLS.
 *
 * What holds for every function:
 *
 * - Functions that can fail return a rustchat_status: 0, or a negative number. Results come through the last parameters;
 *   on failure these are NULL or 0, except for sizes reported with RUSTCHAT_EBUFSIZE. rustchat_last_error has the sentence.
 * - Each of them can also return RUSTCHAT_EPANIC, for a bug of the library, after which the object can only be closed and
 *   freed.
 * - A NULL or stale handle, or one of another kind, is RUSTCHAT_EHANDLE. One that was made before fork is, in the child,
 *   RUSTCHAT_EFORK. A NULL pointer where one is needed is RUSTCHAT_EINVAL. Several mistakes at once give one of their statuses.
 * - Bytes go in as a pointer and a length, at most 2147483647 of them, else RUSTCHAT_EMSGSIZE; with length 0 the pointer may
 *   be NULL. Text is UTF-8. Strings in options end with NUL.
 * - Numbers that stand for a choice give RUSTCHAT_EINVAL when they are none.
 * - timeout_ms is in milliseconds by a clock that is never set; -1 waits for ever, 0 not at all, less is RUSTCHAT_EINVAL.
 * - Times of day are nanoseconds since 1970-01-01 00:00:00 UTC.
 * - Structures that begin with struct_size are made with their _INIT macro; they may grow, and old programs go on working.
 * - MT-Safe functions may be called from any thread at any time, MT-Unsafe:object ones by one thread at a time for one object.
 * - The library prints nothing, reads no environment, and changes no signal. Its threads block every signal.
 */


#ifndef RUSTCHAT_H
#define RUSTCHAT_H

/* Made of src/capi/ by 'RUSTCHAT_REGENERATE=1 cargo test --test header'. Changes made here are lost. */

#include <stddef.h>
#include <stdint.h>

/** The version of this header, for example "0.1.0". */
#define RUSTCHAT_VERSION "0.1.0"
/** Major version of this header. */
#define RUSTCHAT_VERSION_MAJOR 0
/** Minor version of this header. */
#define RUSTCHAT_VERSION_MINOR 1
/** Patch version of this header. */
#define RUSTCHAT_VERSION_PATCH 0
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

/**
 * What became of a call: 0, or a negative number that never changes its meaning.
 */
enum rustchat_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It worked.
     */
    RUSTCHAT_OK = 0,
    /**
     * An argument or option is out of range or contradicts another, or a pointer that is needed is NULL.
     */
    RUSTCHAT_EINVAL = -1,
    /**
     * The handle is NULL, stale, already freed or of another kind.
     */
    RUSTCHAT_EHANDLE = -2,
    /**
     * Memory could not be had.
     */
    RUSTCHAT_ENOMEM = -3,
    /**
     * Nothing is ready yet; bring more and try again.
     */
    RUSTCHAT_EAGAIN = -4,
    /**
     * The time is up.
     */
    RUSTCHAT_ETIMEDOUT = -5,
    /**
     * This side, or the peer in good order, has closed.
     */
    RUSTCHAT_ECLOSED = -6,
    /**
     * The wait was ended by a wake-up.
     */
    RUSTCHAT_EINTR = -7,
    /**
     * Another socket already listens on that address, or a file that is left alone is at its path.
     */
    RUSTCHAT_EADDRINUSE = -8,
    /**
     * The address cannot be parsed, looked up or bound here.
     */
    RUSTCHAT_EADDRINVAL = -9,
    /**
     * Nobody listens at that address.
     */
    RUSTCHAT_ECONNREFUSED = -10,
    /**
     * The connection broke: reset by the peer, or lost in the middle of a message.
     */
    RUSTCHAT_ECONNRESET = -11,
    /**
     * Authentication failed; for safety nobody is told why.
     */
    RUSTCHAT_EAUTH = -12,
    /**
     * The peer did not keep to the protocol.
     */
    RUSTCHAT_EPROTO = -13,
    /**
     * A message is longer than the limit.
     */
    RUSTCHAT_EMSGSIZE = -14,
    /**
     * The buffer is too small; the needed size was reported.
     */
    RUSTCHAT_EBUFSIZE = -15,
    /**
     * No member has that id, or has it any more.
     */
    RUSTCHAT_ENOPEER = -16,
    /**
     * A bounded queue passed its limit.
     */
    RUSTCHAT_EOVERFLOW = -17,
    /**
     * The text is not valid UTF-8, or holds characters that are not allowed.
     */
    RUSTCHAT_EUTF8 = -18,
    /**
     * The call would wait for the thread it runs on.
     */
    RUSTCHAT_EDEADLK = -19,
    /**
     * The object was made before fork and belongs to the parent process.
     */
    RUSTCHAT_EFORK = -20,
    /**
     * Not available in this build or on this system.
     */
    RUSTCHAT_ENOTSUP = -21,
    /**
     * The object is not in a state for this call.
     */
    RUSTCHAT_ESTATE = -22,
    /**
     * The operating system reported another error; its code is in the record of rustchat_last_error.
     */
    RUSTCHAT_EIO = -23,
    /**
     * A bug of this library was caught at its boundary; the object it happened in can only be closed and freed.
     */
    RUSTCHAT_EPANIC = -24,
    /**
     * The server's rules do not allow what was asked for.
     */
    RUSTCHAT_EREFUSED = -25,
    /**
     * A command has not succeeded.
     */
    RUSTCHAT_ECOMMAND = -26,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_status rustchat_status;
#else
typedef int32_t rustchat_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How messages are told apart on a stream.
 */
enum rustchat_framing
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Line in chat, u32be elsewhere.
     */
    RUSTCHAT_FRAMING_DEFAULT = 0,
    /**
     * UTF-8 lines that end with "\n" or "\r\n".
     */
    RUSTCHAT_FRAMING_LINE = 1,
    /**
     * A 32-bit big-endian length, then the message.
     */
    RUSTCHAT_FRAMING_U32BE = 2,
    /**
     * A 32-bit little-endian length (top bit clear), then the message.
     */
    RUSTCHAT_FRAMING_U32LE = 3,
    /**
     * What the multiprocessing module of Python speaks.
     */
    RUSTCHAT_FRAMING_MULTIPROCESSING = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_framing rustchat_framing;
#else
typedef int32_t rustchat_framing;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which handshake; both sides must agree beforehand. None ever falls back to another.
 */
enum rustchat_profile
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Mutual.
     */
    RUSTCHAT_PROFILE_DEFAULT = 0,
    /**
     * Both sides prove that they hold the secret.
     */
    RUSTCHAT_PROFILE_MUTUAL = 1,
    /**
     * The client answers 32 random bytes with the hex digits of their HMAC-SHA-256.
     */
    RUSTCHAT_PROFILE_TUTORIAL_SHA256 = 2,
    /**
     * The same with HMAC-MD5, for scripts of that age.
     */
    RUSTCHAT_PROFILE_TUTORIAL_MD5 = 3,
    /**
     * Both sides answer a challenge by HMAC-SHA-256: the multiprocessing module of Python 3.12 and later.
     */
    RUSTCHAT_PROFILE_MULTIPROCESSING_SHA256 = 4,
    /**
     * The same, and by HMAC-MD5 with peers that know nothing better: Python 3.11 and earlier.
     */
    RUSTCHAT_PROFILE_MULTIPROCESSING_MD5 = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_profile rustchat_profile;
#else
typedef int32_t rustchat_profile;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which events a server queues.
 */
enum rustchat_events
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All with on_event or without any callback; none with only authorize or filter.
     */
    RUSTCHAT_EVENTS_DEFAULT = 0,
    /**
     * None: rustchat_server_poll gives RUSTCHAT_ESTATE.
     */
    RUSTCHAT_EVENTS_NONE = 1,
    /**
     * All but messages.
     */
    RUSTCHAT_EVENTS_MEMBERSHIP = 2,
    /**
     * All.
     */
    RUSTCHAT_EVENTS_ALL = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_events rustchat_events;
#else
typedef int32_t rustchat_events;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What happens to a message event for which the queue has no room.
 */
enum rustchat_overflow
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Block with callbacks, drop the oldest without.
     */
    RUSTCHAT_OVERFLOW_DEFAULT = 0,
    /**
     * Members are not read until there is room: nothing is lost, and the room waits for the program.
     */
    RUSTCHAT_OVERFLOW_BLOCK = 1,
    /**
     * The oldest message event is lost, and counted.
     */
    RUSTCHAT_OVERFLOW_DROP_OLDEST = 2,
    /**
     * The new message event is lost, and counted.
     */
    RUSTCHAT_OVERFLOW_DROP_NEWEST = 3,
    /**
     * The member whose message does not fit is disconnected.
     */
    RUSTCHAT_OVERFLOW_DISCONNECT = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_overflow rustchat_overflow;
#else
typedef int32_t rustchat_overflow;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a server asks the program, by events, when it has no callbacks. They may be added up.
 */
enum rustchat_asks
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing.
     */
    RUSTCHAT_ASKS_NOTHING = 0,
    /**
     * Whether a peer may join: RUSTCHAT_EVENT_ASK_JOIN.
     */
    RUSTCHAT_ASKS_JOINS = 1,
    /**
     * What becomes of a message: RUSTCHAT_EVENT_ASK_MESSAGE, in the place of RUSTCHAT_EVENT_MESSAGE.
     */
    RUSTCHAT_ASKS_MESSAGES = 2,
    /**
     * Both.
     */
    RUSTCHAT_ASKS_ALL = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_asks rustchat_asks;
#else
typedef int32_t rustchat_asks;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What rustchat_server_answer says.
 */
enum rustchat_verdict
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The room gets the message as it is; the peer joins.
     */
    RUSTCHAT_VERDICT_DELIVER = 0,
    /**
     * Nobody gets the message, and nobody is told; the peer is kept out.
     */
    RUSTCHAT_VERDICT_DROP = 1,
    /**
     * The room gets another text instead.
     */
    RUSTCHAT_VERDICT_REPLACE = 2,
    /**
     * The program cannot decide: nobody gets the message, and who said it is told; the peer is kept out.
     */
    RUSTCHAT_VERDICT_FAILED = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_verdict rustchat_verdict;
#else
typedef int32_t rustchat_verdict;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a client knows of its connection.
 */
enum rustchat_client_condition
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Connected.
     */
    RUSTCHAT_CLIENT_OPEN = 1,
    /**
     * The connection has ended, from either side; events may still wait.
     */
    RUSTCHAT_CLIENT_CLOSED = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_client_condition rustchat_client_condition;
#else
typedef int32_t rustchat_client_condition;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How important a log record is; a lower number is more important.
 */
enum rustchat_log_level
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Info.
     */
    RUSTCHAT_LOG_DEFAULT = 0,
    /**
     * Something failed.
     */
    RUSTCHAT_LOG_ERROR = 1,
    /**
     * Something is odd.
     */
    RUSTCHAT_LOG_WARN = 2,
    /**
     * Something worth knowing happened.
     */
    RUSTCHAT_LOG_INFO = 3,
    /**
     * For who looks for a fault.
     */
    RUSTCHAT_LOG_DEBUG = 4,
    /**
     * Everything.
     */
    RUSTCHAT_LOG_TRACE = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_log_level rustchat_log_level;
#else
typedef int32_t rustchat_log_level;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whom a client takes for its server. The server always proves to hold its certificate's key; this says what vouches for
 * that key. There is no way to verify nothing.
 */
enum rustchat_trust
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The pins if there are some, else the roots if there are some, else the secret with one in the profile mutual, else
     * the system.
     */
    RUSTCHAT_TRUST_DEFAULT = 0,
    /**
     * The shared secret, in the profile mutual: any certificate will do, but not one byte of the session is sent or
     * believed before both ends have proved the secret, bound to this very channel.
     */
    RUSTCHAT_TRUST_SECRET = 1,
    /**
     * The roots that the operating system trusts, by name and date.
     */
    RUSTCHAT_TRUST_SYSTEM = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_trust rustchat_trust;
#else
typedef int32_t rustchat_trust;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * By what a proof of the secret is tied to the channel below it, so that nobody in between can pass it on.
 */
enum rustchat_binding
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * By nothing.
     */
    RUSTCHAT_BINDING_NONE = 0,
    /**
     * By what TLS 1.3 exports for this connection alone (RFC 9266).
     */
    RUSTCHAT_BINDING_TLS_EXPORTER = 1,
    /**
     * By the hash of the server's certificate (RFC 5929), for peers that cannot export.
     */
    RUSTCHAT_BINDING_TLS_SERVER_END_POINT = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_binding rustchat_binding;
#else
typedef int32_t rustchat_binding;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The least by which a handshake must be bound to the channel below it.
 */
enum rustchat_requirement
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Binding where there is something to be bound to, nothing where there is not.
     */
    RUSTCHAT_REQUIRE_DEFAULT = 0,
    /**
     * Nothing: what both ends can, and else none.
     */
    RUSTCHAT_REQUIRE_NOTHING = 1,
    /**
     * Whichever binding both ends can.
     */
    RUSTCHAT_REQUIRE_BINDING = 2,
    /**
     * The exporter: it holds even where the server's certificate is somebody else's, too. For a client that takes any
     * certificate and trusts the secret alone.
     */
    RUSTCHAT_REQUIRE_EXPORTER = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_requirement rustchat_requirement;
#else
typedef int32_t rustchat_requirement;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What an event is about.
 */
enum rustchat_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Server: it accepts connections; the message has the address as its sender address.
     */
    RUSTCHAT_EVENT_LISTENING = 1,
    /**
     * A member joined. To a client only if the server announces it.
     */
    RUSTCHAT_EVENT_PEER_JOINED = 2,
    /**
     * Server: a peer failed to prove that it holds a key; the message has its address, status is RUSTCHAT_EAUTH. The first
     * failure is told at once; those that follow within a second are told together, count says how many they are and
     * the address is the last one's.
     */
    RUSTCHAT_EVENT_PEER_AUTH_FAILED = 3,
    /**
     * A member said something to the room.
     */
    RUSTCHAT_EVENT_MESSAGE = 4,
    /**
     * A member left; status says why, 0 when of its own accord; the message says it in words.
     */
    RUSTCHAT_EVENT_PEER_LEFT = 5,
    /**
     * Events were lost because the program did not take them in time; count says how many.
     */
    RUSTCHAT_EVENT_OVERFLOW = 6,
    /**
     * Something failed that belongs to no member; status, os_code and the message say what. With RUSTCHAT_EPANIC, an internal
     * error has ended the server: RUSTCHAT_EVENT_CLOSED comes next, and calls on its members give that status, too.
     */
    RUSTCHAT_EVENT_ERROR = 7,
    /**
     * The end. Comes exactly once, and last. To a client with the reason, status 0 when this side closed.
     */
    RUSTCHAT_EVENT_CLOSED = 8,
    /**
     * Client: the server said something to this member alone.
     */
    RUSTCHAT_EVENT_DIRECT = 9,
    /**
     * Client: we are in; the sender is ourselves, seq the newest number before us.
     */
    RUSTCHAT_EVENT_WELCOME = 10,
    /**
     * Client: the server gave us the sender name.
     */
    RUSTCHAT_EVENT_NAMED = 11,
    /**
     * Client: the server did not like what we sent, or does not let us in; status and the message say what was wrong.
     */
    RUSTCHAT_EVENT_REFUSED = 12,
    /**
     * Client: the server says goodbye; the message says why.
     */
    RUSTCHAT_EVENT_FAREWELL = 13,
    /**
     * Server, by rustchat_server_poll: may this peer join? It waits for rustchat_server_answer with the question's number, and
     * is no member yet; the message has its address and what it has proved. Nobody else waits for the answer.
     */
    RUSTCHAT_EVENT_ASK_JOIN = 14,
    /**
     * Server, by rustchat_server_poll: what becomes of this message? It waits for rustchat_server_answer with the question's
     * number, and so do all messages that were said after it.
     */
    RUSTCHAT_EVENT_ASK_MESSAGE = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_event_kind rustchat_event_kind;
#else
typedef int32_t rustchat_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A connected chat client. Not memory: a number that the library looks up, so that a client freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 */
typedef struct rustchat_client rustchat_client;

/**
 * A connection that carries whole messages. Not memory: a number that the library looks up, so that a connection freed
 * already is RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 */
typedef struct rustchat_connection rustchat_connection;

/**
 * Takes bytes as they come and gives whole messages. Memory, unlike the handles: one thread at a time may use it, and
 * nobody after rustchat_decoder_free.
 */
typedef struct rustchat_decoder rustchat_decoder;

/**
 * One side of the handshake of one connection. Memory, unlike the handles: one thread at a time may use it, and nobody
 * after rustchat_handshake_free.
 */
typedef struct rustchat_handshake rustchat_handshake;

/**
 * Listens for connections. Not memory: a number that the library looks up, so that a listener freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 */
typedef struct rustchat_listener rustchat_listener;

/**
 * Something that was said, with who said it and when. It does not change, may be used by any number of threads, and
 * lives as long as somebody holds a reference: each one that the library gives out ends with rustchat_message_release.
 */
typedef struct rustchat_message rustchat_message;

/**
 * A running chat server. Not memory: a number that the library looks up, so that a server freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 */
typedef struct rustchat_server rustchat_server;

/**
 * What rustchat_last_error tells. This structure never grows.
 */
typedef struct rustchat_error {
    /**
     * The status of the failed call; 0 when the last call worked.
     */
    int32_t status;
    /**
     * The errno of the operating system where it was the one to complain, else 0.
     */
    int32_t os_code;
    /**
     * What was wrong and what was expected: UTF-8, ends with NUL, cut at a character when it is longer.
     */
    char message[240];
} rustchat_error;

/**
 * Receives one log record. target is the part of the library it comes from; both strings end with NUL and are gone
 * after the call. May be called from any thread, several at a time; must not throw or longjmp.
 */
typedef void (*rustchat_log_callback)(void *userdata, int32_t level, const char *target, const char *message);

/**
 * Told once that its userdata is not used any more.
 */
typedef void (*rustchat_drop_callback)(void *userdata);

/**
 * Where the log goes. Begin with RUSTCHAT_LOG_OPTIONS_INIT.
 */
typedef struct rustchat_log_options {
    /**
     * sizeof(rustchat_log_options).
     */
    size_t struct_size;
    /**
     * The least important records wanted, a rustchat_log_level; 0 is info.
     */
    int32_t level;
    /**
     * 0.
     */
    int32_t reserved_level;
    /**
     * Given to the callbacks as it is.
     */
    void *userdata;
    /**
     * Receives the records; must not be NULL.
     */
    rustchat_log_callback on_record;
    /**
     * Called once after the last record, when another logger takes over; may be NULL.
     */
    rustchat_drop_callback on_drop;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_log_options;

/**
 * Bytes that belong to somebody else. This structure never grows.
 */
typedef struct rustchat_bytes {
    /**
     * The first byte; may be NULL when len is 0.
     */
    const void *data;
    /**
     * How many.
     */
    size_t len;
} rustchat_bytes;

/**
 * Identifies a member of a chat for as long as the server's process lives, whichever of its servers it is a member of;
 * never reused. 0 is the server itself, or not known.
 */
typedef uint64_t rustchat_peer_id;

/**
 * Something that happened. It takes 64 bytes on every 64-bit system, and never grows.
 */
typedef struct rustchat_event {
    /**
     * What it is about, a rustchat_event_kind.
     */
    int32_t kind;
    /**
     * A rustchat_status: the reason of an end or a failure, else 0.
     */
    int32_t status;
    /**
     * The member it is about; 0 when none.
     */
    rustchat_peer_id peer;
    /**
     * The number in the room; 0 outside the numbering.
     */
    uint64_t seq;
    /**
     * When it happened, in nanoseconds since 1970-01-01 00:00:00 UTC; to a client of line chat, when it came.
     */
    uint64_t timestamp_ns;
    /**
     * How many events were lost (RUSTCHAT_EVENT_OVERFLOW) or peers failed (RUSTCHAT_EVENT_PEER_AUTH_FAILED), else 0.
     */
    uint64_t count;
    /**
     * What was said, or who and what the event is about in words; may be NULL. Released by rustchat_event_clear.
     */
    struct rustchat_message *message;
    /**
     * The errno of the operating system where it was the one to complain, else 0.
     */
    int32_t os_code;
    /**
     * 0.
     */
    uint32_t reserved_code;
    /**
     * The number of the question that rustchat_server_answer answers (RUSTCHAT_EVENT_ASK_JOIN, RUSTCHAT_EVENT_ASK_MESSAGE), else 0.
     */
    uint64_t question;
} rustchat_event;

/**
 * Told of an event, which is lent: retain its message to keep it, do not clear it.
 */
typedef void (*rustchat_event_callback)(void *userdata, const struct rustchat_event *event);

/**
 * What is known of a member. Begin with RUSTCHAT_PEER_INFO_INIT.
 */
typedef struct rustchat_peer_info {
    /**
     * sizeof(rustchat_peer_info).
     */
    size_t struct_size;
    /**
     * The member's id.
     */
    rustchat_peer_id id;
    /**
     * When the connection was accepted, in nanoseconds since 1970-01-01 00:00:00 UTC.
     */
    uint64_t connected_at_ns;
    /**
     * Bytes received from it.
     */
    uint64_t bytes_in;
    /**
     * Bytes given to the system for it.
     */
    uint64_t bytes_out;
    /**
     * Messages received from it.
     */
    uint64_t messages_in;
    /**
     * Messages of the room queued for it or given to the system; what is said to it alone is not counted.
     */
    uint64_t messages_out;
    /**
     * Bytes that wait for it because it does not read fast enough.
     */
    uint64_t outbox_bytes;
    /**
     * Its address, for example "127.0.0.1:51234"; ends with NUL.
     */
    char address[128];
    /**
     * The name it has chosen (message chat only), else empty; ends with NUL.
     */
    char name[136];
    /**
     * The id of the key it has proved to hold, empty when there is none; ends with NUL.
     */
    char key_id[72];
    /**
     * 1: its connection goes through TLS.
     */
    int32_t tls;
    /**
     * By what its proof of the secret is bound to that, a rustchat_binding.
     */
    int32_t binding;
    /**
     * 0.
     */
    uint64_t reserved[3];
} rustchat_peer_info;

/**
 * Asked whether a peer may join, after its authentication; 0 lets it in, any other number does not: it is told so, and
 * counted as refused. peer is lent.
 */
typedef int32_t (*rustchat_authorize_callback)(void *userdata, const struct rustchat_peer_info *peer);

/**
 * Asked what becomes of a message before anybody sees it; 0 delivers it, any other number drops it, and nobody is told.
 * event is lent. There is no answer for a filter that could not decide: it drops the message, and tells the member by
 * rustchat_server_send.
 */
typedef int32_t (*rustchat_filter_callback)(void *userdata, const struct rustchat_event *event);

/**
 * TLS 1.3 for one end. Begin with RUSTCHAT_TLS_OPTIONS_INIT, which is enough as it is where both ends share a secret in
 * the profile mutual: the server makes a certificate when it starts, and the client trusts whoever proves the secret over
 * this very channel. A client without a secret trusts whom the system trusts; a server without one needs a certificate.
 *
 * The same structure serves both sides; each reads what is its own. All of it is copied during the call that takes it, and
 * none is used later. In a build without TLS (no RUSTCHAT_FEATURE_TLS) every such call is RUSTCHAT_ENOTSUP.
 */
typedef struct rustchat_tls_options {
    /**
     * sizeof(rustchat_tls_options).
     */
    size_t struct_size;
    /**
     * The server's: its certificate and those that vouch for it, its own first, as text (PEM); empty for none, or for
     * certificate_file.
     */
    struct rustchat_bytes certificate;
    /**
     * The private key of the certificate as text (PEM: PKCS#8, PKCS#1 or SEC1, without a passphrase); empty where it is
     * in the text of the certificate, or for key_file. The caller's copy is the caller's to overwrite.
     */
    struct rustchat_bytes key;
    /**
     * The path of a file with the same as certificate, UTF-8; NULL for none.
     */
    const char *certificate_file;
    /**
     * The path of a file with the same as key, UTF-8; NULL for none.
     */
    const char *key_file;
    /**
     * The client's: the only roots to be trusted, by name and date: one certificate or more as text (PEM); empty for none, or
     * for ca_file.
     */
    struct rustchat_bytes ca;
    /**
     * The path of a file with the same as ca, UTF-8; NULL for none.
     */
    const char *ca_file;
    /**
     * The client's: the only public keys to be trusted, whatever their certificate says of names and dates; pin_count
     * times 32 bytes, each the SHA-256 of a SubjectPublicKeyInfo, as rustchat_server_pin gives it. NULL for none.
     */
    const uint8_t *pins;
    /**
     * How many pins there are, at most 256. Several are for a change of the key.
     */
    size_t pin_count;
    /**
     * The client's: the name that is asked for and verified; NULL is the host of the address.
     */
    const char *server_name;
    /**
     * The client's: a rustchat_trust; 0 is by what else is set. Others than 0 go with neither pins nor ca.
     */
    int32_t trust;
    /**
     * The server's, with a secret in the profile mutual: not 0 lets in who proves the secret without binding the proof to the
     * channel, which somebody in between could pass on. For clients that cannot bind, and trust the certificate.
     */
    int32_t allow_unbound;
    /**
     * 0.
     */
    uint64_t reserved[6];
} rustchat_tls_options;

/**
 * How a chat server is to behave. Begin with RUSTCHAT_SERVER_OPTIONS_INIT and set what differs: 0 and NULL are the
 * defaults. All of it is read during rustchat_server_start; only userdata is used later.
 *
 * Callbacks of one server are called one at a time and in order, on a thread of the library, with none of its locks
 * held. They may call every function, though a wait for the server's own end is RUSTCHAT_EDEADLK. They must not throw
 * or longjmp.
 */
typedef struct rustchat_server_options {
    /**
     * sizeof(rustchat_server_options).
     */
    size_t struct_size;
    /**
     * Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8. Port 0 lets the system choose. NULL is "127.0.0.1:60000".
     */
    const char *address;
    /**
     * What members must prove to hold; empty lets everybody in. Copied, and overwritten when the server ends.
     */
    struct rustchat_bytes secret;
    /**
     * The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
     */
    const char *key_id;
    /**
     * How they prove it, a rustchat_profile; 0 is mutual.
     */
    int32_t profile;
    /**
     * A rustchat_framing; 0 is line. Line makes a line chat, any other a message chat.
     */
    int32_t framing;
    /**
     * Not 0: listen beyond this machine without a secret. Else such a start is RUSTCHAT_EINVAL.
     */
    int32_t allow_anonymous;
    /**
     * Not 0: tell the room who joins and leaves.
     */
    int32_t announce;
    /**
     * Threads for input and output, at most 1024; 0 is one for each core.
     */
    uint32_t workers;
    /**
     * Connections that the system keeps until they are accepted; 0 is 4096.
     */
    uint32_t backlog;
    /**
     * Longest message in bytes; 0 is 8192 for lines, 65536 otherwise. It counts a member's line without its end, and in
     * message chat the whole frame with its JSON and escapes; of what the program says it counts the text alone. A longer
     * one is refused, and its member told; past 16 MiB more the member is disconnected.
     */
    size_t message_limit;
    /**
     * Bytes that may wait for a member that does not read, past which it is disconnected; 0 is 1048576. At least twice
     * message_limit and 1024.
     */
    size_t outbox_limit;
    /**
     * Members at a time; 0 is 10240.
     */
    uint32_t member_limit;
    /**
     * Members for one IP address; 0 is 256 with peers on this machine exempt, UINT32_MAX is no limit.
     */
    uint32_t members_per_ip;
    /**
     * Messages that one member may send at once; 0 is 20. Only used with rate_per_minute.
     */
    uint32_t rate_burst;
    /**
     * Messages that one member may send in a minute in the long run; a member over it is read more slowly. 0 is 600,
     * and 20 at once, with peers on this machine exempt; UINT32_MAX is no limit.
     */
    uint32_t rate_per_minute;
    /**
     * Handshakes under way at a time, past which the oldest fails; 0 is 128.
     */
    uint32_t handshake_limit;
    /**
     * Events that may wait for the program; 0 is 8192.
     */
    uint32_t event_limit;
    /**
     * For a whole handshake, in milliseconds; 0 is 5000.
     */
    int64_t handshake_timeout_ms;
    /**
     * For a write to a member without any progress, in milliseconds; 0 is 10000.
     */
    int64_t write_timeout_ms;
    /**
     * Silence before a ping (message chat), in milliseconds; 0 is 25000, -1 never pings.
     */
    int64_t ping_interval_ms;
    /**
     * For the answer to a ping, in milliseconds; 0 is 10000.
     */
    int64_t ping_timeout_ms;
    /**
     * Time without a message after which a member is disconnected, in milliseconds; 0 and -1 are never.
     */
    int64_t idle_timeout_ms;
    /**
     * Which events are queued, a rustchat_events; 0 is all with on_event or without any callback, else none.
     */
    int32_t events;
    /**
     * What becomes of a message event without room, a rustchat_overflow; 0 is block with callbacks, else drop the
     * oldest, so that a server whose events nobody takes goes on.
     */
    int32_t event_overflow;
    /**
     * Given to the callbacks as it is. It must live until on_drop is called.
     */
    void *userdata;
    /**
     * Told of each event; NULL when the program takes them with rustchat_server_poll.
     */
    rustchat_event_callback on_event;
    /**
     * Asked before a peer joins; may be NULL.
     */
    rustchat_authorize_callback authorize;
    /**
     * Asked before a message is delivered; may be NULL. on_event is then not told of messages, and seq is still 0.
     */
    rustchat_filter_callback filter;
    /**
     * Called exactly once if, and only if, rustchat_server_start gives RUSTCHAT_OK: after the last call of the other
     * callbacks, or when the server is freed if there are none. May be NULL.
     */
    rustchat_drop_callback on_drop;
    /**
     * Microseconds that a worker may wait awake in a brisk chat, which saves its wake-ups; 0 is 100,
     * more than 10000 counts as that, -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
     * this user alone, or 0660 with a group. Only with the path of a Unix socket.
     */
    uint32_t mode;
    /**
     * 0.
     */
    uint32_t reserved_mode;
    /**
     * The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
     * Unix socket.
     */
    const char *group;
    /**
     * The time zone of the stamps in line chat, as the variable TZ has it: the name of a zone, or rules. NULL is the
     * system's zone; the library reads no variable, so a program that wants that of TZ gives what getenv says.
     */
    const char *time_zone;
    /**
     * How long rustchat_server_broadcast and rustchat_server_send wait for members that read to take what was said
     * before, in milliseconds; 0 is 10000, -1 is not at all.
     */
    int64_t send_timeout_ms;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * What the program is asked by events that rustchat_server_poll brings, and answers by rustchat_server_answer: a
     * rustchat_asks. Only without callbacks.
     */
    int32_t asks;
    /**
     * 0.
     */
    uint32_t reserved_asks;
    /**
     * 0.
     */
    uint64_t reserved[1];
} rustchat_server_options;

/**
 * What became of something that was sent to several members. This structure never grows.
 */
typedef struct rustchat_delivery {
    /**
     * Members for whom it is on its way.
     */
    uint64_t queued;
    /**
     * Members who will not get it: all of them when the call gives RUSTCHAT_EOVERFLOW, else none.
     */
    uint64_t dropped;
} rustchat_delivery;

/**
 * How a chat client is to connect. Begin with RUSTCHAT_CLIENT_OPTIONS_INIT and set what differs: 0 and NULL are the
 * defaults. All of it is read during rustchat_client_connect; only userdata is used later.
 *
 * on_event of one client is called for one event at a time and in order, on a thread of the library, with none of its
 * locks held. It may call every function, though a wait for the client's own end is RUSTCHAT_EDEADLK. It must not throw
 * or longjmp.
 */
typedef struct rustchat_client_options {
    /**
     * sizeof(rustchat_client_options).
     */
    size_t struct_size;
    /**
     * Where the server is: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8. NULL is "127.0.0.1:60000".
     */
    const char *address;
    /**
     * What to prove to hold; empty for a server that asks for nothing. Copied, and overwritten when the client ends.
     */
    struct rustchat_bytes secret;
    /**
     * Which key of the server's it is, at most 64 bytes; NULL when the server's key has no id.
     */
    const char *key_id;
    /**
     * How to prove it, a rustchat_profile; 0 is mutual.
     */
    int32_t profile;
    /**
     * The server's rustchat_framing; 0 is line.
     */
    int32_t framing;
    /**
     * The name to take, 1 to 32 characters of UTF-8 (message chat only); NULL for none.
     */
    const char *name;
    /**
     * For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000. With a secret, a server that does
     * not say a byte is given up before (RUSTCHAT_ETIMEDOUT): after a tenth of it, a second or twenty times what connecting
     * took, whichever is the longest. One that may be busy for longer wants a larger timeout.
     */
    int64_t timeout_ms;
    /**
     * Events that may wait for the program, past which nothing is read and the server sees a slow member; 0 is 8192.
     */
    uint32_t event_limit;
    /**
     * 0.
     */
    uint32_t reserved_limit;
    /**
     * Given to the callbacks as it is. It must live until on_drop is called.
     */
    void *userdata;
    /**
     * Told of each event; NULL when the program takes them with rustchat_client_recv or rustchat_client_poll.
     */
    rustchat_event_callback on_event;
    /**
     * Called exactly once if, and only if, rustchat_client_connect gives RUSTCHAT_OK: after the last call of on_event,
     * or when the client is freed if that is NULL. May be NULL.
     */
    rustchat_drop_callback on_drop;
    /**
     * Microseconds that the thread that receives may wait awake in a brisk chat, which saves its wake-ups; 0 is 100,
     * more than 10000 counts as that, -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * The longest message that may be sent, in bytes: a line without its end, in message chat the whole frame with its
     * JSON and escapes. A longer one is RUSTCHAT_EMSGSIZE before anything is sent. 0 is what the server says in its welcome,
     * and 8192 for lines, whose servers do not say.
     */
    size_t message_limit;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * 0.
     */
    uint64_t reserved[5];
} rustchat_client_options;

/**
 * Numbers of a server since its start. Begin with RUSTCHAT_SERVER_STATS_INIT.
 */
typedef struct rustchat_server_stats_data {
    /**
     * sizeof(rustchat_server_stats_data).
     */
    size_t struct_size;
    /**
     * Members now.
     */
    uint64_t members;
    /**
     * Connections accepted.
     */
    uint64_t accepted;
    /**
     * Connections turned away: the server was full or stopping, or its program did not admit them.
     */
    uint64_t refused;
    /**
     * Peers that did not prove to hold a key.
     */
    uint64_t authentication_failed;
    /**
     * Members that have joined.
     */
    uint64_t joined;
    /**
     * Members disconnected because they did not read, or for that reason by the program.
     */
    uint64_t too_slow;
    /**
     * Entries of the room's log.
     */
    uint64_t messages;
    /**
     * Messages of the room handed to members: one message for ten members is ten.
     */
    uint64_t deliveries;
    /**
     * Bytes received.
     */
    uint64_t bytes_in;
    /**
     * Bytes given to the system.
     */
    uint64_t bytes_out;
    /**
     * Events lost because the program did not take them.
     */
    uint64_t events_dropped;
    /**
     * Members now whose connections are secured by TLS.
     */
    uint64_t members_tls;
    /**
     * 0.
     */
    uint64_t reserved[3];
} rustchat_server_stats_data;

/**
 * Numbers of a client since it connected. Begin with RUSTCHAT_CLIENT_STATS_INIT.
 */
typedef struct rustchat_client_stats_data {
    /**
     * sizeof(rustchat_client_stats_data).
     */
    size_t struct_size;
    /**
     * Messages sent.
     */
    uint64_t messages_out;
    /**
     * Messages and notices received.
     */
    uint64_t messages_in;
    /**
     * 0.
     */
    uint64_t reserved[5];
} rustchat_client_stats_data;

/**
 * How to listen for connections. Begin with RUSTCHAT_LISTENER_OPTIONS_INIT and set what differs: 0 and NULL are the
 * defaults. All of it is read during rustchat_listener_open.
 */
typedef struct rustchat_listener_options {
    /**
     * sizeof(rustchat_listener_options).
     */
    size_t struct_size;
    /**
     * Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL. Port 0 lets the system choose.
     */
    const char *address;
    /**
     * What peers must prove to hold; empty lets everybody in. Copied, and overwritten when the listener ends.
     */
    struct rustchat_bytes secret;
    /**
     * The id of the secret for peers that name one, at most 64 bytes; NULL for peers that do not.
     */
    const char *key_id;
    /**
     * How they prove it, a rustchat_profile; 0 is mutual.
     */
    int32_t profile;
    /**
     * A rustchat_framing; 0 is u32be.
     */
    int32_t framing;
    /**
     * Longest message in bytes, in both directions; 0 is 8192 for lines, 16777216 otherwise.
     */
    size_t frame_limit;
    /**
     * Not 0: listen beyond this machine without a secret. Else such an opening is RUSTCHAT_EINVAL.
     */
    int32_t allow_anonymous;
    /**
     * Connections that the system keeps until they are accepted; 0 is 4096.
     */
    uint32_t backlog;
    /**
     * For a whole handshake, in milliseconds; 0 is 5000.
     */
    int64_t handshake_timeout_ms;
    /**
     * Handshakes under way at a time, past which the oldest fails; 0 is 128.
     */
    uint32_t handshake_limit;
    /**
     * 0.
     */
    uint32_t reserved_limit;
    /**
     * How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds:
     * for a quick dialogue. 0 is 100, more than 10000 counts as that; -1 always sleeps. An idle or irregular connection is never polled.
     */
    int64_t polling_us;
    /**
     * Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
     * this user alone, or 0660 with a group. Only with the path of a Unix socket.
     */
    uint32_t mode;
    /**
     * 0.
     */
    uint32_t reserved_mode;
    /**
     * The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
     * Unix socket.
     */
    const char *group;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_listener_options;

/**
 * How to connect. Begin with RUSTCHAT_CONNECTION_OPTIONS_INIT and set what differs: 0 and NULL are the defaults. All of
 * it is read during rustchat_connection_open.
 */
typedef struct rustchat_connection_options {
    /**
     * sizeof(rustchat_connection_options).
     */
    size_t struct_size;
    /**
     * Where the peer listens: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL.
     */
    const char *address;
    /**
     * What to prove to hold; empty for a peer that asks for nothing. Copied, and overwritten after the handshake.
     */
    struct rustchat_bytes secret;
    /**
     * Which key of the peer's it is, at most 64 bytes; NULL when the peer's key has no id.
     */
    const char *key_id;
    /**
     * How to prove it, a rustchat_profile; 0 is mutual.
     */
    int32_t profile;
    /**
     * The peer's rustchat_framing; 0 is u32be.
     */
    int32_t framing;
    /**
     * Longest message in bytes, in both directions; 0 is 8192 for lines, 16777216 otherwise.
     */
    size_t frame_limit;
    /**
     * For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000. With a secret, a peer that does
     * not say a byte is given up before (RUSTCHAT_ETIMEDOUT): after a tenth of it, a second or twenty times what connecting
     * took, whichever is the longest. One that may be busy for longer wants a larger timeout.
     */
    int64_t timeout_ms;
    /**
     * How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds:
     * for a quick dialogue. 0 is 100, more than 10000 counts as that; -1 always sleeps. An idle or irregular connection is never polled.
     */
    int64_t polling_us;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * 0.
     */
    uint64_t reserved[6];
} rustchat_connection_options;

/**
 * What protects what is sent and received. Begin with RUSTCHAT_PROTECTION_INIT.
 */
typedef struct rustchat_protection {
    /**
     * sizeof(rustchat_protection).
     */
    size_t struct_size;
    /**
     * 1: it goes through TLS; 0: whoever is on the way can read and change it.
     */
    int32_t tls;
    /**
     * By what the peer's proof of the secret is bound to this channel, a rustchat_binding.
     */
    int32_t binding;
    /**
     * 1: pin is set.
     */
    int32_t has_pin;
    /**
     * 0.
     */
    int32_t reserved_pin;
    /**
     * The fingerprint of the server's public key, at the client's end: to be trusted the next time, unless the server makes
     * its own certificate, which has another key each time it starts.
     */
    uint8_t pin[32];
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_protection;

/**
 * A handshake of one connection: bytes in, bytes out, no socket. Begin with RUSTCHAT_HANDSHAKE_OPTIONS_INIT. All of it is
 * copied during the call that takes it.
 *
 * Over a TLS of the program's own, give what that knows of the channel: then nobody in between can pass the proofs on. Both
 * ends say what they can, and the strongest that both can is used, with the profile mutual alone.
 */
typedef struct rustchat_handshake_options {
    /**
     * sizeof(rustchat_handshake_options).
     */
    size_t struct_size;
    /**
     * What both ends hold; must not be empty. Overwritten in memory when the handshake is freed.
     */
    struct rustchat_bytes secret;
    /**
     * The id of the secret, at most 64 bytes; NULL for none.
     */
    const char *key_id;
    /**
     * The server's: its name, which its clients get to know for certain with the profile mutual, at most 64 bytes; NULL for
     * none.
     */
    const char *server_id;
    /**
     * How it is proved, a rustchat_profile; 0 is mutual.
     */
    int32_t profile;
    /**
     * A rustchat_requirement.
     */
    int32_t requirement;
    /**
     * What TLS 1.3 exports under the label "EXPORTER-Channel-Binding" with an empty context, 32 bytes (RFC 9266); at most
     * 1024 bytes, empty for none.
     */
    struct rustchat_bytes tls_exporter;
    /**
     * The hash of the server's certificate (RFC 5929, tls-server-end-point), at most 1024 bytes; empty for none.
     */
    struct rustchat_bytes tls_server_end_point;
    /**
     * 0.
     */
    uint64_t reserved[6];
} rustchat_handshake_options;

/**
 * What a handshake has shown. Begin with RUSTCHAT_HANDSHAKE_OUTCOME_INIT.
 */
typedef struct rustchat_handshake_outcome {
    /**
     * sizeof(rustchat_handshake_outcome).
     */
    size_t struct_size;
    /**
     * By what both proofs are bound to the channel below, a rustchat_binding.
     */
    int32_t binding;
    /**
     * 1: session_key is set.
     */
    int32_t has_session_key;
    /**
     * 32 bytes that only the two ends know, fresh for each handshake; the caller's copy is the caller's to overwrite.
     */
    uint8_t session_key[32];
    /**
     * The id of the key that was proved, empty when it has none; ends with NUL.
     */
    char key_id[72];
    /**
     * The server's name, empty when it has none, or in profiles without; ends with NUL.
     */
    char server_id[72];
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_handshake_outcome;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The name of a status, for example "RUSTCHAT_EINVAL".
 *
 * @param status any number.
 * @return a constant string, "RUSTCHAT_UNKNOWN" for a number that is no status; never NULL, not to be freed.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API const char *rustchat_status_name(int32_t status);

/**
 * A few words about a status, for people.
 *
 * rustchat_last_error has a whole sentence about the case at hand.
 *
 * @param status any number.
 * @return a constant string, "unknown status" for a number that is no status; never NULL, not to be freed.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API const char *rustchat_status_message(int32_t status);

/**
 * Copies what is known of the last failure on the calling thread.
 *
 * The record belongs to the last call that returned a rustchat_status on this thread: it is cleared when such a call
 * begins and set when it fails, so it is never about an older call. This function itself changes nothing of it.
 * Failures on the library's own threads are not here; they travel in events.
 *
 * @param out receives the record; must not be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_last_error(struct rustchat_error *out);

/**
 * The version of the library that is running, for example "0.1.0".
 *
 * @return a constant string, not to be freed.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API const char *rustchat_version(void);

/**
 * The version of the library that is running as one number, to compare with RUSTCHAT_VERSION_NUMBER.
 *
 * @return major * 1000000 + minor * 1000 + patch.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API uint32_t rustchat_version_number(void);

/**
 * The ABI of the library that is running; a program must stop when it differs from RUSTCHAT_ABI_VERSION.
 *
 * @return the number.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API uint32_t rustchat_abi_version(void);

/**
 * What this build of the library can do.
 *
 * @return the sum of RUSTCHAT_FEATURE_ numbers.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API uint64_t rustchat_features(void);

/**
 * Sends the library's log to a callback, or nowhere, which is how it begins.
 *
 * The log belongs to the whole process. The former callback gets its on_drop when its last record is done.
 *
 * @param options read during the call; userdata must live until on_drop; NULL for no log.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for a wrong structure or level or a NULL on_record; RUSTCHAT_ESTATE when the
 *   program that holds this library has a logger of its own.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_log_set(const struct rustchat_log_options *options);

/**
 * Makes a message of bytes, to send it once or several times.
 *
 * @param data the bytes, copied; may be NULL when len is 0.
 * @param len how many, at most 2147483647.
 * @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL, or data is NULL and len is not 0; RUSTCHAT_EMSGSIZE when len is
 *   too large; RUSTCHAT_ENOMEM.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_message_new(const void *data,
                                     size_t len,
                                     struct rustchat_message **out);

/**
 * Adds a reference to a message.
 *
 * @param message a message to which the caller has a reference, or that is lent to it; may be NULL.
 * @return the same message, to be ended once more with rustchat_message_release; NULL when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API RUSTCHAT_NODISCARD struct rustchat_message *rustchat_message_retain(struct rustchat_message *message);

/**
 * Ends a reference to a message; the last one frees it.
 *
 * @param message a reference of the caller's, not to be used by it any more; may be NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_message_release(struct rustchat_message *message);

/**
 * What was said.
 *
 * @param message a live message; may be NULL.
 * @return the bytes, which belong to the message and live as long; none when it is no message. There is no NUL behind
 *   them.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API struct rustchat_bytes rustchat_message_bytes(const struct rustchat_message *message);

/**
 * Who said it.
 *
 * @param message a live message; may be NULL.
 * @return the member's id; 0 for the server, for what the program made itself, and in line chat for a client.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_peer_id rustchat_message_sender(const struct rustchat_message *message);

/**
 * The address of who said it, as the server sees it, for example "127.0.0.1:51234".
 *
 * @param message a live message; may be NULL.
 * @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when not known.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API struct rustchat_bytes rustchat_message_sender_address(const struct rustchat_message *message);

/**
 * The name that who said it has chosen (message chat only).
 *
 * @param message a live message; may be NULL.
 * @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when there is none.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API struct rustchat_bytes rustchat_message_sender_name(const struct rustchat_message *message);

/**
 * Whether the server itself said it to a client, and no member. No member can make a message of its own look so.
 *
 * @param message a live message; may be NULL.
 * @return 1 if the server said it; 0 for what members say, for what a server tells its program, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
int32_t rustchat_message_from_server(const struct rustchat_message *message);

/**
 * The number of the message in its room: 1, 2, 3 and so on without a gap.
 *
 * @param message a live message; may be NULL.
 * @return the number; 0 outside the numbering, which for a client includes all of line chat.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API uint64_t rustchat_message_seq(const struct rustchat_message *message);

/**
 * When it was said, by the server's clock; to a client of line chat, whose stamps name no time zone, when it came.
 *
 * @param message a live message; may be NULL.
 * @return nanoseconds since 1970-01-01 00:00:00 UTC; 0 when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API uint64_t rustchat_message_timestamp_ns(const struct rustchat_message *message);

/**
 * What the server's clock showed when a client's message of line chat was said: the stamp on the wire, which names no
 * time zone, so that no point in time follows from it.
 *
 * @param message a live message; may be NULL.
 * @return a number with the digits YYYYMMDDhhmmss, 20261121090729 for 2026/11/21 09:07:29; 0 in message chat, for a line
 *   without a stamp, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
uint64_t rustchat_message_wall_time(const struct rustchat_message *message);

/**
 * The name of a kind of event, for example "PEER_JOINED".
 *
 * @param kind any number.
 * @return a constant string, "UNKNOWN" for a number that is no kind; never NULL, not to be freed.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API const char *rustchat_event_name(int32_t kind);

/**
 * Releases what an event holds and sets all of it to 0, after which it may be cleared again or filled anew.
 *
 * @param event an event that a poll has filled, or all zero; may be NULL. Not for events that are lent to a callback.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_event_clear(struct rustchat_event *event);

/**
 * Releases what events hold and sets all of them to 0: rustchat_event_clear for all that a poll has filled.
 *
 * @param events the events; may be NULL.
 * @param count how many; 0 when events is NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_events_clear(struct rustchat_event *events, size_t count);

/**
 * Starts a chat server, which runs on threads of its own until it is closed.
 *
 * @param options how it is to behave; read during the call, except userdata, which must live until on_drop.
 * @param out receives the server, which the caller ends with rustchat_server_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, or the address is beyond this
 *   machine with neither secret nor allow_anonymous, or for TLS with a certificate that cannot be used, or with neither that
 *   nor a secret in the profile mutual; RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL;
 *   RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for an address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length;
 *   RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *
 * Blocking: while a name in the address is looked up, 10 seconds at most.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_server_start(const struct rustchat_server_options *options,
                                      struct rustchat_server **out);

/**
 * The address a server listens on, with the port that the system chose.
 *
 * @param server the server.
 * @param buf receives the address and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_address(struct rustchat_server *server,
                                        char *buf,
                                        size_t cap,
                                        size_t *len);

/**
 * The port a server listens on.
 *
 * @param server the server.
 * @param out receives the port, 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOTSUP for a Unix socket; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_server_port(struct rustchat_server *server, uint16_t *out);

/**
 * Waits for events and takes them, several at a time, in order.
 *
 * @param server the server.
 * @param events receives the events, the former contents of which are not looked at; each is ended with
 *   rustchat_event_clear.
 * @param cap how many fit, at least 1.
 * @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
 * @param timeout_ms milliseconds to wait for the first event; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_server_wake; RUSTCHAT_ECLOSED when the server has
 *   stopped and every event was taken; RUSTCHAT_ESTATE when callbacks take the events or none are wanted;
 *   RUSTCHAT_EINVAL when a pointer is NULL, cap is 0 or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_server_poll(struct rustchat_server *server,
                                     struct rustchat_event *events,
                                     size_t cap,
                                     size_t *count,
                                     int64_t timeout_ms);

/**
 * A descriptor that is readable while rustchat_server_poll would not wait: for select, poll and epoll.
 *
 * @param server the server.
 * @param fd receives the descriptor, -1 on failure. It belongs to the server: wait for it, do nothing else with it, and
 *   not after rustchat_server_free.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE when callbacks take the events or none are wanted; RUSTCHAT_EINVAL when fd is NULL;
 *   RUSTCHAT_EIO when no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_poll_fd(struct rustchat_server *server,
                                        int *fd);

/**
 * Makes one waiting rustchat_server_poll, or else the next one, end with RUSTCHAT_EINTR.
 *
 * @param server the server.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE when callbacks take the events or none are wanted; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no. Not for signal handlers.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_server_wake(struct rustchat_server *server);

/**
 * Begins to stop a server: nobody joins any more, members are told and get what is queued for them, for 5 seconds at
 * most.
 *
 * May be repeated, and called in callbacks. Calls that wait in the server end with RUSTCHAT_ECLOSED when it has stopped.
 *
 * @param server the server.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_close(struct rustchat_server *server);

/**
 * Begins to stop a server like rustchat_server_close, with another time for what is queued.
 *
 * May be repeated, and called in callbacks. Of several calls, those of rustchat_server_close included, the one whose end
 * comes first counts: a server that is stopping can be made to end sooner, by 0 at once.
 *
 * @param server the server.
 * @param drain_ms milliseconds that members may take to read what is queued for them; 0 for none, -1 for as long as it
 *   takes, an hour at most.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_close_within(struct rustchat_server *server,
                                             int64_t drain_ms);

/**
 * Waits until a server that was closed has stopped: its threads have ended, and on_drop was called.
 *
 * @param server the server.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK, also when an internal error has ended the server; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EDEADLK in a callback of this server; RUSTCHAT_EINVAL when timeout_ms is
 *   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_join(struct rustchat_server *server,
                                     int64_t timeout_ms);

/**
 * Closes a server and releases it.
 *
 * Other threads may be inside calls on the server: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
 * fork, in the child, this does nothing.
 *
 * @param server the server, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the server has stopped, about 7 seconds at most; in a callback not at all, and the server is released
 *   a moment later.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_server_free(struct rustchat_server *server);

/**
 * Says something to every member but one, numbered and in order with what members say; in a callback, after whatever the
 * filter has let pass before.
 *
 * @param server the server.
 * @param data the text, UTF-8, copied; may be NULL when len is 0.
 * @param len its length in bytes.
 * @param except a member that does not get it; 0 excepts nobody.
 * @param out receives how many members get it; may be NULL.
 * @return RUSTCHAT_OK, also when nobody is there; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control characters;
 *   RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when members that read have yet to take what was said before;
 *   RUSTCHAT_EINVAL when data is NULL and len is not 0; RUSTCHAT_ECLOSED when the server stops, but in its
 *   own callbacks RUSTCHAT_OK with nobody to hear it; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for the option send_timeout_ms; in a callback not at all.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_broadcast(struct rustchat_server *server,
                                          const void *data,
                                          size_t len,
                                          rustchat_peer_id except,
                                          struct rustchat_delivery *out);

/**
 * Says the content of a message to every member but one, numbered and in order with what members say; in a callback, after
 * whatever the filter has let pass before.
 *
 * @param server the server.
 * @param message the message, which stays the caller's.
 * @param except a member that does not get it; 0 excepts nobody.
 * @param out receives how many members get it; may be NULL.
 * @return RUSTCHAT_OK, also when nobody is there; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control characters;
 *   RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when members that read have yet to take what was said before;
 *   RUSTCHAT_ECLOSED when the server stops, but in its own callbacks RUSTCHAT_OK with nobody to hear it;
 *   RUSTCHAT_EHANDLE for the server or the message; RUSTCHAT_EFORK.
 *
 * Blocking: for the option send_timeout_ms; in a callback not at all.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_broadcast_message(struct rustchat_server *server,
                                                  struct rustchat_message *message,
                                                  rustchat_peer_id except,
                                                  struct rustchat_delivery *out);

/**
 * Says something to one member, outside the room's numbering.
 *
 * @param server the server.
 * @param peer the member.
 * @param data the text, UTF-8, copied; may be NULL when len is 0.
 * @param len its length in bytes.
 * @return RUSTCHAT_OK when it is queued; RUSTCHAT_ENOPEER when the member is gone or sent away, but RUSTCHAT_OK in a callback of
 *   a server that stops; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control
 *   characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when the member has yet to take what was said before;
 *   RUSTCHAT_EINVAL when data is NULL and len is not 0; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for the option send_timeout_ms; in a callback not at all.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_send(struct rustchat_server *server,
                                     rustchat_peer_id peer,
                                     const void *data,
                                     size_t len);

/**
 * Says the content of a message to one member, outside the room's numbering.
 *
 * @param server the server.
 * @param peer the member.
 * @param message the message, which stays the caller's.
 * @return RUSTCHAT_OK when it is queued; RUSTCHAT_ENOPEER when the member is gone or sent away, but RUSTCHAT_OK in a callback of
 *   a server that stops; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds control
 *   characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EOVERFLOW when the member has yet to take what was said before;
 *   RUSTCHAT_ECLOSED; RUSTCHAT_EHANDLE for the server or the message; RUSTCHAT_EFORK.
 *
 * Blocking: for the option send_timeout_ms; in a callback not at all.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_send_message(struct rustchat_server *server,
                                             rustchat_peer_id peer,
                                             struct rustchat_message *message);

/**
 * Disconnects a member, which is told so and gone a moment later. What it has said and the filter has not let pass before
 * this call is not heard.
 *
 * @param server the server.
 * @param peer the member.
 * @param reason becomes the status of its RUSTCHAT_EVENT_PEER_LEFT: RUSTCHAT_ECLOSED or 0 (the program's decision),
 *   RUSTCHAT_EPROTO (it did not keep to the rules) or RUSTCHAT_ETIMEDOUT (it said nothing for too long).
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when it is gone, but not in a callback of a server that stops; RUSTCHAT_EINVAL for
 *   another reason; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_disconnect(struct rustchat_server *server,
                                           rustchat_peer_id peer,
                                           int32_t reason);

/**
 * Answers a question that rustchat_server_poll has brought, once: RUSTCHAT_EVENT_ASK_JOIN, RUSTCHAT_EVENT_ASK_MESSAGE.
 *
 * Answers may come in any order; messages are delivered in the order in which they were said, each when all before it are
 * answered. So many are asked before an answer comes as event_limit says; then members are not read. An answer about who has left
 * meanwhile does nothing.
 *
 * @param server the server.
 * @param question the event's question.
 * @param verdict a rustchat_verdict. About a join every verdict but RUSTCHAT_VERDICT_DELIVER keeps out.
 * @param text with RUSTCHAT_VERDICT_REPLACE, the text that the room gets, UTF-8; one that may not be said goes to nobody, and
 *   who said the message is told. Else NULL.
 * @param len its length in bytes, else 0.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for a number that is no open question's, for another verdict, or when text is NULL and
 *   len is not 0; RUSTCHAT_EUTF8; RUSTCHAT_EMSGSIZE; RUSTCHAT_ESTATE when the server asks nothing; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_answer(struct rustchat_server *server,
                                       uint64_t question,
                                       int32_t verdict,
                                       const void *text,
                                       size_t len);

/**
 * The ids of all members, in the order in which they connected.
 *
 * @param server the server.
 * @param ids receives the ids; may be NULL when cap is 0.
 * @param cap how many fit.
 * @param count receives how many members there are, whether or not they fit.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than count, and no id is written; RUSTCHAT_EINVAL when count is
 *   NULL, or ids is NULL and cap is not 0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_peers(struct rustchat_server *server,
                                      rustchat_peer_id *ids,
                                      size_t cap,
                                      size_t *count);

/**
 * What is known of a member.
 *
 * @param server the server.
 * @param peer the member.
 * @param out receives it; begin with RUSTCHAT_PEER_INFO_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_peer_info(struct rustchat_server *server,
                                          rustchat_peer_id peer,
                                          struct rustchat_peer_info *out);

/**
 * The name that a member has chosen (message chat only).
 *
 * @param server the server.
 * @param peer the member.
 * @param buf receives the name, empty when there is none, and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL
 *   and cap is not 0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_peer_name(struct rustchat_server *server,
                                          rustchat_peer_id peer,
                                          char *buf,
                                          size_t cap,
                                          size_t *len);

/**
 * Connects to a chat server, shakes hands if there is a secret, and joins.
 *
 * @param options how to connect; read during the call, except userdata, which must live until on_drop.
 * @param out receives the client, which the caller ends with rustchat_client_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL or an option is out of range; RUSTCHAT_EADDRINVAL;
 *   RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
 *   address, key_id, name or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build
 *   without it, or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot
 *   be read. With TLS, a server that is not trusted is RUSTCHAT_EAUTH, one that does not speak it RUSTCHAT_EPROTO.
 *
 * Blocking: for the option timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_connect(const struct rustchat_client_options *options,
                                        struct rustchat_client **out);

/**
 * Says something to the room. White space at its end is not sent; of nothing but white space nothing is sent.
 *
 * In line chat the word quit alone leaves.
 *
 * @param client the client.
 * @param data the text, UTF-8; may be NULL when len is 0.
 * @param len its length in bytes.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
 *   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
 *   control characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not 0, or timeout_ms is below -1;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_send(struct rustchat_client *client,
                                     const void *data,
                                     size_t len,
                                     int64_t timeout_ms);

/**
 * Says the content of a message to the room, like rustchat_client_send.
 *
 * @param client the client.
 * @param message the message, which stays the caller's.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
 *   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
 *   control characters; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE for the client or the message;
 *   RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_send_message(struct rustchat_client *client,
                                             struct rustchat_message *message,
                                             int64_t timeout_ms);

/**
 * Whether a client is connected.
 *
 * @param client the client.
 * @param out receives a rustchat_client_condition, 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_client_state(struct rustchat_client *client, int32_t *out);

/**
 * The server's address.
 *
 * @param client the client.
 * @param buf receives the address and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_client_peer_address(struct rustchat_client *client,
                                             char *buf,
                                             size_t cap,
                                             size_t *len);

/**
 * Ends a client's connection at once; every call that waits in it ends with RUSTCHAT_ECLOSED.
 *
 * May be repeated, and called in callbacks.
 *
 * @param client the client.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_client_close(struct rustchat_client *client);

/**
 * Waits until a client's connection has ended and its callbacks, on_drop included, have been called.
 *
 * @param client the client.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EDEADLK in a callback of this client; RUSTCHAT_EINVAL when timeout_ms is
 *   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_client_join(struct rustchat_client *client,
                                     int64_t timeout_ms);

/**
 * Closes a client and releases it.
 *
 * Other threads may be inside calls on the client: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
 * fork, in the child, this does nothing.
 *
 * @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the client's thread has ended, a moment; in a callback not at all, and the client is released a moment
 *   later.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_client_free(struct rustchat_client *client);

/**
 * Waits for the next thing that somebody says, to the room or to this member; other events are passed over.
 *
 * What the server refuses is the status of one call, and the connection goes on; rustchat_last_error has the sentence.
 * Whom the server does not let in, or sends away, it tells why with RUSTCHAT_ECLOSED in the same way.
 *
 * @param client the client.
 * @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_client_wake; RUSTCHAT_ECLOSED when the connection
 *   has ended and every message was taken, RUSTCHAT_ECONNRESET, RUSTCHAT_EPROTO or RUSTCHAT_EMSGSIZE once when that is
 *   why; once for what the server refused: RUSTCHAT_EINVAL for a name that is taken, RUSTCHAT_EMSGSIZE, RUSTCHAT_EUTF8,
 *   RUSTCHAT_EPROTO, RUSTCHAT_ESTATE for a second name, RUSTCHAT_EIO when its filter failed; RUSTCHAT_ESTATE when a callback
 *   takes the events; RUSTCHAT_EINVAL when out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_recv(struct rustchat_client *client,
                                     struct rustchat_message **out,
                                     int64_t timeout_ms);

/**
 * Waits like rustchat_client_recv, and copies what was said into the caller's memory.
 *
 * A message that does not fit stays, and is the next one that any receiving call gives.
 *
 * @param client the client.
 * @param buf receives the bytes, without a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length of the message, whether or not it fits; 0 on any other failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after
 *   rustchat_client_wake; RUSTCHAT_ECLOSED when the connection has ended and every message was taken,
 *   RUSTCHAT_ECONNRESET, RUSTCHAT_EPROTO or RUSTCHAT_EMSGSIZE once when that is why; what rustchat_client_recv gives for
 *   a refusal; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when len is NULL, buf is NULL and cap is not 0, or timeout_ms is below -1;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_recv_into(struct rustchat_client *client,
                                          void *buf,
                                          size_t cap,
                                          size_t *len,
                                          int64_t timeout_ms);

/**
 * Waits for events and takes them, several at a time, in order.
 *
 * @param client the client.
 * @param events receives the events, the former contents of which are not looked at; each is ended with
 *   rustchat_event_clear.
 * @param cap how many fit, at least 1.
 * @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
 * @param timeout_ms milliseconds to wait for the first event; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EINTR after rustchat_client_wake; RUSTCHAT_ECLOSED when the connection
 *   has ended and every event was taken; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when a
 *   pointer is NULL, cap is 0 or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_poll(struct rustchat_client *client,
                                     struct rustchat_event *events,
                                     size_t cap,
                                     size_t *count,
                                     int64_t timeout_ms);

/**
 * A descriptor that is readable while rustchat_client_poll would not wait: for select, poll and epoll.
 *
 * @param client the client.
 * @param fd receives the descriptor, -1 on failure. It belongs to the client: wait for it, do nothing else with it, and
 *   not after rustchat_client_free.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EIO when
 *   no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_client_poll_fd(struct rustchat_client *client,
                                        int *fd);

/**
 * Makes one waiting rustchat_client_recv, _recv_into or _poll, or else the next one, end with RUSTCHAT_EINTR.
 *
 * @param client the client.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE when a callback takes the events; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no. Not for signal handlers.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_client_wake(struct rustchat_client *client);

/**
 * Numbers of a server since its start.
 *
 * @param server the server.
 * @param out receives them; begin with RUSTCHAT_SERVER_STATS_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_stats(struct rustchat_server *server,
                                      struct rustchat_server_stats_data *out);

/**
 * Numbers of a client since it connected.
 *
 * @param client the client.
 * @param out receives them; begin with RUSTCHAT_CLIENT_STATS_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_client_stats(struct rustchat_client *client,
                                      struct rustchat_client_stats_data *out);

/**
 * Listens for connections of whole messages.
 *
 * With a secret or TLS, a thread of the listener's own shakes hands with all newcomers at once.
 *
 * @param options how to listen; read during the call.
 * @param out receives the listener, which the caller ends with rustchat_listener_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, or the address is beyond this
 *   machine with neither secret nor allow_anonymous, or for TLS with a certificate that cannot be used, or with neither that
 *   nor a secret in the profile mutual; RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL;
 *   RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for an address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length;
 *   RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *
 * Blocking: while a name in the address is looked up.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_listener_open(const struct rustchat_listener_options *options,
                                       struct rustchat_listener **out);

/**
 * Waits for a connection; with a secret, for one that has proved to hold it.
 *
 * @param listener the listener.
 * @param out receives the connection, which the caller ends with rustchat_connection_free; NULL on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_EINVAL when out is NULL or timeout_ms is below -1;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example when no descriptor is left.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_listener_accept(struct rustchat_listener *listener,
                                         struct rustchat_connection **out,
                                         int64_t timeout_ms);

/**
 * The address a listener listens on, with the port that the system chose.
 *
 * @param listener the listener.
 * @param buf receives the address and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_listener_address(struct rustchat_listener *listener,
                                          char *buf,
                                          size_t cap,
                                          size_t *len);

/**
 * The port a listener listens on.
 *
 * @param listener the listener.
 * @param out receives the port, 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOTSUP for a Unix socket; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_listener_port(struct rustchat_listener *listener, uint16_t *out);

/**
 * Refuses further connections; every call that waits in the listener ends with RUSTCHAT_ECLOSED. Connections that were
 * accepted go on. May be repeated.
 *
 * @param listener the listener.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_listener_close(struct rustchat_listener *listener);

/**
 * Closes a listener and releases it.
 *
 * Other threads may be inside calls on the listener: they end with RUSTCHAT_ECLOSED, and the last one releases it. After
 * fork, in the child, this does nothing.
 *
 * @param listener the listener, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the listener's thread has ended, a moment.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_listener_free(struct rustchat_listener *listener);

/**
 * Connects to a listener, and shakes hands if there is a secret.
 *
 * @param options how to connect; read during the call.
 * @param out receives the connection, which the caller ends with rustchat_connection_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL or an option is out of range; RUSTCHAT_EADDRINVAL;
 *   RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
 *   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
 *   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *   With TLS, a peer that is not trusted is RUSTCHAT_EAUTH, one that does not speak it RUSTCHAT_EPROTO.
 *
 * Blocking: for the option timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_open(const struct rustchat_connection_options *options,
                                         struct rustchat_connection **out);

/**
 * Sends one message, whole.
 *
 * @param connection the connection.
 * @param data the message; may be NULL when len is 0.
 * @param len its length in bytes; 0 is a message too.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if a part
 *   was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not
 *   0, timeout_ms is below -1, or a line holds a line feed; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_send(struct rustchat_connection *connection,
                                         const void *data,
                                         size_t len,
                                         int64_t timeout_ms);

/**
 * Sends the content of a message, whole, like rustchat_connection_send.
 *
 * @param connection the connection.
 * @param message the message, which stays the caller's.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if a part
 *   was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when timeout_ms is below -1, or a
 *   line holds a line feed; RUSTCHAT_EHANDLE for the connection or the message; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_send_message(struct rustchat_connection *connection,
                                                 struct rustchat_message *message,
                                                 int64_t timeout_ms);

/**
 * Receives one message, whole.
 *
 * @param connection the connection.
 * @param out receives the message, which the caller ends with rustchat_message_release; NULL on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all. What has come of a message by then is kept.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED at the end; RUSTCHAT_ECONNRESET when it broke in a message;
 *   RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for what is no message, after which the connection is closed; RUSTCHAT_EINVAL
 *   when out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_recv(struct rustchat_connection *connection,
                                         struct rustchat_message **out,
                                         int64_t timeout_ms);

/**
 * Receives one message, whole, into the caller's memory.
 *
 * A message that does not fit stays, and is the next one that any receiving call gives. What lies in buf behind the
 * message, and after a failure, is not defined.
 *
 * @param connection the connection.
 * @param buf receives the message, without a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length of the message, whether or not it fits; 0 on any other failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all. What has come of a message by then is kept.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED at the end;
 *   RUSTCHAT_ECONNRESET when it broke in a message; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for what is no message, after
 *   which the connection is closed; RUSTCHAT_EINVAL when len is NULL, buf is NULL and cap is not 0, or timeout_ms is
 *   below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_recv_into(struct rustchat_connection *connection,
                                              void *buf,
                                              size_t cap,
                                              size_t *len,
                                              int64_t timeout_ms);

/**
 * The address of the other end.
 *
 * @param connection the connection.
 * @param buf receives the address and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_connection_peer_address(struct rustchat_connection *connection,
                                                 char *buf,
                                                 size_t cap,
                                                 size_t *len);

/**
 * The id of the key that the peer has proved to hold.
 *
 * @param connection the connection.
 * @param buf receives the id, empty without authentication or with a key that has none, and a NUL; may be NULL when cap
 *   is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_connection_key_id(struct rustchat_connection *connection,
                                           char *buf,
                                           size_t cap,
                                           size_t *len);

/**
 * The descriptor of a connection's socket: for select, poll and epoll.
 *
 * When it is readable, receive with a timeout of 0 until RUSTCHAT_ETIMEDOUT: one read may bring several messages.
 *
 * @param connection the connection.
 * @param fd receives the descriptor, -1 on failure. It belongs to the connection: wait for it, do nothing else with it,
 *   and not after rustchat_connection_free.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_connection_fd(struct rustchat_connection *connection, int *fd);

/**
 * Ends a connection in both directions; every call that waits in it ends with RUSTCHAT_ECLOSED. The peer gets what was
 * sent before. May be repeated.
 *
 * @param connection the connection.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_connection_close(struct rustchat_connection *connection);

/**
 * Closes a connection and releases it.
 *
 * Other threads may be inside calls on the connection: they end with RUSTCHAT_ECLOSED, and the last one releases it.
 * After fork, in the child, this does nothing.
 *
 * @param connection the connection, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_connection_free(struct rustchat_connection *connection);

/**
 * Sends several messages, each whole and in order, with as few system calls as they allow: small ones go out 64 KiB at a
 * time.
 *
 * On failure the first sent of them are with the system and the others are not, unless the connection had to be closed:
 * whoever goes on begins with messages[sent]. Every data and len is checked before the first byte is sent. Messages of
 * other threads do not come in between.
 *
 * @param connection the connection.
 * @param messages the messages, for example those of rustchat_connection_recv_many; data may be NULL where len is 0. May
 *   be NULL when count is 0.
 * @param count how many.
 * @param sent receives how many the system has taken, also on failure; may be NULL.
 * @param timeout_ms milliseconds to wait for the system to take all of it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the connection is closed if only
 *   a part of what one system call had was sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EMSGSIZE when one is too long or count is absurd;
 *   RUSTCHAT_EINVAL when messages is NULL and count is not 0, a data is NULL and its len is not 0, timeout_ms is below
 *   -1, or a line holds a line feed; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_send_many(struct rustchat_connection *connection,
                                              const struct rustchat_bytes *messages,
                                              size_t count,
                                              size_t *sent,
                                              int64_t timeout_ms);

/**
 * Waits for one message, and takes it and those that have come with it into the caller's memory: one wake-up and one copy
 * for all of them, and no allocation.
 *
 * The messages lie in buf one behind the other, and messages says where each begins and ends: they live as long as buf,
 * and may be given to rustchat_connection_send_many as they are. The call waits for the first message only. It ends with
 * RUSTCHAT_OK before a message that does not fit into the rest of buf, before the end of the stream and before a fault:
 * each of them is what the next call finds. After a failure nothing is taken, and what lies in buf is not defined.
 *
 * @param connection the connection.
 * @param buf receives the messages, without NULs; may be NULL when cap is 0.
 * @param cap the size of buf in bytes; 65536 is what one system call brings.
 * @param messages receives where in buf they are. After RUSTCHAT_EBUFSIZE the first has the length of the message that is
 *   waiting, and data NULL.
 * @param most how many fit into messages, at least 1.
 * @param count receives how many came, at least 1 with RUSTCHAT_OK; 0 on failure.
 * @param timeout_ms milliseconds to wait for the first; -1 for ever, 0 not at all. What has come of a message by then is
 *   kept.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than the first message, which stays; RUSTCHAT_ETIMEDOUT;
 *   RUSTCHAT_ECLOSED at the end; RUSTCHAT_ECONNRESET when it broke in a message; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO for
 *   what is no message, after which the connection is closed; RUSTCHAT_EINVAL when messages or count is NULL, most is 0,
 *   buf is NULL and cap is not 0, or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_connection_recv_many(struct rustchat_connection *connection,
                                              void *buf,
                                              size_t cap,
                                              struct rustchat_bytes *messages,
                                              size_t most,
                                              size_t *count,
                                              int64_t timeout_ms);

/**
 * Shows another certificate to members who come from here on; those who are there keep their connections. For a
 * certificate that is renewed while the server runs: the options of the start with files, once more, read them anew.
 *
 * @param server the server.
 * @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
 *   be used; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
 *   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: while files are read.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_server_replace_certificate(struct rustchat_server *server,
                                                    const struct rustchat_tls_options *tls);

/**
 * The fingerprint of the public key that a server shows its members: what they may be told to trust.
 *
 * @param server the server.
 * @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a server without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 *
 */
RUSTCHAT_API rustchat_status rustchat_server_pin(struct rustchat_server *server, uint8_t out[32]);

/**
 * Shows another certificate to peers that come from here on; connections that are there keep theirs. For a certificate that
 * is renewed while the listener is open: the options of the opening with files, once more, read them anew.
 *
 * @param listener the listener.
 * @param tls options whose certificate and key are taken, and nothing else of them; read during the call.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when tls is NULL or its struct_size is wrong, for no certificate, or one that cannot
 *   be used; RUSTCHAT_ESTATE for a listener without TLS; RUSTCHAT_EIO for a file that cannot be read; RUSTCHAT_EUTF8 for its
 *   path; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in a build without TLS; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: while files are read.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_listener_replace_certificate(struct rustchat_listener *listener,
                                                      const struct rustchat_tls_options *tls);

/**
 * The fingerprint of the public key that a listener shows its peers: what they may be told to trust.
 *
 * @param listener the listener.
 * @param out receives 32 bytes, all 0 on failure: the SHA-256 of the key's SubjectPublicKeyInfo.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE for a listener without TLS; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 *
 */
RUSTCHAT_API rustchat_status rustchat_listener_pin(struct rustchat_listener *listener, uint8_t out[32]);

/**
 * What protects what a client says and hears.
 *
 * @param client the client.
 * @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_client_protection(struct rustchat_client *client,
                                           struct rustchat_protection *out);

/**
 * What protects what is sent and received on a connection, at either end.
 *
 * @param connection the connection.
 * @param out receives it; begin with RUSTCHAT_PROTECTION_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_connection_protection(struct rustchat_connection *connection,
                                               struct rustchat_protection *out);

/**
 * Makes a decoder.
 *
 * @param framing a rustchat_framing; 0 is u32be.
 * @param max_frame the longest message in bytes; 0 is 8192 for lines, 16777216 otherwise.
 * @param out receives the decoder, which the caller ends with rustchat_decoder_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an unknown framing or when out is NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_decoder_new(int32_t framing,
                                     size_t max_frame,
                                     struct rustchat_decoder **out);

/**
 * Frees a decoder.
 *
 * @param decoder the decoder, not to be used any more; may be NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_decoder_free(struct rustchat_decoder *decoder);

/**
 * Brings bytes to a decoder. Call rustchat_decoder_next until RUSTCHAT_EAGAIN before bringing more.
 *
 * @param decoder the decoder.
 * @param data the bytes, copied; may be NULL when len is 0.
 * @param len how many.
 * @return RUSTCHAT_OK; RUSTCHAT_EMSGSIZE when a message over the limit begins or goes on here, or RUSTCHAT_EPROTO for what
 *   the framing does not allow, after which nothing is taken any more; RUSTCHAT_EINVAL when data is NULL and len is not
 *   0; RUSTCHAT_EHANDLE.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_decoder_push(struct rustchat_decoder *decoder,
                                      const void *data,
                                      size_t len);

/**
 * The next whole message.
 *
 * @param decoder the decoder.
 * @param frame receives the message, which belongs to the decoder and lives until the next call on it; empty on
 *   failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EAGAIN when more bytes are needed; RUSTCHAT_EMSGSIZE or RUSTCHAT_EPROTO after the last message
 *   before such a fault, from then on always; RUSTCHAT_EINVAL when frame is NULL; RUSTCHAT_EHANDLE.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_decoder_next(struct rustchat_decoder *decoder,
                                      struct rustchat_bytes *frame);

/**
 * Writes a message as it goes over the wire.
 *
 * @param framing a rustchat_framing; 0 is u32be.
 * @param data the message; may be NULL when len is 0.
 * @param len its length in bytes, at most 8192 for lines, 16777216 otherwise.
 * @param buf receives the frame; may be NULL when cap is 0. It must not overlap data.
 * @param cap the size of buf in bytes; len and 12 are always enough.
 * @param written receives the length of the frame, whether or not it fits; 0 on any other failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than written; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL for an unknown
 *   framing, a line that holds a line feed or ends in a carriage return, when written is NULL, buf is NULL and cap is
 *   not 0, or data is NULL and len is not 0.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_frame_encode(int32_t framing,
                                      const void *data,
                                      size_t len,
                                      void *buf,
                                      size_t cap,
                                      size_t *written);

/**
 * Makes a new challenge of random bytes.
 *
 * @param out receives 32 bytes, all 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EIO when the system has no randomness to give.
 *
 * Blocking: no, unless the system has just booted and has no randomness yet.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 *
 */
RUSTCHAT_API RUSTCHAT_NODISCARD rustchat_status rustchat_auth_challenge(uint8_t out[32]);

/**
 * Answers a challenge: HMAC-SHA-256, keyed with the secret, over the length of the label (32 bits, big-endian), the
 * label and the challenge.
 *
 * The label names the protocol and the role of who answers, so that no answer fits a second place.
 *
 * @param secret what both sides hold; must not be empty.
 * @param challenge 32 bytes that the other side has made for this attempt.
 * @param label any bytes, may be empty.
 * @param out receives 32 bytes, all 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an empty secret or when a pointer is NULL; RUSTCHAT_EMSGSIZE for absurd lengths.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 *
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_auth_respond(struct rustchat_bytes secret,
                                      const uint8_t challenge[32],
                                      struct rustchat_bytes label,
                                      uint8_t out[32]);

/**
 * Checks the answer to a challenge, in a time that does not depend on where it differs.
 *
 * @param secret what both sides hold; must not be empty.
 * @param challenge 32 bytes that this side has made for this attempt.
 * @param label the bytes that the other side has used.
 * @param tag the 32 bytes of the answer.
 * @return RUSTCHAT_OK when it is right; RUSTCHAT_EAUTH when it is not; RUSTCHAT_EINVAL for an empty secret or when a pointer
 *   is NULL; RUSTCHAT_EMSGSIZE for absurd lengths.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 *
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_auth_verify(struct rustchat_bytes secret,
                                     const uint8_t challenge[32],
                                     struct rustchat_bytes label,
                                     const uint8_t tag[32]);

/**
 * Begins the server's side of a handshake.
 *
 * @param options what is to be proved, and to what it is bound; read during the call.
 * @param out receives the handshake, which the caller ends with rustchat_handshake_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, the secret is empty, or something
 *   is required that there is not; RUSTCHAT_ENOTSUP when a binding is required in another profile than mutual;
 *   RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_EIO when the system has no
 *   randomness to give.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_handshake_begin_server(const struct rustchat_handshake_options *options,
                                                struct rustchat_handshake **out);

/**
 * Begins the client's side of a handshake.
 *
 * @param options what is to be proved, and to what it is bound; read during the call.
 * @param out receives the handshake, which the caller ends with rustchat_handshake_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, an option is out of range, the secret is empty, or something
 *   is required that there is not; RUSTCHAT_ENOTSUP when a binding is required in another profile than mutual;
 *   RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_EIO when the system has no
 *   randomness to give.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_handshake_begin_client(const struct rustchat_handshake_options *options,
                                                struct rustchat_handshake **out);

/**
 * The bytes that are to be sent to the peer now. Ask after the beginning, and after every rustchat_handshake_receive, also
 * after one that failed: then it may be a refusal to send before closing.
 *
 * @param handshake the handshake.
 * @param bytes receives them; empty when it is the peer's turn, and on failure. They belong to the handshake and live until
 *   the next call on it.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when bytes is NULL; RUSTCHAT_EHANDLE.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_handshake_output(struct rustchat_handshake *handshake,
                                          struct rustchat_bytes *bytes);

/**
 * Brings bytes of the peer to a handshake, in any split.
 *
 * @param handshake the handshake.
 * @param data the bytes, copied; may be NULL when len is 0.
 * @param len how many.
 * @param used receives how many of them belonged to the handshake: all, unless it is complete now; the rest is the
 *   beginning of the session. 0 on failure.
 * @return RUSTCHAT_OK, whether or not it is complete; RUSTCHAT_EAUTH when it has failed, from then on always; RUSTCHAT_EINVAL
 *   when used is NULL, or data is NULL and len is not 0; RUSTCHAT_EHANDLE.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_handshake_receive(struct rustchat_handshake *handshake,
                                           const void *data,
                                           size_t len,
                                           size_t *used);

/**
 * What a complete handshake has shown.
 *
 * @param handshake the handshake.
 * @param out receives it; begin with RUSTCHAT_HANDSHAKE_OUTCOME_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK when this side is satisfied; RUSTCHAT_EAGAIN when it is not, or not yet; RUSTCHAT_EINVAL when out is
 *   NULL or its struct_size is wrong; RUSTCHAT_EHANDLE.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_handshake_result(struct rustchat_handshake *handshake,
                                          struct rustchat_handshake_outcome *out);

/**
 * Frees a handshake.
 *
 * @param handshake the handshake, not to be used any more; may be NULL.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_handshake_free(struct rustchat_handshake *handshake);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RUSTCHAT_H */

/** The defaults of rustchat_log_options. */
#define RUSTCHAT_LOG_OPTIONS_INIT \
    {sizeof(rustchat_log_options), 0, 0, NULL, NULL, NULL, {0, 0, 0, 0}}
/** The defaults of rustchat_tls_options. */
#define RUSTCHAT_TLS_OPTIONS_INIT \
    {sizeof(rustchat_tls_options), {NULL, 0}, {NULL, 0}, NULL, NULL, {NULL, 0}, NULL, NULL, 0, NULL, 0, 0, \
     {0, 0, 0, 0, 0, 0}}
/** A rustchat_peer_info to be filled. */
#define RUSTCHAT_PEER_INFO_INIT \
    {sizeof(rustchat_peer_info), 0, 0, 0, 0, 0, 0, 0, {0}, {0}, {0}, 0, 0, {0, 0, 0}}
/** The defaults of rustchat_server_options. */
#define RUSTCHAT_SERVER_OPTIONS_INIT \
    {sizeof(rustchat_server_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
     0, 0, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 0, NULL, 0, 0, {0}}
/** The defaults of rustchat_client_options. */
#define RUSTCHAT_CLIENT_OPTIONS_INIT \
    {sizeof(rustchat_client_options), NULL, {NULL, 0}, NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, 0, 0, NULL, \
     {0, 0, 0, 0, 0}}
/** A rustchat_server_stats_data to be filled. */
#define RUSTCHAT_SERVER_STATS_INIT \
    {sizeof(rustchat_server_stats_data), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0}}
/** A rustchat_client_stats_data to be filled. */
#define RUSTCHAT_CLIENT_STATS_INIT \
    {sizeof(rustchat_client_stats_data), 0, 0, {0, 0, 0, 0, 0}}
/** The defaults of rustchat_listener_options. */
#define RUSTCHAT_LISTENER_OPTIONS_INIT \
    {sizeof(rustchat_listener_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, \
     {0, 0, 0, 0}}
/** The defaults of rustchat_connection_options. */
#define RUSTCHAT_CONNECTION_OPTIONS_INIT \
    {sizeof(rustchat_connection_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, NULL, {0, 0, 0, 0, 0, 0}}
/** A rustchat_protection to be filled. */
#define RUSTCHAT_PROTECTION_INIT \
    {sizeof(rustchat_protection), 0, 0, 0, 0, {0}, {0, 0, 0, 0}}
/** The defaults of rustchat_handshake_options. */
#define RUSTCHAT_HANDSHAKE_OPTIONS_INIT \
    {sizeof(rustchat_handshake_options), {NULL, 0}, NULL, NULL, 0, 0, {NULL, 0}, {NULL, 0}, {0, 0, 0, 0, 0, 0}}
/** A rustchat_handshake_outcome to be filled. */
#define RUSTCHAT_HANDSHAKE_OUTCOME_INIT \
    {sizeof(rustchat_handshake_outcome), 0, 0, {0}, {0}, {0}, {0, 0, 0, 0}}

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
