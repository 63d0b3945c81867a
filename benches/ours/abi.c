/* What a call through the C ABI costs, beside the same call from Rust (rust/src/abi.rs): the best of some rounds, in
 * nanoseconds a call, or an event. */
#include "ours.h"

#include <sched.h>

enum { ROUNDS = 15, CALLS = 20000, DIALOGUES = 4000, BATCH = 64, SIZE = 64 };

static char message[SIZE + 1];

static void best(double *best, double begin, double calls)
{
	double took = (now() - begin) * 1e9 / calls;
	if (*best == 0 || took < *best)
		*best = took;
}

static void pair(rustchat_connection **a, rustchat_connection **b)
{
	rustchat_listener_options options = RUSTCHAT_LISTENER_OPTIONS_INIT;
	rustchat_connection_options to = RUSTCHAT_CONNECTION_OPTIONS_INIT;
	rustchat_listener *listener;
	uint16_t port;
	char text[8];
	options.address = "127.0.0.1:0";
	check(rustchat_listener_open(&options, &listener), "listen");
	check(rustchat_listener_port(listener, &port), "port");
	snprintf(text, sizeof text, "%u", port);
	*a = ours_connect(to, "127.0.0.1", text, NULL);
	check(rustchat_listener_accept(listener, b, -1), "accept");
	rustchat_listener_free(listener);
}

static double handle(rustchat_connection *connection)
{
	double found = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now();
		for (int i = 0; i < CALLS; i++) {
			int fd;
			check(rustchat_connection_fd(connection, &fd), "fd");
		}
		best(&found, begin, CALLS);
	}
	return found;
}

static double encode(void)
{
	char frame[SIZE + HEADER];
	double found = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now();
		for (int i = 0; i < CALLS; i++) {
			size_t written;
			check(rustchat_frame_encode(RUSTCHAT_FRAMING_U32BE, message, SIZE, frame, sizeof frame, &written),
			      "encode");
		}
		best(&found, begin, CALLS);
	}
	return found;
}

static double decode(void)
{
	static char frames[BATCH * (HEADER + SIZE)];
	rustchat_decoder *decoder;
	double found = 0;
	int batches = CALLS / BATCH;
	for (int i = 0; i < BATCH; i++)
		put_length(frames + i * (HEADER + SIZE), SIZE);
	check(rustchat_decoder_new(RUSTCHAT_FRAMING_U32BE, 1 << 24, &decoder), "decoder");
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now();
		for (int i = 0; i < batches; i++) {
			rustchat_bytes frame;
			size_t count = 0;
			check(rustchat_decoder_push(decoder, frames, sizeof frames), "push");
			while (rustchat_decoder_next(decoder, &frame) == RUSTCHAT_OK)
				count += frame.len / SIZE;
			if (count != BATCH)
				die("decode");
		}
		best(&found, begin, (double)batches * BATCH);
	}
	rustchat_decoder_free(decoder);
	return found;
}

static rustchat_server *start(int32_t events)
{
	rustchat_server_options options = RUSTCHAT_SERVER_OPTIONS_INIT;
	rustchat_server *server;
	options.address = "127.0.0.1:0";
	options.workers = 1;
	options.events = events;
	check(rustchat_server_start(&options, &server), "start");
	return server;
}

static double broadcast(void)
{
	rustchat_server *server = start(RUSTCHAT_EVENTS_NONE);
	double found = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now();
		for (int i = 0; i < CALLS; i++)
			check(rustchat_server_broadcast(server, message, SIZE, 0, NULL), "broadcast");
		best(&found, begin, CALLS);
	}
	rustchat_server_free(server);
	return found;
}

static double dialogue(rustchat_connection *a, rustchat_connection *b)
{
	double found = 0;
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now();
		for (int i = 0; i < DIALOGUES; i++) {
			char answer[SIZE];
			size_t length;
			check(rustchat_connection_send(a, message, SIZE, -1), "send");
			check(rustchat_connection_recv_into(b, answer, sizeof answer, &length, -1), "receive");
		}
		best(&found, begin, DIALOGUES);
	}
	return found;
}

static uint64_t messages(rustchat_server *server)
{
	rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
	check(rustchat_server_stats(server, &stats), "stats");
	return stats.messages;
}

static double events(void)
{
	static char lines[BATCH * (SIZE + 1)];
	static rustchat_event batch[BATCH];
	static char heard[64 << 10];
	rustchat_server *server = start(RUSTCHAT_EVENTS_ALL);
	size_t count;
	uint16_t port;
	double found = 0;
	check(rustchat_server_port(server, &port), "port");
	int member = connect_to("127.0.0.1", port);
	for (int i = 0; i < BATCH; i++)
		memcpy(lines + i * (SIZE + 1), message, SIZE), lines[i * (SIZE + 1) + SIZE] = '\n';
	nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	check(rustchat_server_poll(server, batch, BATCH, &count, -1), "poll");
	rustchat_events_clear(batch, count);
	for (int round = 0; round < ROUNDS * 10; round++) {
		uint64_t due = messages(server) + BATCH;
		if (!send_all(member, lines, sizeof lines))
			die("send");
		while (messages(server) < due)
			sched_yield();
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		double begin = now();
		check(rustchat_server_poll(server, batch, BATCH, &count, -1), "poll");
		rustchat_events_clear(batch, count);
		best(&found, begin, BATCH);
		if (count != BATCH)
			die("a batch of events was not whole");
		/* A member who does not read is not kept. */
		while (recv(member, heard, sizeof heard, MSG_DONTWAIT) > 0)
			;
	}
	rustchat_server_free(server);
	return found;
}

int main(void)
{
	rustchat_connection *a, *b;
	memset(message, 'x', SIZE);
	pair(&a, &b);
	printf("{\"handle\": %.2f, \"encode\": %.2f, \"decode\": %.2f, \"broadcast\": %.2f, ", handle(a), encode(), decode(),
	       broadcast());
	printf("\"send and receive\": %.2f, \"event\": %.2f}\n", dialogue(a, b), events());
	rustchat_connection_free(a);
	rustchat_connection_free(b);
	return 0;
}
