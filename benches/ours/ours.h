/* What the C programs that use rustchat share. */
#ifndef OURS_H
#define OURS_H

#include "../peers/common.h"

#include <rustchat.h>

static inline void check(rustchat_status status, const char *what)
{
	rustchat_error error;
	if (status == RUSTCHAT_OK)
		return;
	if (rustchat_last_error(&error) == RUSTCHAT_OK)
		fprintf(stderr, "%s: %s (%s)\n", what, error.message, rustchat_status_name(status));
	exit(1);
}

/* Listens at a port of the system's choice, and says so; secret may be NULL. */
static inline rustchat_listener *ours_listen(rustchat_listener_options options, const char *secret)
{
	rustchat_listener *listener;
	char address[128];
	options.address = "127.0.0.1:0";
	options.secret.data = secret;
	options.secret.len = secret ? strlen(secret) : 0;
	check(rustchat_listener_open(&options, &listener), "listen");
	check(rustchat_listener_address(listener, address, sizeof address, NULL), "address");
	printf("listening on %s\n", address);
	fflush(stdout);
	return listener;
}

static inline rustchat_connection *ours_connect(rustchat_connection_options options, const char *host, const char *port,
						const char *secret)
{
	rustchat_connection *connection;
	char address[128];
	snprintf(address, sizeof address, "%s:%s", host, port);
	options.address = address;
	options.secret.data = secret;
	options.secret.len = secret ? strlen(secret) : 0;
	check(rustchat_connection_open(&options, &connection), "connect");
	return connection;
}

#endif
