/* secrets.c: ${secret:NAME#key}: what Secrets Manager has in place of a password. */
#include "aws/aws_int.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/conninfo.h"
#include "config/secretref.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT = 64,
    AGAIN_MS = 60000,  /* a refused secret is read anew at most that often */
    FAILED_MS = 15000, /* and one that could not be read is asked for again after that */
    VALUE_MAX = 64 * 1024,
    TEXT_MAX = 4 * VALUE_MAX,
};

struct entry {
    char *name;
    char *value;       /* secret; NULL: to be read */
    int64_t forgot_ms; /* monotonic: when it was dropped last; -1: never */
    int64_t failed_ms; /* when it could not be read; -1: it could */
    struct err failure;
};

struct aws_secrets {
    pthread_mutex_t lock; /* held for copies only, never while anybody is asked */
    struct entry entries[KEPT];
    size_t n;
};

struct aws_secrets *aws_secrets_new(void)
{
    struct aws_secrets *secrets = mem_alloc(sizeof(*secrets));
    (void)pthread_mutex_init(&secrets->lock, NULL);
    return secrets;
}

static void entry_free(struct entry *e)
{
    free(e->name);
    mem_wipe_free(e->value);
}

void aws_secrets_free(struct aws_secrets *secrets)
{
    for (size_t i = 0; i < secrets->n; i++)
        entry_free(&secrets->entries[i]);
    (void)pthread_mutex_destroy(&secrets->lock);
    free(secrets);
}

bool aws_has_secret(const char *text)
{
    struct secretref ref;
    return text != NULL && secretref_next(text, &ref);
}

/* With the lock held. Where there is no room the first one makes it. */
static struct entry *entry_of(struct aws_secrets *secrets, const char *name)
{
    for (size_t i = 0; i < secrets->n; i++) {
        if (strcmp(secrets->entries[i].name, name) == 0)
            return &secrets->entries[i];
    }
    struct entry *e = &secrets->entries[secrets->n < KEPT ? secrets->n++ : 0];
    entry_free(e);
    *e = (struct entry){.name = mem_strdup(name), .forgot_ms = -1, .failed_ms = -1};
    return e;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* "eu-west-3" of arn:aws:secretsmanager:eu-west-3:…; NULL: a name, or no region in it. malloc'd. */
static char *region_of(const char *name)
{
    const char *p = strncmp(name, "arn:", 4) == 0 ? name : NULL;
    for (int i = 0; p != NULL && i < 3; i++) {
        p = strchr(p, ':');
        p += p != NULL;
    }
    size_t n = p != NULL ? strcspn(p, ":") : 0;
    return n > 0 ? mem_strndup(p, n) : NULL;
}

static void wipe_json(cJSON *item)
{
    for (; item != NULL; item = item->next) {
        if (item->valuestring != NULL)
            mem_wipe(item->valuestring, strlen(item->valuestring));
        wipe_json(item->child);
    }
}

/* The text of the secret; NULL and *err. Nothing of what came is ever in an error. */
static char *take_answer(const struct strbuf *body, struct err *err)
{
    cJSON *root = json_parse(body->text, body->len, NULL);
    const char *text = json_str(root, "SecretString", NULL);
    char *value = NULL;
    if (root == NULL)
        err_set(err, ERR_PROTOCOL, 0, "the answer is not JSON");
    else if (text == NULL && json_get(root, "SecretBinary") != NULL)
        err_set(err, ERR_UNSUPPORTED, 0,
                "it holds bytes (SecretBinary), which are no password: store it as text");
    else if (text == NULL)
        err_set(err, ERR_PROTOCOL, 0, "the answer has no SecretString");
    else if (strlen(text) > VALUE_MAX)
        err_set(err, ERR_TOOBIG, 0, "it is longer than 64 KB");
    else
        value = mem_strdup(text);
    wipe_json(root);
    cJSON_Delete(root);
    return value;
}

static char *ask(struct aws_client *client, const char *name, int64_t deadline_ms, int stop_fd,
                 struct err *err)
{
    char *region = region_of(name);
    const char *where = region != NULL ? region : aws_region(client->aws);
    /* What a policy names ends in six characters that only Secrets Manager knows. */
    char *resource = region != NULL ? mem_strdup(name)
                                    : mem_printf("arn:%s:secretsmanager:%s:*:secret:%s-??????",
                                                 aws_partition(where), where, name);
    char *body = mem_printf("{\"SecretId\":\"%s\"}", name); /* its letters need no escape */
    struct aws_request request = {
        .call = SECRETS_GET_VALUE,
        .body = body,
        .resource = resource,
        .region = region,
        .deadline_ms = deadline_ms,
        .stop_fd = stop_fd,
    };
    struct aws_answer answer;
    char *value = NULL;
    if (aws_send(client, &request, &answer, err)) {
        value = take_answer(&answer.body, err);
        mem_wipe(answer.body.text, answer.body.len);
        aws_answer_free(&answer);
    }
    free(region);
    free(resource);
    free(body);
    return value;
}

static void keep(struct aws_secrets *secrets, const char *name, const char *value,
                 const struct err *failure)
{
    pthread_mutex_lock(&secrets->lock);
    struct entry *e = entry_of(secrets, name);
    mem_wipe_free(e->value);
    e->value = mem_strdup(value);
    e->failed_ms = value == NULL ? clock_mono_ms() : -1;
    e->failure = *failure;
    pthread_mutex_unlock(&secrets->lock);
}

/* What is kept, or what Secrets Manager says. */
static char *value_of(struct aws_client *client, const char *name, int64_t deadline_ms, int stop_fd,
                      struct err *err)
{
    struct aws_secrets *secrets = client->aws->secrets;
    struct err failure = ERR_INIT;
    pthread_mutex_lock(&secrets->lock);
    struct entry *e = entry_of(secrets, name);
    char *value = mem_strdup(e->value);
    bool failed = e->failed_ms >= 0 && clock_mono_ms() - e->failed_ms < FAILED_MS;
    if (failed)
        failure = e->failure;
    pthread_mutex_unlock(&secrets->lock);
    if (value == NULL && !failed) {
        value = ask(client, name, deadline_ms, stop_fd, &failure);
        if (value != NULL || failure.kind != ERR_STOPPED)
            keep(secrets, name, value, &failure);
    }
    if (value == NULL) {
        err_set(err, failure.kind, failure.code, "%s", failure.text);
        err_wrap(err, "secret %.120s", name);
    }
    return value;
}

/* ---- putting in ------------------------------------------------------------------------------ */

/* The member of the JSON text; NULL and *err, which has nothing of the text. */
static char *member_of(const char *value, const struct secretref *ref, struct err *err)
{
    cJSON *root = json_parse(value, strlen(value), NULL);
    const cJSON *item = json_get(root, ref->key);
    char *out = NULL;
    if (root == NULL || !cJSON_IsObject(root))
        err_set(err, ERR_CONFIG, 0,
                "secret %.120s: it is no JSON object, so it has no member %.60s: write "
                "${secret:NAME} for all of it",
                ref->name, ref->key);
    else if (item == NULL)
        err_set(err, ERR_CONFIG, 0, "secret %.120s: it has no member %.60s", ref->name, ref->key);
    else if (cJSON_IsString(item))
        out = mem_strdup(item->valuestring);
    else if (cJSON_IsNumber(item) && item->valuedouble == trunc(item->valuedouble) &&
             fabs(item->valuedouble) < 1e15)
        out = mem_printf("%.0f", item->valuedouble);
    else
        err_set(err, ERR_CONFIG, 0, "secret %.120s: its member %.60s is neither text nor a number",
                ref->name, ref->key);
    wipe_json(root);
    cJSON_Delete(root);
    return out;
}

static char *settle(struct aws_client *client, const char *text, enum expand_quoting quoting,
                    int64_t deadline_ms, int stop_fd, struct err *err)
{
    struct secretref ref;
    struct strbuf sb;
    bool ok = true;
    /* The whole value from elsewhere is a whole address, not a part of one. */
    if (secretref_whole(text))
        quoting = EXPAND_PLAIN;
    strbuf_init(&sb, TEXT_MAX);
    while (ok && secretref_next(text, &ref)) {
        strbuf_add(&sb, text, (size_t)(ref.at - text));
        text = ref.at + ref.len;
        char *value = value_of(client, ref.name, deadline_ms, stop_fd, err);
        char *part = value != NULL && ref.key[0] != '\0' ? member_of(value, &ref, err) : value;
        ok = part != NULL;
        if (ok)
            expand_put(&sb, part, quoting);
        if (part != value)
            mem_wipe_free(part);
        mem_wipe_free(value);
    }
    strbuf_puts(&sb, text);
    if (ok && sb.overflow)
        ok = err_set(err, ERR_TOOBIG, 0, "what the secrets hold is longer than 256 KB");
    if (ok)
        return strbuf_take(&sb);
    mem_wipe(sb.text, sb.len);
    strbuf_free(&sb);
    return NULL;
}

char *aws_settle(struct aws_client *client, const char *text, int64_t deadline_ms, int stop_fd,
                 struct err *err)
{
    return settle(client, text != NULL ? text : "", EXPAND_PLAIN, deadline_ms, stop_fd, err);
}

char *aws_settle_conninfo(struct aws_client *client, const char *conninfo, int64_t deadline_ms,
                          int stop_fd, struct err *err)
{
    return settle(client, conninfo, conninfo_is_url(conninfo) ? EXPAND_URL : EXPAND_CONNINFO,
                  deadline_ms, stop_fd, err);
}

bool aws_secrets_forget(struct aws *aws, const char *text)
{
    struct secretref ref;
    int64_t now = clock_mono_ms();
    bool forgot = false;
    pthread_mutex_lock(&aws->secrets->lock);
    while (text != NULL && secretref_next(text, &ref)) {
        struct entry *e = entry_of(aws->secrets, ref.name);
        text = ref.at + ref.len;
        if (e->forgot_ms >= 0 && now - e->forgot_ms < AGAIN_MS)
            continue;
        mem_wipe_free(e->value);
        e->value = NULL;
        e->failed_ms = -1;
        e->forgot_ms = now;
        forgot = true;
    }
    pthread_mutex_unlock(&aws->secrets->lock);
    return forgot;
}
