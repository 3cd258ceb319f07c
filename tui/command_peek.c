/* command_peek.c: looking into topics and objects. */
#include "base/clock.h"
#include "config/values.h"
#include "tui/command_view.h"
#include "tui/view/records.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_COUNT = 50, DAY_MS = 24 * 3600 * 1000 };

/* ---- asking ---------------------------------------------------------------------------------- */

/* Opens the view for what is asked. One answer is kept at a time: an earlier view of the kind goes.
 */
static void ask(const struct scene *s, enum view_id id, const struct peek_request *request)
{
    struct app *app = s->app;
    const char *name = scene_text(s, "%s", request->name); /* may belong to the view that goes */
    struct peek_request mine = *request;
    mine.name = name;
    for (int i = app->depth - 1; i > 0; i--) {
        enum view_id there = app->stack[i].id;
        while ((there == VIEW_MESSAGES || there == VIEW_OBJECT) && app->depth > i)
            (void)app_pop(app);
    }
    view_open(s, id, name);
    app_look(app, s->m, peek_request_copy(&mine));
}

/* Of the table whose changes fill the topic, as PostgreSQL has it now; 0: not known. A topic is
 * named PREFIX.SCHEMA.TABLE. */
static char identity_of(const struct scene *s, const char *topic)
{
    const struct snapshot *snap =
        s->m->world != NULL ? world_snap(s->m->world, s->app->pipeline, SOURCE_POSTGRES) : NULL;
    size_t len = strlen(topic);
    for (size_t i = 0; snap != NULL && i < snap->pg.ntables; i++) {
        const struct pg_table *t = &snap->pg.tables[i];
        const char *tail = scene_text(s, ".%s.%s", t->schema, t->name);
        size_t n = strlen(tail);
        if (len > n && strcmp(topic + len - n, tail) == 0)
            return t->replica_identity;
    }
    return 0;
}

void peek_again(const struct scene *s)
{
    enum view_id id = scene_view(s)->id;
    if ((id == VIEW_MESSAGES || id == VIEW_OBJECT) && s->app->looking.request != NULL)
        app_look(s->app, s->m, peek_request_copy(s->app->looking.request));
}

void peek_object(const struct scene *s, const char *key, const char *topic)
{
    const struct peek_request request = {.kind = PEEK_OBJECT,
                                         .pipeline = s->app->pipeline,
                                         .name = key,
                                         .partition = -1,
                                         .identity = identity_of(s, topic)};
    ask(s, VIEW_OBJECT, &request);
}

/* The topic that the eye is on; NULL: none. "TOPIC/PARTITION" where one partition is. */
static const char *topic_here(const struct scene *s)
{
    const struct view_state *v = scene_view(s);
    enum pane_id id = list_now(s);
    const struct row_base *row = pane_row(s, id);
    if (v->id == VIEW_TOPIC || v->id == VIEW_PREFIX || v->id == VIEW_MESSAGES)
        return v->object;
    if (id == PANE_TOPICS || id == PANE_OBJECTS || id == LIST_PARTITIONS)
        return row != NULL ? row->name : NULL;
    return NULL;
}

const char *cant_records(const struct scene *s, const struct command *c)
{
    (void)c;
    return topic_here(s) != NULL ? NULL : "select a topic, or give its name";
}

/* ---- what stands behind :messages ------------------------------------------------------------ */

static bool read_number(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    *out = v;
    return end != text && *end == '\0' && errno == 0;
}

/* "14:03" or "14:03:22" of the day before now; -1: it is no time of day. */
static int64_t time_of_day(const char *text, int64_t now_ms)
{
    int h, m, sec = 0, n = 0;
    bool ok = sscanf(text, "%2d:%2d%n", &h, &m, &n) == 2 && n > 0;
    if (ok && text[n] == ':') {
        int more = 0;
        ok = sscanf(text + n, ":%2d%n", &sec, &more) == 1;
        n += more;
    }
    if (!ok || (text[n] != '\0' && strcmp(text + n, "Z") != 0) || h < 0 || h > 23 || m < 0 ||
        m > 59 || sec < 0 || sec > 59)
        return -1;
    int64_t at = now_ms - now_ms % DAY_MS + ((h * 60 + m) * 60 + sec) * INT64_C(1000);
    return at > now_ms ? at - DAY_MS : at;
}

/* A moment, a time of the last day, or how long ago. */
static bool read_time(const char *text, int64_t now_ms, int64_t *out)
{
    int64_t ago;
    *out = clock_parse_iso(text);
    if (*out < 0)
        *out = time_of_day(text, now_ms);
    if (*out < 0 && value_duration(text, &ago))
        *out = now_ms - ago;
    return *out >= 0;
}

/* The next word of *text, in the frame's arena; "" after the last. */
static const char *word(const struct scene *s, const char **text)
{
    const char *from = *text + strspn(*text, " ");
    size_t n = strcspn(from, " ");
    *text = from + n;
    return arena_strndup(s->arena, from, n);
}

static bool is_how(const char *w)
{
    return strcmp(w, "newest") == 0 || strcmp(w, "from") == 0 || strcmp(w, "at") == 0;
}

/* NULL, or what is wrong with it. */
static const char *read_how(const struct scene *s, const char *how, const char *value,
                            struct peek_request *r)
{
    int64_t n;
    if (how[0] == '\0')
        return NULL;
    if (strcmp(how, "at") == 0) {
        r->from = PEEK_TIME;
        return read_time(value, s->m->wall_ms, &r->time_ms)
                   ? NULL
                   : "at: give a time: 14:03, 2026-11-20T14:03:22Z, or 5m for five minutes ago";
    }
    if (strcmp(how, "from") == 0) {
        r->from = PEEK_OFFSET;
        return read_number(value, &r->offset) ? NULL
                                              : "from: give an offset; -100: 100 before the end";
    }
    if (strcmp(how, "newest") != 0)
        return "messages: [TOPIC[/PARTITION]] [newest N | from OFFSET | at TIME]";
    if (!read_number(value, &n) || n < 1 || n > PEEK_RECORDS_MAX)
        return scene_text(s, "newest: give a number up to %d", (int)PEEK_RECORDS_MAX);
    r->count = (int)n;
    return NULL;
}

void cmd_messages(const struct scene *s, const struct command *c, const char *text)
{
    const char *rest = text != NULL ? text : "";
    const char *topic = word(s, &rest), *how = topic;
    (void)c;
    if (topic[0] == '\0' || is_how(topic))
        topic = topic_here(s);
    else
        how = word(s, &rest);
    if (topic == NULL) {
        app_toast(s->app, s->m, VERDICT_INFO, "messages: select a topic, or give its name");
        return;
    }
    struct peek_request r = {
        .pipeline = s->app->pipeline, .name = topic, .partition = -1, .count = DEFAULT_COUNT};
    const char *slash = strrchr(topic, '/');
    int64_t partition;
    if (slash != NULL && read_number(slash + 1, &partition) && partition >= 0 &&
        partition <= INT32_MAX) {
        r.name = arena_strndup(s->arena, topic, (size_t)(slash - topic));
        r.partition = (int32_t)partition;
    }
    r.identity = identity_of(s, r.name);
    const char *value = word(s, &rest);
    const char *wrong = read_how(s, how, value, &r);
    if (wrong != NULL)
        app_toast(s->app, s->m, VERDICT_WARN, "%s", wrong);
    else
        ask(s, VIEW_MESSAGES, &r);
}

/* ---- older and newer ------------------------------------------------------------------------- */

const char *cant_leaf(const struct scene *s, const struct command *c)
{
    enum view_id id = scene_view(s)->id;
    const struct peek_answer *a = records_answer(s);
    if (id == VIEW_RECORD)
        return NULL;
    if (id != VIEW_MESSAGES)
        return "only where messages are shown";
    if (a == NULL || a->nparts == 0)
        return "nothing was read yet";
    for (size_t i = 0; i < a->nparts; i++) {
        if (c->arg > 0 || a->parts[i].from > a->parts[i].begin)
            return NULL;
    }
    return "the topic begins here: nothing is older";
}

/* In a record: the one beside it, as the list below has them. */
static void leaf_record(const struct scene *s, int by)
{
    enum pane_id id = records_list(s);
    struct row_list list = pane_list(s, id);
    struct pane_state *st = &s->app->panes[id];
    int at = pane_selected(st, &list), to = at + by;
    if (at < 0 || to < 0 || to >= (int)list.n) {
        app_toast(s->app, s->m, VERDICT_INFO, "this is the last one in the list");
        return;
    }
    pane_select(st, &list, to);
    (void)app_pop(s->app);
    view_open(s, VIEW_RECORD, list.rows[to]->name);
}

void cmd_leaf(const struct scene *s, const struct command *c, const char *text)
{
    const struct peek_answer *a = records_answer(s);
    (void)text;
    if (scene_view(s)->id == VIEW_RECORD) {
        /* Messages stand newest first, the records of an object in its own order. */
        leaf_record(s, records_list(s) == LIST_MESSAGES ? -c->arg : c->arg);
        return;
    }
    struct peek_request next = *a->request;
    struct peek_edge *edges = arena_array(s->arena, a->nparts, sizeof(*edges));
    bool at_end = true;
    for (size_t i = 0; i < a->nparts; i++) {
        const struct peek_part *p = &a->parts[i];
        edges[i] = (struct peek_edge){p->partition, c->arg < 0 ? p->from : p->upto};
        at_end = at_end && p->upto >= p->end;
    }
    next.from = c->arg < 0 ? PEEK_BEFORE : at_end ? PEEK_NEWEST : PEEK_AFTER;
    next.edges = edges;
    next.nedges = a->nparts;
    s->app->panes[LIST_MESSAGES].selected = 0;
    app_look(s->app, s->m, peek_request_copy(&next));
}
