/* rds.c: the RDS instance, or the Aurora cluster, behind the DSN: who writes, what is pending, what
 * happened in the last day. These calls cost nothing, and what they tell changes rarely: they are
 * asked less often than the others. Events and maintenance may be refused without harm. */
#include "source/source.h"

#include "aws/aws.h"
#include "aws/rdshost.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/conninfo.h"
#include "net/http.h"
#include "source/aws_note.h"
#include "source/rds_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVERY = 3, /* times the interval of the AWS services */
    PAGES_MAX = 20,
    RESERVE_MS = 100,
    DAY_MINUTES = 24 * 60,
    BODY_MAX = 4096,
};

struct rds_source {
    const struct pipeline_config *cfg;
    struct aws_client *client;
};

/* Whom to ask for. */
struct target {
    char id[256]; /* identifier or ARN */
    char region[RDSHOST_REGION];
    bool may_be_instance, may_be_cluster;
};

struct round {
    struct rds_source *self;
    const struct poll_ctx *ctx;
    struct snapshot *snap;
    struct rds_lists lists;
    struct target target;
};

static bool configured(const struct pipeline_config *cfg, const struct hints *hints)
{
    if (strcmp(cfg->rds.instance, "auto") != 0 || *cfg->postgres.conninfo != '\0' ||
        getenv("PGHOST") != NULL)
        return *cfg->rds.instance != '\0';
    /* The host is in a connector's config: it waits for that, and says so if it is not there. */
    bool asked = cfg->connect.urls.count > 0 || cfg->mskconnect.connectors.count > 0;
    bool told =
        hints != NULL && (hints->pg_host != NULL || hints->ncaptures > 0 || hints->nsinks > 0);
    return told || !asked;
}

static void *open_source(const struct pipeline_config *cfg, struct err *err)
{
    (void)err;
    struct rds_source *s = mem_alloc(sizeof(*s));
    s->cfg = cfg;
    return s;
}

static void close_source(void *self)
{
    struct rds_source *s = self;
    if (s == NULL)
        return;
    aws_client_close(s->client);
    free(s);
}

/* ---- whom to ask for ------------------------------------------------------------------------- */

/* The DSN's host as far as it stands there in plain; malloc'd, NULL: not known. */
static char *host_of(const struct rds_source *s, const struct hints *hints)
{
    const char *conninfo = s->cfg->postgres.conninfo;
    char *host = NULL;
    if (*conninfo != '\0' && conninfo_bad(conninfo) == NULL)
        host = conninfo_get(conninfo, "host");
    if (host == NULL && getenv("PGHOST") != NULL)
        host = mem_strdup(getenv("PGHOST"));
    if (host == NULL && *conninfo == '\0' && hints != NULL)
        host = mem_strdup(hints->pg_host);
    if (host != NULL && (*host == '\0' || *host == '/' || aws_has_secret(host))) {
        free(host);
        host = NULL;
    }
    return host;
}

static bool target_by_host(const char *host, struct target *t, struct err *err)
{
    char id[RDSHOST_ID];
    if (host == NULL)
        return err_set(err, ERR_CONFIG, 0,
                       "the database's host is not known yet: give conninfo, or write the instance "
                       "or cluster into instance of [pipeline.rds]");
    enum rdshost_kind kind = rdshost_kind(host, id);
    if (kind == RDSHOST_OTHER || kind == RDSHOST_CUSTOM || kind == RDSHOST_PROXY)
        return err_set(err, ERR_CONFIG, 0,
                       "%.120s %s: write the instance or cluster into instance of [pipeline.rds]",
                       host,
                       kind == RDSHOST_OTHER    ? "is no endpoint of RDS (a CNAME, a tunnel?)"
                       : kind == RDSHOST_CUSTOM ? "is a custom endpoint, whose cluster its name "
                                                  "does not tell"
                                                : "is a proxy of RDS, and does not tell whose");
    (void)snprintf(t->id, sizeof(t->id), "%s", id);
    t->may_be_instance = kind == RDSHOST_INSTANCE;
    t->may_be_cluster = kind == RDSHOST_CLUSTER;
    return true;
}

static bool target_of(struct round *r, const char *host, struct err *err)
{
    const char *wanted = r->self->cfg->rds.instance;
    struct target *t = &r->target;
    if (host != NULL)
        (void)rdshost_region(host, t->region);
    if (strcmp(wanted, "auto") == 0)
        return target_by_host(host, t, err);
    (void)snprintf(t->id, sizeof(t->id), "%s", wanted);
    t->may_be_instance = strstr(wanted, ":cluster:") == NULL;
    t->may_be_cluster = strstr(wanted, ":db:") == NULL;
    if (strncmp(wanted, "arn:", 4) == 0) {
        const char *region = wanted;
        for (int i = 0; i < 3 && region != NULL; i++)
            region = strchr(region, ':') != NULL ? strchr(region, ':') + 1 : NULL;
        if (region != NULL)
            (void)snprintf(t->region, sizeof(t->region), "%.*s", (int)strcspn(region, ":"), region);
    }
    return true;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* "&NAME=VALUE" */
static void put(struct strbuf *body, const char *name, const char *value)
{
    if (body->len > 0)
        strbuf_putc(body, '&');
    strbuf_printf(body, "%s=", name);
    http_escape(body, value, false);
}

static bool ask_page(struct round *r, enum aws_call call, const char *parameters,
                     const char *marker, rds_parse_fn *parse, const char **next, struct err *err)
{
    struct strbuf body;
    strbuf_init(&body, BODY_MAX);
    strbuf_puts(&body, parameters);
    if (marker != NULL)
        put(&body, "Marker", marker);
    struct aws_request request = {
        .call = call,
        .body = body.text,
        .region = r->target.region[0] != '\0' ? r->target.region : NULL,
        .deadline_ms = r->ctx->deadline_ms - RESERVE_MS,
        .stop_fd = r->ctx->stop_fd,
    };
    struct aws_answer answer;
    bool ok = !body.overflow && aws_send(r->self->client, &request, &answer, err);
    if (body.overflow)
        err_set(err, ERR_PROTOCOL, 0, "%s gives a marker that is too long",
                aws_calls[call].operation);
    strbuf_free(&body);
    if (!ok)
        return false;
    ok = parse(&r->lists, answer.body.text, answer.body.len, next, err) ||
         err_wrap(err, "%s", aws_calls[call].operation);
    aws_answer_free(&answer);
    return ok;
}

static bool ask(struct round *r, enum aws_call call, const char *parameters, rds_parse_fn *parse,
                struct err *err)
{
    const char *marker = NULL;
    for (int page = 0; page < PAGES_MAX; page++) {
        const char *next = NULL;
        if (!ask_page(r, call, parameters, marker, parse, &next, err))
            return false;
        if (next == NULL)
            return true;
        if (marker != NULL && strcmp(marker, next) == 0)
            return err_set(err, ERR_PROTOCOL, 0, "%s gives the same page again and again",
                           aws_calls[call].operation);
        marker = next;
    }
    return err_set(err, ERR_TOOBIG, 0, "%s has more than %d pages", aws_calls[call].operation,
                   PAGES_MAX);
}

/* One or two parameters. */
static bool ask_with(struct round *r, enum aws_call call, const char *const *pairs, size_t n,
                     rds_parse_fn *parse, struct err *err)
{
    struct strbuf sb;
    strbuf_init(&sb, BODY_MAX);
    for (size_t i = 0; i + 1 < n; i += 2)
        put(&sb, pairs[i], pairs[i + 1]);
    bool ok = ask(r, call, sb.text, parse, err);
    strbuf_free(&sb);
    return ok;
}

static bool ask_cluster(struct round *r, const char *id, struct err *err)
{
    struct rds_snap *rds = &r->snap->rds;
    const char *const one[] = {"DBClusterIdentifier", id};
    if (!ask_with(r, RDS_CLUSTERS, one, ARRAY_LEN(one), rds_parse_clusters, err))
        return false;
    if (rds->cluster == NULL)
        return err_set(err, ERR_NOTFOUND, 0, "RDS has no cluster %.120s", id);
    const char *const members[] = {"Filters.Filter.1.Name",
                                   "db-cluster-id",
                                   "Filters.Filter.1.Values.Value.1",
                                   rds->cluster,
                                   "MaxRecords",
                                   "100"};
    rds->ninstances = 0;
    return ask_with(r, RDS_INSTANCES, members, ARRAY_LEN(members), rds_parse_instances, err);
}

/* The instance with its cluster, or the cluster with its instances. */
static bool ask_all(struct round *r, struct err *err)
{
    const struct target *t = &r->target;
    const char *const one[] = {"DBInstanceIdentifier", t->id};
    struct err first = ERR_INIT;
    if (t->may_be_instance) {
        bool ok = ask_with(r, RDS_INSTANCES, one, ARRAY_LEN(one), rds_parse_instances, &first);
        if (ok && r->snap->rds.ninstances > 0)
            return r->lists.instance_cluster == NULL ||
                   ask_cluster(r, r->lists.instance_cluster, err);
        if (!ok && first.kind != ERR_NOTFOUND) {
            *err = first;
            return false;
        }
    }
    if (t->may_be_cluster && ask_cluster(r, t->id, err))
        return true;
    if (!t->may_be_cluster || err->kind == ERR_NOTFOUND)
        err_set(err, ERR_NOTFOUND, 0, "RDS has no %s %.120s in %s",
                !t->may_be_instance  ? "cluster"
                : !t->may_be_cluster ? "instance"
                                     : "instance or cluster",
                t->id, t->region[0] != '\0' ? t->region : aws_region(r->ctx->aws));
    return false;
}

static bool ask_events(struct round *r, struct err *err)
{
    struct rds_snap *rds = &r->snap->rds;
    char minutes[16];
    (void)snprintf(minutes, sizeof(minutes), "%d", DAY_MINUTES);
    const char *pairs[] = {"SourceType", "db-cluster", "SourceIdentifier",
                           rds->cluster, "Duration",   minutes};
    if (rds->cluster != NULL &&
        !ask_with(r, RDS_EVENTS, pairs, ARRAY_LEN(pairs), rds_parse_events, err))
        return false;
    pairs[1] = "db-instance";
    for (size_t i = 0; i < rds->ninstances; i++) {
        pairs[3] = rds->instances[i].id;
        if (!ask_with(r, RDS_EVENTS, pairs, ARRAY_LEN(pairs), rds_parse_events, err))
            return false;
    }
    return true;
}

static bool ask_maintenance(struct round *r, struct err *err)
{
    struct rds_snap *rds = &r->snap->rds;
    const char *const of_cluster[] = {"Filters.Filter.1.Name", "db-cluster-id",
                                      "Filters.Filter.1.Values.Value.1", rds->cluster};
    struct strbuf sb;
    if (rds->cluster != NULL && !ask_with(r, RDS_MAINTENANCE, of_cluster, ARRAY_LEN(of_cluster),
                                          rds_parse_maintenance, err))
        return false;
    strbuf_init(&sb, BODY_MAX);
    put(&sb, "Filters.Filter.1.Name", "db-instance-id");
    for (size_t i = 0; i < rds->ninstances; i++) {
        char name[60];
        (void)snprintf(name, sizeof(name), "Filters.Filter.1.Values.Value.%zu", i + 1);
        put(&sb, name, rds->instances[i].id);
    }
    bool ok = rds->ninstances == 0 || ask(r, RDS_MAINTENANCE, sb.text, rds_parse_maintenance, err);
    strbuf_free(&sb);
    return ok;
}

static void ask_around(struct round *r)
{
    struct rds_snap *rds = &r->snap->rds;
    struct err events = ERR_INIT, maintenance = ERR_INIT;
    rds->events_read = ask_events(r, &events);
    rds->maintenance_read = ask_maintenance(r, &maintenance);
    /* A part of them is no answer. */
    rds->nevents = rds->events_read ? rds->nevents : 0;
    rds->nmaintenance = rds->maintenance_read ? rds->nmaintenance : 0;
    if (!rds->events_read)
        aws_note(r->snap, RDS_EVENTS, NULL, "events of the last day are not told", &events);
    if (!rds->maintenance_read)
        aws_note(r->snap, RDS_MAINTENANCE, NULL, "pending maintenance is not told", &maintenance);
}

/* Another account may have an instance of the same name, whose endpoint begins with the same word.
 */
static bool is_behind(const struct round *r, struct err *err)
{
    const struct rds_snap *rds = &r->snap->rds;
    bool told = false;
    for (size_t i = 0; i < rds->ninstances; i++)
        told = told || rds->instances[i].host != NULL;
    if (strcmp(r->self->cfg->rds.instance, "auto") != 0 || rds->role != NULL || !told)
        return true;
    return err_set(err, ERR_NOTFOUND, 0,
                   "RDS has %.120s here, but %.120s is none of its endpoints: it is another "
                   "account's, or has another name: write it into instance of [pipeline.rds]",
                   r->target.id, rds->host != NULL ? rds->host : "the database's host");
}

static struct snapshot *poll_source(void *self, const struct poll_ctx *ctx, struct err *err)
{
    struct rds_source *s = self;
    if (!aws_client_ready(&s->client, ctx->aws, err))
        return NULL;
    struct round r = {.self = s, .ctx = ctx, .snap = snapshot_new(SOURCE_RDS)};
    char *host = host_of(s, ctx->hints);
    r.snap->rds.host = arena_strdup(r.snap->arena, host);
    r.snap->rds.iam_login = TRI_UNKNOWN;
    r.snap->rds.backup_days = UNKNOWN;
    r.lists = (struct rds_lists){.arena = r.snap->arena, .snap = &r.snap->rds};
    bool ok = target_of(&r, host, err) && ask_all(&r, err);
    free(host);
    if (ok)
        ask_around(&r);
    ok = ok && !source_give_up(
                   &(struct poll_ctx){.deadline_ms = INT64_MAX, .stop_fd = ctx->stop_fd}, err);
    if (ok)
        rds_parse_finish(&r.lists);
    if (!ok || !is_behind(&r, err)) {
        snapshot_free(r.snap);
        return NULL;
    }
    r.snap->every_ms = EVERY * s->cfg->aws.interval_ms;
    r.snap->server_ms = aws_server_ms(ctx->aws);
    return r.snap;
}

const struct source_ops source_rds = {
    .name = "rds",
    .kind = SOURCE_RDS,
    .configured = configured,
    .open = open_source,
    .poll = poll_source,
    .close = close_source,
    .least_ms = source_least_aws,
};
