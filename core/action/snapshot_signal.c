/* Snapshots by Debezium's signals: through the signal table or the signal topic, whichever the
 * connector's config allows. (How it is judged: snapshot_judge.c.) */
#include "action/ops.h"
#include "action/pg_signal.h"
#include "aws/kafka_login.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "model/snapshot_status.h"
#include "net/kafka_signal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TABLES_MAX = 100, DATA_MAX = 2048 };

static const struct {
    const char *type, *title, *summary;
} signals[ACTION_KIND_COUNT] = {
    [ACTION_SNAPSHOT] = {"execute-snapshot", "Snapshot",            ""                          },
    [ACTION_SNAPSHOT_STOP] = {"stop-snapshot",    "Stop the snapshot",
                         "Debezium stops after the present chunk; what was read stays read."    },
    [ACTION_SNAPSHOT_PAUSE] =
        {"pause-snapshot",   "Pause the snapshot",
                         "Debezium reads no more chunks until it is resumed; streaming goes on."},
    [ACTION_SNAPSHOT_RESUME] = {"resume-snapshot",  "Resume the snapshot",
                         "Debezium goes on with the next chunk."                                },
};

/* Debezium takes each name as a regular expression that must match "schema.table" whole: dots are
 * escaped so that a name means itself. */
static char *as_pattern(const char *table)
{
    struct strbuf sb;
    strbuf_init(&sb, 1000);
    for (const char *p = table; *p != '\0'; p++) {
        if (strchr("\\.[](){}*+?^$|", *p) != NULL)
            strbuf_putc(&sb, '\\');
        strbuf_putc(&sb, *p);
    }
    return strbuf_take(&sb);
}

/* "SELECT * FROM "public"."Orders" WHERE …"; malloc'd. */
static char *select_of(const char *table, const char *condition)
{
    struct sqlname name;
    struct err err = ERR_INIT;
    struct strbuf sb;
    strbuf_init(&sb, DATA_MAX);
    (void)strbuf_puts(&sb, "SELECT * FROM ");
    if (sqlname_parse(table, &name, &err)) {
        sqlname_identifier(&sb, name.schema);
        (void)strbuf_putc(&sb, '.');
        sqlname_identifier(&sb, name.table);
    } else {
        (void)strbuf_puts(&sb, table); /* the plan refuses such a name with its reason */
    }
    (void)strbuf_printf(&sb, " WHERE %s", condition);
    return strbuf_take(&sb);
}

/* The `data` of the signal, as JSON text; malloc'd. */
static char *signal_data(const struct action_args *args)
{
    cJSON *data = cJSON_CreateObject();
    bool start = args->kind == ACTION_SNAPSHOT;
    cJSON_AddStringToObject(data, "type", start && args->blocking ? "blocking" : "incremental");
    if (args->ntables > 0) {
        cJSON *list = cJSON_AddArrayToObject(data, "data-collections");
        for (size_t i = 0; i < args->ntables; i++) {
            char *pattern = as_pattern(args->tables[i]);
            cJSON_AddItemToArray(list, cJSON_CreateString(pattern));
            free(pattern);
        }
    }
    if (start && args->filter != NULL && args->filter[0] != '\0') {
        cJSON *list = cJSON_AddArrayToObject(data, "additional-conditions");
        for (size_t i = 0; i < args->ntables; i++) {
            cJSON *one = cJSON_CreateObject();
            cJSON_AddStringToObject(one, "data-collection", args->tables[i]);
            /* A blocking snapshot takes the whole SELECT, an incremental one only its condition. */
            char *filter = args->blocking ? select_of(args->tables[i], args->filter)
                                          : mem_strdup(args->filter);
            cJSON_AddStringToObject(one, "filter", filter);
            free(filter);
            cJSON_AddItemToArray(list, one);
        }
    }
    char *text = cJSON_PrintUnformatted(data);
    cJSON_Delete(data);
    return text;
}

/* The value of a record in the signal topic: id, type and data in one object. */
static char *signal_record(const struct action_args *args, const char *data)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "id", args->signal_id != NULL ? args->signal_id : "");
    cJSON_AddStringToObject(root, "type", signals[args->kind].type);
    cJSON_AddItemToObject(root, "data", cJSON_Parse(data));
    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

static bool table_channel(const struct connector_facts *f)
{
    return fact_list_has(&f->signal_channels, "source") && f->signal_table != NULL &&
           f->signal_table[0] != '\0';
}

static bool topic_channel(const struct connector_facts *f)
{
    return fact_list_has(&f->signal_channels, "kafka") && f->signal_topic != NULL &&
           f->signal_topic[0] != '\0' && f->topic_prefix != NULL;
}

void snapshot_signal_route(const struct connector_facts *facts, struct action_route *route)
{
    route->signal_table = mem_strdup(facts->signal_table);
    route->signal_topic = mem_strdup(facts->signal_topic);
    route->signal_key = mem_strdup(facts->topic_prefix);
    route->publication = mem_strdup(facts->publication_name);
    route->use_topic = !table_channel(facts) && topic_channel(facts);
}

static void check_channel(struct planner *pl, const struct connector_facts *f)
{
    if (table_channel(f)) {
        planner_check(pl, CHECK_OK, "signal table %s (channel source)", f->signal_table);
        const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_POSTGRES);
        for (size_t i = 0; snap != NULL && i < snap->pg.ntables; i++) {
            const struct pg_table *t = &snap->pg.tables[i];
            char name[256];
            (void)snprintf(name, sizeof(name), "%s.%s", t->schema, t->name);
            if (strcmp(name, f->signal_table) == 0) {
                planner_check(pl, CHECK_OK, "it is published by %s", t->publication);
                return;
            }
        }
        planner_check(pl, CHECK_WARN,
                      "that it is published is not seen: checked before it is sent");
    } else if (topic_channel(f)) {
        planner_check(pl, CHECK_OK, "signal topic %s (channel kafka)", f->signal_topic);
        if (!f->read_only && pl->args->kind == ACTION_SNAPSHOT && !pl->args->blocking)
            planner_check(pl, CHECK_WARN,
                          "an incremental snapshot stands still without the signal table: add "
                          "source to signal.enabled.channels, or take a blocking one");
    } else {
        planner_check(pl, CHECK_FAIL,
                      "no signal channel: set signal.data.collection, or signal.enabled.channels = "
                      "source,kafka with signal.kafka.topic");
    }
}

static bool published(const struct planner *pl, const char *table, const struct pg_table **out)
{
    const struct snapshot *snap = world_snap(pl->world, pl->args->pipeline, SOURCE_POSTGRES);
    *out = NULL;
    for (size_t i = 0; snap != NULL && i < snap->pg.ntables; i++) {
        const struct pg_table *t = &snap->pg.tables[i];
        char name[256];
        (void)snprintf(name, sizeof(name), "%s.%s", t->schema, t->name);
        if (strcmp(name, table) == 0) {
            *out = t;
            return true;
        }
    }
    return false;
}

static void check_tables(struct planner *pl, const struct connector_facts *f)
{
    const struct action_args *args = pl->args;
    if (args->ntables == 0) {
        planner_check(pl, CHECK_FAIL, "no table was picked");
        return;
    }
    if (args->ntables > TABLES_MAX)
        planner_check(pl, CHECK_FAIL, "more than %d tables in one signal", TABLES_MAX);
    for (size_t i = 0; i < args->ntables; i++) {
        struct sqlname name;
        struct err err = ERR_INIT;
        const struct pg_table *t;
        if (!sqlname_parse(args->tables[i], &name, &err)) {
            planner_check(pl, CHECK_FAIL, "%s", err.text);
            continue;
        }
        if (!published(pl, args->tables[i], &t)) {
            const struct snapshot *snap = world_snap(pl->world, args->pipeline, SOURCE_POSTGRES);
            bool told =
                snap != NULL && snap->pg.ntables > 0 && snap->pg.ntables == snap->pg.tables_total;
            planner_check(pl, told ? CHECK_FAIL : CHECK_WARN,
                          "%s is in no publication that cdctop sees", args->tables[i]);
            continue;
        }
        char rows[HUMAN_SIZE];
        bool counted = t->live_rows != UNKNOWN;
        human_count(rows, t->live_rows);
        if (!args->blocking && t->has_pk == TRI_NO)
            planner_check(pl, CHECK_FAIL,
                          "%s has no primary key: only a blocking snapshot reads it",
                          args->tables[i]);
        else
            planner_check(pl, CHECK_OK, counted ? "%s: about %s rows (est.)" : "%s: %s",
                          args->tables[i], counted ? rows : "PostgreSQL has not counted its rows");
    }
    (void)f;
}

static void check_running(struct planner *pl, const struct connector_row *c)
{
    bool start = pl->args->kind == ACTION_SNAPSHOT;
    if (c->facts->notification_topic == NULL)
        planner_check(pl, CHECK_WARN,
                      "no notification topic (notification.enabled.channels = sink): progress is "
                      "told by offsets and topics alone, the outcome by nobody");
    bool running = snapshot_status_running(c->snapshot);
    if (start && running)
        planner_check(pl, CHECK_WARN, "a snapshot is %s: this one waits behind it",
                      snapshot_status_name(c->snapshot));
    if (!start && !running)
        planner_check(pl, CHECK_WARN, "no running snapshot is seen");
    if (!start && running)
        planner_line(pl, "running", CHECK_OK, "%s, %d of %zu tables done",
                     snapshot_status_name(c->snapshot), c->snapshot->p.done,
                     c->snapshot->p.ntables);
}

static void show_request(struct planner *pl, const struct connector_facts *f)
{
    char *data = signal_data(pl->args);
    const char *id = pl->args->signal_id != NULL ? pl->args->signal_id : "";
    if (strlen(data) > DATA_MAX)
        planner_check(pl, CHECK_FAIL, "the signal's data is longer than %d characters", DATA_MAX);
    if (table_channel(f)) {
        struct strbuf sb;
        struct err err = ERR_INIT;
        strbuf_init(&sb, 8000);
        if (pg_signal_sql(&sb, f->signal_table, id, signals[pl->args->kind].type, data, &err))
            planner_request(pl, "%s", sb.text);
        else
            planner_check(pl, CHECK_FAIL, "%s", err.text);
        strbuf_free(&sb);
    } else if (topic_channel(f)) {
        char *record = signal_record(pl->args, data);
        planner_request(pl, "topic %s, key %s", f->signal_topic, f->topic_prefix);
        planner_request(pl, "%s", record);
        cJSON_free(record);
    }
    cJSON_free(data);
}

void snapshot_signal_plan(struct planner *pl)
{
    const struct action_args *args = pl->args;
    const struct connector_row *c = pipeline_connector(pl->p, args->target);
    pl->plan->title = arena_printf(pl->arena, "%s of %s%s", signals[args->kind].title, args->target,
                                   args->kind != ACTION_SNAPSHOT ? ""
                                   : args->blocking              ? " (blocking)"
                                                                 : " (incremental)");
    pl->plan->summary = signals[args->kind].summary;
    if (args->kind == ACTION_SNAPSHOT)
        pl->plan->summary =
            args->blocking ? "Streaming halts while Debezium reads the tables; the slot keeps WAL."
                           : "Debezium reads the tables in chunks while streaming goes on.";
    if (c == NULL || c->facts->role != CONNECTOR_SOURCE_POSTGRES) {
        planner_check(pl, CHECK_FAIL, "%s is not a Debezium PostgreSQL source that cdctop sees",
                      args->target);
        return;
    }
    const char *state = c->connector->state != NULL ? c->connector->state : "unknown";
    planner_check(pl, pipeline_runs_partly(c) ? CHECK_OK : CHECK_FAIL, "%s is %s, %s", args->target,
                  state, pipeline_tasks_text(pl->arena, c));
    enum source_kind kind = service_source(c->connector->service);
    if (world_state(pl->world, args->pipeline, kind) == STATE_FAILING)
        planner_check(pl, CHECK_FAIL, "%s does not answer: its state is not known",
                      kind == SOURCE_CONNECT ? "Connect" : source_kind_title(kind));
    check_channel(pl, c->facts);
    if (args->kind == ACTION_SNAPSHOT)
        check_tables(pl, c->facts);
    check_running(pl, c);
    show_request(pl, c->facts);
}

static bool send_by_table(const struct action_run *run, const char *data, struct err *err)
{
    struct pg_call call = {.cfg = &run->pipeline->postgres,
                           .aws = run->aws,
                           .hints = run->route->hints,
                           .deadline_ms = run->deadline_ms,
                           .stop_fd = run->stop_fd};
    struct pg_signal_facts facts;
    if (!pg_signal_check(&call, run->route->signal_table, run->route->publication, &facts, err))
        return err_wrap(err, "checking the signal table");
    if (facts.nfaults > 0)
        return err_set(err, ERR_DENIED, 0, "%s%s%s", facts.faults[0].what,
                       facts.faults[0].fix[0] != '\0' ? "; " : "", facts.faults[0].fix);
    return pg_signal_insert(&call, run->route->signal_table, run->args->signal_id,
                            signals[run->args->kind].type, data, err);
}

/* A login that may have been changed meanwhile is read anew once: nothing was sent by then. */
static bool send_by_topic(const struct action_run *run, const char *record, struct err *err)
{
    const struct pipeline_config *cfg = run->pipeline;
    const struct kafkaclient_until until = {.deadline_ms = run->deadline_ms,
                                            .stop_fd = run->stop_fd};
    struct kafka_login *login = kafka_login_new(cfg, run->aws);
    struct kafkaclient_login how;
    struct kafka_place place = {.bootstrap = NULL};
    if (cfg->kafka.bootstrap_servers.count == 0 && run->route->hints != NULL)
        place = (struct kafka_place){.bootstrap = run->route->hints->bootstrap_servers,
                                     .security_protocol = run->route->hints->kafka_protocol,
                                     .mechanism = run->route->hints->kafka_mechanism};
    bool ok = false, again = true;
    for (int i = 0; i < 2 && !ok && again; i++) {
        again = false;
        if (i > 0)
            err_clear(err);
        ok = kafka_login_settle(login, &place, &until, &how, err);
        if (ok) {
            ok = kafka_send_signal(&cfg->kafka, place.bootstrap, &how, run->route->signal_topic,
                                   run->route->signal_key, record, &until, err);
            again = !ok && kafka_login_refused(login, &until, err);
        }
    }
    kafka_login_free(login);
    return ok;
}

bool snapshot_signal_send(const struct action_run *run, struct err *err)
{
    char *data = signal_data(run->args);
    bool ok;
    if (run->args->signal_id == NULL) {
        ok = err_set(err, ERR_CONFIG, 0, "a signal needs an id");
    } else if (run->route->use_topic) {
        char *record = signal_record(run->args, data);
        ok = send_by_topic(run, record, err);
        cJSON_free(record);
    } else {
        run->progress(run->progress_ctx, ACTION_CHECKING, "checking the signal table");
        ok = send_by_table(run, data, err);
    }
    cJSON_free(data);
    return ok;
}
