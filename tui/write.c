#include "tui/write.h"

#include "base/clock.h"
#include "base/human.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "report/connector_config.h"
#include "report/report.h"
#include "tui/command_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { SCREEN_MAX = 4 * 1024 * 1024, DATA_MAX = 64 * 1024 * 1024, PATH_SIZE = 600 };

/* A new file only: what lies there already is never written over or followed. */
static bool write_file(const char *path, const struct strbuf *sb, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(err, ERR_IO, errno, "%s: %s", path, strerror(errno));
    size_t done = 0;
    ssize_t n = 0;
    while (done < sb->len && (n = write(fd, sb->text + done, sb->len - done)) > 0)
        done += (size_t)n;
    if (close(fd) != 0 || done < sb->len)
        return err_set(err, ERR_IO, errno, "%s: not all of it could be written", path);
    return true;
}

/* ---- what is written ------------------------------------------------------------------------- */

struct source { /* of the text */
    struct app *app;
    const struct app_model *m;
    struct canvas *cv;
};

static bool put_screen(const struct source *from, struct strbuf *sb, const char **why)
{
    (void)why;
    app_render(from->app, from->m, from->cv); /* without the line that asked for it */
    screen_dump(from->cv, false, sb);
    return true;
}

static void put_pipeline(const struct source *from, size_t index, struct strbuf *sb)
{
    const struct app_pipeline *p = &from->m->pipelines[index];
    if (p->pipeline == NULL)
        return;
    struct report_input in = {
        .world = from->m->world, .index = index, .pipeline = p->pipeline, .findings = p->findings};
    char *text = report_json(&in);
    json_put_clean(sb, text);
    strbuf_puts(sb, "\n");
    free(text);
}

static bool put_json(const struct source *from, struct strbuf *sb, const char **why)
{
    struct scene s = scene_make(from->app, from->m, NULL);
    bool all = scene_view(&s)->id == VIEW_FLEET;
    for (size_t i = 0; from->m->world != NULL && i < from->m->npipelines; i++)
        if (all || i == from->app->pipeline)
            put_pipeline(from, i, sb);
    *why = "nothing is known of the pipeline yet";
    return sb->len > 0;
}

/* In quotes, in one line; what a spreadsheet would take for a formula gets an apostrophe. */
static void put_cell(struct strbuf *sb, const char *text)
{
    strbuf_putc(sb, '"');
    if (text[0] == '=' || text[0] == '+' || text[0] == '@')
        strbuf_putc(sb, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            strbuf_putc(sb, '"');
        strbuf_putc(sb, (unsigned char)*text < ' ' || *text == 0x7F ? ' ' : *text);
    }
    strbuf_putc(sb, '"');
}

/* The rows that are shown now, in their order, under all columns. */
static bool put_csv(const struct source *from, struct strbuf *sb, const char **why)
{
    struct scene s = scene_make(from->app, from->m, NULL);
    enum pane_id id = list_now(&s);
    *why = "there is no list on this screen";
    if (id == LIST_NONE)
        return false;
    const struct pane_ops *ops = pane_ops(id);
    struct row_list list = pane_list(&s, id);
    for (int i = 0; i < ops->ncolumns; i++) {
        strbuf_puts(sb, i > 0 ? "," : "");
        put_cell(sb, ops->columns[i].id);
    }
    strbuf_puts(sb, ",\"verdict\"\r\n");
    for (size_t r = 0; r < list.n; r++) {
        for (int i = 0; i < ops->ncolumns; i++) {
            struct cell_out out = {.text = ""};
            ops->columns[i].cell(&s, list.rows[r], &out);
            put_cell(sb, out.spark == NULL && out.text != NULL ? out.text : "");
            strbuf_puts(sb, ",");
        }
        put_cell(sb, verdict_name(list.rows[r]->verdict));
        strbuf_puts(sb, "\r\n");
    }
    return true;
}

/* Of the connector that the screen, or its selected row, is about. */
static bool put_config(const struct source *from, struct strbuf *sb, const char **why)
{
    struct scene s = scene_make(from->app, from->m, NULL);
    const char *name = act_connector(&s);
    const struct connector_row *c = name != NULL ? pipeline_connector(s.p, name) : NULL;
    *why = "no connector is selected";
    if (c == NULL)
        return false;
    *why = "its config is not known";
    if (c->connector->nconfig == 0)
        return false;
    size_t masked;
    char *text = connector_config_json(c->connector, &masked);
    strbuf_puts(sb, text);
    strbuf_puts(sb, "\n");
    free(text);
    return true;
}

static const struct form {
    const char *ending;
    bool (*put)(const struct source *from, struct strbuf *sb, const char **why);
    size_t max;
    bool usual; /* where none is asked for */
} forms[] = {
    {".txt",       put_screen, SCREEN_MAX, true },
    {WRITE_CONFIG, put_config, DATA_MAX,   false}, /* it ends in .json, too: before that one */
    {".json",      put_json,   DATA_MAX,   true },
    {".csv",       put_csv,    DATA_MAX,   false},
};

static bool ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path);
    size_t m = strlen(ending);
    return n > m && strcasecmp(path + n - m, ending) == 0;
}

static bool write_form(const struct source *from, const struct form *form, const char *path,
                       struct err *err)
{
    struct strbuf sb;
    const char *why = NULL;
    strbuf_init(&sb, form->max);
    bool ok = form->put(from, &sb, &why);
    if (!ok)
        (void)err_set(err, ERR_IO, 0, "%s", why);
    ok = ok && write_file(path, &sb, err);
    strbuf_free(&sb);
    return ok;
}

/* "cdctop-2026-11-20T14-03-22Z" */
static void own_name(const struct app_model *m, char *buf, size_t size)
{
    char iso[40];
    (void)clock_iso(m->wall_ms, iso, sizeof(iso));
    for (char *p = iso; *p != '\0'; p++)
        if (*p == ':')
            *p = '-';
    (void)snprintf(buf, size, "cdctop-%s", iso);
}

static const char *temporary(void)
{
    const char *tmp = getenv("TMPDIR");
    return tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
}

/* Each usual form beside the other. False after the first that fails. */
static bool write_usual(const struct source *from, const char *base, char *said, size_t size,
                        struct err *err)
{
    said[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        char path[PATH_SIZE];
        const char *why = NULL;
        struct strbuf probe;
        if (!forms[i].usual)
            continue;
        strbuf_init(&probe, forms[i].max);
        bool any = forms[i].put(from, &probe, &why); /* no data yet: the screen alone */
        (void)snprintf(path, sizeof(path), "%s%s", base, forms[i].ending);
        bool ok = !any || write_file(path, &probe, err);
        strbuf_free(&probe);
        if (!ok)
            return false;
        if (any)
            (void)snprintf(said + strlen(said), size - strlen(said), "%s%s",
                           said[0] != '\0' ? " and " : "",
                           said[0] != '\0' ? forms[i].ending : path);
    }
    return true;
}

void write_out(struct app *app, const struct app_model *m, struct canvas *cv, const char *wish)
{
    const struct source from = {app, m, cv};
    struct err err = ERR_INIT;
    char said[PATH_SIZE + 40];
    char base[PATH_SIZE];
    bool ok = false;
    size_t form = 0;
    while (wish != NULL && form < ARRAY_LEN(forms) && !ends_in(wish, forms[form].ending))
        form++;
    if (wish != NULL && form < ARRAY_LEN(forms)) {
        ok = write_form(&from, &forms[form], wish, &err);
        (void)snprintf(said, sizeof(said), "%s%s", wish,
                       forms[form].put == put_config ? "; secrets are masked in it" : "");
    } else if (wish != NULL) {
        ok = write_usual(&from, wish, said, sizeof(said), &err);
    } else {
        own_name(m, base, sizeof(base));
        ok = write_usual(&from, base, said, sizeof(said), &err);
        if (!ok && err.code != EEXIST) { /* the current directory may be read-only */
            char elsewhere[PATH_SIZE];
            (void)snprintf(elsewhere, sizeof(elsewhere), "%s/%.200s", temporary(), base);
            err_clear(&err);
            ok = write_usual(&from, elsewhere, said, sizeof(said), &err);
        }
    }
    app_toast(app, m, ok ? VERDICT_OK : VERDICT_WARN, "%s%s",
              ok ? "written to " : "not written: ", ok ? said : err.text);
}

/* ---- the clipboard --------------------------------------------------------------------------- */

static bool copy_to_file(const char *text, char *path, size_t size, struct err *err)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *dir = runtime != NULL && runtime[0] == '/' ? runtime : temporary();
    (void)snprintf(path, size, "%.500s/cdctop-copy.XXXXXX", dir);
    int fd = mkostemp(path, O_CLOEXEC); /* 0600 */
    if (fd < 0)
        return err_set(err, ERR_IO, errno, "%s: %s", path, strerror(errno));
    size_t n = strlen(text);
    bool ok = write(fd, text, n) == (ssize_t)n;
    if (close(fd) != 0 || !ok)
        return err_set(err, ERR_IO, errno, "%s: not all of it could be written", path);
    return true;
}

void write_copy(struct app *app, const struct app_model *m, struct screen *screen, const char *text)
{
    char size[HUMAN_SIZE];
    char path[PATH_SIZE];
    struct err err = ERR_INIT;
    const char *wish =
        m->config != NULL && m->config->clipboard != NULL ? m->config->clipboard : "";
    const char *why =
        strcmp(wish, "file") == 0 ? "" : screen_copy(screen, text, strcmp(wish, "osc52") == 0);
    size_t lines = 1;
    for (const char *p = text; *p != '\0'; p++)
        lines += *p == '\n';
    (void)human_bytes(size, (int64_t)strlen(text));
    if (why == NULL && lines == 1)
        app_toast(app, m, VERDICT_OK, "sent to the clipboard: %s", text);
    else if (why == NULL)
        app_toast(app, m, VERDICT_OK, "sent to the clipboard: %zu lines", lines);
    else if (copy_to_file(text, path, sizeof(path), &err))
        app_toast(app, m, VERDICT_OK, "%s%s%s written to %s", why, why[0] != '\0' ? ": " : "", size,
                  path);
    else
        app_toast(app, m, VERDICT_WARN, "not copied: %s", err.text);
}
