#include "tests/pty/fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64 };

struct client {
    int fd;
    bool answering;
    size_t sent;
    uint64_t filled;
};

struct fake {
    struct fake_manner manner;
    int listener, wake, port;
    bool threaded;
    pthread_t thread;
    atomic_int connections;
    struct client clients[CLIENTS_MAX];
    size_t n;
};

static int bound_on_loopback(int *port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
        perror("bound_on_loopback");
        abort();
    }
    *port = ntohs(addr.sin_port);
    return fd;
}

static int listen_on_loopback(int *port)
{
    int fd = bound_on_loopback(port);
    if (listen(fd, 32) != 0)
        abort();
    return fd;
}

static void drop(struct fake *fake, size_t i)
{
    close(fake->clients[i].fd);
    fake->clients[i] = fake->clients[--fake->n];
}

/* Sends some more; false when the connection is done with. */
static bool answer(const struct fake_manner *manner, struct client *client)
{
    static char filler[65536];
    for (;;) {
        const char *from = manner->text + client->sent;
        size_t n = manner->len - client->sent;
        if (n == 0) {
            uint64_t rest = manner->filler - client->filled;
            n = rest < sizeof(filler) ? (size_t)rest : sizeof(filler);
            from = filler;
        }
        if (n == 0) {
            client->answering = false;
            return manner->linger;
        }
        ssize_t w = send(client->fd, from, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (w < 0)
            return errno == EAGAIN || errno == EINTR;
        if (from == filler)
            client->filled += (uint64_t)w;
        else
            client->sent += (size_t)w;
    }
}

/* Reads what came; false when the connection is done with. */
static bool hear(const struct fake_manner *manner, struct client *client)
{
    char buf[4096];
    ssize_t n = recv(client->fd, buf, sizeof(buf), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        return false;
    if (manner->mute || client->sent > 0)
        return true;
    if (manner->text == NULL)
        return false;
    client->answering = true;
    return answer(manner, client);
}

static void greet(struct fake *fake)
{
    int fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (fake->n == CLIENTS_MAX) {
        close(fd);
        return;
    }
    atomic_fetch_add(&fake->connections, 1);
    fake->clients[fake->n++] =
        (struct client){.fd = fd, .answering = fake->manner.at_once && fake->manner.text != NULL};
}

static void *loop(void *arg)
{
    struct fake *fake = arg;
    for (;;) {
        struct pollfd p[CLIENTS_MAX + 2] = {
            {.fd = fake->wake,     .events = POLLIN},
            {.fd = fake->listener, .events = POLLIN},
        };
        size_t n = fake->n;
        for (size_t i = 0; i < n; i++)
            p[i + 2] = (struct pollfd){
                .fd = fake->clients[i].fd,
                .events = (short)(POLLIN | (fake->clients[i].answering ? POLLOUT : 0)),
            };
        if (poll(p, n + 2, -1) < 0)
            continue;
        if (p[0].revents != 0)
            return NULL;
        for (size_t i = n; i-- > 0;) {
            struct client *client = &fake->clients[i];
            bool on = true;
            if ((p[i + 2].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
                on = hear(&fake->manner, client);
            if (on && client->answering && (p[i + 2].revents & POLLOUT) != 0)
                on = answer(&fake->manner, client);
            if (!on)
                drop(fake, i);
        }
        if (p[1].revents != 0)
            greet(fake);
    }
}

struct fake *fake_start(const struct fake_manner *manner)
{
    struct fake *fake = calloc(1, sizeof(*fake));
    if (fake == NULL)
        abort();
    fake->manner = *manner;
    if (fake->manner.text != NULL && fake->manner.len == 0)
        fake->manner.len = strlen(fake->manner.text);
    fake->listener = listen_on_loopback(&fake->port);
    fake->wake = eventfd(0, EFD_CLOEXEC);
    fake->threaded = !manner->frozen;
    if (fake->wake < 0 || (fake->threaded && pthread_create(&fake->thread, NULL, loop, fake) != 0))
        abort();
    return fake;
}

int fake_port(const struct fake *fake)
{
    return fake->port;
}

int fake_connections(struct fake *fake)
{
    return atomic_load(&fake->connections);
}

void fake_stop(struct fake *fake)
{
    if (fake == NULL)
        return;
    (void)eventfd_write(fake->wake, 1);
    if (fake->threaded)
        pthread_join(fake->thread, NULL);
    while (fake->n > 0)
        drop(fake, 0);
    close(fake->listener);
    close(fake->wake);
    free(fake);
}

int fake_closed_port(void)
{
    int port;
    (void)bound_on_loopback(
        &port); /* kept until the end, so that nobody else comes to listen there */
    return port;
}
