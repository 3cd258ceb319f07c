/* One question to DMS, page by page. */
#include "source/dms_int.h"

#include "base/json.h"

#include <string.h>

enum { PAGES_MAX = 40 }; /* of one list */

static char *body_of(const struct dms_question *q, const char *marker)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddNumberToObject(body, "MaxRecords", q->page);
    if (q->arn != NULL)
        cJSON_AddStringToObject(body, q->arn_key, q->arn);
    if (marker != NULL)
        cJSON_AddStringToObject(body, "Marker", marker);
    if (q->call == DMS_TASKS)
        cJSON_AddTrueToObject(body, "WithoutSettings");
    if (q->nvalues > 0) {
        cJSON *filter = cJSON_CreateObject();
        cJSON_AddStringToObject(filter, "Name", q->filter);
        cJSON_AddItemToObject(filter, "Values",
                              cJSON_CreateStringArray(q->values, (int)q->nvalues));
        cJSON_AddItemToArray(cJSON_AddArrayToObject(body, "Filters"), filter);
    }
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    return text;
}

static bool ask_page(struct dms_round *r, const struct dms_question *q, const char *marker,
                     const char **next, struct err *err)
{
    char *body = body_of(q, marker);
    struct aws_request request = {
        .call = q->call,
        .body = body,
        .resource = q->arn,
        .deadline_ms = q->deadline_ms,
        .stop_fd = r->ctx->stop_fd,
    };
    struct aws_answer answer;
    bool ok = aws_send(r->self->client, &request, &answer, err);
    cJSON_free(body);
    if (!ok)
        return false;
    ok = q->take(q->to, answer.body.text, answer.body.len, next, err);
    aws_answer_free(&answer);
    return ok;
}

bool dms_ask(struct dms_round *r, const struct dms_question *q, int *calls, struct err *err)
{
    const char *marker = NULL;
    for (int page = 0; page < PAGES_MAX; page++) {
        const char *next = NULL;
        if (calls != NULL && (*calls)-- <= 0)
            return err_set(err, ERR_TIMEOUT, 0, "put off to the next poll");
        if (!ask_page(r, q, marker, &next, err))
            return false;
        if (next == NULL)
            return true;
        if (marker != NULL && strcmp(marker, next) == 0)
            return err_set(err, ERR_PROTOCOL, 0, "%s gives the same page again and again",
                           aws_calls[q->call].operation);
        marker = next;
    }
    return err_set(err, ERR_TOOBIG, 0, "%s has more than %d pages", aws_calls[q->call].operation,
                   PAGES_MAX);
}

bool dms_bearable(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_UNSUPPORTED;
}
