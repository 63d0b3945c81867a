/* A child process: what it inherited is refused and harmless, and what it makes works. */

#include <sys/wait.h>

#include "calls.h"

/* Ends a child without the leak check of its instruments: the copies of what the parent owns are not its leaks. */
static void end_child(int result)
{
    if (write(result, "k", 1) != 1) {
        _exit(1);
    }
    kill(getpid(), SIGKILL);
}

/* Runs `body` in a child; it must come to its end. */
static void in_child(void (*body)(struct scene *), struct scene *scene)
{
    int result[2];
    char byte = 0;
    pid_t child;
    CHECK(pipe(result) == 0);
    fflush(NULL);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(result[0]);
        watchdog(300);
        body(scene);
        end_child(result[1]);
    }
    close(result[1]);
    CHECK(read(result[0], &byte, 1) == 1 && byte == 'k');
    close(result[0]);
    CHECK(waitpid(child, NULL, 0) == child);
}

static void refuse_what_was_inherited(struct scene *scene)
{
    for (size_t i = 0; i < CALL_COUNT; i++) {
        int32_t expected = calls[i].kind == HANDLE ? RUSTCHAT_EFORK : RUSTCHAT_OK;
        int32_t status = calls[i].make(scene);
        check_status(expected, status, calls[i].name, __FILE__, __LINE__);
    }
}

static void chat_anew(struct scene *scene)
{
    rustchat_server *server = start_line_server();
    rustchat_client *client = connect_client(server, RUSTCHAT_FRAMING_LINE);
    (void)scene;
    EVENTUALLY(joined_count(server) == 1);
    say(client, "from the child");
    hear(client, "from the child");
    rustchat_client_free(client);
    stop_server(server);
}

static void do_both(struct scene *scene)
{
    refuse_what_was_inherited(scene);
    chat_anew(scene);
    refuse_what_was_inherited(scene);
}

static void fork_again(struct scene *scene)
{
    struct scene own;
    set_scene(&own, start_line_server());
    in_child(refuse_what_was_inherited, &own);
    in_child(refuse_what_was_inherited, scene);
    strike_scene(&own);
}

static void check_parent(struct scene *scene)
{
    rustchat_message *message = NULL;
    int32_t status;
    say(scene->client, "from the parent");
    do {
        rustchat_message_release(message);
        message = NULL;
        status = rustchat_client_recv(scene->client, &message, PATIENCE_MS);
        CHECK_OK(status);
    } while (rustchat_message_bytes(message).len != 15);
    rustchat_message_release(message);
    CHECK_OK(rustchat_connection_send(scene->connection, "x", 1, PATIENCE_MS));
    CHECK_OK(rustchat_connection_recv(scene->accepted, &message, PATIENCE_MS));
    rustchat_message_release(message);
}

static void test_what_was_inherited_is_refused(void)
{
    struct scene scene;
    set_scene(&scene, start_line_server());
    in_child(refuse_what_was_inherited, &scene);
    check_parent(&scene);
    strike_scene(&scene);
}

static void test_new_objects_work_beside_inherited_ones(void)
{
    struct scene scene;
    set_scene(&scene, start_line_server());
    in_child(do_both, &scene);
    check_parent(&scene);
    strike_scene(&scene);
}

static void test_a_child_without_any_object_before(void)
{
    in_child(chat_anew, NULL);
}

/* Everything that has a descriptor, in a process of its own that forks and is killed. The child tells when it is there, and
 * lives on. */
static void fork_and_crash(int out, int until)
{
    struct scene scene;
    uint16_t port;
    char byte;
    set_scene(&scene, start_line_server());
    port = port_of(scene.server);
    if (fork() == 0) {
        CHECK(write(out, &port, sizeof port) == sizeof port);
        close(out);
        watchdog(300);
        _exit(read(until, &byte, 1) == 0 ? 0 : 1);
    }
    for (;;)
        pause();
}

static void test_a_child_keeps_nothing_of_a_parent_that_crashed(void)
{
    int out[2], until[2], peer;
    struct sockaddr_in address = {.sin_family = AF_INET};
    uint16_t port = 0;
    pid_t crashing;
    CHECK(pipe(out) == 0 && pipe(until) == 0);
    fflush(NULL);
    crashing = fork();
    CHECK(crashing >= 0);
    if (crashing == 0) {
        close(out[0]);
        close(until[1]);
        watchdog(300);
        fork_and_crash(out[1], until[0]);
    }
    close(out[1]);
    close(until[0]);
    CHECK(read(out[0], &port, sizeof port) == sizeof port);
    CHECK(kill(crashing, SIGKILL) == 0 && waitpid(crashing, NULL, 0) == crashing);
    address.sin_port = htons(port);
    CHECK(inet_pton(AF_INET, own_host(), &address.sin_addr) == 1);
    peer = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(peer >= 0);
    CHECK(connect(peer, (struct sockaddr *)&address, sizeof address) == -1 && errno == ECONNREFUSED);
    close(peer);
    close(until[1]);
    close(out[0]);
}

static void test_a_grandchild(void)
{
    struct scene scene;
    set_scene(&scene, start_line_server());
    in_child(fork_again, &scene);
    check_parent(&scene);
    strike_scene(&scene);
}

/* Whatever other threads hold at that moment. */
static int busy;

static void *start_and_stop(void *scene)
{
    (void)scene;
    while (__atomic_load_n(&busy, __ATOMIC_SEQ_CST)) {
        rustchat_server_free(start_line_server());
    }
    return NULL;
}

static void *speak_and_hear(void *argument)
{
    struct scene *scene = argument;
    while (__atomic_load_n(&busy, __ATOMIC_SEQ_CST)) {
        rustchat_message *message = NULL;
        CHECK_OK(rustchat_server_broadcast(scene->server, "x", 1, 0, NULL));
        CHECK_OK(rustchat_client_recv(scene->client, &message, PATIENCE_MS));
        rustchat_message_release(message);
    }
    return NULL;
}

static void *speak(void *argument)
{
    struct scene *scene = argument;
    while (__atomic_load_n(&busy, __ATOMIC_SEQ_CST)) {
        CHECK_OK(rustchat_server_broadcast(scene->server, "x", 1, scene->peer, NULL));
    }
    return NULL;
}

static void test_a_fork_in_the_middle_of_everything(void)
{
    struct scene scene;
    void *(*const bodies[])(void *) = {start_and_stop, speak_and_hear, speak};
    pthread_t threads[3];
    int rounds = slowness() > 1 ? 3 : 200;
    set_scene(&scene, start_line_server());
    __atomic_store_n(&busy, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 3; i++) {
        threads[i] = spawn(bodies[i], &scene);
    }
    for (int i = 0; i < rounds; i++) {
        in_child(chat_anew, NULL);
    }
    __atomic_store_n(&busy, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 3; i++) {
        join(threads[i]);
    }
    strike_scene(&scene);
}

int main(void)
{
    watchdog(300);
    RUN(test_a_child_without_any_object_before);
    RUN(test_what_was_inherited_is_refused);
    RUN(test_new_objects_work_beside_inherited_ones);
    RUN(test_a_grandchild);
    RUN(test_a_child_keeps_nothing_of_a_parent_that_crashed);
    RUN(test_a_fork_in_the_middle_of_everything);
    return finish();
}
