// A chat server in C++: greets who joins, answers "time", and stops when told "stop".
//
//   chat_server_cpp [ADDRESS]      default 127.0.0.1:60000
#include <ctime>
#include <iostream>
#include <rustchat.hpp>
#include <string>

int main(int argc, char **argv)
try {
    auto options = rustchat::options<rustchat_server_options>();
    options.address = argc > 1 ? argv[1] : "127.0.0.1:60000";
    rustchat::server server(options);
    std::cout << "listening on " << server.address() << std::endl;
    for (;;) {
        for (const rustchat::event &event : server.poll()) {
            std::cout << event.name() << ' ' << event.address() << ' ' << event.text() << std::endl;
            if (event->kind == RUSTCHAT_EVENT_PEER_JOINED)
                server.broadcast("welcome " + std::string(event.address()));
            if (event->kind == RUSTCHAT_EVENT_MESSAGE && event.text() == "time")
                server.send(event->peer, std::to_string(std::time(nullptr)));
            if (event->kind == RUSTCHAT_EVENT_MESSAGE && event.text() == "stop")
                server.close();
        }
    }
} catch (const rustchat::closed &) {
    return 0;
} catch (const rustchat::error &error) {
    std::cerr << error.what() << " (" << rustchat_status_name(error.status()) << ")\n";
    return 1;
}
