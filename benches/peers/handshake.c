/* Connections a second: connect and close, or with --hmac a mutual proof in between. The client sends 32 random bytes,
 * the server 32 of its own, the client proves first, then the server: HMAC-SHA-256 over the role and both nonces, one
 * frame for each step. What a plain C program would do, one connection after the other.
 *
 *   handshake [--hmac] serve
 *   handshake [--hmac] call HOST PORT SECONDS
 */
#include "common.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

enum { NONCE = 32, TAG = 32, FRAME = HEADER + 32 };

static const char KEY[] = "a key for the benchmark, 32 byte";
static bool proving;

static bool send_frame(int fd, const unsigned char *bytes)
{
	char frame[FRAME];
	put_length(frame, FRAME - HEADER);
	memcpy(frame + HEADER, bytes, FRAME - HEADER);
	return send_all(fd, frame, FRAME);
}

static bool receive_frame(int fd, unsigned char *bytes)
{
	char frame[FRAME];
	for (size_t have = 0; have < FRAME;) {
		ssize_t got = recv(fd, frame + have, FRAME - have, 0);
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	memcpy(bytes, frame + HEADER, FRAME - HEADER);
	return length_at(frame) == FRAME - HEADER;
}

static void prove(const char *role, const unsigned char *nonces, unsigned char *tag)
{
	unsigned char text[8 + 2 * NONCE];
	memcpy(text, role, 8);
	memcpy(text + 8, nonces, 2 * NONCE);
	if (!HMAC(EVP_sha256(), KEY, sizeof KEY - 1, text, sizeof text, tag, NULL))
		die("HMAC");
}

static bool greet(int fd, bool client)
{
	unsigned char nonces[2 * NONCE], mine[TAG], due[TAG], theirs[TAG];
	unsigned char *own = client ? nonces : nonces + NONCE, *other = client ? nonces + NONCE : nonces;
	if (getrandom(own, NONCE, 0) != NONCE)
		die("getrandom");
	if (client ? !(send_frame(fd, own) && receive_frame(fd, other))
		   : !(receive_frame(fd, other) && send_frame(fd, own)))
		return false;
	prove(client ? "client  " : "server  ", nonces, mine);
	prove(client ? "server  " : "client  ", nonces, due);
	if (client && !send_frame(fd, mine))
		return false;
	if (!receive_frame(fd, theirs) || CRYPTO_memcmp(theirs, due, TAG) != 0)
		return false;
	return client || send_frame(fd, mine);
}

static void serve(void)
{
	int listener = listen_and_tell();
	for (;;) {
		int fd = accept_one(listener);
		char byte;
		/* The client closes first, so that each connection is known to have been there on both sides. */
		if (!proving || greet(fd, false))
			while (recv(fd, &byte, 1, 0) > 0)
				;
		close(fd);
	}
}

static void call(const char *host, int port, double seconds)
{
	long count = 0;
	double used = cpu(), begin = now(), end = begin;
	while (end - begin < seconds) {
		int fd = connect_to(host, port);
		if (proving && !greet(fd, true)) {
			fprintf(stderr, "the handshake failed\n");
			exit(1);
		}
		close(fd);
		count++;
		end = now();
	}
	printf("{\"connections\": %ld, \"seconds\": %.6f, \"cpu_seconds\": %.6f}\n", count, end - begin, cpu() - used);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--hmac") == 0) {
		proving = true;
		argc--, argv++;
	}
	if (argc == 2 && strcmp(argv[1], "serve") == 0) {
		serve();
	} else if (argc == 5 && strcmp(argv[1], "call") == 0) {
		call(argv[2], atoi(argv[3]), atof(argv[4]));
	} else {
		fprintf(stderr, "usage: handshake [--hmac] serve | call HOST PORT SECONDS\n");
		return 2;
	}
	return 0;
}
