#include "source/s3_peek.h"

#include "aws/aws.h"
#include "base/gunzip.h"
#include "net/s3object.h"

#include <stdlib.h>
#include <string.h>

static struct s3list *open_list(struct aws *aws, const struct s3_config *cfg,
                                const struct s3_place *place, int64_t deadline_ms, int stop_fd,
                                struct err *err)
{
    struct aws_credentials creds = {0};
    struct s3_place settled = *place;
    s3_topics_settle(&settled, aws);
    struct s3list_target target = {.bucket = settled.bucket,
                                   .region = settled.region,
                                   .endpoint = settled.endpoint,
                                   .own = settled.own,
                                   .requester_pays = cfg->requester_pays,
                                   .addressing = cfg->addressing,
                                   .ca = settled.ca};
    if (!aws_credentials_for_s3(aws, cfg, deadline_ms, stop_fd, &creds, err))
        return NULL;
    struct s3list *list = s3list_open(&target, &creds, err);
    aws_credentials_free(&creds);
    return list;
}

static void take_body(struct peek_answer *a, const struct s3object_head *head)
{
    a->body.size = head->size >= 0 ? head->size : UNKNOWN;
    a->cut = head->size < 0 ? head->n == PEEK_OBJECT_MAX : head->size > (int64_t)head->n;
    a->gzip = gunzip_is(head->data, head->n);
    char *body = arena_alloc(a->arena, (a->gzip ? PEEK_OBJECT_MAX : head->n) + 1);
    a->body.data = body;
    if (!a->gzip) {
        memcpy(body, head->data, head->n);
        a->body.n = head->n;
        return;
    }
    bool whole;
    a->body.n = gunzip_head(head->data, head->n, body, PEEK_OBJECT_MAX, &whole);
    if (!whole && !a->cut && a->body.n < PEEK_OBJECT_MAX)
        a->note = "the gzip stream is damaged: what came before is shown";
    a->cut = !whole;
}

bool s3_peek(struct aws *aws, const struct s3_config *cfg, const struct s3_place *place,
             int64_t deadline_ms, int stop_fd, struct peek_answer *answer, struct err *err)
{
    struct s3object_head head;
    if (place->bucket[0] == '\0')
        return err_set(err, ERR_CONFIG, 0, "no S3 bucket is configured, and no sink names one");
    struct s3list *list = open_list(aws, cfg, place, deadline_ms, stop_fd, err);
    if (list == NULL)
        return false;
    bool ok = s3object_head(list, answer->request->name, PEEK_OBJECT_MAX, deadline_ms, stop_fd,
                            &head, err);
    for (int64_t n = s3list_spent(list).reads; aws != NULL && !s3list_custom(list) && n > 0; n--)
        aws_count(aws, S3_GET, 0, false, false);
    s3list_close(list);
    if (!ok)
        return false;
    take_body(answer, &head);
    free(head.data);
    return true;
}
