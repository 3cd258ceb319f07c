/* aws.c: who we are at AWS, what that costs, and what is refused. Most polls only look at what the
 * other sources' calls have left behind: STS is asked once an hour, and when the keys have changed.
 */
#include "source/source.h"

#include "aws/aws.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/xmltree.h"

#include <stdlib.h>
#include <string.h>

enum {
    EVERY_MS = 5 * 1000,
    AT_FIRST_MS = 500,
    AT_FIRST_POLLS = 20,
    ASK_MS = 60 * 60 * 1000,
    AGAIN_MS = 60 * 1000
};

struct aws_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    char *key;                /* id of the access key that was asked with; NULL */
    int64_t asked_ms, ask_ms; /* monotonic: when to ask next */
    int polls;
    char *account, *arn, *user_id;
    struct err err; /* of the latest attempt */
};

/* S3 with the same keys, and AWS's own. */
static bool is_s3_ours(const struct pipeline_config *cfg)
{
    return config_has_s3(cfg) && *cfg->s3.endpoint == '\0' && *cfg->s3.access_key_id == '\0';
}

/* Of a pipeline whose only part at AWS is S3 nothing asks STS, which may be out of its reach. */
static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return config_has_aws(cfg) || (cfg->aws.identify && is_s3_ours(cfg));
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct aws_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    return s;
}

static void put(char **field, const char *value)
{
    free(*field);
    *field = mem_strdup(value);
}

static void forget(struct aws_source *s)
{
    put(&s->account, NULL);
    put(&s->arn, NULL);
    put(&s->user_id, NULL);
}

static void close_source(void *self)
{
    struct aws_source *s = self;
    aws_client_close(s->client);
    forget(s);
    free(s->key);
    free(s);
}

static bool read_identity(struct aws_source *s, const struct aws_answer *answer, struct err *err)
{
    struct arena *arena = arena_new();
    const struct xmlnode *root = xmltree_read(answer->body.text, answer->body.len, arena, err);
    const struct xmlnode *who = xmltree_find(root, "GetCallerIdentityResult");
    bool ok = root != NULL && xmltree_text(who, "Arn", NULL) != NULL;
    if (ok) {
        put(&s->account, xmltree_text(who, "Account", NULL));
        put(&s->arn, xmltree_text(who, "Arn", NULL));
        put(&s->user_id, xmltree_text(who, "UserId", NULL));
    } else if (root != NULL) {
        err_set(err, ERR_PROTOCOL, 0, "GetCallerIdentity: the answer names nobody");
    }
    arena_free(arena);
    return ok;
}

static bool ask(struct aws_source *s, const struct poll_ctx *ctx, struct err *err)
{
    struct aws_answer answer;
    const struct aws_request req = {
        .call = STS_GET_CALLER_IDENTITY, .deadline_ms = ctx->deadline_ms, .stop_fd = ctx->stop_fd};
    if (!aws_send(s->client, &req, &answer, err))
        return false;
    bool ok = read_identity(s, &answer, err);
    aws_answer_free(&answer);
    return ok;
}

/* Asks who we are when it is time; what came of it is in s->err. */
static void look(struct aws_source *s, const struct poll_ctx *ctx)
{
    struct aws_credentials creds;
    struct err err = ERR_INIT;
    int64_t now = clock_mono_ms();
    if (!aws_credentials(ctx->aws, ctx->deadline_ms, ctx->stop_fd, &creds, &err)) {
        s->err = err;
        s->ask_ms = now;
        return;
    }
    bool changed = s->key == NULL || strcmp(s->key, creds.access_key_id) != 0;
    put(&s->key, creds.access_key_id);
    aws_credentials_free(&creds);
    bool failed = s->err.kind != ERR_NONE;
    /* Somebody set this machine's clock: how far it is from AWS's is to be measured anew. */
    if (!failed && aws_skew_ms(ctx->aws) == UNKNOWN && now - s->asked_ms >= AGAIN_MS)
        s->ask_ms = now;
    if (!changed && now < s->ask_ms && !(failed && ctx->full))
        return;
    s->asked_ms = now;
    if (changed)
        forget(s); /* others may be somebody else */
    s->err = (struct err)ERR_INIT;
    bool ok = ask(s, ctx, &s->err);
    s->ask_ms = now + (ok ? ASK_MS : AGAIN_MS);
}

/* STS alone does not answer (a network without a way to it): the other services may well. */
static bool bearable(enum err_kind kind)
{
    return kind != ERR_NONE && kind != ERR_AUTH && kind != ERR_CONFIG && kind != ERR_STOPPED &&
           kind != ERR_IO;
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct aws_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    (void)aws_region(ctx->aws); /* found here, so that it can be told */
    look(s, ctx);
    if (s->err.kind != ERR_NONE && (!bearable(s->err.kind) || s->key == NULL)) {
        *err = s->err;
        return NULL;
    }
    struct snapshot *snap = snapshot_new(SOURCE_AWS);
    aws_facts(ctx->aws, snap->arena, &snap->aws);
    snap->aws.account = arena_strdup(snap->arena, s->account);
    snap->aws.arn = arena_strdup(snap->arena, s->arn);
    snap->aws.user_id = arena_strdup(snap->arena, s->user_id);
    /* Soon after the start the others' first calls are made: somebody waits to hear of them. */
    snap->every_ms = s->polls++ < AT_FIRST_POLLS ? AT_FIRST_MS : EVERY_MS;
    snap->server_ms = aws_server_ms(ctx->aws);
    char *url = aws_endpoint(ctx->aws, AWS_STS, snap->aws.region, NULL);
    if (url != NULL)
        snapshot_tls(snap, strncmp(url, "https:", 6) == 0, NULL, -1);
    free(url);
    if (s->err.kind != ERR_NONE)
        snapshot_note(snap,
                      s->err.kind == ERR_CONFLICT ? "STS is asked again within a minute"
                                                  : err_next_step(s->err.kind),
                      "who we are at AWS is not told: %s", s->err.text);
    return snap;
}

const struct source_ops source_aws = {
    .name = "aws",
    .kind = SOURCE_AWS,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
