/**
 * @file decoder.hpp
 * A part of rustchat.hpp: the framing alone.
 */
#ifndef RUSTCHAT_DECODER_HPP
#define RUSTCHAT_DECODER_HPP

#include <rustchat.h>

#include <rustchat/error.hpp>
#include <rustchat/handle.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rustchat {

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
