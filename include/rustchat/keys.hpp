/**
 * @file keys.hpp
 * A part of rustchat.hpp: the keys of servers.
 */
#ifndef RUSTCHAT_KEYS_HPP
#define RUSTCHAT_KEYS_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rustchat {

/// Secrets by id, which come and go while servers run: options.keys = ring.get().
class key_ring {
  public:
    key_ring()
    {
        check_abi();
        rustchat_key_ring *made = nullptr;
        check(rustchat_key_ring_new(&made));
        held_.reset(made);
    }

    rustchat_key_ring *get() const noexcept { return held_.get(); }
    /// Adds a key, in the place of an older one with the same id; "" is the key of clients that name none.
    void add(const std::string &id, std::string_view secret)
    {
        check(rustchat_key_ring_add(get(), id.c_str(), secret.data(), secret.size()));
    }
    /// Revokes a key.
    void remove(const std::string &id) { check(rustchat_key_ring_remove(get(), id.c_str())); }
    /// Has the ring hold these keys, ids and secrets, and no others, in one step; how many were revoked.
    std::size_t replace(const std::vector<std::pair<std::string, std::string>> &keys)
    {
        std::vector<rustchat_key> all;
        all.reserve(keys.size());
        for (const auto &[id, secret] : keys)
            all.push_back({id.c_str(), {secret.data(), secret.size()}});
        std::size_t revoked = 0;
        check(rustchat_key_ring_replace(get(), all.data(), all.size(), &revoked));
        return revoked;
    }
    /// The ids, sorted.
    std::vector<std::string> ids() const
    {
        std::string all;
        std::size_t size = 0;
        rustchat_status status;
        while ((status = rustchat_key_ring_ids(get(), &all[0], all.size(), &size)) == RUSTCHAT_EBUFSIZE)
            all.resize(size);
        check(status);
        std::vector<std::string> ids;
        for (std::size_t at = 0; at < size; at += ids.back().size() + 1)
            ids.emplace_back(all.c_str() + at);
        return ids;
    }

  private:
    detail::owner<rustchat_key_ring, rustchat_key_ring_free> held_;
};

} // namespace rustchat

#endif
