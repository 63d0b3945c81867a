/* What the C peers share: blocking sockets on the loopback, frames with a 4-byte big-endian length, clocks. */
#ifndef COMMON_H
#define COMMON_H

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

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline double seconds_of(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double now(void)
{
	return seconds_of(CLOCK_MONOTONIC);
}

/* CPU time of this process. */
static inline double cpu(void)
{
	return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static inline void *allocate(size_t size)
{
	void *memory = malloc(size);
	if (!memory)
		die("malloc");
	return memory;
}

static inline void no_delay(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static inline struct sockaddr_in address_of(const char *host, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	inet_pton(AF_INET, host, &address.sin_addr);
	return address;
}

/* Listens at a port of the system's choice, and says so. */
static inline int listen_and_tell(void)
{
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = address_of("127.0.0.1", 0);
	socklen_t length = sizeof address;
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1024) < 0)
		die("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

static inline int accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept");
	no_delay(fd);
	return fd;
}

static inline int connect_to(const char *host, int port)
{
	struct sockaddr_in address = address_of(host, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	no_delay(fd);
	return fd;
}

static inline bool send_all(int fd, const char *bytes, size_t length)
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

static inline uint32_t length_at(const char *frame)
{
	uint32_t length;
	memcpy(&length, frame, HEADER);
	return ntohl(length);
}

static inline void put_length(char *frame, size_t size)
{
	uint32_t length = htonl((uint32_t)size);
	memcpy(frame, &length, HEADER);
}

#endif
