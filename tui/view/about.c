/* about.c: this program: where its files are, what it costs, and how each source answers. Made to
 * be pasted into a report: no secret, no query. */
#include "base/human.h"
#include "base/iamtext.h"
#include "base/mem.h"
#include "base/self.h"
#include "base/utf8.h"
#include "tui/draw/glyph.h"
#include "tui/view/about_aws.h"
#include "tui/view/msk_facts.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *or_words(const char *text, const char *none)
{
    return text != NULL && text[0] != '\0' ? text : none;
}

static void program(const struct scene *s, struct doc *d)
{
    const struct config *c = s->m->config;
    char up[HUMAN_SIZE];
    const char *since = "";
    if (s->m->self != NULL)
        since = scene_text(s, ", up %s",
                           human_duration_ms(up, s->m->ui_ms - s->m->self->started_mono_ms));
    doc_head(d, "Program", NULL);
    doc_kv(d, "version", ROLE_STRONG, scene_text(s, "cdctop " CDCTOP_VERSION "%s", since));
    if (c == NULL)
        return;
    if (s->m->demo != NULL)
        doc_kv(d, "shows", ROLE_INFO,
               scene_text(s, "a demo, %s: no server is asked or changed", s->m->demo));
    doc_kv(d, "configuration", ROLE_TEXT, or_words(c->path, "no file: flags and environment"));
    doc_kv(d, "audit log", ROLE_TEXT,
           s->m->demo != NULL ? "none in a demo" : or_words(s->m->audit_path, c->audit_log));
    doc_kv(d, "log", ROLE_TEXT, or_words(c->log_file, "no file: the newest lines in memory"));
    const char *never = s->m->when.no_actions;
    doc_kv(d, "mode", never != NULL || c->read_only ? ROLE_INFO : ROLE_TEXT,
           never != NULL  ? never
           : c->read_only ? "read-only: nothing is changed from here"
                          : "actions are possible, each after it was confirmed");
    doc_kv(d, "screen", ROLE_TEXT,
           scene_text(s, "%d×%d, theme %s, %s, asked every %gs", s->app->w, s->app->h, c->theme,
                      s->app->ascii ? "ASCII" : "Unicode", (double)s->m->interval_ms / 1000));
}

static const char *bytes(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return n < 0 ? "unknown" : scene_text(s, "%s", human_bytes(buf, n));
}

static void cost(const struct scene *s, struct doc *d)
{
    const struct self_usage *u = s->m->self;
    if (u == NULL)
        return;
    double cpu = self_cpu(u);
    double wakes = self_wakeups(u);
    doc_head(d, "Own cost", "over the last minute");
    doc_kv(d, "processor", ROLE_TEXT,
           isnan(cpu) ? "…" : scene_text(s, "%.2f %% of a core", cpu * 100));
    doc_kv(d, "wake-ups", ROLE_TEXT, isnan(wakes) ? "…" : scene_text(s, "%.0f /s", wakes));
    doc_kv(d, "memory", ROLE_TEXT,
           scene_text(s, "%s, at most %s", bytes(s, u->rss_bytes), bytes(s, u->peak_bytes)));
    doc_kv(d, "threads", ROLE_TEXT,
           u->threads < 0 ? "unknown"
                          : scene_text(s, "%d, and %d files open", u->threads, u->files));
    doc_kv(d, "written", ROLE_TEXT,
           scene_text(s, "%s to the terminal and files", bytes(s, u->written_bytes)));
}

/* ---- sources --------------------------------------------------------------------------------- */

static const char *took(const struct scene *s, int64_t us)
{
    if (us < 10 * 1000)
        return scene_text(s, "%.1f ms", (double)us / 1000);
    if (us < 1000 * 1000)
        return scene_text(s, "%.0f ms", (double)us / 1000);
    return scene_text(s, "%.1f s", (double)us / 1e6);
}

static const char *count(const struct scene *s, int64_t n)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_count(buf, n));
}

static const char *age_of(const struct scene *s, int64_t ms)
{
    char buf[HUMAN_SIZE];
    return scene_text(s, "%s", human_age_ms(buf, ms));
}

/* "about $0.05 an hour, "; "" where nobody asks for money, or it is not known yet. */
static const char *s3_price(const struct scene *s, const struct s3_snap *s3)
{
    const char *charged = s3->charged > 0 ? " (the reader pays here)" : "";
    if (s3->usd_micro_per_hour <= 0)
        return s3->charged > 0 ? "charged to you, " : "";
    return scene_text(s, "about $%.3f an hour by list price%s, ",
                      (double)s3->usd_micro_per_hour / 1e6, charged);
}

static const char *figures(const struct scene *s, const struct cloudwatch_snap *cw)
{
    const char *left =
        cw->left_out > 0 ? scene_text(s, "%s left out, ", count(s, cw->left_out)) : "";
    return scene_text(s, "%s figures, %s asked for an hour, %s", count(s, (int64_t)cw->nmetrics),
                      count(s, cw->asked_per_hour), left);
}

static const char *things(const struct scene *s, size_t n, const char *what)
{
    return scene_text(s, "%zu %s%s, ", n, what, n == 1 ? "" : "s");
}

/* What the server says of itself. */
static const char *who(const struct scene *s, const struct snapshot *snap)
{
    if (snap == NULL)
        return "";
    switch (snap->kind) {
    case SOURCE_POSTGRES: return scene_text(s, "%s, ", or_words(snap->pg.version, "version ?"));
    case SOURCE_MSK: return msk_facts_line(s, &snap->msk);
    case SOURCE_KAFKA: return scene_text(s, "%zu brokers, ", snap->kafka.nbrokers);
    case SOURCE_CONNECT: return scene_text(s, "%s, ", or_words(snap->connect.version, "version ?"));
    case SOURCE_S3:
        return scene_text(s, "%s requests made, %s keys listed so far, %s",
                          count(s, snap->s3.requests), count(s, snap->s3.keys),
                          s3_price(s, &snap->s3));
    case SOURCE_MSK_CONNECT: return things(s, snap->connect.nconnectors, "connector");
    case SOURCE_DMS: return things(s, snap->connect.nconnectors, "task");
    case SOURCE_CLOUDWATCH: return figures(s, &snap->cloudwatch);
    case SOURCE_LOGS: return things(s, snap->logs.ntails, "log");
    case SOURCE_RDS:
        return scene_text(s, "%s %s, ", or_words(snap->rds.engine, "engine ?"),
                          or_words(snap->rds.version, "version ?"));
    default: break;
    }
    return "";
}

enum { KIND_W = 13, STATE_W = 7, TOOK_W = 8, POLLS_W = 7, AGE_W = 6, INDENT = 4 };

static void head(struct doc *d)
{
    const struct doc_cell cells[] = {
        {KIND_W,  false, ROLE_DIM, "SOURCE"},
        {STATE_W, false, ROLE_DIM, "STATE" },
        {TOOK_W,  true,  ROLE_DIM, "LAST"  },
        {TOOK_W,  true,  ROLE_DIM, "MEDIAN"},
        {TOOK_W,  true,  ROLE_DIM, "WORST" },
        {POLLS_W, true,  ROLE_DIM, "POLLS" },
        {POLLS_W, true,  ROLE_DIM, "FAILED"},
        {AGE_W,   true,  ROLE_DIM, "AGE"   },
    };
    doc_row(d, INDENT, cells, ARRAY_LEN(cells));
}

static void trouble(struct doc *d, const struct source_slot *src)
{
    enum { AT = INDENT + KIND_W + 2 };
    if (src->err.kind != ERR_NONE) {
        doc_wrap(d, AT, ROLE_UNKNOWN, src->err.text);
        doc_wrap(d, AT, ROLE_DIM, iam_next_step(&src->err));
    }
    for (size_t n = 0; src->snap != NULL && n < src->snap->notes.count; n++) {
        doc_wrap(d, AT, ROLE_WARN, src->snap->notes.items[n].what);
        if (src->snap->notes.items[n].fix != NULL)
            doc_wrap(d, AT + 2, ROLE_REQUEST, src->snap->notes.items[n].fix);
    }
}

static void source(const struct scene *s, struct doc *d, size_t pipeline, enum source_kind kind)
{
    static const struct {
        const char *word;
        unsigned char style;
    } states[] = {
        [STATE_OFF] = {"off",     ROLE_DIM    },
        [STATE_WAITING] = {"waiting", ROLE_DIM    },
        [STATE_FRESH] = {"fresh",   ROLE_OK     },
        [STATE_STALE] = {"stale",   ROLE_WARN   },
        [STATE_FAILING] = {"failing", ROLE_UNKNOWN}
    };
    const struct source_slot *src = &s->wp->sources[kind];
    enum source_state state = world_state(s->m->world, pipeline, kind);
    if (state == STATE_OFF && kind >= SOURCE_OWN_COUNT)
        return;
    struct latency l;
    bool known = state != STATE_OFF && source_latency(src, &l);
    const char *dash = state == STATE_OFF ? "" : "–";
    const char *polls = count(s, src->polls);
    const char *failed = count(s, src->failures);
    const char *age = age_of(s, world_age(s->m->world, pipeline, kind));
    const char *last = known ? took(s, src->took_us) : dash;
    const char *median = known ? took(s, l.median_us) : dash;
    const char *worst = known ? took(s, l.worst_us) : dash;
    unsigned loud = src->failures > 0 ? ROLE_WARN : ROLE_DIM;
    const struct doc_cell cells[] = {
        {KIND_W,  false, ROLE_TEXT,           source_kind_title(kind)},
        {STATE_W, false, states[state].style, states[state].word     },
        {TOOK_W,  true,  ROLE_TEXT,           last                   },
        {TOOK_W,  true,  ROLE_TEXT,           median                 },
        {TOOK_W,  true,  ROLE_TEXT,           worst                  },
        {POLLS_W, true,  ROLE_TEXT,           known ? polls : dash   },
        {POLLS_W, true,  loud,                known ? failed : dash  },
        {AGE_W,   true,  ROLE_TEXT,           known ? age : dash     },
    };
    doc_row(d, INDENT, cells, ARRAY_LEN(cells));
    if (state == STATE_OFF)
        return;
    const char *text = scene_text(s, "%s%s", who(s, src->snap), scene_where(s, kind));
    enum { WHO_AT = INDENT + KIND_W + STATE_W + 3 * TOOK_W + 2 * POLLS_W + AGE_W + 8 * 2 };
    if (WHO_AT + utf8_width(text) < d->width)
        doc_span(d, WHO_AT, 0, false, ROLE_DIM, text);
    else
        doc_wrap(d, INDENT + KIND_W + 2, ROLE_DIM, text);
    trouble(d, src);
}

static void sources(const struct scene *s, struct doc *d)
{
    for (size_t i = 0; s->m->world != NULL && i < s->m->world->npipelines; i++) {
        struct scene one = *s;
        one.wp = &s->m->world->pipelines[i];
        doc_head(d, scene_text(s, "Pipeline %s", one.wp->config->name),
                 scene_text(s, "%s%s%s series remembered", one.wp->config->environment,
                            one.wp->config->environment[0] != '\0' ? " · " : "",
                            count(s, (int64_t)series_count(one.wp->series))));
        head(d);
        for (int k = 0; k < SOURCE_KIND_COUNT; k++)
            source(&one, d, i, (enum source_kind)k);
        about_aws(&one, d, i);
    }
    if (s->m->world == NULL)
        doc_wrap(d, 4, ROLE_DIM, "no source has been asked yet");
}

static void build(const struct scene *s, struct doc *d)
{
    d->label = 16;
    program(s, d);
    cost(s, d);
    sources(s, d);
}

static const char *note(const struct scene *s, unsigned *style)
{
    (void)s;
    *style = ROLE_DIM;
    return "latency over the latest 64 polls";
}

const struct view_ops view_about = {
    .id = VIEW_ABOUT, .title = "About", .build = build, .note = note};
