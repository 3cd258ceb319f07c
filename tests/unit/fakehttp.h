/* fakehttp.h: a server on loopback for tests: one thread, one request per connection, and a
 * handler that writes whatever bytes it likes, or none. */
#ifndef CDCTOP_TESTS_FAKEHTTP_H
#define CDCTOP_TESTS_FAKEHTTP_H

#include <stddef.h>

struct fakehttp;

struct fakehttp_request {
    char *text; /* head and body as they came, NUL-terminated */
    size_t len;
    char method[16];
    char target[4096]; /* path?query as sent */
    const char *body;  /* inside text */
};

/* Called on the server's thread with the connection; it is closed after the return. */
typedef void fakehttp_handler(struct fakehttp *server, int fd, const struct fakehttp_request *req,
                              void *arg);

struct fakehttp *fakehttp_start(fakehttp_handler *handler, void *arg);
/* At that address of this machine, where this program may listen. */
struct fakehttp *fakehttp_start_at(const char *address, int port, fakehttp_handler *handler,
                                   void *arg);
int fakehttp_port(const struct fakehttp *server);
void fakehttp_stop(struct fakehttp *server); /* ends holds, joins the thread */

/* Waits until every connection that was made so far has been served, also one that its client gave
 * up before it was looked at. Between two of these a test may look at and change what its handler
 * works with. */
void fakehttp_sync(struct fakehttp *server);

/* Sends all of it; returns the bytes that the peer took before it went away. */
size_t fakehttp_send(int fd, const void *data, size_t n);
void fakehttp_answer(int fd, int status, const char *extra_headers, const char *body);
/* Keeps the connection open and silent until the peer leaves or the server is stopped. */
void fakehttp_hold(struct fakehttp *server, int fd);
/* Value of a request header into buf, "" if absent. */
const char *fakehttp_header(const struct fakehttp_request *req, const char *name, char *buf,
                            size_t size);

#endif
