/* action_lines.c: the actions of a connector that a service of AWS runs. Each can do something else
 * than Kafka Connect can, so all of them are listed, those that it has not with what to do instead.
 */
#include "tui/view/action_lines.h"

#include "base/mem.h"
#include "tui/command.h"

#include <assert.h>
#include <string.h>

struct line {
    enum action_kind kind;
    enum restart_scope scope;
    const char *label;
};

static const struct line msk_lines[] = {
    {ACTION_RESTART,  RESTART_FAILED, "restart failed"},
    {ACTION_RESTART,  RESTART_ALL,    "restart all"   },
    {ACTION_PAUSE,    RESTART_FAILED, "pause"         },
    {ACTION_CONTINUE, RESTART_FAILED, "continue"      },
    {ACTION_STOP,     RESTART_FAILED, "stop"          },
};

static const struct line dms_lines[] = {
    {ACTION_CONTINUE, RESTART_FAILED, "continue"     },
    {ACTION_STOP,     RESTART_FAILED, "stop"         },
    {ACTION_RELOAD,   RESTART_FAILED, "reload tables"},
    {ACTION_RELOAD,   RESTART_ALL,    "reload all"   },
    {ACTION_RESTART,  RESTART_FAILED, "restart"      },
    {ACTION_PAUSE,    RESTART_FAILED, "pause"        },
};

static_assert(ARRAY_LEN(dms_lines) >= ARRAY_LEN(msk_lines), "they are the most");

/* The plan's own word: the same that the key would say. */
static const struct action_plan *plan_of(const struct scene *s, const struct line *line,
                                         const char *name)
{
    enum restart_scope taken;
    if (line->scope != RESTART_ALL && line->kind != ACTION_RESTART)
        return act_plan(s, line->kind, name, &taken);
    struct action_args *args = action_args_new(line->kind, s->app->pipeline, name);
    args->scope = line->scope;
    const struct action_plan *plan = s->m->plan(args, s->m->world, s->p, s->arena);
    action_args_free(args);
    return plan;
}

/* What to press. The dialog of a restart opens on what failed, and on all where nothing has. */
static const char *how(const struct scene *s, const struct line *line, const char *name)
{
    const char *key = act_key(s, line->kind);
    const char *said = key[0] != '\0' ? key : scene_text(s, ":%s", action_info(line->kind)->name);
    enum restart_scope first;
    if (line->scope != RESTART_ALL)
        return said;
    if (line->kind == ACTION_RELOAD)
        return scene_text(s, ":%s %s --all", action_info(line->kind)->name, name);
    (void)act_plan(s, line->kind, name, &first);
    return first == RESTART_ALL ? said : scene_text(s, "%s, then Tab", said);
}

/* A long advice is read once: "MSK Connect cannot pause a FAILED connector: as above". */
static const char *brief(const struct scene *s, const char *why, const char *before)
{
    enum { LONG = 40 };
    const char *colon = strchr(why, ':');
    const char *other = before != NULL ? strchr(before, ':') : NULL;
    if (colon == NULL || other == NULL || strlen(colon) < LONG || strcmp(colon, other) != 0)
        return why;
    return scene_text(s, "%.*s: as above", (int)(colon - why), why);
}

void action_lines(const struct scene *s, struct doc *d, const struct connector_row *row)
{
    enum { MOST = ARRAY_LEN(dms_lines) };
    bool dms = row->connector->service == SERVICE_DMS;
    const struct line *lines = dms ? dms_lines : msk_lines;
    size_t n = dms ? ARRAY_LEN(dms_lines) : ARRAY_LEN(msk_lines);
    const char *why[MOST];
    const char *never = s->m->when.no_actions;
    bool all = never == NULL;
    for (size_t i = 0; i < n && never == NULL; i++) {
        const struct action_plan *plan = plan_of(s, &lines[i], row->base.name);
        why[i] = plan->allowed ? NULL : plan->why_not;
        all = all && why[i] != NULL && strcmp(why[i], why[0]) == 0;
    }
    if (all) /* it does not answer, or nothing may be changed here */
        never = why[0];
    doc_head(d, "Actions", never != NULL ? never : "what can be done to it now");
    for (size_t i = 0; i < n && never == NULL; i++)
        doc_kv(d, lines[i].label, why[i] == NULL ? ROLE_KEY : ROLE_DIM,
               why[i] == NULL ? how(s, &lines[i], row->base.name)
                              : brief(s, why[i], i > 0 ? why[i - 1] : NULL));
}
