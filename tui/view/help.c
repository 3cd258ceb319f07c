/* help.c: the keys, made from the command table, as they stand for the view below; what is not
 * possible now says why. Then what the columns of the present pane mean. */
#include "tui/command.h"
#include "tui/draw/glyph.h"
#include "tui/view/view.h"

static const char *const sections[] = {
    [SECTION_MOVE] = "Move",
    [SECTION_LOOK] = "Look",
    [SECTION_ACT] = "Act on a server (each shows what it will do and asks first)",
    [SECTION_PROGRAM] = "Program",
};

static void marks(struct doc *d)
{
    static const struct {
        enum verdict v;
        const char *text;
    } rows[] = {
        {VERDICT_OK,      "ok"                                     },
        {VERDICT_INFO,    "worth a word, no alarm"                 },
        {VERDICT_UNKNOWN, "unknown: the evidence is missing or old"},
        {VERDICT_WARN,    "warning"                                },
        {VERDICT_CRIT,    "critical"                               }
    };
    doc_head(d, "Marks", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        doc_line(d);
        doc_span(d, 4, 1, false, glyph_style(rows[i].v), glyph_verdict(rows[i].v));
        doc_span(d, 6, 0, false, ROLE_TEXT, rows[i].text);
    }
}

static void columns(const struct scene *s, struct doc *d)
{
    enum pane_id id = list_now(s);
    const struct pane_ops *ops = pane_ops(id != LIST_NONE ? id : s->app->pane);
    if (ops->ncolumns == 0)
        return;
    doc_head(d, scene_text(s, "Columns of %s", ops->title), "narrow terminals leave some out");
    for (int i = 0; i < ops->ncolumns; i++) {
        doc_line(d);
        doc_span(d, 4, 12, false, ROLE_STRONG, ops->columns[i].title);
        doc_span(d, 17, 0, false, ROLE_TEXT, ops->columns[i].help);
    }
}

static void build(const struct scene *s, struct doc *d)
{
    /* The reasons are those of the view that help was called from. */
    struct app *app = s->app;
    int depth = app->depth;
    if (depth > 1)
        app->depth--;
    for (int sec = 0; sec < COMMAND_SECTIONS; sec++) {
        const struct command *c;
        doc_head(d, sections[sec], NULL);
        for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
            if ((int)c->section != sec)
                continue;
            const char *why = command_blocked(s, c);
            unsigned style = why != NULL ? ROLE_FAINT : ROLE_TEXT;
            doc_line(d);
            doc_span(d, 4, 14, false, why != NULL ? ROLE_FAINT : ROLE_KEY, command_keys(s, c));
            doc_span(d, 19, 17, false, why != NULL ? ROLE_FAINT : ROLE_DIM,
                     scene_text(s, ":%s", command_name(c)));
            doc_span(d, 37, 0, false, style,
                     why != NULL ? scene_text(s, "not now: %s", why) : command_help(c));
        }
    }
    marks(d);
    columns(s, d);
    app->depth = depth;
}

static const char *note(const struct scene *s, unsigned *style)
{
    (void)s;
    *style = ROLE_DIM;
    return "cdctop " CDCTOP_VERSION;
}

const struct view_ops view_help = {.id = VIEW_HELP, .title = "Help", .build = build, .note = note};
