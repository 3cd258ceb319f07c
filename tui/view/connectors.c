/* connectors.c: pane 3: connectors and why they fail. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/pane.h"

#include <stdio.h>
#include <string.h>

static const struct connector_row *conn_of(const struct row_base *row)
{
    return (const struct connector_row *)row;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->p != NULL ? s->p->nconnectors : 0;
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++)
        (*out)[i] = &s->p->connectors[i].base;
    return n;
}

static const char *text_or(const char *text, const char *other)
{
    return text != NULL && text[0] != '\0' ? text : other;
}

static void state_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = text_or(conn_of(row)->connector->state, "–");
    const struct connect_connector *c = conn_of(row)->connector;
    if (pipeline_state_is(c, "FAILED"))
        out->style = ROLE_CRIT;
    else if (pipeline_state_is(c, "PAUSED") || pipeline_state_is(c, "STOPPED"))
        out->style = ROLE_INFO;
}

static void tasks_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct connector_row *c = conn_of(row);
    (void)ctx;
    if (!c->tasks_known) {
        out->text = "–";
        out->style = ROLE_DIM;
        return;
    }
    (void)snprintf(out->buf, sizeof(out->buf), "%d/%d", c->running, c->tasks);
    out->text = out->buf;
    if (c->failed > 0)
        out->style = ROLE_CRIT;
    else if (c->running < c->tasks && row->verdict >= VERDICT_WARN)
        out->style = ROLE_WARN;
}

static void behind_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct connector_row *c = conn_of(row);
    (void)ctx;
    if (c->lag != UNKNOWN) {
        out->text = human_count(out->buf, c->lag);
        if (c->lag > 0 && row->verdict >= VERDICT_WARN)
            out->style = ROLE_WARN;
    } else if (c->behind_ms != UNKNOWN) {
        char age[HUMAN_SIZE];
        (void)snprintf(out->buf, sizeof(out->buf), "%s%s", c->behind_ms_more ? ">" : "",
                       human_duration_ms(age, c->behind_ms));
        out->text = out->buf;
    } else {
        out->text = human_bytes(out->buf, c->behind_bytes);
        out->style = c->behind_bytes == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
    }
}

/* "ConnectException: AmazonS3Exception: Access Denied", "Last Error Failed to connect": in a narrow
 * column what was meant says more than who says it. */
static const char *meant(const char *cause)
{
    static const char class[] = "Exception: ";
    static const char prefix[] = "Last Error "; /* DMS's */
    if (strncmp(cause, prefix, strlen(prefix)) == 0)
        return cause + strlen(prefix);
    for (;;) {
        const char *colon = strstr(cause, class);
        const char *blank = strchr(cause, ' ');
        if (colon == NULL || blank == NULL || blank < colon)
            return cause;
        cause = colon + strlen(class);
    }
}

static void cause_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct connector_row *c = conn_of(row);
    (void)ctx;
    if (c->cause != NULL && c->cause[0] != '\0') {
        out->text = meant(c->cause);
        out->style = ROLE_CRIT;
        return;
    }
    out->text = text_or(row->why, "");
    out->style = row->verdict >= VERDICT_WARN ? glyph_style(row->verdict) : (unsigned)ROLE_DIM;
}

static void type_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = text_or(conn_of(row)->connector->type, "–");
    out->style = ROLE_DIM;
}

static const char *service_of(const struct row_base *row)
{
    static const char *const names[] = {
        [SERVICE_CONNECT] = "Connect", [SERVICE_MSK_CONNECT] = "MSK", [SERVICE_DMS] = "DMS"};
    return names[conn_of(row)->connector->service];
}

static void service_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = service_of(row);
    out->style = ROLE_DIM;
}

static int by_service(const struct row_base *a, const struct row_base *b)
{
    return strcmp(service_of(a), service_of(b));
}

/* Where all are Kafka Connect's, nobody asks. */
static bool any_managed(const struct row_base *const *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (conn_of(rows[i])->connector->service != SERVICE_CONNECT)
            return true;
    }
    return false;
}

static int by_state(const struct row_base *a, const struct row_base *b)
{
    return strcmp(text_or(conn_of(a)->connector->state, ""),
                  text_or(conn_of(b)->connector->state, ""));
}
static int by_failed(const struct row_base *a, const struct row_base *b)
{
    return conn_of(a)->failed - conn_of(b)->failed;
}
static int by_lag(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(conn_of(a)->lag, conn_of(b)->lag);
}
static int by_cause(const struct row_base *a, const struct row_base *b)
{
    return strcmp(text_or(conn_of(a)->cause, ""), text_or(conn_of(b)->cause, ""));
}
static int by_type(const struct row_base *a, const struct row_base *b)
{
    return strcmp(text_or(conn_of(a)->connector->type, ""),
                  text_or(conn_of(b)->connector->type, ""));
}

static const char *connector(const struct row_base *row)
{
    return row->name;
}

static const char *note(const struct scene *s)
{
    char n[HUMAN_SIZE];
    if (s->p == NULL || s->p->nconnectors == 0)
        return NULL;
    return scene_text(s, "%s", human_count(n, (int64_t)s->p->nconnectors));
}

static const struct column columns[] = {
    {.id = "connector",
     .title = "CONNECTOR",
     .help = "name in Kafka Connect, MSK Connect or DMS",
     .width = 12,
     .grow = 40,
     .cell = cell_name,
     .compare = compare_name},
    {               .id = "type",
     .title = "TYPE",
     .help = "source or sink",
     .width = 6,
     .priority = 6,
     .cell = type_cell,
     .compare = by_type   },
    { .id = "service",
     .title = "RUN BY",
     .help = "Kafka Connect, MSK Connect or DMS",
     .width = 7,
     .priority = 5,
     .wanted = any_managed,
     .cell = service_cell,
     .compare = by_service},
    {   .id = "state",
     .title = "STATE",
     .help = "what its service says; RUNNING is no proof of work",
     .width = 9,
     .grow = 10,
     .priority = 3,
     .cell = state_cell,
     .compare = by_state},
    {     .id = "tasks",
     .title = "TASKS",
     .help = "running tasks of all tasks; managed services: as CloudWatch counted them",
     .width = 5,
     .priority = 1,
     .right = true,
     .descending = true,
     .cell = tasks_cell,
     .compare = by_failed},
    {                  .id = "behind",
     .title = "BEHIND",
     .help = "source: age of what it read last; sink: messages it has not consumed",
     .width = 8,
     .priority = 2,
     .right = true,
     .descending = true,
     .cell = behind_cell,
     .compare = by_lag},
    {                       .id = "cause",
     .title = "CAUSE",
     .help = "root cause of the first failed task",
     .width = 11,
     .grow = GROW_ALL,
     .priority = 4,
     .cell = cause_cell,
     .compare = by_cause},
};

const struct pane_ops pane_connectors = {
    .id = PANE_CONNECTORS,
    .number = "3",
    .title = "Connectors",
    .tab = "Connectors",
    .empty = "no connector is registered here",
    .has_source = true,
    .source = SOURCE_CONNECT,
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .connector = connector,
    .detail = VIEW_CONNECTOR,
};
