#include "base/mem.h"
#include "base/utf8.h"
#include "report/preflight.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 4 * 1024 * 1024, TITLE_COLUMNS = 48 };

void preflight_clean(struct strbuf *sb, const char *line, size_t len)
{
    char *copy = mem_strndup(line, len);
    size_t size = 3 * len + 4; /* a bad byte becomes three */
    char *clean = mem_alloc(size);
    strbuf_puts(sb, utf8_clean(clean, size, copy, false));
    free(clean);
    free(copy);
}

/* A fix as it is to be copied: line by line, nothing cut. */
static void put_fix(struct strbuf *sb, const struct check_line *line)
{
    for (const char *p = line->fix; *p != '\0';) {
        size_t n = strcspn(p, "\n");
        strbuf_puts(sb, "             ");
        preflight_clean(sb, p, n);
        strbuf_putc(sb, '\n');
        p += n;
        p += *p == '\n';
    }
}

/* A server that does not answer leaves many lines without evidence: its error is said once for each
 * hop. */
static bool repeats(const struct check_line *line, const struct check_line *before)
{
    return before != NULL && line->result == RESULT_UNKNOWN && before->result == RESULT_UNKNOWN &&
           line->hop == before->hop && strcmp(line->evidence, before->evidence) == 0;
}

static void put_line(struct strbuf *sb, const struct check_line *line,
                     const struct check_line *before)
{
    int width = utf8_width(line->title);
    strbuf_printf(sb, "  %-8s %s%*s ", check_result_name(line->result), line->title,
                  width < TITLE_COLUMNS ? TITLE_COLUMNS - width : 0, "");
    if (line->object[0] != '\0') {
        preflight_clean(sb, line->object, strlen(line->object));
        strbuf_puts(sb, ": ");
    }
    const char *evidence = repeats(line, before) ? "the same" : line->evidence;
    preflight_clean(sb, evidence, strlen(evidence));
    strbuf_putc(sb, '\n');
    put_fix(sb, line);
}

char *preflight_text(const struct preflight *in)
{
    const struct check_list *list = &in->list;
    struct strbuf sb;
    strbuf_init(&sb, TEXT_BYTES);
    int hop = -1;
    for (size_t i = 0; i < list->count; i++) {
        if ((int)list->lines[i].hop != hop) {
            hop = (int)list->lines[i].hop;
            const struct hop *h = &in->pipeline->hops[hop];
            strbuf_printf(&sb, "%s  ", h->title);
            preflight_clean(&sb, h->name, strlen(h->name));
            strbuf_putc(&sb, '\n');
        }
        put_line(&sb, &list->lines[i], i > 0 ? &list->lines[i - 1] : NULL);
    }
    strbuf_putc(&sb, '\n');
    preflight_clean(&sb, in->pipeline->name, strlen(in->pipeline->name));
    strbuf_printf(&sb, ": %s: %zu failed, %zu warnings, %zu unknown, %zu ok\n",
                  check_result_name(check_worst(list)), list->counts[RESULT_FAILED],
                  list->counts[RESULT_WARNING], list->counts[RESULT_UNKNOWN],
                  list->counts[RESULT_OK]);
    return strbuf_take(&sb);
}
