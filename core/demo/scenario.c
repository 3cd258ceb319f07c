/* scenario.c: scenarios by name or from a file, and whether what they name is there. */
#include "demo/scenario.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "config/toml.h"
#include "config/values.h"
#include "demo/demo.h"
#include "demo/sim_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTORS_MAX = 2000, PARTITIONS_MAX = 50000 };

static const struct scenario_file *find(const char *name)
{
    const struct scenario_file *f = scenario_files;
    while (f->name != NULL && strcmp(f->name, name) != 0)
        f++;
    return f->name != NULL ? f : NULL;
}

static bool is_path(const char *what)
{
    size_t n = strlen(what);
    return strchr(what, '/') != NULL || (n > 5 && strcmp(what + n - 5, ".toml") == 0);
}

/* ---- what it names --------------------------------------------------------------------------- */

static bool has_pipeline(const struct scenario *s, const char *name)
{
    for (size_t i = 0; name != NULL && i < s->npipelines; i++) {
        if (strcmp(s->pipelines[i].name, name) == 0)
            return true;
    }
    return name == NULL;
}

/* Names by which things are found must be of one thing only. */
static bool twice(const struct scenario *s, const char *what, const char *a, const char *b,
                  struct err *err)
{
    if (strcmp(a, b) != 0)
        return false;
    err_set(err, ERR_CONFIG, 0, "%s: %s %s is there twice", s->name, what, a);
    return true;
}

static bool check_source(const struct scenario *s, const struct scenario_pipeline *p, size_t i,
                         struct err *err)
{
    const struct scenario_source *a = &p->sources[i];
    for (size_t k = 0; k < i; k++) {
        const struct scenario_source *b = &p->sources[k];
        if (twice(s, "source", a->name, b->name, err) ||
            twice(s, "prefix", a->prefix, b->prefix, err) ||
            twice(s, "slot", a->slot, b->slot, err))
            return false;
    }
    for (size_t t = 0; t < a->ntables; t++) {
        for (size_t k = 0; k < t; k++) {
            if (twice(s, "table", a->tables[t].name, a->tables[k].name, err))
                return false;
        }
        if (twice(s, "table", a->tables[t].name, "heartbeat", err) ||
            twice(s, "table", a->tables[t].name, "debezium_signal", err))
            return false;
    }
    return true;
}

static bool check_pipeline(const struct scenario *s, const struct scenario_pipeline *p,
                           struct err *err)
{
    int64_t connectors = 0;
    int64_t partitions = 0;
    for (size_t i = 0; i < p->nsources; i++) {
        if (!check_source(s, p, i, err))
            return false;
        connectors += p->sources[i].copies;
        for (size_t t = 0; t < p->sources[i].ntables; t++)
            partitions += p->sources[i].copies * p->sources[i].tables[t].partitions;
    }
    for (size_t k = 0; k < p->nsinks; k++) {
        size_t i = 0;
        while (i < p->nsources && strcmp(p->sources[i].name, p->sinks[k].source) != 0)
            i++;
        if (i == p->nsources)
            return err_set(err, ERR_CONFIG, 0, "%s: sink %s: there is no source %s in %s", s->name,
                           p->sinks[k].name, p->sinks[k].source, p->name);
        connectors += p->sources[i].copies * p->sinks[k].copies;
        for (size_t o = 0; o < k; o++) {
            if (twice(s, "sink", p->sinks[k].name, p->sinks[o].name, err))
                return false;
        }
    }
    if (partitions > PARTITIONS_MAX)
        return err_set(err, ERR_CONFIG, 0, "%s: %s has %lld partitions, more than %d", s->name,
                       p->name, (long long)partitions, PARTITIONS_MAX);
    if (connectors > CONNECTORS_MAX)
        return err_set(err, ERR_CONFIG, 0, "%s: %s has %lld connectors, more than %d", s->name,
                       p->name, (long long)connectors, CONNECTORS_MAX);
    return true;
}

static bool check(const struct scenario *s, struct err *err)
{
    char list[500];
    for (size_t i = 0; i < s->npipelines; i++) {
        if (!check_pipeline(s, &s->pipelines[i], err))
            return false;
    }
    for (size_t i = 1; i < s->nstops; i++) {
        if (s->stops[i].at_ms < s->stops[i - 1].at_ms)
            return err_set(err, ERR_CONFIG, 0, "%s: stop %zu lies before the one before it",
                           s->name, i + 1);
    }
    for (size_t i = 0; i < s->nevents; i++) {
        const struct scenario_event *e = &s->events[i];
        sim_event_list(list, sizeof(list));
        if (!sim_event_known(e->what))
            return err_set(err, ERR_CONFIG, 0,
                           "%s: event %zu: nothing is called %.40s; there is %s", s->name, i + 1,
                           e->what, list);
        if (!has_pipeline(s, e->pipeline))
            return err_set(err, ERR_CONFIG, 0, "%s: event %zu: there is no pipeline %.40s", s->name,
                           i + 1, e->pipeline);
    }
    return true;
}

/* ---- by name --------------------------------------------------------------------------------- */

static void unknown(const char *what, struct err *err)
{
    enum { NAMES = 64 };
    const char *names[NAMES];
    size_t n = 0;
    struct strbuf sb;
    strbuf_init(&sb, 400);
    for (const struct scenario_file *f = scenario_files; f->name != NULL && n < NAMES; f++) {
        strbuf_printf(&sb, " %s", f->name);
        names[n++] = f->name;
    }
    const char *nearest = value_nearest(what, names, n);
    err_set(err, ERR_NOTFOUND, 0,
            "there is no demo %.60s%s%s%s; there are%s, or a file of your own", what,
            nearest != NULL ? ", did you mean " : "", nearest != NULL ? nearest : "",
            nearest != NULL ? "?" : "", sb.text);
    strbuf_free(&sb);
}

struct scenario *scenario_text(const char *name, const char *text, size_t n, struct err *err)
{
    struct scenario *s = scenario_read(name, text, n, err);
    if (s == NULL || check(s, err))
        return s;
    scenario_free(s);
    return NULL;
}

static struct scenario *from_file(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        err_set(err, ERR_IO, errno, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = mem_alloc(TOML_MAX_BYTES + 1);
    size_t n = fread(text, 1, TOML_MAX_BYTES + 1, file);
    (void)fclose(file);
    struct scenario *s = NULL;
    if (n > TOML_MAX_BYTES)
        err_set(err, ERR_TOOBIG, 0, "%s: larger than %d bytes", path, TOML_MAX_BYTES);
    else
        s = scenario_text(path, text, n, err);
    free(text);
    return s;
}

struct scenario *scenario_open(const char *what, struct err *err)
{
    const struct scenario_file *f = find(what);
    if (f != NULL)
        return scenario_text(f->name, f->text, strlen(f->text), err);
    if (is_path(what))
        return from_file(what, err);
    unknown(what, err);
    return NULL;
}

char *demo_list(void)
{
    struct strbuf sb;
    strbuf_init(&sb, 64 * 1024);
    for (const struct scenario_file *f = scenario_files; f->name != NULL; f++) {
        struct err err = ERR_INIT;
        struct scenario *s = scenario_open(f->name, &err);
        strbuf_printf(&sb, "  %-18s %s\n", f->name, s != NULL ? s->title : err.text);
        scenario_free(s);
    }
    return strbuf_take(&sb);
}
