#include "source/s3_topics.h"

#include "aws/aws.h"
#include "base/mem.h"
#include "base/s3url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the bucket ---------------------------------------------------------------------------- */

static bool told(const char *s)
{
    return s != NULL && s[0] != '\0';
}

static void set(char *dst, size_t size, const char *src, size_t n)
{
    if (n < size && dst[0] == '\0') {
        memcpy(dst, src, n);
        dst[n] = '\0';
    }
}

static bool read_url(const char *url, struct s3_place *place, struct err *err)
{
    size_t n;
    const char *bucket = s3url_bucket(url, &n);
    if (bucket == NULL || strlen(url) >= S3_PATH_SIZE)
        return err_set(err, ERR_CONFIG, 0, "the S3 URL must be s3://bucket[/prefix]");
    set(place->bucket, sizeof(place->bucket), bucket, n);
    const char *prefix = bucket + n + strspn(bucket + n, "/");
    size_t len = strlen(prefix);
    while (len > 0 && prefix[len - 1] == '/')
        len--;
    set(place->prefix, sizeof(place->prefix), prefix, len);
    if (len > 0)
        (void)snprintf(place->prefix + len, sizeof(place->prefix) - len, "/");
    return place->bucket[0] != '\0' ||
           err_set(err, ERR_CONFIG, 0, "the S3 URL must be s3://bucket[/prefix]");
}

bool s3_topics_place(const struct pipeline_config *cfg, const struct hints *hints,
                     struct s3_place *place, struct err *err)
{
    *place = (struct s3_place){0};
    if (told(cfg->s3.url) && !read_url(cfg->s3.url, place, err))
        return false;
    if (told(cfg->s3.endpoint))
        set(place->endpoint, sizeof(place->endpoint), cfg->s3.endpoint, strlen(cfg->s3.endpoint));
    if (told(cfg->s3.ssl_ca))
        set(place->ca, sizeof(place->ca), cfg->s3.ssl_ca, strlen(cfg->s3.ssl_ca));
    if (told(cfg->s3.region))
        set(place->region, sizeof(place->region), cfg->s3.region, strlen(cfg->s3.region));
    for (size_t i = 0; hints != NULL && i < hints->nsinks; i++) {
        const struct hint_sink *s = &hints->sinks[i];
        if (!told(s->bucket) || (place->bucket[0] != '\0' && strcmp(place->bucket, s->bucket) != 0))
            continue;
        set(place->bucket, sizeof(place->bucket), s->bucket, strlen(s->bucket));
        if (told(s->endpoint))
            set(place->endpoint, sizeof(place->endpoint), s->endpoint, strlen(s->endpoint));
        if (told(s->region))
            set(place->region, sizeof(place->region), s->region, strlen(s->region));
    }
    return place->bucket[0] != '\0' ||
           err_set(err, ERR_CONFIG, 0, "no S3 bucket is configured, and no sink names one");
}

static void set_if_empty(char *dst, size_t size, const char *text)
{
    if (dst[0] == '\0' && told(text))
        set(dst, size, text, strlen(text));
}

void s3_topics_settle(struct s3_place *place, struct aws *aws)
{
    if (aws == NULL)
        return;
    char *endpoint = aws_endpoint_given(aws, AWS_S3), *region = aws_region_told(aws);
    char *ca = aws_ca_bundle(aws);
    set_if_empty(place->endpoint, sizeof(place->endpoint), endpoint);
    set_if_empty(place->region, sizeof(place->region), region);
    set_if_empty(place->ca, sizeof(place->ca), ca);
    free(endpoint);
    free(region);
    free(ca);
    if (place->endpoint[0] != '\0')
        return; /* somebody else's S3: the region that our instance is in does not matter there */
    if (place->region[0] == '\0')
        set_if_empty(place->region, sizeof(place->region), aws_region(aws));
    /* By the wishes of FIPS and dual stack. */
    endpoint =
        aws_endpoint(aws, AWS_S3, place->region[0] != '\0' ? place->region : "us-east-1", NULL);
    if (endpoint != NULL)
        set(place->own, sizeof(place->own), endpoint, strlen(endpoint));
    free(endpoint);
}

/* ---- the list ------------------------------------------------------------------------------ */

void s3_topics_free(struct s3_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++)
        s3_walk_free(topics->items[i]);
    free(topics->items);
    *topics = (struct s3_topics){0};
}

static bool same(const struct s3_topic *t, const char *name, const struct s3_plan *plan)
{
    return strcmp(t->name, name) == 0 && strcmp(t->plan.root, plan->root) == 0;
}

static size_t find(const struct s3_topics *topics, const char *name, const struct s3_plan *plan)
{
    size_t i = 0;
    while (i < topics->count && !same(topics->items[i], name, plan))
        i++;
    return i;
}

static void add(struct s3_topics *topics, struct s3_topic *topic)
{
    topics->items = mem_realloc(topics->items, (topics->count + 1) * sizeof(void *));
    size_t i = topics->count++;
    while (i > 0 && strcmp(topics->items[i - 1]->name, topic->name) > 0) {
        topics->items[i] = topics->items[i - 1];
        i--;
    }
    topics->items[i] = topic;
}

static struct s3_topic *take(struct s3_topics *topics, size_t i)
{
    struct s3_topic *t = topics->items[i];
    topics->items[i] = topics->items[--topics->count];
    return t;
}

static void want(struct s3_topics *next, struct s3_topics *old, const char *name,
                 const struct s3_plan *plan)
{
    if (find(next, name, plan) < next->count)
        return;
    if (next->count >= S3_TOPICS_MAX) {
        next->refused++;
        return;
    }
    size_t i = old != NULL ? find(old, name, plan) : 0;
    bool known = old != NULL && i < old->count;
    struct s3_topic *t = known ? take(old, i) : s3_walk_new(name, plan);
    bool other = strcmp(t->plan.zone, plan->zone) != 0 ||
                 strcmp(t->plan.zone_format, plan->zone_format) != 0;
    if (known && other) {
        /* Found by looking before the sink told more: it may not be the newest directory that is
         * written to. Or the sink was changed. */
        if (t->plan.zone_format[0] == '\0')
            t->again = true;
        else
            t->widen = true;
        t->plan = *plan;
    }
    add(next, t);
}

bool s3_topics_sync(struct s3_topics *topics, const struct hints *hints,
                    const struct s3_place *place)
{
    struct s3_topics next = {.from_hints = true};
    for (size_t i = 0; hints != NULL && i < hints->nsinks; i++) {
        const struct hint_sink *s = &hints->sinks[i];
        struct s3_plan plan;
        if (!told(s->bucket) || strcmp(s->bucket, place->bucket) != 0)
            continue;
        for (size_t j = 0; j < s->ntopics; j++) {
            if (s3_layout_plan(&plan, s, s->topics[j]))
                want(&next, topics, s->topics[j], &plan);
        }
    }
    if (next.count == 0)
        return false;
    s3_topics_free(topics);
    *topics = next;
    return true;
}

/* ---- looking --------------------------------------------------------------------------------- */

static void found_topic(struct s3_topics *topics, const char *name, size_t len, const char *root)
{
    struct s3_plan plan = {0};
    char text[300];
    if (len == 0 || len > 249) /* Kafka's longest topic name */
        return;
    (void)snprintf(text, sizeof(text), "%.*s", (int)len, name);
    (void)snprintf(plan.root, sizeof(plan.root), "%s", root);
    if (find(topics, text, &plan) < topics->count)
        return;
    if (topics->count >= S3_TOPICS_MAX)
        topics->refused++;
    else
        add(topics, s3_walk_new(text, &plan));
}

static const char *last_component(const char *path, size_t *len)
{
    size_t n = strlen(path), from;
    if (n > 0 && path[n - 1] == '/')
        n--;
    for (from = n; from > 0 && path[from - 1] != '/'; from--)
        continue;
    *len = n - from;
    return path + from;
}

/* One level: directories are topics, unless they are parts of one topic (dates, partitions): then
 * this level is the topic. Objects at this level are those of sinks without directories. */
static void read_level(struct s3_topics *topics, const struct s3list_page *page, const char *level)
{
    size_t len;
    for (size_t i = 0; i < page->nprefixes; i++) {
        const char *name = last_component(page->prefixes[i], &len);
        if (s3_layout_time_like(name, len) || memchr(name, '=', len) != NULL) {
            const char *own = last_component(level, &len);
            found_topic(topics, own, len, level);
            return;
        }
        found_topic(topics, name, len, page->prefixes[i]);
    }
    for (size_t i = 0; i < page->nentries; i++) {
        struct s3_key k;
        char root[S3_PATH_SIZE];
        if (!s3_layout_parse(page->entries[i].key, &k) || k.topic == NULL)
            continue;
        (void)snprintf(root, sizeof(root), "%.*s%c", (int)(k.dir_len + k.topic_len),
                       page->entries[i].key, k.separator);
        found_topic(topics, k.topic, k.topic_len, root);
    }
}

static bool look(struct s3_topics *topics, struct s3_io *io, const char *level, struct err *err)
{
    struct s3list_page page;
    struct s3list_query q = {.prefix = level, .delimiter = "/"};
    if (!s3_io_list(io, &q, &page, err))
        return false;
    read_level(topics, &page, level);
    return true;
}

bool s3_topics_discover(struct s3_topics *topics, struct s3_io *io, const struct s3_place *place,
                        struct err *err)
{
    if (place->prefix[0] != '\0')
        return look(topics, io, place->prefix, err);
    if (!look(topics, io, "topics/", err))
        return false;
    return topics->count > 0 || look(topics, io, "", err);
}
