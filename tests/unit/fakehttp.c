#include "tests/unit/fakehttp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20 };

struct fakehttp {
    int listener, wake, ask, port;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned asked, idle; /* how often it was asked whether it is idle, and was */
    fakehttp_handler *handler;
    void *arg;
};

size_t fakehttp_send(int fd, const void *data, size_t n)
{
    size_t sent = 0;
    while (sent < n) {
        ssize_t w = send(fd, (const char *)data + sent, n - sent, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            break;
        sent += (size_t)w;
    }
    return sent;
}

void fakehttp_answer(int fd, int status, const char *extra_headers, const char *body)
{
    char head[1024];
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %d Test\r\nDate: Fri, 20 Nov 2026 14:03:22 GMT\r\n"
                     "Content-Length: %zu\r\nConnection: close\r\n%s\r\n",
                     status, strlen(body), extra_headers != NULL ? extra_headers : "");
    fakehttp_send(fd, head, (size_t)n);
    fakehttp_send(fd, body, strlen(body));
}

void fakehttp_hold(struct fakehttp *server, int fd)
{
    struct pollfd p[2] = {
        {.fd = fd,           .events = POLLIN | POLLRDHUP},
        {.fd = server->wake, .events = POLLIN            }
    };
    while (poll(p, 2, -1) < 0 && errno == EINTR)
        continue;
}

const char *fakehttp_header(const struct fakehttp_request *req, const char *name, char *buf,
                            size_t size)
{
    size_t n = strlen(name);
    buf[0] = '\0';
    for (const char *line = req->text; line < req->body - 2;) {
        const char *end = strstr(line, "\r\n");
        if (strncasecmp(line, name, n) == 0 && line[n] == ':') {
            const char *v = line + n + 1;
            while (*v == ' ')
                v++;
            (void)snprintf(buf, size, "%.*s", (int)(end - v), v);
            break;
        }
        line = end + 2;
    }
    return buf;
}

static bool read_request(int fd, struct fakehttp_request *req)
{
    size_t want = 0;
    for (;;) {
        ssize_t r = recv(fd, req->text + req->len, REQUEST_MAX - req->len, 0);
        if (r < 0 && errno == EINTR)
            continue;
        if (r <= 0)
            return false;
        req->len += (size_t)r;
        req->text[req->len] = '\0';
        char *end = strstr(req->text, "\r\n\r\n");
        if (want == 0 && end != NULL) {
            char length[32];
            req->body = end + 4;
            want =
                (size_t)(req->body - req->text) +
                strtoul(fakehttp_header(req, "content-length", length, sizeof(length)), NULL, 10);
        }
        if (want != 0 && req->len >= want)
            break;
    }
    return sscanf(req->text, "%15s %4095s", req->method, req->target) == 2;
}

static void serve(struct fakehttp *server, int fd)
{
    struct fakehttp_request req = {.text = calloc(1, REQUEST_MAX + 1)};
    if (req.text != NULL && read_request(fd, &req))
        server->handler(server, fd, &req, server->arg);
    free(req.text);
    /* Only a close after the peer's end is free of a reset that would eat the answer. */
    shutdown(fd, SHUT_WR);
    close(fd);
}

static void tell_idle(struct fakehttp *server)
{
    eventfd_t asked;
    (void)eventfd_read(server->ask, &asked);
    pthread_mutex_lock(&server->lock);
    server->idle = server->asked;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

static void *loop(void *arg)
{
    struct fakehttp *server = arg;
    for (;;) {
        struct pollfd p[3] = {
            {.fd = server->listener, .events = POLLIN},
            {.fd = server->wake,     .events = POLLIN},
            {.fd = server->ask,      .events = POLLIN}
        };
        if (poll(p, 3, -1) < 0)
            continue;
        if (p[1].revents != 0)
            return NULL;
        int fd = p[0].revents != 0 ? accept(server->listener, NULL, NULL) : -1;
        if (fd >= 0)
            serve(server, fd);
        else if (p[2].revents != 0)
            tell_idle(server);
    }
}

struct fakehttp *fakehttp_start(fakehttp_handler *handler, void *arg)
{
    return fakehttp_start_at("127.0.0.1", 0, handler, arg);
}

struct fakehttp *fakehttp_start_at(const char *address, int port, fakehttp_handler *handler,
                                   void *arg)
{
    struct fakehttp *server = calloc(1, sizeof(*server));
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof(addr);
    int again = 1;
    if (server == NULL || inet_pton(AF_INET, address, &addr.sin_addr) != 1)
        abort();
    server->handler = handler;
    server->arg = arg;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server->wake = eventfd(0, EFD_CLOEXEC);
    server->ask = eventfd(0, EFD_CLOEXEC);
    if (server->listener < 0 || server->wake < 0 || server->ask < 0 ||
        setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &again, sizeof(again)) != 0 ||
        bind(server->listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(server->listener, 16) != 0 ||
        getsockname(server->listener, (struct sockaddr *)&addr, &len) != 0 ||
        pthread_create(&server->thread, NULL, loop, server) != 0) {
        perror("fakehttp_start");
        abort();
    }
    server->port = ntohs(addr.sin_port);
    return server;
}

int fakehttp_port(const struct fakehttp *server)
{
    return server->port;
}

void fakehttp_stop(struct fakehttp *server)
{
    (void)eventfd_write(server->wake, 1);
    pthread_join(server->thread, NULL);
    close(server->listener);
    close(server->wake);
    close(server->ask);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

void fakehttp_sync(struct fakehttp *server)
{
    pthread_mutex_lock(&server->lock);
    unsigned mine = ++server->asked;
    (void)eventfd_write(server->ask, 1);
    while (server->idle < mine)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}
