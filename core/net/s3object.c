#include "net/s3object.h"

#include "base/mem.h"
#include "net/s3list_int.h"

#include <stdlib.h>
#include <string.h>

enum { ERROR_MAX = 64 * 1024 };

struct filling {
    struct s3object_head *head;
    size_t max;
};

static bool take(void *arg, const char *data, size_t n)
{
    struct filling *f = arg;
    size_t room = f->max - f->head->n;
    size_t taken = n < room ? n : room;
    memcpy(f->head->data + f->head->n, data, taken);
    f->head->n += taken;
    f->head->data[f->head->n] = '\0';
    return taken == n;
}

/* "bytes 0-262143/1048576"; -1: it does not say. */
static int64_t whole_size(const char *content_range)
{
    const char *slash = strchr(content_range, '/');
    char *end;
    if (slash == NULL || slash[1] < '0' || slash[1] > '9')
        return -1;
    long long size = strtoll(slash + 1, &end, 10);
    return *end == '\0' ? (int64_t)size : -1;
}

bool s3object_head(struct s3list *list, const char *key, size_t max, int64_t deadline_ms,
                   int stop_fd, struct s3object_head *head, struct err *err)
{
    struct http_response resp;
    struct strbuf path;
    struct filling filling = {head, max};
    struct http_request req = {.max_body = ERROR_MAX,
                               .sink = take,
                               .sink_arg = &filling,
                               .first_part = true,
                               .deadline_ms = deadline_ms,
                               .stop_fd = stop_fd};
    *head = (struct s3object_head){.data = mem_alloc(max + 1), .size = -1};
    s3list_object_path(list, key, &path);
    char *range = mem_printf("Range: bytes=0-%zu", max - 1);
    bool ok = s3list_send(list, path.text, "", range, &req, &resp, err);
    strbuf_free(&path);
    free(range);
    if (ok) {
        if (resp.status == 206)
            head->size = whole_size(resp.content_range);
        else if (resp.status == 200)
            head->size = resp.content_length;
        else if (resp.status == 416) /* no byte of it can be had: it is empty */
            head->size = 0;
        else
            ok = s3list_refused(list, &resp, err);
        http_response_free(&resp);
    }
    if (!ok) {
        free(head->data);
        *head = (struct s3object_head){.size = -1};
    }
    return ok;
}
