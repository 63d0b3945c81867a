/**
 * @file command.hpp
 * A part of rustchat.hpp: remote commands.
 */
#ifndef RUSTCHAT_COMMAND_HPP
#define RUSTCHAT_COMMAND_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/options.hpp>
#include <rustchat/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rustchat {

/// A running server of remote commands; closed and released at its end.
class command_server {
  public:
    explicit command_server(const rustchat_command_server_options &options) : held_(detail::made(rustchat_command_server_start, options)) {}

    rustchat_command_server *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_command_server_address); }
    std::uint16_t port() const { return detail::number(get(), rustchat_command_server_port); }
    /// Shows those who come from here on another certificate.
    void replace_certificate(const tls &with) { check(rustchat_command_server_replace_certificate(get(), with.get())); }
    /// The public key that clients may be told to trust.
    rustchat::pin pin() const { return detail::pin_of(get(), rustchat_command_server_pin); }
    rustchat_command_server_stats_data stats() const
    {
        rustchat_command_server_stats_data stats = RUSTCHAT_COMMAND_SERVER_STATS_INIT;
        check(rustchat_command_server_stats(get(), &stats));
        return stats;
    }
    void close() { check(rustchat_command_server_close(get())); }
    void close_within(milliseconds drain) { check(rustchat_command_server_close_within(get(), drain.count())); }
    void join(milliseconds timeout = forever) { check(rustchat_command_server_join(get(), timeout.count())); }

  private:
    detail::owner<rustchat_command_server, rustchat_command_server_free> held_;
};

/// What became of a command, and what it wrote; cleared at its end.
class command_result : public detail::lent<rustchat_command_result, rustchat_command_result_clear> {
  public:
    command_result() noexcept : lent(RUSTCHAT_COMMAND_RESULT_INIT) {}
    /// All of its standard output, as long as this object lives.
    std::string_view out() const noexcept { return detail::view(value_.out); }
    std::string_view err() const noexcept { return detail::view(value_.err); }
    const rustchat_command_exit &exit() const noexcept { return value_.exit; }
    bool success() const noexcept { return value_.exit.success != 0; }
};

/// A command that runs; killed at its end if it still does.
class command {
  public:
    /// Takes over a handle.
    explicit command(rustchat_command *handle) noexcept : held_(handle) {}

    rustchat_command *get() const noexcept { return held_.get(); }
    /// What has come of an output, or comes; "" at its end.
    std::string read(rustchat_command_output output = RUSTCHAT_COMMAND_STDOUT, milliseconds timeout = forever,
                     std::size_t most = 65536)
    {
        std::string bytes(most, '\0');
        std::size_t count = 0;
        check(rustchat_command_read(get(), output, &bytes[0], bytes.size(), &count, timeout.count()));
        bytes.resize(count);
        return bytes;
    }
    void write(std::string_view data, milliseconds timeout = forever)
    {
        check(rustchat_command_write(get(), data.data(), data.size(), nullptr, timeout.count()));
    }
    void close_stdin() { check(rustchat_command_close_stdin(get())); }
    void close_output(rustchat_command_output output) { check(rustchat_command_close_output(get(), output)); }
    void signal(std::int32_t number) { check(rustchat_command_signal(get(), number)); }
    rustchat_command_exit wait(milliseconds timeout = forever)
    {
        rustchat_command_exit exit = RUSTCHAT_COMMAND_EXIT_INIT;
        check(rustchat_command_wait(get(), &exit, timeout.count()));
        return exit;
    }
    /// Writes input and ends it, reads all and waits for the end; what() of a failure has no output.
    command_result communicate(std::string_view input = {}, milliseconds timeout = forever)
    {
        command_result result;
        check(rustchat_command_communicate(get(), input.data(), input.size(), result.reset(), timeout.count()));
        return result;
    }

  private:
    detail::owner<rustchat_command, rustchat_command_free> held_;
};

/// A connection to a command server; closed and released at its end.
class command_client {
  public:
    explicit command_client(const rustchat_command_client_options &options) : held_(detail::made(rustchat_command_client_connect, options)) {}

    rustchat_command_client *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_command_client_peer_address); }
    /// What protects what is sent and received.
    rustchat_protection protection() const { return detail::protection(get(), rustchat_command_client_protection); }
    std::size_t limit() const { return detail::number(get(), rustchat_command_client_limit); }
    command_result run(const std::vector<const char *> &words,
                       const rustchat_command_options &how = options<rustchat_command_options>(),
                       milliseconds timeout = forever)
    {
        command_result result;
        run(result, words, how, timeout);
        return result;
    }
    /// The same with what came also where it throws.
    void run(command_result &result, const std::vector<const char *> &words,
             const rustchat_command_options &how = options<rustchat_command_options>(), milliseconds timeout = forever)
    {
        check(rustchat_command_run(get(), words.data(), words.size(), &how, result.reset(), timeout.count()));
    }
    command start(const std::vector<const char *> &words,
                  const rustchat_command_options &how = options<rustchat_command_options>(),
                  milliseconds timeout = forever)
    {
        rustchat_command *started = nullptr;
        check(rustchat_command_start(get(), words.data(), words.size(), &how, &started, timeout.count()));
        return command(started);
    }
    bool is_open() const { return detail::number(get(), rustchat_command_client_state) == RUSTCHAT_CLIENT_OPEN; }
    void close() { check(rustchat_command_client_close(get())); }

  private:
    detail::owner<rustchat_command_client, rustchat_command_client_free> held_;
};

} // namespace rustchat

#endif
