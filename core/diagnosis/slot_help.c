#include "diagnosis/slot_help.h"

#include "base/human.h"
#include "diagnosis/rules_rds.h"

#include <stdio.h>
#include <string.h>

bool slot_is_lost(const struct slot_row *s)
{
    return strcmp(s->state, "lost") == 0;
}

bool slot_is_logical(const struct slot_row *s)
{
    return s->slot->type != NULL && strcmp(s->slot->type, "logical") == 0;
}

bool slot_owner_is(const struct slot_row *s, const char *state)
{
    return s->owner != NULL && pipeline_state_is(s->owner, state);
}

bool slot_owner_runs(const struct rule_run *run, const struct slot_row *s)
{
    const struct connector_row *c = rule_owner_of(run, s);
    return c != NULL && pipeline_runs(c);
}

int64_t slot_still_ms(const struct rule_run *run, const char *what, const struct slot_row *s)
{
    return series_still_ms(rule_series(run, "%s %s", what, s->base.name));
}

bool slot_falls_back(const struct rule_run *run, const struct slot_row *s)
{
    enum { THIRDS = 3 };
    const struct series *behind = rule_series(run, "trail %s", s->base.name);
    int64_t window = run->limits->slot_slow_ms;
    double mean[THIRDS];
    struct point oldest;
    struct point newest;
    if (!series_at(behind, 0, &newest) || !series_at(behind, series_samples(behind) - 1, &oldest) ||
        newest.t - oldest.t < window)
        return false;
    series_slices(behind, newest.t + 1, window, mean, THIRDS);
    /* NAN compares false */
    return mean[0] < mean[1] && mean[1] < mean[2];
}

enum verdict slot_loudness(const struct rule_run *run, const struct slot_row *s)
{
    bool much = s->retained != UNKNOWN && s->retained >= run->limits->retained_crit;
    bool soon = s->lost_in_ms != UNKNOWN && s->lost_in_ms < run->limits->lost_in_crit_ms;
    struct rds_disk disk;
    if (rds_disk(run, &disk) && disk.slots_grow && rds_disk_verdict(run, &disk) == VERDICT_CRIT)
        return VERDICT_CRIT;
    /* A snapshot keeps WAL for as long as it runs: that is expected, unless the slot gets lost. */
    if (much && !soon && rule_snapshot_runs(run, rule_owner_of(run, s)))
        return VERDICT_WARN;
    return much || soon ? VERDICT_CRIT : VERDICT_WARN;
}

const char *slot_range(const struct rule_run *run, const struct projection *p)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    if (!p->known)
        return NULL;
    human_duration_ms(a, p->low_ms);
    if (p->high_ms == INT64_MAX)
        return arena_printf(run->arena, "%s at the soonest", a);
    human_duration_ms(b, p->high_ms);
    return strcmp(a, b) == 0 ? arena_printf(run->arena, "about %s", a)
                             : arena_printf(run->arena, "%s to %s", a, b);
}

void slot_put_retained(struct rule_run *run, struct finding *f, const struct slot_row *s)
{
    char a[HUMAN_SIZE];
    char b[HUMAN_SIZE];
    char c[HUMAN_SIZE];
    if (s->retained != UNKNOWN)
        rule_evidence(run, f, "retained WAL = %s (warning from %s, critical from %s)",
                      human_bytes(a, s->retained), human_bytes(b, run->limits->retained_warn),
                      human_bytes(c, run->limits->retained_crit));
    rds_put_disk(run, f);
    struct projection p = s->lost;
    const char *range = slot_range(run, &p);
    if (range != NULL)
        rule_evidence(run, f, "est. lost in %s: %s of WAL left, growing by %s", range,
                      human_bytes(a, s->slot->safe_wal_size), human_byte_rate(b, p.per_s));
}

const char *slot_reader(const struct rule_run *run, const struct slot_row *s)
{
    const struct pg_walsender *w = s->slot->walsender;
    if (w == NULL)
        return arena_printf(run->arena, "pid %d", s->slot->active_pid);
    bool named = w->application_name != NULL && w->application_name[0] != '\0';
    return arena_printf(run->arena, "pid %d, %s of %s from %s", w->pid,
                        named ? w->application_name : "unnamed program",
                        w->user != NULL ? w->user : "unknown",
                        w->client_addr != NULL ? w->client_addr : "the server itself");
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool slot_sql_names(const char *sql, const char *table)
{
    size_t n = strlen(table);
    for (const char *at = sql != NULL && n > 0 ? strstr(sql, table) : NULL; at != NULL;
         at = strstr(at + 1, table)) {
        if ((at == sql || !is_name(at[-1])) && !is_name(at[n]))
            return true;
    }
    return false;
}

const struct pg_table *slot_captured(const struct rule_run *run, const struct connector_row *c,
                                     size_t i)
{
    const struct pg_table *t = &rule_pg(run)->tables[i];
    const char *signal = c->facts->signal_table;
    const char *publication = c->facts->publication_name;
    if (publication == NULL || strcmp(t->publication, publication) != 0 ||
        connector_facts_captures(c->facts, t->schema, t->name) != TRI_YES)
        return NULL;
    size_t n = strlen(t->schema);
    /* The table that heartbeats write to moves by itself and is no data either. */
    const char *query =
        kv_find(c->connector->config, c->connector->nconfig, "heartbeat.action.query");
    if (slot_sql_names(query, t->name))
        return NULL;
    bool is_signal = signal != NULL && strncmp(signal, t->schema, n) == 0 && signal[n] == '.' &&
                     strcmp(signal + n + 1, t->name) == 0;
    return is_signal ? NULL : t;
}

const char *slot_tables(const struct rule_run *run, const struct connector_row *c, int *n)
{
    enum { NAMED = 3 };
    char names[200] = "";
    size_t len = 0;
    *n = 0;
    for (size_t i = 0; i < rule_pg(run)->ntables; i++) {
        const struct pg_table *t = slot_captured(run, c, i);
        if (t == NULL)
            continue;
        int wrote = *n < NAMED ? snprintf(names + len, sizeof(names) - len, "%s%.40s",
                                          *n > 0 ? ", " : "", t->name)
                               : 0;
        len += wrote > 0 ? (size_t)wrote : 0;
        (*n)++;
    }
    if (*n > NAMED)
        return arena_printf(run->arena, "%s and %d more", names, *n - NAMED);
    return arena_strdup(run->arena, names);
}
