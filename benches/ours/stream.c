/* One-way messages over rustchat's C face, a call for each, or with --many 64 KiB of them in one.
 *
 *   stream [--many] serve
 *   stream [--many] call HOST PORT SIZE SECONDS
 */
#include "ours.h"

enum { END = 3, BATCH = 64 << 10, MOST = 1024 };

static bool many;

static long count_one_by_one(rustchat_connection *connection)
{
	char *message = allocate(MAX_MESSAGE);
	size_t length;
	long count = 0;
	for (;; count++) {
		check(rustchat_connection_recv_into(connection, message, MAX_MESSAGE, &length, -1), "receive");
		if (length == END)
			break;
	}
	free(message);
	return count;
}

static void send_one_by_one(rustchat_connection *connection, const char *message, size_t size)
{
	check(rustchat_connection_send(connection, message, size, -1), "send");
}

static long count_many(rustchat_connection *connection)
{
	static rustchat_bytes messages[MOST];
	char *room = allocate(MAX_MESSAGE);
	long count = 0;
	for (bool ended = false; !ended;) {
		size_t got;
		check(rustchat_connection_recv_many(connection, room, MAX_MESSAGE, messages, MOST, &got, -1), "receive");
		for (size_t i = 0; i < got; i++)
			ended = ended || messages[i].len == END;
		count += (long)got;
	}
	free(room);
	return count - 1;
}

static void send_many(rustchat_connection *connection, const char *message, size_t size, size_t count)
{
	static rustchat_bytes messages[MOST];
	for (size_t i = 0; i < count; i++)
		messages[i] = (rustchat_bytes){message, size};
	check(rustchat_connection_send_many(connection, messages, count, NULL, -1), "send");
}

static void serve(void)
{
	rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
	rustchat_listener *listener = ours_listen(options, NULL);
	rustchat_connection *connection;
	while (rustchat_listener_accept(listener, &connection, -1) == RUSTCHAT_OK) {
		char text[32];
		long count = many ? count_many(connection) : count_one_by_one(connection);
		int length = snprintf(text, sizeof text, "%ld", count);
		check(rustchat_connection_send(connection, text, (size_t)length, -1), "answer");
		rustchat_connection_free(connection);
	}
}

static void call(const char *host, const char *port, size_t size, double seconds)
{
	rustchat_connection_options options = RUSTCHAT_CONNECTION_OPTIONS_INIT;
	rustchat_connection *connection = ours_connect(options, host, port, NULL);
	char *message = allocate(size), answer[64];
	size_t length, batch = size < BATCH ? BATCH / size : 1;
	batch = batch < MOST ? batch : MOST;
	memset(message, 'x', size);
	long count = 0;
	double used = cpu(), begin = now();
	while (now() - begin < seconds) {
		if (many)
			send_many(connection, message, size, batch);
		else
			send_one_by_one(connection, message, size);
		count += many ? (long)batch : 1;
	}
	check(rustchat_connection_send(connection, "end", END, -1), "send");
	check(rustchat_connection_recv_into(connection, answer, sizeof answer - 1, &length, -1), "answer");
	double took = now() - begin;
	answer[length] = 0;
	if (atol(answer) != count) {
		fprintf(stderr, "%ld messages sent, %s received\n", count, answer);
		exit(1);
	}
	printf("{\"messages\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, took, cpu() - used);
	rustchat_connection_free(connection);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--many") == 0) {
		many = true;
		argc--, argv++;
	}
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		serve();
	} else if (argc == 6 && strcmp(argv[1], "call") == 0) {
		call(argv[2], argv[3], (size_t)atol(argv[4]), atof(argv[5]));
	} else {
		fprintf(stderr, "usage: stream [--many] serve | call HOST PORT SIZE SECONDS\n");
		return 2;
	}
	return 0;
}
