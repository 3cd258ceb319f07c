#include "source/s3_layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- keys ---------------------------------------------------------------------------------- */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_number(const char *from, const char *to, int max_digits, int64_t *value)
{
    if (from == to || to - from > max_digits)
        return false;
    *value = 0;
    for (; from < to; from++) {
        int d = *from - '0';
        if (!digit(*from) || *value > (INT64_MAX - d) / 10)
            return false;
        *value = *value * 10 + d;
    }
    return true;
}

static const char *last_of(const char *from, const char *to, char c)
{
    while (to > from) {
        if (*--to == c)
            return to;
    }
    return NULL;
}

/* store.kafka.keys and headers put companions beside each object; they are not data. */
static bool companion(const char *ext)
{
    return strncmp(ext, ".keys.", 6) == 0 || strncmp(ext, ".headers.", 9) == 0;
}

static bool parse_with(const char *base, char sep, struct s3_key *out)
{
    const char *end = base + strlen(base);
    const char *second = last_of(base, end, sep);
    if (second == NULL)
        return false;
    const char *num = second + 1, *ext = num + strspn(num, "0123456789");
    if ((*ext != '\0' && *ext != '.') || companion(ext) ||
        !read_number(num, ext, 20, &out->start_offset))
        return false;
    const char *first = last_of(base, second, sep);
    int64_t partition;
    if (first == NULL || first == base || !read_number(first + 1, second, 9, &partition))
        return false;
    out->topic = base;
    out->topic_len = (size_t)(first - base);
    out->partition = (int32_t)partition;
    out->digits = (int)(ext - num);
    out->zero = out->digits > 1 && *num == '0';
    out->separator = sep;
    out->lane_len = out->dir_len + (size_t)(num - base);
    return true;
}

/* A template may leave only the offset in the name: "…/orders/0/000123.json". */
static bool parse_bare(const char *base, struct s3_key *out)
{
    const char *ext = base + strspn(base, "0123456789");
    if ((*ext != '\0' && *ext != '.') || companion(ext) ||
        !read_number(base, ext, 20, &out->start_offset))
        return false;
    out->topic = NULL;
    out->topic_len = 0;
    out->partition = -1;
    out->digits = (int)(ext - base);
    out->zero = out->digits > 1 && *base == '0';
    out->separator = '\0';
    out->lane_len = out->dir_len;
    return true;
}

bool s3_layout_parse(const char *key, struct s3_key *out)
{
    const char *slash = strrchr(key, '/');
    const char *base = slash != NULL ? slash + 1 : key;
    out->dir_len = (size_t)(base - key);
    return parse_with(base, '+', out) || parse_with(base, '-', out) || parse_with(base, '_', out) ||
           parse_bare(base, out);
}

const char *s3_layout_name(const struct s3_key *key)
{
    return key->separator == '+' ? "confluent" : key->separator == '-' ? "aiven" : "unknown";
}

void s3_layout_before(char *buf, size_t size, const char *lane, int64_t offset, int width)
{
    char num[40];
    int n = snprintf(num, sizeof(num), "%0*" PRId64, width, offset);
    /* "…499" becomes "…498~": after all of 498 ('~' sorts after '.'), before all of 499; '/' is
     * what sorts before '0'. */
    num[n - 1] = (char)(num[n - 1] - 1);
    (void)snprintf(buf, size, "%s%s~", lane, num);
}

/* ---- where a sink writes --------------------------------------------------------------------- */

struct out {
    char *buf;
    size_t size, len;
    bool overflow;
};

static void put(struct out *o, const char *text, size_t n)
{
    if (o->len + n >= o->size) {
        o->overflow = true;
        return;
    }
    memcpy(o->buf + o->len, text, n);
    o->len += n;
    o->buf[o->len] = '\0';
}

static const char *time_token(const char *run, size_t n)
{
    switch (run[0]) {
    case 'y':
    case 'Y':
    case 'u': return n == 4 || n == 1 ? "%Y" : NULL;
    case 'M': return n == 2 ? "%m" : NULL;
    case 'd': return n == 2 ? "%d" : NULL;
    case 'H': return n == 2 ? "%H" : NULL;
    case 'm': return n == 2 ? "%M" : NULL;
    default: return NULL;
    }
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Appends a literal, with '%' doubled. */
static void put_literal(struct out *o, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        put(o, text + i, 1);
        if (text[i] == '%')
            put(o, "%", 1);
    }
}

static bool add_time(struct out *o, const char *pattern, size_t len)
{
    for (size_t i = 0; i < len;) {
        if (pattern[i] == '\'') { /* 'quoted'; '' is a quote */
            const char *end = memchr(pattern + i + 1, '\'', len - i - 1);
            if (end == NULL)
                return false;
            size_t n = (size_t)(end - (pattern + i + 1));
            put_literal(o, n == 0 ? "'" : pattern + i + 1, n == 0 ? 1 : n);
            i += n + 2;
        } else if (letter(pattern[i])) {
            size_t n = 1;
            while (i + n < len && pattern[i + n] == pattern[i])
                n++;
            const char *token = time_token(pattern + i, n);
            if (token == NULL)
                return false;
            put(o, token, 2);
            i += n;
        } else {
            put_literal(o, pattern + i++, 1);
        }
    }
    return !o->overflow;
}

static bool is_utc(const char *zone)
{
    return zone != NULL && (strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0 ||
                            strcmp(zone, "GMT") == 0 || strcmp(zone, "Z") == 0);
}

static void put_dir(struct out *o, const char *dir)
{
    while (*dir == '/')
        dir++;
    put(o, dir, strlen(dir));
    if (o->len > 0 && o->buf[o->len - 1] != '/')
        put(o, "/", 1);
}

static bool plan_confluent(struct s3_plan *plan, const struct hint_sink *sink, const char *topic)
{
    struct out root = {.buf = plan->root, .size = sizeof(plan->root)};
    put_dir(&root, sink->topics_dir != NULL ? sink->topics_dir : "topics");
    put(&root, topic, strlen(topic));
    put(&root, "/", 1);
    struct out t = {.buf = plan->zone_format, .size = sizeof(plan->zone_format)};
    if (sink->path_format == NULL || !add_time(&t, sink->path_format, strlen(sink->path_format)))
        plan->zone_format[0] = '\0';
    else
        put(&t, "/", 1);
    if (t.overflow)
        plan->zone_format[0] = '\0';
    return !root.overflow;
}

/* {{name:parameter=value}}: the name, and the value if there is one. */
struct variable {
    const char *name, *value;
    size_t name_len, value_len, total;
};

static bool read_variable(const char *at, struct variable *v)
{
    const char *end = strncmp(at, "{{", 2) == 0 ? strstr(at, "}}") : NULL;
    if (end == NULL || end < at + 2)
        return false;
    const char *from = at + 2, *to = end;
    while (from < to && *from == ' ')
        from++;
    const char *colon = memchr(from, ':', (size_t)(to - from));
    const char *name_end = colon != NULL ? colon : to;
    const char *equals = colon != NULL ? memchr(colon, '=', (size_t)(to - colon)) : NULL;
    while (name_end > from && name_end[-1] == ' ')
        name_end--;
    while (equals != NULL && to > equals + 1 && to[-1] == ' ')
        to--;
    v->name = from;
    v->name_len = (size_t)(name_end - from);
    v->value = equals != NULL ? equals + 1 : "";
    v->value_len = equals != NULL ? (size_t)(to - equals - 1) : 0;
    v->total = (size_t)(end + 2 - at);
    return true;
}

static bool variable_is(const struct variable *v, const char *name)
{
    return strlen(name) == v->name_len && memcmp(v->name, name, v->name_len) == 0;
}

/* The template's directory after the root, if it is made of literals, the topic and the time. */
static void aiven_time(struct s3_plan *plan, const char *rest, const char *topic)
{
    struct out t = {.buf = plan->zone_format, .size = sizeof(plan->zone_format)};
    const char *end = strrchr(rest, '/');
    struct variable v;
    while (end != NULL && rest <= end && !t.overflow) {
        if (!read_variable(rest, &v)) {
            put_literal(&t, rest++, 1);
            continue;
        }
        if (variable_is(&v, "topic"))
            put_literal(&t, topic, strlen(topic));
        else if (!variable_is(&v, "timestamp") || !add_time(&t, v.value, v.value_len))
            break;
        rest += v.total;
    }
    if (end == NULL || rest <= end || t.overflow)
        plan->zone_format[0] = '\0';
}

static bool plan_aiven(struct s3_plan *plan, const struct hint_sink *sink, const char *topic)
{
    struct out root = {.buf = plan->root, .size = sizeof(plan->root)};
    const char *p = sink->name_template;
    struct variable v;
    if (p == NULL || *p == '\0')
        p = "{{topic}}-{{partition}}-{{start_offset}}";
    while (*p != '\0') {
        if (!read_variable(p, &v)) {
            put(&root, p++, 1);
        } else if (variable_is(&v, "topic")) {
            put(&root, topic, strlen(topic));
            p += v.total;
        } else {
            break;
        }
    }
    aiven_time(plan, p, topic);
    return !root.overflow && root.len > 0;
}

bool s3_layout_plan(struct s3_plan *plan, const struct hint_sink *sink, const char *topic)
{
    *plan = (struct s3_plan){0};
    bool aiven = sink->layout != NULL && strcmp(sink->layout, "aiven") == 0;
    bool ok = aiven ? plan_aiven(plan, sink, topic) : plan_confluent(plan, sink, topic);
    struct out zone = {.buf = plan->zone, .size = sizeof(plan->zone)};
    put(&zone, sink->timezone != NULL ? sink->timezone : "",
        sink->timezone != NULL ? strlen(sink->timezone) : 0);
    if (is_utc(sink->timezone))
        memcpy(plan->time_format, plan->zone_format, sizeof(plan->time_format));
    return ok;
}

static bool render(const char *root, const char *format, int64_t time_ms, char *buf, size_t size)
{
    struct out o = {.buf = buf, .size = size};
    time_t t = (time_t)(time_ms / 1000);
    struct tm tm;
    buf[0] = '\0';
    if (format[0] == '\0' || gmtime_r(&t, &tm) == NULL)
        return false;
    put(&o, root, strlen(root));
    for (const char *p = format; *p != '\0'; p++) {
        char num[16] = "%";
        if (*p != '%') {
            put(&o, p, 1);
            continue;
        }
        switch (*++p) {
        case 'Y': (void)snprintf(num, sizeof(num), "%04d", (tm.tm_year + 1900) % 10000); break;
        case 'm': (void)snprintf(num, sizeof(num), "%02d", tm.tm_mon + 1); break;
        case 'd': (void)snprintf(num, sizeof(num), "%02d", tm.tm_mday); break;
        case 'H': (void)snprintf(num, sizeof(num), "%02d", tm.tm_hour); break;
        case 'M': (void)snprintf(num, sizeof(num), "%02d", tm.tm_min); break;
        default: break;
        }
        put(&o, num, strlen(num));
    }
    return !o.overflow;
}

bool s3_layout_render(const struct s3_plan *plan, int64_t time_ms, char *buf, size_t size)
{
    return render(plan->root, plan->time_format, time_ms, buf, size);
}

bool s3_layout_render_zone(const struct s3_plan *plan, int64_t time_ms, char *buf, size_t size)
{
    return render(plan->root, plan->zone_format, time_ms, buf, size);
}

/* ---- names that grow with time -----------------------------------------------------------------
 */

bool s3_layout_time_like(const char *name, size_t len)
{
    const char *equals = memchr(name, '=', len);
    if (len >= 10 && memcmp(name, "partition=", 10) == 0)
        return false;
    if (equals != NULL) {
        len -= (size_t)(equals + 1 - name);
        name = equals + 1;
    }
    if (len < 2 || !digit(name[0]) || !digit(name[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!digit(name[i]) && strchr("-_.:T", name[i]) == NULL)
            return false;
    }
    return true;
}

int64_t s3_layout_number(const char *name, size_t len)
{
    size_t from = 0;
    while (from < len && !digit(name[from]))
        from++;
    size_t to = from;
    while (to < len && digit(name[to]))
        to++;
    int64_t value;
    return read_number(name + from, name + to, 18, &value) ? value : -1;
}
