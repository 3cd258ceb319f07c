/* command_mute.c: no alarm of a finding for a time, with the reason that others will read. */
#include "config/mute.h"

#include "base/clock.h"
#include "config/values.h"
#include "tui/command_view.h"

#include <stdio.h>
#include <string.h>

/* The finding under the eye: selected in its pane, or open. */
static const struct finding *finding_now(const struct scene *s)
{
    const struct pane_ops *of = view_ops(scene_view(s)->id)->of;
    enum pane_id id = of != NULL ? of->id : list_now(s);
    const struct row_base *row = of != NULL ? view_row(s, id) : pane_row(s, id);
    return row != NULL && pane_ops(id)->finding != NULL ? pane_ops(id)->finding(row) : NULL;
}

/* Cuts the first word off; "" at the end. */
static const char *word(char *buf, size_t size, const char *text)
{
    size_t n = strcspn(text, " ");
    (void)snprintf(buf, size, "%.*s", (int)n, text);
    return text + n + strspn(text + n, " ");
}

const char *cant_mute(const struct scene *s, const struct command *c)
{
    (void)c;
    return s->f != NULL ? NULL : "nothing is known yet";
}

void cmd_mute(const struct scene *s, const struct command *c, const char *text)
{
    static const char usage[] = "mute: DURATION REASON for the selected finding, or RULE DURATION "
                                "REASON, such as \"mute P21 8h keys are added tonight\"";
    char first[64];
    int64_t ms;
    struct mute mute = {.rule = ""};
    const struct finding *f = finding_now(s);
    (void)c;
    const char *rest = word(first, sizeof(first), text != NULL ? text : "");
    if (first[0] != '\0' && !value_duration(first, &ms)) {
        if (!diagnosis_has_rule(first)) {
            app_toast(s->app, s->m, VERDICT_WARN, "mute: there is no rule %s", first);
            return;
        }
        (void)snprintf(mute.rule, sizeof(mute.rule), "%.*s", MUTE_RULE - 1, first);
        rest = word(first, sizeof(first), rest);
    } else if (f != NULL) {
        (void)snprintf(mute.rule, sizeof(mute.rule), "%s", f->id);
        (void)snprintf(mute.object, sizeof(mute.object), "%s", f->object);
    }
    if (mute.rule[0] == '\0' || !value_duration(first, &ms) || ms <= 0 || rest[0] == '\0') {
        app_toast(s->app, s->m, VERDICT_WARN, "%s", usage);
        return;
    }
    mute.until_wall_ms = s->m->wall_ms + ms;
    (void)snprintf(mute.reason, sizeof(mute.reason), "%s", rest);
    bool ok = s->m->mute != NULL && s->m->mute(s->m->ctx, s->app->pipeline, &mute);
    char hms[40];
    app_toast(s->app, s->m, ok ? VERDICT_INFO : VERDICT_WARN,
              ok ? "%s is muted until %s; unmute takes it back"
                 : "%s: no place for more mutes (%s)",
              mute.rule, clock_iso(mute.until_wall_ms, hms, sizeof(hms)));
}

void cmd_unmute(const struct scene *s, const struct command *c, const char *text)
{
    char rule[64];
    int n = 0;
    (void)c;
    (void)word(rule, sizeof(rule), text != NULL ? text : "");
    for (size_t i = 0; s->f != NULL && i < s->f->nmuted; i++) {
        const struct finding *f = &s->f->muted[i];
        if (rule[0] != '\0' && strcmp(rule, f->id) != 0)
            continue;
        /* It was muted for itself, or with all of its rule. */
        n += s->m->unmute(s->m->ctx, s->app->pipeline, f->id, f->object) ||
             s->m->unmute(s->m->ctx, s->app->pipeline, f->id, "");
    }
    if (n == 0)
        app_toast(s->app, s->m, VERDICT_INFO, "nothing muted%s%s is there",
                  rule[0] != '\0' ? " of " : "", rule);
    else
        app_toast(s->app, s->m, VERDICT_INFO, "%d taken back", n);
}
