/* One-way framed messages as fast as C can: the source fills a buffer with frames and sends it whole, the sink takes as
 * much as there is and walks through the frames where they lie. After the last message comes "end"; the sink answers
 * with how many came before it.
 *
 *   stream serve
 *   stream call HOST PORT SIZE SECONDS
 */
#include "common.h"

enum { BATCH = 256 << 10, END = 3, MOST = HEADER + MAX_MESSAGE };

static void answer(int fd, long count)
{
	char frame[64];
	int length = snprintf(frame + HEADER, sizeof frame - HEADER, "%ld", count);
	put_length(frame, (size_t)length);
	send_all(fd, frame, HEADER + (size_t)length);
}

static void sink(int fd, char *buffer)
{
	static char message[MAX_MESSAGE];
	size_t have = 0;
	long count = 0;
	for (;;) {
		ssize_t got = recv(fd, buffer + have, MOST + BATCH - have, 0);
		if (got <= 0)
			return;
		have += (size_t)got;
		size_t at = 0, size;
		while (have - at >= HEADER && have - at >= HEADER + (size = length_at(buffer + at))) {
			if (size == END) {
				answer(fd, count);
				return;
			}
			/* Where others hand a message out, this one at least looks at it. */
			message[0] ^= buffer[at + HEADER];
			count++;
			at += HEADER + size;
		}
		have -= at;
		memmove(buffer, buffer + at, have);
	}
}

static void serve(void)
{
	int listener = listen_and_tell();
	char *buffer = allocate(MOST + BATCH);
	for (;;) {
		int fd = accept_one(listener);
		sink(fd, buffer);
		close(fd);
	}
}

static void call(const char *host, int port, size_t size, double seconds)
{
	int fd = connect_to(host, port);
	size_t frame = HEADER + size, batch = frame < BATCH ? BATCH / frame : 1;
	char *buffer = allocate(frame * batch + 64);
	long count = 0;
	double used = cpu(), begin = now();
	while (now() - begin < seconds) {
		/* Filled anew each time: the messages of a program are not there already. */
		for (size_t i = 0; i < batch; i++) {
			put_length(buffer + i * frame, size);
			memset(buffer + i * frame + HEADER, 'x', size);
		}
		if (!send_all(fd, buffer, frame * batch))
			die("send");
		count += (long)batch;
	}
	put_length(buffer, END);
	memcpy(buffer + HEADER, "end", END);
	if (!send_all(fd, buffer, HEADER + END))
		die("send");
	ssize_t got = recv(fd, buffer, 60, 0);
	double took = now() - begin;
	if (got <= HEADER)
		die("answer");
	buffer[got] = 0;
	if (atol(buffer + HEADER) != count) {
		fprintf(stderr, "%ld messages sent, %s received\n", count, buffer + HEADER);
		exit(1);
	}
	printf("{\"messages\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, took, cpu() - used);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		serve();
	} else if (argc == 6 && strcmp(argv[1], "call") == 0) {
		call(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), atof(argv[5]));
	} else {
		fprintf(stderr, "usage: stream serve | call HOST PORT SIZE SECONDS\n");
		return 2;
	}
	return 0;
}
