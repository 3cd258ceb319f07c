#include "record/zstream.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
    LEVEL = 3,
    BLOCK_LEVEL = 1,     /* it happens while somebody looks */
    WINDOW_LOG = 19,     /* of ours: what is repeated lies close by */
    WINDOW_LOG_MAX = 23, /* of others' */
    CHUNK = 32 * 1024
};

struct unpacker {
    ZSTD_DCtx *ctx;
};

struct packer {
    ZSTD_CCtx *ctx;
    char out[CHUNK];
};

bool zstd_begins(const void *data, size_t n)
{
    static const unsigned char magic[4] = {0x28, 0xB5, 0x2F, 0xFD};
    return n >= sizeof(magic) && memcmp(data, magic, sizeof(magic)) == 0;
}

struct unpacker *unpacker_new(void)
{
    struct unpacker *u = mem_alloc(sizeof(*u));
    u->ctx = ZSTD_createDCtx();
    if (u->ctx == NULL)
        mem_fatal("zstd: no memory");
    (void)ZSTD_DCtx_setParameter(u->ctx, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return u;
}

void unpacker_free(struct unpacker *u)
{
    if (u == NULL)
        return;
    (void)ZSTD_freeDCtx(u->ctx);
    free(u);
}

void unpacker_reset(struct unpacker *u)
{
    (void)ZSTD_DCtx_reset(u->ctx, ZSTD_reset_session_only);
}

bool unpacker_feed(struct unpacker *u, const void *in, size_t *n_in, void *out, size_t *n_out,
                   bool *ended, const char **why)
{
    ZSTD_inBuffer from = {in, *n_in, 0};
    ZSTD_outBuffer to = {out, *n_out, 0};
    size_t left = ZSTD_decompressStream(u->ctx, &to, &from);
    *n_in = from.pos;
    *n_out = to.pos;
    *ended = left == 0;
    if (ZSTD_isError(left) == 0)
        return true;
    *why = ZSTD_getErrorName(left);
    return false;
}

struct packer *packer_new(void)
{
    struct packer *p = mem_alloc(sizeof(*p));
    p->ctx = ZSTD_createCCtx();
    if (p->ctx == NULL)
        mem_fatal("zstd: no memory");
    (void)ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_compressionLevel, LEVEL);
    (void)ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_windowLog, WINDOW_LOG);
    (void)ZSTD_CCtx_setParameter(p->ctx, ZSTD_c_checksumFlag, 1);
    return p;
}

void packer_free(struct packer *p)
{
    if (p == NULL)
        return;
    (void)ZSTD_freeCCtx(p->ctx);
    free(p);
}

bool packer_feed(struct packer *p, const void *in, size_t n, enum packer_how how,
                 bool (*put)(void *ctx, const void *data, size_t n), void *ctx)
{
    static const ZSTD_EndDirective directives[] = {
        [PACK_MORE] = ZSTD_e_continue, [PACK_FLUSH] = ZSTD_e_flush, [PACK_END] = ZSTD_e_end};
    ZSTD_inBuffer from = {in, n, 0};
    for (;;) {
        ZSTD_outBuffer to = {p->out, sizeof(p->out), 0};
        size_t left = ZSTD_compressStream2(p->ctx, &to, &from, directives[how]);
        if (ZSTD_isError(left) != 0)
            return false;
        if (to.pos > 0 && !put(ctx, p->out, to.pos))
            return false;
        if (how == PACK_MORE ? from.pos == from.size : left == 0)
            return true;
    }
}

void *pack_block(const void *in, size_t n, size_t *packed)
{
    size_t room = ZSTD_compressBound(n);
    char *out = mem_alloc(room);
    *packed = ZSTD_compress(out, room, in, n, BLOCK_LEVEL);
    if (ZSTD_isError(*packed) != 0) /* with so much room there is no reason left but memory */
        mem_fatal("zstd: no memory");
    return mem_realloc(out, *packed);
}
