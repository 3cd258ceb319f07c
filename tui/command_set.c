/* command_set.c: options that can change while the program runs: shown, set, shown beforehand where
 * they are colours, and saved. */
#include "base/mem.h"
#include "config/options.h"
#include "tui/choices.h"
#include "tui/command_view.h"
#include "tui/dialog/dialog.h"
#include "tui/draw/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_interval(const struct scene *s, const char *text)
{
    struct config scratch = {0};
    const char *why;
    if (options_set(options_find(SECTION_UI, "interval"), &scratch, text, &why))
        app_effect(s->app, EFFECT_INTERVAL, scratch.interval_ms, NULL, NULL);
}

static void set_glyphs(const struct scene *s, const char *text)
{
    app_effect(s->app, EFFECT_GLYPHS, 0, text, NULL);
}

static void set_mouse(const struct scene *s, const char *text)
{
    s->app->mouse = strcmp(text, "true") == 0;
    app_effect(s->app, EFFECT_MOUSE, s->app->mouse, NULL, NULL);
}

/* Of [ui]; thresholds follow behind them. */
static const struct {
    const char *name;
    void (*set)(const struct scene *s, const char *text); /* what options_set has accepted */
} settings[] = {
    {"theme",    theme_choose},
    {"interval", set_interval},
    {"glyphs",   set_glyphs  },
    {"mouse",    set_mouse   },
};

static const struct option *threshold(size_t i)
{
    for (size_t k = 0; k < options_count; k++)
        if (options[k].section == SECTION_THRESHOLDS && i-- == 0)
            return &options[k];
    return NULL;
}

const char *setting_name(size_t i)
{
    if (i < ARRAY_LEN(settings))
        return settings[i].name;
    const struct option *option = threshold(i - ARRAY_LEN(settings));
    return option != NULL ? option->key : NULL;
}

const char *setting_value(const char *name, size_t i)
{
    static const char *const truths[] = {"true", "false", NULL};
    const struct option *option = options_find(SECTION_UI, name);
    if (option == NULL)
        return NULL;
    if (option->type == OPTION_THEME)
        return theme_name((int)i);
    const char *const *words = option->type == OPTION_BOOL   ? truths
                               : option->type == OPTION_ENUM ? option->choices
                                                             : NULL;
    for (size_t k = 0; words != NULL && words[k] != NULL; k++)
        if (k == i)
            return words[k];
    return NULL;
}

static void show(const struct scene *s, const struct option *option)
{
    struct config now;
    char allowed[256];
    bool of_pipeline = option->section == SECTION_THRESHOLDS;
    choices_config(s->app, s->m, &now);
    const void *base = &now;
    if (of_pipeline)
        base = &s->m->config->pipelines[s->app->pipeline];
    char *value = options_toml(option, base, false);
    app_toast(s->app, s->m, VERDICT_INFO, "%s = %s (%s)", option->key,
              value != NULL ? value : "\"\"", options_allowed(option, allowed, sizeof(allowed)));
    mem_wipe_free(value);
    options_free(false, &now);
}

static void refuse(const struct scene *s, const struct option *option, const char *text,
                   const char *why)
{
    char allowed[256];
    if (why != NULL)
        app_toast(s->app, s->m, VERDICT_WARN, "%s: %s", option->key, why);
    else
        app_toast(s->app, s->m, VERDICT_WARN, "%s: \"%s\" is not %s", option->key, text,
                  options_allowed(option, allowed, sizeof(allowed)));
}

static void set_threshold(const struct scene *s, const struct option *option, const char *text)
{
    const char *why = NULL;
    if (s->m->set != NULL && s->m->set(s->m->ctx, s->app->pipeline, option, text, &why))
        app_toast(s->app, s->m, VERDICT_OK, "%s = %s for %s, until cdctop ends", option->key, text,
                  s->p != NULL ? s->p->name : "this pipeline");
    else
        refuse(s, option, text, s->m->set != NULL ? why : "nothing runs yet");
}

static void set_ui(const struct scene *s, size_t i, const char *text)
{
    const struct option *option = options_find(SECTION_UI, settings[i].name);
    struct config scratch = {0};
    const char *why = NULL;
    if (options_set(option, &scratch, text, &why)) {
        bool kept = (option->flags & OPTION_CHOICE) != 0;
        app_toast(s->app, s->m, VERDICT_OK, "%s = %s%s", option->key, text,
                  kept ? "; :save keeps it" : ", until cdctop ends");
        settings[i].set(s, text);
    } else {
        refuse(s, option, text, why);
    }
    options_free(false, &scratch);
}

/* "NAME", "NAME VALUE", "NAME=VALUE" */
void cmd_set(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    const char *all = text != NULL ? text : "";
    size_t n = strcspn(all, " =");
    const char *name = arena_strndup(s->arena, all, n);
    const char *value = all + n + strspn(all + n, " =");
    value = arena_strndup(s->arena, value, strlen(value));
    size_t at = 0;
    while (at < ARRAY_LEN(settings) && strcmp(settings[at].name, name) != 0)
        at++;
    bool ui = at < ARRAY_LEN(settings);
    const struct option *option = options_find(ui ? SECTION_UI : SECTION_THRESHOLDS, name);
    bool known = ui || (s->m->config != NULL && s->app->pipeline < s->m->config->npipelines);
    if (option == NULL || !known)
        app_toast(s->app, s->m, VERDICT_WARN,
                  "set: NAME or NAME VALUE; theme, interval, glyphs, mouse or a threshold: Tab "
                  "completes");
    else if (value[0] == '\0')
        show(s, option);
    else if (ui)
        set_ui(s, at, value);
    else
        set_threshold(s, option, value);
}

void cmd_save(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    (void)text;
    app_effect(s->app, EFFECT_SAVE, 0, NULL, NULL);
}

/* ---- colours --------------------------------------------------------------------------------- */

void theme_choose(const struct scene *s, const char *name)
{
    app_theme(s->app, name);
    app_effect(s->app, EFFECT_THEME, 0, name, NULL);
}

void cmd_theme(const struct scene *s, const struct command *c, const char *text)
{
    (void)c;
    if (text != NULL && text[0] != '\0') {
        theme_choose(s, arena_strndup(s->arena, text, strcspn(text, " ")));
        return;
    }
    dialog_close(s->app);
    s->app->dialog = (struct dialog){.kind = DIALOG_MENU, .menu = MENU_THEMES};
    for (int i = 0; theme_name(i) != NULL; i++)
        if (strcmp(theme_name(i), s->app->theme) == 0)
            s->app->dialog.selected = i;
}

/* The built-in theme that begins like this, if there is one alone or whole. */
static const char *theme_meant(const char *word)
{
    size_t n = strcspn(word, " ");
    const char *found = NULL;
    size_t count = 0;
    for (int i = 0; theme_name(i) != NULL; i++) {
        if (n == 0 || strncmp(theme_name(i), word, n) != 0)
            continue;
        if (theme_name(i)[n] == '\0')
            return theme_name(i);
        found = theme_name(i);
        count++;
    }
    return count == 1 ? found : NULL;
}

void theme_typed(const struct scene *s, const char *line)
{
    static const char *const heads[] = {"theme ", "set theme ", "set theme="};
    const char *name = NULL;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (strncmp(line, heads[i], strlen(heads[i])) == 0)
            name = theme_meant(line + strlen(heads[i]));
    app_preview(s->app, name);
}
