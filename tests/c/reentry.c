/* Every function, called from inside every kind of callback: a result as documented, and no hang. */

#include "calls.h"

struct stage {
    struct scene scene;
    const struct exception *exceptions;
    int armed, done, dropped;
};

static void make_them_all(struct stage *stage)
{
    if (__atomic_exchange_n(&stage->armed, 0, __ATOMIC_SEQ_CST)) {
        make_calls(&stage->scene, stage->exceptions);
        __atomic_store_n(&stage->done, 1, __ATOMIC_SEQ_CST);
    }
}

static void note_drop(void *userdata)
{
    struct stage *stage = userdata;
    __atomic_store_n(&stage->dropped, 1, __ATOMIC_SEQ_CST);
}

/* A server that calls back has nothing to poll, and its own thread cannot wait for its end. */
static const struct exception IN_SERVER[] = {
    {"rustchat_server_poll", RUSTCHAT_ESTATE}, {"rustchat_server_poll_fd", RUSTCHAT_ESTATE},
    {"rustchat_server_wake", RUSTCHAT_ESTATE}, {"rustchat_server_join", RUSTCHAT_EDEADLK},
    {"rustchat_server_probe", RUSTCHAT_EDEADLK},
    {NULL, 0},
};

static void on_event(void *userdata, const rustchat_event *event)
{
    if (event->kind == RUSTCHAT_EVENT_MESSAGE) {
        make_them_all(userdata);
    }
}

static int32_t on_filter(void *userdata, const rustchat_event *event)
{
    (void)event;
    make_them_all(userdata);
    return 0;
}

static int32_t on_authorize(void *userdata, const rustchat_peer_info *peer)
{
    CHECK(peer->address[0] != '\0');
    make_them_all(userdata);
    return 0;
}

static void start_stage(struct stage *stage, const rustchat_server_options *options, const struct exception *exceptions)
{
    __atomic_store_n(&stage->armed, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&stage->done, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&stage->dropped, 0, __ATOMIC_SEQ_CST);
    stage->exceptions = exceptions;
    set_scene(&stage->scene, start_server(options));
    __atomic_store_n(&stage->armed, 1, __ATOMIC_SEQ_CST);
}

/* What was freed inside a callback ends when that has returned, and may call back until on_drop. */
static void end_stage(struct stage *stage)
{
    EVENTUALLY(__atomic_load_n(&stage->done, __ATOMIC_SEQ_CST));
    strike_scene(&stage->scene);
    EVENTUALLY(__atomic_load_n(&stage->dropped, __ATOMIC_SEQ_CST));
}

static rustchat_server_options with_userdata(struct stage *stage)
{
    rustchat_server_options options = local_server();
    options.userdata = stage;
    options.on_drop = note_drop;
    return options;
}

static void test_in_on_event(void)
{
    struct stage stage;
    rustchat_server_options options = with_userdata(&stage);
    options.on_event = on_event;
    start_stage(&stage, &options, IN_SERVER);
    say(stage.scene.client, "go");
    end_stage(&stage);
}

static void test_in_filter(void)
{
    struct stage stage;
    rustchat_server_options options = with_userdata(&stage);
    options.filter = on_filter;
    start_stage(&stage, &options, IN_SERVER);
    say(stage.scene.client, "go");
    end_stage(&stage);
}

static void test_in_authorize(void)
{
    struct stage stage;
    rustchat_server_options options = with_userdata(&stage);
    int peer;
    options.authorize = on_authorize;
    start_stage(&stage, &options, IN_SERVER);
    peer = dial(port_of(stage.scene.server));
    end_stage(&stage);
    close(peer);
}

/* When the server has closed, but not been freed. What is said to nobody there is no failure. */
static const struct exception IN_SERVER_DROP[] = {
    {"rustchat_server_poll", RUSTCHAT_ESTATE},
    {"rustchat_server_poll_fd", RUSTCHAT_ESTATE},
    {"rustchat_server_wake", RUSTCHAT_ESTATE},
    {"rustchat_server_join", RUSTCHAT_EDEADLK},
    {"rustchat_server_probe", RUSTCHAT_EDEADLK},
    {"rustchat_server_peer_info", RUSTCHAT_ENOPEER},
    {"rustchat_server_peer_name", RUSTCHAT_ENOPEER},
    {"rustchat_server_rename", RUSTCHAT_ENOPEER},
    {"rustchat_server_find", RUSTCHAT_ENOPEER},
    {"rustchat_server_set_peer_data", RUSTCHAT_ENOPEER},
    {"rustchat_server_peer_data", RUSTCHAT_ENOPEER},
    {"rustchat_client_connect", RUSTCHAT_ECONNREFUSED},
    {"rustchat_client_send", RUSTCHAT_ECLOSED},
    {"rustchat_client_send_message", RUSTCHAT_ECLOSED},
    {"rustchat_client_rename", RUSTCHAT_ECLOSED},
    {"rustchat_client_recv", RUSTCHAT_ECLOSED},
    {"rustchat_client_recv_into", RUSTCHAT_ECLOSED},
    {"rustchat_client_poll", RUSTCHAT_ECLOSED},
    {NULL, 0},
};

static void on_drop(void *userdata)
{
    make_them_all(userdata);
    note_drop(userdata);
}

static void ignore_event(void *userdata, const rustchat_event *event)
{
    (void)userdata;
    (void)event;
}

static void test_in_on_drop(void)
{
    struct stage stage;
    rustchat_server_options options = with_userdata(&stage);
    options.on_event = ignore_event;
    options.on_drop = on_drop;
    start_stage(&stage, &options, IN_SERVER_DROP);
    __atomic_store_n(&stage.armed, 0, __ATOMIC_SEQ_CST);
    CHECK_OK(rustchat_client_close(stage.scene.client));
    CHECK_OK(rustchat_client_join(stage.scene.client, PATIENCE_MS));
    __atomic_store_n(&stage.armed, 1, __ATOMIC_SEQ_CST);
    CHECK_OK(rustchat_server_close(stage.scene.server));
    end_stage(&stage);
}

/* Called by rustchat_server_free itself when there are no other callbacks. */
static const struct exception AFTER_FREE[] = {
    {"rustchat_server_address", RUSTCHAT_EHANDLE},
    {"rustchat_server_port", RUSTCHAT_EHANDLE},
    {"rustchat_server_pin", RUSTCHAT_EHANDLE},
    {"rustchat_server_replace_certificate", RUSTCHAT_EHANDLE},
    {"rustchat_server_stats", RUSTCHAT_EHANDLE},
    {"rustchat_server_times", RUSTCHAT_EHANDLE},
    {"rustchat_server_ban", RUSTCHAT_EHANDLE},
    {"rustchat_server_unban", RUSTCHAT_EHANDLE},
    {"rustchat_server_bans", RUSTCHAT_EHANDLE},
    {"rustchat_server_reload_bans", RUSTCHAT_EHANDLE},
    {"rustchat_server_probe", RUSTCHAT_EHANDLE},
    {"rustchat_server_peers", RUSTCHAT_EHANDLE},
    {"rustchat_server_peer_info", RUSTCHAT_EHANDLE},
    {"rustchat_server_peer_name", RUSTCHAT_EHANDLE},
    {"rustchat_server_rename", RUSTCHAT_EHANDLE},
    {"rustchat_server_find", RUSTCHAT_EHANDLE},
    {"rustchat_server_set_peer_data", RUSTCHAT_EHANDLE},
    {"rustchat_server_peer_data", RUSTCHAT_EHANDLE},
    {"rustchat_server_speech_fd", RUSTCHAT_EHANDLE},
    {"rustchat_server_broadcast", RUSTCHAT_EHANDLE},
    {"rustchat_server_broadcast_message", RUSTCHAT_EHANDLE},
    {"rustchat_server_send", RUSTCHAT_EHANDLE},
    {"rustchat_server_send_message", RUSTCHAT_EHANDLE},
    {"rustchat_server_poll", RUSTCHAT_EHANDLE},
    {"rustchat_server_poll_fd", RUSTCHAT_EHANDLE},
    {"rustchat_server_wake", RUSTCHAT_EHANDLE},
    {"rustchat_server_disconnect", RUSTCHAT_EHANDLE},
    {"rustchat_server_answer", RUSTCHAT_EHANDLE},
    {"rustchat_server_close", RUSTCHAT_EHANDLE},
    {"rustchat_server_close_within", RUSTCHAT_EHANDLE},
    {"rustchat_server_join", RUSTCHAT_EHANDLE},
    {"rustchat_client_connect", RUSTCHAT_ECONNREFUSED},
    {"rustchat_client_send", RUSTCHAT_ECLOSED},
    {"rustchat_client_send_message", RUSTCHAT_ECLOSED},
    {"rustchat_client_rename", RUSTCHAT_ECLOSED},
    {"rustchat_client_recv", RUSTCHAT_ECLOSED},
    {"rustchat_client_recv_into", RUSTCHAT_ECLOSED},
    {"rustchat_client_poll", RUSTCHAT_ECLOSED},
    {NULL, 0},
};

static void test_in_on_drop_during_free(void)
{
    struct stage stage;
    rustchat_server_options options = with_userdata(&stage);
    options.on_drop = on_drop;
    start_stage(&stage, &options, AFTER_FREE);
    CHECK_OK(rustchat_client_close(stage.scene.client));
    CHECK_OK(rustchat_client_join(stage.scene.client, PATIENCE_MS));
    rustchat_server_free(stage.scene.server);
    end_stage(&stage);
}

static const struct exception IN_CLIENT[] = {
    {"rustchat_client_recv", RUSTCHAT_ESTATE}, {"rustchat_client_recv_into", RUSTCHAT_ESTATE},
    {"rustchat_client_poll", RUSTCHAT_ESTATE}, {"rustchat_client_poll_fd", RUSTCHAT_ESTATE},
    {"rustchat_client_wake", RUSTCHAT_ESTATE}, {"rustchat_client_join", RUSTCHAT_EDEADLK},
    {NULL, 0},
};

/* Puts a client that calls back in the place of the scene's. */
static void replace_client(struct stage *stage, rustchat_client_options *options)
{
    uint64_t before = joined_count(stage->scene.server);
    __atomic_store_n(&stage->armed, 0, __ATOMIC_SEQ_CST);
    options->userdata = stage;
    rustchat_client_free(stage->scene.client);
    stage->scene.client = connect_with(stage->scene.server, options);
    EVENTUALLY(joined_count(stage->scene.server) > before);
    stage->scene.peer = newest_peer(stage->scene.server);
    __atomic_store_n(&stage->armed, 1, __ATOMIC_SEQ_CST);
}

static void test_in_on_event_of_a_client(void)
{
    struct stage stage;
    rustchat_server_options options = local_server();
    rustchat_client_options calling = RUSTCHAT_CLIENT_OPTIONS_INIT;
    calling.on_event = on_event;
    calling.on_drop = note_drop;
    start_stage(&stage, &options, IN_CLIENT);
    replace_client(&stage, &calling);
    say(stage.scene.client, "go");
    end_stage(&stage);
}

static const struct exception IN_CLIENT_DROP[] = {
    {"rustchat_client_recv", RUSTCHAT_ESTATE},         {"rustchat_client_recv_into", RUSTCHAT_ESTATE},
    {"rustchat_client_poll", RUSTCHAT_ESTATE},         {"rustchat_client_poll_fd", RUSTCHAT_ESTATE},
    {"rustchat_client_wake", RUSTCHAT_ESTATE},         {"rustchat_client_join", RUSTCHAT_EDEADLK},
    {"rustchat_client_send", RUSTCHAT_ECLOSED},        {"rustchat_client_send_message", RUSTCHAT_ECLOSED},
    {"rustchat_client_rename", RUSTCHAT_ECLOSED},
    {"rustchat_server_peer_info", RUSTCHAT_ENOPEER},   {"rustchat_server_peer_name", RUSTCHAT_ENOPEER},
    {"rustchat_server_send", RUSTCHAT_ENOPEER},        {"rustchat_server_send_message", RUSTCHAT_ENOPEER},
    {"rustchat_server_rename", RUSTCHAT_ENOPEER},      {"rustchat_server_find", RUSTCHAT_ENOPEER},
    {"rustchat_server_set_peer_data", RUSTCHAT_ENOPEER}, {"rustchat_server_peer_data", RUSTCHAT_ENOPEER},
    {"rustchat_server_disconnect", RUSTCHAT_ENOPEER},  {"rustchat_client_rename", RUSTCHAT_ECLOSED},
    {NULL, 0},
};

static void test_in_on_drop_of_a_client(void)
{
    struct stage stage;
    rustchat_server_options options = local_server();
    rustchat_client_options calling = RUSTCHAT_CLIENT_OPTIONS_INIT;
    calling.on_event = ignore_event;
    calling.on_drop = on_drop;
    start_stage(&stage, &options, IN_CLIENT_DROP);
    replace_client(&stage, &calling);
    stage.scene.peer = UINT64_MAX;
    CHECK_OK(rustchat_client_close(stage.scene.client));
    end_stage(&stage);
}

static void on_record(void *userdata, int32_t level, const char *target, const char *message)
{
    (void)level;
    CHECK(target[0] != '\0' && message[0] != '\0');
    make_them_all(userdata);
}

static void log_to(struct stage *stage, rustchat_drop_callback dropped)
{
    rustchat_log_options options = RUSTCHAT_LOG_OPTIONS_INIT;
    options.on_record = on_record;
    options.on_drop = dropped;
    options.level = RUSTCHAT_LOG_TRACE;
    options.userdata = stage;
    CHECK_OK(rustchat_log_set(&options));
}

static const struct exception NOTHING_ODD[] = {{NULL, 0}};

/* On a thread of the program, which happens to make the library log. */
static void test_in_the_log_on_a_thread_of_ones_own(void)
{
    struct stage stage;
    rustchat_server_options options = local_server();
    start_stage(&stage, &options, NOTHING_ODD);
    log_to(&stage, note_drop);
    rustchat_server_free(start_line_server());
    EVENTUALLY(__atomic_load_n(&stage.done, __ATOMIC_SEQ_CST));
    CHECK_OK(rustchat_log_set(NULL));
    end_stage(&stage);
}

static void test_in_on_drop_of_the_log(void)
{
    struct stage stage;
    rustchat_server_options options = local_server();
    __atomic_store_n(&stage.armed, 0, __ATOMIC_SEQ_CST);
    log_to(&stage, on_drop);
    start_stage(&stage, &options, NOTHING_ODD);
    __atomic_store_n(&stage.armed, 1, __ATOMIC_SEQ_CST);
    CHECK_OK(rustchat_log_set(NULL));
    end_stage(&stage);
}

int main(void)
{
    watchdog(300);
    RUN(test_in_on_event);
    RUN(test_in_filter);
    RUN(test_in_authorize);
    RUN(test_in_on_drop);
    RUN(test_in_on_drop_during_free);
    RUN(test_in_on_event_of_a_client);
    RUN(test_in_on_drop_of_a_client);
    RUN(test_in_the_log_on_a_thread_of_ones_own);
    RUN(test_in_on_drop_of_the_log);
    return finish();
}
