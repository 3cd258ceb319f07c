/* fleet.c: several pipelines: one line each, worst first; Enter goes in. */
#include "base/human.h"
#include "base/mem.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

struct fleet_row {
    struct row_base base;
    size_t index;
    const char *environment;
    const char *headline; /* "S03 s3-sink task 1 failed …" */
    int64_t end_to_end_ms;
    bool more, late;
    enum verdict end_to_end;
    int failing, connectors; /* connectors that failed or a task of them, of all; -1: not known */
    int silent;              /* connectors of which nobody tells */
    int64_t lag;             /* of all sinks */
    int64_t retained;        /* by the slot that retains most */
    int64_t newest_ms;       /* age of the newest object */
    int64_t age_ms;          /* of the oldest answer */
    enum source_state worst; /* of its sources */
    bool told;               /* something is joined */
    size_t findings;
};

static const struct fleet_row *fleet_of(const struct row_base *row)
{
    return (const struct fleet_row *)row;
}

static void count(struct fleet_row *row, const struct pipeline *p)
{
    row->connectors = p->nconnectors > 0 ? (int)p->nconnectors : -1;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        row->failing += c->failed > 0 || pipeline_state_is(c->connector, "FAILED");
        row->silent += c->base.verdict == VERDICT_UNKNOWN;
    }
    for (size_t i = 0; i < p->nconnectors; i++) {
        int64_t lag = p->connectors[i].lag;
        if (lag != UNKNOWN)
            row->lag = row->lag == UNKNOWN ? lag : row->lag + lag;
    }
    for (size_t i = 0; i < p->nslots; i++)
        if (p->slots[i].retained > row->retained)
            row->retained = p->slots[i].retained;
    for (size_t i = 0; i < p->nprefixes; i++) {
        int64_t age = p->prefixes[i].newest_age_ms;
        if (age != UNKNOWN && (row->newest_ms == UNKNOWN || age < row->newest_ms))
            row->newest_ms = age;
    }
}

static void age(const struct scene *s, struct fleet_row *row)
{
    for (int k = 0; s->m->world != NULL && k < SOURCE_KIND_COUNT; k++) {
        enum source_kind kind = (enum source_kind)k;
        enum source_state state = world_state(s->m->world, row->index, kind);
        int64_t ms = world_age(s->m->world, row->index, kind);
        row->worst = state > row->worst ? state : row->worst;
        if (state != STATE_OFF && ms > row->age_ms)
            row->age_ms = ms;
    }
}

static void judge(const struct scene *s, struct fleet_row *row, const struct pipeline *p,
                  const struct findings *f)
{
    for (int h = 0; h < HOP_COUNT; h++)
        if (p->hops[h].verdict > row->base.verdict)
            row->base.verdict = p->hops[h].verdict;
    if (f == NULL || f->count == 0)
        return;
    const struct finding *head = &f->items[0];
    for (size_t i = 0; i < f->count; i++)
        row->findings += f->items[i].severity > VERDICT_INFO;
    row->headline = scene_text(s, "%s %s", head->id, head->title);
    if (head->severity > row->base.verdict && !head->clearing)
        row->base.verdict = head->severity;
}

static void fill(const struct scene *s, size_t i, struct fleet_row *row)
{
    const struct pipeline_config *config =
        s->m->config != NULL && i < s->m->config->npipelines ? &s->m->config->pipelines[i] : NULL;
    const struct pipeline *p = s->m->pipelines[i].pipeline;
    *row = (struct fleet_row){.index = i,
                              .environment = p != NULL        ? p->environment
                                             : config != NULL ? config->environment
                                                              : "",
                              .headline = "",
                              .end_to_end_ms = UNKNOWN,
                              .connectors = -1,
                              .lag = UNKNOWN,
                              .retained = UNKNOWN,
                              .newest_ms = UNKNOWN,
                              .age_ms = UNKNOWN};
    row->base.name = p != NULL ? p->name : config != NULL ? config->name : "";
    if (p != NULL) {
        row->end_to_end_ms = p->end_to_end_ms;
        row->more = p->end_to_end_more;
        row->late = p->end_to_end_late;
        row->end_to_end = p->end_to_end;
        count(row, p);
        judge(s, row, p, s->m->pipelines[i].findings);
    }
    age(s, row);
    row->told = p != NULL;
    row->base.why = row->headline;
}

static size_t rows(const struct scene *s, const struct row_base ***out)
{
    size_t n = s->m->pipelines != NULL ? s->m->npipelines : 0;
    struct fleet_row *made = arena_array(s->arena, n + 1, sizeof(*made));
    *out = arena_array(s->arena, n + 1, sizeof(const struct row_base *));
    for (size_t i = 0; i < n; i++) {
        fill(s, i, &made[i]);
        (*out)[i] = &made[i].base;
    }
    return n;
}

static void env_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = fleet_of(row)->environment;
    out->style = ROLE_WARN;
}

static void verdict_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = !fleet_of(row)->told           ? "asking…"
                : row->verdict == VERDICT_NONE ? "–"
                                               : verdict_name(row->verdict);
    out->style = glyph_style(row->verdict);
}

static void late_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct fleet_row *r = fleet_of(row);
    char buf[HUMAN_SIZE];
    (void)ctx;
    (void)snprintf(out->buf, sizeof(out->buf), "%s%s",
                   r->more && r->end_to_end_ms != UNKNOWN ? ">" : "",
                   human_duration_ms(buf, r->end_to_end_ms));
    out->text = out->buf;
    out->style = r->end_to_end_ms == UNKNOWN ? (unsigned)ROLE_DIM
                 : r->late
                     ? glyph_style(r->end_to_end == VERDICT_WARN ? VERDICT_WARN : VERDICT_CRIT)
                     : (unsigned)ROLE_TEXT;
}

static void failing_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct fleet_row *r = fleet_of(row);
    (void)ctx;
    bool known = r->failing > 0 || r->silent == 0;
    if (known)
        (void)snprintf(out->buf, sizeof(out->buf), "%d of %d", r->failing, r->connectors);
    else
        (void)snprintf(out->buf, sizeof(out->buf), "? of %d", r->connectors);
    out->text = r->connectors < 0 ? "–" : out->buf;
    out->style = r->failing > 0      ? ROLE_CRIT
                 : r->connectors < 0 ? ROLE_DIM
                 : known             ? ROLE_TEXT
                                     : ROLE_UNKNOWN;
}

static void lag_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, fleet_of(row)->lag);
    out->style = fleet_of(row)->lag == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void retained_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_bytes(out->buf, fleet_of(row)->retained);
    out->style = fleet_of(row)->retained == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void newest_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_duration_ms(out->buf, fleet_of(row)->newest_ms);
    out->style = fleet_of(row)->newest_ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

static void age_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    const struct fleet_row *r = fleet_of(row);
    (void)ctx;
    out->text = human_age_ms(out->buf, r->age_ms);
    out->style = r->worst == STATE_FAILING ? ROLE_UNKNOWN
                 : r->worst == STATE_STALE ? ROLE_WARN
                                           : ROLE_DIM;
}

static void findings_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = human_count(out->buf, (int64_t)fleet_of(row)->findings);
    out->style = fleet_of(row)->findings > 0 ? ROLE_TEXT : ROLE_DIM;
}

static void headline_cell(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = fleet_of(row)->headline;
    out->style = row->verdict >= VERDICT_WARN ? ROLE_TEXT : ROLE_DIM;
}

static int by_env(const struct row_base *a, const struct row_base *b)
{
    return strcmp(fleet_of(a)->environment, fleet_of(b)->environment);
}
static int by_verdict(const struct row_base *a, const struct row_base *b)
{
    return (int)a->verdict - (int)b->verdict;
}
static int by_late(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(fleet_of(a)->end_to_end_ms, fleet_of(b)->end_to_end_ms);
}
static int by_failing(const struct row_base *a, const struct row_base *b)
{
    return fleet_of(a)->failing - fleet_of(b)->failing;
}
static int by_lag(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(fleet_of(a)->lag, fleet_of(b)->lag);
}
static int by_retained(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(fleet_of(a)->retained, fleet_of(b)->retained);
}
static int by_newest(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(fleet_of(a)->newest_ms, fleet_of(b)->newest_ms);
}
static int by_age(const struct row_base *a, const struct row_base *b)
{
    return compare_i64(fleet_of(a)->age_ms, fleet_of(b)->age_ms);
}
static int by_findings(const struct row_base *a, const struct row_base *b)
{
    return compare_i64((int64_t)fleet_of(a)->findings, (int64_t)fleet_of(b)->findings);
}
static int by_headline(const struct row_base *a, const struct row_base *b)
{
    return strcmp(fleet_of(a)->headline, fleet_of(b)->headline);
}

static const char *text(const struct row_base *row)
{
    return fleet_of(row)->environment;
}

static const char *note(const struct scene *s)
{
    return s->app->panes[LIST_FLEET].sort < 0 ? "worst first" : NULL;
}

static void enter(const struct scene *s, const struct row_base *row)
{
    s->app->pipeline = fleet_of(row)->index;
    app_push(s->app, VIEW_OVERVIEW, NULL);
}

static const struct column columns[] = {
    {.id = "pipeline",
     .title = "PIPELINE",
     .help = "name in the configuration",
     .width = 12,
     .grow = 40,
     .cell = cell_name,
     .compare = compare_name                                   },
    { .id = "environment",
     .title = "ENV",
     .help = "environment in the configuration",
     .width = 4,
     .grow = 16,
     .priority = 5,
     .cell = env_cell,
     .compare = by_env},
    {                                          .id = "verdict",
     .title = "VERDICT",
     .help = "the worst of its hops and findings",
     .width = 8,
     .priority = 2,
     .descending = true,
     .cell = verdict_cell,
     .compare = by_verdict},
    {                                      .id = "late",
     .title = "END TO END",
     .help = "age of the newest data at the far end",
     .width = 10,
     .priority = 3,
     .right = true,
     .descending = true,
     .cell = late_cell,
     .compare = by_late},
    {                                           .id = "failing",
     .title = "FAILING",
     .help = "connectors that failed, or a task of them",
     .width = 8,
     .priority = 4,
     .right = true,
     .descending = true,
     .cell = failing_cell,
     .compare = by_failing},
    {                                         .id = "lag",
     .title = "LAG",
     .help = "messages that its sinks have not consumed",
     .width = 8,
     .priority = 6,
     .right = true,
     .descending = true,
     .cell = lag_cell,
     .compare = by_lag},
    {                                           .id = "retained",
     .title = "RETAINED",
     .help = "WAL kept for the slot that holds most, bytes",
     .width = 8,
     .priority = 7,
     .right = true,
     .descending = true,
     .cell = retained_cell,
     .compare = by_retained},
    {                                                .id = "newest",
     .title = "NEWEST",
     .help = "age of the newest object",
     .width = 7,
     .priority = 8,
     .right = true,
     .descending = true,
     .cell = newest_cell,
     .compare = by_newest},
    {                                                .id = "age",
     .title = "DATA",
     .help = "age of the oldest answer that this line rests on",
     .width = 5,
     .priority = 9,
     .right = true,
     .descending = true,
     .cell = age_cell,
     .compare = by_age},
    {                                                   .id = "findings",
     .title = "FINDINGS",
     .help = "findings that are more than a remark",
     .width = 8,
     .priority = 10,
     .right = true,
     .descending = true,
     .cell = findings_cell,
     .compare = by_findings},
    {               .id = "headline",
     .title = "HEADLINE",
     .help = "its first finding",
     .width = 34,
     .grow = GROW_ALL,
     .priority = 1,
     .cell = headline_cell,
     .compare = by_headline},
};

const struct pane_ops list_fleet = {
    .id = LIST_FLEET,
    .number = "0",
    .title = "Pipelines",
    .empty = "no pipeline is configured",
    .columns = columns,
    .ncolumns = ARRAY_LEN(columns),
    .rows = rows,
    .note = note,
    .messages = true,
    .text = text,
    .open = enter,
};

const struct view_ops view_fleet = {.id = VIEW_FLEET, .list = &list_fleet, .open_label = "go in"};
