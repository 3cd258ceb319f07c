/* zstream.h: zstd behind one small door: streams for files, blocks for memory. */
#ifndef CDCTOP_RECORD_ZSTREAM_H
#define CDCTOP_RECORD_ZSTREAM_H

#include <stdbool.h>
#include <stddef.h>

struct unpacker; /* reads frames */
struct packer;   /* writes them */

bool zstd_begins(const void *data, size_t n); /* the first four bytes of a frame */

struct unpacker *unpacker_new(void);
void unpacker_free(struct unpacker *u);
void unpacker_reset(struct unpacker *u);
/* Takes *n_in bytes at most and says how many it took; the same with out. False: not zstd's, or it
 * wants more memory than we give it; *why says so. *ended: a frame is complete. */
bool unpacker_feed(struct unpacker *u, const void *in, size_t *n_in, void *out, size_t *n_out,
                   bool *ended, const char **why);

enum packer_how { PACK_MORE, PACK_FLUSH, PACK_END };
struct packer *packer_new(void);
void packer_free(struct packer *p); /* NULL is fine */
/* Hands what comes out to put; false: put said so. */
bool packer_feed(struct packer *p, const void *in, size_t n, enum packer_how how,
                 bool (*put)(void *ctx, const void *data, size_t n), void *ctx);

/* A whole frame in one piece; malloc'd. */
void *pack_block(const void *in, size_t n, size_t *packed);

#endif
