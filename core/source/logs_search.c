#include "source/logs_search.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secrets.h"
#include "base/strbuf.h"
#include "source/connect_parse.h"

#include <stdlib.h>
#include <string.h>

enum {
    RESERVE_MS = 300,       /* of a poll: less is left for no further call */
    LIMIT = 1000,           /* lines in a page */
    PAGES_MAX = 60,         /* of one range: beyond that it is left alone */
    ERRORS_MAX = 10,        /* of a task of DMS are kept */
    OVERLAP_MS = 60 * 1000, /* lines come late */
    TRACE_MS = 5000,        /* the lines of a trace follow at once */
    AGAIN_MS = 60 * 1000,
    AGAIN_MAX_MS = 10 * 60 * 1000,
};

#define MINUTE_MS (INT64_C(60) * 1000)
/* How far back it is searched, step by step. */
static const int64_t windows_ms[] = {15 * MINUTE_MS, 180 * MINUTE_MS, 24 * 60 * MINUTE_MS,
                                     7 * 24 * 60 * MINUTE_MS};
enum { DMS_WINDOWS = 2 };

static void found_free(struct log_found *f)
{
    free(f->connector);
    free(f->stream);
    free(f->id);
    free(f->text);
    free(f->cause);
}

void log_search_free(struct log_search *l)
{
    for (size_t i = 0; i < l->nfound; i++)
        found_free(&l->found[i]);
    free(l->group);
    free(l->stream);
    free(l->token);
}

void log_search_init(struct log_search *l, enum connect_service service, const char *group,
                     const char *stream)
{
    *l = (struct log_search){.service = service,
                             .group = mem_strdup(group),
                             .stream = mem_strdup(stream),
                             .from_ms = UNKNOWN,
                             .to_ms = UNKNOWN,
                             .part_to_ms = UNKNOWN};
}

/* ---- what was found -------------------------------------------------------------------------- */

/* Of each task the last death is kept, of DMS the last pause or end of one, and its last errors. */
static bool replaces(const struct log_found *old, const struct logs_meaning *m, const char *stream)
{
    bool moves = m->kind == LOGGED_PAUSED || m->kind == LOGGED_RESUMED;
    if (moves)
        return old->m.kind == LOGGED_PAUSED || old->m.kind == LOGGED_RESUMED;
    if (old->m.kind != m->kind || m->kind == LOGGED_ERROR)
        return false;
    if (m->kind == LOGGED_WORKER_DIED)
        return strcmp(old->stream, stream) == 0;
    return old->m.task == m->task && old->connector != NULL &&
           strlen(old->connector) == m->name_len &&
           strncmp(old->connector, m->name, m->name_len) == 0;
}

/* A task that dies logs it twice at times, in one moment: the later entry has the whole trace. */
static bool is_newer(const struct logs_line *line, const struct log_found *than)
{
    return line->at_ms != than->at_ms ? line->at_ms > than->at_ms : strcmp(line->id, than->id) > 0;
}

/* Where it is put: in the place of what it replaces, a new one, or that of the oldest error; NULL:
 * it is known. */
static struct log_found *place_for(struct log_search *l, const struct logs_meaning *m,
                                   const struct logs_line *line)
{
    size_t errors = 0, oldest = SIZE_MAX;
    for (size_t i = 0; i < l->nfound; i++) {
        struct log_found *f = &l->found[i];
        bool error = f->m.kind == LOGGED_ERROR;
        if (strcmp(f->id, line->id) == 0)
            return NULL;
        if (replaces(f, m, line->stream))
            return is_newer(line, f) ? f : NULL;
        errors += error;
        if (error && (oldest == SIZE_MAX || f->at_ms < l->found[oldest].at_ms))
            oldest = i;
    }
    bool full = l->nfound == LOG_FOUND_MAX || (m->kind == LOGGED_ERROR && errors == ERRORS_MAX);
    if (!full) {
        l->found[l->nfound] = (struct log_found){0};
        return &l->found[l->nfound++];
    }
    return oldest != SIZE_MAX && is_newer(line, &l->found[oldest]) ? &l->found[oldest] : NULL;
}

static bool is_death(const struct logs_meaning *m)
{
    return m->kind == LOGGED_TASK_DIED || m->kind == LOGGED_WORKER_DIED;
}

/* Here, and not with each answer: the text of a trace is long. Frees the text as it came. */
static void set_text(struct log_found *f, char *text)
{
    struct arena *arena = arena_new();
    char *masked = mem_strdup(secrets_masked(arena, text, CONNECT_MAX_TRACE));
    char *cause = mem_strdup(logs_cause(arena, f->m.kind, text));
    free(f->text);
    free(f->cause);
    free(text);
    f->text = masked;
    f->cause = cause;
    arena_free(arena);
}

static void take_line(void *arg, const struct logs_line *line)
{
    struct log_search *l = arg;
    struct logs_meaning m;
    if (!logs_understand(l->service, line->text, &m))
        return;
    struct log_found *f = place_for(l, &m, line);
    if (f == NULL)
        return;
    found_free(f);
    *f = (struct log_found){
        .m = m,
        .connector = m.name != NULL ? mem_strndup(m.name, m.name_len) : NULL,
        .stream = mem_strdup(line->stream),
        .id = mem_strdup(line->id),
        .at_ms = line->at_ms,
        .whole = !is_death(&m) || strchr(line->text, '\n') != NULL,
    };
    f->m.name = NULL;
    set_text(f, mem_strndup(line->text, CONNECT_MAX_TRACE));
}

/* ---- calls ----------------------------------------------------------------------------------- */

bool log_round_has_time(const struct log_round *r)
{
    struct err err = ERR_INIT;
    return clock_left_ms(r->ctx->deadline_ms) > RESERVE_MS && !source_give_up(r->ctx, &err);
}

char *log_search_resource(const struct log_round *r, const struct log_search *l)
{
    const char *region = aws_region(r->ctx->aws);
    return mem_printf("arn:%s:logs:%s:*:log-group:%s:*", aws_partition(region), region, l->group);
}

static bool ask(struct log_round *r, struct log_search *l, const struct logs_question *q,
                void (*take)(void *arg, const struct logs_line *line), void *arg, char **next)
{
    char *body = logs_body(q), *resource = log_search_resource(r, l);
    struct aws_request request = {.call = LOGS_FILTER,
                                  .body = body,
                                  .resource = resource,
                                  .deadline_ms = r->ctx->deadline_ms,
                                  .stop_fd = r->ctx->stop_fd};
    struct aws_answer answer;
    struct err err = ERR_INIT;
    bool ok = aws_send(r->client, &request, &answer, &err);
    r->calls--;
    if (ok) {
        struct arena *arena = arena_new();
        const char *token;
        ok = logs_parse(arena, answer.body.text, answer.body.len, take, arg, &token, &err);
        *next = ok ? mem_strdup(token) : NULL;
        arena_free(arena);
        aws_answer_free(&answer);
    }
    free(body);
    free(resource);
    l->err = err;
    if (!ok) {
        int64_t wait = AGAIN_MS;
        for (int i = 0; i < l->fails && wait < AGAIN_MAX_MS; i++)
            wait *= 2;
        l->fails++;
        l->due_ms = clock_mono_ms() + (wait < AGAIN_MAX_MS ? wait : AGAIN_MAX_MS);
        return false;
    }
    l->fails = 0;
    return true;
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static void drop_range(struct log_search *l)
{
    free(l->token);
    l->token = NULL;
    l->part_to_ms = UNKNOWN;
}

/* cut: more pages than we turn. Then what is known begins behind the gap. */
static void end_range(struct log_round *r, struct log_search *l, bool cut)
{
    l->exhausted = l->exhausted || cut;
    if (l->onward && cut)
        l->from_ms = l->part_to_ms;
    else if (!cut && (l->from_ms == UNKNOWN || l->part_from_ms < l->from_ms))
        l->from_ms = l->part_from_ms;
    if (l->onward) {
        l->to_ms = l->part_to_ms;
        l->due_ms = clock_mono_ms() + r->interval_ms;
    }
    drop_range(l);
}

static void read_page(struct log_round *r, struct log_search *l)
{
    struct logs_question q = {.group = l->group,
                              .stream = l->stream,
                              .pattern = logs_pattern(l->service),
                              .from_ms = l->part_from_ms,
                              .to_ms = l->part_to_ms,
                              .limit = LIMIT,
                              .token = l->token};
    char *next = NULL;
    if (!ask(r, l, &q, take_line, l, &next)) {
        drop_range(l);
        return;
    }
    bool again = mem_same(next, l->token); /* … NULL after NULL: the only page */
    free(l->token);
    l->token = next;
    l->pages++;
    if (next == NULL || again || l->pages >= PAGES_MAX)
        end_range(r, l, next != NULL);
}

static bool begin_range(struct log_search *l, int64_t from_ms, int64_t to_ms, bool onward)
{
    l->onward = onward;
    l->part_from_ms = from_ms;
    l->part_to_ms = to_ms;
    l->pages = 0;
    return true;
}

/* Is there a death of every connector that has failed? */
static bool satisfied(const struct log_round *r, const struct log_search *l)
{
    const struct hints *h = r->ctx->hints;
    for (size_t i = 0; h != NULL && i < h->nlogs; i++) {
        const struct hint_log *hint = &h->logs[i];
        bool any = !hint->wanted || hint->service != l->service || !mem_same(hint->group, l->group);
        for (size_t k = 0; !any && k < l->nfound; k++)
            any = l->found[k].connector == NULL || mem_same(l->found[k].connector, hint->connector);
        if (!any)
            return false;
    }
    return true;
}

/* From where on to read next, further back than before; UNKNOWN: far enough. How a task of DMS
 * stands is told by its last hours, a death may be days old. */
static int64_t further_back(const struct log_round *r, const struct log_search *l, int64_t now)
{
    bool dms = l->service == SERVICE_DMS;
    size_t n = dms ? DMS_WINDOWS : ARRAY_LEN(windows_ms);
    if (l->exhausted || (!dms && satisfied(r, l)))
        return UNKNOWN;
    for (size_t k = 0; k < n; k++) {
        if (now - windows_ms[k] < l->from_ms - MINUTE_MS)
            return now - windows_ms[k];
    }
    return UNKNOWN;
}

/* False: there is nothing to be read now. */
static bool plan_range(const struct log_round *r, struct log_search *l)
{
    int64_t now = aws_now_ms(r->ctx->aws);
    bool due = clock_mono_ms() >= l->due_ms;
    if (l->part_to_ms != UNKNOWN)
        return true;
    if (l->err.kind != ERR_NONE && !due)
        return false;
    /* Nobody looked for long, or the clock was set back: the newest first, again. */
    bool away = l->to_ms != UNKNOWN &&
                (now <= l->to_ms - OVERLAP_MS || (l->wanted && now - l->to_ms > windows_ms[0]));
    if (away) {
        l->from_ms = l->to_ms = UNKNOWN;
        l->exhausted = false;
    }
    if (l->to_ms == UNKNOWN)
        return begin_range(l, now - windows_ms[0], now, true);
    if (!l->wanted)
        return false;
    int64_t back = further_back(r, l, now);
    if (back != UNKNOWN)
        return begin_range(l, back, l->from_ms, false);
    return due && begin_range(l, l->to_ms - OVERLAP_MS, now, true);
}

/* ---- traces ---------------------------------------------------------------------------------- */

struct tracing {
    struct log_found *f;
    struct strbuf text;
    bool begun, ended;
};

static void take_trace(void *arg, const struct logs_line *line)
{
    struct tracing *t = arg;
    if (!t->begun) {
        t->begun = strcmp(line->id, t->f->id) == 0;
        return;
    }
    t->ended = t->ended || logs_begins_entry(line->text);
    if (t->ended)
        return;
    const char *text = logs_behind_worker(line->text);
    strbuf_putc(&t->text, '\n');
    strbuf_add(&t->text, text, strcspn(text, "\r\n"));
}

/* The lines that follow the one that was found, up to the next entry of the log. Whatever it takes:
 * half a trace has not its cause, which stands at its end. */
static void read_trace(struct log_round *r, struct log_search *l, struct log_found *f)
{
    struct tracing t = {.f = f};
    struct logs_question q = {.group = l->group,
                              .stream = f->stream,
                              .from_ms = f->at_ms,
                              .to_ms = f->at_ms + TRACE_MS,
                              .limit = LIMIT};
    char *token = NULL;
    bool ok = true;
    strbuf_init(&t.text, CONNECT_MAX_TRACE);
    strbuf_puts(&t.text, f->text);
    for (int page = 0; ok && page < PAGES_MAX && (page == 0 || token != NULL) && !t.ended; page++) {
        char *next = NULL;
        q.token = token;
        ok = log_round_has_time(r) && ask(r, l, &q, take_trace, &t, &next);
        free(token);
        token = next;
    }
    free(token);
    if (ok) {
        set_text(f, strbuf_take(&t.text));
        f->whole = true;
    } else {
        strbuf_free(&t.text);
    }
}

static struct log_found *untold(struct log_search *l)
{
    for (size_t i = 0; i < l->nfound; i++) {
        if (!l->found[i].whole)
            return &l->found[i];
    }
    return NULL;
}

bool log_search_step(struct log_round *r, struct log_search *l)
{
    struct log_found *f = l->part_to_ms == UNKNOWN ? untold(l) : NULL;
    if (f != NULL && (l->err.kind == ERR_NONE || clock_mono_ms() >= l->due_ms)) {
        read_trace(r, l, f);
        return true;
    }
    if (!plan_range(r, l))
        return false;
    read_page(r, l);
    return true;
}
