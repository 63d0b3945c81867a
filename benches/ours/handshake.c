/* Mutually authenticated connections a second over rustchat's C face.
 *
 *   handshake serve | call HOST PORT SECONDS
 */
#include "ours.h"

static const char SECRET[] = "a key for the benchmark, 32 byte";

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
		rustchat_listener *listener = ours_listen(options, SECRET);
		rustchat_connection *connection;
		while (rustchat_listener_accept(listener, &connection, -1) == RUSTCHAT_OK)
			rustchat_connection_free(connection);
		return 1;
	}
	if (argc != 5 || strcmp(argv[1], "call") != 0) {
		fprintf(stderr, "usage: handshake serve | call HOST PORT SECONDS\n");
		return 2;
	}
	double seconds = atof(argv[4]);
	long count = 0;
	double used = cpu(), begin = now(), end = begin;
	while (end - begin < seconds) {
		rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
		rustchat_connection_free(ours_connect(options, argv[2], argv[3], SECRET));
		count++;
		end = now();
	}
	printf("{\"connections\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, end - begin, cpu() - used);
	return 0;
}
