/* creds_json.c: keys as JSON, and files with tokens: what programs, containers and instances give.
 */
#include "aws/creds_int.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cJSON frees its strings as they are. */
static void wipe(cJSON *node)
{
    for (cJSON *n = node != NULL ? node->child : NULL; n != NULL; n = n->next) {
        if (n->valuestring != NULL)
            mem_wipe(n->valuestring, strlen(n->valuestring));
        wipe(n);
    }
}

static bool take(const cJSON *doc, const struct creds_shape *shape, struct aws_credentials *keys,
                 struct err *err)
{
    const char *until = json_str(doc, "Expiration", NULL);
    struct creds_found found;
    int64_t expires_ms = until != NULL ? clock_parse_iso(until) : INT64_MAX;
    if (shape->version != 0 && json_int(doc, "Version", 0) != shape->version)
        return err_set(err, ERR_PROTOCOL, 0, "the answer's Version is not %lld",
                       (long long)shape->version);
    if (until == NULL && shape->ends)
        return err_set(err, ERR_PROTOCOL, 0, "the answer has no Expiration");
    if (expires_ms < 0)
        return err_set(err, ERR_PROTOCOL, 0, "the answer's Expiration is no time");
    switch (creds_keys(json_str(doc, "AccessKeyId", NULL), json_str(doc, "SecretAccessKey", NULL),
                       json_str(doc, shape->token_key, NULL), "the answer", &found, err)) {
    case CREDS_NONE:
        return err_set(err, ERR_PROTOCOL, 0, "the answer has no AccessKeyId and SecretAccessKey");
    case CREDS_FAILED:
        if (err != NULL)
            err->kind = ERR_PROTOCOL;
        return false;
    case CREDS_FOUND: break;
    }
    *keys = found.keys;
    keys->expires_ms = expires_ms;
    free(found.from);
    return true;
}

bool creds_json(const char *text, size_t len, const struct creds_shape *shape,
                struct aws_credentials *keys, struct err *err)
{
    cJSON *doc = json_parse(text, len, NULL); /* its error would quote the beginning */
    bool ok = doc != NULL ? take(doc, shape, keys, err)
                          : err_set(err, ERR_PROTOCOL, 0, "the answer is no JSON (%zu bytes)", len);
    wipe(doc);
    cJSON_Delete(doc);
    return ok;
}

void creds_json_say(const char *text, size_t len, const char *key, char *buf, size_t size)
{
    cJSON *doc = json_parse(text, len, NULL);
    utf8_clean(buf, size, json_str(doc, key, ""), false);
    wipe(doc);
    cJSON_Delete(doc);
}

char *creds_token_file(const char *path, size_t max, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        err_set(err, ERR_IO, errno, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *data = mem_alloc(max + 2), *token = NULL;
    size_t used = 0, skip = 0;
    ssize_t n;
    while ((n = read(fd, data + used, max + 1 - used)) > 0)
        used += (size_t)n;
    int why = errno;
    (void)close(fd);
    while (used > 0 && used <= max && strchr(" \t\r\n", data[used - 1]) != NULL)
        data[--used] = '\0';
    while (skip < used && strchr(" \t\r\n", data[skip]) != NULL)
        skip++;
    if (n < 0)
        err_set(err, ERR_IO, why, "%s: %s", path, strerror(why));
    else if (used > max || strlen(data) != used || strpbrk(data + skip, "\r\n") != NULL)
        err_set(err, ERR_IO, 0, "%s holds no token: more than a line, or too much", path);
    else if (skip == used)
        err_set(err, ERR_IO, 0, "%s is empty", path);
    else
        token = mem_strdup(data + skip);
    mem_wipe(data, max + 2);
    free(data);
    return token;
}

void creds_wipe_answer(struct http_response *resp)
{
    mem_wipe(resp->body.text, resp->body.len);
    http_response_free(resp);
}
