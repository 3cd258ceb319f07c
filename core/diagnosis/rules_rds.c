/* The database as RDS has it: its disk, what was done to it, and readers where a writer is needed.
 * Figures of CloudWatch are minutes late: each is told with its age. */
#include "diagnosis/rules_rds.h"

#include "base/human.h"
#include "diagnosis/slot_help.h"
#include "model/feed.h"
#include "model/metrics.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* An older figure says nothing of now. */
enum { FIGURE_MS = 30 * 60 * 1000, WEEKS = 14, ENLARGED_PCT = 98 };

static const struct snapshot *fresh(const struct rule_run *run, enum source_kind kind)
{
    return world_state(run->world, run->index, kind) == STATE_FRESH
               ? world_snap(run->world, run->index, kind)
               : NULL;
}

const struct rds_snap *rule_rds(const struct rule_run *run)
{
    const struct snapshot *snap = fresh(run, SOURCE_RDS);
    return snap != NULL ? &snap->rds : NULL;
}

/* ---- the disk -------------------------------------------------------------------------------- */

static const struct cw_metric *figure(const struct rule_run *run, const char *name,
                                      const char *object)
{
    const struct snapshot *snap = fresh(run, SOURCE_CLOUDWATCH);
    const struct cw_metric *m =
        snap != NULL ? cloudwatch_find(&snap->cloudwatch, SPACE_RDS, name, object) : NULL;
    if (m == NULL || isnan(m->value) ||
        metric_age_ms(m, world_server_now(run->world, run->index, SOURCE_CLOUDWATCH)) > FIGURE_MS)
        return NULL;
    return m;
}

/* The slot whose WAL grows fastest; NULL: none does. */
static const struct series *growing(const struct rule_run *run, double *per_s)
{
    const struct series *most = NULL;
    *per_s = 0;
    for (size_t i = 0; i < run->p->nslots; i++) {
        const struct series *s = rule_series(run, "retained %s", run->p->slots[i].base.name);
        double rate = series_rate(s, run->limits->disk_window_ms);
        if (rate > *per_s) { /* NAN is not */
            *per_s = rate;
            most = s;
        }
    }
    return most;
}

bool rds_disk(const struct rule_run *run, struct rds_disk *out)
{
    const struct rds_snap *rds = rule_rds(run);
    const struct rds_instance *n = rds != NULL && !rds_is_aurora(rds) ? rds_behind(rds) : NULL;
    const struct cw_metric *m = n != NULL ? figure(run, "FreeStorageSpace", n->id) : NULL;
    int64_t total = n != NULL ? rds_bytes(n->allocated_gib) : UNKNOWN;
    if (m == NULL || total <= 0 || m->value < 0) /* UNKNOWN is negative */
        return false;
    double per_s;
    char key[FEED_KEY];
    int64_t window = run->limits->disk_window_ms;
    const struct series *wal = growing(run, &per_s);
    *out = (struct rds_disk){
        .instance = n,
        .metric = m,
        .free = m->value < (double)total ? (int64_t)m->value : total,
        .total = total,
        .slots_grow = wal != NULL,
    };
    int64_t used = (out->total - out->free) / (1 << 20);
    out->used_pct = (int)(100 * used / (out->total / (1 << 20))); /* 100: not a byte is left */
    out->fills = series_project(
        rule_series(run, "%s", feed_metric_key(key, SPACE_RDS, "FreeStorageSpace", n->id)),
        m->value, -1, window);
    /* A burst of a minute is no trend of a slot. */
    struct point oldest;
    if (!out->fills.known && wal != NULL && series_at(wal, series_samples(wal) - 1, &oldest) &&
        run->world->mono_ms - oldest.t >= run->limits->slot_slow_ms) {
        out->fills = series_project(wal, m->value, 1, window);
        out->by_slots = out->fills.known;
    }
    return true;
}

/* At the rate over the whole window; INT64_MAX: never. */
static int64_t full_in_ms(const struct rds_disk *d)
{
    double s = d->fills.known && d->fills.per_s > 0 ? (double)d->free / d->fills.per_s : INFINITY;
    return s < 1e12 ? (int64_t)(s * 1000) : INT64_MAX;
}

static bool grows_by_itself(const struct rds_instance *n)
{
    return rds_bytes(n->max_allocated_gib) > rds_bytes(n->allocated_gib);
}

enum verdict rds_disk_verdict(const struct rule_run *run, const struct rds_disk *d)
{
    const struct threshold_config *t = run->limits;
    int64_t in_ms = full_in_ms(d);
    /* What lasts for weeks at this pace is no trouble of a slot. */
    bool worse = d->slots_grow && in_ms < WEEKS * t->disk_full_warn_ms;
    bool crit = in_ms < t->disk_full_crit_ms || d->used_pct >= t->disk_used_full_pct ||
                (worse && d->used_pct >= t->disk_used_crit_pct);
    bool warn = in_ms < t->disk_full_warn_ms || (worse && d->used_pct >= t->disk_used_warn_pct);
    if (d->instance->status != NULL && strcmp(d->instance->status, "storage-full") == 0)
        return VERDICT_CRIT;
    /* RDS enlarges it when a tenth is left: where it has not, it will not in time. */
    if (crit && (!grows_by_itself(d->instance) || d->used_pct >= ENLARGED_PCT))
        return VERDICT_CRIT;
    return crit || warn ? VERDICT_WARN : VERDICT_OK;
}

static void put_free(struct rule_run *run, struct finding *f, const struct rds_disk *d)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    char age[METRIC_AGE];
    int64_t now = world_server_now(run->world, run->index, SOURCE_CLOUDWATCH);
    rule_evidence(run, f, "disk of %s: %s of %s free, %d %% used (CloudWatch, %s)", d->instance->id,
                  human_bytes(a, d->free), human_bytes(b, d->total), d->used_pct,
                  metric_age(age, d->metric, now));
    const char *range = slot_range(run, &d->fills);
    if (range != NULL)
        rule_evidence(run, f, "est. full in %s: %s %s over up to %s", range,
                      d->by_slots ? "WAL of a slot grows by" : "free space falls by",
                      human_byte_rate(a, d->fills.per_s),
                      human_duration_ms(b, run->limits->disk_window_ms));
}

void rds_put_disk(struct rule_run *run, struct finding *f)
{
    struct rds_disk d;
    if (rds_disk(run, &d) && rds_disk_verdict(run, &d) != VERDICT_OK)
        put_free(run, f, &d);
}

const char *rds_disk_warning(const struct rule_run *run)
{
    struct rds_disk d;
    if (!rds_disk(run, &d) || !d.slots_grow || rds_disk_verdict(run, &d) == VERDICT_OK)
        return "";
    const char *range = slot_range(run, &d.fills);
    return range != NULL ? arena_printf(run->arena, "est. disk full in %s; ", range) : "";
}

static void put_slots(struct rule_run *run, struct finding *f, const struct rds_disk *d)
{
    static const struct {
        const char *name, *what;
    } figures[] = {
        {"ReplicationSlotDiskUsage", "taken by files of slots"         },
        {"OldestReplicationSlotLag", "kept by the slot furthest behind"},
        {"TransactionLogsDiskUsage", "taken by WAL"                    },
    };
    int64_t now = world_server_now(run->world, run->index, SOURCE_CLOUDWATCH);
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
        char age[METRIC_AGE];
        char value[HUMAN_SIZE];
        const struct cw_metric *m = figure(run, figures[i].name, d->instance->id);
        if (m != NULL && m->value > 0)
            rule_evidence(run, f, "%s: %s (CloudWatch, %s)", figures[i].what,
                          metric_value(value, m), metric_age(age, m, now));
    }
}

static void disk(struct rule_run *run)
{
    struct rds_disk d;
    if (!rds_disk(run, &d))
        return;
    enum verdict verdict = rds_disk_verdict(run, &d);
    if (verdict == VERDICT_OK)
        return;
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    const struct threshold_config *t = run->limits;
    const char *range = slot_range(run, &d.fills);
    bool soon = range != NULL && full_in_ms(&d) < t->disk_full_warn_ms;
    struct finding *f =
        soon ? rule_emit(run, d.instance->id, "the database's disk is full in %s", range)
             : rule_emit(run, d.instance->id, "the database's disk is %d %% full", d.used_pct);
    f->severity = verdict;
    put_free(run, f, &d);
    rule_evidence(run, f, "warning %s ahead or from %d %% while WAL grows, critical %s or %d %%",
                  human_duration_ms(a, t->disk_full_warn_ms), (int)t->disk_used_warn_pct,
                  human_duration_ms(b, t->disk_full_crit_ms), (int)t->disk_used_crit_pct);
    put_slots(run, f, &d);
    if (grows_by_itself(d.instance))
        rule_evidence(run, f, "storage grows by itself up to %s, but at most once in six hours",
                      human_bytes(a, rds_bytes(d.instance->max_allocated_gib)));
    rule_advise(run, f,
                "%s; or grow the storage: aws rds modify-db-instance --db-instance-identifier %s "
                "--allocated-storage GIB --apply-immediately",
                d.slots_grow ? "cure the slot that keeps WAL"
                             : "no slot's WAL grows: look at the tables",
                d.instance->id);
}

/* ---- what was done to it --------------------------------------------------------------------- */

const struct rds_instance *rds_waits_for_reboot(const struct rds_snap *rds, const char **group)
{
    for (size_t i = 0; i < rds->ninstances; i++) {
        const struct rds_instance *n = &rds->instances[i];
        for (size_t k = 0; k < n->nparameter_groups; k++) {
            const struct kv *g = &n->parameter_groups[k];
            if (g->value == NULL || strcmp(g->value, "pending-reboot") != 0)
                continue;
            *group = g->key;
            return n;
        }
    }
    return NULL;
}

const struct rds_event *rds_upset(const struct rule_run *run, int64_t within_ms)
{
    static const char *const kinds[] = {"failover", "availability", "maintenance", "failure",
                                        "recovery"};
    const struct rds_snap *rds = rule_rds(run);
    int64_t now = world_server_now(run->world, run->index, SOURCE_RDS);
    for (size_t i = 0; rds != NULL && i < rds->nevents; i++) {
        const struct rds_event *e = &rds->events[i];
        if (now - e->at_ms > within_ms)
            break;
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (strstr(e->categories, kinds[k]) != NULL)
                return e;
        }
    }
    return NULL;
}

/* Words of RDS for an instance that takes connections. */
static bool serves(const char *status)
{
    static const char *const fine[] = {"available",
                                       "backing-up",
                                       "storage-optimization",
                                       "storage-config-upgrade",
                                       "storage-initialization",
                                       "configuring-enhanced-monitoring",
                                       "configuring-log-exports",
                                       "configuring-iam-database-auth",
                                       "modifying"};
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (strcmp(status, fine[i]) == 0)
            return true;
    }
    return false;
}

/* A refused login is no failover. */
static bool out_of_reach(const struct rule_run *run)
{
    const struct source_slot *pg = &run->world->pipelines[run->index].sources[SOURCE_POSTGRES];
    static const enum err_kind kinds[] = {ERR_TIMEOUT, ERR_REFUSED, ERR_DNS, ERR_SERVER, ERR_IO};
    if (world_state(run->world, run->index, SOURCE_POSTGRES) != STATE_FAILING)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (pg->err.kind == kinds[i])
            return true;
    }
    return false;
}

/* The database does not answer, and RDS says why. */
static void upset(struct rule_run *run)
{
    const struct rds_snap *rds = rule_rds(run);
    const struct rds_instance *n = rds_behind(rds);
    const struct rds_event *e = rds_upset(run, run->limits->restart_recent_ms);
    bool down = n != NULL && n->status != NULL && !serves(n->status);
    char a[HUMAN_SIZE];
    if (!out_of_reach(run) || (!down && e == NULL))
        return;
    const char *object = n != NULL ? n->id : rds->cluster != NULL ? rds->cluster : "rds";
    struct finding *f =
        down ? rule_emit(run, object, "the database does not answer: RDS says %s is %s", object,
                         n->status)
             : rule_emit(run, object, "the database does not answer: %s",
                         rule_brief(run, e->message, 80));
    if (e != NULL)
        rule_evidence(
            run, f, "RDS, %s ago, %s: %s",
            human_age_ms(a, world_server_now(run->world, run->index, SOURCE_RDS) - e->at_ms),
            e->source != NULL ? e->source : object, e->message);
    if (n != NULL && n->status != NULL)
        rule_evidence(run, f, "%s is %s%s%s", n->id, n->status, n->zone != NULL ? " in " : "",
                      n->zone != NULL ? n->zone : "");
    rule_advise(run, f, "wait for it; then restart the failed tasks%s",
                rds->cluster != NULL ? ", and see that the endpoint in use is the writer's" : "");
}

/* ---- readers --------------------------------------------------------------------------------- */

static bool same_host(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

/* "the reader endpoint", "a reader (shop-aurora-2)"; NULL: it is no reader of this cluster. */
static const char *reader_of(const struct rule_run *run, const struct rds_snap *rds,
                             const char *host)
{
    if (same_host(host, rds->reader_host))
        return "the reader endpoint";
    for (size_t i = 0; i < rds->ninstances; i++) {
        const struct rds_instance *n = &rds->instances[i];
        if (n->writer == TRI_NO && same_host(host, n->host))
            return arena_printf(run->arena, "a reader (%s)", n->id);
    }
    return NULL;
}

static void readers(struct rule_run *run)
{
    const struct rds_snap *rds = rule_rds(run);
    const char *writer = rds->writer_host != NULL ? rds->writer_host : "the writer's endpoint";
    if (rds->cluster == NULL)
        return;
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *what = reader_of(run, rds, c->facts->db_host);
        if (what == NULL || c->facts->role != CONNECTOR_SOURCE_POSTGRES)
            continue;
        struct finding *f =
            rule_emit(run, c->base.name, "%s captures from %s of %s: there are no slots",
                      c->base.name, what, rds->cluster);
        f->severity = VERDICT_CRIT;
        rule_evidence(run, f, "database.hostname = %s", c->facts->db_host);
        rule_advise(run, f, "set database.hostname = %s", writer);
    }
    const char *what = reader_of(run, rds, rds->host);
    if (what == NULL)
        return;
    struct finding *f = rule_emit(
        run, rds->cluster, "cdctop looks at %s of %s: slots are on the writer", what, rds->cluster);
    rule_evidence(run, f, "host of conninfo: %s", rds->host);
    rule_advise(run, f, "set host = %s in conninfo of [pipeline.postgres]", writer);
}

const struct diag_rule rules_rds[] = {
    {.id = "P35",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_RDS) | NEEDS(SOURCE_CLOUDWATCH),
     .eval = disk,
     .explains = {"P31"},
     .check = "FreeStorageSpace of the instance in CloudWatch"},
    {.id = "P36",
     .severity = VERDICT_CRIT,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_RDS),
     .eval = upset,
     .explains = {"Z01", "C01", "C02", "C06", "C18"}},
    {.id = "P34",
     .severity = VERDICT_WARN,
     .hop = HOP_SOURCE,
     .needs = NEEDS(SOURCE_RDS),
     .eval = readers,
     .explains = {"P13", "P25", "C01", "C02", "C06"}},
    {.id = NULL},
};
