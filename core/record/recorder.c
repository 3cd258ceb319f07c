#include "record/record.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/options.h"
#include "record/codec.h"
#include "record/redact.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct told {                         /* of one pipeline */
    bool snapshot[SOURCE_KIND_COUNT]; /* the world's snapshot is in the recording */
    enum verdict verdict;
    char id[16];
};

struct recorder {
    int64_t mono_ms, wall_ms; /* when it began */
    struct redact *redact;
    struct told *told;
};

static const char *const ledger_states[] = {
    [LEDGER_SENDING] = "sending", [LEDGER_WATCHING] = "watching", [LEDGER_WORKED] = "worked",
    [LEDGER_FAILED] = "failed",   [LEDGER_UNSEEN] = "unseen",
};
static_assert(ARRAY_LEN(ledger_states) == LEDGER_UNSEEN + 1, "a name per state");

const char *record_ledger_state(enum ledger_state state)
{
    return (unsigned)state < ARRAY_LEN(ledger_states) ? ledger_states[state] : NULL;
}

struct recorder *recorder_new(const struct world *world, bool redact)
{
    struct recorder *r = mem_alloc(sizeof(*r));
    r->mono_ms = world->mono_ms;
    r->wall_ms = world->wall_ms;
    r->redact = redact ? redact_new() : NULL;
    r->told = mem_calloc(world->npipelines + 1, sizeof(*r->told));
    return r;
}

void recorder_free(struct recorder *r)
{
    if (r == NULL)
        return;
    redact_free(r->redact);
    free(r->told);
    free(r);
}

int64_t recorder_t(const struct recorder *r, const struct world *world)
{
    return world->mono_ms > r->mono_ms ? world->mono_ms - r->mono_ms : 0;
}

static void put_int(struct strbuf *out, const char *name, int64_t v)
{
    (void)strbuf_puts(out, name);
    encode_int(out, v);
}

static void put_name(const struct recorder *r, const char *name, struct strbuf *out)
{
    encode_string(out, redact_text(r->redact, REDACT_NAME, name));
}

/* {"t":12,"pipeline":"shop" */
static void begin(const struct recorder *r, const struct world *world, size_t pipeline,
                  struct strbuf *out)
{
    put_int(out, "{\"t\":", recorder_t(r, world));
    (void)strbuf_puts(out, ",\"pipeline\":");
    put_name(r, world->pipelines[pipeline].config->name, out);
}

/* ---- the header ------------------------------------------------------------------------------ */

/* What of the configuration goes along: sections as a whole, of others only these keys. */
static const struct {
    enum option_section section;
    const char *key; /* NULL: all */
} options_told[] = {
    {SECTION_KAFKA,      "bootstrap_servers"},
    {SECTION_KAFKA,      "security_protocol"},
    {SECTION_KAFKA,      "sasl_mechanism"   },
    {SECTION_S3,         "url"              },
    {SECTION_S3,         "region"           },
    {SECTION_MSK,        NULL               },
    {SECTION_MSKCONNECT, NULL               },
    {SECTION_DMS,        NULL               },
    {SECTION_RDS,        NULL               },
    {SECTION_THRESHOLDS, NULL               },
    {SECTION_JOIN,       NULL               },
    {SECTION_FINDINGS,   NULL               },
};

static bool is_told(const struct option *o)
{
    for (size_t i = 0; i < ARRAY_LEN(options_told); i++)
        if (options_told[i].section == o->section && (o->flags & OPTION_SECRET) == 0 &&
            (options_told[i].key == NULL || strcmp(options_told[i].key, o->key) == 0))
            return true;
    return false;
}

static void put_list(const struct recorder *r, const struct strlist *list, struct strbuf *out)
{
    (void)strbuf_putc(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            (void)strbuf_putc(out, ',');
        put_name(r, list->items[i], out);
    }
    (void)strbuf_putc(out, ']');
}

/* As in a file, but always a string or an array of them. */
static void put_option(const struct recorder *r, const struct option *o, const void *base,
                       const char *toml, struct strbuf *out)
{
    encode_string(out, o->key);
    (void)strbuf_putc(out, ':');
    if (options_is_list(o)) {
        put_list(r, options_field_const(o, base), out);
    } else if (o->type == OPTION_STRING || o->type == OPTION_S3_URL) {
        put_name(r, *(char *const *)options_field_const(o, base), out);
    } else if (toml[0] == '"') {
        (void)strbuf_puts(out, toml); /* a figure with its unit, or a word of ours */
    } else {
        encode_string(out, toml);
    }
}

static void put_options(const struct recorder *r, const struct pipeline_config *pc,
                        struct strbuf *out)
{
    bool any = false;
    for (int section = 0; section < SECTION_COUNT; section++) {
        bool open = false;
        for (size_t i = 0; i < options_count; i++) {
            const struct option *o = &options[i];
            char *toml = o->section == (enum option_section)section && is_told(o)
                             ? options_toml(o, pc, true)
                             : NULL;
            if (toml == NULL)
                continue;
            (void)strbuf_puts(out, open ? "," : any ? ",\"" : "\"");
            if (!open) {
                (void)strbuf_puts(out, option_sections[section].name);
                (void)strbuf_puts(out, "\":{");
            }
            put_option(r, o, pc, toml, out);
            free(toml);
            open = any = true;
        }
        if (open)
            (void)strbuf_putc(out, '}');
    }
}

static void put_pipeline(const struct recorder *r, const struct world_pipeline *p,
                         struct strbuf *out)
{
    bool any = false;
    (void)strbuf_puts(out, "{\"name\":");
    put_name(r, p->config->name, out);
    (void)strbuf_puts(out, ",\"environment\":");
    encode_string(out, p->config->environment); /* "prod" is no secret, and worth knowing */
    (void)strbuf_puts(out, ",\"sources\":[");
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        if (!p->sources[k].configured)
            continue;
        if (any)
            (void)strbuf_putc(out, ',');
        encode_string(out, source_kind_name((enum source_kind)k));
        any = true;
    }
    (void)strbuf_puts(out, "],\"options\":{");
    put_options(r, p->config, out);
    (void)strbuf_puts(out, "}}");
}

void recorder_header(struct recorder *r, const struct world *world, struct strbuf *out)
{
    char iso[40];
    put_int(out, "{\"cdctop\":\"recording\",\"schema\":", RECORD_SCHEMA);
    (void)strbuf_puts(out, ",\"version\":\"" CDCTOP_VERSION "\",\"time\":");
    encode_string(out, clock_iso(r->wall_ms, iso, sizeof(iso)));
    put_int(out, ",\"wall_ms\":", r->wall_ms);
    put_int(out, ",\"mono_ms\":", r->mono_ms);
    (void)strbuf_puts(out, r->redact != NULL ? ",\"redacted\":true" : ",\"redacted\":false");
    put_int(out, ",\"interval_ms\":", world->interval_ms);
    (void)strbuf_puts(out, ",\"pipelines\":[");
    for (size_t i = 0; i < world->npipelines; i++) {
        if (i > 0)
            (void)strbuf_putc(out, ',');
        put_pipeline(r, &world->pipelines[i], out);
    }
    (void)strbuf_puts(out, "]}\n");
}

/* ---- reports --------------------------------------------------------------------------------- */

static void put_error(struct recorder *r, const struct err *err, struct strbuf *out)
{
    (void)strbuf_puts(out, ",\"error\":{\"kind\":");
    encode_string(out, err_kind_name(err->kind));
    put_int(out, ",\"code\":", err->code);
    (void)strbuf_puts(out, ",\"text\":");
    encode_string(out, redact_text(r->redact, REDACT_TEXT, err->text));
    (void)strbuf_putc(out, '}');
}

static void put_snapshot(struct recorder *r, const struct snapshot *snap,
                         const struct snapshot *base, struct strbuf *out)
{
    (void)strbuf_puts(out, base != NULL ? ",\"changes\":{" : ",\"snapshot\":{");
    bool any = encode_members(out, &shape_head, snap, base, r->redact, false);
    (void)encode_members(out, shape_of(snap->kind), shape_part_const(snap),
                         base != NULL ? shape_part_const(base) : NULL, r->redact, any);
    (void)strbuf_putc(out, '}');
}

static void put_report(struct recorder *r, const struct world *world, size_t pipeline,
                       enum source_kind kind, const struct report *report,
                       const struct snapshot *base, bool again, struct strbuf *out)
{
    begin(r, world, pipeline, out);
    (void)strbuf_puts(out, ",\"source\":");
    encode_string(out, source_kind_name(kind));
    if (again)
        (void)strbuf_puts(out, ",\"again\":true");
    (void)encode_members(out, &shape_report, report, NULL, r->redact, true);
    if (report->err.kind != ERR_NONE)
        put_error(r, &report->err, out);
    if (report->snap != NULL)
        put_snapshot(r, report->snap, base, out);
    (void)strbuf_puts(out, "}\n");
}

void recorder_report(struct recorder *r, const struct world *world, size_t pipeline,
                     enum source_kind kind, const struct report *report,
                     const struct snapshot *before, struct strbuf *out)
{
    bool *told = &r->told[pipeline].snapshot[kind];
    put_report(r, world, pipeline, kind, report, *told ? before : NULL, false, out);
    *told = *told || report->snap != NULL;
}

/* ---- actions, verdicts, checkpoints ---------------------------------------------------------- */

static void put_action(struct recorder *r, const struct world *world, size_t pipeline,
                       const struct ledger_entry *entry, bool again, struct strbuf *out)
{
    begin(r, world, pipeline, out);
    if (again)
        (void)strbuf_puts(out, ",\"again\":true");
    (void)strbuf_puts(out, ",\"action\":{\"verb\":");
    encode_string(out, entry->verb);
    (void)strbuf_puts(out, ",\"state\":");
    encode_string(out, record_ledger_state(entry->state));
    (void)encode_members(out, &shape_ledger, entry, NULL, r->redact, true);
    (void)strbuf_puts(out, "}}\n");
}

void recorder_action(struct recorder *r, const struct world *world, size_t pipeline,
                     const struct ledger_entry *entry, struct strbuf *out)
{
    put_action(r, world, pipeline, entry, false, out);
}

bool recorder_verdict(struct recorder *r, const struct world *world, size_t pipeline,
                      enum verdict verdict, const char *id, struct strbuf *out)
{
    struct told *t = &r->told[pipeline];
    if (t->verdict == verdict && strcmp(t->id, id) == 0)
        return false;
    t->verdict = verdict;
    (void)snprintf(t->id, sizeof(t->id), "%s", id);
    begin(r, world, pipeline, out);
    (void)strbuf_puts(out, ",\"verdict\":");
    encode_string(out, verdict_name(verdict));
    (void)strbuf_puts(out, ",\"headline\":");
    encode_string(out, id);
    (void)strbuf_puts(out, "}\n");
    return true;
}

static void put_known(struct recorder *r, const struct world *world, size_t pipeline,
                      enum source_kind kind, struct strbuf *out)
{
    const struct source_slot *s = &world->pipelines[pipeline].sources[kind];
    const struct report report = {.snap = s->snap,
                                  .err = s->err,
                                  .mono_ms = s->report_mono_ms,
                                  .took_us = s->took_us,
                                  .polls = s->polls,
                                  .failures = s->failures,
                                  .fails = s->fails};
    if (s->report_mono_ms == 0)
        return;
    put_report(r, world, pipeline, kind, &report, NULL, true, out);
    r->told[pipeline].snapshot[kind] = s->snap != NULL;
}

void recorder_checkpoint(struct recorder *r, const struct world *world, struct strbuf *out)
{
    put_int(out, "{\"t\":", recorder_t(r, world));
    (void)strbuf_puts(out, ",\"checkpoint\":true}\n");
    for (size_t i = 0; i < world->npipelines; i++) {
        const struct ledger *ledger = &world->pipelines[i].ledger;
        for (int k = 0; k < SOURCE_KIND_COUNT; k++)
            put_known(r, world, i, (enum source_kind)k, out);
        for (size_t n = ledger_size(ledger); n > 0; n--)
            put_action(r, world, i, ledger_at(ledger, n - 1), true, out);
    }
}
