#include "report/report.h"

#include "base/human.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024, LINE_MAX_BYTES = 400 };

enum verdict report_verdict(const struct report_input *in)
{
    enum verdict worst = VERDICT_NONE;
    bool unknown = false;
    for (int i = 0; i < HOP_COUNT; i++) {
        enum verdict v = in->pipeline->hops[i].verdict;
        unknown = unknown || v == VERDICT_UNKNOWN;
        worst = v > worst ? v : worst;
    }
    for (size_t i = 0; i < in->findings->count; i++) {
        /* What is gone from the latest answers is no verdict of now. */
        if (in->findings->items[i].clearing)
            continue;
        enum verdict v = in->findings->items[i].severity;
        unknown = unknown || v == VERDICT_UNKNOWN;
        worst = v > worst ? v : worst;
    }
    if (worst == VERDICT_WARN && unknown)
        return VERDICT_UNKNOWN;
    return worst;
}

int report_exit_code(enum verdict verdict)
{
    static const int codes[VERDICT_COUNT] = {
        [VERDICT_NONE] = 3, [VERDICT_OK] = 0,   [VERDICT_INFO] = 0,
        [VERDICT_WARN] = 1, [VERDICT_CRIT] = 2, [VERDICT_UNKNOWN] = 3,
    };
    return codes[verdict];
}

/* Names come from servers: what is printed goes through the sanitiser, line by line. */
static void put_line(struct strbuf *sb, const char *line)
{
    char clean[LINE_MAX_BYTES];
    strbuf_puts(sb, utf8_clean(clean, sizeof(clean), line, false));
    strbuf_putc(sb, '\n');
}

static void put_hops(struct strbuf *sb, const struct pipeline *p)
{
    for (int i = 0; i < HOP_COUNT; i++) {
        const struct hop *h = &p->hops[i];
        char line[LINE_MAX_BYTES];
        char name[80];
        utf8_fit(name, sizeof(name), h->name, 28, false);
        (void)snprintf(line, sizeof(line), "  %-8s %-28s %-18s %-8s %s", h->title, name, h->figure,
                       verdict_name(h->verdict), h->word);
        put_line(sb, line);
    }
}

static bool is_silence_of(const char *id, const char *object, enum source_kind kind)
{
    return strcmp(id, "Z01") == 0 && strcmp(object, source_kind_name(kind)) == 0;
}

/* The finding repeats the error word by word, or that of its cause: once is enough. */
static bool told(const struct findings *f, enum source_kind kind)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *one = &f->items[i];
        if (is_silence_of(one->id, one->object, kind))
            return true;
        for (int k = 0; strcmp(one->id, "Z01") == 0 && k < one->nexplains; k++) {
            if (is_silence_of(one->explains[k].id, one->explains[k].object, kind))
                return true;
        }
    }
    return false;
}

static void put_sources(struct strbuf *sb, const struct report_input *in)
{
    for (int k = 0; k < SOURCE_KIND_COUNT; k++) {
        const struct source_slot *s = &in->world->pipelines[in->index].sources[k];
        if (s->err.kind == ERR_NONE || told(in->findings, (enum source_kind)k))
            continue;
        char line[sizeof(s->err.text) + 40];
        (void)snprintf(line, sizeof(line), "  %s: %s", source_kind_title((enum source_kind)k),
                       s->err.text);
        put_line(sb, line);
    }
}

static void put_findings(struct strbuf *sb, const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *one = &f->items[i];
        char line[LINE_MAX_BYTES];
        (void)snprintf(line, sizeof(line), "  %-8s %s %s%s", verdict_name(one->severity), one->id,
                       one->clearing ? "(clearing) " : "", one->title);
        put_line(sb, line);
        if (one->advice[0] == '\0' || one->clearing)
            continue;
        (void)snprintf(line, sizeof(line), "           → %s", one->advice);
        put_line(sb, line);
    }
    for (size_t i = 0; i < f->nmuted; i++) {
        char line[LINE_MAX_BYTES];
        (void)snprintf(line, sizeof(line), "  muted    %s %s (%s)", f->muted[i].id,
                       f->muted[i].title, f->muted[i].mute_reason);
        put_line(sb, line);
    }
}

char *report_text(const struct report_input *in)
{
    struct strbuf sb;
    strbuf_init(&sb, TEXT_MAX);
    char line[LINE_MAX_BYTES];
    char age[HUMAN_SIZE];
    enum verdict v = report_verdict(in);
    (void)snprintf(line, sizeof(line), "%s%s%s: %s, end to end %s%s", in->pipeline->name,
                   in->pipeline->environment[0] != '\0' ? " " : "", in->pipeline->environment,
                   verdict_name(v), in->pipeline->end_to_end_more ? "more than " : "",
                   in->pipeline->end_to_end_ms == UNKNOWN
                       ? "unknown"
                       : human_duration_ms(age, in->pipeline->end_to_end_ms));
    put_line(&sb, line);
    put_hops(&sb, in->pipeline);
    put_sources(&sb, in);
    put_findings(&sb, in->findings);
    return strbuf_take(&sb);
}
