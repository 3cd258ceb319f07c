/* records_answer.c: records that were asked for: what came of it, and how their times and bytes are
 * written. */
#include "base/clock.h"
#include "base/human.h"
#include "tui/view/records.h"

#include <stdio.h>
#include <string.h>

const struct peek_answer *records_answer(const struct scene *s)
{
    const struct peek_request *r = s->app->looking.request;
    const struct peek_answer *a = s->m->peeked;
    bool same = r != NULL && a != NULL && a->request->kind == r->kind &&
                a->request->pipeline == r->pipeline && strcmp(a->request->name, r->name) == 0;
    return same ? a : NULL;
}

bool records_waiting(const struct scene *s)
{
    const struct looking *l = &s->app->looking;
    const struct peek_answer *a = records_answer(s);
    return l->request != NULL && l->error[0] == '\0' && (a == NULL || a->id != l->id);
}

const char *records_name(const struct scene *s, const struct peek_record *r)
{
    return r->partition < 0 ? scene_text(s, "%lld", (long long)r->offset + 1)
                            : scene_text(s, "%d/%lld", (int)r->partition, (long long)r->offset);
}

const struct peek_record *records_find(const struct scene *s, const char *name)
{
    const struct peek_answer *a = records_answer(s);
    for (size_t i = 0; a != NULL && name != NULL && i < a->nrecords; i++) {
        if (strcmp(records_name(s, &a->records[i]), name) == 0)
            return &a->records[i];
    }
    return NULL;
}

enum pane_id records_list(const struct scene *s)
{
    const struct peek_request *r = s->app->looking.request;
    return r != NULL && r->kind == PEEK_OBJECT ? LIST_CONTENT : LIST_MESSAGES;
}

int64_t records_now(const struct scene *s)
{
    return s->m->world != NULL ? world_server_now(s->m->world, s->app->pipeline, SOURCE_KAFKA)
                               : s->m->wall_ms;
}

const char *record_time(const struct scene *s, int64_t ms)
{
    char iso[40];
    if (ms == UNKNOWN)
        return "unknown";
    char *text = arena_strdup(s->arena, clock_iso_ms(ms, iso, sizeof(iso)));
    char *t = strchr(text, 'T');
    if (t != NULL)
        *t = ' ';
    return text;
}

void record_hex(struct doc *d, const char *data, size_t n, size_t max)
{
    enum { WIDE = 16, NARROW = 8 };
    size_t step = d->width >= 78 ? WIDE : NARROW;
    size_t shown = n < max ? n : max;
    char buf[HUMAN_SIZE];
    for (size_t i = 0; i < shown; i += step) {
        char hex[3 * WIDE + 1] = "", text[WIDE + 1] = "";
        for (size_t k = 0; k < step && i + k < shown; k++) {
            unsigned char c = (unsigned char)data[i + k];
            (void)snprintf(hex + 3 * k, sizeof(hex) - 3 * k, "%02x ", (unsigned)c);
            text[k] = c >= 0x20 && c < 0x7F ? (char)c : '.';
        }
        doc_line(d);
        doc_span(d, 4, 8, false, ROLE_DIM, arena_printf(d->arena, "%08zx", i));
        doc_span(d, 14, (int)(3 * step), false, ROLE_TEXT, arena_strdup(d->arena, hex));
        doc_span(d, 15 + (int)(3 * step), 0, false, ROLE_DIM, arena_strdup(d->arena, text));
    }
    if (n > shown)
        doc_wrap(d, 4, ROLE_DIM,
                 arena_printf(d->arena, "…%s more", human_bytes(buf, (int64_t)(n - shown))));
}
