/* JUnit XML as CI servers read it: testsuites, testsuite, testcase with failure or skipped. */
#include "base/clock.h"
#include "report/preflight.h"

#include <string.h>

enum { XML_BYTES = 8 * 1024 * 1024 };

/* Cleaned first: XML 1.0 knows no way to write a control character. */
static void put_xml(struct strbuf *sb, const char *text, size_t len)
{
    struct strbuf clean;
    strbuf_init(&clean, XML_BYTES);
    preflight_clean(&clean, text, len);
    for (const char *p = clean.text; *p != '\0'; p++) {
        switch (*p) {
        case '&': strbuf_puts(sb, "&amp;"); break;
        case '<': strbuf_puts(sb, "&lt;"); break;
        case '>': strbuf_puts(sb, "&gt;"); break;
        case '"': strbuf_puts(sb, "&quot;"); break;
        case '\'': strbuf_puts(sb, "&apos;"); break;
        default: strbuf_putc(sb, *p); break;
        }
    }
    strbuf_free(&clean);
}

static void put_attribute(struct strbuf *sb, const char *name, const char *value)
{
    strbuf_printf(sb, " %s=\"", name);
    put_xml(sb, value, strlen(value));
    strbuf_putc(sb, '"');
}

static void put_lines(struct strbuf *sb, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        put_xml(sb, text, n);
        strbuf_putc(sb, '\n');
        text += n;
        text += *text == '\n';
    }
}

static void put_case(struct strbuf *sb, const struct preflight *in, const struct check_line *line)
{
    strbuf_puts(sb, "    <testcase classname=\"");
    put_xml(sb, in->pipeline->name, strlen(in->pipeline->name));
    strbuf_putc(sb, '.');
    put_xml(sb, line->id, strlen(line->id));
    strbuf_puts(sb, "\" name=\"");
    put_xml(sb, line->title, strlen(line->title));
    if (line->object[0] != '\0') {
        strbuf_puts(sb, ": ");
        put_xml(sb, line->object, strlen(line->object));
    }
    strbuf_putc(sb, '"');
    if (line->result == RESULT_OK) {
        strbuf_puts(sb, "/>\n");
        return;
    }
    strbuf_puts(sb, ">\n");
    if (line->result == RESULT_WARNING) {
        strbuf_puts(sb, "      <system-out>warning: ");
        put_lines(sb, line->evidence);
        put_lines(sb, line->fix);
        strbuf_puts(sb, "</system-out>\n");
    } else if (line->result == RESULT_UNKNOWN) {
        strbuf_puts(sb, "      <skipped");
        put_attribute(sb, "message", line->evidence);
        strbuf_puts(sb, "/>\n");
    } else {
        strbuf_puts(sb, "      <failure");
        put_attribute(sb, "message", line->evidence);
        strbuf_puts(sb, ">");
        put_lines(sb, line->fix);
        strbuf_puts(sb, "</failure>\n");
    }
    strbuf_puts(sb, "    </testcase>\n");
}

static void put_suite(struct strbuf *sb, const struct preflight *in)
{
    char when[40];
    strbuf_puts(sb, "  <testsuite");
    put_attribute(sb, "name", in->pipeline->name);
    strbuf_printf(sb, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                  in->list.count, in->list.counts[RESULT_FAILED], in->list.counts[RESULT_UNKNOWN]);
    put_attribute(sb, "timestamp", clock_iso_ms(in->world->wall_ms, when, sizeof(when)));
    strbuf_puts(sb, ">\n");
    for (size_t i = 0; i < in->list.count; i++)
        put_case(sb, in, &in->list.lines[i]);
    strbuf_puts(sb, "  </testsuite>\n");
}

char *preflight_junit(const struct preflight *in, size_t n)
{
    size_t tests = 0, failures = 0, skipped = 0;
    struct strbuf sb;
    strbuf_init(&sb, XML_BYTES);
    for (size_t i = 0; i < n; i++) {
        tests += in[i].list.count;
        failures += in[i].list.counts[RESULT_FAILED];
        skipped += in[i].list.counts[RESULT_UNKNOWN];
    }
    strbuf_puts(&sb, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    strbuf_printf(&sb,
                  "<testsuites name=\"cdctop check\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
                  "skipped=\"%zu\">\n",
                  tests, failures, skipped);
    for (size_t i = 0; i < n; i++)
        put_suite(&sb, &in[i]);
    strbuf_puts(&sb, "</testsuites>\n");
    return strbuf_take(&sb);
}
