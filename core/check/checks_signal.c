/* Checks of heartbeats and signals: both write into the database as the connector's role, and both
 * are useless when what they write is not published. */
#include "base/human.h"
#include "check/checks.h"

#include <inttypes.h>
#include <string.h>

enum { HEARTBEAT_SLOW_MS = 5 * 60 * 1000 };

static void interval(struct check_run *run, const struct connector_row *c)
{
    char text[HUMAN_SIZE];
    int64_t ms = c->facts->heartbeat_ms;
    if (ms == UNKNOWN) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN, "heartbeat.interval.ms = %s",
                        check_config(c, "heartbeat.interval.ms"));
        return;
    }
    bool on = ms > 0, slow = ms > HEARTBEAT_SLOW_MS;
    const char *says = on ? human_duration_ms(text, ms)
                          : "off: while its tables are quiet the slot is not confirmed";
    struct check_line *line = check_say(run, c->base.name, !on || slow ? RESULT_WARNING : RESULT_OK,
                                        "heartbeat.interval.ms = %" PRId64 ": %s", ms, says);
    check_fix(run, line, FIX_CONFIG, "\"heartbeat.interval.ms\": \"10000\"");
}

static void action_query(struct check_run *run, const struct connector_row *c)
{
    if (c->facts->heartbeat_ms == 0)
        return; /* one thing at a time */
    bool set = c->facts->heartbeat_query;
    const char *table = set ? c->facts->heartbeat_table : NULL;
    struct check_line *line =
        check_say(run, c->base.name, set ? RESULT_OK : RESULT_WARNING, "%s%s",
                  set ? "heartbeat.action.query writes"
                      : "heartbeat.action.query is not set: other "
                        "databases' WAL holds the slot back",
                  table != NULL ? arena_printf(run->arena, " to %s", table) : "");
    check_fix(run, line, FIX_CONFIG,
              "\"heartbeat.action.query\": \"INSERT INTO public.cdc_heartbeat VALUES (1, now()) "
              "ON CONFLICT (id) DO UPDATE SET ts = excluded.ts\"");
}

/* Is the table there, published, and may the connector's role write to it? */
static void judge_table(struct check_run *run, const struct connector_row *c, const char *dotted,
                        bool wants_update, const char *columns)
{
    const struct connector_facts *f = c->facts;
    const struct pg_grant *g = check_grant(run->pg, f, dotted);
    const char *table = check_dotted(run, dotted);
    const char *role = f->db_user != NULL ? check_ident(run, f->db_user) : "PUBLIC";
    if (g == NULL || g->exists == TRI_UNKNOWN) {
        (void)check_say(run, c->base.name, RESULT_UNKNOWN, "%s and the rights of %s were not read",
                        dotted, f->db_user != NULL ? f->db_user : "its role");
        return;
    }
    struct check_line *line;
    if (g->exists == TRI_NO) {
        line = check_say(run, c->base.name, RESULT_FAILED, "there is no table %s", dotted);
        check_fix(run, line, FIX_SQL,
                  "CREATE TABLE %s (%s);\nGRANT INSERT, UPDATE, SELECT ON %s TO %s;\nALTER "
                  "PUBLICATION %s ADD TABLE %s;",
                  table, columns, table, role, check_ident(run, f->publication_name), table);
        return;
    }
    bool unknown =
        g->insert == TRI_UNKNOWN || g->usage == TRI_UNKNOWN || g->published == TRI_UNKNOWN;
    bool writes = g->insert != TRI_NO && (!wants_update || g->update != TRI_NO);
    if (g->usage == TRI_NO) {
        line = check_say(run, c->base.name, RESULT_FAILED, "role %s may not use the schema of %s",
                         f->db_user, dotted);
        check_fix(run, line, FIX_SQL, "GRANT USAGE ON SCHEMA %s TO %s;",
                  check_ident(run, g->schema), role);
    }
    if (!writes) {
        line = check_say(run, c->base.name, RESULT_FAILED, "role %s may not write to %s",
                         f->db_user, dotted);
        check_fix(run, line, FIX_SQL, "GRANT INSERT, UPDATE, SELECT ON %s TO %s;", table, role);
    }
    if (g->published == TRI_NO) {
        line = check_say(run, c->base.name, RESULT_FAILED, "%s is not in publication %s", dotted,
                         f->publication_name);
        check_fix(run, line, FIX_SQL, "ALTER PUBLICATION %s ADD TABLE %s;",
                  check_ident(run, f->publication_name), table);
    }
    if (writes && g->usage != TRI_NO && g->published != TRI_NO)
        (void)check_say(run, c->base.name, unknown ? RESULT_UNKNOWN : RESULT_OK,
                        unknown ? "%s: not all of its rights could be read"
                                : "%s is published and may be written",
                        dotted);
}

static void heartbeat_table(struct check_run *run, const struct connector_row *c)
{
    if (c->facts->heartbeat_ms == 0 || !c->facts->heartbeat_query)
        return;
    const char *table = c->facts->heartbeat_table;
    if (table == NULL)
        (void)check_say(run, c->base.name, RESULT_UNKNOWN,
                        "heartbeat.action.query names no table with its schema");
    else
        judge_table(run, c, table, true, "id int PRIMARY KEY, ts timestamptz");
}

static void signal_table(struct check_run *run, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    if (f->signal_table != NULL) {
        /* "database.schema.table" is an older spelling. */
        const char *table = f->signal_table;
        size_t n = f->db_name != NULL ? strlen(f->db_name) : 0;
        if (n > 0 && strncmp(table, f->db_name, n) == 0 && table[n] == '.' &&
            strchr(table + n + 1, '.') != NULL)
            table += n + 1;
        judge_table(run, c, table, false,
                    "id varchar(64) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048)");
        return;
    }
    if (f->read_only && f->signal_topic != NULL)
        return;
    struct check_line *line =
        check_say(run, c->base.name, RESULT_WARNING,
                  "signal.data.collection is not set: no incremental snapshot is possible");
    check_fix(run, line, FIX_CONFIG, "\"signal.data.collection\": \"public.debezium_signal\"");
}

static void channels(struct check_run *run, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    bool source = fact_list_has(&f->signal_channels, "source");
    if (f->signal_table == NULL && f->signal_topic == NULL)
        return;
    bool deaf = !source && f->signal_topic == NULL;
    struct check_names names;
    check_names_init(&names);
    for (size_t i = 0; i < f->signal_channels.count; i++)
        check_names_add(&names, f->signal_channels.items[i]);
    const char *list = check_names_end(&names, run);
    struct check_line *line = check_say(
        run, c->base.name, deaf ? RESULT_FAILED : RESULT_OK, "signal.enabled.channels = %s%s", list,
        deaf ? ": rows in the signal table are not read as signals" : "");
    check_fix(run, line, FIX_CONFIG, "\"signal.enabled.channels\": \"source\"");
}

static void notifications(struct check_run *run, const struct connector_row *c)
{
    const char *topic = c->facts->notification_topic;
    struct check_line *line =
        check_say(run, c->base.name, topic != NULL ? RESULT_OK : RESULT_WARNING, "%s%s",
                  topic != NULL ? "notifications go to topic "
                                : "what became of a snapshot is told "
                                  "nowhere: no sink channel",
                  topic != NULL ? topic : "");
    check_fix(run, line, FIX_CONFIG,
              "\"notification.enabled.channels\": \"sink\",\n"
              "\"notification.sink.topic.name\": %s",
              check_string(run, arena_printf(run->arena, "%s-notifications",
                                             c->facts->topic_prefix != NULL ? c->facts->topic_prefix
                                                                            : c->base.name)));
}

#define CONN    NEEDS_OF(SOURCE_CONNECT)
#define PG_CONN (NEEDS_OF(SOURCE_POSTGRES) | NEEDS_OF(SOURCE_CONNECT))

const struct check_row checks_signal[] = {
    {"heartbeat.interval",      "a heartbeat keeps the slot moving", HOP_CAPTURE, CONN,
     .of_source = interval},
    {"heartbeat.query",              "the heartbeat writes into the database", HOP_CAPTURE, CONN,
     .of_source = action_query},
    {"heartbeat.table",     "the heartbeat's table is published and writable", HOP_CAPTURE, PG_CONN,
     .of_source = heartbeat_table},
    {"signal.table",         "the signal table is published and writable", HOP_CAPTURE, PG_CONN,
     .of_source = signal_table},
    {"signal.channels",              "a signal channel is on", HOP_CAPTURE, CONN, .of_source = channels},
    {"signal.notifications", "the outcome of snapshots is told", HOP_CAPTURE, CONN,
     .of_source = notifications},
    {.id = NULL        },
};
