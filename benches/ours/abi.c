/* What a call through the C ABI costs, beside the same call from Rust (rust/src/calls.rs): in one process and in turns,
 * so that both meet the same machine. Prints nanoseconds a call, or an event, as JSON: the medians, and that of the
 * differences within the turns. */
#include "ours.h"

#include <sched.h>

enum { TURNS = 301, BATCH = 64, BATCHES = 16, SIZE = 64 };

void from_rust_handle(int calls);
void from_rust_encode(int calls);
void from_rust_decode(int calls);
void from_rust_broadcast(int calls);
void from_rust_dialogue(int calls);
double from_rust_event(void);

static char message[SIZE + 1];

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

static rustchat_connection *near_end, *far_end;

static void handle(int calls)
{
	for (int i = 0; i < calls; i++) {
		int fd;
		check(rustchat_connection_fd(near_end, &fd), "fd");
	}
}

static void encode(int calls)
{
	char frame[SIZE + HEADER];
	for (int i = 0; i < calls; i++) {
		size_t written;
		check(rustchat_frame_encode(RUSTCHAT_FRAMING_U32BE, message, SIZE, frame, sizeof frame, &written),
		      "encode");
	}
}

static void decode(int calls)
{
	static char frames[BATCH * (HEADER + SIZE)];
	rustchat_decoder *decoder;
	for (int i = 0; i < BATCH; i++)
		put_length(frames + i * (HEADER + SIZE), SIZE);
	check(rustchat_decoder_new(RUSTCHAT_FRAMING_U32BE, 1 << 24, &decoder), "decoder");
	for (int i = 0; i < calls / BATCH; i++) {
		rustchat_bytes frame;
		size_t count = 0;
		check(rustchat_decoder_push(decoder, frames, sizeof frames), "push");
		while (rustchat_decoder_next(decoder, &frame) == RUSTCHAT_OK)
			count += frame.len / SIZE;
		if (count != BATCH)
			die("decode");
	}
	rustchat_decoder_free(decoder);
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

static rustchat_server *empty_room;

static void broadcast(int calls)
{
	for (int i = 0; i < calls; i++)
		check(rustchat_server_broadcast(empty_room, message, SIZE, 0, NULL), "broadcast");
}

static void dialogue(int calls)
{
	for (int i = 0; i < calls; i++) {
		char answer[SIZE];
		size_t length;
		check(rustchat_connection_send(near_end, message, SIZE, -1), "send");
		check(rustchat_connection_recv_into(far_end, answer, sizeof answer, &length, -1), "receive");
	}
}

static uint64_t messages(rustchat_server *server)
{
	rustchat_server_stats_data stats = RUSTCHAT_SERVER_STATS_INIT;
	check(rustchat_server_stats(server, &stats), "stats");
	return stats.messages;
}

static rustchat_server *talking;
static int member;

static void begin_to_talk(void)
{
	rustchat_event event = {0};
	uint16_t port;
	talking = start(RUSTCHAT_EVENTS_ALL);
	check(rustchat_server_port(talking, &port), "port");
	member = connect_to("127.0.0.1", port);
	for (int32_t kind = 0; kind != RUSTCHAT_EVENT_PEER_JOINED; kind = event.kind, rustchat_event_clear(&event)) {
		size_t count;
		check(rustchat_server_poll(talking, &event, 1, &count, -1), "poll");
	}
}

/* Batches of 64 events that are there already: the best of them, in nanoseconds an event. */
static double event(void)
{
	static char lines[BATCH * (SIZE + 1)];
	static rustchat_event batch[BATCH];
	static char heard[64 << 10];
	uint64_t due = messages(talking) + BATCH * BATCHES;
	double best = 1e9;
	for (int i = 0; i < BATCH; i++)
		memcpy(lines + i * (SIZE + 1), message, SIZE), lines[i * (SIZE + 1) + SIZE] = '\n';
	for (int i = 0; i < BATCHES; i++)
		if (!send_all(member, lines, sizeof lines))
			die("send");
	while (messages(talking) < due)
		sched_yield();
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	for (int i = 0; i < BATCHES; i++) {
		size_t count;
		double begin = now(), took;
		check(rustchat_server_poll(talking, batch, BATCH, &count, -1), "poll");
		rustchat_events_clear(batch, count);
		took = (now() - begin) * 1e9 / BATCH;
		best = took < best ? took : best;
		if (count != BATCH)
			die("a batch of events was not whole");
	}
	/* A member who does not read is not kept. */
	while (recv(member, heard, sizeof heard, MSG_DONTWAIT) > 0)
		;
	return best;
}

static int in_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, TURNS, sizeof *values, in_order);
	return values[TURNS / 2];
}

static void report(const char *name, double *rust, double *c, const char *end)
{
	double over[TURNS];
	for (int turn = 0; turn < TURNS; turn++)
		over[turn] = c[turn] - rust[turn];
	printf("\"%s\": {\"rust\": %.2f, \"c\": %.2f, \"over\": %.2f}%s", name, median(rust), median(c), median(over),
	       end);
}

static double timed(void (*calls)(int), int count)
{
	double begin;
	/* A worker that has something left to do from the calls before does it now. */
	nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
	begin = now();
	calls(count);
	return (now() - begin) * 1e9 / count;
}

static void compare(const char *name, void (*from_rust)(int), void (*from_c)(int), int count)
{
	double rust[TURNS], c[TURNS];
	from_rust(count), from_c(count);
	for (int turn = 0; turn < TURNS; turn++) {
		/* Who goes first has the other one's caches, so they take turns in that, too. */
		if (turn % 2)
			c[turn] = timed(from_c, count), rust[turn] = timed(from_rust, count);
		else
			rust[turn] = timed(from_rust, count), c[turn] = timed(from_c, count);
	}
	report(name, rust, c, ", ");
}

int main(void)
{
	double rust[TURNS], c[TURNS];
	memset(message, 'x', SIZE);
	pair(&near_end, &far_end);
	empty_room = start(RUSTCHAT_EVENTS_NONE);
	begin_to_talk();
	printf("{");
	compare("handle", from_rust_handle, handle, 10000);
	compare("encode", from_rust_encode, encode, 10000);
	compare("decode", from_rust_decode, decode, 10000);
	compare("broadcast", from_rust_broadcast, broadcast, 1000);
	compare("send and receive", from_rust_dialogue, dialogue, 500);
	for (int turn = 0; turn < TURNS; turn++)
		rust[turn] = from_rust_event(), c[turn] = event();
	report("event", rust, c, "}\n");
	rustchat_connection_free(near_end);
	rustchat_connection_free(far_end);
	rustchat_server_free(empty_room);
	rustchat_server_free(talking);
	return 0;
}
