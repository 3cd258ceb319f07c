/* msk.c: the MSK cluster: its state, its listeners, its brokers. */
#include "source/source.h"

#include "aws/aws.h"
#include "aws/msk.h"
#include "base/mem.h"
#include "net/http.h"
#include "source/aws_note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGES_MAX = 50, USUAL_FACTOR = 3, URL_MAX = 8192 };

struct msk_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
    char *arn;       /* found once by name, or configured */
    char region[64]; /* of the ARN; "": the usual one */
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    (void)hints;
    return *cfg->msk.cluster != '\0';
}

/* "arn:aws:kafka:eu-west-3:123456789012:cluster/…" */
static void use_arn(struct msk_source *s, const char *arn)
{
    const char *p = arn;
    free(s->arn);
    s->arn = mem_strdup(arn);
    for (int i = 0; i < 3 && p != NULL; i++)
        p = (p = strchr(p, ':')) != NULL ? p + 1 : NULL;
    size_t n = p != NULL ? strcspn(p, ":") : 0;
    s->region[0] = '\0';
    if (n > 0 && n < sizeof(s->region))
        (void)snprintf(s->region, sizeof(s->region), "%.*s", (int)n, p);
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct msk_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    if (strncmp(cfg->msk.cluster, "arn:", 4) == 0)
        use_arn(s, cfg->msk.cluster);
    return s;
}

static void close_source(void *self)
{
    struct msk_source *s = self;
    if (s == NULL)
        return;
    aws_client_close(s->client);
    free(s->arn);
    free(s);
}

/* ---- one call -------------------------------------------------------------------------------- */

static bool ask(struct msk_source *s, const struct poll_ctx *ctx, enum aws_call call,
                const char *path, const char *query, struct aws_answer *answer, struct err *err)
{
    const struct aws_request request = {
        .call = call,
        .path = path,
        .query = query,
        .resource = s->arn,
        .region = s->region[0] != '\0' ? s->region : NULL,
        .deadline_ms = ctx->deadline_ms,
        .stop_fd = ctx->stop_fd,
    };
    return aws_send(s->client, &request, answer, err);
}

/* PREFIX, the ARN as one segment, SUFFIX; malloc'd. */
static char *path_of(const struct msk_source *s, const char *prefix, const char *suffix)
{
    struct strbuf sb;
    strbuf_init(&sb, URL_MAX);
    strbuf_puts(&sb, prefix);
    http_escape(&sb, s->arn, false);
    strbuf_puts(&sb, suffix);
    return strbuf_take(&sb);
}

static char *page_query(const char *key, const char *value, const char *token)
{
    struct strbuf sb;
    strbuf_init(&sb, URL_MAX);
    if (key != NULL) {
        strbuf_printf(&sb, "%s=", key);
        http_escape(&sb, value, false);
    }
    if (token != NULL) {
        strbuf_printf(&sb, "%snextToken=", sb.len > 0 ? "&" : "");
        http_escape(&sb, token, false);
    }
    return strbuf_take(&sb);
}

/* ---- the cluster ----------------------------------------------------------------------------- */

static bool not_there(const struct msk_source *s, const struct poll_ctx *ctx,
                      const struct msk_search *search, struct err *err)
{
    char names[300] = "";
    size_t shown = search->nothers < 3 ? search->nothers : 3, used = 0;
    for (size_t i = 0; i < shown && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.80s", i > 0 ? ", " : "",
                                 search->others[i]);
    return err_set(err, ERR_NOTFOUND, 0,
                   "no MSK cluster in %s is called %.100s%s%.240s%s: look at cluster in "
                   "[pipeline.msk], and at the region",
                   aws_region(ctx->aws), s->cfg->msk.cluster,
                   search->nothers > 0 ? " (there is " : "", names,
                   search->nothers == 0      ? ""
                   : search->nothers > shown ? " and more)"
                                             : ")");
}

/* The filter is one of prefixes: what has exactly that name may be on any page. */
static bool find(struct msk_source *s, const struct poll_ctx *ctx, struct err *err)
{
    struct arena *arena = arena_new();
    struct msk_search search = {.name = s->cfg->msk.cluster};
    const char *next = NULL;
    bool ok = true;
    for (int page = 0; page < PAGES_MAX && search.found == NULL && (page == 0 || next != NULL);
         page++) {
        struct aws_answer answer;
        char *query = page_query("clusterNameFilter", search.name, next);
        ok = ask(s, ctx, MSK_LIST_CLUSTERS, "/api/v2/clusters", query, &answer, err);
        free(query);
        if (!ok)
            break;
        ok = msk_parse_list(arena, answer.body.text, answer.body.len, &search, &next, err);
        aws_answer_free(&answer);
        if (!ok)
            break;
    }
    if (ok && search.found != NULL && search.found->arn != NULL)
        use_arn(s, search.found->arn);
    else if (ok)
        ok = not_there(s, ctx, &search, err);
    arena_free(arena);
    return ok;
}

static bool describe(struct msk_source *s, const struct poll_ctx *ctx, struct snapshot *snap,
                     struct err *err)
{
    struct aws_answer answer;
    char *path = path_of(s, "/api/v2/clusters/", "");
    bool ok = ask(s, ctx, MSK_DESCRIBE_CLUSTER, path, NULL, &answer, err);
    free(path);
    if (!ok)
        return false;
    ok = msk_parse_cluster(snap->arena, answer.body.text, answer.body.len, &snap->msk, err);
    aws_answer_free(&answer);
    return ok;
}

/* While a cluster is being made it has none; that is no failure of the whole poll. */
static void read_bootstraps(struct msk_source *s, const struct poll_ctx *ctx, struct snapshot *snap)
{
    struct err err = ERR_INIT;
    struct aws_answer answer;
    char *path = path_of(s, "/v1/clusters/", "/bootstrap-brokers");
    bool ok = ask(s, ctx, MSK_GET_BOOTSTRAP, path, NULL, &answer, &err);
    free(path);
    if (ok) {
        ok = msk_parse_bootstraps(snap->arena, answer.body.text, answer.body.len, &snap->msk, &err);
        aws_answer_free(&answer);
    }
    if (!ok) {
        aws_note(snap, MSK_GET_BOOTSTRAP, s->arn, "where the brokers are is not told", &err);
        return;
    }
    snap->msk.bootstraps_read = true;
    snap->msk.wanted = msk_wanted(&snap->msk, s->cfg);
    if (snap->msk.wanted == NULL && s->cfg->kafka.bootstrap_servers.count == 0)
        snapshot_note(snap,
                      "choose one of them by bootstrap in [pipeline.msk], with its login in "
                      "[pipeline.kafka], or have the wanted one switched on",
                      "%s has no listener of the kind %s; on are: %s", snap->msk.name,
                      s->cfg->msk.bootstrap, msk_kinds_on(snap->arena, &snap->msk));
}

static void read_nodes(struct msk_source *s, const struct poll_ctx *ctx, struct snapshot *snap)
{
    struct err err = ERR_INIT;
    const char *next = NULL;
    char *path = path_of(s, "/v1/clusters/", "/nodes");
    bool ok = true;
    for (int page = 0; ok && page < PAGES_MAX && (page == 0 || next != NULL); page++) {
        struct aws_answer answer;
        char *query = page_query(NULL, NULL, next);
        ok = ask(s, ctx, MSK_LIST_NODES, path, query, &answer, &err);
        free(query);
        if (!ok)
            break;
        ok = msk_parse_nodes(snap->arena, answer.body.text, answer.body.len, &snap->msk, &next,
                             &err);
        aws_answer_free(&answer);
    }
    free(path);
    snap->msk.nodes_read = ok;
    if (!ok)
        aws_note(snap, MSK_LIST_NODES, s->arn, "its brokers are not told", &err);
}

static bool is_serverless(const struct msk_snap *msk)
{
    return msk->type != NULL && strcmp(msk->type, "SERVERLESS") == 0;
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct msk_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    if (s->arn == NULL && !find(s, ctx, err))
        return NULL;
    struct snapshot *snap = snapshot_new(SOURCE_MSK);
    if (!describe(s, ctx, snap, err)) {
        /* One of that name may have been made anew since. */
        if (err->kind == ERR_NOTFOUND && strncmp(s->cfg->msk.cluster, "arn:", 4) != 0) {
            free(s->arn);
            s->arn = NULL;
            s->region[0] = '\0';
        }
        snapshot_free(snap);
        return NULL;
    }
    read_bootstraps(s, ctx, snap);
    if (!is_serverless(&snap->msk))
        read_nodes(s, ctx, snap);
    bool active = snap->msk.state != NULL && strcmp(snap->msk.state, "ACTIVE") == 0;
    snap->every_ms = s->cfg->aws.interval_ms * (active ? USUAL_FACTOR : 1);
    snap->server_ms = aws_server_ms(ctx->aws);
    return snap;
}

const struct source_ops source_msk = {
    .name = "msk",
    .kind = SOURCE_MSK,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
