/* What a program attaches to members: where it finds that again, and that each piece comes to its end exactly once. */

#include <sched.h>

#include "harness.h"

/* Counts its own end. */
struct piece {
    int ends;
    pthread_t thread;
    void (*at_end)(struct piece *);
    rustchat_server *server;
    rustchat_peer_id peer;
};

static void end_piece(void *data)
{
    struct piece *piece = data;
    piece->thread = pthread_self();
    if (piece->at_end != NULL) {
        piece->at_end(piece);
    }
    __atomic_add_fetch(&piece->ends, 1, __ATOMIC_SEQ_CST);
}

static int ends(struct piece *piece)
{
    return __atomic_load_n(&piece->ends, __ATOMIC_SEQ_CST);
}

static struct piece *piece_of(rustchat_server *server, rustchat_peer_id peer)
{
    void *data = NULL;
    CHECK_OK(rustchat_server_peer_data(server, peer, &data));
    return data;
}

/* A member with this piece; its connection. */
static int join_with(rustchat_server *server, struct piece *piece)
{
    int fd = join_raw(server);
    piece->server = server;
    piece->peer = newest_peer(server);
    CHECK_OK(rustchat_server_set_peer_data(server, piece->peer, piece, end_piece));
    CHECK(piece_of(server, piece->peer) == piece);
    return fd;
}

/* The leave that comes next. */
static void expect_leave(rustchat_server *server, rustchat_event *event)
{
    for (;;) {
        next_event(server, event);
        if (event->kind == RUSTCHAT_EVENT_PEER_LEFT) {
            return;
        }
        rustchat_event_clear(event);
    }
}

static void test_it_ends_with_the_event_that_tells_of_the_leave(void)
{
    rustchat_server *server = start_line_server();
    struct piece piece = {0};
    rustchat_event event;
    void *data = &piece;
    close(join_with(server, &piece));
    expect_leave(server, &event);
    CHECK_NUMBER(piece.peer, event.peer);
    CHECK(piece_of(server, event.peer) == &piece && ends(&piece) == 0);
    CHECK_BYTES("closed the connection", rustchat_message_bytes(event.message));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_set_peer_data(server, event.peer, &piece, end_piece));
    rustchat_event_clear(&event);
    CHECK_NUMBER(1, ends(&piece));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_peer_data(server, piece.peer, &data));
    CHECK(data == NULL);
    stop_server(server);
    CHECK_NUMBER(1, ends(&piece));
}

static void test_a_message_that_is_kept_keeps_it(void)
{
    rustchat_server *server = start_line_server();
    struct piece piece = {0};
    rustchat_message *kept;
    rustchat_event event;
    close(join_with(server, &piece));
    expect_leave(server, &event);
    kept = rustchat_message_retain(event.message);
    rustchat_event_clear(&event);
    stop_server(server);
    CHECK_NUMBER(0, ends(&piece));
    CHECK_NUMBER(piece.peer, rustchat_message_sender(kept));
    CHECK(rustchat_message_sender_address(kept).len > 0 && rustchat_message_sender_name(kept).len == 0);
    rustchat_message_release(kept);
    CHECK_NUMBER(1, ends(&piece));
}

static void test_another_one_takes_its_place(void)
{
    rustchat_server *server = start_line_server();
    struct piece first = {0}, second = {0};
    int fd = join_with(server, &first);
    CHECK_OK(rustchat_server_set_peer_data(server, first.peer, &second, end_piece));
    CHECK(ends(&first) == 1 && ends(&second) == 0);
    CHECK(piece_of(server, first.peer) == &second);
    CHECK_OK(rustchat_server_set_peer_data(server, first.peer, NULL, end_piece));
    CHECK(ends(&first) == 1 && ends(&second) == 1);
    CHECK(piece_of(server, first.peer) == NULL);
    /* Nobody has to be told of its end. */
    CHECK_OK(rustchat_server_set_peer_data(server, first.peer, &first, NULL));
    CHECK(piece_of(server, first.peer) == &first);
    close(fd);
    stop_server(server);
    CHECK(ends(&first) == 1 && ends(&second) == 1);
}

struct watcher {
    struct piece *piece;
    rustchat_server *server;
    int left, dropped, ended_before_drop;
    pthread_t thread;
};

static void on_event(void *userdata, const rustchat_event *event)
{
    struct watcher *watcher = userdata;
    if (event->kind == RUSTCHAT_EVENT_PEER_LEFT) {
        rustchat_server *server = __atomic_load_n(&watcher->server, __ATOMIC_SEQ_CST);
        CHECK(piece_of(server, event->peer) == watcher->piece && ends(watcher->piece) == 0);
        watcher->thread = pthread_self();
        __atomic_store_n(&watcher->left, 1, __ATOMIC_SEQ_CST);
    }
}

static void on_drop(void *userdata)
{
    struct watcher *watcher = userdata;
    watcher->ended_before_drop = ends(watcher->piece);
    __atomic_store_n(&watcher->dropped, 1, __ATOMIC_SEQ_CST);
}

static rustchat_server_options watched_by(struct watcher *watcher, rustchat_event_callback callback)
{
    rustchat_server_options options = local_server();
    options.userdata = watcher;
    options.on_event = callback;
    options.on_drop = on_drop;
    return options;
}

static void test_with_callbacks_it_ends_behind_the_leave(void)
{
    struct piece piece = {0};
    struct watcher watcher = {0};
    rustchat_server_options options = watched_by(&watcher, on_event);
    int fd;
    watcher.piece = &piece;
    __atomic_store_n(&watcher.server, start_server(&options), __ATOMIC_SEQ_CST);
    fd = join_with(watcher.server, &piece);
    close(fd);
    EVENTUALLY(ends(&piece) == 1);
    CHECK(__atomic_load_n(&watcher.left, __ATOMIC_SEQ_CST));
    CHECK(pthread_equal(piece.thread, watcher.thread));
    stop_server(watcher.server);
    CHECK(ends(&piece) == 1 && watcher.dropped);
}

/* Events are asked for, though no callback is told of them. */
static int32_t let_in(void *userdata, const rustchat_peer_info *peer)
{
    (void)userdata;
    (void)peer;
    return 0;
}

static void test_it_ends_where_only_other_callbacks_are_called(void)
{
    struct piece piece = {0};
    rustchat_server_options options = local_server();
    rustchat_server *server;
    options.authorize = let_in;
    server = start_server(&options);
    close(join_raw(server));
    {
        int fd = join_raw(server);
        CHECK_STATUS(RUSTCHAT_ESTATE, rustchat_server_set_peer_data(server, newest_peer(server), &piece, end_piece));
        close(fd);
    }
    stop_server(server);
    CHECK_NUMBER(0, ends(&piece));
    options.events = RUSTCHAT_EVENTS_MEMBERSHIP;
    server = start_server(&options);
    close(join_with(server, &piece));
    EVENTUALLY(ends(&piece) == 1);
    stop_server(server);
}

static void test_what_is_left_ends_with_the_server(void)
{
    struct piece heard = {0}, unheard = {0};
    struct watcher watcher = {0};
    rustchat_server_options options = watched_by(&watcher, NULL);
    rustchat_server *server;
    watcher.piece = &unheard;
    server = start_server(&options);
    close(join_with(server, &heard));
    {
        rustchat_event event;
        expect_leave(server, &event);
        rustchat_event_clear(&event);
    }
    CHECK_NUMBER(1, ends(&heard));
    {
        int fd = join_with(server, &unheard);
        rustchat_server_free(server);
        close(fd);
    }
    CHECK_NUMBER(1, ends(&unheard));
    CHECK(watcher.dropped && watcher.ended_before_drop == 1);
    CHECK(pthread_equal(unheard.thread, pthread_self()));
}

/* At its end a piece uses the server. */
static void ask_server(struct piece *piece)
{
    void *data = piece;
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_peer_data(piece->server, piece->peer, &data));
    CHECK_STATUS(RUSTCHAT_ENOPEER, rustchat_server_set_peer_data(piece->server, piece->peer, piece, end_piece));
    CHECK_OK(rustchat_server_broadcast(piece->server, "gone", 4, 0, NULL));
    CHECK_OK(rustchat_server_wake(piece->server));
}

static void test_at_its_end_the_server_may_be_used(void)
{
    rustchat_server *server = start_line_server();
    struct piece piece = {0};
    rustchat_event event;
    piece.at_end = ask_server;
    close(join_with(server, &piece));
    expect_leave(server, &event);
    rustchat_event_clear(&event);
    CHECK_NUMBER(1, ends(&piece));
    stop_server(server);
}

/* Members come and go while two threads hear of it and a third attaches to whoever there is. */
#define PIECES 4000

static struct piece pieces[PIECES];
static int attached[PIECES], done;

static void *attach(void *argument)
{
    rustchat_server *server = argument;
    size_t next = 0;
    while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST)) {
        rustchat_peer_id ids[16];
        size_t count = 0;
        if (rustchat_server_peers(server, ids, 16, &count) != RUSTCHAT_OK) {
            break;
        }
        for (size_t i = 0; i < count && next < PIECES; i++, next++) {
            int32_t status = rustchat_server_set_peer_data(server, ids[i], &pieces[next], end_piece);
            CHECK(status == RUSTCHAT_OK || status == RUSTCHAT_ENOPEER);
            attached[next] = status == RUSTCHAT_OK;
        }
        sched_yield();
    }
    return NULL;
}

static void *hear_of_it(void *server)
{
    for (;;) {
        rustchat_event events[8];
        size_t count = 0;
        int32_t status = rustchat_server_poll(server, events, 8, &count, PATIENCE_MS);
        if (status == RUSTCHAT_ECLOSED) {
            return NULL;
        }
        CHECK_OK(status);
        rustchat_events_clear(events, count);
    }
}

static void test_each_ends_once_whoever_comes_and_goes(void)
{
    rustchat_server *server = start_line_server();
    pthread_t threads[3];
    int fds[8];
    threads[0] = spawn(attach, server);
    threads[1] = spawn(hear_of_it, server);
    threads[2] = spawn(hear_of_it, server);
    for (int round = 0; round < 30; round++) {
        for (int i = 0; i < 8; i++) {
            fds[i] = dial(port_of(server));
        }
        for (int i = 0; i < 8; i++) {
            close(fds[i]);
        }
    }
    __atomic_store_n(&done, 1, __ATOMIC_SEQ_CST);
    join(threads[0]);
    CHECK_OK(rustchat_server_close(server));
    join(threads[1]);
    join(threads[2]);
    rustchat_server_free(server);
    for (size_t i = 0; i < PIECES; i++) {
        CHECK_NUMBER(attached[i], ends(&pieces[i]));
    }
}

/* A program that never polls: past twice the limit neither the join nor the leave is told, and its memory is bounded all the same. */
static void test_who_takes_no_events_has_it_back_in_time(void)
{
    rustchat_server_options options = local_server();
    struct piece *many = pieces;
    rustchat_server *server;
    int ended = 0;
    memset(pieces, 0, sizeof pieces);
    options.event_limit = 1;
    server = start_server(&options);
    for (int i = 0; i < 200; i++) {
        close(join_with(server, &many[i]));
        EVENTUALLY(members(server) == 0);
    }
    for (int i = 0; i < 200; i++) {
        ended += ends(&many[i]);
    }
    CHECK(ended >= 60);
    rustchat_server_free(server);
    for (int i = 0; i < 200; i++) {
        CHECK_NUMBER(1, ends(&many[i]));
    }
}

int main(void)
{
    watchdog(300);
    RUN(test_it_ends_with_the_event_that_tells_of_the_leave);
    RUN(test_a_message_that_is_kept_keeps_it);
    RUN(test_another_one_takes_its_place);
    RUN(test_with_callbacks_it_ends_behind_the_leave);
    RUN(test_it_ends_where_only_other_callbacks_are_called);
    RUN(test_what_is_left_ends_with_the_server);
    RUN(test_at_its_end_the_server_may_be_used);
    RUN(test_each_ends_once_whoever_comes_and_goes);
    RUN(test_who_takes_no_events_has_it_back_in_time);
    return finish();
}
