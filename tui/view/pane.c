#include "tui/view/pane.h"

#include "base/human.h"
#include "tui/draw/box.h"
#include "tui/draw/glyph.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct pane_ops *pane_ops(enum pane_id id)
{
    static const struct pane_ops *const all[] = {
        [PANE_SLOTS] = &pane_slots,           [PANE_TOPICS] = &pane_topics,
        [PANE_CONNECTORS] = &pane_connectors, [PANE_OBJECTS] = &pane_objects,
        [PANE_FINDINGS] = &pane_findings,     [LIST_FLEET] = &list_fleet,
        [LIST_GROUPS] = &list_groups,         [LIST_PARTITIONS] = &list_partitions,
        [LIST_SNAPSHOTS] = &list_snapshots,   [LIST_TABLES] = &list_tables,
        [LIST_HISTORY] = &list_history,       [LIST_EVENTS] = &list_events,
        [LIST_OBJECTS] = &list_objects,       [LIST_MESSAGES] = &list_messages,
        [LIST_CONTENT] = &list_content,
    };
    return all[id];
}

int compare_i64(int64_t a, int64_t b)
{
    return (a > b) - (a < b); /* UNKNOWN is the smallest */
}

int compare_double(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(b) - isnan(a);
    return (a > b) - (a < b);
}

int compare_name(const struct row_base *a, const struct row_base *b)
{
    return strcmp(a->name, b->name);
}

void cell_name(const void *ctx, const struct row_base *row, struct cell_out *out)
{
    (void)ctx;
    out->text = row->name;
}

void cell_lag_age(struct cell_out *out, int64_t ms, bool more)
{
    char buf[HUMAN_SIZE];
    (void)snprintf(out->buf, sizeof(out->buf), "%s%s", more && ms != UNKNOWN ? ">" : "",
                   human_duration_ms(buf, ms));
    out->text = out->buf;
    out->style = ms == UNKNOWN ? ROLE_DIM : ROLE_TEXT;
}

const char *spark_title(int64_t span_ms, char *buf, size_t size)
{
    if (span_ms <= 0)
        return "TREND";
    if (span_ms < 2 * 60 * 1000)
        (void)snprintf(buf, size, "%d S", (int)(span_ms / 1000));
    else if (span_ms < 2 * 3600 * 1000)
        (void)snprintf(buf, size, "%d MIN", (int)(span_ms / 60000));
    else
        (void)snprintf(buf, size, "%d H", (int)(span_ms / 3600000));
    return buf;
}

/* ---- filter and order ------------------------------------------------------------------------ */

struct matcher {
    bool inverse, regex, valid;
    const char *text;
    regex_t re;
};

static void matcher_open(struct matcher *m, const char *filter)
{
    memset(m, 0, sizeof(*m));
    m->valid = true;
    for (; *filter == '!' || *filter == '~'; filter++) {
        m->inverse = m->inverse || *filter == '!';
        m->regex = m->regex || *filter == '~';
    }
    m->text = filter;
    if (m->regex)
        m->valid = regcomp(&m->re, filter, REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0;
}

static void matcher_close(struct matcher *m)
{
    if (m->regex && m->valid)
        regfree(&m->re);
}

static bool matches(const struct matcher *m, const char *text)
{
    if (text == NULL)
        return false;
    if (m->regex) /* half a pattern, still being typed, hides nothing */
        return !m->valid || regexec(&m->re, text, 0, NULL, 0) == 0;
    return strcasestr(text, m->text) != NULL;
}

static bool passes(const struct matcher *m, const struct pane_ops *ops, const struct row_base *row)
{
    bool found = matches(m, row->name) || matches(m, row->why) ||
                 (ops->text != NULL && matches(m, ops->text(row)));
    return found != m->inverse;
}

struct order {
    const struct pane_ops *ops;
    const struct pane_state *st;
};

static int compare(const void *pa, const void *pb, void *ctx)
{
    const struct row_base *a = *(const struct row_base *const *)pa;
    const struct row_base *b = *(const struct row_base *const *)pb;
    const struct order *o = ctx;
    int c;
    if (o->st->sort >= 0 && o->st->sort < o->ops->ncolumns) {
        const struct column *col = &o->ops->columns[o->st->sort];
        c = col->compare(a, b);
        if (col->descending != o->st->reverse)
            c = -c;
    } else {
        /* Only trouble goes first: a calm list keeps its order. */
        int va = a->verdict >= VERDICT_UNKNOWN ? (int)a->verdict : 0;
        int vb = b->verdict >= VERDICT_UNKNOWN ? (int)b->verdict : 0;
        c = vb - va;
        if (c == 0 && o->ops->order != NULL)
            c = o->ops->order(a, b);
        if (o->st->reverse)
            c = -c;
    }
    return c != 0 ? c : strcmp(a->name, b->name);
}

static void turn_round(struct row_list *list)
{
    for (size_t i = 0; i < list->n / 2; i++) {
        const struct row_base *row = list->rows[i];
        list->rows[i] = list->rows[list->n - 1 - i];
        list->rows[list->n - 1 - i] = row;
    }
}

struct row_list pane_list(const struct scene *s, enum pane_id id)
{
    const struct pane_ops *ops = pane_ops(id);
    struct pane_state *st = &s->app->panes[id];
    struct row_list list = {0};
    struct matcher m;
    list.total = ops->rows(s, &list.rows);
    matcher_open(&m, st->filter);
    for (size_t i = 0; i < list.total; i++) {
        const struct row_base *row = list.rows[i];
        if (st->faults && row->verdict < VERDICT_UNKNOWN)
            continue;
        if (st->filter[0] != '\0' && !passes(&m, ops, row))
            continue;
        list.rows[list.n++] = row;
    }
    matcher_close(&m);
    struct order o = {ops, st};
    if (ops->ordered && st->sort < 0) {
        if (st->reverse)
            turn_round(&list);
    } else if (list.n > 1) {
        qsort_r(list.rows, list.n, sizeof(const struct row_base *), compare, &o);
    }
    return list;
}

int pane_selected(struct pane_state *st, const struct row_list *list)
{
    if (list->n == 0)
        return -1;
    if (st->selected == 0) {
        st->index = 0;
        return 0;
    }
    for (size_t i = 0; i < list->n; i++)
        if (name_hash(list->rows[i]->name) == st->selected)
            return st->index = (int)i;
    if (st->index >= (int)list->n)
        st->index = (int)list->n - 1;
    return st->index;
}

void pane_select(struct pane_state *st, const struct row_list *list, int index)
{
    if (list->n == 0)
        return;
    index = index < 0 ? 0 : index;
    index = index >= (int)list->n ? (int)list->n - 1 : index;
    st->index = index;
    st->selected = name_hash(list->rows[index]->name);
}

const struct row_base *pane_row(const struct scene *s, enum pane_id id)
{
    if (id == LIST_NONE)
        return NULL;
    struct row_list list = pane_list(s, id);
    int at = pane_selected(&s->app->panes[id], &list);
    return at < 0 ? NULL : list.rows[at];
}

void pane_counts(const struct scene *s, enum pane_id id, size_t counts[VERDICT_COUNT])
{
    const struct row_base **rows;
    size_t n = pane_ops(id)->rows(s, &rows);
    memset(counts, 0, sizeof(*counts) * VERDICT_COUNT);
    for (size_t i = 0; i < n; i++)
        counts[rows[i]->verdict]++;
}
