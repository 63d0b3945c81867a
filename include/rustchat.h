/**
 * @file rustchat.h
 * Chat, whole messages over a stream, remote commands, files, authentication by a shared secret, and TLS.
 *
 * What holds for every function:
 *
 * - Functions that can fail return a rustchat_status: 0, or a negative number. Results come through the last parameters;
 *   on failure these are NULL or 0, except for sizes reported with RUSTCHAT_EBUFSIZE and where the function says otherwise.
 *   rustchat_last_error has the sentence.
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
     * All. With a filter, or when the program is asked about messages, none of these.
     */
    RUSTCHAT_EVENTS_ALL = 3,
    /**
     * All, and of the messages those that the program has let pass, as the room has got them.
     */
    RUSTCHAT_EVENTS_SAID = 4,
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
 * What a ban goes by.
 */
enum rustchat_ban_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * An IP address, or a net of them.
     */
    RUSTCHAT_BAN_ADDRESS = 1,
    /**
     * The id of the key that a member has proved.
     */
    RUSTCHAT_BAN_KEY = 2,
    /**
     * The name that a member has taken.
     */
    RUSTCHAT_BAN_NAME = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_ban_kind rustchat_ban_kind;
#else
typedef int32_t rustchat_ban_kind;
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
    /**
     * The connection has broken, and the client is about to come back (option reconnect).
     */
    RUSTCHAT_CLIENT_RECONNECTING = 3,
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
 * What becomes of processes of a command that outlive it.
 */
enum rustchat_survivors
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Kill.
     */
    RUSTCHAT_SURVIVORS_DEFAULT = 0,
    /**
     * They are killed.
     */
    RUSTCHAT_SURVIVORS_KILL = 1,
    /**
     * They are left alone.
     */
    RUSTCHAT_SURVIVORS_LEAVE = 2,
    /**
     * They are waited for, as long as the command has time.
     */
    RUSTCHAT_SURVIVORS_WAIT = 3,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_survivors rustchat_survivors;
#else
typedef int32_t rustchat_survivors;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a free place of a command line takes: as a whole or not at all, byte for byte. What begins with "-" is refused but for
 * an integer, and a choice that was spelled out.
 */
enum rustchat_command_slot
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * None: the word stands as it is.
     */
    RUSTCHAT_SLOT_NONE = 0,
    /**
     * A decimal integer from min to max, in its only form.
     */
    RUSTCHAT_SLOT_INT = 1,
    /**
     * One of the choices.
     */
    RUSTCHAT_SLOT_CHOICE = 2,
    /**
     * A word of ASCII letters, digits and _ . : @ + , = % - of at most max bytes (0 is 64): no path, neither "." nor "..".
     */
    RUSTCHAT_SLOT_WORD = 3,
    /**
     * One to max characters (0 is 64) of a set.
     */
    RUSTCHAT_SLOT_CHARACTERS = 4,
    /**
     * Any text of one line, at most max bytes (0 is 1024) of UTF-8 without control characters.
     */
    RUSTCHAT_SLOT_TEXT = 5,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_command_slot rustchat_command_slot;
#else
typedef int32_t rustchat_command_slot;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a command is over.
 */
enum rustchat_exit_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It has ended of its own accord, with a code.
     */
    RUSTCHAT_EXIT_EXITED = 1,
    /**
     * A signal has ended it that nobody here has sent.
     */
    RUSTCHAT_EXIT_SIGNALLED = 2,
    /**
     * It ran for longer than it was given, and was ended for that, whatever it made of it.
     */
    RUSTCHAT_EXIT_TIMED_OUT = 3,
    /**
     * It wrote more than it was allowed, and was ended for that. What it was allowed was delivered.
     */
    RUSTCHAT_EXIT_OUTPUT_LIMIT = 4,
    /**
     * A signal has ended it that its client had sent.
     */
    RUSTCHAT_EXIT_CLIENT_SIGNAL = 5,
    /**
     * The server stops.
     */
    RUSTCHAT_EXIT_SERVER_STOPPING = 6,
    /**
     * It is over, but another part of the server's program has taken its status: the code is unknown.
     */
    RUSTCHAT_EXIT_STATUS_LOST = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_exit_kind rustchat_exit_kind;
#else
typedef int32_t rustchat_exit_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The rule by which a server does not run a command, of which nothing was executed then: what rustchat_last_refusal gives
 * after RUSTCHAT_EREFUSED of rustchat_command_run and rustchat_command_start.
 */
enum rustchat_command_refusal
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No command has that name.
     */
    RUSTCHAT_COMMAND_REFUSED_UNKNOWN = 1,
    /**
     * It takes more arguments, or fewer.
     */
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_COUNT = 2,
    /**
     * An argument is none of those that its place takes.
     */
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_PATTERN = 3,
    /**
     * An argument is too long.
     */
    RUSTCHAT_COMMAND_REFUSED_ARGUMENT_TOO_LONG = 4,
    /**
     * An argument holds a zero byte.
     */
    RUSTCHAT_COMMAND_REFUSED_NUL = 5,
    /**
     * There is no shell, or it was not asked for by name.
     */
    RUSTCHAT_COMMAND_REFUSED_SHELL = 6,
    /**
     * A variable that clients may not set.
     */
    RUSTCHAT_COMMAND_REFUSED_ENVIRONMENT = 7,
    /**
     * As many commands run as may.
     */
    RUSTCHAT_COMMAND_REFUSED_BUSY = 8,
    /**
     * The system could not start it.
     */
    RUSTCHAT_COMMAND_REFUSED_SPAWN_FAILED = 9,
    /**
     * The program is not there, or may not be executed.
     */
    RUSTCHAT_COMMAND_REFUSED_NOT_EXECUTABLE = 10,
    /**
     * The server stops.
     */
    RUSTCHAT_COMMAND_REFUSED_STOPPING = 11,
    /**
     * It takes no input.
     */
    RUSTCHAT_COMMAND_REFUSED_STDIN = 12,
    /**
     * It is not sent that signal.
     */
    RUSTCHAT_COMMAND_REFUSED_SIGNAL = 13,
    /**
     * It was to have more time than any command has.
     */
    RUSTCHAT_COMMAND_REFUSED_TIMEOUT = 14,
    /**
     * Another key may run it, but not this one.
     */
    RUSTCHAT_COMMAND_REFUSED_NOT_PERMITTED = 15,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_command_refusal rustchat_command_refusal;
#else
typedef int32_t rustchat_command_refusal;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a command writes to.
 */
enum rustchat_command_output
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Its standard output.
     */
    RUSTCHAT_COMMAND_STDOUT = 1,
    /**
     * Its standard error.
     */
    RUSTCHAT_COMMAND_STDERR = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_command_output rustchat_command_output;
#else
typedef int32_t rustchat_command_output;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What becomes of symbolic links.
 */
enum rustchat_follow
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No.
     */
    RUSTCHAT_FOLLOW_DEFAULT = 0,
    /**
     * None is followed.
     */
    RUSTCHAT_FOLLOW_NO = 1,
    /**
     * Those are that lead to something in the root by a relative way.
     */
    RUSTCHAT_FOLLOW_INSIDE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_follow rustchat_follow;
#else
typedef int32_t rustchat_follow;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What a name stands for.
 */
enum rustchat_file_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A regular file.
     */
    RUSTCHAT_FILE_REGULAR = 1,
    /**
     * A folder.
     */
    RUSTCHAT_FILE_FOLDER = 2,
    /**
     * A symbolic link, which is not followed.
     */
    RUSTCHAT_FILE_LINK = 3,
    /**
     * A pipe, a socket or a device: it can be renamed and removed, and not read.
     */
    RUSTCHAT_FILE_OTHER = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_file_kind rustchat_file_kind;
#else
typedef int32_t rustchat_file_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The rule by which a file server does not do what it is asked for: what rustchat_last_refusal gives after RUSTCHAT_EREFUSED of a
 * function on a rustchat_file_client. Where the operating system has a number for the like of it, that is the os_code of
 * rustchat_last_error.
 */
enum rustchat_file_refusal
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A name is empty, or there is no name where one must be.
     */
    RUSTCHAT_FILE_REFUSED_NAME_EMPTY = 1,
    /**
     * A name is "." or "..".
     */
    RUSTCHAT_FILE_REFUSED_NAME_DOT = 2,
    /**
     * A name holds a "/".
     */
    RUSTCHAT_FILE_REFUSED_NAME_SLASH = 3,
    /**
     * A name holds a zero byte.
     */
    RUSTCHAT_FILE_REFUSED_NAME_NUL = 4,
    /**
     * A name that is to be made holds control characters.
     */
    RUSTCHAT_FILE_REFUSED_NAME_CONTROL = 5,
    /**
     * A name is not UTF-8.
     */
    RUSTCHAT_FILE_REFUSED_NAME_UTF8 = 6,
    /**
     * A name has more than 255 bytes.
     */
    RUSTCHAT_FILE_REFUSED_NAME_TOO_LONG = 7,
    /**
     * A path has more than 4096 bytes or 64 names.
     */
    RUSTCHAT_FILE_REFUSED_PATH_TOO_LONG = 8,
    /**
     * The name is the server's own.
     */
    RUSTCHAT_FILE_REFUSED_NAME_RESERVED = 9,
    /**
     * A symbolic link is on the way, or leads out.
     */
    RUSTCHAT_FILE_REFUSED_SYMLINK = 10,
    /**
     * The path leads to another file system.
     */
    RUSTCHAT_FILE_REFUSED_OTHER_FILE_SYSTEM = 11,
    /**
     * It is no regular file.
     */
    RUSTCHAT_FILE_REFUSED_NOT_REGULAR = 12,
    /**
     * It is a folder.
     */
    RUSTCHAT_FILE_REFUSED_IS_FOLDER = 13,
    /**
     * It is no folder.
     */
    RUSTCHAT_FILE_REFUSED_NOT_FOLDER = 14,
    /**
     * It is not there.
     */
    RUSTCHAT_FILE_REFUSED_NOT_FOUND = 15,
    /**
     * Something of that name is there.
     */
    RUSTCHAT_FILE_REFUSED_EXISTS = 16,
    /**
     * The folder is not empty.
     */
    RUSTCHAT_FILE_REFUSED_NOT_EMPTY = 17,
    /**
     * Nothing is written here.
     */
    RUSTCHAT_FILE_REFUSED_READ_ONLY = 18,
    /**
     * The system does not let the server do it.
     */
    RUSTCHAT_FILE_REFUSED_DENIED = 19,
    /**
     * The file has more bytes than a file may.
     */
    RUSTCHAT_FILE_REFUSED_TOO_LARGE = 20,
    /**
     * The key's quota would be passed.
     */
    RUSTCHAT_FILE_REFUSED_QUOTA = 21,
    /**
     * The disk would have less than is to be left free.
     */
    RUSTCHAT_FILE_REFUSED_RESERVE = 22,
    /**
     * As many transfers or requests are under way as may be, or the file system is too busy.
     */
    RUSTCHAT_FILE_REFUSED_BUSY = 23,
    /**
     * Somebody else writes that file.
     */
    RUSTCHAT_FILE_REFUSED_LOCKED = 24,
    /**
     * The file has changed while it was read, or is not the one that was meant.
     */
    RUSTCHAT_FILE_REFUSED_CHANGED = 25,
    /**
     * What has come is not what was sent.
     */
    RUSTCHAT_FILE_REFUSED_HASH_MISMATCH = 26,
    /**
     * Fewer or more bytes have come than were announced.
     */
    RUSTCHAT_FILE_REFUSED_SHORT = 27,
    /**
     * The server stops.
     */
    RUSTCHAT_FILE_REFUSED_STOPPING = 28,
    /**
     * The server's system has reported an error.
     */
    RUSTCHAT_FILE_REFUSED_IO = 29,
    /**
     * The client wanted it no more.
     */
    RUSTCHAT_FILE_REFUSED_CANCELLED = 30,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_file_refusal rustchat_file_refusal;
#else
typedef int32_t rustchat_file_refusal;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What to do to a folder that is made; may be added.
 */
enum rustchat_mkdir_flag
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Make the folders on the way, too.
     */
    RUSTCHAT_MKDIR_PARENTS = 1,
    /**
     * It may be there already.
     */
    RUSTCHAT_MKDIR_EXIST_OK = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum rustchat_mkdir_flag rustchat_mkdir_flag;
#else
typedef int32_t rustchat_mkdir_flag;
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
     * Client: the server, or another member, said something to this member alone.
     */
    RUSTCHAT_EVENT_DIRECT = 9,
    /**
     * Client: we are in; the sender is ourselves, seq the newest number before us.
     */
    RUSTCHAT_EVENT_WELCOME = 10,
    /**
     * Client: we have the sender name; an empty one is none.
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
    /**
     * Client, option reconnect: the connection has broken, status and the message say why; the client tries to come back.
     */
    RUSTCHAT_EVENT_DISCONNECTED = 16,
    /**
     * Client, option reconnect: it is back.
     */
    RUSTCHAT_EVENT_RECONNECTED = 17,
    /**
     * Client, option reconnect: what was said while it was away is missing here; count says how many entries of the room's log that
     * are, 0 if nobody knows, and the message says it in words.
     */
    RUSTCHAT_EVENT_GAP = 18,
    /**
     * Client, option reconnect: the message is what this member has said; it may be in the room or not, since the connection broke
     * before the server had acknowledged it, and it is not said once more.
     */
    RUSTCHAT_EVENT_UNCONFIRMED = 19,
    /**
     * Server: a member has taken a name, another one, or none; the sender name is what it is called, the message what it was
     * called before, which is empty for no name.
     */
    RUSTCHAT_EVENT_PEER_RENAMED = 20,
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
 * A command that runs at a server, as its client sees it. Not memory: a number that the library looks up, so that a command
 * freed already is RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time: one
 * may read while another one writes and a third one waits.
 *
 * What it writes comes while it is read, and nothing comes that nobody has asked for but a window of at most 1 MiB: whoever
 * stops reading stops this command, and no other. Up to 1 MiB of its standard error that nobody reads stops nothing.
 */
typedef struct rustchat_command rustchat_command;

/**
 * A connection to a command server. Not memory: a number that the library looks up, so that a client freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time, and many commands run
 * over it at a time.
 */
typedef struct rustchat_command_client rustchat_command_client;

/**
 * A running server of remote commands. Not memory: a number that the library looks up, so that a server freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 *
 * What a client sends is never given to a shell that it has not asked for, and the name of a command is never searched for.
 * Each command has a session and a group of its own, no signal blocked, no descriptor but three, and nothing of this
 * process's environment. When it ends, or its client goes away, whoever is left of its group is killed. Each command has two
 * records in the log, see rustchat_log_set, with the target "rustchat::audit".
 */
typedef struct rustchat_command_server rustchat_command_server;

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
 * A connection to a file server. Not memory: a number that the library looks up, so that a client freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time; one call at a time goes
 * over the connection, and the others wait for it, as long as their time. Whoever wants several transfers at a time connects
 * several times.
 *
 * Paths at the server are UTF-8 with "/" between names, from its root on; "" is the root. Time that is up ends a call and leaves
 * the connection usable.
 */
typedef struct rustchat_file_client rustchat_file_client;

/**
 * A running server of files. Not memory: a number that the library looks up, so that a server freed already is
 * RUSTCHAT_EHANDLE and not undefined. Every function on it may be called from any thread at any time.
 *
 * A file that is stored appears whole or not at all, when its hash was checked and the disk has it. What came of one that broke
 * off waits in the folder .rustchat of the root, which no client sees, and is gone on with. What was done, and by whom, is in
 * the log, see rustchat_log_set, with the target "rustchat::audit".
 */
typedef struct rustchat_file_server rustchat_file_server;

/**
 * One side of the handshake of one connection. Memory, unlike the handles: one thread at a time may use it, and nobody
 * after rustchat_handshake_free.
 */
typedef struct rustchat_handshake rustchat_handshake;

/**
 * The secrets that servers know, by id: for several keys, and for keys that come and go while a server runs. Not memory: a
 * number that the library looks up, so that a ring freed already is RUSTCHAT_EHANDLE and not undefined. Every function on it
 * may be called from any thread at any time.
 *
 * A server that is given a ring goes on with it when it is freed, and several servers may be given one.
 */
typedef struct rustchat_key_ring rustchat_key_ring;

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
     * How many events were lost (RUSTCHAT_EVENT_OVERFLOW), peers failed (RUSTCHAT_EVENT_PEER_AUTH_FAILED) or entries of the log are
     * missing (RUSTCHAT_EVENT_GAP), else 0.
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
 * A key for rustchat_key_ring_replace. This structure never grows.
 */
typedef struct rustchat_key {
    /**
     * Which key it is, at most 64 bytes of UTF-8; NULL is the key of clients that name none.
     */
    const char *id;
    /**
     * The secret, at least 1 byte. The caller's copy is the caller's to overwrite.
     */
    struct rustchat_bytes secret;
} rustchat_key;

/**
 * A member of a chat, as the server tells a client of it. This structure never grows.
 */
typedef struct rustchat_member {
    /**
     * Its id.
     */
    rustchat_peer_id id;
    /**
     * Its name, UTF-8 with a NUL behind it; empty when it has none.
     */
    const char *name;
    /**
     * Its address as the server sees it, for example "127.0.0.1:51234", with a NUL behind it.
     */
    const char *address;
    /**
     * 0.
     */
    uint64_t reserved;
} rustchat_member;

/**
 * Who is there. Begin with RUSTCHAT_MEMBER_LISTING_INIT, and end it with rustchat_member_listing_clear. It belongs to the program, what
 * it points to to the library until it is cleared.
 */
typedef struct rustchat_member_listing {
    /**
     * sizeof(rustchat_member_listing).
     */
    size_t struct_size;
    /**
     * The members, in the order in which they came; NULL when there are none.
     */
    const struct rustchat_member *members;
    /**
     * How many there are.
     */
    size_t count;
    /**
     * The library's.
     */
    void *memory;
    /**
     * 0.
     */
    uint64_t reserved[3];
} rustchat_member_listing;

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
     * Its name, empty when it has none; ends with NUL.
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
 * held; on_said alone is called beside the others, on a thread of its own. They may call every function, though a wait for the server's own end is RUSTCHAT_EDEADLK. They must not throw
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
     * In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
     */
    struct rustchat_key_ring *keys;
    /**
     * What the program is asked by events that rustchat_server_poll brings, and answers by rustchat_server_answer: a
     * rustchat_asks. Only without callbacks.
     */
    int32_t asks;
    /**
     * Whether lines that begin with a slash are commands, and names are shown (line chat only): 1 they are, -1 they are not;
     * 0 is that they are, but for the profile tutorial.
     */
    int32_t commands;
    /**
     * Told of each message that a member has said to the room, as the room has got it, with a filter, too; NULL if nobody is
     * to be told. It is called on a thread of its own, beside the other callbacks, and nobody waits for it: of messages that it
     * does not take in time the oldest are lost past event_limit, and counted as lost events.
     */
    rustchat_event_callback on_said;
    /**
     * The file in which bans are kept: read at start, written whole by rustchat_server_ban and rustchat_server_unban; several servers
     * may have the same one. NULL: they end with the server.
     */
    const char *ban_file;
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
     * The name to take, 1 to 32 characters of UTF-8; NULL for none. In line chat the server must know commands: one that does
     * not says "/name" and the name to the room.
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
     * 1: come back when the connection breaks or the server stops, and say again, once, what was not acknowledged. What is said
     * then goes by way of a queue, see rustchat_client_send. It is told by RUSTCHAT_EVENT_DISCONNECTED,
     * RUSTCHAT_EVENT_RECONNECTED, RUSTCHAT_EVENT_GAP and RUSTCHAT_EVENT_UNCONFIRMED. 0: the end of the connection is the end.
     */
    int32_t reconnect;
    /**
     * Tries in a row after which the client gives up; 0 is no limit.
     */
    uint32_t reconnect_limit;
    /**
     * The longest wait before the first try, in milliseconds; twice that before the second and so on. Each is a random part
     * of that. 0 is 500.
     */
    int64_t reconnect_first_ms;
    /**
     * The longest wait before any try, in milliseconds; 0 is 30000.
     */
    int64_t reconnect_most_ms;
    /**
     * By how much the longest wait grows from try to try, in percent, at least 100; 0 is 200, which doubles it.
     */
    uint32_t reconnect_factor_percent;
    /**
     * Which part of a wait is random, in percent, at most 100; 0 is 100, -1 is none of it: then clients of one server come back
     * all at once.
     */
    int32_t reconnect_jitter_percent;
    /**
     * 0.
     */
    uint64_t reserved[1];
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
 * Times, counted by magnitude. This structure never grows.
 */
typedef struct rustchat_histogram {
    /**
     * How many took less than 2 to the power of the index microseconds, and not less than half of that; the first has what
     * took less than a microsecond, the last what took longer than all others, four seconds and more.
     */
    uint64_t buckets[24];
    /**
     * All of these times together, in nanoseconds.
     */
    uint64_t nanoseconds;
} rustchat_histogram;

/**
 * How long things have taken since a server's start. Begin with RUSTCHAT_SERVER_TIMES_INIT.
 */
typedef struct rustchat_server_times_data {
    /**
     * sizeof(rustchat_server_times_data).
     */
    size_t struct_size;
    /**
     * Turns of threads for input and output: from waking up to going back to sleep.
     */
    struct rustchat_histogram turns;
    /**
     * Messages of the room, from being read, or said by the program, to being written to members or put into their outboxes: of
     * each turn of a thread that of the first one.
     */
    struct rustchat_histogram latency;
    /**
     * 0.
     */
    uint64_t reserved[8];
} rustchat_server_times_data;

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
     * In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The listener keeps what it is given.
     */
    struct rustchat_key_ring *keys;
    /**
     * 0.
     */
    uint64_t reserved[3];
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
 * A word of a command line: a fixed one, or a place for a value of the client's. Made by RUSTCHAT_COMMAND_LITERAL,
 * RUSTCHAT_COMMAND_INT and their like. This structure never grows.
 */
typedef struct rustchat_command_word {
    /**
     * The word, or the fixed text in front of the value, such as "--lines="; NULL is "".
     */
    const char *text;
    /**
     * What the client gives, a rustchat_command_slot; 0 is nothing.
     */
    int32_t slot;
    /**
     * Not 0: the log shows *** for it.
     */
    int32_t secret;
    /**
     * The smallest integer.
     */
    int64_t min;
    /**
     * The largest one, or the greatest length.
     */
    int64_t max;
    /**
     * The set, UTF-8, spelled as in "a-z0-9_".
     */
    const char *characters;
    /**
     * What may be chosen, UTF-8.
     */
    const char *const *choices;
    /**
     * How many there are.
     */
    size_t choice_count;
    /**
     * 0.
     */
    uint64_t reserved[2];
} rustchat_command_word;

/**
 * A command that clients may run. Begin with RUSTCHAT_COMMAND_TEMPLATE_INIT. Several of them lie one behind the other.
 */
typedef struct rustchat_command_template {
    /**
     * sizeof(rustchat_command_template).
     */
    size_t struct_size;
    /**
     * What clients call it, UTF-8; must not be NULL.
     */
    const char *name;
    /**
     * The absolute path of its program, which is never searched for elsewhere; must not be NULL.
     */
    const char *program;
    /**
     * The words behind the program, in their order.
     */
    const struct rustchat_command_word *words;
    /**
     * How many there are.
     */
    size_t word_count;
    /**
     * What further words of the client's at the end have to be, a place without text in front; NULL is none.
     */
    const struct rustchat_command_word *rest;
    /**
     * How many further words there may be.
     */
    size_t rest_limit;
    /**
     * The absolute path of where it runs; NULL is the server's own place.
     */
    const char *directory;
    /**
     * Ids of keys: only who has proved one of them may run it.
     */
    const char *const *key_ids;
    /**
     * How many there are; 0 is everybody who has proved a key.
     */
    size_t key_id_count;
    /**
     * Not 0: clients may send it no input.
     */
    int32_t without_input;
    /**
     * 0.
     */
    int32_t reserved_input;
    /**
     * 0.
     */
    uint64_t reserved[5];
} rustchat_command_template;

/**
 * A variable of an environment. This structure never grows.
 */
typedef struct rustchat_command_variable {
    /**
     * Its name; must not be NULL.
     */
    const char *name;
    /**
     * Its value; must not be NULL.
     */
    const char *value;
} rustchat_command_variable;

/**
 * What a command server runs, for whom, and how it is to behave. Begin with RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT and set what
 * differs: 0 and NULL are the defaults. All of it is read during rustchat_command_server_start.
 *
 * There is no server without a secret, on this machine neither, and beyond it none without tls unless allow_plaintext says
 * so. Both ends prove the secret in the profile mutual.
 */
typedef struct rustchat_command_server_options {
    /**
     * sizeof(rustchat_command_server_options).
     */
    size_t struct_size;
    /**
     * Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL. Port 0 lets the system choose.
     */
    const char *address;
    /**
     * What clients must prove to hold. Copied, and overwritten when the server ends.
     */
    struct rustchat_bytes secret;
    /**
     * The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
     */
    const char *key_id;
    /**
     * In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
     */
    struct rustchat_key_ring *keys;
    /**
     * Our name in the handshake, at most 64 bytes; NULL is none.
     */
    const char *server_id;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * What clients may run, and nothing beside it.
     */
    const struct rustchat_command_template *commands;
    /**
     * How many commands there are.
     */
    size_t command_count;
    /**
     * The absolute path of a shell such as "/bin/sh", which runs any program text for clients that ask for it: they can then
     * do all that this user can. NULL is none.
     */
    const char *shell;
    /**
     * What commands find in their environment besides PATH: nothing of this process's own.
     */
    const struct rustchat_command_variable *variables;
    /**
     * How many variables there are.
     */
    size_t variable_count;
    /**
     * Names of variables that clients may set, to whatever they like. Not one that has programs load or run something.
     */
    const char *const *settable;
    /**
     * How many there are.
     */
    size_t settable_count;
    /**
     * A folder of the unified cgroup hierarchy that belongs to this user: each command gets a cgroup in it, so that no process
     * escapes its end. NULL is none.
     */
    const char *cgroup;
    /**
     * The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
     * Unix socket.
     */
    const char *group;
    /**
     * Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
     * this user alone, or 0660 with a group. Only with the path of a Unix socket.
     */
    uint32_t mode;
    /**
     * What becomes of processes of a command that outlive it, a rustchat_survivors; 0 is that they are killed.
     */
    int32_t survivors;
    /**
     * Not 0: beyond this machine, speak without TLS all the same.
     */
    int32_t allow_plaintext;
    /**
     * Not 0 is RUSTCHAT_EINVAL: nobody gets in without a secret.
     */
    int32_t allow_anonymous;
    /**
     * Commands of one client at a time, at most 65535; more are refused. 0 is 256.
     */
    uint32_t command_limit;
    /**
     * Commands of all clients at a time; more are refused. 0 is 1024.
     */
    uint32_t total_limit;
    /**
     * Connections that the system keeps until they are accepted; 0 is 4096.
     */
    uint32_t backlog;
    /**
     * Handshakes under way at a time; past it newcomers wait, and who keeps the server waiting for longest fails. 0 is 128.
     */
    uint32_t handshake_limit;
    /**
     * Threads for input and output, at most 1024; 0 is one for each core.
     */
    uint32_t workers;
    /**
     * Clients at a time; 0 is 10240.
     */
    uint32_t member_limit;
    /**
     * Clients for one IP address; 0 is 256 with clients on this machine exempt, UINT32_MAX is no limit.
     */
    uint32_t members_per_ip;
    /**
     * 0.
     */
    uint32_t reserved_limit;
    /**
     * Bytes that a command may write to both outputs together; then it is ended. 0 is as many as it likes.
     */
    size_t output_limit;
    /**
     * Bytes that may wait for a client that does not read, at least 262144; 0 is 1048576.
     */
    size_t outbox_limit;
    /**
     * How long a command may run that asks for no other time, in milliseconds; 0 is 3600000, -1 for ever.
     */
    int64_t command_timeout_ms;
    /**
     * The longest time that may be asked for, in milliseconds; a command that asks for more is refused. 0 is 86400000, -1 any.
     */
    int64_t longest_timeout_ms;
    /**
     * How long a command has that was asked to end before it is killed, in milliseconds; 0 is 2000, -1 is killed at once.
     */
    int64_t kill_grace_ms;
    /**
     * For a whole handshake, in milliseconds; 0 is 5000.
     */
    int64_t handshake_timeout_ms;
    /**
     * For a write to a client without any progress, in milliseconds; 0 is 10000.
     */
    int64_t write_timeout_ms;
    /**
     * Time without a message after which a client is disconnected, in milliseconds; 0 and -1 are never.
     */
    int64_t idle_timeout_ms;
    /**
     * Silence before a ping, in milliseconds; 0 is 25000, -1 never pings.
     */
    int64_t ping_interval_ms;
    /**
     * For the answer to a ping, in milliseconds; 0 is 10000.
     */
    int64_t ping_timeout_ms;
    /**
     * Microseconds that a worker may wait awake in a brisk dialogue, which saves its wake-ups; 0 is 100, more than 10000 counts
     * as that, -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * 0.
     */
    uint64_t reserved[6];
} rustchat_command_server_options;

/**
 * Numbers of a command server since its start. Begin with RUSTCHAT_COMMAND_SERVER_STATS_INIT.
 */
typedef struct rustchat_command_server_stats_data {
    /**
     * sizeof(rustchat_command_server_stats_data).
     */
    size_t struct_size;
    /**
     * Commands that run, or are being started.
     */
    uint64_t running;
    /**
     * Commands that were started.
     */
    uint64_t started;
    /**
     * Commands that were refused.
     */
    uint64_t refused;
    /**
     * Connections that were accepted.
     */
    uint64_t connections;
    /**
     * Connections for which there was no place.
     */
    uint64_t connections_refused;
    /**
     * Handshakes that have failed.
     */
    uint64_t authentication_failed;
    /**
     * Bytes received, headers included.
     */
    uint64_t bytes_in;
    /**
     * Bytes sent, headers included.
     */
    uint64_t bytes_out;
    /**
     * 0.
     */
    uint64_t reserved[7];
} rustchat_command_server_stats_data;

/**
 * How a command has ended. Begin with RUSTCHAT_COMMAND_EXIT_INIT.
 */
typedef struct rustchat_command_exit {
    /**
     * sizeof(rustchat_command_exit).
     */
    size_t struct_size;
    /**
     * Why it is over, a rustchat_exit_kind; 0 while nobody knows.
     */
    int32_t kind;
    /**
     * 1: it has ended by itself with code 0, which alone is success.
     */
    int32_t success;
    /**
     * The code that its leader has ended with by itself; -1 if a signal has ended it, or nobody knows.
     */
    int32_t code;
    /**
     * The signal that has ended its leader, 0 if none has. The numbers are those of Linux.
     */
    int32_t signal;
    /**
     * 1: its leader has left a memory image.
     */
    int32_t core_dumped;
    /**
     * 1: others of its group were still there when its leader and its outputs had ended, and were killed.
     */
    int32_t survivors_killed;
    /**
     * All that came of its standard output, in bytes.
     */
    uint64_t out_bytes;
    /**
     * The same for its standard error.
     */
    uint64_t err_bytes;
    /**
     * From its start to the end of its leader, in microseconds.
     */
    uint64_t wall_us;
    /**
     * What its leader, and the children that it has waited for, have used of the processor, in microseconds.
     */
    uint64_t user_us;
    /**
     * The same for the system's work in their name.
     */
    uint64_t system_us;
    /**
     * The most memory that one of them has had, in KiB; at least what the server had when it started the command.
     */
    uint64_t max_rss_kib;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_command_exit;

/**
 * What became of a command: how it has ended, if anybody knows, and what it has written until then. Begin with
 * RUSTCHAT_COMMAND_RESULT_INIT, and end it with rustchat_command_result_clear. It belongs to the program, the bytes in it to
 * the library until it is cleared.
 */
typedef struct rustchat_command_result {
    /**
     * sizeof(rustchat_command_result).
     */
    size_t struct_size;
    /**
     * All of its standard output.
     */
    struct rustchat_bytes out;
    /**
     * All of its standard error.
     */
    struct rustchat_bytes err;
    /**
     * How it has ended; its kind is 0 when nobody knows: it was not run, or not over when the connection was lost or the time
     * was up.
     */
    struct rustchat_command_exit exit;
    /**
     * The library's.
     */
    void *memory;
    /**
     * 0.
     */
    uint64_t reserved[2];
} rustchat_command_result;

/**
 * How to connect to a command server. Begin with RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT and set what differs: 0 and NULL are the
 * defaults. All of it is read during rustchat_command_client_connect.
 */
typedef struct rustchat_command_client_options {
    /**
     * sizeof(rustchat_command_client_options).
     */
    size_t struct_size;
    /**
     * Where the server is: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL.
     */
    const char *address;
    /**
     * What to prove to hold; must not be empty. Copied, and overwritten after the handshake.
     */
    struct rustchat_bytes secret;
    /**
     * Which key of the server's it is, at most 64 bytes; NULL when the server's key has no id.
     */
    const char *key_id;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * Not 0: beyond this machine, speak without TLS all the same. Else that is RUSTCHAT_EINVAL.
     */
    int32_t allow_plaintext;
    /**
     * 0.
     */
    int32_t reserved_plaintext;
    /**
     * For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000.
     */
    int64_t timeout_ms;
    /**
     * How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds.
     * 0 is 100, more than 10000 counts as that; -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * How long the server may be silent before it is sent a ping, in milliseconds; 0 is 25000, -1 never pings.
     */
    int64_t ping_interval_ms;
    /**
     * For the answer to a ping, in milliseconds, then the connection is lost; 0 is 10000.
     */
    int64_t ping_timeout_ms;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_command_client_options;

/**
 * How a command is to be run. Begin with RUSTCHAT_COMMAND_OPTIONS_INIT and set what differs: 0 and NULL are the defaults, and
 * NULL in the place of the whole is all of them. Read during the call.
 */
typedef struct rustchat_command_options {
    /**
     * sizeof(rustchat_command_options).
     */
    size_t struct_size;
    /**
     * What it reads. rustchat_command_run ends its input behind that, and without any data its input is empty;
     * rustchat_command_start leaves it open for rustchat_command_write.
     */
    struct rustchat_bytes input;
    /**
     * Variables, if the server lets them be set; at most 255.
     */
    const struct rustchat_command_variable *environment;
    /**
     * How many variables there are.
     */
    size_t environment_count;
    /**
     * How long it may run, in milliseconds: then the server ends it, whatever becomes of this client. 0 is as long as the
     * server gives.
     */
    int64_t time_limit_ms;
    /**
     * Bytes that it may write to both outputs together: then the server ends it. 0 is as many as the server allows.
     */
    uint64_t output_limit;
    /**
     * Not 0: argv[0] is a program text for the server's shell, if it has one, and what follows is $1 and so on there.
     */
    int32_t shell;
    /**
     * Not 0: its standard error goes where its standard output goes, in the order in which it is written.
     */
    int32_t merge_stderr;
    /**
     * Not 0: rustchat_command_run gives RUSTCHAT_ECOMMAND unless it ends by itself with code 0.
     */
    int32_t check;
    /**
     * Not 0: its input is written while it runs, with rustchat_command_write.
     */
    int32_t with_stdin;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_command_options;

/**
 * What a file server has, for whom, and how it is to behave. Begin with RUSTCHAT_FILE_SERVER_OPTIONS_INIT and set what differs:
 * 0 and NULL are the defaults. All of it is read during rustchat_file_server_start.
 *
 * There is no server without a secret, on this machine neither, and beyond it none without tls unless allow_plaintext says
 * so. Both ends prove the secret in the profile mutual. One for the tutorials' client is another matter, see tutorial.
 */
typedef struct rustchat_file_server_options {
    /**
     * sizeof(rustchat_file_server_options).
     */
    size_t struct_size;
    /**
     * Where to listen: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL. Port 0 lets the system choose.
     */
    const char *address;
    /**
     * The folder that clients see, and nothing beside it, UTF-8; must not be NULL. It has to be there, and to be no link.
     */
    const char *root;
    /**
     * What clients must prove to hold. Copied, and overwritten when the server ends.
     */
    struct rustchat_bytes secret;
    /**
     * The id of the secret for clients that name one, at most 64 bytes; NULL for clients that do not.
     */
    const char *key_id;
    /**
     * In the place of secret and key_id: a ring, of whose keys each will do; NULL for none. The server keeps what it is given.
     */
    struct rustchat_key_ring *keys;
    /**
     * Our name in the handshake, at most 64 bytes; NULL is none.
     */
    const char *server_id;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * The group of a Unix socket's file, a name or a number in digits; NULL is as the system has it. Only with the path of a
     * Unix socket.
     */
    const char *group;
    /**
     * Who may connect to a Unix socket: the permissions of its file, such as 0660, whatever the process's mask. 0 is 0600,
     * this user alone, or 0660 with a group. Only with the path of a Unix socket.
     */
    uint32_t mode;
    /**
     * How clients prove the secret, a rustchat_profile; 0 is mutual. Another one only with tutorial.
     */
    int32_t profile;
    /**
     * Not 0: the upload client of the socket tutorials is served instead, which replaces files in a folder called like its user.
     * It proves the secret in the profile tutorial; or nothing, with allow_anonymous.
     */
    int32_t tutorial;
    /**
     * What becomes of symbolic links, a rustchat_follow; 0 is that none is followed.
     */
    int32_t follow;
    /**
     * Not 0: beyond this machine, speak without TLS all the same.
     */
    int32_t allow_plaintext;
    /**
     * Not 0: with tutorial, without a secret, clients may be anybody. Otherwise RUSTCHAT_EINVAL: nobody gets in without one.
     */
    int32_t allow_anonymous;
    /**
     * Not 0: nothing is written; clients may list and fetch.
     */
    int32_t read_only;
    /**
     * Not 0: each key sees a folder of its own, which is called like the key and made when it first comes.
     */
    int32_t folder_per_key;
    /**
     * -1: a file that was stored may be gone after a power cut; with 0 the client is told that it is stored when the disk has
     * it.
     */
    int32_t durable;
    /**
     * Transfers of all clients at a time; more are refused. 0 is 64.
     */
    uint32_t transfer_limit;
    /**
     * Transfers of one client at a time; more are refused. 0 is 4.
     */
    uint32_t client_transfer_limit;
    /**
     * Connections that the system keeps until they are accepted; 0 is 4096.
     */
    uint32_t backlog;
    /**
     * Handshakes under way at a time; past it newcomers wait, and who keeps the server waiting for longest fails. 0 is 128.
     */
    uint32_t handshake_limit;
    /**
     * Threads for input and output, at most 1024; 0 is one for each core.
     */
    uint32_t workers;
    /**
     * Clients at a time; 0 is 10240.
     */
    uint32_t member_limit;
    /**
     * Clients for one IP address; 0 is 256 with clients on this machine exempt, UINT32_MAX is no limit.
     */
    uint32_t members_per_ip;
    /**
     * Bytes of a file; a larger one is refused before any of it comes. 0 is as many as the disk has.
     */
    size_t file_limit;
    /**
     * Bytes of all files in the root, with folder_per_key in that of each key, and of parts of files. 0 is as many as the disk
     * has.
     */
    size_t quota;
    /**
     * Bytes of the disk that are left free; 0 is 67108864.
     */
    size_t disk_reserve;
    /**
     * Bytes that may wait for a client that does not read; 0 is 1048576. What transfers need is added.
     */
    size_t outbox_limit;
    /**
     * How long the part of a file is kept that did not come whole, in milliseconds; 0 is 86400000, -1 until the next start.
     */
    int64_t keep_partial_ms;
    /**
     * How long a client may keep a transfer waiting before it is disconnected, in milliseconds; 0 is 30000.
     */
    int64_t stall_timeout_ms;
    /**
     * For a whole handshake, in milliseconds; 0 is 5000.
     */
    int64_t handshake_timeout_ms;
    /**
     * For a write to a client without any progress, in milliseconds; 0 is 10000.
     */
    int64_t write_timeout_ms;
    /**
     * Time without a message after which a client is disconnected, in milliseconds; 0 and -1 are never.
     */
    int64_t idle_timeout_ms;
    /**
     * Microseconds that a worker may wait awake in a brisk dialogue, which saves its wake-ups; 0 is 100, more than 10000 counts
     * as that, -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * 0.
     */
    uint64_t reserved[6];
} rustchat_file_server_options;

/**
 * Numbers of a file server since its start. Begin with RUSTCHAT_FILE_SERVER_STATS_INIT.
 */
typedef struct rustchat_file_server_stats_data {
    /**
     * sizeof(rustchat_file_server_stats_data).
     */
    size_t struct_size;
    /**
     * Transfers that are under way.
     */
    uint64_t transfers;
    /**
     * Files that were stored whole.
     */
    uint64_t stored;
    /**
     * Files that were fetched whole.
     */
    uint64_t fetched;
    /**
     * Requests that were refused.
     */
    uint64_t refused;
    /**
     * Bytes of files that came.
     */
    uint64_t stored_bytes;
    /**
     * Bytes of files that went.
     */
    uint64_t fetched_bytes;
    /**
     * Connections that were accepted.
     */
    uint64_t connections;
    /**
     * Connections for which there was no place.
     */
    uint64_t connections_refused;
    /**
     * Handshakes that have failed.
     */
    uint64_t authentication_failed;
    /**
     * Bytes received, headers included.
     */
    uint64_t bytes_in;
    /**
     * Bytes sent, headers included.
     */
    uint64_t bytes_out;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_file_server_stats_data;

/**
 * What is known of a file or a folder at a server without reading it. This structure never grows.
 */
typedef struct rustchat_file_entry {
    /**
     * Its name, with a NUL behind it, in a listing; NULL elsewhere. It is bytes as the server's system has them, and need not be
     * UTF-8: a name that is not, or that could lead elsewhere, is told of, and cannot be asked for.
     */
    const char *name;
    /**
     * What it is, a rustchat_file_kind.
     */
    int32_t kind;
    /**
     * Its permissions, the lowest nine bits.
     */
    uint32_t mode;
    /**
     * Its length in bytes.
     */
    uint64_t size;
    /**
     * When it was last written: whole seconds since 1970, rounded down, which may be before.
     */
    int64_t modified_s;
    /**
     * The rest of that, in nanoseconds.
     */
    uint32_t modified_ns;
    /**
     * 0.
     */
    uint32_t reserved_ns;
    /**
     * Changes whenever the file does, and means nothing but that.
     */
    uint64_t version;
    /**
     * 0.
     */
    uint64_t reserved[2];
} rustchat_file_entry;

/**
 * What is in a folder at a server. Begin with RUSTCHAT_FILE_LISTING_INIT, and end it with rustchat_file_listing_clear. It
 * belongs to the program, what it points to to the library until it is cleared.
 */
typedef struct rustchat_file_listing {
    /**
     * sizeof(rustchat_file_listing).
     */
    size_t struct_size;
    /**
     * The entries, in no order; NULL when there are none.
     */
    const struct rustchat_file_entry *entries;
    /**
     * How many there are.
     */
    size_t count;
    /**
     * The library's.
     */
    void *memory;
    /**
     * 0.
     */
    uint64_t reserved[3];
} rustchat_file_listing;

/**
 * How to connect to a file server. Begin with RUSTCHAT_FILE_CLIENT_OPTIONS_INIT and set what differs: 0 and NULL are the
 * defaults. All of it is read during rustchat_file_client_connect.
 */
typedef struct rustchat_file_client_options {
    /**
     * sizeof(rustchat_file_client_options).
     */
    size_t struct_size;
    /**
     * Where the server is: "host:port", "[ipv6]:port" or the path of a Unix socket (has a "/", or ends in ".sock"),
     * UTF-8; must not be NULL.
     */
    const char *address;
    /**
     * What to prove to hold; must not be empty. Copied, and overwritten after the handshake.
     */
    struct rustchat_bytes secret;
    /**
     * Which key of the server's it is, at most 64 bytes; NULL when the server's key has no id.
     */
    const char *key_id;
    /**
     * TLS, and by what the other end is trusted; NULL is plain: whoever is on the way can read and change what is sent.
     */
    const struct rustchat_tls_options *tls;
    /**
     * Not 0: beyond this machine, speak without TLS all the same. Else that is RUSTCHAT_EINVAL.
     */
    int32_t allow_plaintext;
    /**
     * 0.
     */
    int32_t reserved_plaintext;
    /**
     * For looking up, connecting and shaking hands together, in milliseconds; 0 is 10000.
     */
    int64_t timeout_ms;
    /**
     * How long a receiver may wait awake, yielding its core, while the last waits were shorter than this, in microseconds.
     * 0 is 100, more than 10000 counts as that; -1 always sleeps.
     */
    int64_t polling_us;
    /**
     * How long the server may be silent, while something is waited for, before it is sent a ping, in milliseconds; 0 is 10000, -1
     * never pings.
     */
    int64_t ping_interval_ms;
    /**
     * For the answer to a ping, in milliseconds, then the connection is lost; 0 is 20000.
     */
    int64_t ping_timeout_ms;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_file_client_options;

/**
 * How far a transfer of one file has come. Lent; a later version may have more at its end.
 */
typedef struct rustchat_file_progress {
    /**
     * Bytes that are right at the other end, or here.
     */
    uint64_t done;
    /**
     * Bytes of the file.
     */
    uint64_t total;
    /**
     * Bytes that had been there before.
     */
    uint64_t resumed;
} rustchat_file_progress;

/**
 * Told how far a transfer has come, at most ten times a second and at the end of each file; any number but 0 ends it with
 * RUSTCHAT_EINTR, and the part that has come stays, though at the end it ends nothing. Called on the thread that makes the call.
 * A call on the same client in it is RUSTCHAT_EDEADLK, but closing and freeing that; must not throw or longjmp.
 */
typedef int32_t (*rustchat_progress_callback)(void *userdata, const struct rustchat_file_progress *progress);

/**
 * How a file, or a folder, is to be moved. Begin with RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT and set what differs: 0 and NULL are
 * the defaults, and NULL in the place of the whole is all of them.
 *
 * A file is gone on with where an earlier attempt broke off: what is there is compared block by block, at both ends, and no
 * byte is believed for being there. It is checked as a whole in the end, unless without_hashes says otherwise.
 */
typedef struct rustchat_file_transfer_options {
    /**
     * sizeof(rustchat_file_transfer_options).
     */
    size_t struct_size;
    /**
     * Not 0: replace the file of that name. Else that is refused with RUSTCHAT_FILE_REFUSED_EXISTS.
     */
    int32_t overwrite;
    /**
     * Not 0: make the folders on the way at the server. Of no meaning when fetching.
     */
    int32_t parents;
    /**
     * Not 0: begin anew, whatever an earlier attempt has left.
     */
    int32_t from_the_beginning;
    /**
     * Not 0: do not wait until this machine's disk has what was fetched: after a power cut it may be gone, or empty. Of no
     * meaning when storing.
     */
    int32_t without_sync;
    /**
     * Not 0: move it as it is, without hashes, where the server can: the connection's own checks have to be enough, and only its
     * length is looked at in the end.
     */
    int32_t without_hashes;
    /**
     * 0.
     */
    int32_t reserved_flags;
    /**
     * Given to on_progress as it is.
     */
    void *userdata;
    /**
     * Told of the progress; may be NULL.
     */
    rustchat_progress_callback on_progress;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_file_transfer_options;

/**
 * A file that was stored, or fetched. Begin with RUSTCHAT_FILE_TRANSFERRED_INIT.
 */
typedef struct rustchat_file_transferred {
    /**
     * sizeof(rustchat_file_transferred).
     */
    size_t struct_size;
    /**
     * Its length in bytes.
     */
    uint64_t size;
    /**
     * Bytes that were there before, and did not have to be moved.
     */
    uint64_t resumed;
    /**
     * Its BLAKE3 hash, as b3sum shows it.
     */
    uint8_t hash[32];
    /**
     * What it is at the server, without a name.
     */
    struct rustchat_file_entry entry;
    /**
     * 0.
     */
    uint64_t reserved[4];
} rustchat_file_transferred;

/**
 * A folder that was stored, or fetched. Begin with RUSTCHAT_FILE_TREE_INIT, and end it with rustchat_file_tree_clear. It
 * belongs to the program, what it points to to the library until it is cleared.
 */
typedef struct rustchat_file_tree {
    /**
     * sizeof(rustchat_file_tree).
     */
    size_t struct_size;
    /**
     * Files.
     */
    uint64_t files;
    /**
     * Their bytes.
     */
    uint64_t bytes;
    /**
     * The paths of links, pipes and what else is no file and no folder: they were left out. NULL when there are none.
     */
    const char *const *skipped;
    /**
     * How many there are.
     */
    size_t skipped_count;
    /**
     * The library's.
     */
    void *memory;
    /**
     * 0.
     */
    uint64_t reserved[2];
} rustchat_file_tree;

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
 * The rule by which a server has refused what the last call on the calling thread asked for.
 *
 * It belongs to the record of rustchat_last_error, and is cleared and set with it.
 *
 * @return a rustchat_command_refusal after a call about commands, a rustchat_file_refusal after one about files; 0 when the call did not fail, or not by a rule that is known
 *   here.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
int32_t rustchat_last_refusal(void);

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
 * The name of who said it.
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
 * As what a client received a message, for who has it of rustchat_client_recv: RUSTCHAT_EVENT_MESSAGE, RUSTCHAT_EVENT_DIRECT, or
 * RUSTCHAT_EVENT_GAP for the place where messages are missing (option reconnect).
 *
 * @param message a live message; may be NULL.
 * @return a rustchat_event_kind; 0 for what no client received, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
int32_t rustchat_message_kind(const struct rustchat_message *message);

/**
 * Whether a member had said it before, to a server that told it nothing: whoever was there may have it already.
 *
 * @param message a live message; may be NULL.
 * @return 1 if it had; 0 if not, for what no client received, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API int32_t rustchat_message_again(const struct rustchat_message *message);

/**
 * Whether something is for one member alone: what a client has as RUSTCHAT_EVENT_DIRECT, what is asked about by
 * RUSTCHAT_EVENT_ASK_MESSAGE or a filter and has a recipient, and what a client is told of its own private words. It is not to be
 * repeated to the room.
 *
 * @param message a live message; may be NULL.
 * @return 1 if it is; 0 if not, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
int32_t rustchat_message_private(const struct rustchat_message *message);

/**
 * To a server's program: the one member that a message is for, of which a filter or RUSTCHAT_EVENT_ASK_MESSAGE asks.
 *
 * @param message a live message; may be NULL.
 * @return the member's id; 0 when it is for the room, to a client, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_peer_id rustchat_message_recipient(const struct rustchat_message *message);

/**
 * The name of the one member that a message is for: to a server's program as rustchat_message_recipient, to a client of what
 * it has said itself, in RUSTCHAT_EVENT_UNCONFIRMED and, with the option reconnect, RUSTCHAT_EVENT_REFUSED.
 *
 * @param message a live message; may be NULL.
 * @return UTF-8 that belongs to the message and lives as long, without a NUL; empty when it is for the room, where it has no
 *   name, and when it is no message.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
struct rustchat_bytes rustchat_message_recipient_name(const struct rustchat_message *message);

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
 * Makes a ring without keys, which lets nobody in.
 *
 * @param out receives the ring, which the caller ends with rustchat_key_ring_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_ENOMEM.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API RUSTCHAT_NODISCARD rustchat_status rustchat_key_ring_new(struct rustchat_key_ring **out);

/**
 * Adds a key, in the place of an older one with the same id, which is thereby revoked unless it has the same secret: see
 * rustchat_key_ring_remove. It counts for every handshake that is not proven yet.
 *
 * @param ring the ring.
 * @param key_id which key it is, at most 64 bytes of UTF-8; NULL is the key of clients that name none.
 * @param secret the secret; copied, and overwritten when the last that has it ends.
 * @param len its length in bytes, at least 1.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when secret is NULL or empty, or key_id is too long or holds control characters;
 *   RUSTCHAT_EUTF8 for key_id; RUSTCHAT_EMSGSIZE; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_key_ring_add(struct rustchat_key_ring *ring,
                                      const char *key_id,
                                      const void *secret,
                                      size_t len);

/**
 * Revokes a key: nobody proves it any more, and whoever has is disconnected within a moment by servers of chats, commands and
 * files; its RUSTCHAT_EVENT_PEER_LEFT has the status RUSTCHAT_EAUTH. Connections of a listener belong to the program, and go on.
 *
 * @param ring the ring.
 * @param key_id which key it is; NULL is the key of clients that name none.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when there is no such key; RUSTCHAT_EUTF8; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_key_ring_remove(struct rustchat_key_ring *ring,
                                         const char *key_id);

/**
 * Has a ring hold these keys and no others, in one step: for a list of keys that was read anew. Keys that it holds already, with the
 * same secret, stay what they are, and whoever has proved one notices nothing; the others are revoked, see
 * rustchat_key_ring_remove.
 *
 * @param ring the ring.
 * @param keys the keys; copied. NULL when count is 0, which leaves a ring that lets nobody in.
 * @param count how many.
 * @param revoked receives how many keys were revoked: they are gone, or have another secret; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when keys is NULL and count is not 0, for a secret that is empty, or an id that is too long,
 *   holds control characters or comes twice; RUSTCHAT_EUTF8 for an id; RUSTCHAT_EMSGSIZE for a secret or a count that is absurd; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK. On failure the ring is as it was.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_key_ring_replace(struct rustchat_key_ring *ring,
                                          const struct rustchat_key *keys,
                                          size_t count,
                                          size_t *revoked);

/**
 * The ids of a ring's keys, sorted, each with a NUL behind it. No secret ever comes out.
 *
 * @param ring the ring.
 * @param buf receives the ids; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the bytes of all ids and their NULs, whether or not they fit; must not be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is less than len; RUSTCHAT_EINVAL when len is NULL, or buf is and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_key_ring_ids(struct rustchat_key_ring *ring,
                                      char *buf,
                                      size_t cap,
                                      size_t *len);

/**
 * Releases a ring. Servers that were given it keep its keys as they are.
 *
 * @param ring the ring, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_key_ring_free(struct rustchat_key_ring *ring);

/**
 * Releases what a listing holds, and makes it as it was in the beginning. May be repeated.
 *
 * @param listing a listing that was begun with RUSTCHAT_MEMBER_LISTING_INIT; NULL is ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_member_listing_clear(struct rustchat_member_listing *listing);

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
 * Starts a chat server like rustchat_server_start, at a socket that somebody else has bound and listens with: what systemd hands
 * over to whom it starts, a process that a new one takes the place of, or a test.
 *
 * The server has a descriptor of its own, and the caller's stays the caller's: whoever has one goes on listening when the server
 * ends, so that nobody who connects meanwhile is turned away. The socket is non-blocking from here on, for all who have it. The
 * file of a Unix socket is not removed.
 *
 * @param fd the descriptor of a stream socket that listens.
 * @param options as for rustchat_server_start; address is checked, but not listened on, and backlog, mode and group are not used.
 * @param out receives the server, which the caller ends with rustchat_server_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is a descriptor of anything else, and otherwise as for rustchat_server_start, by the
 *   address that fd is bound to; RUSTCHAT_EIO when fd is closed, and as there; RUSTCHAT_ENOTSUP; RUSTCHAT_EADDRINVAL;
 *   RUSTCHAT_EUTF8; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOMEM.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_server_start_at(int fd,
                                         const struct rustchat_server_options *options,
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
 * Whether a server gets on: each of its threads for input and output is woken, and has to come to the end of what it does.
 *
 * @param server the server.
 * @param timeout_ms milliseconds to wait for them; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT when one hangs, which the message of the error names; RUSTCHAT_EPANIC when an internal error has
 *   ended the server; RUSTCHAT_ECLOSED when it was closed; RUSTCHAT_EDEADLK in a callback of this server; RUSTCHAT_EINVAL when
 *   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_probe(struct rustchat_server *server,
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
 * A descriptor that is readable while it is worth to say again what gave RUSTCHAT_EOVERFLOW: for programs that must not wait in
 * rustchat_server_broadcast and rustchat_server_send, and have the option send_timeout_ms at -1.
 *
 * What is tried may find no room again; the descriptor then is readable no more until something has changed.
 *
 * @param server the server.
 * @param fd receives the descriptor, -1 on failure. It belongs to the server: wait for it, do nothing else with it, and
 *   not after rustchat_server_free.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when fd is NULL; RUSTCHAT_EIO when no descriptor is left; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_speech_fd(struct rustchat_server *server,
                                          int *fd);

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
 * Attaches data of the program's to a member, in the place of what it has.
 *
 * It goes with the member. on_drop is called exactly once with it, and nobody uses it after that:
 *
 * - when the member has left and the program has heard of it: with callbacks after on_event has returned from its
 *   RUSTCHAT_EVENT_PEER_LEFT (or would have been called), on the same thread; otherwise in the call that clears that event, or that
 *   releases the last reference to its message;
 * - or when other data, or NULL, takes its place, in that call;
 * - or when the server has ended and nobody has heard of the member's leave: before the server's own on_drop, on the same thread.
 *   A program that does not poll for the events it has asked for has it then, or when very many have been attached.
 *
 * No lock of the library's is held there, and every function may be called; it must not throw or longjmp. The library never
 * looks at the data. Whether threads that use it at the same time may do so is the program's to see to: one that has got
 * it by rustchat_server_peer_data while another hears of the leave has it for no longer than that other one keeps the event.
 *
 * @param server the server.
 * @param peer the member; in authorize it is none yet.
 * @param data the data; NULL takes away what there is.
 * @param on_drop called when data is not used any more; may be NULL, and is not called for NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when the member is gone; RUSTCHAT_ESTATE when the option events asks for none;
 *   RUSTCHAT_ECLOSED when the server has stopped; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK. On failure on_drop is not called, and data stays
 *   the caller's.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_set_peer_data(struct rustchat_server *server,
                                              rustchat_peer_id peer,
                                              void *data,
                                              rustchat_drop_callback on_drop);

/**
 * The data that the program has attached to a member by rustchat_server_set_peer_data.
 *
 * @param server the server.
 * @param peer the member; also one that has left, as long as its RUSTCHAT_EVENT_PEER_LEFT is in the program's hands.
 * @param out receives the data; NULL when there is none, and on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when the member is gone; RUSTCHAT_ESTATE when the option events asks for none;
 *   RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_peer_data(struct rustchat_server *server,
                                          rustchat_peer_id peer,
                                          void **out);

/**
 * Keeps somebody out from now on, in the place of an earlier ban of the same subject, and disconnects the members that it is
 * about: their RUSTCHAT_EVENT_PEER_LEFT has the status RUSTCHAT_EREFUSED.
 *
 * An address or net is turned away at the door (where there is a handshake a few of them, two a second, may prove themselves first, and
 * are told why); a key when it is proved, a name when somebody takes it or one that looks like it. The option ban_file keeps bans
 * beyond the server's end.
 *
 * @param server the server.
 * @param kind a rustchat_ban_kind.
 * @param subject the address such as "192.0.2.7", the net such as "192.0.2.0/24", the id of the key or the name; UTF-8.
 * @param reason what who is kept out is told; UTF-8, NULL for none.
 * @param duration_ms how long the ban lasts, in milliseconds; -1 is not limited, at least 1 otherwise.
 * @param out receives how many members are disconnected; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when kind is unknown, subject is NULL or no such thing, duration_ms is 0 or below -1, or the
 *   file has a line that is no ban; RUSTCHAT_EUTF8 for subject, and for a reason with control characters; RUSTCHAT_EIO and other
 *   errors of the system when the file cannot be written, or is wrong: the ban is in force all the same; RUSTCHAT_EMSGSIZE;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for the disk, with the option ban_file.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_ban(struct rustchat_server *server,
                                    int32_t kind,
                                    const char *subject,
                                    const char *reason,
                                    int64_t duration_ms,
                                    uint64_t *out);

/**
 * Lifts a ban. That of a net is not lifted for one of its addresses.
 *
 * @param server the server.
 * @param kind a rustchat_ban_kind.
 * @param subject whom the ban is about, as rustchat_server_ban has it.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when there is no such ban, kind is unknown, subject is NULL or no such thing, or the file has
 *   a line that is no ban; RUSTCHAT_EUTF8 for subject; RUSTCHAT_EIO and other errors of the system when the file cannot be written, or
 *   is wrong: the ban is lifted all the same; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for the disk, with the option ban_file.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_unban(struct rustchat_server *server,
                                      int32_t kind,
                                      const char *subject);

/**
 * The bans in force, as the file of the option ban_file has them: a JSON object a line.
 *
 * @param server the server.
 * @param buf receives the lines and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not 0;
 *   RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_bans(struct rustchat_server *server,
                                     char *buf,
                                     size_t cap,
                                     size_t *len);

/**
 * Reads the file of the option ban_file again, which somebody may have changed, and disconnects the members that it is about. Without
 * that option it does nothing.
 *
 * @param server the server.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when the file has a line that is no ban, RUSTCHAT_EIO and other errors of the system when it cannot
 *   be read: then all bans are as they were; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for the disk.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_reload_bans(struct rustchat_server *server);

/**
 * The name of a member.
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
 * Gives a member a name, which follows the rules of those that members choose, or takes it away. The member is told, and in line
 * chat the others are, too, unless commands is -1: then names are not shown.
 *
 * @param server the server.
 * @param peer the member.
 * @param name the name, UTF-8; NULL takes it away.
 * @return RUSTCHAT_OK; RUSTCHAT_EUTF8 for what may not be a name; RUSTCHAT_EINVAL when somebody else has it, or one that looks like
 *   it; RUSTCHAT_ENOPEER when the member is gone or sent away; RUSTCHAT_ESTATE when it has had very many names; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_rename(struct rustchat_server *server,
                                       rustchat_peer_id peer,
                                       const char *name);

/**
 * The member of a name, or of one that differs from it only in case, width or composition; the one that has proved to hold a key,
 * of several the one that connected first; or the one of which both is true.
 *
 * @param server the server.
 * @param name the name, UTF-8; NULL for any.
 * @param key_id the id of the key, UTF-8; NULL for any.
 * @param out receives the member's id; 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ENOPEER when nobody who is there is that; RUSTCHAT_EINVAL when out is NULL, or both others are;
 *   RUSTCHAT_EUTF8; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_find(struct rustchat_server *server,
                                     const char *name,
                                     const char *key_id,
                                     rustchat_peer_id *out);

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
 * In line chat the word quit alone leaves. Of a client that comes back (option reconnect) it returns when the text stands in the
 * queue, whether or not the server can be reached, and waits where 256 messages or 1 MiB were not acknowledged: then
 * RUSTCHAT_ETIMEDOUT, and in a callback RUSTCHAT_EOVERFLOW at once, is told of a text that goes nowhere.
 *
 * @param client the client.
 * @param data the text, UTF-8; may be NULL when len is 0.
 * @param len its length in bytes.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
 *   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
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
 *   sent; RUSTCHAT_ECLOSED, also after quit; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
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
 * Waits until the server has acknowledged all that was said. Only a client that comes back (option reconnect) knows of that;
 * for others it does nothing. In line chat, where nothing is acknowledged, until the system has all of it.
 *
 * @param client the client.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the client has ended before; RUSTCHAT_EDEADLK in a callback of
 *   this client that comes back; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_drain(struct rustchat_client *client,
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
 * Waits for the next thing that somebody says, to the room or to this member, or for the gap where some of that is missing (option
 * reconnect; rustchat_message_kind tells which it is); other events are passed over.
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
 * Asks the server who is there; the client is among them. Message chat only: line chat answers /who in words.
 *
 * The answer comes behind what the server has said before: where event_limit events wait to be taken, it is not waited for.
 *
 * @param client the client.
 * @param out receives it; begin with RUSTCHAT_MEMBER_LISTING_INIT, or clear that of an earlier call first. All but struct_size is
 *   0 on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the connection has ended; RUSTCHAT_ECONNRESET when it breaks, and
 *   while a client that comes back (option reconnect) is away; RUSTCHAT_EOVERFLOW when event_limit events wait to be taken;
 *   RUSTCHAT_ENOTSUP in line chat; RUSTCHAT_EDEADLK in a callback of this client; RUSTCHAT_EINVAL when out is NULL, timeout_ms is below
 *   -1, or the struct_size of out is wrong; RUSTCHAT_EPROTO; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_who(struct rustchat_client *client,
                                    struct rustchat_member_listing *out,
                                    int64_t timeout_ms);

/**
 * Says something to one member alone, which gets it as RUSTCHAT_EVENT_DIRECT; message chat only, since a server of line chat without commands would
 * say it to everybody. Apart from that it is like rustchat_client_send: a client that comes back says it again once where it was not
 * acknowledged.
 *
 * That nobody has the name is told as whatever else the server refuses: by RUSTCHAT_EVENT_REFUSED, or by rustchat_client_recv, with
 * RUSTCHAT_ENOPEER.
 *
 * @param client the client.
 * @param to the name of the member, UTF-8.
 * @param data the text, UTF-8; may be NULL when len is 0.
 * @param len its length in bytes.
 * @param timeout_ms milliseconds to wait for the system to take it; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK when the system has all of it; RUSTCHAT_ETIMEDOUT, after which the client is closed if a part was
 *   sent; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EOVERFLOW; RUSTCHAT_EUTF8 for text that is not UTF-8 or holds
 *   control characters, and for what cannot be a name; RUSTCHAT_EMSGSIZE; RUSTCHAT_ENOTSUP in line chat; RUSTCHAT_EINVAL when to is NULL, data is NULL and
 *   len is not 0, or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_send_to(struct rustchat_client *client,
                                        const char *to,
                                        const void *data,
                                        size_t len,
                                        int64_t timeout_ms);

/**
 * Takes another name, or none any more, and waits until the server has said yes. A client that comes back (option reconnect) takes the new
 * name again. In line chat the server must know commands: one that does not says /name to the room, and never answers.
 *
 * In a callback of the client it asks and returns: RUSTCHAT_EVENT_NAMED or RUSTCHAT_EVENT_REFUSED tells of what comes of it.
 *
 * @param client the client.
 * @param name the name, UTF-8; NULL gives up the one that there is, in message chat only.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_EUTF8 for what may not be a name; RUSTCHAT_EINVAL when somebody else has it, or one that looks like
 *   it, and when timeout_ms is below -1; RUSTCHAT_ESTATE when the client has had very many names; RUSTCHAT_ENOTSUP for NULL in line chat;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the connection has ended, also by a name that is banned; RUSTCHAT_ECONNRESET and
 *   RUSTCHAT_EOVERFLOW as for rustchat_client_who; RUSTCHAT_EPROTO; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms; in a callback of this client not at all.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_client_rename(struct rustchat_client *client,
                                       const char *name,
                                       int64_t timeout_ms);

/**
 * The name that the server has said a client has.
 *
 * @param client the client.
 * @param buf receives the name, empty when there is none, and a NUL; may be NULL when cap is 0.
 * @param cap the size of buf in bytes.
 * @param len receives the length without the NUL, whether or not it fits; may be NULL.
 * @return RUSTCHAT_OK; RUSTCHAT_EBUFSIZE when cap is not more than len; RUSTCHAT_EINVAL when buf is NULL and cap is not
 *   0; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_client_name(struct rustchat_client *client, char *buf, size_t cap, size_t *len);

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
 * How long things have taken since a server's start.
 *
 * @param server the server.
 * @param out receives it; begin with RUSTCHAT_SERVER_TIMES_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_server_times(struct rustchat_server *server,
                                      struct rustchat_server_times_data *out);

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
 * Starts a server of remote commands, which runs on threads of its own until it is closed. It needs Linux 5.4 or newer.
 *
 * @param options how it is to behave; read during the call.
 * @param out receives the server, which the caller ends with rustchat_command_server_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
 *   allow_plaintext, without anything that clients may run, or for an option or a command that cannot work, which is named;
 *   RUSTCHAT_EHANDLE or RUSTCHAT_EFORK for keys; RUSTCHAT_ENOTSUP before Linux 5.4, or for tls in a build without it;
 *   RUSTCHAT_EADDRINVAL; RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for a text that is to be UTF-8; RUSTCHAT_EMSGSIZE for a length
 *   or a number that is absurd; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *
 * Blocking: while a name in the address is looked up, 10 seconds at most.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_server_start(const struct rustchat_command_server_options *options,
                                              struct rustchat_command_server **out);

/**
 * The address a command server listens on, with the port that the system chose.
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
rustchat_status rustchat_command_server_address(struct rustchat_command_server *server,
                                                char *buf,
                                                size_t cap,
                                                size_t *len);

/**
 * The port a command server listens on.
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
RUSTCHAT_API rustchat_status rustchat_command_server_port(struct rustchat_command_server *server, uint16_t *out);

/**
 * Numbers of a command server since its start.
 *
 * @param server the server.
 * @param out receives them; begin with RUSTCHAT_COMMAND_SERVER_STATS_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_server_stats(struct rustchat_command_server *server,
                                              struct rustchat_command_server_stats_data *out);

/**
 * Whether a command server has ended of its own accord: one of its threads has failed, which is a bug of this library.
 *
 * @param server the server.
 * @return RUSTCHAT_OK as long as all is well; RUSTCHAT_EPANIC, with the reason in rustchat_last_error; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_server_failure(struct rustchat_command_server *server);

/**
 * Begins to stop a command server: commands are asked to end, killed when they do not, and their clients told, all within 5 seconds. Never waits, and may be repeated.
 *
 * @param server the server.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_server_close(struct rustchat_command_server *server);

/**
 * Begins to stop like rustchat_command_server_close, within another time. Of several calls the one whose end comes first counts.
 *
 * @param server the server.
 * @param drain_ms milliseconds for all of it; 0 for none, -1 for as long as it takes, an hour at most.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_server_close_within(struct rustchat_command_server *server,
                                                     int64_t drain_ms);

/**
 * Waits until a command server has stopped: its threads have ended, and no command is left.
 *
 * @param server the server.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK, also when an internal error has ended the server; RUSTCHAT_ETIMEDOUT while it runs; RUSTCHAT_EDEADLK
 *   on one of its threads, as in a log callback; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_server_join(struct rustchat_command_server *server,
                                             int64_t timeout_ms);

/**
 * Closes a command server and releases it.
 *
 * Other threads may be inside calls on the server: the last one releases it. After fork, in the child, this does nothing.
 *
 * @param server the server, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the server has stopped, about 7 seconds at most; in a log callback not at all, and the server is released a
 *   moment later.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_command_server_free(struct rustchat_command_server *server);

/**
 * Releases what a result holds, and makes it as it was in the beginning. May be repeated.
 *
 * @param result a result that was begun with RUSTCHAT_COMMAND_RESULT_INIT; NULL is ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_command_result_clear(struct rustchat_command_result *result);

/**
 * Connects to a command server, and learns what it takes.
 *
 * @param options how to connect; read during the call.
 * @param out receives the client, which the caller ends with rustchat_command_client_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
 *   allow_plaintext, or for an option that is out of range; RUSTCHAT_EADDRINVAL; RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the server has no place; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
 *   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
 *   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *
 * Blocking: for the option timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_client_connect(const struct rustchat_command_client_options *options,
                                                struct rustchat_command_client **out);

/**
 * Runs a command to its end: gives it its input, gathers all that it writes, and waits. No order of input, output and errors
 * makes it wait for ever.
 *
 * It ends with RUSTCHAT_OK whatever its code, unless the option check is set. An end that is not the command's own is a
 * failure, whatever its code. A failure fills the result, too, with what came until then.
 *
 * @param client the client.
 * @param argv the name of a command, and values for its free places.
 * @param argc how many words there are, at least 1.
 * @param options how it is to be run; NULL is all defaults. Read during the call.
 * @param result receives what became of it; begin with RUSTCHAT_COMMAND_RESULT_INIT, or clear that of an earlier run first.
 *   Of a call that was wrong all but struct_size is 0. May be NULL.
 * @param timeout_ms milliseconds to wait; -1 for ever. When they are over, the command is killed.
 * @return RUSTCHAT_OK; RUSTCHAT_ECOMMAND with check, when it has not ended by itself with code 0; RUSTCHAT_EREFUSED when the
 *   server does not run it, for which rustchat_last_refusal has the rule; RUSTCHAT_ETIMEDOUT by either end's clock;
 *   RUSTCHAT_EOVERFLOW when it wrote more than it may; RUSTCHAT_ECLOSED when the server or the client ends;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EIO when its status is lost; RUSTCHAT_EMSGSIZE for more words than the
 *   server takes; RUSTCHAT_ESTATE when the connection has had all of its commands; RUSTCHAT_EINVAL when argv or one of its
 *   words is NULL, argc is 0, timeout_ms is below -1, or an option or the struct_size of result is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_run(struct rustchat_command_client *client,
                                     const char *const *argv,
                                     size_t argc,
                                     const struct rustchat_command_options *options,
                                     struct rustchat_command_result *result,
                                     int64_t timeout_ms);

/**
 * How many commands a server runs for this client at a time.
 *
 * @param client the client.
 * @param out receives the number, 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_command_client_limit(struct rustchat_command_client *client, size_t *out);

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
RUSTCHAT_API rustchat_status rustchat_command_client_state(struct rustchat_command_client *client, int32_t *out);

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
rustchat_status rustchat_command_client_peer_address(struct rustchat_command_client *client,
                                                     char *buf,
                                                     size_t cap,
                                                     size_t *len);

/**
 * Ends a client's connection at once: the server ends what still runs, and every call that
 * waits in the client or in one of its commands ends with RUSTCHAT_ECLOSED. May be repeated.
 *
 * @param client the client.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_command_client_close(struct rustchat_command_client *client);

/**
 * Closes a client and releases it.
 *
 * Its commands are ended; their handles stay, and have to be freed. Other threads may be inside calls on the client: they end
 * with RUSTCHAT_ECLOSED, and the last one releases it. After fork, in the child, this does nothing.
 *
 * @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the client's thread has ended, a moment.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_command_client_free(struct rustchat_command_client *client);

/**
 * Starts a command, and returns when it runs.
 *
 * @param client the client.
 * @param argv the name of a command, and values for its free places.
 * @param argc how many words there are, at least 1.
 * @param options how it is to be run; NULL is all defaults. Read during the call.
 * @param out receives the command, which the caller ends with rustchat_command_free; NULL on failure.
 * @param timeout_ms milliseconds to wait until it runs; -1 for ever. When they are over, it is killed.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED when the server does not run it, for which rustchat_last_refusal has the rule;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED, also when it reads no more before all of the option input was written;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE for more words than the server takes; RUSTCHAT_ESTATE when the
 *   connection has had all of its commands; RUSTCHAT_EINVAL when a pointer that is needed or a word is NULL, argc is 0,
 *   timeout_ms is below -1, or an option is wrong; RUSTCHAT_ENOMEM; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_start(struct rustchat_command_client *client,
                                       const char *const *argv,
                                       size_t argc,
                                       const struct rustchat_command_options *options,
                                       struct rustchat_command **out,
                                       int64_t timeout_ms);

/**
 * The number that the server's log has for a command.
 *
 * @param command the command.
 * @param out receives the number, 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_ESTATE when it is over; RUSTCHAT_EINVAL when out is NULL; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_id(struct rustchat_command *command,
                                    uint64_t *out);

/**
 * Reads what has come of an output, or waits until something does. What came before the connection was lost, or before the
 * output went over its limit, is read before that is told. An output may end before its command: rustchat_command_wait tells how
 * that has ended.
 *
 * @param command the command.
 * @param output which one, a rustchat_command_output.
 * @param buf receives the bytes.
 * @param cap how many fit, at least 1.
 * @param len receives how many there are: at least 1, or 0 at the end of the output; 0 on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK; RUSTCHAT_ETIMEDOUT, after which it runs on; RUSTCHAT_EOVERFLOW when it wrote more than it may, of which the
 *   rest was not sent; RUSTCHAT_ECLOSED when the client or the server has ended; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
 *   RUSTCHAT_EINVAL for an unknown output, when buf or len is NULL, cap is 0 or
 *   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_read(struct rustchat_command *command,
                                      int32_t output,
                                      void *buf,
                                      size_t cap,
                                      size_t *len,
                                      int64_t timeout_ms);

/**
 * Writes input, all of it, as the command takes it. Of a command that was started with the option with_stdin, or with input.
 *
 * @param command the command.
 * @param data the bytes; may be NULL when len is 0.
 * @param len how many.
 * @param written receives how many were sent, which a failure need not make 0; may be NULL.
 * @param timeout_ms milliseconds to wait for all of it; -1 for ever, 0 for none but what it takes at once.
 * @return RUSTCHAT_OK when all of it is on its way; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when it reads no more, which is no
 *   failure of its own, or the client or the server has ended; RUSTCHAT_ESTATE for one that was started without input, or behind its end;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL and len is not 0, or
 *   timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_write(struct rustchat_command *command,
                                       const void *data,
                                       size_t len,
                                       size_t *written,
                                       int64_t timeout_ms);

/**
 * Ends a command's input: it finds the end behind what was written. Nothing when it is over; may be repeated.
 *
 * @param command the command.
 * @return RUSTCHAT_OK; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_command_close_stdin(struct rustchat_command *command);

/**
 * Says that nobody reads an output any more: a command that writes on gets SIGPIPE, as in front of head. Nothing when it is
 * over.
 *
 * @param command the command.
 * @param output which one, a rustchat_command_output.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for an unknown output; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_close_output(struct rustchat_command *command,
                                              int32_t output);

/**
 * Sends a signal to all processes of a command. Nothing when it is over.
 *
 * @param command the command.
 * @param number SIGHUP, SIGINT, SIGQUIT, SIGKILL, SIGUSR1, SIGUSR2, SIGTERM or SIGWINCH, with the number that Linux has for it:
 *   1, 2, 3, 9, 10, 12, 15 or 28.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL for another number; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK; RUSTCHAT_EIO.
 *
 * Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_command_signal(struct rustchat_command *command,
                                        int32_t number);

/**
 * Waits for the end of a command. What it writes meanwhile and nobody reads is kept, up to 64 MiB of each output, so that its
 * end can be asked for before its output.
 *
 * @param command the command.
 * @param exit receives how it has ended; begin with RUSTCHAT_COMMAND_EXIT_INIT. All but struct_size is 0 on failure. May be
 *   NULL.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 only looks.
 * @return RUSTCHAT_OK, however it has ended, which exit alone says; RUSTCHAT_ETIMEDOUT while it runs; RUSTCHAT_EOVERFLOW when it has written more than
 *   is kept; RUSTCHAT_ECLOSED when the client or the server has ended before it; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO;
 *   RUSTCHAT_EINVAL when timeout_ms is below -1, or the struct_size of exit is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_wait(struct rustchat_command *command,
                                      struct rustchat_command_exit *exit,
                                      int64_t timeout_ms);

/**
 * Writes input and ends it, reads all of both outputs and waits for the end of a command: all at once, so that none waits for
 * another. An end that is not the command's own is a failure, whatever its code. A failure fills the result, too, with what came
 * until then.
 *
 * @param command the command.
 * @param data its input; may be NULL when len is 0.
 * @param len how many bytes.
 * @param result receives what became of it; begin with RUSTCHAT_COMMAND_RESULT_INIT, or clear that of an earlier call first.
 *   Of a call that was wrong all but struct_size is 0. May be NULL.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK when it has ended by itself or by a signal; RUSTCHAT_ETIMEDOUT when its time is up, or when timeout_ms is,
 *   after which it runs on; RUSTCHAT_EOVERFLOW when it wrote more than it may; RUSTCHAT_EIO, also when its status is lost;
 *   RUSTCHAT_ECLOSED when the client or the server has ended before it; RUSTCHAT_ESTATE for input to one that was started
 *   without, or behind the end of that; RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EMSGSIZE; RUSTCHAT_EINVAL when data is NULL
 *   and len is not 0, timeout_ms is below -1, or the struct_size of result is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_command_communicate(struct rustchat_command *command,
                                             const void *data,
                                             size_t len,
                                             struct rustchat_command_result *result,
                                             int64_t timeout_ms);

/**
 * Releases a command. One that still runs is killed.
 *
 * Other threads may be inside calls on the command: they end when it does, and the last one releases it. After fork, in the
 * child, this does nothing.
 *
 * @param command the command, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: while the network takes nothing, 10 seconds at most; then the connection is lost.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_command_free(struct rustchat_command *command);

/**
 * Starts a server of files, which runs on threads of its own until it is closed.
 *
 * @param options how it is to behave; read during the call.
 * @param out receives the server, which the caller ends with rustchat_file_server_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret or a root, beyond this machine with neither tls
 *   nor allow_plaintext, or for an option that cannot work, which is named; RUSTCHAT_EHANDLE or RUSTCHAT_EFORK for keys;
 *   RUSTCHAT_ENOTSUP for tls in a build without it; RUSTCHAT_EADDRINVAL; RUSTCHAT_EADDRINUSE; RUSTCHAT_EUTF8 for a text that is
 *   to be UTF-8; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a root that
 *   cannot be opened.
 *
 * Blocking: while a name in the address is looked up, 10 seconds at most, and while the disk answers.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_server_start(const struct rustchat_file_server_options *options,
                                           struct rustchat_file_server **out);

/**
 * The address a file server listens on, with the port that the system chose.
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
rustchat_status rustchat_file_server_address(struct rustchat_file_server *server,
                                             char *buf,
                                             size_t cap,
                                             size_t *len);

/**
 * The port a file server listens on.
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
RUSTCHAT_API rustchat_status rustchat_file_server_port(struct rustchat_file_server *server, uint16_t *out);

/**
 * Numbers of a file server since its start.
 *
 * @param server the server.
 * @param out receives them; begin with RUSTCHAT_FILE_SERVER_STATS_INIT. All but struct_size is 0 on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when out is NULL or its struct_size is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_file_server_stats(struct rustchat_file_server *server,
                                           struct rustchat_file_server_stats_data *out);

/**
 * Whether a file server has ended of its own accord: one of its threads has failed, which is a bug of this library.
 *
 * @param server the server.
 * @return RUSTCHAT_OK as long as all is well; RUSTCHAT_EPANIC, with the reason in rustchat_last_error; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_file_server_failure(struct rustchat_file_server *server);

/**
 * Begins to stop a file server: transfers end where they are, and can be gone on with after the next start; clients are told, within 5 seconds. Never waits, and may be repeated.
 *
 * @param server the server.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_file_server_close(struct rustchat_file_server *server);

/**
 * Begins to stop like rustchat_file_server_close, within another time. Of several calls the one whose end comes first counts.
 *
 * @param server the server.
 * @param drain_ms milliseconds for all of it; 0 for none, -1 for as long as it takes, an hour at most.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when drain_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_file_server_close_within(struct rustchat_file_server *server,
                                                  int64_t drain_ms);

/**
 * Waits until a file server has stopped: its threads have ended.
 *
 * @param server the server.
 * @param timeout_ms milliseconds to wait; -1 for ever, 0 not at all.
 * @return RUSTCHAT_OK, also when an internal error has ended the server; RUSTCHAT_ETIMEDOUT while it runs; RUSTCHAT_EDEADLK
 *   on one of its threads, as in a log callback; RUSTCHAT_EINVAL when timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
rustchat_status rustchat_file_server_join(struct rustchat_file_server *server,
                                          int64_t timeout_ms);

/**
 * Closes a file server and releases it.
 *
 * Other threads may be inside calls on the server: the last one releases it. After fork, in the child, this does nothing.
 *
 * @param server the server, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: until the server has stopped, about 7 seconds at most; in a log callback not at all, and the server is released a
 *   moment later.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_file_server_free(struct rustchat_file_server *server);

/**
 * Releases what a listing holds, and makes it as it was in the beginning. May be repeated.
 *
 * @param listing a listing that was begun with RUSTCHAT_FILE_LISTING_INIT; NULL is ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_file_listing_clear(struct rustchat_file_listing *listing);

/**
 * Connects to a file server, and learns what it takes.
 *
 * @param options how to connect; read during the call.
 * @param out receives the client, which the caller ends with rustchat_file_client_free; NULL on failure.
 * @return RUSTCHAT_OK; RUSTCHAT_EINVAL when a pointer is NULL, without a secret, beyond this machine with neither tls nor
 *   allow_plaintext, or for an option that is out of range; RUSTCHAT_EADDRINVAL; RUSTCHAT_ECONNREFUSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED when the server has no place; RUSTCHAT_EAUTH; RUSTCHAT_EPROTO; RUSTCHAT_EUTF8 for an
 *   address, key_id or path; RUSTCHAT_EMSGSIZE for a secret of absurd length; RUSTCHAT_ENOTSUP for tls in a build without it,
 *   or where the system has no roots to trust; RUSTCHAT_ENOMEM; RUSTCHAT_EIO, for example for a file that cannot be read.
 *
 * Blocking: for the option timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_client_connect(const struct rustchat_file_client_options *options,
                                             struct rustchat_file_client **out);

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
RUSTCHAT_API rustchat_status rustchat_file_client_state(struct rustchat_file_client *client, int32_t *out);

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
rustchat_status rustchat_file_client_peer_address(struct rustchat_file_client *client,
                                                  char *buf,
                                                  size_t cap,
                                                  size_t *len);

/**
 * Ends a client's connection at once: a call that uses it ends with
 * RUSTCHAT_ECLOSED. May be repeated.
 *
 * @param client the client.
 * @return RUSTCHAT_OK; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API rustchat_status rustchat_file_client_close(struct rustchat_file_client *client);

/**
 * Closes a client and releases it.
 *
 * Other threads may be inside calls on the client: they end with RUSTCHAT_ECLOSED, and the last one releases it. After fork, in the child, this does nothing.
 *
 * @param client the client, not to be used any more; NULL and handles that are not valid are ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
void rustchat_file_client_free(struct rustchat_file_client *client);

/**
 * What a path at a server names.
 *
 * @param client the client.
 * @param path which one.
 * @param out receives it, without a name; all of it is 0 on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when path or out is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_stat(struct rustchat_file_client *client,
                                   const char *path,
                                   struct rustchat_file_entry *out,
                                   int64_t timeout_ms);

/**
 * What is in a folder at a server.
 *
 * @param client the client.
 * @param path which one; "" is the root.
 * @param out receives it; begin with RUSTCHAT_FILE_LISTING_INIT, or clear that of an earlier call first. All but struct_size is
 *   0 on failure.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when path or out is NULL, timeout_ms is below -1, or the struct_size of out is wrong; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_list(struct rustchat_file_client *client,
                                   const char *path,
                                   struct rustchat_file_listing *out,
                                   int64_t timeout_ms);

/**
 * Makes a folder at a server.
 *
 * @param client the client.
 * @param path which one.
 * @param flags 0, or RUSTCHAT_MKDIR_PARENTS and RUSTCHAT_MKDIR_EXIST_OK added.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when path is NULL, timeout_ms is below -1, or flags has a bit that means nothing; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_mkdir(struct rustchat_file_client *client,
                                    const char *path,
                                    uint32_t flags,
                                    int64_t timeout_ms);

/**
 * Removes a file at a server; of a link the link.
 *
 * @param client the client.
 * @param path which one.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when path is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_remove(struct rustchat_file_client *client,
                                     const char *path,
                                     int64_t timeout_ms);

/**
 * Removes a folder at a server that is empty.
 *
 * @param client the client.
 * @param path which one.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when path is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_rmdir(struct rustchat_file_client *client,
                                    const char *path,
                                    int64_t timeout_ms);

/**
 * Renames a file or a folder at a server. Refused with RUSTCHAT_FILE_REFUSED_EXISTS if something of the new name is there.
 *
 * @param client the client.
 * @param from its path.
 * @param to its new path.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when from or to is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_rename(struct rustchat_file_client *client,
                                     const char *from,
                                     const char *to,
                                     int64_t timeout_ms);

/**
 * Renames a file or a folder at a server, and replaces the file of the new name, or the folder if it is empty.
 *
 * @param client the client.
 * @param from its path.
 * @param to its new path.
 * @param timeout_ms milliseconds to wait; -1 for ever.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED;
 *   RUSTCHAT_ECONNRESET; RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8;
 *   RUSTCHAT_EINVAL when from or to is NULL or timeout_ms is below -1; RUSTCHAT_EHANDLE; RUSTCHAT_EFORK;
 *   RUSTCHAT_EIO.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_replace(struct rustchat_file_client *client,
                                      const char *from,
                                      const char *to,
                                      int64_t timeout_ms);

/**
 * Stores a file of this machine. It appears whole or not at all, with its time and its permissions.
 *
 * @param client the client.
 * @param from the path of a file of this machine.
 * @param to its path at the server; NULL is the name of from.
 * @param options how; NULL is all defaults. Read during the call.
 * @param out receives what was moved; begin with RUSTCHAT_FILE_TRANSFERRED_INIT. All but struct_size is 0 on failure. May be NULL.
 * @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
 *   RUSTCHAT_EIO, also for a file of this machine that cannot be read or is no regular file; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
 *   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_upload(struct rustchat_file_client *client,
                                     const char *from,
                                     const char *to,
                                     const struct rustchat_file_transfer_options *options,
                                     struct rustchat_file_transferred *out,
                                     int64_t timeout_ms);

/**
 * Fetches a file. It appears here whole or not at all, with its time and its permissions; until then its part lies beside it, with
 * a name that begins with ".rustchat-". Nothing that the server says has a part in where it goes.
 *
 * @param client the client.
 * @param from the path of a file at the server.
 * @param to where it goes on this machine, in a folder that has to be there; NULL is its name in the current folder.
 * @param options how; NULL is all defaults. Read during the call.
 * @param out receives what was moved; begin with RUSTCHAT_FILE_TRANSFERRED_INIT. All but struct_size is 0 on failure. May be NULL.
 * @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
 *   RUSTCHAT_EIO, also for a file of this machine that cannot be written, or is there without overwrite; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
 *   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_download(struct rustchat_file_client *client,
                                       const char *from,
                                       const char *to,
                                       const struct rustchat_file_transfer_options *options,
                                       struct rustchat_file_transferred *out,
                                       int64_t timeout_ms);

/**
 * Stores a folder of this machine and all that is in it, as a folder of that path. Links are left out, and told. It ends at the
 * first failure; what was stored until then stays.
 *
 * @param client the client.
 * @param from the path of a folder of this machine.
 * @param to its path at the server; NULL is the name of from.
 * @param options how; NULL is all defaults. Read during the call.
 * @param out receives what was moved; begin with RUSTCHAT_FILE_TREE_INIT, or clear that of an earlier call first. All but struct_size is 0
 *   on failure. May be NULL.
 * @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
 *   RUSTCHAT_EIO, also for a file of this machine that cannot be read; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
 *   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_upload_tree(struct rustchat_file_client *client,
                                          const char *from,
                                          const char *to,
                                          const struct rustchat_file_transfer_options *options,
                                          struct rustchat_file_tree *out,
                                          int64_t timeout_ms);

/**
 * Fetches a folder and all that is in it. Links are left out, and told. The names are the server's: one that could lead elsewhere
 * ends it, and each is made in a folder that this side has made or opened itself, never through a link.
 *
 * @param client the client.
 * @param from the path of a folder at the server; "" is the root.
 * @param to the folder that it becomes on this machine, which is made if it is not there; NULL is its name in the current folder.
 * @param options how; NULL is all defaults. Read during the call.
 * @param out receives what was moved; begin with RUSTCHAT_FILE_TREE_INIT, or clear that of an earlier call first. All but struct_size is 0
 *   on failure. May be NULL.
 * @param timeout_ms milliseconds for all of it; -1 for ever. When they are over, what came stays to be gone on with.
 * @return RUSTCHAT_OK; RUSTCHAT_EREFUSED with the rule in rustchat_last_refusal; RUSTCHAT_EINTR when on_progress says so;
 *   RUSTCHAT_EIO, also for a file of this machine that cannot be written, or is there without overwrite; RUSTCHAT_ETIMEDOUT; RUSTCHAT_ECLOSED; RUSTCHAT_ECONNRESET;
 *   RUSTCHAT_EPROTO; RUSTCHAT_EDEADLK in a progress callback of this client; RUSTCHAT_EUTF8 for a path at the server;
 *   RUSTCHAT_EINVAL when from is NULL, timeout_ms is below -1, or the struct_size of options or out is wrong; RUSTCHAT_EHANDLE;
 *   RUSTCHAT_EFORK.
 *
 * Blocking: for timeout_ms.
 * Thread-safety: MT-Safe.
 * @since 0.1.0
 */
RUSTCHAT_API
RUSTCHAT_NODISCARD
rustchat_status rustchat_file_download_tree(struct rustchat_file_client *client,
                                            const char *from,
                                            const char *to,
                                            const struct rustchat_file_transfer_options *options,
                                            struct rustchat_file_tree *out,
                                            int64_t timeout_ms);

/**
 * Releases what a tree holds, and makes it as it was in the beginning. May be repeated.
 *
 * @param tree a tree that was begun with RUSTCHAT_FILE_TREE_INIT; NULL is ignored.
 *
 * Blocking: no.
 * Thread-safety: MT-Unsafe:object.
 * @since 0.1.0
 */
RUSTCHAT_API void rustchat_file_tree_clear(struct rustchat_file_tree *tree);

/**
 * Shows another certificate to clients that come from here on; those that are there keep their connections. For a certificate that
 * is renewed while the server runs: the options of the start with files, once more, read them anew.
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
rustchat_status rustchat_command_server_replace_certificate(struct rustchat_command_server *server,
                                                            const struct rustchat_tls_options *tls);

/**
 * The fingerprint of the public key that a command server shows its clients: what they may be told to trust.
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
RUSTCHAT_API rustchat_status rustchat_command_server_pin(struct rustchat_command_server *server, uint8_t out[32]);

/**
 * What protects what a command client sends and receives.
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
rustchat_status rustchat_command_client_protection(struct rustchat_command_client *client,
                                                   struct rustchat_protection *out);

/**
 * Shows another certificate to clients that come from here on; those that are there keep their connections. For a certificate that
 * is renewed while the server runs: the options of the start with files, once more, read them anew.
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
rustchat_status rustchat_file_server_replace_certificate(struct rustchat_file_server *server,
                                                         const struct rustchat_tls_options *tls);

/**
 * The fingerprint of the public key that a file server shows its clients: what they may be told to trust.
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
RUSTCHAT_API rustchat_status rustchat_file_server_pin(struct rustchat_file_server *server, uint8_t out[32]);

/**
 * What protects what a file client sends and receives.
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
rustchat_status rustchat_file_client_protection(struct rustchat_file_client *client,
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
/** A rustchat_member_listing to be filled. */
#define RUSTCHAT_MEMBER_LISTING_INIT \
    {sizeof(rustchat_member_listing), NULL, 0, NULL, {0, 0, 0}}
/** The defaults of rustchat_server_options. */
#define RUSTCHAT_SERVER_OPTIONS_INIT \
    {sizeof(rustchat_server_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
     0, 0, 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, 0, NULL, NULL, 0, 0, NULL, NULL, {0}}
/** The defaults of rustchat_client_options. */
#define RUSTCHAT_CLIENT_OPTIONS_INIT \
    {sizeof(rustchat_client_options), NULL, {NULL, 0}, NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, 0, 0, NULL, 0, \
     0, 0, 0, 0, 0, {0}}
/** A rustchat_server_stats_data to be filled. */
#define RUSTCHAT_SERVER_STATS_INIT \
    {sizeof(rustchat_server_stats_data), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0}}
/** A rustchat_server_times_data to be filled. */
#define RUSTCHAT_SERVER_TIMES_INIT \
    {sizeof(rustchat_server_times_data), \
     {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0}, \
     {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0}, {0, 0, 0, 0, 0, 0, 0, 0}}
/** A rustchat_client_stats_data to be filled. */
#define RUSTCHAT_CLIENT_STATS_INIT \
    {sizeof(rustchat_client_stats_data), 0, 0, {0, 0, 0, 0, 0}}
/** The defaults of rustchat_listener_options. */
#define RUSTCHAT_LISTENER_OPTIONS_INIT \
    {sizeof(rustchat_listener_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, \
     {0, 0, 0}}
/** The defaults of rustchat_connection_options. */
#define RUSTCHAT_CONNECTION_OPTIONS_INIT \
    {sizeof(rustchat_connection_options), NULL, {NULL, 0}, NULL, 0, 0, 0, 0, 0, NULL, {0, 0, 0, 0, 0, 0}}
/** A rustchat_protection to be filled. */
#define RUSTCHAT_PROTECTION_INIT \
    {sizeof(rustchat_protection), 0, 0, 0, 0, {0}, {0, 0, 0, 0}}
/** A rustchat_command_template to be filled. */
#define RUSTCHAT_COMMAND_TEMPLATE_INIT \
    {sizeof(rustchat_command_template), NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, 0, 0, 0, {0, 0, 0, 0, 0}}
/** The defaults of rustchat_command_server_options. */
#define RUSTCHAT_COMMAND_SERVER_OPTIONS_INIT \
    {sizeof(rustchat_command_server_options), NULL, {NULL, 0}, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, \
     NULL, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0}}
/** A rustchat_command_server_stats_data to be filled. */
#define RUSTCHAT_COMMAND_SERVER_STATS_INIT \
    {sizeof(rustchat_command_server_stats_data), 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0, 0}}
/** The defaults of rustchat_command_client_options. */
#define RUSTCHAT_COMMAND_CLIENT_OPTIONS_INIT \
    {sizeof(rustchat_command_client_options), NULL, {NULL, 0}, NULL, NULL, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** A rustchat_command_exit to be filled. */
#define RUSTCHAT_COMMAND_EXIT_INIT \
    {sizeof(rustchat_command_exit), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** The defaults of rustchat_command_options. */
#define RUSTCHAT_COMMAND_OPTIONS_INIT \
    {sizeof(rustchat_command_options), {NULL, 0}, NULL, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** A rustchat_command_result to be filled. */
#define RUSTCHAT_COMMAND_RESULT_INIT \
    {sizeof(rustchat_command_result), {NULL, 0}, {NULL, 0}, \
     {sizeof(rustchat_command_exit), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}, NULL, {0, 0}}
/** The defaults of rustchat_file_server_options. */
#define RUSTCHAT_FILE_SERVER_OPTIONS_INIT \
    {sizeof(rustchat_file_server_options), NULL, NULL, {NULL, 0}, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, \
     0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0, 0, 0}}
/** A rustchat_file_server_stats_data to be filled. */
#define RUSTCHAT_FILE_SERVER_STATS_INIT \
    {sizeof(rustchat_file_server_stats_data), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** The defaults of rustchat_file_client_options. */
#define RUSTCHAT_FILE_CLIENT_OPTIONS_INIT \
    {sizeof(rustchat_file_client_options), NULL, {NULL, 0}, NULL, NULL, 0, 0, 0, 0, 0, 0, {0, 0, 0, 0}}
/** A rustchat_file_listing to be filled. */
#define RUSTCHAT_FILE_LISTING_INIT \
    {sizeof(rustchat_file_listing), NULL, 0, NULL, {0, 0, 0}}
/** The defaults of rustchat_file_transfer_options. */
#define RUSTCHAT_FILE_TRANSFER_OPTIONS_INIT \
    {sizeof(rustchat_file_transfer_options), 0, 0, 0, 0, 0, 0, NULL, NULL, {0, 0, 0, 0}}
/** A rustchat_file_transferred to be filled. */
#define RUSTCHAT_FILE_TRANSFERRED_INIT \
    {sizeof(rustchat_file_transferred), 0, 0, {0}, {NULL, 0, 0, 0, 0, 0, 0, 0, {0, 0}}, {0, 0, 0, 0}}
/** A rustchat_file_tree to be filled. */
#define RUSTCHAT_FILE_TREE_INIT \
    {sizeof(rustchat_file_tree), 0, 0, NULL, 0, NULL, {0, 0}}
/** The defaults of rustchat_handshake_options. */
#define RUSTCHAT_HANDSHAKE_OPTIONS_INIT \
    {sizeof(rustchat_handshake_options), {NULL, 0}, NULL, NULL, 0, 0, {NULL, 0}, {NULL, 0}, {0, 0, 0, 0, 0, 0}}
/** A rustchat_handshake_outcome to be filled. */
#define RUSTCHAT_HANDSHAKE_OUTCOME_INIT \
    {sizeof(rustchat_handshake_outcome), 0, 0, {0}, {0}, {0}, {0, 0, 0, 0}}
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
