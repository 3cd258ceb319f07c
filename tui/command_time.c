/* command_time.c: going through time, and recording it. The loop does it; here it is asked for. */
#include "tui/command_view.h"

#include <string.h>

const char *cant_time(const struct scene *s, const struct command *c)
{
    const struct when *w = &s->m->when;
    if (w->kind == WHEN_NOW && w->reel == NULL)
        return "nothing is kept of the past: ui.history says how much";
    if (w->kind == WHEN_NOW && c->arg > 0)
        return "this is now";
    return NULL;
}

void cmd_time_step(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    app_effect(s->app, EFFECT_STEP, c->arg, NULL, NULL);
}

void cmd_change(const struct scene *s, const struct command *c, const char *text)
{
    (void)text;
    app_effect(s->app, EFFECT_CHANGE, c->arg, NULL, NULL);
}

void cmd_time(const struct scene *s, const struct command *c, const char *text)
{
    const char *why = cant_time(s, c);
    if (why != NULL)
        app_toast(s->app, s->m, VERDICT_INFO, "time: %s", why);
    else if (text == NULL || text[0] == '\0')
        app_toast(s->app, s->m, VERDICT_INFO, "time: say when: 14:03, -10m, now");
    else
        app_effect(s->app, EFFECT_TIME, 0, strcmp(text, "now") != 0 ? text : NULL, NULL);
}

bool time_pace(const struct scene *s, int direction)
{
    if (s->m->when.kind != WHEN_RECORDING)
        return false;
    app_effect(s->app, EFFECT_PACE, direction, NULL, NULL);
    return true;
}

void cmd_record(const struct scene *s, const struct command *c, const char *text)
{
    static const char redact[] = "--redact";
    (void)c;
    const char *name = text != NULL ? text : "";
    bool redacted = false;
    if (strncmp(name, redact, sizeof(redact) - 1) == 0 && name[sizeof(redact) - 1] == ' ') {
        redacted = true;
        name += sizeof(redact) - 1;
        name += strspn(name, " ");
    }
    size_t n = strcspn(name, " ");
    if (strcmp(name + n, " --redact") == 0) {
        redacted = true;
        name = arena_strndup(s->arena, name, n);
    }
    if (name[0] == '\0')
        app_toast(s->app, s->m, VERDICT_INFO, "record: name the new file, or say stop");
    else
        app_effect(s->app, EFFECT_RECORD, redacted, strcmp(name, "stop") != 0 ? name : NULL, NULL);
}

const char *cant_keep(const struct scene *s, const struct command *c)
{
    (void)c;
    if (s->m->when.kind == WHEN_RECORDING)
        return "this is a recording already";
    return s->m->when.reel == NULL ? "nothing is kept of the past: ui.history says how much" : NULL;
}

void cmd_incident(const struct scene *s, const struct command *c, const char *text)
{
    const char *why = cant_keep(s, c);
    if (why != NULL)
        app_toast(s->app, s->m, VERDICT_INFO, "save-incident: %s", why);
    else
        app_effect(s->app, EFFECT_INCIDENT, 0, text != NULL && text[0] != '\0' ? text : NULL, NULL);
}
