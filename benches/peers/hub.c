/* The floor: what a chat server costs when it does nothing but be one. One thread, epoll, lines in, one shared buffer
 * out, one send for each client and wake-up. No names, no limits on rate, no authentication, no events.
 *
 *   hub [--stamp] [PORT]     --stamp: each delivery is two lines, "YYYY/MM/DD HH:MM:SS ip:port" and the text
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { IN_SIZE = 64 << 10, LINE_MAX_BYTES = 8 << 10, PENDING_MAX = 1 << 20, EVENTS = 1024 };

struct buffer {
	char *bytes;
	size_t length, capacity;
};

struct client {
	int fd;
	struct buffer partial; /* the beginning of a line */
	struct buffer pending; /* what its socket did not take */
	char peer[32];         /* "ip:port\n" */
	size_t peer_length;
	bool dead;
};

static struct client **clients;
static size_t client_count, client_capacity;
static struct buffer batch; /* all that this wake-up has to say */
static bool stamping;
static int poller;
static char stamp[21]; /* "YYYY/MM/DD HH:MM:SS " */

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void append(struct buffer *buffer, const char *bytes, size_t length)
{
	if (buffer->length + length > buffer->capacity) {
		buffer->capacity = (buffer->length + length) * 2;
		buffer->bytes = realloc(buffer->bytes, buffer->capacity);
		if (!buffer->bytes)
			die("realloc");
	}
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

static void forget(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length);
}

/* The time as text, made anew once a second. */
static void refresh_stamp(void)
{
	static time_t last;
	time_t now = time(NULL);
	if (now == last)
		return;
	last = now;
	struct tm local;
	localtime_r(&now, &local);
	strftime(stamp, sizeof stamp, "%Y/%m/%d %H:%M:%S ", &local);
}

static void publish(struct client *client, const char *line, size_t length)
{
	if (stamping) {
		append(&batch, stamp, sizeof stamp - 1);
		append(&batch, client->peer, client->peer_length);
	}
	append(&batch, line, length);
}

/* Marks a client; it is freed at the end of the wake-up, when no event can mention it any more. */
static void kill_client(struct client *client)
{
	client->dead = true;
}

static void bury(void)
{
	for (size_t i = client_count; i-- > 0;) {
		struct client *client = clients[i];
		if (!client->dead)
			continue;
		close(client->fd);
		clients[i] = clients[--client_count];
		free(client->partial.bytes);
		free(client->pending.bytes);
		free(client);
	}
}

/* Publishes the whole lines of what was read and keeps the rest. */
static void take(struct client *client, const char *bytes, size_t length)
{
	const char *end = memrchr(bytes, '\n', length);
	if (end) {
		const char *line = bytes;
		if (client->partial.length) {
			const char *first = (const char *)memchr(bytes, '\n', length) + 1;
			append(&client->partial, bytes, (size_t)(first - bytes));
			publish(client, client->partial.bytes, client->partial.length);
			client->partial.length = 0;
			line = first;
		}
		while (line <= end) {
			const char *next = (const char *)memchr(line, '\n', length - (size_t)(line - bytes)) + 1;
			publish(client, line, (size_t)(next - line));
			line = next;
		}
		length -= (size_t)(end + 1 - bytes);
		bytes = end + 1;
	}
	if (length)
		append(&client->partial, bytes, length);
	if (client->partial.length > LINE_MAX_BYTES)
		kill_client(client);
}

static void read_client(struct client *client)
{
	static char in[IN_SIZE];
	ssize_t length = recv(client->fd, in, sizeof in, 0);
	if (length > 0)
		take(client, in, (size_t)length);
	else if (length == 0 || (errno != EAGAIN && errno != EINTR))
		kill_client(client);
}

static void watch(struct client *client, bool writable)
{
	struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0), .data.ptr = client};
	if (epoll_ctl(poller, EPOLL_CTL_MOD, client->fd, &event) < 0)
		kill_client(client);
}

static void flush_pending(struct client *client)
{
	ssize_t sent = send(client->fd, client->pending.bytes, client->pending.length, MSG_NOSIGNAL);
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			kill_client(client);
		return;
	}
	forget(&client->pending, (size_t)sent);
	if (!client->pending.length)
		watch(client, false);
}

static void send_batch(struct client *client)
{
	size_t sent = 0;
	if (!client->pending.length) {
		ssize_t result = send(client->fd, batch.bytes, batch.length, MSG_NOSIGNAL);
		if (result == (ssize_t)batch.length)
			return;
		if (result < 0 && errno != EAGAIN && errno != EINTR) {
			kill_client(client);
			return;
		}
		sent = result < 0 ? 0 : (size_t)result;
		watch(client, true);
	}
	append(&client->pending, batch.bytes + sent, batch.length - sent);
	if (client->pending.length > PENDING_MAX)
		kill_client(client);
}

static void accept_all(int listener)
{
	for (;;) {
		struct sockaddr_in address;
		socklen_t length = sizeof address;
		int fd = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		struct client *client = calloc(1, sizeof *client);
		if (client_count == client_capacity) {
			client_capacity = client_capacity ? client_capacity * 2 : 64;
			clients = realloc(clients, client_capacity * sizeof *clients);
		}
		if (!client || !clients)
			die("memory");
		client->fd = fd;
		client->peer_length = (size_t)snprintf(client->peer, sizeof client->peer, "%s:%d\n",
						       inet_ntoa(address.sin_addr), ntohs(address.sin_port));
		clients[client_count++] = client;
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
		if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0)
			kill_client(client);
	}
}

static int listen_on(int port)
{
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1024) < 0)
		die("listen");
	getsockname(listener, (struct sockaddr *)&address, &length);
	printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return listener;
}

static void turn(int listener)
{
	static struct epoll_event events[EVENTS];
	int count = epoll_wait(poller, events, EVENTS, -1);
	refresh_stamp();
	for (int i = 0; i < count; i++) {
		struct client *client = events[i].data.ptr;
		if (!client) {
			accept_all(listener);
			continue;
		}
		if (events[i].events & EPOLLOUT)
			flush_pending(client);
		if (!client->dead && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			read_client(client);
	}
	if (batch.length)
		for (size_t i = 0; i < client_count; i++)
			if (!clients[i]->dead)
				send_batch(clients[i]);
	batch.length = 0;
	bury();
}

int main(int argc, char **argv)
{
	int port = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--stamp") == 0)
			stamping = true;
		else
			port = atoi(argv[i]);
	}
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	poller = epoll_create1(EPOLL_CLOEXEC);
	int listener = listen_on(port);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	if (poller < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0)
		die("epoll");
	for (;;)
		turn(listener);
}
