/* xmltree.h: the XML answer of a service as a small tree in an arena (RDS, STS). The body is
 * foreign: a DOCTYPE is an error (no entities, no expansion), depth, count and size are capped.
 * Attributes and name spaces are left out; a text keeps its spaces.
 */
#ifndef CDCTOP_NET_XMLTREE_H
#define CDCTOP_NET_XMLTREE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/fact.h"

#include <stddef.h>
#include <stdint.h>

enum { XMLTREE_MAX_BYTES = 8 * 1024 * 1024, XMLTREE_MAX_DEPTH = 32, XMLTREE_MAX_NODES = 100000 };

struct xmlnode {
    const char *name;
    const char *text; /* "" where it has children, or nothing; never NULL */
    struct xmlnode *child, *next;
};

/* The root element. NULL and *err: ERR_PROTOCOL (no XML, cut short) or ERR_TOOBIG. */
const struct xmlnode *xmltree_read(const char *body, size_t len, struct arena *arena,
                                   struct err *err);

/* The first one at "A/B/C" below node (which itself is not named); NULL: there is none. Every node
 * here may be NULL, which has nothing below it. */
const struct xmlnode *xmltree_find(const struct xmlnode *node, const char *path);
/* The next sibling of the same name; NULL: that was the last. */
const struct xmlnode *xmltree_next(const struct xmlnode *node);

/* What stands at that path; fallback (UNKNOWN, TRI_UNKNOWN) where it is absent, empty, or none. */
const char *xmltree_text(const struct xmlnode *node, const char *path, const char *fallback);
int64_t xmltree_int(const struct xmlnode *node, const char *path);
enum tri xmltree_tri(const struct xmlnode *node, const char *path);
int64_t xmltree_time(const struct xmlnode *node, const char *path); /* ISO-8601 → wall ms */

#endif
