/* The log: nowhere at first, to one callback at a time, each told when it is done. */

#include "harness.h"

struct sink {
    pthread_mutex_t lock;
    int records, drops, worst, mildest;
    char all[16384];
};

#define SINK {PTHREAD_MUTEX_INITIALIZER, 0, 0, 99, 0, ""}

static void take_record(void *userdata, int32_t level, const char *target, const char *message)
{
    struct sink *sink = userdata;
    pthread_mutex_lock(&sink->lock);
    CHECK_NUMBER(0, sink->drops);
    /* The most talkative level has the words of what the library is made of, too. */
    CHECK(level == RUSTCHAT_LOG_TRACE || strncmp(target, "rustchat", 8) == 0);
    sink->records++;
    sink->worst = level < sink->worst ? level : sink->worst;
    sink->mildest = level > sink->mildest ? level : sink->mildest;
    snprintf(sink->all + strlen(sink->all), sizeof sink->all - strlen(sink->all), "%s\n", message);
    pthread_mutex_unlock(&sink->lock);
}

static void end_records(void *userdata)
{
    struct sink *sink = userdata;
    pthread_mutex_lock(&sink->lock);
    sink->drops++;
    pthread_mutex_unlock(&sink->lock);
}

static void log_to(struct sink *sink, int32_t level)
{
    rustchat_log_options options = RUSTCHAT_LOG_OPTIONS_INIT;
    options.level = level;
    options.on_record = take_record;
    options.on_drop = end_records;
    options.userdata = sink;
    CHECK_OK(rustchat_log_set(&options));
}

static void live_a_little(void)
{
    rustchat_server *server = start_line_server();
    int peer = join_raw(server);
    put_line(peer, "\x1b[2J");
    put_line(peer, "hello");
    hear_line(peer, "* error: control character U+001B at offset 0; only text and tabs may be sent");
    hear_line(peer, "hello");
    close(peer);
    stop_server(server);
}

static void test_records_come_up_to_the_level(void)
{
    struct sink sink = SINK;
    log_to(&sink, RUSTCHAT_LOG_DEFAULT);
    live_a_little();
    CHECK_OK(rustchat_log_set(NULL));
    CHECK(strstr(sink.all, "listening on 127.") != NULL);
    CHECK(strstr(sink.all, "joined") != NULL);
    CHECK_NUMBER(RUSTCHAT_LOG_INFO, sink.mildest);
    CHECK_NUMBER(1, sink.drops);
}

static void test_more_is_told_on_demand(void)
{
    struct sink sink = SINK;
    log_to(&sink, RUSTCHAT_LOG_DEBUG);
    live_a_little();
    CHECK_OK(rustchat_log_set(NULL));
    CHECK_NUMBER(RUSTCHAT_LOG_DEBUG, sink.mildest);
    CHECK(strchr(sink.all, '\x1b') == NULL);
}

static void test_nothing_is_told_when_nothing_failed(void)
{
    struct sink sink = SINK;
    log_to(&sink, RUSTCHAT_LOG_ERROR);
    live_a_little();
    CHECK_OK(rustchat_log_set(NULL));
    CHECK_NUMBER(0, sink.records);
    CHECK_NUMBER(1, sink.drops);
}

static void test_one_takes_over_from_another(void)
{
    struct sink first = SINK, second = SINK;
    log_to(&first, RUSTCHAT_LOG_TRACE);
    live_a_little();
    log_to(&second, RUSTCHAT_LOG_TRACE);
    CHECK(first.drops == 1 && second.drops == 0);
    live_a_little();
    CHECK(first.records > 0 && second.records > 0);
    CHECK_OK(rustchat_log_set(NULL));
    CHECK(first.drops == 1 && second.drops == 1);
    CHECK_OK(rustchat_log_set(NULL));
    live_a_little();
    CHECK(first.drops == 1 && second.drops == 1);
}

int main(void)
{
    watchdog(300);
    RUN(test_records_come_up_to_the_level);
    RUN(test_more_is_told_on_demand);
    RUN(test_nothing_is_told_when_nothing_failed);
    RUN(test_one_takes_over_from_another);
    return finish();
}
