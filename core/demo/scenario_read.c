/* scenario_read.c: a scenario's TOML into its structures, by tables of keys. */
#include "base/mem.h"
#include "config/toml.h"
#include "config/values.h"
#include "demo/scenario.h"

#include <stdlib.h>
#include <string.h>

enum kind { TEXT, NAME, COUNT, BYTES, TIME, FLAG, REAL, LIST };

struct section;
struct key {
    const char *name;
    enum kind kind;
    size_t offset, count; /* count: of a LIST */
    int64_t low, high;
    const char *usual; /* as in the file; NULL: not set */
    bool needed;
    const struct section *list;
};
struct section {
    const char *title; /* "[[pipeline.source]]" */
    size_t size;
    const struct key *keys; /* ends with a NULL name */
};

struct reader {
    struct scenario *s;
    const char *file;
    struct err *err;
};

#define DAYS (INT64_C(24) * 3600 * 1000)
#define HOUR (INT64_C(3600) * 1000)
#define TB   INT64_C(1000000000000)

#define T(f) offsetof(struct scenario_table, f)
static const struct key table_keys[] = {
    {"name",   NAME, T(name), 0, 0, 0, NULL, true, NULL},
    {"rate", REAL, T(rate), 0, 0, 1000000, "10", false, NULL},
    {"row",       BYTES, T(row), 0, 1, 1000000, "350 B", false, NULL},
    {"rows",    COUNT, T(rows), 0, 0, TB, "100_000", false, NULL},
    {"partitions",    COUNT, T(partitions), 0, 1, 1000, "3", false, NULL},
    {"key",   FLAG, T(key), 0, 0, 0, "true", false, NULL},
    {"read", FLAG, T(read), 0, 0, 0, "true", false, NULL},
    {.name = NULL      },
};
static const struct section table_section = {"tables of a [[pipeline.source]]",
                                             sizeof(struct scenario_table), table_keys};

#define S(f) offsetof(struct scenario_source, f)
static const struct key source_keys[] = {
    {"name",     NAME, S(name), 0, 0, 0, NULL, true, NULL},
    {"prefix",   NAME, S(prefix), 0, 0, 0, NULL, true, NULL},
    {"slot",         NAME, S(slot), 0, 0, 0, NULL, true, NULL},
    {"publication",      NAME, S(publication), 0, 0, 0, "dbz_pub", false, NULL},
    {"copies",      COUNT, S(copies), 0, 1, 1000, "1", false, NULL},
    {"heartbeat",   TIME, S(heartbeat_ms), 0, 0, DAYS, "5s", false, NULL},
    {"capacity", BYTES, S(capacity), 0, 1, TB, "30 MB", false, NULL},
    {"chunk",         COUNT, S(chunk), 0, 1, 10000000, "4_000", false, NULL},
    {"dms",      FLAG, S(dms), 0, 0, 0, "false", false, NULL},
    {"tables",      LIST, S(tables), S(ntables), 0, 0, NULL, true, &table_section},
    {.name = NULL    },
};
static const struct section source_section = {"[[pipeline.source]]", sizeof(struct scenario_source),
                                              source_keys};

#define K(f) offsetof(struct scenario_sink, f)
static const struct key sink_keys[] = {
    {"name",     NAME, K(name), 0, 0, 0, NULL, true, NULL},
    {"source",   NAME, K(source), 0, 0, 0, NULL, true, NULL},
    {"copies",         COUNT, K(copies), 0, 1, 1000, "1", false, NULL},
    {"tasks",      COUNT, K(tasks), 0, 1, 100, "3", false, NULL},
    {"flush",      COUNT, K(flush_size), 0, 1, 10000000, "20_000", false, NULL},
    {"rotate",   TIME, K(rotate_ms), 0, 0, DAYS, "1m", false, NULL},
    {"capacity", COUNT, K(capacity), 0, 1, 10000000, "4_000", false, NULL},
    {.name = NULL        },
};
static const struct section sink_section = {"[[pipeline.sink]]", sizeof(struct scenario_sink),
                                            sink_keys};

#define L(f) offsetof(struct scenario_slot, f)
static const struct key slot_keys[] = {
    {"name",     NAME, L(name), 0, 0, 0, NULL, true, NULL},
    {"plugin",   NAME, L(plugin), 0, 0, 0, "pgoutput", false, NULL},
    {"user",         NAME, L(user), 0, 0, 0, "export", false, NULL},
    {"active",      FLAG, L(active), 0, 0, 0, "false", false, NULL},
    {"idle",      TIME, L(idle_ms), 0, 0, 365 * DAYS, "2d", false, NULL},
    {"retains",   BYTES, L(retains), 0, 0, TB, "100 MB", false, NULL},
    {.name = NULL},
};
static const struct section slot_section = {"[[pipeline.slot]]", sizeof(struct scenario_slot),
                                            slot_keys};

#define P(f) offsetof(struct scenario_pipeline, f)
static const struct key pipeline_keys[] = {
    {"name",        NAME, P(name), 0, 0, 0, NULL, true, NULL},
    {"database",      NAME, P(database), 0, 0, 0, NULL, true, NULL},
    {"bucket",            NAME, P(bucket), 0, 0, 0, "lake", false, NULL},
    {"wal",         BYTES, P(wal_other), 0, 0, TB, "200 KB", false, NULL},
    {"keep",         BYTES, P(keep), 0, 0, TB, "64 GB", false, NULL},
    {"checkpoint",    TIME, P(checkpoint_ms), 0, 1000, DAYS, "2m", false, NULL},
    {"brokers",  COUNT, P(brokers), 0, 1, 9, "3", false, NULL},
    {"max_slots",            COUNT, P(max_slots), 0, 1, 1000, "20", false, NULL},
    {"objects",         COUNT, P(objects), 0, 1, 200, "200", false, NULL},
    {"aws",         FLAG, P(aws), 0, 0, 0, "false", false, NULL},
    {"aurora",      FLAG, P(aurora), 0, 0, 0, "false", false, NULL},
    {"storage",    BYTES, P(storage), 0, 1, 1000 * TB, "200 GB", false, NULL},
    {"free",            BYTES, P(free_storage), 0, 0, 1000 * TB, "120 GB", false, NULL},
    {"source",       LIST, P(sources), P(nsources), 0, 0, NULL, true, &source_section},
    {"sink",         LIST, P(sinks), P(nsinks), 0, 0, NULL, false, &sink_section},
    {"slot",         LIST, P(slots), P(nslots), 0, 0, NULL, false, &slot_section},
    {.name = NULL},
};
static const struct section pipeline_section = {"[[pipeline]]", sizeof(struct scenario_pipeline),
                                                pipeline_keys};

#define E(f) offsetof(struct scenario_event, f)
static const struct key event_keys[] = {
    {"at",      TIME, E(at_ms), 0, 0, 365 * DAYS, "0s", false, NULL},
    {"when", TEXT, E(when), 0, 0, 0, NULL, false, NULL},
    {"what",        TEXT, E(what), 0, 0, 0, NULL, true, NULL},
    {"pipeline",     NAME, E(pipeline), 0, 0, 0, NULL, false, NULL},
    {"object",     TEXT, E(object), 0, 0, 0, "", false, NULL},
    {"text",    TEXT, E(text), 0, 0, 0, "", false, NULL},
    {"rate",  COUNT, E(value), 0, 0, 1000000, NULL, false, NULL},
    {"bytes",        BYTES, E(value), 0, 0, TB, NULL, false, NULL},
    {"time",     TIME, E(value), 0, 0, DAYS, NULL, false, NULL},
    {"say",     TEXT, E(say), 0, 0, 0, NULL, false, NULL},
    {.name = NULL   },
};
static const struct section event_section = {"[[event]]", sizeof(struct scenario_event),
                                             event_keys};

#define X(f) offsetof(struct scenario_expect, f)
static const struct key expect_keys[] = {
    {"pipeline",   NAME, X(pipeline), 0, 0, 0, NULL, false, NULL},
    {"rule", TEXT, X(rule), 0, 0, 0, NULL, true, NULL},
    {"object",           TEXT, X(object), 0, 0, 0, NULL, true, NULL},
    {"within",        TIME, X(within_ms), 0, 0, DAYS, "0s", false, NULL},
    {.name = NULL       },
};
static const struct section expect_section = {"[[expect]]", sizeof(struct scenario_expect),
                                              expect_keys};

#define C(f) offsetof(struct scenario_cure, f)
static const struct key cure_keys[] = {
    {"pipeline",   NAME, C(pipeline), 0, 0, 0, NULL, false, NULL},
    {"action", TEXT, C(action), 0, 0, 0, NULL, false, NULL},
    {"target",           TEXT, C(target), 0, 0, 0, NULL, false, NULL},
    {"all",        FLAG, C(all), 0, 0, 0, "false", false, NULL},
    {"quietly",        FLAG, C(quietly), 0, 0, 0, "false", false, NULL},
    {"after",     TIME, C(after_ms), 0, 0, DAYS, "0s", false, NULL},
    {"within",   TIME, C(within_ms), 0, 0, DAYS, "3m", false, NULL},
    {.name = NULL          },
};
static const struct section cure_section = {"[[cure]]", sizeof(struct scenario_cure), cure_keys};

#define O(f) offsetof(struct scenario_stop, f)
static const struct key stop_keys[] = {
    {"at",      TIME, O(at_ms), 0, 0, DAYS, NULL, true, NULL},
    {"says", TEXT, O(says), 0, 0, 0, NULL, true, NULL},
    {"press",        TEXT, O(press), 0, 0, 0, "", false, NULL},
    {"keys",     TEXT, O(keys), 0, 0, 0, "", false, NULL},
    {"shows",     TEXT, O(shows), 0, 0, 0, "", false, NULL},
    {.name = NULL   },
};
static const struct section stop_section = {"[[stop]]", sizeof(struct scenario_stop), stop_keys};

#define A(f) offsetof(struct scenario, f)
static const struct key scenario_keys[] = {
    {"title",   TEXT, A(title), 0, 0, 0, NULL, true, NULL},
    {"story", TEXT, A(story), 0, 0, 0, "", false, NULL},
    {"begin",        TIME, A(begin_ms), 0, 0, HOUR, "2m", false, NULL},
    {"pipeline",     LIST, A(pipelines), A(npipelines), 0, 0, NULL, true, &pipeline_section},
    {"event",     LIST, A(events), A(nevents), 0, 0, NULL, false, &event_section},
    {"expect",   LIST, A(expects), A(nexpects), 0, 0, NULL, false, &expect_section},
    {"cure", LIST, A(cures), A(ncures), 0, 0, NULL, false, &cure_section},
    {"stop",        LIST, A(stops), A(nstops), 0, 0, NULL, false, &stop_section},
    {.name = NULL      },
};
static const struct section scenario_section = {"a scenario", sizeof(struct scenario),
                                                scenario_keys};

static bool bad(struct reader *r, const struct toml_node *n, const char *key, const char *what)
{
    return err_set(r->err, ERR_CONFIG, 0, "%s:%d:%d: %s: %s", r->file, n != NULL ? n->line : 0,
                   n != NULL ? n->column : 0, key, what);
}

static bool in_range(struct reader *r, const struct toml_node *n, const struct key *k, double v)
{
    char what[100];
    if (v >= (double)k->low && v <= (double)k->high)
        return true;
    (void)snprintf(what, sizeof(what), "a %s from %lld to %lld is allowed",
                   k->kind == TIME    ? "time in ms"
                   : k->kind == BYTES ? "size in bytes"
                                      : "number",
                   (long long)k->low, (long long)k->high);
    return bad(r, n, k->name, what);
}

/* Of one value; text: as it stands in the file, or as the table of keys has it. */
static bool set_number(struct reader *r, const struct toml_node *n, const struct key *k,
                       const char *text, void *field)
{
    int64_t v = 0;
    bool is_int = n != NULL && n->kind == TOML_INTEGER;
    if (is_int && k->kind != TIME)
        v = n->integer;
    else if (text == NULL || !(k->kind == TIME    ? value_duration(text, &v)
                               : k->kind == BYTES ? value_bytes(text, &v)
                                                  : value_integer(text, &v)))
        return bad(r, n, k->name,
                   k->kind == TIME    ? "a duration is wanted, such as \"30s\""
                   : k->kind == BYTES ? "a size is wanted, such as \"40 MB\""
                                      : "a whole number is wanted");
    if (n != NULL && !in_range(r, n, k, (double)v))
        return false;
    *(int64_t *)field = v;
    return true;
}

/* It goes into configurations, topics and keys of objects. */
static bool is_name(const char *text)
{
    enum { NAME_MAX_BYTES = 60 };
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return n > 0 && n <= NAME_MAX_BYTES && text[n] == '\0';
}

static bool read_list(struct reader *r, const struct toml_node *n, const struct key *k, void *base);

static bool set_value(struct reader *r, const struct toml_node *n, const struct key *k, void *base)
{
    void *field = (char *)base + k->offset;
    const char *text = n == NULL ? k->usual : n->kind == TOML_STRING ? n->string : NULL;
    switch (k->kind) {
    case NAME:
        if (text == NULL || !is_name(text))
            return bad(r, n, k->name, "a name of letters, digits, . _ - is wanted, up to 60");
        *(const char **)field = arena_strdup(r->s->arena, text);
        return true;
    case TEXT:
        if (text == NULL)
            return bad(r, n, k->name, "a text in quotes is wanted");
        *(const char **)field = arena_strdup(r->s->arena, text);
        return true;
    case FLAG:
        if (n != NULL && n->kind != TOML_BOOLEAN)
            return bad(r, n, k->name, "true or false is wanted");
        *(bool *)field = n != NULL ? n->boolean : strcmp(k->usual, "true") == 0;
        return true;
    case REAL:
        if (n != NULL && n->kind != TOML_INTEGER && n->kind != TOML_FLOAT)
            return bad(r, n, k->name, "a number is wanted");
        *(double *)field = n == NULL                 ? strtod(k->usual, NULL)
                           : n->kind == TOML_INTEGER ? (double)n->integer
                                                     : n->real;
        return n == NULL || in_range(r, n, k, *(double *)field);
    case LIST: return read_list(r, n, k, base);
    case COUNT:
    case BYTES:
    case TIME: break;
    }
    return set_number(r, n, k, text, field);
}

static const struct key *key_of(const struct section *s, const char *name)
{
    for (const struct key *k = s->keys; k->name != NULL; k++) {
        if (strcmp(k->name, name) == 0)
            return k;
    }
    return NULL;
}

static bool unknown_key(struct reader *r, const struct toml_node *n, const struct section *s)
{
    char what[300];
    size_t len = (size_t)snprintf(what, sizeof(what), "%s has no such key; it has", s->title);
    for (const struct key *k = s->keys; k->name != NULL && len < sizeof(what); k++)
        len += (size_t)snprintf(what + len, sizeof(what) - len, " %s", k->name);
    return err_set(r->err, ERR_CONFIG, 0, "%s:%d:%d: %.60s: %s", r->file, n->key_line,
                   n->key_column, n->key, what);
}

static bool read_section(struct reader *r, const struct toml_node *n, const struct section *s,
                         void *base)
{
    for (const struct key *k = s->keys; k->name != NULL; k++) {
        const struct toml_node *v = toml_get(n, k->name);
        if (v == NULL && k->needed)
            return bad(r, n, k->name, "it is missing");
        if ((v != NULL || k->usual != NULL) && !set_value(r, v, k, base))
            return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        bool setting = s == &scenario_section && strcmp(n->items[i].key, "settings") == 0;
        if (!setting && key_of(s, n->items[i].key) == NULL)
            return unknown_key(r, &n->items[i], s);
    }
    return true;
}

static bool read_list(struct reader *r, const struct toml_node *n, const struct key *k, void *base)
{
    if (n == NULL || n->kind != TOML_ARRAY || n->count == 0)
        return bad(r, n, k->name, "a list of tables is wanted");
    char *items = arena_array(r->s->arena, n->count, k->list->size);
    *(void **)((char *)base + k->offset) = items;
    *(size_t *)((char *)base + k->count) = n->count;
    for (size_t i = 0; i < n->count; i++) {
        if (n->items[i].kind != TOML_TABLE)
            return bad(r, &n->items[i], k->name, "a table is wanted");
        if (!read_section(r, &n->items[i], k->list, items + i * k->list->size))
            return false;
    }
    return true;
}

/* Settings of the configuration are judged where all of those are known: demo_config.c. */
static bool read_settings(struct reader *r, const struct toml_node *root)
{
    const struct toml_node *n = toml_get(root, "settings");
    if (n == NULL)
        return true;
    if (n->kind != TOML_TABLE)
        return bad(r, n, "settings", "a table is wanted");
    r->s->settings = arena_array(r->s->arena, n->count, sizeof(*r->s->settings));
    for (size_t i = 0; i < n->count; i++) {
        const struct toml_node *v = &n->items[i];
        const char *text = v->kind == TOML_STRING ? v->string
                           : v->kind == TOML_INTEGER
                               ? arena_printf(r->s->arena, "%lld", (long long)v->integer)
                               : NULL;
        if (text == NULL || !is_name(v->key) || strpbrk(text, "\"\\\n\r\t") != NULL)
            return bad(r, v, v->key, "a text or a number is wanted");
        r->s->settings[r->s->nsettings++] = (struct scenario_setting){
            arena_strdup(r->s->arena, v->key), arena_strdup(r->s->arena, text), v->key_line};
    }
    return true;
}

struct scenario *scenario_read(const char *name, const char *text, size_t n, struct err *err)
{
    struct toml_error error;
    struct toml_node *root = toml_parse_text(text, n, &error);
    if (root == NULL) {
        err_set(err, ERR_CONFIG, 0, "%s:%d:%d: %s", name, error.line, error.column, error.text);
        return NULL;
    }
    struct arena *arena = arena_new();
    struct scenario *s = arena_alloc(arena, sizeof(*s));
    s->arena = arena;
    s->name = arena_strdup(arena, name);
    struct reader r = {s, name, err};
    bool ok = read_section(&r, root, &scenario_section, s) && read_settings(&r, root);
    toml_free(root);
    if (ok)
        return s;
    scenario_free(s);
    return NULL;
}

void scenario_free(struct scenario *scenario)
{
    if (scenario != NULL)
        arena_free(scenario->arena);
}
