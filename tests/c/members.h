/* Members of message chat. */

#ifndef MEMBERS_H
#define MEMBERS_H

#include "harness.h"

static inline rustchat_client *connect_message_client(rustchat_server *server)
{
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_U32BE);
    skip_client_event(client, RUSTCHAT_EVENT_WELCOME);
    return client;
}

#endif
