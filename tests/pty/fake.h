/* fake.h: servers on loopback that behave badly: a thread each, any number of connections. */
#ifndef CDCTOP_TESTS_FAKE_H
#define CDCTOP_TESTS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a server does with every connection. */
struct fake_manner {
    bool frozen;      /* listens, and never accepts: as a stopped process looks from outside */
    bool mute;        /* accepts, reads and never answers */
    bool at_once;     /* answers before it was asked; otherwise to the first bytes that come */
    const char *text; /* the answer; NULL: none, the connection is closed */
    size_t len;       /* 0: strlen(text) */
    uint64_t filler;  /* then so many bytes of 'x' */
    bool linger;      /* stays open after the answer; otherwise closes */
};

struct fake;

/* manner and its text are borrowed until fake_stop. Never NULL: aborts when it cannot. */
struct fake *fake_start(const struct fake_manner *manner);
int fake_port(const struct fake *fake);
int fake_connections(struct fake *fake); /* accepted so far */
void fake_stop(struct fake *fake);

/* A port on which nobody listens, nor will before this program ends. */
int fake_closed_port(void);

#endif
