/**
 * @file rustchat.hpp
 * rustchat for C++17: owners that release what they hold, move only, and exceptions from the table of statuses.
 *
 * Everything here is a thin layer over rustchat.h, which documents each function; get() gives the handle below for what
 * this layer leaves out. Options are the structures of C, made by options<...>().
 */
#ifndef RUSTCHAT_HPP
#define RUSTCHAT_HPP

#include <rustchat.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace rustchat {

/// How long a call may wait; forever has no end.
using milliseconds = std::chrono::milliseconds;
inline constexpr milliseconds forever{-1};

/// The statuses as an error category: value() is a rustchat_status.
inline const std::error_category &category() noexcept
{
    class table final : public std::error_category {
        const char *name() const noexcept override { return "rustchat"; }
        std::string message(int status) const override { return rustchat_status_message(status); }
    };
    static const table instance;
    return instance;
}

/// A call has failed; status() says how, what() has the sentence.
class error : public std::system_error {
  public:
    error(std::int32_t status, int os_code, const char *sentence)
        : std::system_error(status, category(), sentence), os_code_(os_code)
    {
    }
    rustchat_status status() const noexcept { return static_cast<rustchat_status>(code().value()); }
    /// The errno of the operating system where it was the one to complain, else 0.
    int os_code() const noexcept { return os_code_; }

  private:
    int os_code_;
};

/// The time was up.
struct timed_out : error {
    using error::error;
};
/// This side, or the peer in good order, has closed.
struct closed : error {
    using error::error;
};
/// A wake-up has ended the wait.
struct interrupted : error {
    using error::error;
};
/// Authentication failed.
struct authentication_failed : error {
    using error::error;
};

/// Throws unless status is RUSTCHAT_OK; call it right after the call that gave the status, on the same thread.
inline void check(std::int32_t status)
{
    if (status == RUSTCHAT_OK)
        return;
    rustchat_error record{};
    if (rustchat_last_error(&record) != RUSTCHAT_OK || record.status != status)
        record = rustchat_error{};
    switch (status) {
    case RUSTCHAT_ETIMEDOUT:
        throw timed_out(status, record.os_code, record.message);
    case RUSTCHAT_ECLOSED:
        throw closed(status, record.os_code, record.message);
    case RUSTCHAT_EINTR:
        throw interrupted(status, record.os_code, record.message);
    case RUSTCHAT_EAUTH:
        throw authentication_failed(status, record.os_code, record.message);
    default:
        throw error(status, record.os_code, record.message);
    }
}

/// Throws when the library that is running has another ABI than the header. The owners below call it at their start.
inline void check_abi()
{
    if (rustchat_abi_version() != RUSTCHAT_ABI_VERSION)
        throw error(RUSTCHAT_ENOTSUP, 0, "the rustchat library that is running has another ABI than rustchat.hpp");
}

namespace detail {

template <class T, void (*Free)(T *)> struct deleter {
    void operator()(T *handle) const noexcept { Free(handle); }
};
template <class T, void (*Free)(T *)> using owner = std::unique_ptr<T, deleter<T, Free>>;

inline std::string_view view(rustchat_bytes bytes) noexcept
{
    return {static_cast<const char *>(bytes.data), bytes.len};
}

template <class T> std::string text(T *handle, rustchat_status (*get)(T *, char *, std::size_t, std::size_t *))
{
    char buffer[256];
    std::size_t length = 0;
    check(get(handle, buffer, sizeof buffer, &length));
    return {buffer, length};
}

} // namespace detail

/// Options with their defaults, for example options<rustchat_server_options>().
template <class T> T options() noexcept;
template <> inline rustchat_server_options options() noexcept
{
    return RUSTCHAT_SERVER_OPTIONS_INIT;
}
template <> inline rustchat_client_options options() noexcept
{
    return RUSTCHAT_CLIENT_OPTIONS_INIT;
}
template <> inline rustchat_listener_options options() noexcept
{
    return RUSTCHAT_LISTENER_OPTIONS_INIT;
}
template <> inline rustchat_connection_options options() noexcept
{
    return RUSTCHAT_CONNECTION_OPTIONS_INIT;
}

/// The bytes of a text that lives longer than the call, for the field secret of options.
inline rustchat_bytes bytes(std::string_view text) noexcept
{
    return {text.data(), text.size()};
}

/// A reference to a message; copies are references to the same one.
class message {
  public:
    explicit message(std::string_view content)
    {
        rustchat_message *made = nullptr;
        check(rustchat_message_new(content.data(), content.size(), &made));
        held_.reset(made);
    }
    /// Takes over a reference.
    explicit message(rustchat_message *reference) noexcept : held_(reference) {}
    message(const message &other) noexcept : held_(rustchat_message_retain(other.get())) {}
    message(message &&) noexcept = default;
    message &operator=(message other) noexcept
    {
        held_.swap(other.held_);
        return *this;
    }
    ~message() = default;

    rustchat_message *get() const noexcept { return held_.get(); }
    std::string_view content() const noexcept { return detail::view(rustchat_message_bytes(get())); }
    rustchat_peer_id sender() const noexcept { return rustchat_message_sender(get()); }
    std::string_view sender_address() const noexcept { return detail::view(rustchat_message_sender_address(get())); }
    std::string_view sender_name() const noexcept { return detail::view(rustchat_message_sender_name(get())); }
    /// Whether the server itself said it, and no member.
    bool from_server() const noexcept { return rustchat_message_from_server(get()) != 0; }
    std::uint64_t seq() const noexcept { return rustchat_message_seq(get()); }
    std::chrono::nanoseconds since_epoch() const noexcept
    {
        return std::chrono::nanoseconds(rustchat_message_timestamp_ns(get()));
    }
    /// Line chat: the server's stamp with the digits YYYYMMDDhhmmss, of which no point in time follows; 0 without one.
    std::uint64_t wall_time() const noexcept { return rustchat_message_wall_time(get()); }

  private:
    detail::owner<rustchat_message, rustchat_message_release> held_;
};

/// An event that was taken; cleared at its end.
class event {
  public:
    event() noexcept : value_{} {}
    /// Takes over what a poll has filled.
    explicit event(const rustchat_event &value) noexcept : value_(value) {}
    event(event &&other) noexcept : value_(std::exchange(other.value_, rustchat_event{})) {}
    event &operator=(event &&other) noexcept
    {
        std::swap(value_, other.value_);
        return *this;
    }
    ~event() { rustchat_event_clear(&value_); }

    const rustchat_event *operator->() const noexcept { return &value_; }
    const char *name() const noexcept { return rustchat_event_name(value_.kind); }
    std::string_view text() const noexcept { return detail::view(rustchat_message_bytes(value_.message)); }
    std::string_view address() const noexcept { return detail::view(rustchat_message_sender_address(value_.message)); }

  private:
    rustchat_event value_;
};

namespace detail {

template <class T>
std::vector<event> poll(T *handle, rustchat_status (*take)(T *, rustchat_event *, std::size_t, std::size_t *, std::int64_t),
                        std::size_t most, milliseconds timeout)
{
    std::vector<rustchat_event> raw(most);
    std::vector<event> events;
    events.reserve(most);
    std::size_t count = 0;
    check(take(handle, raw.data(), raw.size(), &count, timeout.count()));
    for (std::size_t i = 0; i < count; i++)
        events.emplace_back(raw[i]);
    return events;
}

/// What a program wants to be told, owned by the library from a start that worked until on_drop.
using listener_function = std::function<void(const rustchat_event &)>;

template <class Options> std::unique_ptr<listener_function> attach(Options &options, listener_function &&function)
{
    auto owned = std::make_unique<listener_function>(std::move(function));
    options.userdata = owned.get();
    // An exception must not reach the library; what is thrown here has nobody else to catch it.
    options.on_event = [](void *data, const rustchat_event *event) noexcept {
        (*static_cast<listener_function *>(data))(*event);
    };
    options.on_drop = [](void *data) noexcept { delete static_cast<listener_function *>(data); };
    return owned;
}

} // namespace detail

/// A running chat server; closed and released at its end.
class server {
  public:
    explicit server(const rustchat_server_options &options) : held_(start(options)) {}
    /// Tells on_event of every event, one at a time, on a thread of the library. An exception there ends the program.
    server(rustchat_server_options options, detail::listener_function on_event)
    {
        auto function = detail::attach(options, std::move(on_event));
        held_.reset(start(options));
        function.release();
    }

    rustchat_server *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_server_address); }
    std::uint16_t port() const
    {
        std::uint16_t port = 0;
        check(rustchat_server_port(get(), &port));
        return port;
    }
    rustchat_delivery broadcast(std::string_view text, rustchat_peer_id except = 0)
    {
        rustchat_delivery delivery{};
        check(rustchat_server_broadcast(get(), text.data(), text.size(), except, &delivery));
        return delivery;
    }
    void send(rustchat_peer_id peer, std::string_view text)
    {
        check(rustchat_server_send(get(), peer, text.data(), text.size()));
    }
    void disconnect(rustchat_peer_id peer, rustchat_status reason = RUSTCHAT_ECLOSED)
    {
        check(rustchat_server_disconnect(get(), peer, reason));
    }
    std::vector<rustchat_peer_id> peers() const
    {
        std::vector<rustchat_peer_id> ids(16);
        std::size_t count = 0;
        rustchat_status status;
        while ((status = rustchat_server_peers(get(), ids.data(), ids.size(), &count)) == RUSTCHAT_EBUFSIZE)
            ids.resize(count + 16);
        check(status);
        ids.resize(count);
        return ids;
    }
    rustchat_peer_info peer(rustchat_peer_id id) const
    {
        rustchat_peer_info info = RUSTCHAT_PEER_INFO_INIT;
        check(rustchat_server_peer_info(get(), id, &info));
        return info;
    }
    rustchat_server_stats_data stats() const
    {
        rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
        check(rustchat_server_stats(get(), &stats));
        return stats;
    }
    /// At least one event; throws timed_out, interrupted, or closed after the last one.
    std::vector<event> poll(milliseconds timeout = forever, std::size_t most = 64)
    {
        return detail::poll(get(), rustchat_server_poll, most, timeout);
    }
    int poll_fd() const
    {
        int fd = -1;
        check(rustchat_server_poll_fd(get(), &fd));
        return fd;
    }
    void wake() { check(rustchat_server_wake(get())); }
    void close() { check(rustchat_server_close(get())); }
    /// Of several calls, those of close() included, the one whose end comes first counts.
    void close_within(milliseconds drain) { check(rustchat_server_close_within(get(), drain.count())); }
    void join(milliseconds timeout = forever) { check(rustchat_server_join(get(), timeout.count())); }

  private:
    static rustchat_server *start(const rustchat_server_options &options)
    {
        check_abi();
        rustchat_server *made = nullptr;
        check(rustchat_server_start(&options, &made));
        return made;
    }
    detail::owner<rustchat_server, rustchat_server_free> held_;
};

/// A connected chat client; closed and released at its end.
class client {
  public:
    explicit client(const rustchat_client_options &options) : held_(connect(options)) {}
    /// Tells on_event of every event, one at a time, on a thread of the library. An exception there ends the program.
    client(rustchat_client_options options, detail::listener_function on_event)
    {
        auto function = detail::attach(options, std::move(on_event));
        held_.reset(connect(options));
        function.release();
    }

    rustchat_client *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_client_peer_address); }
    void send(std::string_view text, milliseconds timeout = forever)
    {
        check(rustchat_client_send(get(), text.data(), text.size(), timeout.count()));
    }
    message recv(milliseconds timeout = forever)
    {
        rustchat_message *received = nullptr;
        check(rustchat_client_recv(get(), &received, timeout.count()));
        return message(received);
    }
    std::vector<event> poll(milliseconds timeout = forever, std::size_t most = 64)
    {
        return detail::poll(get(), rustchat_client_poll, most, timeout);
    }
    int poll_fd() const
    {
        int fd = -1;
        check(rustchat_client_poll_fd(get(), &fd));
        return fd;
    }
    bool is_open() const
    {
        std::int32_t state = 0;
        check(rustchat_client_state(get(), &state));
        return state == RUSTCHAT_CLIENT_OPEN;
    }
    void wake() { check(rustchat_client_wake(get())); }
    void close() { check(rustchat_client_close(get())); }
    void join(milliseconds timeout = forever) { check(rustchat_client_join(get(), timeout.count())); }

  private:
    static rustchat_client *connect(const rustchat_client_options &options)
    {
        check_abi();
        rustchat_client *made = nullptr;
        check(rustchat_client_connect(&options, &made));
        return made;
    }
    detail::owner<rustchat_client, rustchat_client_free> held_;
};

/// Room for messages that are received together, to be used again and again. They live until the next receiving.
class batch {
  public:
    /// Room for so many bytes, more for a message that needs it, and so many messages.
    explicit batch(std::size_t bytes = 65536, std::size_t most = 1024) : memory_(bytes), messages_(most) {}

    std::size_t size() const noexcept { return count_; }
    std::string_view operator[](std::size_t index) const noexcept { return detail::view(messages_[index]); }
    /// The messages as connection::send_many takes them.
    const rustchat_bytes *begin() const noexcept { return messages_.data(); }
    const rustchat_bytes *end() const noexcept { return messages_.data() + count_; }

  private:
    friend class connection;
    void receive(rustchat_connection *connection, milliseconds timeout)
    {
        rustchat_status status;
        while ((status = rustchat_connection_recv_many(connection, memory_.data(), memory_.size(), messages_.data(),
                                                       messages_.size(), &count_, timeout.count())) == RUSTCHAT_EBUFSIZE)
            memory_.resize(messages_[0].len);
        check(status);
    }
    std::vector<char> memory_;
    std::vector<rustchat_bytes> messages_;
    std::size_t count_ = 0;
};

/// A connection of whole messages; closed and released at its end.
class connection {
  public:
    explicit connection(const rustchat_connection_options &options)
    {
        check_abi();
        rustchat_connection *made = nullptr;
        check(rustchat_connection_open(&options, &made));
        held_.reset(made);
    }
    /// Takes over a handle.
    explicit connection(rustchat_connection *handle) noexcept : held_(handle) {}

    rustchat_connection *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_connection_peer_address); }
    std::string key_id() const { return detail::text(get(), rustchat_connection_key_id); }
    void send(std::string_view data, milliseconds timeout = forever)
    {
        check(rustchat_connection_send(get(), data.data(), data.size(), timeout.count()));
    }
    /// All of them, with few system calls; what() of a failure says how many went out before.
    void send_many(const rustchat_bytes *begin, const rustchat_bytes *end, milliseconds timeout = forever)
    {
        check(rustchat_connection_send_many(get(), begin, static_cast<std::size_t>(end - begin), nullptr, timeout.count()));
    }
    void send_many(const batch &messages, milliseconds timeout = forever)
    {
        send_many(messages.begin(), messages.end(), timeout);
    }
    void send_many(const std::vector<std::string_view> &messages, milliseconds timeout = forever)
    {
        std::vector<rustchat_bytes> pieces;
        pieces.reserve(messages.size());
        for (std::string_view message : messages)
            pieces.push_back(bytes(message));
        send_many(pieces.data(), pieces.data() + pieces.size(), timeout);
    }
    /// At least one message, and those that have come with it.
    void recv_many(batch &room, milliseconds timeout = forever) { room.receive(get(), timeout); }
    message recv(milliseconds timeout = forever)
    {
        rustchat_message *received = nullptr;
        check(rustchat_connection_recv(get(), &received, timeout.count()));
        return message(received);
    }
    int fd() const
    {
        int fd = -1;
        check(rustchat_connection_fd(get(), &fd));
        return fd;
    }
    void close() { check(rustchat_connection_close(get())); }

  private:
    detail::owner<rustchat_connection, rustchat_connection_free> held_;
};

/// Listens for connections; closed and released at its end.
class listener {
  public:
    explicit listener(const rustchat_listener_options &options)
    {
        check_abi();
        rustchat_listener *made = nullptr;
        check(rustchat_listener_open(&options, &made));
        held_.reset(made);
    }

    rustchat_listener *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_listener_address); }
    std::uint16_t port() const
    {
        std::uint16_t port = 0;
        check(rustchat_listener_port(get(), &port));
        return port;
    }
    connection accept(milliseconds timeout = forever)
    {
        rustchat_connection *accepted = nullptr;
        check(rustchat_listener_accept(get(), &accepted, timeout.count()));
        return connection(accepted);
    }
    void close() { check(rustchat_listener_close(get())); }

  private:
    detail::owner<rustchat_listener, rustchat_listener_free> held_;
};

/// Takes bytes as they come and gives whole messages.
class decoder {
  public:
    explicit decoder(std::int32_t framing = RUSTCHAT_FRAMING_DEFAULT, std::size_t max_frame = 0)
    {
        rustchat_decoder *made = nullptr;
        check(rustchat_decoder_new(framing, max_frame, &made));
        held_.reset(made);
    }
    void push(std::string_view data) { check(rustchat_decoder_push(held_.get(), data.data(), data.size())); }
    /// The next message, which lives until the next call; nothing when more bytes are needed.
    std::optional<std::string_view> next()
    {
        rustchat_bytes frame{};
        rustchat_status status = rustchat_decoder_next(held_.get(), &frame);
        if (status == RUSTCHAT_EAGAIN)
            return std::nullopt;
        check(status);
        return detail::view(frame);
    }

  private:
    detail::owner<rustchat_decoder, rustchat_decoder_free> held_;
};

} // namespace rustchat

#endif
