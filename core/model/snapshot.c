#include "model/snapshot.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *title;
} kinds[] = {
    [SOURCE_POSTGRES] = {"postgres",   "PostgreSQL"   },
    [SOURCE_KAFKA] = {"kafka",      "Kafka"        },
    [SOURCE_CONNECT] = {"connect",    "Kafka Connect"},
    [SOURCE_S3] = {"s3",         "S3"           },
    [SOURCE_AWS] = {"aws",        "AWS"          },
    [SOURCE_MSK] = {"msk",        "MSK"          },
    [SOURCE_MSK_CONNECT] = {"mskconnect", "MSK Connect"  },
    [SOURCE_DMS] = {"dms",        "DMS"          },
    [SOURCE_RDS] = {"rds",        "RDS"          },
    [SOURCE_CLOUDWATCH] = {"cloudwatch", "CloudWatch"   },
    [SOURCE_LOGS] = {"logs",       "Logs"         },
};
static_assert(ARRAY_LEN(kinds) == SOURCE_KIND_COUNT, "a row per kind");

struct snapshot *snapshot_new(enum source_kind kind)
{
    struct snapshot *snap = mem_alloc(sizeof(*snap));
    snap->arena = arena_new();
    snap->kind = kind;
    snap->server_ms = UNKNOWN;
    snap->encrypted = TRI_UNKNOWN;
    snap->certificate_ends_ms = UNKNOWN;
    return snap;
}

void snapshot_free(struct snapshot *snap)
{
    if (snap == NULL)
        return;
    arena_free(snap->arena);
    free(snap);
}

void snapshot_note(struct snapshot *snap, const char *fix, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    struct note *note = arena_push(snap->arena, &snap->notes.items, &snap->notes.count,
                                   &snap->notes.cap, sizeof(*note));
    note->what = arena_strdup(snap->arena, text);
    note->fix = arena_strdup(snap->arena, fix);
}

void snapshot_tls(struct snapshot *snap, bool encrypted, const char *version,
                  int64_t certificate_ends_ms)
{
    snap->encrypted = encrypted ? TRI_YES : TRI_NO;
    snap->tls = encrypted ? arena_strdup(snap->arena, version) : NULL;
    if (encrypted && certificate_ends_ms >= 0)
        snap->certificate_ends_ms = certificate_ends_ms;
}

const char *source_kind_name(enum source_kind kind)
{
    return (unsigned)kind < SOURCE_KIND_COUNT ? kinds[kind].name : "unknown";
}

const char *source_kind_title(enum source_kind kind)
{
    return (unsigned)kind < SOURCE_KIND_COUNT ? kinds[kind].title : "unknown";
}

enum source_kind service_source(enum connect_service service)
{
    static const enum source_kind sources[SERVICE_COUNT] = {
        [SERVICE_CONNECT] = SOURCE_CONNECT,
        [SERVICE_MSK_CONNECT] = SOURCE_MSK_CONNECT,
        [SERVICE_DMS] = SOURCE_DMS,
    };
    return (unsigned)service < SERVICE_COUNT ? sources[service] : SOURCE_CONNECT;
}

const char *kv_find(const struct kv *items, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(items[i].key, key) == 0)
            return items[i].value;
    }
    return NULL;
}

static int topic_by_name(const void *name, const void *topic)
{
    return strcmp(name, ((const struct kafka_topic *)topic)->name);
}

const struct kafka_topic *kafka_find_topic(const struct kafka_snap *kafka, const char *name)
{
    if (kafka->ntopics == 0)
        return NULL;
    return bsearch(name, kafka->topics, kafka->ntopics, sizeof(*kafka->topics), topic_by_name);
}

const struct kafka_group *kafka_find_group(const struct kafka_snap *kafka, const char *name)
{
    for (size_t i = 0; name != NULL && i < kafka->ngroups; i++) {
        if (strcmp(kafka->groups[i].name, name) == 0)
            return &kafka->groups[i];
    }
    return NULL;
}

const struct kafka_partition *kafka_find_partition(const struct kafka_snap *kafka,
                                                   const char *topic, int32_t id)
{
    const struct kafka_topic *t = kafka_find_topic(kafka, topic);
    if (t == NULL || id < 0)
        return NULL;
    /* Partitions are numbered from 0 and come in that order, unless one is hidden. */
    if ((size_t)id < t->npartitions && t->partitions[id].id == id)
        return &t->partitions[id];
    for (size_t i = 0; i < t->npartitions; i++) {
        if (t->partitions[i].id == id)
            return &t->partitions[i];
    }
    return NULL;
}
