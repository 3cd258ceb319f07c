#include "tui/state.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene scene_make(struct app *app, const struct app_model *m, struct canvas *cv)
{
    struct scene s = {.app = app, .m = m, .cv = cv, .arena = app->arena};
    if (app->pipeline >= m->npipelines)
        app->pipeline = 0;
    if (app->marked != app->pipeline) { /* a name there is another thing */
        app_unmark(app);
        app->marked = app->pipeline;
    }
    if (app->pipeline < m->npipelines && m->pipelines != NULL) {
        s.p = m->pipelines[app->pipeline].pipeline;
        s.f = m->pipelines[app->pipeline].findings;
    }
    if (m->world != NULL && app->pipeline < m->world->npipelines)
        s.wp = &m->world->pipelines[app->pipeline];
    return s;
}

static const struct pipeline_config *config_of(const struct scene *s)
{
    if (s->wp != NULL && s->wp->config != NULL)
        return s->wp->config;
    if (s->m->config != NULL && s->app->pipeline < s->m->config->npipelines)
        return &s->m->config->pipelines[s->app->pipeline];
    return NULL;
}

enum source_kind scene_teller(const struct scene *s, enum source_kind kind)
{
    return kind == SOURCE_CONNECT && s->wp != NULL
               ? world_connectors_kind(s->m->world, s->app->pipeline)
               : kind;
}

enum source_state scene_state(const struct scene *s, enum source_kind kind)
{
    if (s->wp != NULL)
        return world_state(s->m->world, s->app->pipeline, kind);
    return config_of(s) != NULL ? STATE_WAITING : STATE_OFF;
}

const struct source_slot *scene_source(const struct scene *s, enum source_kind kind)
{
    return s->wp != NULL ? &s->wp->sources[kind] : NULL;
}

/* host= of a libpq keyword string, or the host of a URL, without user and password. */
static const char *pg_where(const struct scene *s, const char *conninfo)
{
    const char *scheme = strstr(conninfo, "://");
    if (scheme != NULL) {
        const char *host = scheme + 3;
        const char *end = host + strcspn(host, "/?");
        for (const char *p = host; p < end; p++)
            if (*p == '@')
                host = p + 1;
        return arena_strndup(s->arena, host, (size_t)(end - host));
    }
    for (const char *p = conninfo; (p = strstr(p, "host")) != NULL; p += 4) {
        if (p != conninfo && p[-1] != ' ')
            continue;
        p += 4;
        p += strspn(p, " ");
        if (*p == '=')
            return arena_strndup(s->arena, p + 1, strcspn(p + 1, " "));
    }
    return "PostgreSQL";
}

const char *scene_where(const struct scene *s, enum source_kind kind)
{
    const struct pipeline_config *c = config_of(s);
    const char *where = "";
    if (c == NULL)
        return source_kind_title(kind);
    switch (kind) {
    case SOURCE_POSTGRES:
        where = c->postgres.conninfo != NULL && c->postgres.conninfo[0] != '\0'
                    ? pg_where(s, c->postgres.conninfo)
                    : "";
        break;
    case SOURCE_KAFKA:
        where = c->kafka.bootstrap_servers.count > 0 ? c->kafka.bootstrap_servers.items[0] : "";
        break;
    case SOURCE_CONNECT: where = c->connect.urls.count > 0 ? c->connect.urls.items[0] : ""; break;
    case SOURCE_S3: where = c->s3.url != NULL ? c->s3.url : ""; break;
    case SOURCE_AWS:
    case SOURCE_MSK_CONNECT:
    case SOURCE_DMS:
    case SOURCE_CLOUDWATCH:
    case SOURCE_LOGS: where = c->aws.region; break;
    case SOURCE_MSK: where = c->msk.cluster; break;
    case SOURCE_RDS: where = c->rds.instance; break;
    default: break;
    }
    return where != NULL && where[0] != '\0' ? where : source_kind_title(kind);
}

struct view_state *scene_view(const struct scene *s)
{
    return &s->app->stack[s->app->depth - 1];
}

bool scene_narrow(const struct scene *s)
{
    return s->app->w < 100 || s->app->h < 30;
}

uint64_t name_hash(const char *name)
{
    return hash_not_0(hash_text(HASH_START, name));
}

const char *scene_text(const struct scene *s, const char *fmt, ...)
{
    char buf[2048];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(buf, sizeof(buf), fmt, ap);
    va_end(ap);
    return arena_strdup(s->arena, buf);
}

void app_effect(struct app *app, enum effect_kind kind, int64_t number, const char *text,
                struct action_args *args)
{
    if (app->neffects >= EFFECTS_MAX) { /* the loop takes them after every key */
        action_args_free(args);
        return;
    }
    app->effects[app->neffects++] =
        (struct effect){.kind = kind, .number = number, .text = mem_strdup(text), .args = args};
}

void effect_free(struct effect *e)
{
    free(e->text);
    action_args_free(e->args);
    peek_request_free(e->request);
}

void app_look(struct app *app, const struct app_model *m, struct peek_request *request)
{
    struct looking *l = &app->looking;
    peek_request_free(l->request);
    *l = (struct looking){.request = request, .since_ms = m != NULL ? m->ui_ms : 0};
    if (app->neffects >= EFFECTS_MAX)
        return;
    struct effect *e = &app->effects[app->neffects++];
    *e = (struct effect){.kind = EFFECT_PEEK};
    e->request = request != NULL ? peek_request_copy(request) : NULL;
}

void app_toast(struct app *app, const struct app_model *m, enum verdict verdict, const char *fmt,
               ...)
{
    enum { STAY_MS = 8000, STAY_BAD_MS = 20000 };
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(app->toast.text, sizeof(app->toast.text), fmt, ap);
    va_end(ap);
    app->toast.verdict = verdict;
    app->toast.until_ms = m->ui_ms + (verdict >= VERDICT_UNKNOWN ? STAY_BAD_MS : STAY_MS);
}

void app_push(struct app *app, enum view_id id, const char *object)
{
    if (app->depth == VIEW_DEPTH)
        (void)app_pop(app);
    app->stack[app->depth++] =
        (struct view_state){.id = id, .object = mem_strdup(object), .found = -1};
}

bool app_pop(struct app *app)
{
    if (app->depth <= 1)
        return false;
    enum view_id id = app->stack[app->depth - 1].id;
    if (id == VIEW_MESSAGES ||
        id == VIEW_OBJECT) /* data of people: kept no longer than looked at */
        app_look(app, NULL, NULL);
    free(app->stack[--app->depth].object);
    return true;
}

void app_unmark(struct app *app)
{
    for (int i = 0; i < LIST_COUNT; i++)
        marks_clear(&app->panes[i].marks);
}

void app_theme(struct app *app, const char *name)
{
    char *old = app->theme;
    app->theme = mem_strdup(name);
    free(old);
    free(app->preview);
    app->preview = NULL;
}

void app_preview(struct app *app, const char *name)
{
    bool same = name != NULL ? app->preview != NULL && strcmp(name, app->preview) == 0
                             : app->preview == NULL;
    if (same)
        return;
    free(app->preview);
    app->preview = mem_strdup(name);
    app_effect(app, EFFECT_THEME, 1, name != NULL ? name : app->theme, NULL);
}
