/* Framed echo as plainly as C allows: a 4-byte big-endian length before each message, one send for each, TCP_NODELAY. A
 * receiver takes whatever one recv brings, so a small message costs one call. It sleeps in recv; with --spin it asks
 * again and again instead, with --yield it lets others run in between.
 *
 *   echo [--spin | --yield] serve
 *   echo [--spin | --yield] call HOST PORT SIZE SECONDS
 */
#include "common.h"

#include <errno.h>
#include <sched.h>

static enum { SLEEP, SPIN, YIELD } waiting;

static ssize_t receive(int fd, char *bytes, size_t room)
{
	if (waiting == SLEEP)
		return recv(fd, bytes, room, 0);
	for (;;) {
		ssize_t got = recv(fd, bytes, room, MSG_DONTWAIT);
		if (got >= 0 || errno != EAGAIN)
			return got;
		if (waiting == YIELD)
			sched_yield();
	}
}

/* Receives one frame with its header into `frame`; 0 when the peer is gone. Nothing is read ahead beyond the frame,
 * since a dialogue has nothing behind it. */
static size_t receive_frame(int fd, char *frame)
{
	size_t have = 0, want = HEADER;
	while (have < want) {
		ssize_t got = receive(fd, frame + have, MAX_MESSAGE + HEADER - have);
		if (got <= 0)
			return 0;
		have += (size_t)got;
		if (have >= HEADER) {
			want = HEADER + (size_t)length_at(frame);
			if (want > HEADER + MAX_MESSAGE || have > want)
				return 0;
		}
	}
	return have;
}

static void serve(void)
{
	int listener = listen_and_tell();
	char *frame = allocate(HEADER + MAX_MESSAGE);
	for (;;) {
		int fd = accept_one(listener);
		size_t size;
		while ((size = receive_frame(fd, frame)) > 0 && send_all(fd, frame, size))
			;
		close(fd);
	}
}

static void round_trip(int fd, const char *message, char *answer, size_t size)
{
	if (!send_all(fd, message, size) || receive_frame(fd, answer) != size)
		die("round trip");
}

static void call(const char *host, int port, size_t size, double seconds)
{
	int fd = connect_to(host, port);
	char *message = allocate(HEADER + size), *answer = allocate(HEADER + MAX_MESSAGE);
	put_length(message, size);
	memset(message + HEADER, 'x', size);
	for (double end = now() + seconds / 10; now() < end;) /* warm-up */
		round_trip(fd, message, answer, HEADER + size);
	long count = 0;
	double used = cpu(), begin = now(), end = begin;
	while (end - begin < seconds) {
		round_trip(fd, message, answer, HEADER + size);
		count++;
		end = now();
	}
	if (memcmp(message, answer, HEADER + size) != 0) {
		fprintf(stderr, "the echo differs from what was sent\n");
		exit(1);
	}
	printf("{\"round_trips\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, end - begin, cpu() - used);
}

int main(int argc, char **argv)
{
	if (argc > 1 && argv[1][0] == '-') {
		waiting = strcmp(argv[1], "--spin") == 0 ? SPIN : YIELD;
		argc--, argv++;
	}
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		serve();
	} else if (argc == 6 && strcmp(argv[1], "call") == 0) {
		call(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), atof(argv[5]));
	} else {
		fprintf(stderr, "usage: echo [--spin | --yield] serve | call HOST PORT SIZE SECONDS\n");
		return 2;
	}
	return 0;
}
