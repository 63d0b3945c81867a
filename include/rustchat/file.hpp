/**
 * @file file.hpp
 * A part of rustchat.hpp: files.
 */
#ifndef RUSTCHAT_FILE_HPP
#define RUSTCHAT_FILE_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/options.hpp>
#include <rustchat/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace rustchat {

/// A running server of files; closed and released at its end.
class file_server {
  public:
    explicit file_server(const rustchat_file_server_options &options) : held_(detail::made(rustchat_file_server_start, options)) {}

    rustchat_file_server *get() const noexcept { return held_.get(); }
    std::string address() const { return detail::text(get(), rustchat_file_server_address); }
    std::uint16_t port() const { return detail::number(get(), rustchat_file_server_port); }
    /// Shows those who come from here on another certificate.
    void replace_certificate(const tls &with) { check(rustchat_file_server_replace_certificate(get(), with.get())); }
    /// The public key that clients may be told to trust.
    rustchat::pin pin() const { return detail::pin_of(get(), rustchat_file_server_pin); }
    rustchat_file_server_stats_data stats() const
    {
        rustchat_file_server_stats_data stats = RUSTCHAT_FILE_SERVER_STATS_INIT;
        check(rustchat_file_server_stats(get(), &stats));
        return stats;
    }
    void close() { check(rustchat_file_server_close(get())); }
    void close_within(milliseconds drain) { check(rustchat_file_server_close_within(get(), drain.count())); }
    void join(milliseconds timeout = forever) { check(rustchat_file_server_join(get(), timeout.count())); }

  private:
    detail::owner<rustchat_file_server, rustchat_file_server_free> held_;
};

/// What is in a folder: for (const rustchat_file_entry &entry : listing).
class file_listing : public detail::lent<rustchat_file_listing, rustchat_file_listing_clear> {
  public:
    file_listing() noexcept : lent(RUSTCHAT_FILE_LISTING_INIT) {}
    std::size_t size() const noexcept { return value_.count; }
    const rustchat_file_entry *begin() const noexcept { return value_.entries; }
    const rustchat_file_entry *end() const noexcept { return value_.entries + value_.count; }
};

/// What was moved of a folder: files, bytes, and what was left out.
struct file_tree : detail::lent<rustchat_file_tree, rustchat_file_tree_clear> {
    file_tree() noexcept : lent(RUSTCHAT_FILE_TREE_INIT) {}
};

/// A connection to a file server; closed and released at its end.
class file_client {
  public:
    using transfer_options = rustchat_file_transfer_options;

    explicit file_client(const rustchat_file_client_options &options) : held_(detail::made(rustchat_file_client_connect, options)) {}

    rustchat_file_client *get() const noexcept { return held_.get(); }
    std::string peer_address() const { return detail::text(get(), rustchat_file_client_peer_address); }
    /// What protects what is sent and received.
    rustchat_protection protection() const { return detail::protection(get(), rustchat_file_client_protection); }
    rustchat_file_transferred upload(const std::string &from, const std::string &to,
                                     const transfer_options &how = options<transfer_options>(),
                                     milliseconds timeout = forever)
    {
        return move(rustchat_file_upload, from, to, how, timeout);
    }
    rustchat_file_transferred download(const std::string &from, const std::string &to,
                                       const transfer_options &how = options<transfer_options>(),
                                       milliseconds timeout = forever)
    {
        return move(rustchat_file_download, from, to, how, timeout);
    }
    file_tree upload_tree(const std::string &from, const std::string &to,
                          const transfer_options &how = options<transfer_options>(), milliseconds timeout = forever)
    {
        file_tree tree;
        check(rustchat_file_upload_tree(get(), from.c_str(), to.c_str(), &how, tree.reset(), timeout.count()));
        return tree;
    }
    file_tree download_tree(const std::string &from, const std::string &to,
                            const transfer_options &how = options<transfer_options>(), milliseconds timeout = forever)
    {
        file_tree tree;
        check(rustchat_file_download_tree(get(), from.c_str(), to.c_str(), &how, tree.reset(), timeout.count()));
        return tree;
    }
    file_listing list(const std::string &path = {}, milliseconds timeout = forever)
    {
        file_listing listing;
        check(rustchat_file_list(get(), path.c_str(), listing.reset(), timeout.count()));
        return listing;
    }
    rustchat_file_entry stat(const std::string &path, milliseconds timeout = forever)
    {
        rustchat_file_entry entry{};
        check(rustchat_file_stat(get(), path.c_str(), &entry, timeout.count()));
        return entry;
    }
    /// flags: rustchat_mkdir_flag, added.
    void mkdir(const std::string &path, std::uint32_t flags = 0, milliseconds timeout = forever)
    {
        check(rustchat_file_mkdir(get(), path.c_str(), flags, timeout.count()));
    }
    void remove(const std::string &path, milliseconds timeout = forever)
    {
        check(rustchat_file_remove(get(), path.c_str(), timeout.count()));
    }
    void rmdir(const std::string &path, milliseconds timeout = forever)
    {
        check(rustchat_file_rmdir(get(), path.c_str(), timeout.count()));
    }
    void rename(const std::string &from, const std::string &to, milliseconds timeout = forever)
    {
        check(rustchat_file_rename(get(), from.c_str(), to.c_str(), timeout.count()));
    }
    void replace(const std::string &from, const std::string &to, milliseconds timeout = forever)
    {
        check(rustchat_file_replace(get(), from.c_str(), to.c_str(), timeout.count()));
    }
    bool is_open() const { return detail::number(get(), rustchat_file_client_state) == RUSTCHAT_CLIENT_OPEN; }
    void close() { check(rustchat_file_client_close(get())); }

  private:
    rustchat_file_transferred move(decltype(rustchat_file_upload) *function, const std::string &from,
                                   const std::string &to, const transfer_options &how, milliseconds timeout)
    {
        rustchat_file_transferred done = RUSTCHAT_FILE_TRANSFERRED_INIT;
        check(function(get(), from.c_str(), to.c_str(), &how, &done, timeout.count()));
        return done;
    }
    detail::owner<rustchat_file_client, rustchat_file_client_free> held_;
};

} // namespace rustchat

#endif
