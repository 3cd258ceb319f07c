/* Checks of connectors as such: whether they run, what they do with bad records, what their configs
 * show to everybody, and whether both sides speak the same format. */
#include "check/checks.h"
#include "model/dms_task.h"

#include <string.h>
#include <strings.h>

/* The tables of a running DMS task that are in error, as words of a shell; "": not known. */
static const char *errored_tables(struct check_run *run, const struct dms_task *t)
{
    struct strbuf names;
    strbuf_init(&names, 4000);
    for (size_t i = 0; i < t->ntables; i++) {
        const struct dms_table *row = &t->tables[i];
        if (row->state != NULL && strcmp(row->state, "Table error") == 0)
            strbuf_printf(
                &names, " %s",
                check_word(run, arena_printf(run->arena, "%s.%s", row->schema, row->name)));
    }
    const char *copy = arena_strdup(run->arena, names.text);
    strbuf_free(&names);
    return copy;
}

/* What one of these states can be asked for; all others pass by themselves. */
static const struct {
    enum connect_service service;
    const char *state, *verb;
} ways[] = {
    {SERVICE_CONNECT,     "PAUSED",  "resume" },
    {SERVICE_CONNECT,     "STOPPED", "resume" },
    {SERVICE_CONNECT,     "FAILED",  "restart"},
    {SERVICE_MSK_CONNECT, "PAUSED",  "resume" },
    {SERVICE_DMS,         "ready",   "start"  },
    {SERVICE_DMS,         "created", "start"  },
    {SERVICE_DMS,         "stopped", "resume" },
    {SERVICE_DMS,         "failed",  "resume" },
};

static const char *way_of(const struct connector_row *c)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (ways[i].service == c->connector->service &&
            pipeline_state_is(c->connector, ways[i].state))
            return ways[i].verb;
    }
    return pipeline_state_is(c->connector, "RUNNING") && c->failed > 0 ? "restart" : NULL;
}

static void fix_running(struct check_run *run, struct check_line *line,
                        const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    const char *verb = way_of(c), *name = check_word(run, c->base.name);
    const char *state = c->connector->state != NULL ? c->connector->state : "";
    bool running = pipeline_state_is(c->connector, "RUNNING");
    const char *tables = t != NULL && running ? errored_tables(run, t) : "";
    if (c->connector->service == SERVICE_MSK_CONNECT && pipeline_state_is(c->connector, "FAILED"))
        check_fix(run, line, FIX_OTHER,
                  "MSK Connect cannot restart it: save its config, delete it, create it anew");
    else if (verb != NULL)
        check_fix(run, line, FIX_SHELL, "cdctop do %s %s", verb, name);
    else if (tables[0] != '\0')
        check_fix(run, line, FIX_SHELL, "cdctop do reload %s%s", name, tables);
    else if (!running && strncasecmp(state, "failed", 6) != 0)
        check_fix(run, line, FIX_OTHER, "nothing to be done: %s passes by itself; look again later",
                  state[0] != '\0' ? state : "its state");
}

static enum check_result judge_running(const struct connector_row *c)
{
    const struct dms_task *t = c->connector->dms;
    if (c->failed > 0 || pipeline_state_is(c->connector, "FAILED"))
        return RESULT_FAILED;
    if (!pipeline_runs(c) || (t != NULL && dms_errored(t) > 0))
        return RESULT_WARNING;
    /* DMS has no tasks below its tasks: its work shows in the statistics of its tables. */
    bool works = t != NULL && c->base.verdict != VERDICT_UNKNOWN;
    return c->tasks_known || works ? RESULT_OK : RESULT_UNKNOWN;
}

static void running(struct check_run *run)
{
    enum source_kind kind = world_connectors_kind(run->world, run->index);
    if (run->p->nconnectors == 0) {
        struct check_line *line =
            check_say(run, NULL, RESULT_WARNING, "%s has no connector that is watched",
                      run->connect != NULL && run->connect->url != NULL ? run->connect->url
                                                                        : source_kind_title(kind));
        check_fix(run, line, FIX_OTHER, "see [pipeline.%s] %s in the configuration",
                  source_kind_name(kind), kind == SOURCE_DMS ? "tasks" : "connectors");
    }
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const char *state = c->connector->state != NULL ? c->connector->state : "?";
        struct check_line *line = check_say(run, c->base.name, judge_running(c), "%s, %s%s%s",
                                            state, pipeline_tasks_text(run->arena, c),
                                            c->cause[0] != '\0' ? ": " : "", c->cause);
        line->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        fix_running(run, line, c);
    }
}

/* A reference to the secret of that key. There are no files at MSK Connect's workers. */
static const char *reference(struct check_run *run, const struct connector_row *c, const char *key)
{
    bool managed = c->connector->service == SERVICE_MSK_CONNECT;
    return arena_printf(run->arena,
                        managed ? "${secretManager:%s:%s}"
                                : "${file:/etc/kafka/secrets/%s.properties:%s}",
                        c->base.name, key);
}

static void secrets(struct check_run *run)
{
    for (size_t i = 0; i < run->p->nconnectors; i++) {
        const struct connector_row *c = &run->p->connectors[i];
        const struct connect_connector *conn = c->connector;
        struct check_names names;
        struct strbuf fix;
        if (conn->service == SERVICE_DMS) /* which shows none */
            continue;
        check_names_init(&names);
        strbuf_init(&fix, 8000);
        for (size_t k = 0; k < conn->nliterals; k++) {
            check_names_add(&names, conn->literals[k]);
            strbuf_printf(&fix, "%s%s: %s", k > 0 ? ",\n" : "",
                          check_string(run, conn->literals[k]),
                          check_string(run, reference(run, c, conn->literals[k])));
        }
        size_t n = names.count;
        const char *list = check_names_end(&names, run);
        struct check_line *line =
            check_say(run, c->base.name, n > 0 ? RESULT_WARNING : RESULT_OK, "%s%s",
                      n > 0 ? "written out for everybody who may GET the config: "
                            : "none of its secrets is written out",
                      list);
        line->hop = c->facts->sink ? HOP_SINK : HOP_CAPTURE;
        check_fix(run, line, FIX_CONFIG, "%s", fix.text);
        strbuf_free(&fix);
    }
}

static void bad_records(struct check_run *run, const struct connector_row *c)
{
    const struct connector_facts *f = c->facts;
    bool all = f->errors_tolerance != NULL && strcmp(f->errors_tolerance, "all") == 0;
    const char *headers = check_config(c, "errors.deadletterqueue.context.headers.enable");
    bool tells = headers != NULL && strcasecmp(headers, "true") == 0;
    const char *dlq = f->dlq_topic;
    struct check_line *line;
    if (all && dlq == NULL) {
        line = check_say(run, c->base.name, RESULT_WARNING,
                         "errors.tolerance = all without a dead letter queue: bad records are "
                         "dropped and nothing tells");
        const char *name = arena_printf(run->arena, "%s-dlq", c->base.name);
        check_fix(run, line, FIX_CONFIG,
                  "\"errors.deadletterqueue.topic.name\": %s,\n"
                  "\"errors.deadletterqueue.context.headers.enable\": \"true\",\n"
                  "\"errors.log.enable\": \"true\"",
                  check_string(run, name));
    } else if (all && !tells) {
        line = check_say(run, c->base.name, RESULT_WARNING,
                         "dead letters go to %s, but without the reason", dlq);
        check_fix(run, line, FIX_CONFIG,
                  "\"errors.deadletterqueue.context.headers.enable\": \"true\"");
    } else if (!all && dlq != NULL) {
        line = check_say(run, c->base.name, RESULT_WARNING,
                         "%s is named but never used: errors.tolerance = %s", dlq,
                         f->errors_tolerance != NULL ? f->errors_tolerance : "none");
        check_fix(run, line, FIX_CONFIG, "\"errors.tolerance\": \"all\"");
    } else {
        (void)check_say(run, c->base.name, RESULT_OK, "%s%s",
                        all ? "they go to " : "the first one stops the task: none is dropped",
                        all ? dlq : "");
    }
}

/* ---- converters ------------------------------------------------------------------------------ */

static const char *simple(const char *class_name)
{
    const char *dot = class_name != NULL ? strrchr(class_name, '.') : NULL;
    return dot != NULL ? dot + 1 : class_name;
}

static bool is_class(const char *class_name, const char *name)
{
    return class_name != NULL && strcmp(simple(class_name), name) == 0;
}

/* JsonConverter's default is true. A reference or nonsense is neither. */
static enum tri with_schemas(const struct check_run *run, const struct connector_row *c,
                             const char *side)
{
    const char *value =
        check_config(c, arena_printf(run->arena, "%s.converter.schemas.enable", side));
    if (value == NULL || strcasecmp(value, "true") == 0)
        return TRI_YES;
    return strcasecmp(value, "false") == 0 ? TRI_NO : TRI_UNKNOWN;
}

struct pair {
    const struct connector_row *source, *sink;
    const char *side;      /* "key", "value" */
    const char *from, *to; /* classes; NULL: the worker's own */
};

/* Both are JsonConverter. */
static void judge_json(struct check_run *run, const struct pair *p)
{
    enum tri from = with_schemas(run, p->source, p->side), to = with_schemas(run, p->sink, p->side);
    bool unknown = from == TRI_UNKNOWN || to == TRI_UNKNOWN;
    bool fails = from == TRI_NO && to == TRI_YES, wraps = from == TRI_YES && to == TRI_NO;
    struct check_line *line =
        check_say(run, p->sink->base.name,
                  unknown ? RESULT_UNKNOWN
                  : fails ? RESULT_FAILED
                  : wraps ? RESULT_WARNING
                          : RESULT_OK,
                  "%ss: JSON%s from %s", p->side,
                  unknown           ? ", schemas.enable cannot be read,"
                  : fails           ? " without schemas, read as with schemas (its task will fail),"
                  : wraps           ? " with schemas, stored with schema and payload,"
                  : from == TRI_YES ? " with schemas"
                                    : " without schemas",
                  p->source->base.name);
    check_fix(run, line, FIX_CONFIG, "\"%s.converter.schemas.enable\": \"%s\"", p->side,
              from == TRI_YES ? "true" : "false");
}

static void judge_pair(struct check_run *run, const struct pair *p)
{
    bool reads_all = is_class(p->to, "StringConverter") || is_class(p->to, "ByteArrayConverter");
    const char *sink = p->sink->base.name;
    if (p->from == NULL && p->to == NULL) {
        (void)check_say(run, sink, RESULT_OK, "%ss: the workers' own, as %s has", p->side,
                        p->source->base.name);
    } else if (reads_all) {
        (void)check_say(run, sink, RESULT_OK, "%ss: %s takes what %s writes", p->side,
                        simple(p->to), p->source->base.name);
    } else if (p->from == NULL || p->to == NULL) {
        (void)check_say(run, sink, RESULT_UNKNOWN,
                        "%ss: %s here, %s in %s: Connect does not tell the workers' own", p->side,
                        p->to != NULL ? simple(p->to) : "the workers' own",
                        p->from != NULL ? simple(p->from) : "the workers' own",
                        p->source->base.name);
    } else if (is_class(p->from, "JsonConverter") && is_class(p->to, "JsonConverter")) {
        judge_json(run, p);
    } else {
        bool same = strcmp(simple(p->from), simple(p->to)) == 0;
        struct check_line *line =
            check_say(run, sink, same ? RESULT_OK : RESULT_FAILED, "%ss: %s here, %s in %s",
                      p->side, simple(p->to), simple(p->from), p->source->base.name);
        check_fix(run, line, FIX_CONFIG, "\"%s.converter\": %s", p->side,
                  check_string(run, p->from));
    }
}

static void converters(struct check_run *run)
{
    static const char *const sides[] = {"key", "value"};
    size_t at = 0;
    const struct connector_row *sink;
    while ((sink = check_next_sink(run, &at)) != NULL) {
        for (size_t i = 0; i < run->p->nconnectors; i++) {
            const struct connector_row *source = &run->p->connectors[i];
            if (!pipeline_feeds(run->p, source, sink))
                continue;
            for (size_t s = 0; s < 2; s++) {
                const char *key = arena_printf(run->arena, "%s.converter", sides[s]);
                judge_pair(run, &(struct pair){.source = source,
                                               .sink = sink,
                                               .side = sides[s],
                                               .from = check_config(source, key),
                                               .to = check_config(sink, key)});
            }
        }
    }
}

#define CONN NEEDS_OF(SOURCE_CONNECT)

const struct check_row checks_connect[] = {
    {"connect.running", "the connector and its tasks run", HOP_CAPTURE, CONN, .eval = running},
    {"connect.secrets",      "secrets come from a provider", HOP_CAPTURE, CONN, .eval = secrets},
    {"connect.bad_records",  "bad records are not lost unseen", HOP_SINK, CONN,
     .of_sink = bad_records},
    {"connect.converters", "the sink reads what the source writes", HOP_SINK, CONN,
     .eval = converters},
    {.id = NULL     },
};
