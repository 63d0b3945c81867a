/* The owners of rustchat.hpp: what they own, what they throw, and that they come to their end. With TLS, where there is a choice. */

#include <rustchat.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

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

void test_who_is_there_and_private_words()
{
    auto serving = rustchat::options<rustchat_server_options>();
    serving.address = "127.0.0.1:0";
    serving.framing = RUSTCHAT_FRAMING_U32BE;
    rustchat::server server(serving);
    const std::string address = server.address();
    auto options = rustchat::options<rustchat_client_options>();
    wait_long(options);
    options.address = address.c_str();
    options.framing = RUSTCHAT_FRAMING_U32BE;
    rustchat::client client(options);
    client.rename("ann", patience);
    CHECK(client.name() == "ann");
    rustchat::member_listing members = client.who(patience);
    CHECK(members.size() == 1 && members.begin()->name == std::string("ann"));
    client.send_to("ann", "psst", patience);
    const rustchat::message psst = client.recv(patience);
    CHECK(psst.content() == "psst" && psst.is_private() && psst.kind() == RUSTCHAT_EVENT_DIRECT);
    CHECK(psst.recipient() == 0 && psst.recipient_name().empty());
    client.rename(nullptr, patience);
    CHECK(client.name().empty());
    try {
        client.send_to("ann", "psst", patience);
        client.recv(patience);
        CHECK(!"nobody is called that");
    } catch (const rustchat::error &error) {
        CHECK(error.status() == RUSTCHAT_ENOPEER);
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

/* An object that goes with its member. */
struct guest {
    int &gone;
    explicit guest(int &count) : gone(count) {}
    guest(const guest &) = delete;
    guest &operator=(const guest &) = delete;
    ~guest() { gone++; }
};

rustchat_server_options asking()
{
    auto options = rustchat::options<rustchat_server_options>();
    options.asks = RUSTCHAT_ASKS_MESSAGES;
    options.framing = RUSTCHAT_FRAMING_U32BE;
    return options;
}

/* The next event of a kind. */
rustchat::event next(rustchat::server &server, std::int32_t kind)
{
    for (;;) {
        std::vector<rustchat::event> events = server.poll(patience, 1);
        if (events.at(0)->kind == kind)
            return std::move(events[0]);
    }
}

void test_what_a_server_knows_of_its_members()
{
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listening, reinterpret_cast<const sockaddr *>(&loopback), sizeof loopback) == 0 && listen(listening, 8) == 0);
    rustchat::server server(rustchat::adopted{listening}, asking());
    server.probe(patience);
    const std::string address = "127.0.0.1:" + std::to_string(server.port());
    auto joining = rustchat::options<rustchat_client_options>();
    joining.address = address.c_str();
    joining.framing = RUSTCHAT_FRAMING_U32BE;
    wait_long(joining);
    int gone = 0;
    {
        rustchat::client client(joining);
        const rustchat_peer_id peer = next(server, RUSTCHAT_EVENT_PEER_JOINED)->peer;
        CHECK(server.data<guest>(peer) == nullptr);
        auto object = std::make_unique<guest>(gone);
        guest *const known = object.get();
        server.set_data(peer, std::move(object));
        CHECK(server.data<guest>(peer) == known);
        server.rename(peer, "ann");
        CHECK(server.peer_name(peer) == "ann");
        client.send(rustchat::message("raw"), patience);
        server.answer(next(server, RUSTCHAT_EVENT_ASK_MESSAGE)->question, RUSTCHAT_VERDICT_REPLACE, "cooked");
        server.send(peer, rustchat::message("for you"));
        CHECK(server.broadcast(rustchat::message("for all")).queued == 1);
        std::string heard;
        while (heard.find("for all") == std::string::npos)
            heard += std::string(client.recv(patience).content()) + "\n";
        CHECK(heard.find("cooked") != std::string::npos && heard.find("for you") != std::string::npos);
        CHECK(client.stats().messages_out == 1 && server.times().turns.nanoseconds > 0 && server.speech_fd() >= 0);
    }
    {
        const rustchat::event left = next(server, RUSTCHAT_EVENT_PEER_LEFT);
        CHECK(gone == 0 && server.data<guest>(left->peer) != nullptr);
    }
    CHECK(gone == 1);
    CHECK(server.ban(RUSTCHAT_BAN_NAME, "mallory", "spam", rustchat::milliseconds(3600000)) == 0);
    CHECK(server.bans().find("mallory") != std::string::npos);
    server.reload_bans();
    server.unban(RUSTCHAT_BAN_NAME, "mallory");
    CHECK(server.bans().empty());
    close(listening);
}

rustchat::command_server command_server(const rustchat::tls &tls, const rustchat_command_template &command)
{
    auto options = with_tls<rustchat_command_server_options>(tls);
    options.commands = &command;
    options.command_count = 1;
    return rustchat::command_server(options);
}

void test_commands()
{
    const rustchat_command_word words[] = {RUSTCHAT_COMMAND_LITERAL("-c"), RUSTCHAT_COMMAND_TEXT(0)};
    auto shell = rustchat::options<rustchat_command_template>();
    shell.name = "sh";
    shell.program = "/bin/sh";
    shell.words = words;
    shell.word_count = 2;
    rustchat::tls tls;
    rustchat::command_server server = command_server(tls, shell);
    const std::string address = server.address();
    auto options = with_tls<rustchat_command_client_options>(tls);
    options.address = address.c_str();
    rustchat::command_client client(options);
    const rustchat_protection protection = client.protection();
    const rustchat::pin pin = server.pin();
    CHECK(protection.tls == 1 && std::equal(pin.begin(), pin.end(), protection.pin));
    rustchat::command_result result = client.run({"sh", "echo out; echo err >&2; exit 3"});
    CHECK(result.out() == "out\n" && result.err() == "err\n" && result.exit().code == 3 && !result.success());
    auto how = rustchat::options<rustchat_command_options>();
    how.check = 1;
    try {
        client.run(result, {"sh", "echo more; exit 4"}, how);
        CHECK(!"it has failed");
    } catch (const rustchat::error &error) {
        CHECK(error.status() == RUSTCHAT_ECOMMAND && result.out() == "more\n" && result.exit().code == 4);
    }
    try {
        client.run({"reboot"});
        CHECK(!"it is refused");
    } catch (const rustchat::refused &error) {
        CHECK(error.rule() == RUSTCHAT_COMMAND_REFUSED_UNKNOWN);
    }
    how = rustchat::options<rustchat_command_options>();
    how.with_stdin = 1;
    rustchat::command job = client.start({"sh", "read line; echo got $line; cat"}, how);
    job.write("this\n", patience);
    CHECK(job.read(RUSTCHAT_COMMAND_STDOUT, patience) == "got this\n");
    CHECK(job.communicate("the rest", patience).out() == "the rest");
    CHECK(job.wait(patience).success == 1);
    rustchat::command killed = client.start({"sh", "sleep 300"});
    killed = client.start({"sh", "exit 0"});
    CHECK(killed.wait(patience).code == 0 && client.is_open() && client.limit() == 256);
    CHECK(server.stats().started == 5);
}

void test_files_and_keys()
{
    char folder[] = "/tmp/rustchat-owners-XXXXXX";
    CHECK(mkdtemp(folder) != nullptr);
    const std::string root = folder;
    rustchat::key_ring ring;
    ring.add("ann", "the secret of ann");
    ring.add("", "that of all");
    CHECK((ring.ids() == std::vector<std::string>{"", "ann"}));
    ring.remove("");
    CHECK(ring.replace({{"ann", "the secret of ann"}, {"ben", "that of ben"}}) == 0 && ring.ids().size() == 2);
    CHECK(ring.replace({{"ann", "the secret of ann"}}) == 1 && ring.ids().size() == 1);
    auto serving = rustchat::options<rustchat_file_server_options>();
    serving.address = "127.0.0.1:0";
    serving.root = root.c_str();
    serving.keys = ring.get();
    wait_long(serving);
    rustchat::file_server server(serving);
    const std::string address = server.address();
    auto options = rustchat::options<rustchat_file_client_options>();
    options.address = address.c_str();
    options.key_id = "ann";
    options.secret = rustchat::bytes("the secret of ann");
    rustchat::file_client client(options);
    CHECK(client.protection().tls == 0);
    const rustchat_file_transferred done = client.upload("/proc/self/exe", "program");
    CHECK(done.size > 0 && client.stat("program").size == done.size);
    client.mkdir("one/two", RUSTCHAT_MKDIR_PARENTS);
    client.rename("program", "one/program");
    std::string names;
    for (const rustchat_file_entry &entry : client.list("one"))
        names += entry.name;
    CHECK(names.size() == 10 && client.list("one/two").size() == 0);
    rustchat::file_tree tree = client.download_tree("one", root + "/copy");
    CHECK(tree->files == 1 && tree->skipped_count == 0);
    try {
        client.mkdir("one");
        CHECK(!"it is there");
    } catch (const rustchat::refused &error) {
        CHECK(error.rule() == RUSTCHAT_FILE_REFUSED_EXISTS && error.os_code() != 0);
    }
    client.remove("one/program");
    client.rmdir("one/two");
    CHECK(server.stats().stored == 1 && server.port() != 0);
    CHECK(std::system(("rm -r '" + root + "'").c_str()) == 0);
}

} // namespace

int main()
{
    alarm(600);
    try {
        test_a_chat_by_tls();
        test_who_is_there_and_private_words();
        test_connections_by_tls();
        test_options_tell_what_is_wrong();
        test_what_a_server_knows_of_its_members();
        test_commands();
        test_files_and_keys();
    } catch (const std::exception &error) {
        give_up(error.what(), 0);
    }
    std::puts("6 tests");
    return 0;
}
