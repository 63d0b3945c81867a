/* The owners of rustchat.hpp with TLS: what they own, what they throw, and that they come to their end. */

#include <rustchat.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <unistd.h>

namespace {

constexpr rustchat::milliseconds patience{60000};
const std::string secret = "correct horse battery staple";

[[noreturn]] void give_up(const char *what, int line)
{
    std::fprintf(stderr, "owners.cpp:%d: %s\n", line, what);
    std::_Exit(1);
}

#define CHECK(condition)                                                                                              \
    do {                                                                                                              \
        if (!(condition))                                                                                             \
            give_up(#condition, __LINE__);                                                                            \
    } while (0)

/* Under valgrind everything takes its time. */
template <class Options> auto wait_long(Options &options) -> decltype(options.timeout_ms = 0, void())
{
    options.timeout_ms = 10 * patience.count();
}
template <class Options> auto wait_long(Options &options) -> decltype(options.handshake_timeout_ms = 0, void())
{
    options.handshake_timeout_ms = patience.count();
}

template <class Options> Options with_tls(const rustchat::tls &tls)
{
    auto options = rustchat::options<Options>();
    options.address = "127.0.0.1:0";
    options.secret = rustchat::bytes(secret);
    options.tls = tls.get();
    wait_long(options);
    return options;
}

void test_a_chat_by_tls()
{
    rustchat::tls tls;
    rustchat::server server(with_tls<rustchat_server_options>(tls));
    const std::string address = server.address();
    rustchat::tls pinned;
    pinned.trust(server.pin());
    for (const rustchat::tls &trusted : {tls, pinned}) {
        auto options = with_tls<rustchat_client_options>(trusted);
        options.address = address.c_str();
        rustchat::client client(options);
        client.send("hello", patience);
        CHECK(client.recv(patience).content() == "hello");
        const rustchat_protection protection = client.protection();
        CHECK(protection.tls == 1 && protection.binding == RUSTCHAT_BINDING_TLS_EXPORTER);
    }
    rustchat::pin other{};
    rustchat::tls wrong;
    wrong.trust(other);
    auto options = with_tls<rustchat_client_options>(wrong);
    options.address = address.c_str();
    try {
        rustchat::client client(options);
        CHECK(!"a wrong pin is refused");
    } catch (const rustchat::authentication_failed &error) {
        CHECK(std::string(error.what()).find("pin") != std::string::npos);
    }
}

void test_connections_by_tls()
{
    rustchat::tls tls;
    rustchat::listener listener(with_tls<rustchat_listener_options>(tls));
    const std::string address = listener.address();
    auto options = with_tls<rustchat_connection_options>(tls);
    options.address = address.c_str();
    rustchat::connection connection(options);
    rustchat::connection accepted = listener.accept(patience);
    connection.send("a message", patience);
    CHECK(accepted.recv(patience).content() == "a message");
    CHECK(accepted.protection().tls == 1 && connection.protection().has_pin == 1);
    const rustchat_protection protection = connection.protection();
    const rustchat::pin pin = listener.pin();
    CHECK(std::equal(pin.begin(), pin.end(), protection.pin));
}

void test_options_tell_what_is_wrong()
{
    rustchat::tls tls;
    tls.certificate("no PEM", "no PEM").server_name("localhost").allow_unbound();
    try {
        rustchat::server server(with_tls<rustchat_server_options>(tls));
        CHECK(!"no certificate");
    } catch (const rustchat::error &error) {
        CHECK(error.status() == RUSTCHAT_EINVAL);
        CHECK(std::string(error.what()).find("there is no certificate in the PEM") != std::string::npos);
    }
    rustchat::tls of_files;
    of_files.certificate_file("/nowhere/x.pem");
    rustchat::server server(with_tls<rustchat_server_options>(rustchat::tls()));
    try {
        server.replace_certificate(of_files);
        CHECK(!"no file");
    } catch (const rustchat::error &error) {
        CHECK(error.status() == RUSTCHAT_EIO && error.os_code() != 0);
    }
}

} // namespace

int main()
{
    alarm(600);
    try {
        test_a_chat_by_tls();
        test_connections_by_tls();
        test_options_tell_what_is_wrong();
    } catch (const std::exception &error) {
        give_up(error.what(), 0);
    }
    std::puts("3 tests");
    return 0;
}
