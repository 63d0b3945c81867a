/* Files over one connection: what a client asks for is a line, GET NAME or PUT NAME SIZE. Sent with sendfile, received with
 * recv and write; with --fsync a file that comes is synchronised, renamed, and its folder is synchronised. Nothing is checked.
 *
 *   files [--fsync] serve ROOT | files [--fsync] call HOST PORT get|put|get-all|put-all FROM TO
 */
#define _GNU_SOURCE
#include "common.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

enum { CHUNK = 1 << 20, LINE = 5000 };

static bool durable;
static char *chunk;

static void receive_exactly(int fd, void *bytes, size_t length)
{
	for (char *at = bytes; length;) {
		ssize_t got = recv(fd, at, length, 0);
		if (got <= 0)
			exit(0);
		at += got;
		length -= (size_t)got;
	}
}

/* A file goes: its size, then its bytes. */
static uint64_t send_file(int to, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY);
	struct stat found;
	if (fd < 0 || fstat(fd, &found) < 0)
		die(name);
	uint64_t size = (uint64_t)found.st_size;
	send(to, &size, sizeof size, MSG_NOSIGNAL | (size ? MSG_MORE : 0));
	for (off_t at = 0; at < found.st_size;)
		if (sendfile(to, fd, &at, (size_t)(found.st_size - at)) <= 0)
			die("sendfile");
	close(fd);
	return size;
}

/* A file comes. */
static uint64_t receive_file(int from, int folder, const char *name)
{
	int fd = openat(folder, durable ? ".part" : name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	uint64_t size;
	if (fd < 0)
		die(name);
	receive_exactly(from, &size, sizeof size);
	for (uint64_t left = size; left;) {
		ssize_t got = recv(from, chunk, left < CHUNK ? left : CHUNK, 0);
		if (got <= 0)
			exit(0);
		for (ssize_t at = 0, put; at < got; at += put)
			if ((put = write(fd, chunk + at, (size_t)(got - at))) <= 0)
				die("write");
		left -= (uint64_t)got;
	}
	if (durable && (fsync(fd) < 0 || renameat(folder, ".part", folder, name) < 0 || fsync(folder) < 0))
		die("fsync");
	close(fd);
	return size;
}

static void serve_one(int fd, int root)
{
	for (;;) {
		char line[LINE] = {0};
		for (size_t at = 0; at < sizeof line - 1; at++) {
			receive_exactly(fd, line + at, 1);
			if (line[at] == '\n') {
				line[at] = 0;
				break;
			}
		}
		if (strncmp(line, "GET ", 4) == 0) {
			send_file(fd, root, line + 4);
		} else {
			receive_file(fd, root, line + 4);
			send(fd, "k", 1, MSG_NOSIGNAL);
		}
	}
}

static int folder_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		die(path);
	return fd;
}

static void ask(int fd, const char *what, const char *name)
{
	char line[LINE];
	int length = snprintf(line, sizeof line, "%s %s\n", what, name);
	if (!send_all(fd, line, (size_t)length))
		die("send");
}

static uint64_t get(int fd, const char *name, int folder, const char *as)
{
	ask(fd, "GET", name);
	return receive_file(fd, folder, as);
}

static uint64_t put(int fd, int folder, const char *name, const char *as)
{
	char answer;
	ask(fd, "PUT", as);
	uint64_t size = send_file(fd, folder, name);
	receive_exactly(fd, &answer, 1);
	return size;
}

/* All files of a folder, whose names are 0, 1, 2 and so on: as many as there are here, or as are asked for. */
static uint64_t all(int fd, bool is_put, const char *folder, const char *there, int count)
{
	uint64_t bytes = 0;
	int here = folder_of(folder);
	for (int number = 0; number < count; number++) {
		char name[32], remote[LINE];
		snprintf(name, sizeof name, "%d", number);
		snprintf(remote, sizeof remote, "%s/%s", there, name);
		bytes += is_put ? put(fd, here, name, remote) : get(fd, remote, here, name);
	}
	return bytes;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static char *parent_of(const char *path)
{
	char *copy = strdup(path), *slash = strrchr(copy, '/');
	if (!slash)
		return strdup(".");
	*slash = 0;
	return copy;
}

int main(int count, char **words)
{
	chunk = allocate(CHUNK);
	if (count > 1 && strcmp(words[1], "--fsync") == 0) {
		durable = true;
		words++, count--;
	}
	if (count == 3 && strcmp(words[1], "serve") == 0) {
		int root = folder_of(words[2]), listener = listen_and_tell();
		signal(SIGCHLD, SIG_IGN);
		for (;;) {
			int fd = accept_one(listener);
			if (fork() == 0)
				serve_one(fd, root);
			close(fd);
		}
	}
	if (count != 7 || strcmp(words[1], "call") != 0)
		return 2;
	const char *what = words[4], *from = words[5], *to = words[6];
	int fd = connect_to(words[2], atoi(words[3]));
	double begin = now(), used = cpu();
	uint64_t bytes = 0;
	if (strcmp(what, "get") == 0)
		bytes = get(fd, from, folder_of(parent_of(to)), base_of(to));
	else if (strcmp(what, "put") == 0)
		bytes = put(fd, folder_of(parent_of(from)), base_of(from), to);
	else if (strcmp(what, "put-all") == 0)
		bytes = all(fd, true, from, to, atoi(getenv("FILES")));
	else
		bytes = all(fd, false, to, from, atoi(getenv("FILES")));
	printf("{\"bytes\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", (unsigned long long)bytes, now() - begin,
	       cpu() - used);
	return 0;
}
