/* record_file.c: the file of a recording. */
#include "base/mem.h"
#include "record/recording.h"
#include "record/zstream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct record_file {
    int fd;
    char *path;
    struct packer *packer; /* NULL: it is not compressed */
    int error;             /* errno of the first failure */
    int64_t bytes;
};

static bool named_zst(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".zst") == 0;
}

struct record_file *record_file_new(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)err_set(err, ERR_IO, errno, "%s: %s", path,
                      errno == EEXIST ? "it is there already, and nothing is written over"
                                      : strerror(errno));
        return NULL;
    }
    struct record_file *f = mem_alloc(sizeof(*f));
    f->fd = fd;
    f->path = mem_strdup(path);
    f->packer = named_zst(path) ? packer_new() : NULL;
    return f;
}

static bool put_raw(void *ctx, const void *data, size_t n)
{
    struct record_file *f = ctx;
    const char *at = data;
    while (n > 0 && f->error == 0) {
        ssize_t done = write(f->fd, at, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            f->error = done < 0 ? errno : EIO;
            break;
        }
        at += done;
        n -= (size_t)done;
        f->bytes += done;
    }
    return f->error == 0;
}

static bool feed(struct record_file *f, const char *text, size_t n, enum packer_how how)
{
    if (f->error != 0)
        return false;
    if (f->packer == NULL)
        return put_raw(f, text, n);
    if (!packer_feed(f->packer, text, n, how, put_raw, f) && f->error == 0)
        f->error = EIO;
    return f->error == 0;
}

bool record_file_put(struct record_file *f, const char *text, size_t n)
{
    return feed(f, text, n, PACK_MORE);
}

bool record_file_flush(struct record_file *f)
{
    return feed(f, "", 0, PACK_FLUSH);
}

bool record_file_cut(struct record_file *f)
{
    return feed(f, "", 0, PACK_END);
}

int64_t record_file_bytes(const struct record_file *f)
{
    return f->bytes;
}

bool record_file_close(struct record_file *f, struct err *err)
{
    (void)record_file_cut(f);
    if (close(f->fd) != 0 && f->error == 0)
        f->error = errno;
    bool ok = f->error == 0;
    if (!ok)
        (void)err_set(err, ERR_IO, f->error, "%s: %s", f->path, strerror(f->error));
    packer_free(f->packer);
    free(f->path);
    free(f);
    return ok;
}
