#include "source/msk_list.h"

#include "base/strbuf.h"
#include "net/http.h"

#include <string.h>

enum { PAGES_MAX = 50, URL_MAX = 8192 };

struct asking {
    struct aws_client *client;
    struct arena *arena;
    int64_t deadline_ms;
    int stop_fd;
};

static bool ask(const struct asking *a, struct aws_request request, struct aws_answer *answer,
                struct err *err)
{
    request.deadline_ms = a->deadline_ms;
    request.stop_fd = a->stop_fd;
    return aws_send(a->client, &request, answer, err);
}

static bool read_page(const struct asking *a, struct msk_list *list, const char **next,
                      struct err *err)
{
    struct aws_answer answer;
    struct strbuf query;
    strbuf_init(&query, URL_MAX);
    if (*next != NULL) {
        strbuf_puts(&query, "nextToken=");
        http_escape(&query, *next, false);
    }
    const struct aws_request request = {
        .call = MSK_LIST_CLUSTERS, .path = "/api/v2/clusters", .query = query.text};
    bool ok = ask(a, request, &answer, err);
    strbuf_free(&query);
    if (!ok)
        return false;
    ok = msk_parse_all(a->arena, answer.body.text, answer.body.len, list, next, err);
    aws_answer_free(&answer);
    return ok;
}

static bool read_listeners(const struct asking *a, struct msk_snap *cluster, struct err *err)
{
    struct aws_answer answer;
    struct strbuf path;
    strbuf_init(&path, URL_MAX);
    strbuf_puts(&path, "/v1/clusters/");
    http_escape(&path, cluster->arn, false);
    strbuf_puts(&path, "/bootstrap-brokers");
    const struct aws_request request = {
        .call = MSK_GET_BOOTSTRAP, .path = path.text, .resource = cluster->arn};
    bool ok = ask(a, request, &answer, err);
    strbuf_free(&path);
    if (!ok)
        return false;
    ok = msk_parse_bootstraps(a->arena, answer.body.text, answer.body.len, cluster, err);
    aws_answer_free(&answer);
    cluster->bootstraps_read = ok;
    return ok;
}

/* Where one is refused, or cannot be reached, so are the others. */
static bool ends_all(const struct err *err)
{
    return err->kind != ERR_NOTFOUND && err->kind != ERR_CONFLICT && err->kind != ERR_DENIED &&
           err->kind != ERR_PROTOCOL;
}

bool msk_list(struct aws_client *client, struct arena *arena, int64_t deadline_ms, int stop_fd,
              struct msk_list *list, struct err *err)
{
    const struct asking a = {client, arena, deadline_ms, stop_fd};
    const char *next = NULL;
    bool ok = true;
    *list = (struct msk_list){0};
    for (int page = 0; ok && page < PAGES_MAX && (page == 0 || next != NULL); page++)
        ok = read_page(&a, list, &next, err);
    for (size_t i = 0; i < list->count; i++) {
        struct err one = ERR_INIT;
        if (read_listeners(&a, &list->items[i], &one))
            continue;
        /* One that is being made has none yet: that says nothing about the others. */
        if (ok && one.kind != ERR_NOTFOUND && one.kind != ERR_CONFLICT)
            ok = err_set(err, one.kind, one.code, "%s", one.text);
        if (ends_all(&one))
            break;
    }
    return ok;
}
