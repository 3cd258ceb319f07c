#include "survey.h"

#include "aws/aws.h"
#include "aws/rdshost.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config/options.h"
#include "source/msk_list.h"
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

enum { CLOSE_MS = 500 };

static void ask_clusters(struct aws *aws, int64_t deadline_ms, int stop_fd,
                         struct discover_aws *out)
{
    struct aws_client *client = aws_client_open(aws);
    struct msk_list list;
    if (msk_list(client, out->arena, deadline_ms, stop_fd, &list, &out->clusters_err))
        err_clear(&out->clusters_err);
    out->clusters = list.items;
    out->nclusters = list.count;
    aws_client_close(client);
}

/* As the source of a pipeline whose database is there would. */
static void ask_rds(struct aws *aws, int64_t deadline_ms, int stop_fd, struct discover_database *db)
{
    struct pipeline_config cfg = {0};
    const char *why;
    options_defaults(true, &cfg);
    char *conninfo = mem_printf("host=%s", db->host);
    bool ok = options_set(options_find(SECTION_POSTGRES, "conninfo"), &cfg, conninfo, &why) &&
              options_set(options_find(SECTION_RDS, "instance"), &cfg, "auto", &why);
    free(conninfo);
    void *source = ok ? source_rds.open(&cfg, &db->err) : NULL;
    if (source != NULL) {
        const struct poll_ctx ctx = {
            .deadline_ms = deadline_ms, .stop_fd = stop_fd, .aws = aws, .full = true};
        db->snap = source_rds.poll(source, &ctx, &db->err);
        source_rds.close(source);
    }
    options_free(true, &cfg);
}

static bool known(const struct discover_aws *out, const char *host)
{
    for (size_t i = 0; i < out->ndatabases; i++) {
        if (strcmp(out->databases[i].host, host) == 0)
            return true;
    }
    return false;
}

/* A host's name and nothing else: it becomes part of a conninfo. */
static bool is_of_rds(const char *host)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    char id[RDSHOST_ID];
    return host != NULL && strspn(host, good) == strlen(host) &&
           rdshost_kind(host, id) != RDSHOST_OTHER;
}

static void ask_databases(struct aws *aws, const struct pipeline *p, int64_t deadline_ms,
                          int stop_fd, struct discover_aws *out)
{
    out->databases = arena_array(out->arena, p->nconnectors, sizeof(*out->databases));
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_facts *f = p->connectors[i].facts;
        if (!f->source || !is_of_rds(f->db_host) || known(out, f->db_host))
            continue;
        struct discover_database *db = &out->databases[out->ndatabases++];
        *db = (struct discover_database){.host = arena_strdup(out->arena, f->db_host),
                                         .err = ERR_INIT};
        ask_rds(aws, deadline_ms, stop_fd, db);
    }
}

void survey_aws(const struct pipeline_config *cfg, const struct pipeline *p, int64_t wait_ms,
                int stop_fd, struct discover_aws *out)
{
    struct aws *aws = aws_open(cfg, stop_fd);
    struct aws_snap facts = {0};
    *out = (struct discover_aws){.arena = arena_new(), .clusters_err = ERR_INIT};
    ask_clusters(aws, clock_mono_ms() + wait_ms, stop_fd, out);
    ask_databases(aws, p, clock_mono_ms() + wait_ms, stop_fd, out);
    aws_facts(aws, out->arena, &facts);
    out->denied = facts.denied;
    out->ndenied = facts.ndenied;
    (void)aws_close(aws, clock_mono_ms() + CLOSE_MS);
}

void survey_free(struct discover_aws *out)
{
    for (size_t i = 0; i < out->ndatabases; i++)
        snapshot_free(out->databases[i].snap);
    arena_free(out->arena);
}
