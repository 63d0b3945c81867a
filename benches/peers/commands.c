/* What commands cost without anything around them.
 *
 *   commands rate SECONDS IN_FLIGHT      `true` again and again, so many at a time: posix_spawn and waitid
 *   commands first SECONDS               `echo`, one after the other: posix_spawn, and the first byte out of its pipe
 *   commands serve                       for each connection that has said how many: head -c N /dev/zero, through a pipe
 *   commands call HOST PORT output BYTES what that server sends: pipe, read, send, recv
 */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

enum { CHUNK = 64 << 10 };

extern char **environ;

static void report(const char *what, uint64_t count, double seconds, double used)
{
	printf("{\"%s\": %llu, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", what, (unsigned long long)count, seconds, used);
}

static void start(const char *program, char **words, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	pid_t pid;
	if (posix_spawn(&pid, program, &actions, NULL, words, environ) != 0)
		die(program);
	posix_spawn_file_actions_destroy(&actions);
}

static int rate(double seconds, int in_flight)
{
	char *words[] = {"true", NULL};
	double begin = now(), used = cpu();
	uint64_t done = 0;
	for (int running = 0; running || now() - begin < seconds;) {
		while (running < in_flight && now() - begin < seconds) {
			start("/bin/true", words, -1);
			running++;
		}
		siginfo_t info;
		if (running && waitid(P_ALL, 0, &info, WEXITED) == 0) {
			running--;
			done++;
		}
	}
	report("commands", done, now() - begin, cpu() - used);
	return 0;
}

/* Only the time until the byte is there counts. */
static int first(double seconds)
{
	char *words[] = {"echo", NULL}, byte;
	double begin = now(), waited = 0, used = cpu();
	uint64_t done = 0;
	for (; now() - begin < seconds; done++) {
		int ends[2];
		double start_of_one = now();
		if (pipe2(ends, O_CLOEXEC) < 0)
			die("pipe");
		start("/bin/echo", words, ends[1]);
		close(ends[1]);
		if (read(ends[0], &byte, 1) != 1)
			die("read");
		waited += now() - start_of_one;
		close(ends[0]);
		wait(NULL);
	}
	report("commands", done, waited, cpu() - used);
	return 0;
}

static void serve_one(int fd)
{
	char count[32] = {0}, *words[] = {"head", "-c", count, "/dev/zero", NULL}, *chunk = allocate(CHUNK);
	for (;;) {
		uint64_t bytes;
		if (recv(fd, &bytes, sizeof bytes, MSG_WAITALL) != sizeof bytes)
			exit(0);
		snprintf(count, sizeof count, "%llu", (unsigned long long)bytes);
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) < 0)
			die("pipe");
		start("/usr/bin/head", words, ends[1]);
		close(ends[1]);
		for (ssize_t got; (got = read(ends[0], chunk, CHUNK)) > 0;)
			if (!send_all(fd, chunk, (size_t)got))
				exit(0);
		close(ends[0]);
		wait(NULL);
	}
}

static _Noreturn void serve(void)
{
	int listener = listen_and_tell();
	signal(SIGCHLD, SIG_DFL);
	for (;;) {
		int fd = accept_one(listener);
		if (fork() == 0)
			serve_one(fd);
		close(fd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void fetch(int fd, uint64_t bytes, char *chunk)
{
	send(fd, &bytes, sizeof bytes, MSG_NOSIGNAL);
	while (bytes) {
		ssize_t got = recv(fd, chunk, CHUNK, 0);
		if (got <= 0)
			die("recv");
		bytes -= (uint64_t)got;
	}
}

int main(int count, char **words)
{
	if (count == 4 && strcmp(words[1], "rate") == 0)
		return rate(atof(words[2]), atoi(words[3]));
	if (count == 3 && strcmp(words[1], "first") == 0)
		return first(atof(words[2]));
	if (count == 2 && strcmp(words[1], "serve") == 0)
		serve();
	if (count != 6 || strcmp(words[1], "call") != 0 || strcmp(words[4], "output") != 0)
		return 2;
	int fd = connect_to(words[2], atoi(words[3]));
	char *chunk = allocate(CHUNK);
	double begin = now(), used = cpu();
	uint64_t bytes = strtoull(words[5], NULL, 10);
	fetch(fd, bytes, chunk);
	report("bytes", bytes, now() - begin, cpu() - used);
	return 0;
}
