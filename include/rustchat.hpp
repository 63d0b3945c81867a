/**
 * @file rustchat.hpp
 * rustchat for C++17: owners that release what they hold, move only, and exceptions from the table of statuses.
 *
 * Everything here is a thin layer over rustchat.h, which documents each function; get() gives the handle below for what
 * this layer leaves out. Options are the structures of C, made by options<...>(). Each part of it may be included alone.
 */
#ifndef RUSTCHAT_HPP
#define RUSTCHAT_HPP

#include <rustchat.h>

#include <rustchat/client.hpp>
#include <rustchat/command.hpp>
#include <rustchat/connection.hpp>
#include <rustchat/decoder.hpp>
#include <rustchat/error.hpp>
#include <rustchat/event.hpp>
#include <rustchat/file.hpp>
#include <rustchat/handle.hpp>
#include <rustchat/keys.hpp>
#include <rustchat/listener.hpp>
#include <rustchat/message.hpp>
#include <rustchat/options.hpp>
#include <rustchat/server.hpp>
#include <rustchat/tls.hpp>

#endif
