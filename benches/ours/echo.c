/* Framed echo over rustchat's C face.
 *
 *   echo [--no-polling] serve
 *   echo [--no-polling] call HOST PORT SIZE SECONDS
 */
#include "ours.h"

static int64_t polling; /* 0 is the default */

static void serve(void)
{
	rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
	options.polling_us = polling;
	rustchat_listener *listener = ours_listen(options, NULL);
	rustchat_connection *connection;
	char *message = allocate(MAX_MESSAGE);
	size_t length;
	while (rustchat_listener_accept(listener, &connection, -1) == RUSTCHAT_OK) {
		while (rustchat_connection_recv_into(connection, message, MAX_MESSAGE, &length, -1) == RUSTCHAT_OK &&
		       rustchat_connection_send(connection, message, length, -1) == RUSTCHAT_OK)
			;
		rustchat_connection_free(connection);
	}
}

static void round_trip(rustchat_connection *connection, const char *message, char *answer, size_t size)
{
	size_t length;
	check(rustchat_connection_send(connection, message, size, -1), "send");
	check(rustchat_connection_recv_into(connection, answer, MAX_MESSAGE, &length, -1), "receive");
	if (length != size)
		die("round trip");
}

static void call(const char *host, const char *port, size_t size, double seconds)
{
	rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
	options.polling_us = polling;
	rustchat_connection *connection = ours_connect(options, host, port, NULL);
	char *message = allocate(size), *answer = allocate(MAX_MESSAGE);
	memset(message, 'x', size);
	for (double end = now() + seconds / 10; now() < end;) /* warm-up */
		round_trip(connection, message, answer, size);
	long count = 0;
	double used = cpu(), begin = now(), end = begin;
	while (end - begin < seconds) {
		round_trip(connection, message, answer, size);
		count++;
		end = now();
	}
	if (memcmp(message, answer, size) != 0) {
		fprintf(stderr, "the echo differs from what was sent\n");
		exit(1);
	}
	printf("{\"round_trips\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, end - begin, cpu() - used);
	rustchat_connection_free(connection);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--no-polling") == 0) {
		polling = -1;
		argc--, argv++;
	}
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		serve();
	} else if (argc == 6 && strcmp(argv[1], "call") == 0) {
		call(argv[2], argv[3], (size_t)atol(argv[4]), atof(argv[5]));
	} else {
		fprintf(stderr, "usage: echo [--no-polling] serve | call HOST PORT SIZE SECONDS\n");
		return 2;
	}
	return 0;
}
