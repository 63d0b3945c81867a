/* Framed echo as plainly as C allows: blocking sockets, a 4-byte big-endian length before each message, one send for
 * each, TCP_NODELAY. A receiver takes whatever one recv brings, so a small message costs one call.
 *
 *   echo_blocking serve [PORT]
 *   echo_blocking call HOST PORT SIZE SECONDS     prints {"round_trips": N, "seconds": S}
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 4, MAX_MESSAGE = 16 << 20 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool send_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

/* Receives one frame with its header into `frame`; 0 when the peer is gone. Nothing is read ahead beyond the frame,
 * since a dialogue has nothing behind it. */
static size_t receive_frame(int fd, char *frame)
{
	size_t have = 0, want = HEADER;
	while (have < want) {
		ssize_t got = recv(fd, frame + have, MAX_MESSAGE + HEADER - have, 0);
		if (got <= 0)
			return 0;
		have += (size_t)got;
		if (have >= HEADER) {
			uint32_t length;
			memcpy(&length, frame, HEADER);
			want = HEADER + ntohl(length);
			if (want > HEADER + MAX_MESSAGE || have > want)
				return 0;
		}
	}
	return have;
}

static void serve(int port)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 16) < 0)
		die("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	char *frame = malloc(HEADER + MAX_MESSAGE);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0 || !frame)
			die("accept");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
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
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	inet_pton(AF_INET, host, &address.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	char *message = malloc(HEADER + size), *answer = malloc(HEADER + MAX_MESSAGE);
	if (!message || !answer)
		die("malloc");
	uint32_t length = htonl((uint32_t)size);
	memcpy(message, &length, HEADER);
	memset(message + HEADER, 'x', size);
	for (double end = now() + seconds / 10; now() < end;) /* warm-up */
		round_trip(fd, message, answer, HEADER + size);
	long count = 0;
	double begin = now(), end = begin;
	while (end - begin < seconds) {
		round_trip(fd, message, answer, HEADER + size);
		count++;
		end = now();
	}
	if (memcmp(message, answer, HEADER + size) != 0) {
		fprintf(stderr, "the echo differs from what was sent\n");
		exit(1);
	}
	printf("{\"round_trips\": %ld, \"seconds\": %.6f}\n", count, end - begin);
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "serve") == 0) {
		serve(argc > 2 ? atoi(argv[2]) : 0);
	} else if (argc == 6 && strcmp(argv[1], "call") == 0) {
		call(argv[2], atoi(argv[3]), (size_t)atol(argv[4]), atof(argv[5]));
	} else {
		fprintf(stderr, "usage: echo_blocking serve [PORT] | call HOST PORT SIZE SECONDS\n");
		return 2;
	}
	return 0;
}
